/** Computes the statistics of published cases. */
import type { Instant } from "@tocsin/base/instant"
import { caseFiles } from "../../../share/cases/actions.ts"
import { contactsBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { type ActionContext } from "../../../kernel/action-context.ts"
import { dueRulesAt, obligedAt } from "../../../trust/partners/requirements/actions/list-requirements.ts"
import { partnerFactsAt } from "../../../trust/partners/actions/load-facts.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import { lateCount } from "../../../trust/partners/requirements/requirement.ts"
import { measuresOf } from "../../measures/actions/record-measure.ts"
import { lateOwedBetween } from "../../sightings/actions/list-follow-ups.ts"
import { firstIn, timesToProtection } from "../../sightings/actions/report-protection.ts"
import { type Figure, type Grounds, type Period, type PublishedCase, figuresOf, spanOf } from "../figures.ts"

/** Computes the figures, with the group size of the program's aggregates rule. */
export async function figuresFor(ctx: ActionContext, period: Period): Promise<{ figures: Figure[]; groupMin: number }> {
    const { from, until } = spanOf(period)
    const { groupMin } = (await rulesNow(ctx, "aggregates")).rules
    const grounds: Grounds = {
        cases: await publishedBetween(ctx, from, until),
        late: await lateBetween(ctx, from, Math.min(until, ctx.now)),
        measures: (await measuresOf(ctx, null)).flatMap(({ kind, partner, takenAt }) =>
            partner === null ? [] : [{ kind, partner, at: takenAt }],
        ),
    }
    return { figures: figuresOf(grounds, period, groupMin), groupMin }
}

async function publishedBetween(ctx: ActionContext, from: Instant, until: Instant): Promise<PublishedCase[]> {
    const cases: PublishedCase[] = []
    for (const { id, embargo } of await caseFiles(ctx, null)) {
        const ended = embargo.find(({ kind }) => kind === "ended")
        if (ended === undefined || ended.at < from || ended.at >= until) continue
        const times = [...(await timesToProtection(ctx, id))]
        cases.push({ embargo, publishedAt: ended.at, acknowledged: await timesToSay(ctx, id), protected: times })
    }
    return cases
}

/** Returns each partner's time from first notice or fetch to first acknowledgement. */
async function timesToSay(ctx: ActionContext, subject: string): Promise<[partner: string, tookMs: number][]> {
    const contacts = await contactsBefore(ctx, subject, ctx.now + 1)
    const notified = firstIn(contacts)
    const grouped = Map.groupBy(contacts.acknowledged, ({ partner }) => partner)
    return [...grouped].flatMap(([partner, entries]) => {
        const toldAt = notified.get(partner)
        const first = Math.min(...entries.map(({ at }) => at))
        return toldAt === undefined ? [] : [[partner, Math.max(0, first - toldAt)] as [string, number]]
    })
}

/** Lists partners that were late with regular reports or follow-ups. */
async function lateBetween(ctx: ActionContext, from: Instant, until: Instant): Promise<string[]> {
    if (until <= from) return []
    const [obliged, rules] = [await obligedAt(ctx, until, null), await dueRulesAt(ctx, until)]
    const partners = (await partnerFactsAt(ctx, until)).map(({ partner }) => partner)
    const regular = partners.filter((partner) => lateCount(obliged(partner), rules, from, until) > 0)
    return [...new Set([...regular, ...(await lateOwedBetween(ctx, from, until))])]
}

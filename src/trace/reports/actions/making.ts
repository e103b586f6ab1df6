/** Gathers what a report is made of: of cases that are published, and of no other. */
import type { Instant } from "../../../lib/instant.ts"
import { caseFiles } from "../../../share/cases/actions.ts"
import { contactsBefore } from "../../../share/delivery/actions/exposure.ts"
import { type Act } from "../../../trust/audit/actions.ts"
import { dueRulesAt, obligedAt } from "../../../trust/partners/actions/dues.ts"
import { partnerFactsAt } from "../../../trust/partners/actions/facts.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import { lateCount } from "../../../trust/partners/dues.ts"
import { measuresOf } from "../../measures/actions/keeping.ts"
import { lateOwedBetween } from "../../sightings/actions/owed.ts"
import { firstIn, timesToProtection } from "../../sightings/actions/protecting.ts"
import { type Figure, type Grounds, type Period, type PublishedCase, figuresOf, spanOf } from "../figures.ts"

/** Of a group, as the program's rule about aggregates says how many that is. */
export async function figuresFor(act: Act, period: Period): Promise<{ figures: Figure[]; groupMin: number }> {
    const { from, until } = spanOf(period)
    const { groupMin } = (await rulesNow(act, "aggregates")).rules
    const grounds: Grounds = {
        cases: await publishedBetween(act, from, until),
        late: await lateBetween(act, from, Math.min(until, act.now)),
        measures: (await measuresOf(act, null)).flatMap(({ kind, partner, takenAt }) =>
            partner === null ? [] : [{ kind, partner, at: takenAt }],
        ),
    }
    return { figures: figuresOf(grounds, period, groupMin), groupMin }
}

async function publishedBetween(act: Act, from: Instant, until: Instant): Promise<PublishedCase[]> {
    const cases: PublishedCase[] = []
    for (const { id, embargo } of await caseFiles(act, null)) {
        const ended = embargo.find(({ kind }) => kind === "ended")
        if (ended === undefined || ended.at < from || ended.at >= until) continue
        const times = [...(await timesToProtection(act, id))]
        cases.push({ embargo, publishedAt: ended.at, acknowledged: await timesToSay(act, id), protected: times })
    }
    return cases
}

/** From the first notice, or fetch, of each partner to its first acknowledgement. */
async function timesToSay(act: Act, of: string): Promise<[partner: string, tookMs: number][]> {
    const contacts = await contactsBefore(act, of, act.now + 1)
    const told = firstIn(contacts)
    const grouped = Map.groupBy(contacts.acknowledged, ({ partner }) => partner)
    return [...grouped].flatMap(([partner, its]) => {
        const toldAt = told.get(partner)
        const first = Math.min(...its.map(({ at }) => at))
        return toldAt === undefined ? [] : [[partner, Math.max(0, first - toldAt)] as [string, number]]
    })
}

/** With regular reports, or with what was owed of a case. */
async function lateBetween(act: Act, from: Instant, until: Instant): Promise<string[]> {
    if (until <= from) return []
    const [obliged, rules] = [await obligedAt(act, until, null), await dueRulesAt(act, until)]
    const partners = (await partnerFactsAt(act, until)).map(({ partner }) => partner)
    const regular = partners.filter((partner) => lateCount(obliged(partner), rules, from, until) > 0)
    return [...new Set([...regular, ...(await lateOwedBetween(act, from, until))])]
}

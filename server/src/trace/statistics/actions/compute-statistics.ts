/** Computes the statistics of published cases. */
import type { Instant } from "@tocsin/base/instant"
import { type CaseFile, listCaseFiles } from "../../../share/cases/actions/load-case.ts"
import { publishedAt } from "../../../share/cases/embargo.ts"
import { listContactsBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { type ActionContext } from "../../../kernel/action-context.ts"
import {
    loadRequirementRules,
    loadRequirementFacts,
} from "../../../trust/partners/requirements/actions/list-requirements.ts"
import { listPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { countLate } from "../../../trust/partners/requirements/requirement.ts"
import { listMeasures } from "../../measures/actions/record-measure.ts"
import { listPartnersLateWithFollowUps } from "../../sightings/actions/list-follow-ups.ts"
import { firstContactsOf, loadTimesToProtection } from "../../sightings/actions/report-protection.ts"
import { type Figure, type StatisticsInput, type Period, type PublishedCase, figuresOf, spanOf } from "../figures.ts"

/** Computes the figures, with the group size of the program's aggregates rule. */
export async function computeFigures(
    ctx: ActionContext,
    period: Period,
): Promise<{ figures: Figure[]; groupMin: number }> {
    const { from, until } = spanOf(period)
    const groupMin = await loadGroupMin(ctx)
    const files = await listPublishedCases(ctx, from, until)
    const cases: PublishedCase[] = []
    for (const file of files) cases.push(await loadPublishedCase(ctx, file))
    return { figures: figuresOf({ ...(await loadOtherInput(ctx, from, until)), cases }, period, groupMin), groupMin }
}

/** Returns the minimum number of partners that a published figure covers. */
export async function loadGroupMin(ctx: ActionContext): Promise<number> {
    return (await loadRules(ctx, "aggregates")).rules.groupMin
}

/** Loads all input of the statistics except the cases. */
export async function loadOtherInput(
    ctx: ActionContext,
    from: Instant,
    until: Instant,
): Promise<Omit<StatisticsInput, "cases">> {
    return {
        late: await listLatePartners(ctx, from, Math.min(until, ctx.now)),
        measures: (await listMeasures(ctx, null)).flatMap(({ kind, partner, takenAt }) =>
            partner === null ? [] : [{ kind, partner, at: takenAt }],
        ),
    }
}

export interface PublishedCaseFile extends CaseFile {
    readonly publishedAt: Instant
}

export async function listPublishedCases(
    ctx: ActionContext,
    from: Instant,
    until: Instant,
): Promise<PublishedCaseFile[]> {
    return (await listCaseFiles(ctx, null)).flatMap((file) => {
        const at = publishedAt(file.embargo)
        return at === null || at < from || at >= until ? [] : [{ ...file, publishedAt: at }]
    })
}

export async function loadPublishedCase(
    ctx: ActionContext,
    { id, embargo, publishedAt: at }: PublishedCaseFile,
): Promise<PublishedCase> {
    return {
        embargo,
        publishedAt: at,
        protected: [...(await loadTimesToProtection(ctx, id))],
        acknowledged: await loadTimesToAcknowledgement(ctx, id),
    }
}

/** Returns each partner's time from first notice or fetch to first acknowledgement. */
async function loadTimesToAcknowledgement(
    ctx: ActionContext,
    caseId: string,
): Promise<[partner: string, tookMs: number][]> {
    const contacts = await listContactsBefore(ctx, caseId, ctx.now + 1)
    const firstContacts = firstContactsOf(contacts)
    const grouped = Map.groupBy(contacts.acknowledged, ({ partner }) => partner)
    return [...grouped].flatMap(([partner, entries]) => {
        const notifiedAt = firstContacts.get(partner)
        const first = Math.min(...entries.map(({ at }) => at))
        return notifiedAt === undefined ? [] : [[partner, Math.max(0, first - notifiedAt)] as [string, number]]
    })
}

/** Lists partners that were late with regular reports or follow-ups. */
async function listLatePartners(ctx: ActionContext, from: Instant, until: Instant): Promise<string[]> {
    if (until <= from) return []
    const [obliged, rules] = [await loadRequirementFacts(ctx, until, null), await loadRequirementRules(ctx, until)]
    const partners = (await listPartnerFacts(ctx, until)).map(({ partner }) => partner)
    const regular = partners.filter((partner) => countLate(obliged(partner), rules, from, until) > 0)
    return [...new Set([...regular, ...(await listPartnersLateWithFollowUps(ctx, from, until))])]
}

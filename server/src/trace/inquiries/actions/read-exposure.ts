/**
 * Answers the core query of an inquiry: which people could have had, were notified of, fetched and acknowledged content
 * of a case before an instant. Covers the cases that it bypasses or varies too. Replays access on the facts of each
 * moment.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { listLabels } from "../../../share/artifacts/actions/load-artifacts.ts"
import { findFirstTouch } from "../../../share/canaries/actions/list-canaries.ts"
import { listCasesByCve } from "../../../share/cases/actions/load-case.ts"
import { listCaseFacts } from "../../../share/cases/actions/load-case-facts.ts"
import { endOf } from "../../../share/cases/embargo.ts"
import { listFirstContactsBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { loadPastAccess } from "../../../share/entitlement/actions/load-past-access.ts"
import { listWaves } from "../../../share/waves/actions.ts"
import { plannedAt } from "../../../share/waves/wave.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listPeopleOfMasters } from "../../../trust/audit-log/actions/export-log.ts"
import { findPerson, unknownPerson } from "../../../trust/identity/actions/load-people.ts"
import { listPeopleWithAccessDuring } from "../../../trust/partners/roster/actions/set-access-list.ts"
import {
    type PastFacts,
    isKnownRegime,
    loadPartnerFacts,
    loadPartnerFactsUntil,
} from "../../../trust/partners/actions/load-facts.ts"
import { reportingOf, reportsBeforePublication } from "../../../trust/partners/reporting-duties/reporting-duties.ts"
import { findExploitedAt } from "../../evidence/actions/load-evidence.ts"
import {
    type CaseExposure,
    type CaseTimeline,
    type PartnerExposure,
    type Exposure,
    type ExposureFilter,
    parseCaseReference,
    partnerExposuresOf,
} from "../exposure.ts"

export interface ExposureRequest extends Partial<ExposureFilter> {
    /** The id of a case, or a CVE id. */
    readonly case: string
    readonly before: Instant
}

/**
 * Computes the exposure of a case and records the read. Refuses `exposure.bad_case`, `exposure.case_not_found`,
 * `exposure.duty_not_found`, `partner.not_found` and `identity.person_not_found`.
 */
export async function readExposure(
    ctx: ActionContext,
    { case: caseText, before, ...filters }: ExposureRequest,
): Promise<Exposure> {
    const parsed = parseCaseReference(caseText)
    const queriedIds = "id" in parsed ? [parsed.id] : await listCasesByCve(ctx, parsed.cve)
    if (queriedIds.length === 0) refuse("missing", "exposure.case_not_found", "no case has this CVE id: check it")
    const origins: string[] = []
    for (const id of queriedIds)
        origins.push(...(await listCaseFacts(ctx, id, ctx.now)).flatMap((caseFacts) => caseFacts.origins))
    const caseIds = [...new Set([...queriedIds, ...origins])]
    const { class: kind = null, partner = null, person = null, duty = null } = filters
    const filter = { class: kind, partner, person, duty }
    if (duty !== null && !(await isKnownRegime(ctx, duty))) {
        refuse("missing", "exposure.duty_not_found", `no partner was ever under a duty \`${duty}\``, { duty })
    }
    const partnerIds = await resolvePartners(ctx, filter)
    const until = Math.min(before - 1, ctx.now)
    const past = await loadPartnerFactsUntil(ctx, until, partnerIds?.[0] ?? null)
    const request = { ...filter, before, until, partnerIds, past }
    const cases: CaseExposure[] = []
    for (const id of caseIds)
        cases.push({ ...(await loadCaseExposure(ctx, id, request)), isQueried: queriedIds.includes(id) })
    await record(ctx, { kind: "exposure.asked", cases: caseIds, ...filter, before }, true)
    return { ...filter, before, cases }
}

interface ExposureQuery extends ExposureFilter {
    readonly before: Instant
    /** The partners that the answer can contain; null for all. */
    readonly partnerIds: readonly string[] | null
    /** The last instant of the query. */
    readonly until: Instant
    readonly past: PastFacts
}

/** Resolves the partner and the person. Refuses `partner.not_found` and `identity.person_not_found`. */
async function resolvePartners(
    ctx: ActionContext,
    { partner, person }: ExposureFilter,
): Promise<ExposureQuery["partnerIds"]> {
    if (partner !== null) await loadPartnerFacts(ctx, partner, ctx.now)
    if (person === null) return partner === null ? null : [partner]
    const partnerOfPerson = ((await findPerson(ctx, person)) ?? unknownPerson()).partner
    return partnerOfPerson !== null && (partner === null || partner === partnerOfPerson) ? [partnerOfPerson] : []
}

async function loadCaseExposure(
    ctx: ActionContext,
    caseId: string,
    query: ExposureQuery,
): Promise<Omit<CaseExposure, "isQueried">> {
    const labels = await listLabels(ctx, caseId, ctx.now)
    const artifacts = labels
        .filter((labelled) => query.class === null || labelled.class === query.class)
        .map((labelled) => labelled.id)
    const staff = await listPeopleOfMasters(ctx, artifacts, query.before)
    return {
        case: caseId,
        partners: query.partnerIds?.length === 0 ? [] : await loadPartnerExposures(ctx, caseId, artifacts, query),
        staff: staff.filter((item) => query.person === null || item === query.person),
        timeline: await loadTimeline(ctx, caseId),
    }
}

async function loadPartnerExposures(
    ctx: ActionContext,
    caseId: string,
    artifacts: readonly string[],
    { before, until, past, ...rest }: ExposureQuery,
): Promise<PartnerExposure[]> {
    const partner = rest.partnerIds?.[0] ?? null
    const access = await loadPastAccess(ctx, past, { case: caseId, artifacts: new Set(artifacts), partner, until })
    const { from: entitledFrom, opened } = access
    const scope = { case: caseId, class: rest.class, artifacts, partner, before }
    const [facts] = await listCaseFacts(ctx, caseId, until)
    const contacts = await listFirstContactsBefore(ctx, scope, [...new Set(opened.map((item) => item.wave))])
    const exposureFacts = {
        partners: past.partners,
        entitledFrom,
        readers: await listReaders(ctx, caseId, { entitledFrom, fetched: contacts.fetched, before: until + 1 }),
        ...contacts,
        // A wave's notice says only that content exists. Of one class, it counts for partners that could have that
        // class.
        notified: contacts.notified.filter((first) => entitledFrom.has(first.partner)),
        dutiesOf: dutiesSince(past, Math.min(until, ...opened.map((item) => item.at)), facts?.exploited ?? false),
    }
    return partnerExposuresOf(exposureFacts, rest)
}

/** Returns a partner's reporting duties since the content was available. */
function dutiesSince(past: PastFacts, since: Instant, isExploited: boolean) {
    return (partner: string): Pick<PartnerExposure, "duties" | "reportsBeforePublication"> => {
        const list = past.since(partner, since).flatMap((facts) => facts.duties)
        const duties = [...new Set(list.map((duty) => duty.regime))].toSorted()
        return { duties, reportsBeforePublication: reportsBeforePublication(reportingOf(list), isExploited) }
    }
}

interface ReadableTimes {
    readonly entitledFrom: ReadonlyMap<string, Instant>
    readonly fetched: readonly { readonly partner: string; readonly at: Instant }[]
    readonly before: Instant
}

/** Lists, for each partner with access, the people who could read the content from then on. */
async function listReaders(ctx: ActionContext, caseId: string, { entitledFrom, fetched, before }: ReadableTimes) {
    const times = new Map([...entitledFrom].map(([partner, from]) => [partner, { from, before }]))
    for (const { partner, at } of fetched) {
        times.set(partner, { from: Math.min(at, times.get(partner)?.from ?? at), before })
    }
    return await listPeopleWithAccessDuring(ctx, caseId, times)
}

async function loadTimeline(ctx: ActionContext, caseId: string): Promise<CaseTimeline> {
    const [facts] = await listCaseFacts(ctx, caseId, ctx.now)
    const endsAt = facts ? endOf(facts.embargo) : null
    const waves = await listWaves(ctx, caseId)
    return {
        waves: waves.map((wave) => ({ tier: wave.tier, at: plannedAt(wave, endsAt), releasedAt: wave.releasedAt })),
        embargoEnds: endsAt,
        exploitedAt: await findExploitedAt(ctx, caseId),
        touched: await findFirstTouch(ctx, caseId),
    }
}

/**
 * Answers the core query of an inquiry: who could have had, was notified of, fetched and acknowledged content of a case
 * before an instant. Covers the cases that it bypasses or varies too. Replays access on the facts of each moment.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { labelsOf } from "../../../share/artifacts/actions.ts"
import { firstTouched } from "../../../share/canaries/actions/list-canaries.ts"
import { casesNamed } from "../../../share/cases/actions.ts"
import { caseFacts } from "../../../share/cases/actions/load-case-facts.ts"
import { endOf } from "../../../share/cases/embargo.ts"
import { firstContactsBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { couldHave } from "../../../share/entitlement/actions/replay-decision.ts"
import { wavesOf } from "../../../share/waves/actions.ts"
import { plannedAt } from "../../../share/waves/wave.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personsOfMasters } from "../../../trust/audit-log/actions/export-log.ts"
import { personById, unknownPerson } from "../../../trust/identity/actions.ts"
import { couldSee } from "../../../trust/partners/roster/actions/set-access-list.ts"
import {
    type PastFacts,
    isRegime,
    partnerFactsOf,
    partnerFactsUntil,
} from "../../../trust/partners/actions/load-facts.ts"
import { reportingOf, reportsBeforePublication } from "../../../trust/partners/reporting-duties/reporting-duties.ts"
import { exploitedSince } from "../../evidence/actions.ts"
import {
    type CaseExposure,
    type Course,
    type Exposed,
    type Exposure,
    type Narrowed,
    caseNamed,
    exposedOf,
} from "../exposure.ts"

export interface Asked extends Partial<Narrowed> {
    /** The id of a case, or a CVE id. */
    readonly case: string
    readonly before: Instant
}

/**
 * Computes the exposure of a case and records the look. Refuses `exposure.bad_case`, `exposure.case_not_found`,
 * `exposure.duty_not_found`, `partner.not_found` and `identity.person_not_found`.
 */
export async function exposure(ctx: ActionContext, { case: text, before, ...only }: Asked): Promise<Exposure> {
    const named = caseNamed(text)
    const ids = "id" in named ? [named.id] : await casesNamed(ctx, named.cve)
    if (ids.length === 0) refuse("missing", "exposure.case_not_found", "no case has this CVE id: check it")
    const origins: string[] = []
    for (const id of ids) origins.push(...(await caseFacts(ctx, id, ctx.now)).flatMap((caseFacts) => caseFacts.origins))
    const list = [...new Set([...ids, ...origins])]
    const { class: kind = null, partner = null, person = null, duty = null } = only
    const narrowed = { class: kind, partner, person, duty }
    if (duty !== null && !(await isRegime(ctx, duty))) {
        refuse("missing", "exposure.duty_not_found", `no partner was ever under a duty \`${duty}\``)
    }
    const among = await partnersAmong(ctx, narrowed)
    const until = Math.min(before - 1, ctx.now)
    const past = await partnerFactsUntil(ctx, until, among?.[0] ?? null)
    const request = { ...narrowed, before, until, among, past }
    const cases: CaseExposure[] = []
    for (const id of list) cases.push({ ...(await ofCase(ctx, id, request)), asked: ids.includes(id) })
    await record(ctx, { kind: "exposure.asked", cases: list, ...narrowed, before }, true)
    return { ...narrowed, before, cases }
}

interface AskedOf extends Narrowed {
    readonly before: Instant
    /** The partners that the answer can contain; null for all. */
    readonly among: readonly string[] | null
    /** The last instant of the query. */
    readonly until: Instant
    readonly past: PastFacts
}

/** Resolves the partner and the person. Refuses `partner.not_found` and `identity.person_not_found`. */
async function partnersAmong(ctx: ActionContext, { partner, person }: Narrowed): Promise<AskedOf["among"]> {
    if (partner !== null) await partnerFactsOf(ctx, partner, ctx.now)
    if (person === null) return partner === null ? null : [partner]
    const value = ((await personById(ctx, person)) ?? unknownPerson()).partner
    return value !== null && (partner === null || partner === value) ? [value] : []
}

async function ofCase(ctx: ActionContext, caseId: string, askedOf: AskedOf): Promise<Omit<CaseExposure, "asked">> {
    const labels = await labelsOf(ctx, caseId, ctx.now)
    const entries = labels
        .filter((labelled) => askedOf.class === null || labelled.class === askedOf.class)
        .map((labelled) => labelled.id)
    const own = await personsOfMasters(ctx, entries, askedOf.before)
    return {
        case: caseId,
        partners: askedOf.among?.length === 0 ? [] : await exposedTo(ctx, caseId, entries, askedOf),
        own: own.filter((item) => askedOf.person === null || item === askedOf.person),
        course: await courseOf(ctx, caseId),
    }
}

async function exposedTo(
    ctx: ActionContext,
    caseId: string,
    artifacts: readonly string[],
    { before, until, past, ...rest }: AskedOf,
): Promise<Exposed[]> {
    const partner = rest.among?.[0] ?? null
    const could = await couldHave(ctx, past, { case: caseId, artifacts: new Set(artifacts), partner, until })
    const { from: entitledFrom, opened } = could
    const subject = { case: caseId, class: rest.class, artifacts, partner, before }
    const [facts] = await caseFacts(ctx, caseId, until)
    const contacts = await firstContactsBefore(ctx, subject, [...new Set(opened.map((item) => item.wave))])
    const known = {
        partners: past.partners,
        entitledFrom,
        readers: await readersOf(ctx, caseId, { entitledFrom, fetched: contacts.fetched, before: until + 1 }),
        ...contacts,
        // A wave's notice says only that content exists. Of one class, it counts for partners that could have that
        // class.
        notified: contacts.notified.filter((first) => entitledFrom.has(first.partner)),
        dutiesOf: dutiesIn(past, Math.min(until, ...opened.map((item) => item.at)), facts?.exploited ?? false),
    }
    return exposedOf(known, rest)
}

/** Returns a partner's reporting duties since the content was available. */
function dutiesIn(past: PastFacts, since: Instant, isExploited: boolean) {
    return (partner: string): Pick<Exposed, "duties" | "reportsBeforePublication"> => {
        const list = past.since(partner, since).flatMap((facts) => facts.duties)
        const duties = [...new Set(list.map((duty) => duty.regime))].toSorted()
        return { duties, reportsBeforePublication: reportsBeforePublication(reportingOf(list), isExploited) }
    }
}

interface Readable {
    readonly entitledFrom: ReadonlyMap<string, Instant>
    readonly fetched: readonly { readonly partner: string; readonly at: Instant }[]
    readonly before: Instant
}

/** Lists, for each partner with access, the people who could read the content from then on. */
async function readersOf(ctx: ActionContext, caseId: string, { entitledFrom, fetched, before }: Readable) {
    const times = new Map([...entitledFrom].map(([partner, from]) => [partner, { from, before }]))
    for (const { partner, at } of fetched) {
        times.set(partner, { from: Math.min(at, times.get(partner)?.from ?? at), before })
    }
    return await couldSee(ctx, caseId, times)
}

async function courseOf(ctx: ActionContext, caseId: string): Promise<Course> {
    const [facts] = await caseFacts(ctx, caseId, ctx.now)
    const ends = facts ? endOf(facts.embargo) : null
    const waves = await wavesOf(ctx, caseId)
    return {
        waves: waves.map((wave) => ({ tier: wave.tier, at: plannedAt(wave, ends), releasedAt: wave.releasedAt })),
        embargoEnds: ends,
        exploitedAt: await exploitedSince(ctx, caseId),
        touched: await firstTouched(ctx, caseId),
    }
}

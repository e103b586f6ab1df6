/** Takes what testers found of what they hold, keeps it sealed, and shows it to the operator alone. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { hide } from "../../../platform/http.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { withinCircle } from "../../../trust/partners/actions/circles.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import { caseOf } from "../../artifacts/actions.ts"
import { opened, sealed } from "../../cases/actions.ts"
import { type Entitlement, entitlementTo } from "../../entitlement/actions/entitlements.ts"
import { type Result, isTested, mustBeResult, resultsMax } from "../result.ts"
import * as store from "../store.ts"
import { idBehind, nameFor } from "./names.ts"
import { partnerOf } from "./projection.ts"

export interface Reported extends Result {
    readonly partner: string
    readonly person: string
    readonly artifact: string
    readonly version: number
    readonly at: Instant
}

/** Whether the partner's tier tests guidance before others get it. */
export async function isTester(act: Act, partner: string): Promise<boolean> {
    const { tier } = await partnerFactsOf(act, partner, act.now)
    const { rules } = await rulesNow(act, "testing")
    return tier !== null && rules.tiers.includes(tier)
}

export interface NewResult extends Result {
    readonly version: number
}

/** By the id that this partner knows the artifact under; hidden where whoever acts has nothing of it now. */
export async function mustBeThere(act: Act, name: string): Promise<Entitlement & { readonly version: number }> {
    const { partner } = partnerOf(act)
    const entitled = await entitlementTo(act, partner, idBehind(act.doors.keys, partner, "artifact", name))
    return entitled !== null && entitled.version !== null ? { ...entitled, version: entitled.version } : hide()
}

/** By the id that this partner knows the artifact under. */
export async function reportResult(act: Act, name: string, its: NewResult): Promise<string> {
    const { partner, person } = partnerOf(act)
    if (!(await isTester(act, partner))) {
        refuse("forbidden", "test_result.not_a_tester", "results are for the tiers that test guidance before others")
    }
    const entitled = await mustBeThere(act, name)
    const { artifact } = entitled
    const { version, verdict, hits, falsePositives, environment } = its
    if (!isTested(entitled.class)) {
        refuse("conflict", "test_result.not_testable", "results are of rules, guidance and indicators")
    }
    const result = { verdict, hits, falsePositives, environment: environment.trim() }
    mustBeResult(result)
    await store.lockDeliveries(act.tx, partner, entitled.case)
    const held = await store.holdings(act.tx, partner)
    if (!held.some((one) => one.artifact === artifact && one.version === version)) {
        refuse("conflict", "test_result.not_held", "fetch that version first: a result is of what you hold")
    }
    const before = (await store.results(act.tx, { artifact, partner })).filter((one) => one.version === version)
    if (!(before.length < resultsMax)) {
        refuse("conflict", "test_result.too_many", `a result is corrected \`${resultsMax - 1}\` times at most`)
    }
    const id = act.doors.newId()
    const what = { case: entitled.case, artifact, version, partner, verdict, corrects: before.length > 0 }
    const event = await record(act, { kind: "test_result.reported", ...what })
    await store.insertResult(act.tx, {
        ...{ id, event, partner, person, case: entitled.case, artifact, version },
        resultBox: await sealed(act, entitled.case, place(id), JSON.stringify(result)),
        at: act.now,
    })
    return id
}

/** What this partner itself reported and what counts of it, by its own names, of cases that whoever acts may see. */
export async function ownResults(act: Act, partner: string): Promise<Reported[]> {
    const counted = await countedOf(act, await rowsOf(act, partner))
    return counted.map(({ earlier: _, ...one }) => ({
        ...one,
        artifact: nameFor(act.doors.keys, partner, "artifact", one.artifact),
    }))
}

/** The id of the last one that it reported, without opening any. */
export async function newestResult(act: Act, partner: string): Promise<string | null> {
    return (await rowsOf(act, partner)).at(-1)?.id ?? null
}

async function rowsOf(act: Act, partner: string): Promise<store.ResultRow[]> {
    return await withinCircle(act, await store.results(act.tx, { artifact: null, partner }))
}

export interface Counted extends Reported {
    /** What it takes the place of, the newest first. */
    readonly earlier: readonly Reported[]
}

export interface SignedResult extends Counted {
    /** The name of the person who reported it. */
    readonly name: string
}

/** Cases of which testers reported anything before an instant. */
export async function casesTested(act: Act, before: Instant): Promise<string[]> {
    return await store.casesOfResults(act.tx, before)
}

/** What all testers reported of an artifact, the newest first. */
export async function unsignedResultsOf(act: Act, artifact: string): Promise<Counted[]> {
    if ((await caseOf(act, artifact)) === null) refuse("missing", "test_result.artifact_not_found", "no such artifact")
    return await countedOf(act, await store.results(act.tx, { artifact, partner: null }))
}

/** The same, with who reported it. */
export async function resultsOf(act: Act, artifact: string): Promise<SignedResult[]> {
    const all: SignedResult[] = []
    for (const one of await unsignedResultsOf(act, artifact)) {
        all.push({ ...one, name: (await personById(act, one.person))?.name ?? "" })
    }
    return all
}

async function countedOf(act: Act, rows: readonly store.ResultRow[]): Promise<Counted[]> {
    const reported: Reported[] = []
    for (const { id, case: of, resultBox, partner, person, artifact, version, at } of rows.toReversed()) {
        const its = JSON.parse(await opened(act, of, place(id), resultBox)) as Result
        reported.push({ ...its, partner, person, artifact, version, at })
    }
    const grouped = Map.groupBy(reported, (one) => `${one.partner} ${one.artifact} ${one.version}`)
    return [...grouped.values()].flatMap(([newest, ...earlier]) => (newest ? [{ ...newest, earlier }] : []))
}

const place = (id: string): string => `artifact_results.result:${id}`

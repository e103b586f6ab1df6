/** Stores test results of testers for versions they hold, encrypted, and shows them to the operator only. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { hide } from "../../../kernel/route.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { withinCircle } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/load-facts.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import { caseOf } from "../../artifacts/actions.ts"
import { opened, sealed } from "../../cases/actions.ts"
import { type Entitlement, entitlementTo } from "../../entitlement/actions/decide-access.ts"
import { type Result, isTested, validateResult, resultsMax } from "../test-result.ts"
import * as store from "../store.ts"
import { idOfAlias, aliasFor } from "./aliases.ts"
import { partnerOf } from "./projection.ts"

export interface Reported extends Result {
    readonly partner: string
    readonly person: string
    readonly artifact: string
    readonly version: number
    readonly at: Instant
}

/** Whether the partner's tier tests guidance before other tiers get it. */
export async function isTester(ctx: ActionContext, partner: string): Promise<boolean> {
    const { tier } = await partnerFactsOf(ctx, partner, ctx.now)
    const { rules } = await rulesNow(ctx, "testing")
    return tier !== null && rules.tiers.includes(tier)
}

export interface NewResult extends Result {
    readonly version: number
}

/**
 * Returns the entitlement to an artifact, named by the partner's alias. Answers as for an unknown artifact where the
 * actor has no access.
 */
export async function assertExists(
    ctx: ActionContext,
    name: string,
): Promise<Entitlement & { readonly version: number }> {
    const { partner } = partnerOf(ctx)
    const entitled = await entitlementTo(ctx, partner, idOfAlias(ctx.services.keys, partner, "artifact", name))
    return entitled !== null && entitled.version !== null ? { ...entitled, version: entitled.version } : hide()
}

/**
 * Reports a test result for an artifact, named by the partner's alias; returns its id.
 *
 * Refuses `test_result.not_a_tester`, `.not_testable`, `.not_held`, `.too_many` and invalid results.
 */
export async function reportResult(ctx: ActionContext, name: string, newResult: NewResult): Promise<string> {
    const { partner, person } = partnerOf(ctx)
    if (!(await isTester(ctx, partner))) {
        refuse(
            "forbidden",
            "test_result.not_a_tester",
            "your tier does not test guidance: only testing tiers report results",
        )
    }
    const entitled = await assertExists(ctx, name)
    const { artifact } = entitled
    const { version, verdict, hits, falsePositives, environment } = newResult
    if (!isTested(entitled.class)) {
        refuse(
            "conflict",
            "test_result.not_testable",
            "this class is not tested: report results of rules, guidance or indicators",
        )
    }
    const result = { verdict, hits, falsePositives, environment: environment.trim() }
    validateResult(result)
    await store.lockDeliveries(ctx.tx, partner, entitled.case)
    const held = await store.listHoldings(ctx.tx, partner)
    if (!held.some((holds) => holds.artifact === artifact && holds.version === version)) {
        refuse("conflict", "test_result.not_held", "you do not hold this version: fetch it before you report a result")
    }
    const before = (await store.listResults(ctx.tx, { artifact, partner })).filter(
        (result) => result.version === version,
    )
    if (!(before.length < resultsMax)) {
        refuse(
            "conflict",
            "test_result.too_many",
            `too many corrections: a result can be corrected \`${resultsMax - 1}\` times`,
        )
    }
    const id = ctx.services.newId()
    const reported = { case: entitled.case, artifact, version, partner, verdict, corrects: before.length > 0 }
    const event = await record(ctx, { kind: "test_result.reported", ...reported })
    await store.insertResult(ctx.tx, {
        id,
        event,
        partner,
        person,
        case: entitled.case,
        artifact,
        version,
        resultBox: await sealed(ctx, entitled.case, place(id), JSON.stringify(result)),
        at: ctx.now,
    })
    return id
}

/** Lists the newest results that this partner reported, under its aliases, for the cases that the actor may see. */
export async function ownResults(ctx: ActionContext, partner: string): Promise<Reported[]> {
    const counted = await countedOf(ctx, await rowsOf(ctx, partner))
    return counted.map(({ earlier: _, ...rest }) => ({
        ...rest,
        artifact: aliasFor(ctx.services.keys, partner, "artifact", rest.artifact),
    }))
}

/** Returns the id of the newest result that this partner reported, without decrypting any. */
export async function newestResult(ctx: ActionContext, partner: string): Promise<string | null> {
    return (await rowsOf(ctx, partner)).at(-1)?.id ?? null
}

async function rowsOf(ctx: ActionContext, partner: string): Promise<store.ResultRow[]> {
    return await withinCircle(ctx, await store.listResults(ctx.tx, { artifact: null, partner }))
}

export interface Counted extends Reported {
    /** The results that this one replaces, newest first. */
    readonly earlier: readonly Reported[]
}

export interface SignedResult extends Counted {
    /** The name of the person who reported the result. */
    readonly name: string
}

/** Lists the cases with test results before an instant. */
export async function casesTested(ctx: ActionContext, before: Instant): Promise<string[]> {
    return await store.listCasesOfResults(ctx.tx, before)
}

/** Lists the results of all testers for an artifact, newest first. Refuses `test_result.artifact_not_found`. */
export async function unsignedResultsOf(ctx: ActionContext, artifact: string): Promise<Counted[]> {
    if ((await caseOf(ctx, artifact)) === null) refuse("missing", "test_result.artifact_not_found", "no such artifact")
    return await countedOf(ctx, await store.listResults(ctx.tx, { artifact, partner: null }))
}

/** Lists the same results with the names of their reporters. */
export async function resultsOf(ctx: ActionContext, artifact: string): Promise<SignedResult[]> {
    const signedResults: SignedResult[] = []
    for (const counted of await unsignedResultsOf(ctx, artifact)) {
        signedResults.push({ ...counted, name: (await personById(ctx, counted.person))?.name ?? "" })
    }
    return signedResults
}

async function countedOf(ctx: ActionContext, rows: readonly store.ResultRow[]): Promise<Counted[]> {
    const reported: Reported[] = []
    for (const { id, case: caseId, resultBox, partner, person, artifact, version, at } of rows.toReversed()) {
        const result = JSON.parse(await opened(ctx, caseId, place(id), resultBox)) as Result
        reported.push({ ...result, partner, person, artifact, version, at })
    }
    const grouped = Map.groupBy(reported, (reported) => `${reported.partner} ${reported.artifact} ${reported.version}`)
    return [...grouped.values()].flatMap(([newest, ...earlier]) => (newest ? [{ ...newest, earlier }] : []))
}

const place = (id: string): string => `artifact_results.result:${id}`

/** Stores test results of testers for versions they hold, encrypted, and shows them to the operator only. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { hide } from "../../../kernel/route.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { filterVisible } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { loadPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { findCaseOfArtifact } from "../../artifacts/actions/load-artifacts.ts"
import { decryptForCase, encryptForCase } from "../../cases/actions/load-case.ts"
import { type Entitlement, findEntitlement } from "../../entitlement/actions/decide-access.ts"
import { type TestResult, isTestable, validateResult, resultsMax } from "../test-result.ts"
import * as store from "../store/deliveries.ts"
import { idOfAlias, aliasFor } from "./resolve-alias.ts"
import { partnerOf } from "./project-warnings.ts"

export interface ReportedResult extends TestResult {
    readonly partner: string
    readonly person: string
    readonly artifact: string
    readonly version: number
    readonly at: Instant
}

/** Whether the partner's tier tests guidance before other tiers get it. */
export async function isTester(ctx: ActionContext, partner: string): Promise<boolean> {
    const { tier } = await loadPartnerFacts(ctx, partner, ctx.now)
    const { rules } = await loadRules(ctx, "testing")
    return tier !== null && rules.tiers.includes(tier)
}

export interface NewResult extends TestResult {
    readonly version: number
}

/**
 * Returns the entitlement to an artifact, named by the partner's alias. Answers as for an unknown artifact where the
 * actor has no access.
 */
export async function loadEntitlementByAlias(
    ctx: ActionContext,
    alias: string,
): Promise<Entitlement & { readonly version: number }> {
    const { partner } = partnerOf(ctx)
    const entitlement = await findEntitlement(ctx, partner, idOfAlias(ctx.services.keys, partner, "artifact", alias))
    return entitlement !== null && entitlement.version !== null
        ? { ...entitlement, version: entitlement.version }
        : hide()
}

/**
 * Reports a test result for an artifact, named by the partner's alias; returns its id.
 *
 * Refuses `test_result.not_a_tester`, `.not_testable`, `.not_held`, `.too_many` and invalid results.
 */
export async function reportTestResult(ctx: ActionContext, alias: string, newResult: NewResult): Promise<string> {
    const { partner, person } = partnerOf(ctx)
    if (!(await isTester(ctx, partner))) {
        refuse(
            "forbidden",
            "test_result.not_a_tester",
            "your tier does not test guidance: only testing tiers report results",
        )
    }
    const entitlement = await loadEntitlementByAlias(ctx, alias)
    const { artifact } = entitlement
    const { version, verdict, hits, falsePositives, environment } = newResult
    if (!isTestable(entitlement.class)) {
        refuse(
            "conflict",
            "test_result.not_testable",
            "this class is not tested: report results of rules, guidance or indicators",
        )
    }
    const result = { verdict, hits, falsePositives, environment: environment.trim() }
    validateResult(result)
    await store.lockDeliveries(ctx.tx, partner, entitlement.case)
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
            { value: resultsMax - 1 },
        )
    }
    const id = ctx.services.newId()
    const reported = { case: entitlement.case, artifact, version, partner, verdict, corrects: before.length > 0 }
    const event = await record(ctx, { kind: "test_result.reported", ...reported })
    await store.insertResult(ctx.tx, {
        id,
        event,
        partner,
        person,
        case: entitlement.case,
        artifact,
        version,
        resultCiphertext: await encryptForCase(ctx, entitlement.case, placeOf(id), JSON.stringify(result)),
        at: ctx.now,
    })
    return id
}

/** Lists the newest results that this partner reported, under its aliases, for the cases that the actor may see. */
export async function listResultsForPartner(ctx: ActionContext, partner: string): Promise<ReportedResult[]> {
    const results = await decryptLatestResults(ctx, await listResultRows(ctx, partner))
    return results.map(({ earlier: _, ...rest }) => ({
        ...rest,
        artifact: aliasFor(ctx.services.keys, partner, "artifact", rest.artifact),
    }))
}

/** Returns the id of the newest result that this partner reported, without decrypting any. */
export async function findNewestResult(ctx: ActionContext, partner: string): Promise<string | null> {
    return (await listResultRows(ctx, partner)).at(-1)?.id ?? null
}

async function listResultRows(ctx: ActionContext, partner: string): Promise<store.ResultRow[]> {
    return await filterVisible(ctx, await store.listResults(ctx.tx, { artifact: null, partner }))
}

export interface LatestResult extends ReportedResult {
    /** The results that this one replaces, newest first. */
    readonly earlier: readonly ReportedResult[]
}

export interface ResultWithReporter extends LatestResult {
    /** The name of the person who reported the result. */
    readonly name: string
}

/** Lists the cases with test results before an instant. */
export async function listTestedCases(ctx: ActionContext, before: Instant): Promise<string[]> {
    return await store.listCasesOfResults(ctx.tx, before)
}

/** Lists the results of all testers for an artifact, newest first. Refuses `test_result.artifact_not_found`. */
export async function listLatestResults(ctx: ActionContext, artifact: string): Promise<LatestResult[]> {
    if ((await findCaseOfArtifact(ctx, artifact)) === null)
        refuse("missing", "test_result.artifact_not_found", "no such artifact")
    return await decryptLatestResults(ctx, await store.listResults(ctx.tx, { artifact, partner: null }))
}

/** Lists the same results with the names of their reporters. */
export async function listResultsWithReporters(ctx: ActionContext, artifact: string): Promise<ResultWithReporter[]> {
    const results: ResultWithReporter[] = []
    for (const result of await listLatestResults(ctx, artifact)) {
        results.push({ ...result, name: (await findPerson(ctx, result.person))?.name ?? "" })
    }
    return results
}

async function decryptLatestResults(ctx: ActionContext, rows: readonly store.ResultRow[]): Promise<LatestResult[]> {
    const reported: ReportedResult[] = []
    for (const {
        id,
        case: caseId,
        resultCiphertext: ciphertext,
        partner,
        person,
        artifact,
        version,
        at,
    } of rows.toReversed()) {
        const text = await decryptForCase(ctx, caseId, placeOf(id), ciphertext, "")
        if (text === "") continue // The content of the case was deleted.
        reported.push({ ...(JSON.parse(text) as TestResult), partner, person, artifact, version, at })
    }
    const grouped = Map.groupBy(reported, (reported) => `${reported.partner} ${reported.artifact} ${reported.version}`)
    return [...grouped.values()].flatMap(([newest, ...earlier]) => (newest ? [{ ...newest, earlier }] : []))
}

const placeOf = (id: string): string => `artifact_results.result:${id}`

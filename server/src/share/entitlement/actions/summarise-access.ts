/** Counts what each partner gets of each open case. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { endOf, phase } from "../../cases/embargo.ts"
import type { Decision } from "../decide.ts"
import { decideMatrix } from "../matrix.ts"
import { loadDecisionFacts } from "./load-decision-facts.ts"
import { findActivePolicy, loadActiveIntoEngine } from "./manage-policies.ts"

/** More open cases are left out: the ones that are published last. */
export const openCasesMax = 40

/** Numbers of artifacts. */
export interface AccessCounts {
    /** The partner can fetch them now. */
    readonly open: number
    /** A later wave or the publication opens them. */
    readonly later: number
    readonly withheld: number
}

export interface AccessSummary {
    readonly at: Instant
    /** The next to be published first; cases without an agreed end last. */
    readonly cases: readonly string[]
    readonly leftOut: number
    /** One row a partner: counts for each of `cases`. */
    readonly partners: readonly { readonly partner: string; readonly counts: readonly AccessCounts[] }[]
}

/** Decides every artifact of every open case for every partner, now. Reads facts once for all cases. */
export async function summariseAccess(ctx: ActionContext): Promise<AccessSummary> {
    const policy = await findActivePolicy(ctx, ctx.now)
    const facts = await loadDecisionFacts(ctx, null, null, ctx.now)
    const open = facts.cases
        .filter(({ embargo, closure }) => closure === null && phase(embargo, ctx.now) !== "ended")
        .toSorted((a, b) => (endOf(a.embargo) ?? Infinity) - (endOf(b.embargo) ?? Infinity))
        .map(({ id }) => id)
    const cases = open.slice(0, openCasesMax)
    const artifacts = facts.artifacts.filter((artifact) => cases.includes(artifact.case))
    const caseOf = artifacts.map((artifact) => cases.indexOf(artifact.case))
    const engine = loadActiveIntoEngine(ctx, policy)
    const { rows } = decideMatrix(ctx.services.policy, engine, { ...facts, artifacts }, facts.decidedAt)
    const partners = rows.flatMap(({ partners: equal, decisions }) => {
        const byCase = Map.groupBy(decisions.keys(), (n) => caseOf[n])
        const counts = cases.map((_, n) => countsOf((byCase.get(n) ?? []).flatMap((index) => decisions[index] ?? [])))
        return equal.map((partner) => ({ partner, counts }))
    })
    return { at: ctx.now, cases, leftOut: open.length - cases.length, partners }
}

function countsOf(decisions: readonly Decision[]): AccessCounts {
    const open = decisions.filter(({ available }) => available).length
    const withheld = decisions.filter(({ outcome }) => outcome === "withheld").length
    return { open, later: decisions.length - open - withheld, withheld }
}

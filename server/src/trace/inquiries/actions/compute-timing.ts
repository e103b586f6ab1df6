/** Evaluates the timing of an inquiry's case for each hypothesis, next to its prior weight. For members. */
import type { PriorHypothesisKey } from "@tocsin/marks/bundle/fixed-texts"
import { type TimedHypothesis, evenAt, shippedModel, timeHypotheses } from "@tocsin/marks/bundle/timing"
import { loadEmbargo } from "../../../share/cases/actions/load-case.ts"
import { listFirstFetchInstants } from "../../../share/delivery/actions/list-exposure.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import type { Evidence } from "../../evidence/evidence.ts"
import { type FullInquiry, loadInquiry } from "./open-inquiry.ts"

export interface Timing {
    /** The first observation; null where there is none. */
    readonly firstObservation: Pick<Evidence, "id" | "kind" | "observedAt" | "clock"> | null
    readonly rows: readonly TimedHypothesis<PriorHypothesisKey>[]
    readonly evenAt: number | null
}

/** Evaluates the timing and records the read. Refuses `inquiry.not_found`. */
export async function readTiming(ctx: ActionContext, id: string): Promise<Timing> {
    const timing = await computeTiming(ctx, await loadInquiry(ctx, id))
    await record(ctx, { kind: "inquiry.read", inquiry: id, about: "timing" }, true)
    return timing
}

/** Evaluates the timing. The caller has checked membership and records the read. */
export async function computeTiming(
    ctx: ActionContext,
    { case: caseId, evidence, hypotheses }: Pick<FullInquiry, "case" | "evidence" | "hypotheses">,
): Promise<Timing> {
    const firstObservation = await findFirstObservation(ctx, caseId, evidence)
    const fetched = await listFirstFetchInstants(ctx, caseId, ctx.now + 1)
    const ended = (await loadEmbargo(ctx, caseId)).find(({ kind }) => kind === "ended")
    const known = {
        observation: firstObservation && { at: firstObservation.observedAt, clock: firstObservation.clock },
        holdings: [...fetched]
            .map(([partner, at]) => ({ partner, at }))
            .toSorted((a, b) => a.at - b.at || (a.partner < b.partner ? -1 : 1)),
        publicSince: ended?.at ?? null,
    }
    const rows = timeHypotheses(hypotheses, known, shippedModel)
    return { firstObservation, rows, evenAt: evenAt(rows) }
}

/**
 * Finds the first observation in the inquiry's evidence of this case. Ignores touched canaries, which may come from a
 * resolver, and deleted evidence.
 */
async function findFirstObservation(
    ctx: ActionContext,
    caseId: string,
    evidence: readonly string[],
): Promise<Evidence | null> {
    let first: Evidence | null = null
    for (const id of evidence) {
        const evidence = await loadEvidence(ctx, id)
        const isOfCase = evidence.case === null || evidence.case === caseId
        if (!isOfCase || evidence.kind === "canary_touched" || evidence.deletedAt !== null) continue
        if (first === null || evidence.observedAt < first.observedAt) first = evidence
    }
    return first
}

/** Evaluates the timing of an inquiry's case for each hypothesis, next to its prior weight. For members. */
import { type Timed, evenAt, shippedModel, timed } from "@tocsin/marks/bundle/timing"
import { embargoOf } from "../../../share/cases/actions.ts"
import { firstFetchedBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import type { Evidence } from "../../evidence/evidence.ts"
import { type Opened, wholeInquiry } from "./open-inquiry.ts"

export interface Timing {
    /** The first observation; null where there is none. */
    readonly seen: Pick<Evidence, "id" | "kind" | "seenAt" | "clock"> | null
    readonly rows: readonly Timed[]
    readonly evenAt: number | null
}

/** Evaluates the timing and records the look. Refuses `inquiry.not_found`. */
export async function timingOf(ctx: ActionContext, id: string): Promise<Timing> {
    const timing = await timingIn(ctx, await wholeInquiry(ctx, id))
    await record(ctx, { kind: "inquiry.read", inquiry: id, about: "timing" }, true)
    return timing
}

/** Evaluates the timing. The caller has checked membership and records the look. */
export async function timingIn(
    ctx: ActionContext,
    { case: caseId, evidence, hypotheses }: Pick<Opened, "case" | "evidence" | "hypotheses">,
): Promise<Timing> {
    const seen = await firstSeen(ctx, caseId, evidence)
    const held = await firstFetchedBefore(ctx, caseId, ctx.now + 1)
    const ended = (await embargoOf(ctx, caseId)).find(({ kind }) => kind === "ended")
    const known = {
        seen: seen && { at: seen.seenAt, clock: seen.clock },
        held: [...held]
            .map(([partner, at]) => ({ partner, at }))
            .toSorted((a, b) => a.at - b.at || (a.partner < b.partner ? -1 : 1)),
        publicSince: ended?.at ?? null,
    }
    const rows = timed(hypotheses, known, shippedModel)
    return { seen, rows, evenAt: evenAt(rows) }
}

/**
 * Finds the first observation in the inquiry's evidence of this case. Ignores touched canaries, which may come from a
 * resolver, and deleted evidence.
 */
async function firstSeen(ctx: ActionContext, caseId: string, evidence: readonly string[]): Promise<Evidence | null> {
    let first: Evidence | null = null
    for (const id of evidence) {
        const evidence = await evidenceOf(ctx, id)
        const isOfIt = evidence.case === null || evidence.case === caseId
        if (!isOfIt || evidence.kind === "canary_touched" || evidence.deletedAt !== null) continue
        if (first === null || evidence.seenAt < first.seenAt) first = evidence
    }
    return first
}

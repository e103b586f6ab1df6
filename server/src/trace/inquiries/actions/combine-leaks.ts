/** Weighs the leaks of one inquiry together, by the latest attribution of each. */
import { type CombinedEvidence, type LeakResult, combineEvidence } from "@tocsin/marks/evidence/cross-case"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { readAttributions } from "../../attribution/actions/load-attributions.ts"
import { alphaDefault } from "../../attribution/attribution.ts"
import { leakScoresOf } from "../../attribution/scores.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import * as store from "../store/inquiries.ts"
import { lockInquiryAsMember } from "./check-membership.ts"

export interface CombinedLeaks extends CombinedEvidence {
    readonly alpha: number
    /** The number of leaks with weight. The others were not recognised, or read as the master. */
    readonly leaks: number
}

/** Weighs the leaks for a member, and records each read. Refuses `inquiry.not_found`. */
export async function combineLeaks(ctx: ActionContext, id: string): Promise<CombinedLeaks> {
    await lockInquiryAsMember(ctx, id)
    const scores: LeakResult[] = []
    for (const evidence of await store.listEvidence(ctx.tx, id)) {
        if ((await loadEvidence(ctx, evidence)).kind !== "leak") continue
        const [newest] = await readAttributions(ctx, evidence)
        const leak = newest && leakScoresOf(newest.result)
        if (leak) scores.push(leak)
    }
    return { alpha: alphaDefault, leaks: scores.length, ...combineEvidence(scores, alphaDefault) }
}

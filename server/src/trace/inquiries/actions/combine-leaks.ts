/** Weighs the leaks of one inquiry together, by the latest attribution of each. */
import { type Across, type Weighed, across } from "@tocsin/marks/evidence/cross-case"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { attributionsOf } from "../../attribution/actions.ts"
import { alphaDefault } from "../../attribution/attribution.ts"
import { weighedBy } from "../../attribution/scores.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import * as store from "../store.ts"
import { memberOf } from "./check-membership.ts"

export interface LeaksTogether extends Across {
    readonly alpha: number
    /** The number of leaks with weight. The others were not recognised, or read as the master. */
    readonly leaks: number
}

/** Weighs the leaks for a member, and records each look. Refuses `inquiry.not_found`. */
export async function leaksTogether(ctx: ActionContext, id: string): Promise<LeaksTogether> {
    await memberOf(ctx, id)
    const weighed: Weighed[] = []
    for (const evidence of await store.listEvidence(ctx.tx, id)) {
        if ((await evidenceOf(ctx, evidence)).kind !== "leak") continue
        const [newest] = await attributionsOf(ctx, evidence)
        const leak = newest && weighedBy(newest.result)
        if (leak) weighed.push(leak)
    }
    return { alpha: alphaDefault, leaks: weighed.length, ...across(weighed, alphaDefault) }
}

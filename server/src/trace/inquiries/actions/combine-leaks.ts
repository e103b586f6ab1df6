/** The leaks of one inquiry weighed together, by what was last found out about each. */
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
    /** Leaks that say something; the others were not recognised, or read as the master was written. */
    readonly leaks: number
}

/** For members, and each look at an attribution is on record. Refuses `inquiry.not_found`. */
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

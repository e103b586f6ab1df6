/** Lifts the legal hold of evidence, by two people whom it does not name. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { endHold, assertHeld, assertExists } from "../../evidence/actions/hold-evidence.ts"
import { type Asked, type Lifting, byTwo } from "./approve-alpha.ts"

/** Requests or applies the end of a legal hold. */
export async function liftHold(ctx: ActionContext, evidence: string, lifting: Lifting): Promise<Asked> {
    const by = await assertExists(ctx, evidence)
    const hold = await assertHeld(ctx, evidence)
    const request = await byTwo(ctx, { what: "evidence.lift_hold", by, detail: { evidence, hold } }, lifting)
    if (request.done) await endHold(ctx, { evidence, hold, approval: request.approval })
    return request
}

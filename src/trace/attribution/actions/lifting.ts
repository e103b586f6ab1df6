/** Lifts the legal hold of evidence, by two people whom it does not name. */
import type { Act } from "../../../trust/audit/actions.ts"
import { endHold, mustBeHeld, mustBeThere } from "../../evidence/actions/keeping.ts"
import { type Asked, type Lifting, byTwo } from "./by-two.ts"

export async function liftHold(act: Act, evidence: string, lifting: Lifting): Promise<Asked> {
    const by = await mustBeThere(act, evidence)
    const hold = await mustBeHeld(act, evidence)
    const asked = await byTwo(act, { what: "evidence.lift_hold", by, detail: { evidence, hold } }, lifting)
    if (asked.done) await endHold(act, { evidence, hold, approval: asked.approval })
    return asked
}

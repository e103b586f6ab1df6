/** Attributes a text at an error that one person may not choose alone: one requests it and says why, another signs. */
import type { Act } from "../../../trust/audit/actions.ts"
import { mustBeThere } from "../../evidence/actions/keeping.ts"
import { attribute } from "../actions.ts"
import { alphaAlone, alphaDefault, mustBeAlpha } from "../attribution.ts"
import { type Asked, type Lifting, byTwo } from "./by-two.ts"

/** Up to `alphaAlone` at once, with no approval. Above it the first call requests one, and the next applies it. */
export async function attributeAt(
    act: Act,
    evidence: string,
    { alpha = alphaDefault, ...lifting }: Lifting & { readonly alpha?: number | undefined },
): Promise<Asked | { readonly done: true; readonly approval: null }> {
    mustBeAlpha(alpha)
    if (alpha <= alphaAlone) {
        await attribute(act, evidence, alpha)
        return { done: true, approval: null }
    }
    const by = await mustBeThere(act, evidence)
    const detail = { evidence, alpha: String(alpha) }
    const asked = await byTwo(act, { what: "evidence.attribute", by, detail }, lifting)
    if (asked.done) await attribute(act, evidence, alpha, asked.approval)
    return asked
}

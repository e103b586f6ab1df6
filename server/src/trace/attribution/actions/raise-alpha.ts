/** Attributes a text with two people: one requests and gives a reason, another signs. */
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { assertExists } from "../../evidence/actions/hold-evidence.ts"
import { attribute } from "../actions.ts"
import { alphaAlone, alphaDefault, validateAlpha } from "../attribution.ts"
import { type Asked, type Lifting, byTwo } from "./approve-alpha.ts"

/**
 * Attributes at once up to `alphaAlone`. Above it, or for a text that contradicts an earlier leak, the first call
 * requests an approval and the next applies it.
 */
export async function attributeAt(
    ctx: ActionContext,
    evidence: string,
    { alpha = alphaDefault, ...lifting }: Lifting & { readonly alpha?: number | undefined },
): Promise<Asked | { readonly done: true; readonly approval: null }> {
    validateAlpha(alpha)
    if (alpha <= alphaAlone && lifting.approval === undefined) {
        try {
            await attribute(ctx, evidence, alpha)
            return { done: true, approval: null }
        } catch (error) {
            const needsTwo = error instanceof Refusal && error.code === "attribution.contradicts_leak"
            if (!(needsTwo && lifting.reason !== undefined)) throw error
        }
    }
    const by = await assertExists(ctx, evidence)
    const detail = { evidence, alpha: String(alpha) }
    const request = await byTwo(ctx, { what: "evidence.attribute", by, detail }, lifting)
    if (request.done) await attribute(ctx, evidence, alpha, request.approval)
    return request
}

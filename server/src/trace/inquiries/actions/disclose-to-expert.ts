/** Discloses mark keys to an expert. For a leak of an inquiry, its members request, sign and apply the disclosure. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { attributionWith } from "../../attribution/actions.ts"
import { type Opening, openMarks } from "../../attribution/actions/disclose-keys.ts"
import * as store from "../store.ts"
import { memberOf } from "./check-membership.ts"

/**
 * Discloses keys for an inquiry, or for none where `inquiry` is null. Refuses `inquiry.not_found` and
 * `inquiry.evidence_not_included`.
 */
export async function openFor(
    ctx: ActionContext,
    attribution: string,
    inquiry: string | null,
    signed: string | undefined,
): Promise<Opening> {
    if (inquiry === null) return await openMarks(ctx, { attribution, inquiry }, signed)
    await memberOf(ctx, inquiry)
    const { evidence } = await attributionWith(ctx, attribution)
    if (!(await store.listEvidence(ctx.tx, inquiry)).includes(evidence)) {
        refuse(
            "conflict",
            "inquiry.evidence_not_included",
            "this leak is not evidence of the inquiry: add it to the inquiry first",
        )
    }
    const members = await store.listMembers(ctx.tx, inquiry)
    return await openMarks(ctx, { attribution, inquiry: { id: inquiry, members } }, signed)
}

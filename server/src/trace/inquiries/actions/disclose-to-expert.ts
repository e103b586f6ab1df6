/** Discloses mark keys to an expert. For a leak of an inquiry, its members request, sign and apply the disclosure. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadAttribution } from "../../attribution/actions/load-attributions.ts"
import { type DisclosureOutcome, discloseKeys } from "../../attribution/actions/disclose-keys.ts"
import * as store from "../store/inquiries.ts"
import { lockInquiryAsMember } from "./check-membership.ts"

/**
 * Discloses keys for an inquiry, or for none where `inquiry` is null. Refuses `inquiry.not_found` and
 * `inquiry.evidence_not_included`.
 */
export async function discloseKeysToExpert(
    ctx: ActionContext,
    attribution: string,
    inquiry: string | null,
    approvalId: string | undefined,
): Promise<DisclosureOutcome> {
    if (inquiry === null) return await discloseKeys(ctx, { attribution, inquiry }, approvalId)
    await lockInquiryAsMember(ctx, inquiry)
    const { evidence } = await loadAttribution(ctx, attribution)
    if (!(await store.listEvidence(ctx.tx, inquiry)).includes(evidence)) {
        refuse(
            "conflict",
            "inquiry.evidence_not_included",
            "this leak is not evidence of the inquiry: add it to the inquiry first",
        )
    }
    const members = await store.listMembers(ctx.tx, inquiry)
    return await discloseKeys(ctx, { attribution, inquiry: { id: inquiry, members } }, approvalId)
}

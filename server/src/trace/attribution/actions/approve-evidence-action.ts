/**
 * Runs actions on evidence that need two people. One person requests and gives a reason, another person signs, and the
 * action applies the approval. A person that the evidence identifies takes no part, whether by marks, a quoted canary
 * or a touched canary.
 */
import { separateOwners } from "@tocsin/marks/recipient"
import { refuse } from "@tocsin/base/refusal"
import { findTouch } from "../../../share/canaries/actions/list-canaries.ts"
import { loadApproval, decryptApprovalText } from "../../../trust/approvals/actions/load-approvals.ts"
import {
    requestApproval,
    applyApproval,
    voidInsteadOfApplying,
} from "../../../trust/approvals/actions/request-approval.ts"
import type { ApprovalInput, ApprovalOutcome, Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listPeople } from "../../../trust/identity/actions/load-people.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import { validateNote } from "../../evidence/retention.ts"
import { listAttributions } from "./load-attributions.ts"
import { identifiedStaffOf } from "../attribution.ts"

export interface EvidenceAction {
    readonly kind: "evidence.delete" | "evidence.lift_hold" | "evidence.attribute"
    /** The person who acts. */
    readonly by: string
    readonly detail: { readonly evidence: string } & Readonly<Record<string, string>>
    /** Whether work forbids it that these people may not know of. Then a signed approval is voided, and not applied. */
    readonly isForbidden?: boolean
}

/**
 * Requests the second signature on the first call, and applies the signed approval on the next. Refuses
 * `attribution.identifies_you` and `attribution.identifies_signer`.
 */
export async function requestOrApplyApproval(
    ctx: ActionContext,
    { kind, by, detail, isForbidden = false }: EvidenceAction,
    { reason, approval }: ApprovalInput,
): Promise<ApprovalOutcome> {
    const identified = await listIdentifiedStaff(ctx, detail.evidence)
    if (identified.includes(by)) {
        refuse(
            "forbidden",
            "attribution.identifies_you",
            "the evidence identifies one of your copies: leave this to another investigator",
        )
    }
    const effects = await computeEffects(ctx, { kind, detail }, identified)
    if (approval === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects, { reason: validateNote(reason ?? "") }) }
    }
    const { requestedBy, signedBy } = await (isForbidden ? voidInsteadOfApplying : applyApproval)(
        ctx,
        approval,
        effects,
    )
    if (identified.some((item) => item === requestedBy || item === signedBy)) {
        refuse(
            "conflict",
            "attribution.identifies_signer",
            "the evidence now identifies the requester or the signer: let other people make a new request",
        )
    }
    return { done: !isForbidden, approval }
}

/** Lists the staff whose copies the evidence identifies. A decoy belongs to no person. */
export async function listIdentifiedStaff(ctx: ActionContext, evidence: string): Promise<string[]> {
    const identified = (await listAttributions(ctx, evidence)).flatMap(({ result }) => identifiedStaffOf(result))
    const { touch: id } = await loadEvidence(ctx, evidence)
    const canaryTouch = id === null ? null : await findTouch(ctx, id)
    return canaryTouch === null || canaryTouch.decoy
        ? identified
        : [...identified, ...separateOwners([canaryTouch.recipient]).people]
}

/** Limits the approval to investigators and approvers, without the people that the evidence identifies. */
async function computeEffects(
    ctx: ActionContext,
    { kind, detail }: Pick<EvidenceAction, "kind" | "detail">,
    excluded: readonly string[],
): Promise<Effects> {
    const staff = (await listPeople(ctx, null)).filter(({ id, leftAt }) => leftAt === null && !excluded.includes(id))
    const onlyFor = staff.filter(({ roles }) => roles.some((role) => role === "investigator" || role === "approver"))
    return { action: kind, recipients: [], artifacts: [], at: null, detail, onlyFor: onlyFor.map(({ id }) => id) }
}

/** Returns the reason of the request, as the signer read it. */
export async function loadReason(ctx: ActionContext, approval: string): Promise<string> {
    const texts = (await decryptApprovalText(ctx, await loadApproval(ctx, approval))) as {
        readonly reason?: string
    } | null
    return texts?.reason ?? ""
}

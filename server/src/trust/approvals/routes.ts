/** Serves approvals to staff: list, sign, void. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { personOf } from "../../kernel/actor.ts"
import { permissionByAction, hasPermission } from "../../kernel/permissions.ts"
import { listCreators, findPerson } from "../identity/actions/load-people.ts"

import { addStaffMember, recoverStaffMember } from "./actions/add-staff.ts"
import { changeRoles } from "./actions/change-roles.ts"
import {
    listPendingApprovals,
    listRecentApprovals,
    recordTextReads,
    decryptApprovalText,
} from "./actions/load-approvals.ts"
import { loadSignature, signApprovals } from "./actions/sign-approvals.ts"
import { callerOptions } from "../identity/passkeys/actions/use-passkey.ts"
import { assertionOptionsAnswer } from "../identity/passkeys/schemas.ts"
import { voidApproval } from "./actions/void-approvals.ts"
import { type Approval, type Signer, expiresAt, assertIndependent, amendedCaseOf, stateOf } from "./approval.ts"
import { byId } from "../../kernel/schemas.ts"
import {
    approvalsAnswer,
    recoverStaffBody,
    staffChangeAnswer,
    newStaffBody,
    setRolesAnswer,
    setRolesBody,
    signApprovalBody,
    signApprovalsBody,
    signatureAnswer,
    signatureOptionsBody,
    approvalStateAnswer,
} from "./schemas.ts"

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/approvals",
            side: "console",
            permission: "approval:read",
            summary: "Lists requests that need a signature, and the latest approvals that the caller may see",
            answer: approvalsAnswer,
        },
        async (ctx) => {
            const people = new Map<string, NamedSigner>()
            const present = async (approvals: Approval[]) => {
                const presented = []
                for (const approval of approvals) presented.push(await presentApproval(ctx, approval, people))
                return presented
            }
            const [pending, recent] = [await listPendingApprovals(ctx), await listRecentApprovals(ctx)]
            const shown = new Map([...pending, ...recent].map((approval) => [approval.id, approval]))
            await recordTextReads(
                ctx,
                [...shown.values()].filter((approval) => mayReadText(ctx, approval)),
            )
            return { pending: await present(pending), recent: await present(recent) }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/approvals/{id}/sign",
            side: "console",
            permission: "approval:sign",
            summary: "Signs a request as the second person, by the hash of the effects that were shown",
            params: byId,
            body: signApprovalBody,
            answer: approvalStateAnswer,
        },
        async (ctx) => {
            const { effectsHash, assertion } = ctx.body
            await signApprovals(ctx, [{ approval: ctx.params.id.toLowerCase(), effectsHash }], assertion)
            return { id: ctx.params.id, state: "signed" }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/approvals/sign",
            side: "console",
            permission: "approval:sign",
            summary: "Signs several requests together, all or none, with one assertion",
            body: signApprovalsBody,
        },
        async (ctx) => {
            await signApprovals(ctx, ctx.body.approvals, ctx.body.assertion)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/approvals/signature-options",
            side: "console",
            permission: "approval:sign",
            summary: "Returns a challenge over the effects of these requests, for the signer's passkey",
            body: signatureOptionsBody,
            answer: assertionOptionsAnswer,
        },
        async (ctx) =>
            await callerOptions(ctx, {
                purpose: "sign_approvals",
                person: personOf(ctx.actor) ?? "",
                approvals: ctx.body.approvals,
            }),
    ),
    route(
        {
            method: "GET",
            path: "/api/approvals/{id}/signature",
            side: "console",
            permission: "approval:read",
            summary: "Returns the assertion with which an approval was signed, for verification elsewhere",
            params: byId,
            answer: signatureAnswer,
        },
        async (ctx) => ({ signature: await loadSignature(ctx, ctx.params.id) }),
    ),
    route(
        {
            method: "DELETE",
            path: "/api/approvals/{id}",
            side: "console",
            permission: "approval:void",
            summary: "Voids a request or a signature; one person can do this",
            params: byId,
            answer: approvalStateAnswer,
        },
        async (ctx) => {
            await voidApproval(ctx, ctx.params.id, "withdrawn")
            return { id: ctx.params.id, state: "voided" }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/staff",
            side: "console",
            permission: "staff:write",
            needsConfirmation: true,
            summary: "Adds a staff member and mails a sign-in link; needs a second signature, except for an auditor",
            creates: true,
            body: newStaffBody,
            answer: staffChangeAnswer,
        },
        async (ctx) => await addStaffMember(ctx, ctx.body, ctx.body.approval),
    ),
    route(
        {
            method: "POST",
            path: "/api/staff/{id}/recovery",
            side: "console",
            permission: "staff:write",
            needsConfirmation: true,
            summary:
                "Mails a new sign-in link to another staff member, at once where it is urgent or a day later; " +
                "needs a second signature, except for an auditor",
            params: byId,
            body: recoverStaffBody,
            answer: staffChangeAnswer,
        },
        async (ctx) => {
            const recovery = { person: ctx.params.id, isUrgent: ctx.body.urgent ?? false }
            return await recoverStaffMember(ctx, recovery, ctx.body.approval)
        },
    ),
    route(
        {
            method: "PUT",
            path: "/api/staff/{id}/roles",
            side: "console",
            permission: "staff:write",
            summary: "Sets the roles of a staff member; an added role needs a second signature",
            params: byId,
            body: setRolesBody,
            answer: setRolesAnswer,
        },
        async (ctx) => await changeRoles(ctx, ctx.params.id, ctx.body),
    ),
]

interface NamedSigner extends Signer {
    readonly name: string
}

/** Effects stay as hashed, instants in milliseconds, so that readers can check the signed hash. */
async function presentApproval(ctx: ActionContext, approval: Approval, people: Map<string, NamedSigner>) {
    const requester = await loadNamedSigner(ctx, approval.requestedBy, people)
    const signer = approval.signedBy === null ? null : await loadNamedSigner(ctx, approval.signedBy, people)
    const state = stateOf(approval, ctx.now)
    return {
        id: approval.id,
        state,
        action: approval.effects.action,
        effects: approval.effects,
        effectsHash: approval.effectsHash,
        text: mayReadText(ctx, approval) ? await decryptApprovalText(ctx, approval) : null,
        requestedBy: { id: requester.person, name: requester.name },
        requestedAt: formatInstant(approval.requestedAt),
        signedBy: signer && { id: signer.person, name: signer.name },
        signedAt: formatInstantOrNull(approval.signedAt),
        appliedAt: formatInstantOrNull(approval.appliedAt),
        voidedAt: formatInstantOrNull(approval.voidedAt),
        voidReason: approval.voidReason,
        expiresAt: formatInstantOrNull(expiresAt(approval)),
        maySign: state === "requested" && (await maySign(ctx, approval, requester, people)),
    }
}

/**
 * Whether the caller may read the text: who may request the action also reads proposed case texts and names of new
 * people.
 */
function mayReadText({ actor }: ActionContext, { effects }: Approval): boolean {
    // The lines of an import are long and have a route of their own.
    if (effects.action === "partner.import") return false
    const isForRequesters =
        amendedCaseOf(effects) !== null || effects.action === "person.join" || effects.action === "person.recover"
    return (
        hasPermission(actor, "approval:text") ||
        (isForRequesters && hasPermission(actor, permissionByAction[effects.action] ?? ""))
    )
}

const formatInstantOrNull = (instant: Instant | null): string | null =>
    instant === null ? null : formatInstant(instant)

/** Whether the caller can sign, by the rule that the signature applies later. */
async function maySign(
    ctx: ActionContext,
    approval: Approval,
    requester: Signer,
    people: Map<string, NamedSigner>,
): Promise<boolean> {
    if (ctx.actor.kind !== "operator" || !hasPermission(ctx.actor, "approval:sign")) return false
    try {
        assertIndependent(approval.effects, requester, await loadNamedSigner(ctx, ctx.actor.person, people))
        return true
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

async function loadNamedSigner(ctx: ActionContext, id: string, people: Map<string, NamedSigner>): Promise<NamedSigner> {
    const cached = people.get(id)
    if (cached) return cached
    const person = await findPerson(ctx, id)
    if (!person) throw new Error(`the person ${id} of an approval is not known`)
    const found = { person: id, creators: await listCreators(ctx, id), name: person.name }
    people.set(id, found)
    return found
}

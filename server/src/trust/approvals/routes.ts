/** Serves approvals to staff: list, sign, void. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { asking, has } from "../../kernel/permissions.ts"
import { creatorsOf, personById } from "../identity/actions.ts"

import { addOperator, renewOperatorLink } from "./actions/add-staff.ts"
import { changeRoles } from "./actions/change-roles.ts"
import { pendingApprovals, recentApprovals, recordTextReads, signApproval, voidApproval, wordsOf } from "./actions.ts"
import { type Approval, type Signer, lapsesAt, assertIndependent, retoldCase, stateOf } from "./approval.ts"
import { byId } from "../../kernel/schemas.ts"
import {
    approvalsAnswer,
    linkedAnswer,
    newSignInLinkBody,
    newStaffBody,
    setRolesAnswer,
    setRolesBody,
    signApprovalBody,
    stateAnswer,
} from "./schemas.ts"

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/approvals",
            side: "console",
            permission: "approval:read",
            summary: "what waits for a second person, and the latest approvals that the person may know of",
            answer: approvalsAnswer,
        },
        async (ask) => {
            const persons = new Map<string, Known>()
            const present = async (approvals: Approval[]) => {
                const presented = []
                for (const approval of approvals) presented.push(await presentApproval(ask, approval, persons))
                return presented
            }
            const [pending, recent] = [await pendingApprovals(ask), await recentApprovals(ask)]
            const shown = new Map([...pending, ...recent].map((approval) => [approval.id, approval]))
            await recordTextReads(
                ask,
                [...shown.values()].filter((approval) => mayReadWords(ask, approval)),
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
            summary: "signs the effects that were shown, as the second person",
            params: byId,
            body: signApprovalBody,
            answer: stateAnswer,
        },
        async (ask) => {
            await signApproval(ask, ask.params.id, ask.body.effectsHash)
            return { id: ask.params.id, state: "signed" }
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/approvals/{id}",
            side: "console",
            permission: "approval:void",
            summary: "takes a request or a signature back; one person may",
            params: byId,
            answer: stateAnswer,
        },
        async (ask) => {
            await voidApproval(ask, ask.params.id, "withdrawn")
            return { id: ask.params.id, state: "voided" }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/staff",
            side: "console",
            permission: "staff:write",
            summary:
                "Adds a person of the operator, which but for an auditor takes two; answers with a sign-in " +
                "link's secret",
            creates: true,
            body: newStaffBody,
            answer: linkedAnswer,
        },
        async (ask) => await addOperator(ask, ask.body, ask.body.approval),
    ),
    route(
        {
            method: "POST",
            path: "/api/staff/{id}/sign-in-links",
            side: "console",
            permission: "staff:write",
            summary: "A new sign-in link's secret for a person that one has added; but for an auditor that takes two",
            params: byId,
            body: newSignInLinkBody,
            answer: linkedAnswer,
        },
        async (ask) => await renewOperatorLink(ask, ask.params.id, ask.body.approval),
    ),
    route(
        {
            method: "PUT",
            path: "/api/staff/{id}/roles",
            side: "console",
            permission: "staff:write",
            summary: "Sets the roles of a person of the operator; to give one more takes a second person's approval",
            params: byId,
            body: setRolesBody,
            answer: setRolesAnswer,
        },
        async (ask) => await changeRoles(ask, ask.params.id, ask.body),
    ),
]

interface Known extends Signer {
    readonly name: string
}

/** Effects stay as hashed, instants in milliseconds, so that readers can check what is signed. */
async function presentApproval(ctx: ActionContext, approval: Approval, persons: Map<string, Known>) {
    const requester = await known(ctx, approval.requestedBy, persons)
    const signer = approval.signedBy === null ? null : await known(ctx, approval.signedBy, persons)
    const state = stateOf(approval, ctx.now)
    return {
        id: approval.id,
        state,
        act: approval.effects.act,
        effects: approval.effects,
        effectsHash: approval.effectsHash,
        words: mayReadWords(ctx, approval) ? await wordsOf(ctx, approval) : null,
        requestedBy: { id: requester.person, name: requester.name },
        requestedAt: formatInstant(approval.requestedAt),
        signedBy: signer && { id: signer.person, name: signer.name },
        signedAt: written(approval.signedAt),
        usedAt: written(approval.usedAt),
        voidedAt: written(approval.voidedAt),
        voidReason: approval.voidReason,
        lapsesAt: written(lapsesAt(approval)),
        maySign: state === "requested" && (await maySign(ctx, approval, requester, persons)),
    }
}

/**
 * Whether the caller may read the text: who may request the action also reads proposed case texts and names of new
 * people.
 */
function mayReadWords({ actor }: ActionContext, { effects }: Approval): boolean {
    const isForAskers = retoldCase(effects) !== null || effects.act === "person.join"
    return has(actor, "approval:text") || (isForAskers && has(actor, asking[effects.act] ?? ""))
}

const written = (instant: Instant | null): string | null => (instant === null ? null : formatInstant(instant))

/** Whether the caller can sign, by the rule that the signature applies later. */
async function maySign(
    ctx: ActionContext,
    approval: Approval,
    requester: Signer,
    persons: Map<string, Known>,
): Promise<boolean> {
    if (ctx.actor.kind !== "operator" || !has(ctx.actor, "approval:sign")) return false
    try {
        assertIndependent(approval.effects, requester, await known(ctx, ctx.actor.person, persons))
        return true
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

async function known(ctx: ActionContext, id: string, persons: Map<string, Known>): Promise<Known> {
    const before = persons.get(id)
    if (before) return before
    const person = await personById(ctx, id)
    if (!person) throw new Error(`the person ${id} of an approval is not known`)
    const found = { person: id, creators: await creatorsOf(ctx, id), name: person.name }
    persons.set(id, found)
    return found
}

/**
 * Requests decisions about a partner from two people: one requests and writes the texts, another signs. The texts are
 * encrypted next to the approval, and the effects hold their keyed hash. Only the signed texts are applied.
 */
import { createHmac } from "node:crypto"
import { type Json, canonical } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import { addGainedVersions } from "../../../share/release/actions/add-gained-versions.ts"
import { loadApproval, decryptApprovalText } from "../../../trust/approvals/actions/load-approvals.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Approval, Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listCreatorsByPerson, listPeople } from "../../../trust/identity/actions/load-people.ts"
import type { PartnerStatus } from "../../../trust/partners/partner.ts"
import type { Deciders } from "../procedure.ts"

export interface DecisionRequest {
    readonly action: "measure.extend" | "measure.sanction" | "measure.appeal"
    readonly partner: string
    /** The subject, in ids and closed lists. */
    readonly detail: Readonly<Record<string, string | number | null>>
    readonly texts: { readonly [name: string]: Json }
    /** People who may not sign, in addition to the requester. */
    readonly mayNotSign?: readonly string[]
    /** The partner's new status; missing where it stays. */
    readonly status?: PartnerStatus
}

/** Requests an approval and returns its id. */
export async function requestSecondSignature(ctx: ActionContext, request: DecisionRequest): Promise<string> {
    return await requestApproval(ctx, await buildEffects(ctx, request), request.texts)
}

export interface SignedDecision {
    readonly approval: Approval
    readonly by: Deciders
}

/**
 * Loads the texts of a request. They count only after `applyRequest` applied it. Refuses `measure.approval_mismatch`.
 */
export async function loadRequestTexts(
    ctx: ActionContext,
    id: string,
    action: DecisionRequest["action"],
): Promise<DecisionRequest["texts"]> {
    const approval = await loadApproval(ctx, id)
    const texts = approval.effects.action === action ? await decryptApprovalText(ctx, approval) : null
    if (texts === null || typeof texts !== "object" || Array.isArray(texts)) {
        refuse(
            "conflict",
            "measure.approval_mismatch",
            "this approval is for another action: use the approval of this decision",
        )
    }
    return texts as DecisionRequest["texts"]
}

/** Applies the second signature on exactly these effects. */
export async function applyRequest(ctx: ActionContext, id: string, request: DecisionRequest): Promise<SignedDecision> {
    const applied = await applyApproval(ctx, id, await buildEffects(ctx, request))
    if (applied.signedBy === null) throw new Error(`the approval ${id} was applied without a signature`)
    return { approval: applied, by: [applied.requestedBy, applied.signedBy] }
}

/** Lists these people and every account created by them or for them, in both directions. */
export async function listRelatedAccounts(ctx: ActionContext, people: readonly string[]): Promise<string[]> {
    return (await listRelatedAccountsByGroup(ctx, [people])).flat()
}

/** Lists related accounts of several groups with the same number of statements as for one. */
export async function listRelatedAccountsByGroup(
    ctx: ActionContext,
    groups: readonly (readonly string[])[],
): Promise<string[][]> {
    if (groups.flat().length === 0) return groups.map(() => [])
    const staff = (await listPeople(ctx, null)).map(({ id }) => id)
    const creators = await listCreatorsByPerson(ctx, [...staff, ...groups.flat()])
    return groups.map((group) => {
        const accounts = new Set(group)
        for (const person of group) for (const creator of creators.get(person) ?? []) accounts.add(creator)
        for (const id of staff) if (creators.get(id)?.some((creator) => group.includes(creator))) accounts.add(id)
        return [...accounts]
    })
}

/**
 * Refuses `measure.decider_cannot_sign` where the signer decided the measure that ends or is relaxed. Related accounts
 * count too, also those added after the request.
 */
export async function assertSignedByOthers(
    ctx: ActionContext,
    approval: string,
    deciders: readonly string[],
): Promise<void> {
    const { signedBy } = await loadApproval(ctx, approval)
    if (signedBy === null || !(await listRelatedAccounts(ctx, deciders)).includes(signedBy)) return
    refuse(
        "forbidden",
        "measure.decider_cannot_sign",
        "you decided this measure: another person must sign its end or relaxation",
    )
}

async function buildEffects(ctx: ActionContext, request: DecisionRequest): Promise<Effects> {
    const { action, partner, detail, texts, mayNotSign, status } = request
    const digest = createHmac("sha256", ctx.services.keys.derive("measures", 32)).update(canonical(texts)).digest("hex")
    const effects: Effects = {
        action,
        recipients: [partner],
        artifacts: [],
        at: null,
        detail: { ...detail, text: digest },
        ...(mayNotSign && { authors: mayNotSign }),
    }
    if (status === undefined) return effects
    return await addGainedVersions(ctx, partner, { fact: "status", value: status }, effects)
}

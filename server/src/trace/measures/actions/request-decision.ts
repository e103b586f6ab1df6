/**
 * Requests decisions about a partner from two people: one requests and writes the texts, another signs. The texts are
 * encrypted next to the approval, and the effects hold their keyed hash. Only the signed texts are applied.
 */
import { createHmac } from "node:crypto"
import { type Json, canonical } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import { withGains } from "../../../share/release/actions/list-gains.ts"
import { approval as approvalOf, requestApproval, useApproval, wordsOf } from "../../../trust/approvals/actions.ts"
import type { Approval, Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { creatorsAmong, personsOf } from "../../../trust/identity/actions.ts"
import type { Standing } from "../../../trust/partners/partner.ts"
import type { Deciders } from "../procedure.ts"

export interface Asked {
    readonly act: "measure.extend" | "measure.sanction" | "measure.appeal"
    readonly partner: string
    /** The subject, in ids and closed lists. */
    readonly detail: Readonly<Record<string, string | number | null>>
    readonly words: { readonly [name: string]: Json }
    /** People who may not sign, besides the requester. */
    readonly mayNotSign?: readonly string[]
    /** The partner's new status; missing where it stays. */
    readonly standing?: Standing
}

/** Requests an approval and returns its id. */
export async function askTwo(ctx: ActionContext, request: Asked): Promise<string> {
    return await requestApproval(ctx, await effectsOf(ctx, request), request.words)
}

export interface Carried {
    readonly approval: Approval
    readonly by: Deciders
}

/** Loads the texts of a request. They count only after `useTwo` applied it. Refuses `measure.approval_mismatch`. */
export async function wordsAsked(ctx: ActionContext, id: string, act: Asked["act"]): Promise<Asked["words"]> {
    const approval = await approvalOf(ctx, id)
    const words = approval.effects.act === act ? await wordsOf(ctx, approval) : null
    if (words === null || typeof words !== "object" || Array.isArray(words)) {
        refuse(
            "conflict",
            "measure.approval_mismatch",
            "this approval is for another action: use the approval of this decision",
        )
    }
    return words as Asked["words"]
}

/** Applies the second signature on exactly these effects. */
export async function useTwo(ctx: ActionContext, id: string, request: Asked): Promise<Carried> {
    const used = await useApproval(ctx, id, await effectsOf(ctx, request))
    if (used.signedBy === null) throw new Error(`the approval ${id} was applied without a signature`)
    return { approval: used, by: [used.requestedBy, used.signedBy] }
}

/** Lists these people and every account created by them or for them, in both directions. */
export async function related(ctx: ActionContext, persons: readonly string[]): Promise<string[]> {
    return (await relatedEach(ctx, [persons])).flat()
}

/** Computes `related` for several groups with the same number of statements as for one. */
export async function relatedEach(ctx: ActionContext, groups: readonly (readonly string[])[]): Promise<string[][]> {
    if (groups.flat().length === 0) return groups.map(() => [])
    const staff = (await personsOf(ctx, null)).map(({ id }) => id)
    const creators = await creatorsAmong(ctx, [...staff, ...groups.flat()])
    return groups.map((persons) => {
        const behind = new Set(persons)
        for (const person of persons) for (const creator of creators.get(person) ?? []) behind.add(creator)
        for (const id of staff) if (creators.get(id)?.some((creator) => persons.includes(creator))) behind.add(id)
        return [...behind]
    })
}

/**
 * Refuses `measure.taker_cannot_sign` where the signer decided the measure that ends or is relaxed. Related accounts
 * count too, also those added after the request.
 */
export async function assertSignedByOthers(
    ctx: ActionContext,
    approval: string,
    takers: readonly string[],
): Promise<void> {
    const { signedBy } = await approvalOf(ctx, approval)
    if (signedBy === null || !(await related(ctx, takers)).includes(signedBy)) return
    refuse(
        "forbidden",
        "measure.taker_cannot_sign",
        "you decided this measure: another person must sign its end or relaxation",
    )
}

async function effectsOf(ctx: ActionContext, request: Asked): Promise<Effects> {
    const { act, partner, detail, words, mayNotSign, standing } = request
    const digest = createHmac("sha256", ctx.services.keys.derive("measures", 32)).update(canonical(words)).digest("hex")
    const effects: Effects = {
        act,
        recipients: [partner],
        artifacts: [],
        at: null,
        detail: { ...detail, words: digest },
        ...(mayNotSign && { authors: mayNotSign }),
    }
    if (standing === undefined) return effects
    return await withGains(ctx, partner, { fact: "standing", value: standing }, effects)
}

/**
 * What two decide about a partner: one asks and writes the words, another signs them. The words are sealed beside the
 * approval, their keyed hash is in the effects, and what is carried out is what was signed, read from there.
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
    /** What it is about, in ids and words from closed lists. */
    readonly detail: Readonly<Record<string, string | number | null>>
    readonly words: { readonly [name: string]: Json }
    /** Persons who may not sign, besides whoever asks. */
    readonly mayNotSign?: readonly string[]
    /** The status that the partner gets by it; left out where that stays. */
    readonly standing?: Standing
}

/** Returns the approval's id. */
export async function askTwo(ctx: ActionContext, request: Asked): Promise<string> {
    return await requestApproval(ctx, await effectsOf(ctx, request), request.words)
}

export interface Carried {
    readonly approval: Approval
    readonly by: Deciders
}

/** The words that came with the request of such an act; they are believed once `useTwo` has used it up. */
export async function wordsAsked(ctx: ActionContext, id: string, act: Asked["act"]): Promise<Asked["words"]> {
    const approval = await approvalOf(ctx, id)
    const words = approval.effects.act === act ? await wordsOf(ctx, approval) : null
    if (words === null || typeof words !== "object" || Array.isArray(words)) {
        refuse("conflict", "measure.approval_mismatch", "this approval is of another act")
    }
    return words as Asked["words"]
}

/** Uses up the second signature over exactly this. */
export async function useTwo(ctx: ActionContext, id: string, request: Asked): Promise<Carried> {
    const used = await useApproval(ctx, id, await effectsOf(ctx, request))
    if (used.signedBy === null) throw new Error(`the approval ${id} was used unsigned`)
    return { approval: used, by: [used.requestedBy, used.signedBy] }
}

/** These persons, and every account that goes back to one of them, or one of them to it. */
export async function related(ctx: ActionContext, persons: readonly string[]): Promise<string[]> {
    return (await relatedEach(ctx, [persons])).flat()
}

/** As `related`, of each of several groups: as many statements for many as for one. */
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
 * Refuses what was signed by whoever took what it ends or eases, or by an account that goes back to that person: also
 * by one that was added after it was asked for.
 */
export async function assertSignedByOthers(
    ctx: ActionContext,
    approval: string,
    takers: readonly string[],
): Promise<void> {
    const { signedBy } = await approvalOf(ctx, approval)
    if (signedBy === null || !(await related(ctx, takers)).includes(signedBy)) return
    refuse("forbidden", "measure.taker_cannot_sign", "whoever took a measure does not sign that it ends, or is eased")
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

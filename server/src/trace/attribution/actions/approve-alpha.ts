/**
 * What two people do to evidence: one asks and says why, another person signs, and the act uses the signature. Nobody whom
 * the evidence names has a part in it, whether by marks, by a name that it quotes, or by one that was touched.
 */
import { apart } from "@tocsin/marks/recipient"
import { refuse } from "@tocsin/base/refusal"
import { touch } from "../../../share/canaries/actions/list-canaries.ts"
import { approval as approvalOf, requestApproval, useApproval, wordsOf } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { personsOf } from "../../../trust/identity/actions.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { validateNote } from "../../evidence/retention.ts"
import { attributionsKept } from "../actions.ts"
import { namedIn } from "../attribution.ts"

export interface Deed {
    readonly what: "evidence.delete" | "evidence.lift_hold" | "evidence.attribute"
    /** Who acts. */
    readonly by: string
    readonly detail: { readonly evidence: string } & Readonly<Record<string, string>>
}

/** Why, to ask; or what was signed. */
export interface Lifting {
    readonly reason?: string | undefined
    readonly approval?: string | undefined
}

/** To be done, or the approval that waits for its signature. */
export interface Asked {
    readonly done: boolean
    readonly approval: string
}

/**
 * The first call asks for the second signature, and says why; the next one uses the signed approval. For whoever holds the
 * evidence. Refuses `attribution.identifies_you`, `attribution.identifies_signer`.
 */
export async function byTwo(
    ctx: ActionContext,
    { what: kind, by, detail }: Deed,
    { reason, approval }: Lifting,
): Promise<Asked> {
    const named = await namedBy(ctx, detail.evidence)
    if (named.includes(by)) {
        refuse("forbidden", "attribution.identifies_you", "it names a copy of yours: leave it to another investigator")
    }
    const effects = await effectsOn(ctx, { what: kind, detail }, named)
    if (approval === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects, { reason: validateNote(reason ?? "") }) }
    }
    const { requestedBy, signedBy } = await useApproval(ctx, approval, effects)
    if (named.some((item) => item === requestedBy || item === signedBy)) {
        refuse(
            "conflict",
            "attribution.identifies_signer",
            "since then it names who asked or signed: let others ask anew",
        )
    }
    return { done: true, approval }
}

/** Persons of the operator whose copies it names. A decoy's name is nobody's. */
export async function namedBy(ctx: ActionContext, evidence: string): Promise<string[]> {
    const named = (await attributionsKept(ctx, evidence)).flatMap(({ result }) => namedIn(result))
    const { touch: id } = await evidenceOf(ctx, evidence)
    const input = id === null ? null : await touch(ctx, id)
    return input === null || input.decoy ? named : [...named, ...apart([input.recipient]).persons]
}

/** It is for investigators and approvers to know, but for those whom it must not be left to. */
async function effectsOn(
    ctx: ActionContext,
    { what: kind, detail }: Omit<Deed, "by">,
    but: readonly string[],
): Promise<Effects> {
    const here = (await personsOf(ctx, null)).filter(({ id, leftAt }) => leftAt === null && !but.includes(id))
    const onlyFor = here.filter(({ roles }) => roles.some((role) => role === "investigator" || role === "approver"))
    return { act: kind, recipients: [], artifacts: [], at: null, detail, onlyFor: onlyFor.map(({ id }) => id) }
}

/** Why it was asked for, as whoever signed read it. */
export async function reasonIn(ctx: ActionContext, approval: string): Promise<string> {
    const words = (await wordsOf(ctx, await approvalOf(ctx, approval))) as { readonly reason?: string } | null
    return words?.reason ?? ""
}

/**
 * Runs actions on evidence that need two people. One person requests and gives a reason, another person signs, and the
 * action applies the approval. A person that the evidence identifies takes no part, whether by marks, a quoted canary
 * or a touched canary.
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
    /** The person who acts. */
    readonly by: string
    readonly detail: { readonly evidence: string } & Readonly<Record<string, string>>
}

/** The reason of a request, or the id of the signed approval. */
export interface Lifting {
    readonly reason?: string | undefined
    readonly approval?: string | undefined
}

/** Whether the action may run, and the approval that was signed or waits for a signature. */
export interface Asked {
    readonly done: boolean
    readonly approval: string
}

/**
 * Requests the second signature on the first call, and applies the signed approval on the next. Refuses
 * `attribution.identifies_you` and `attribution.identifies_signer`.
 */
export async function byTwo(
    ctx: ActionContext,
    { what: kind, by, detail }: Deed,
    { reason, approval }: Lifting,
): Promise<Asked> {
    const named = await namedBy(ctx, detail.evidence)
    if (named.includes(by)) {
        refuse(
            "forbidden",
            "attribution.identifies_you",
            "the evidence identifies one of your copies: leave this to another investigator",
        )
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
            "the evidence now identifies the requester or the signer: let other people make a new request",
        )
    }
    return { done: true, approval }
}

/** Lists the staff whose copies the evidence identifies. A decoy belongs to no person. */
export async function namedBy(ctx: ActionContext, evidence: string): Promise<string[]> {
    const named = (await attributionsKept(ctx, evidence)).flatMap(({ result }) => namedIn(result))
    const { touch: id } = await evidenceOf(ctx, evidence)
    const input = id === null ? null : await touch(ctx, id)
    return input === null || input.decoy ? named : [...named, ...apart([input.recipient]).persons]
}

/** Limits the approval to investigators and approvers, without the people that the evidence identifies. */
async function effectsOn(
    ctx: ActionContext,
    { what: kind, detail }: Omit<Deed, "by">,
    but: readonly string[],
): Promise<Effects> {
    const here = (await personsOf(ctx, null)).filter(({ id, leftAt }) => leftAt === null && !but.includes(id))
    const onlyFor = here.filter(({ roles }) => roles.some((role) => role === "investigator" || role === "approver"))
    return { act: kind, recipients: [], artifacts: [], at: null, detail, onlyFor: onlyFor.map(({ id }) => id) }
}

/** Returns the reason of the request, as the signer read it. */
export async function reasonIn(ctx: ActionContext, approval: string): Promise<string> {
    const words = (await wordsOf(ctx, await approvalOf(ctx, approval))) as { readonly reason?: string } | null
    return words?.reason ?? ""
}

/**
 * Ends the tracing instructions of a closed inquiry, unless they are extended. An extension has a reason, a responsible
 * member and a day, and needs a second member's signature.
 */
import { refuse } from "@tocsin/base/refusal"
import { endDesign, limitDesign } from "../../../share/marking/actions/set-code-design.ts"
import { useApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Carrying, type Provision, isInForce, validateCarrying } from "../tracing-instruction.ts"
import * as kept from "../store.ts"
import * as store from "../store/tracing-instructions.ts"
import { memberOfOpen, assertOperator } from "./check-membership.ts"
import {
    allProvisions,
    askOfOthers,
    carryingPlaceOf,
    assertNoCandidates,
    unknownProvision,
} from "./tracing-instructions.ts"
import { commitTo, saveTexts } from "./load-texts.ts"

/** Requests an extension before the inquiry is closed. It waits for another member's signature. */
export async function askToCarryOn(
    ctx: ActionContext,
    inquiry: string,
    provision: string,
    carrying: Carrying,
): Promise<{ readonly carrying: string; readonly approval: string }> {
    await memberOfOpen(ctx, inquiry)
    validateCarrying(carrying, await kept.listMembers(ctx.tx, inquiry), ctx.now)
    const found = (await allProvisions(ctx, inquiry)).find(({ id }) => id === provision) ?? unknownProvision()
    validateInForce(found)
    await assertNoCandidates(ctx, inquiry, [carrying.owner])
    const id = ctx.services.newId()
    const { box, words: text } = await saveTexts(ctx, inquiry, carryingPlaceOf(id), wordsOf(carrying))
    const approval = await askOfOthers(ctx, inquiry, effectsOf(inquiry, id, text))
    const row = {
        id,
        provision,
        text_ciphertext: box,
        approval,
        requested_by: assertOperator(ctx),
        requested_at: ctx.now,
    }
    await store.insertCarrying(ctx.tx, row)
    const event = { inquiry, provision, carrying: id, approval, words: text }
    await record(ctx, { kind: "tracing_instruction.extension_requested", ...event }, true)
    return { carrying: id, approval }
}

/** Ends all active tracing instructions at closing, except those of `carried`, which continue until their day. */
export async function endProvisions(ctx: ActionContext, inquiry: string, carried: readonly string[]): Promise<void> {
    const inForce = (await allProvisions(ctx, inquiry)).filter(isInForce)
    if (carried.some((id) => !inForce.some((provision) => provision.id === id))) unknownProvision()
    const laid = new Map((await store.listProvisions(ctx.tx, inquiry)).map((row) => [row.id, row.laid]))
    for (const provision of inForce) {
        const design = laid.get(provision.id) ?? null
        if (carried.includes(provision.id)) await carryOn(ctx, inquiry, provision, design)
        else await end(ctx, inquiry, provision, design)
    }
}

async function carryOn(ctx: ActionContext, inquiry: string, provision: Provision, laid: number | null): Promise<void> {
    const carried = provision.carryings.findLast(({ carriedAt }) => carriedAt === null)
    if (carried === undefined) {
        refuse(
            "conflict",
            "inquiry.extension_not_requested",
            "this extension is not signed: request it and let another member sign first",
        )
    }
    validateCarrying(carried, await kept.listMembers(ctx.tx, inquiry), ctx.now)
    const commit = commitTo(carried.salt, wordsOf(carried))
    const { requestedBy, signedBy } = await useApproval(ctx, carried.approval, effectsOf(inquiry, carried.id, commit))
    await assertNoCandidates(ctx, inquiry, [requestedBy, signedBy, carried.owner])
    if (laid !== null) await limitDesign(ctx, laid, carried.until)
    await store.setCarried(ctx.tx, carried.id, ctx.now)
    const event = { inquiry, provision: provision.id, carrying: carried.id, words: commit }
    await record(ctx, { kind: "tracing_instruction.extended", ...event }, true)
}

async function end(ctx: ActionContext, inquiry: string, { id }: Provision, laid: number | null): Promise<void> {
    if (laid !== null) await endDesign(ctx, laid)
    await store.setEnded(ctx.tx, id, ctx.now)
    await record(ctx, { kind: "tracing_instruction.ended", inquiry, provision: id }, true)
}

function validateInForce(provision: Provision): void {
    if (isInForce(provision)) return
    refuse(
        "conflict",
        "inquiry.not_in_force",
        "this tracing instruction is not active: only an active one can be extended",
    )
}

const wordsOf = ({ owner, reason, until }: Carrying) => ({ owner, reason, until })

function effectsOf(inquiry: string, carrying: string, digest: string): Effects {
    return {
        act: "tracing_instruction.extend",
        recipients: [],
        artifacts: [],
        at: null,
        detail: { inquiry, carrying, digest },
    }
}

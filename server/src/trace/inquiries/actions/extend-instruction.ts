/**
 * Ends the tracing instructions of a closed inquiry, unless they are extended. An extension has a reason, a responsible
 * member and a day, and needs a second member's signature.
 */
import { refuse } from "@tocsin/base/refusal"
import { endCodeDesign, setCodeDesignExpiry } from "../../../share/marking/actions/set-code-design.ts"
import { applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type ExtensionTerms, type TracingInstruction, isActive, validateExtension } from "../tracing-instruction.ts"
import * as inquiries from "../store/inquiries.ts"
import * as store from "../store/tracing-instructions.ts"
import { lockOpenInquiryAsMember, assertOperator } from "./check-membership.ts"
import {
    listInstructions,
    requestFromMembers,
    extensionPlaceOf,
    assertNoCandidates,
    refuseUnknownInstruction,
} from "./propose-instruction.ts"
import { commitTo, encryptTexts } from "./encrypt-texts.ts"

/** Requests an extension before the inquiry is closed. It waits for another member's signature. */
export async function requestExtension(
    ctx: ActionContext,
    inquiry: string,
    tracingInstruction: string,
    terms: ExtensionTerms,
): Promise<{ readonly extension: string; readonly approval: string }> {
    await lockOpenInquiryAsMember(ctx, inquiry)
    validateExtension(terms, await inquiries.listMembers(ctx.tx, inquiry), ctx.now)
    const instruction =
        (await listInstructions(ctx, inquiry)).find(({ id }) => id === tracingInstruction) ?? refuseUnknownInstruction()
    assertActive(instruction)
    await assertNoCandidates(ctx, inquiry, [terms.owner])
    const id = ctx.services.newId()
    const { ciphertext, commitment } = await encryptTexts(ctx, inquiry, extensionPlaceOf(id), textsOf(terms))
    const approval = await requestFromMembers(ctx, inquiry, effectsOf(inquiry, id, commitment))
    const row = {
        id,
        tracingInstruction,
        text_ciphertext: ciphertext,
        approval,
        requested_by: assertOperator(ctx),
        requested_at: ctx.now,
    }
    await store.insertExtension(ctx.tx, row)
    const event = { inquiry, tracingInstruction, extension: id, approval, text: commitment }
    await record(ctx, { kind: "tracing_instruction.extension_requested", ...event }, true)
    return { extension: id, approval }
}

/** Ends all active tracing instructions at closing, except those of `extended`, which continue until their day. */
export async function endInstructions(ctx: ActionContext, inquiry: string, extended: readonly string[]): Promise<void> {
    const active = (await listInstructions(ctx, inquiry)).filter(isActive)
    if (extended.some((id) => !active.some((tracingInstruction) => tracingInstruction.id === id)))
        refuseUnknownInstruction()
    const codeDesigns = new Map((await store.listInstructions(ctx.tx, inquiry)).map((row) => [row.id, row.codeDesign]))
    for (const tracingInstruction of active) {
        const design = codeDesigns.get(tracingInstruction.id) ?? null
        if (extended.includes(tracingInstruction.id)) await extendInstruction(ctx, inquiry, tracingInstruction, design)
        else await endInstruction(ctx, inquiry, tracingInstruction, design)
    }
}

async function extendInstruction(
    ctx: ActionContext,
    inquiry: string,
    tracingInstruction: TracingInstruction,
    codeDesign: number | null,
): Promise<void> {
    const extension = tracingInstruction.extensions.findLast(({ extendedAt }) => extendedAt === null)
    if (extension === undefined) {
        refuse(
            "conflict",
            "inquiry.extension_not_requested",
            "this extension is not signed: request it and let another member sign first",
        )
    }
    validateExtension(extension, await inquiries.listMembers(ctx.tx, inquiry), ctx.now)
    const commitment = commitTo(extension.salt, textsOf(extension))
    const { requestedBy, signedBy } = await applyApproval(
        ctx,
        extension.approval,
        effectsOf(inquiry, extension.id, commitment),
    )
    await assertNoCandidates(ctx, inquiry, [requestedBy, signedBy, extension.owner])
    if (codeDesign !== null) await setCodeDesignExpiry(ctx, codeDesign, extension.until)
    await store.setExtended(ctx.tx, extension.id, ctx.now)
    const event = { inquiry, tracingInstruction: tracingInstruction.id, extension: extension.id, text: commitment }
    await record(ctx, { kind: "tracing_instruction.extended", ...event }, true)
}

async function endInstruction(
    ctx: ActionContext,
    inquiry: string,
    { id }: TracingInstruction,
    codeDesign: number | null,
): Promise<void> {
    if (codeDesign !== null) await endCodeDesign(ctx, codeDesign)
    await store.setEnded(ctx.tx, id, ctx.now)
    await record(ctx, { kind: "tracing_instruction.ended", inquiry, tracingInstruction: id }, true)
}

function assertActive(tracingInstruction: TracingInstruction): void {
    if (isActive(tracingInstruction)) return
    refuse(
        "conflict",
        "inquiry.not_in_force",
        "this tracing instruction is not active: only an active one can be extended",
    )
}

const textsOf = ({ owner, reason, until }: ExtensionTerms) => ({ owner, reason, until })

function effectsOf(inquiry: string, extension: string, digest: string): Effects {
    return {
        action: "tracing_instruction.extend",
        recipients: [],
        artifacts: [],
        at: null,
        detail: { inquiry, extension: extension, digest },
    }
}

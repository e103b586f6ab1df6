/**
 * Loads the public text that a signature publishes, for a person who can sign it, with the first form of each slot.
 *
 * The text has no marks, so each version is recorded as read without marks. It also shows whether the text denies
 * reported exploitation.
 */
import { approvalToSign, wordsOf } from "../../../trust/approvals/actions.ts"
import { type Effects, dismissing } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { labelOf, recordRead } from "../../artifacts/actions.ts"
import { type CaseFile, caseFile } from "../../cases/actions.ts"
import { recordReads } from "../../cases/actions/record-reads.ts"
import { type Texts, deniedIn, hasToBePublic, publicMasters, textsOf } from "../../release/actions/load-public-texts.ts"
import { waveOf } from "../../waves/actions.ts"
import { stillToOpen } from "./preview-publication.ts"

export interface SignedText extends Texts {
    readonly case: string
    readonly title: string
    /** Whether a report of exploitation is recorded. */
    readonly exploited: boolean
    /** The sentences that deny it; empty where no report is recorded. */
    readonly denials: readonly string[]
}

/** Returns the text; null where this approval publishes nothing new. Refuses what the signature refuses. */
export async function signedText(ctx: ActionContext, approval: string): Promise<SignedText | null> {
    const request = await approvalToSign(ctx, approval)
    const { effects } = request
    const before = await publishedBy(ctx, effects)
    if (before === null) return null
    const file = { ...before, title: titleIn(await wordsOf(ctx, request)) ?? before.title }
    const left = hasToBePublic(file, ctx) ? [] : await stillToOpen(ctx, file)
    const masters = await publicMasters(ctx, file.id, [...left, ...effects.artifacts])
    for (const master of masters) await recordRead(ctx, master, "to sign", null)
    await recordReads(ctx, "public_text", [file.id])
    const texts = textsOf(masters)
    const { exploited, denials } = await deniedIn(ctx, file, texts)
    return { case: file.id, title: file.title, ...texts, exploited, denials }
}

/** Returns the title that an amendment sets; null for other requests. */
function titleIn(words: unknown): string | null {
    const { after } = (words ?? {}) as { readonly after?: Partial<{ details: { title: string } }> }
    return after?.details?.title ?? null
}

/** Returns the case whose public text these effects change. */
async function publishedBy(ctx: ActionContext, { act: action, artifacts, detail }: Effects): Promise<CaseFile | null> {
    const { case: caseId, wave, tier } = (detail ?? {}) as Readonly<Record<string, unknown>>
    if (action === "wave.release" && tier === "publication") {
        return await caseFile(ctx, (await waveOf(ctx, String(wave))).case)
    }
    if (action === "embargo.terminate") return await caseFile(ctx, String(caseId))
    if (!["wave.late_release", "wave.unfreeze", "case.amend", "recall.lift", dismissing].includes(action)) return null
    const [first] = artifacts
    const id = typeof caseId === "string" ? caseId : first && (await labelOf(ctx, first.artifact))?.case
    const file = id === undefined ? null : await caseFile(ctx, id)
    return file && hasToBePublic(file, ctx) ? file : null
}

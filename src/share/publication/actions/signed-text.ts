/**
 * The public text that a signature publishes, for the person who can sign it, with the first form of each slot. It has no marks, so
 * that each version is recorded as read without marks. It also says whether the text denies reported exploitation.
 */
import { approvalToSign, wordsOf } from "../../../trust/approvals/actions.ts"
import { type Effects, dismissing } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { labelOf, recordRead } from "../../artifacts/actions.ts"
import { type CaseFile, caseFile } from "../../cases/actions.ts"
import { recordReads } from "../../cases/actions/reads.ts"
import { type Texts, deniedIn, hasToBePublic, publicMasters, textsOf } from "../../release/actions/public-texts.ts"
import { waveOf } from "../../waves/actions.ts"
import { stillToOpen } from "./foreseeing.ts"

export interface SignedText extends Texts {
    readonly case: string
    readonly title: string
    /** A report of exploitation is recorded. */
    readonly exploited: boolean
    /** Sentences that deny it; none where none is recorded. */
    readonly denials: readonly string[]
}

/** Null where nothing becomes public, or changes in public, by this approval. Refuses as the signature would. */
export async function signedText(act: Act, approval: string): Promise<SignedText | null> {
    const request = await approvalToSign(act, approval)
    const { effects } = request
    const before = await publishedBy(act, effects)
    if (before === null) return null
    const file = { ...before, title: titleIn(await wordsOf(act, request)) ?? before.title }
    const left = hasToBePublic(file, act) ? [] : await stillToOpen(act, file)
    const masters = await publicMasters(act, file.id, [...left, ...effects.artifacts])
    for (const master of masters) await recordRead(act, master, "to sign", null)
    await recordReads(act, "public_text", [file.id])
    const texts = textsOf(masters)
    const { exploited, denials } = await deniedIn(act, file, texts)
    return { case: file.id, title: file.title, ...texts, exploited, denials }
}

/** The title that an amendment sets; null for other requests. */
function titleIn(words: unknown): string | null {
    const { after } = (words ?? {}) as { readonly after?: Partial<{ details: { title: string } }> }
    return after?.details?.title ?? null
}

/** The case of which these effects let the world read more, or something else. */
async function publishedBy(act: Act, { act: action, artifacts, detail }: Effects): Promise<CaseFile | null> {
    const { case: caseId, wave, tier } = (detail ?? {}) as Readonly<Record<string, unknown>>
    if (action === "wave.release" && tier === "publication") {
        return await caseFile(act, (await waveOf(act, String(wave))).case)
    }
    if (action === "embargo.terminate") return await caseFile(act, String(caseId))
    if (!["wave.late_release", "wave.unfreeze", "case.amend", "recall.lift", dismissing].includes(action)) return null
    const [first] = artifacts
    const id = typeof caseId === "string" ? caseId : first && (await labelOf(act, first.artifact))?.case
    const file = id === undefined ? null : await caseFile(act, id)
    return file && hasToBePublic(file, act) ? file : null
}

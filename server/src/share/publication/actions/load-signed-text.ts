/**
 * Loads the public text that a signature publishes, for a person who can sign it, with the first form of each slot.
 *
 * The text has no marks, so each version is recorded as read without marks. It also shows whether the text denies
 * reported exploitation.
 */
import { loadApprovalToSign, decryptApprovalText } from "../../../trust/approvals/actions/load-approvals.ts"
import { type Effects, dismissReportsAction } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { findLabel, recordRead } from "../../artifacts/actions/load-artifacts.ts"
import type { CaseDetails } from "../../cases/case.ts"
import { type CaseFile, loadCaseFile } from "../../cases/actions/load-case.ts"
import { recordReads } from "../../cases/actions/record-reads.ts"
import {
    type Texts,
    loadDenials,
    isPublicationDue,
    loadPublicMasters,
    textsOf,
} from "../../release/actions/load-public-texts.ts"
import { loadWave } from "../../waves/actions.ts"
import type { CorrectionPreview } from "../correction.ts"
import { compareWithPublic } from "./preview-correction.ts"
import { listUnopenedVersions } from "./preview-publication.ts"

export interface SignedText extends Texts {
    readonly case: string
    readonly title: string
    /** Whether a report of exploitation is recorded. */
    readonly exploited: boolean
    /** The sentences that deny it; empty where no report is recorded. */
    readonly denials: readonly string[]
    /** The changes of the published advisory by this signature; null before publication. */
    readonly correction: CorrectionPreview | null
}

/** Returns the text; null where this approval publishes nothing new. Refuses what the signature refuses. */
export async function loadSignedText(ctx: ActionContext, approval: string): Promise<SignedText | null> {
    const request = await loadApprovalToSign(ctx, approval)
    const { effects } = request
    const publicCase = await findPublishedCase(ctx, effects)
    if (publicCase === null) return null
    const file = { ...publicCase, ...detailsIn(await decryptApprovalText(ctx, request)) }
    const unopened = isPublicationDue(file, ctx) ? [] : await listUnopenedVersions(ctx, file)
    const masters = await loadPublicMasters(ctx, file.id, [...unopened, ...effects.artifacts])
    for (const master of masters) await recordRead(ctx, master, "to sign", null)
    await recordReads(ctx, "public_text", [file.id])
    const texts = textsOf(masters)
    const { exploited, denials } = await loadDenials(ctx, file, texts)
    const correction = await compareWithPublic(ctx, file, texts)
    return { case: file.id, title: file.title, ...texts, exploited, denials, correction }
}

/** Returns the facts that an amendment sets; null for other requests. */
function detailsIn(text: unknown): CaseDetails | null {
    const { after } = (text ?? {}) as { readonly after?: { readonly details?: CaseDetails } }
    return after?.details ?? null
}

/** Returns the case whose public text these effects change. */
async function findPublishedCase(ctx: ActionContext, { action, artifacts, detail }: Effects): Promise<CaseFile | null> {
    const { case: caseId, wave, tier } = (detail ?? {}) as Readonly<Record<string, unknown>>
    if (action === "wave.release" && tier === "publication") {
        return await loadCaseFile(ctx, (await loadWave(ctx, String(wave))).case)
    }
    if (action === "embargo.terminate") return await loadCaseFile(ctx, String(caseId))
    if (!["wave.late_release", "wave.unfreeze", "case.amend", "recall.lift", dismissReportsAction].includes(action))
        return null
    const [first] = artifacts
    const id = typeof caseId === "string" ? caseId : first && (await findLabel(ctx, first.artifact))?.case
    const file = id === undefined ? null : await loadCaseFile(ctx, id)
    return file && isPublicationDue(file, ctx) ? file : null
}

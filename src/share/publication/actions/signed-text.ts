/**
 * The public text that a signature lets out, as its readers get it: with the first form of each slot. It also says whether the
 * text denies exploitation that is reported. What was reported is read elsewhere, by those who may.
 */
import { shownApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { labelOf } from "../../artifacts/actions.ts"
import { type CaseFile, caseFile } from "../../cases/actions.ts"
import { recordReads } from "../../cases/actions/reads.ts"
import { waveOf } from "../../waves/actions.ts"
import { type Texts, deniedIn, hasToBePublic, publicTexts } from "./drafting.ts"
import { stillToOpen } from "./foreseeing.ts"

export interface SignedText extends Texts {
    readonly case: string
    readonly title: string
    /** A report of exploitation is recorded. */
    readonly exploited: boolean
    /** Sentences that deny it; none where none is recorded. */
    readonly denials: readonly string[]
}

/** Null where nothing becomes public, or changes in public, by this approval. Refuses `approval.unknown`. */
export async function signedText(act: Act, approval: string): Promise<SignedText | null> {
    const { effects } = await shownApproval(act, approval)
    const its = await publishedBy(act, effects)
    if (its === null) return null
    const left = hasToBePublic(its, act) ? [] : await stillToOpen(act, its)
    const texts = await publicTexts(act, its.id, [...left, ...effects.artifacts])
    await recordReads(act, "public_text", [its.id])
    return { case: its.id, title: its.title, ...texts, ...(await deniedIn(act, its, texts)) }
}

/** The case of which these effects let the world read more, or something else. */
async function publishedBy(act: Act, { act: action, artifacts, detail }: Effects): Promise<CaseFile | null> {
    const { case: caseId, wave, tier } = (detail ?? {}) as Readonly<Record<string, unknown>>
    if (action === "wave.release" && tier === "publication") {
        return await caseFile(act, (await waveOf(act, String(wave))).case)
    }
    if (action === "embargo.break") return await caseFile(act, String(caseId))
    if (!["wave.open_late", "case.retell", "recall.end"].includes(action)) return null
    const [first] = artifacts
    const id = typeof caseId === "string" ? caseId : first && (await labelOf(act, first.artifact))?.case
    const its = id === undefined ? null : await caseFile(act, id)
    return its && hasToBePublic(its, act) ? its : null
}

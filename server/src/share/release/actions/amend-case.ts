/**
 * Changes the disclosed facts of a case.
 *
 * Before a wave is released, one person may do it; approvals of the case's waves are voided. Afterwards partners read
 * the facts, so a second person signs the new text, shown next to the old one. Corrections need the second signature
 * too.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { loadApproval, decryptApprovalText } from "../../../trust/approvals/actions/load-approvals.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { voidApprovalsOfCase } from "../../../trust/approvals/actions/void-approvals.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { findContentDeletion, loadCaseFile, refuseDeletedContent } from "../../cases/actions/load-case.ts"
import { amendmentHash, reviseCase, loadRevision, setPermission } from "../../cases/actions/open-case.ts"
import { validateCase, assertOpen } from "../../cases/case.ts"
import { validatePermission } from "../../cases/validate-permission.ts"
import { type CaseAmendment, type EarlierFacts, areDisclosedFactsEqual } from "../../cases/disclosed-facts.ts"
import { listWaves } from "../../waves/actions.ts"
import { listWarnedPartners } from "./released-content.ts"
import { applyApprovalAsRead, markTitleDenial } from "./load-public-texts.ts"

export const amendmentAction = "case.amend"

export interface AmendmentOutcome {
    readonly done: boolean
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

/** The text that the signer reads and that is applied. */
interface AmendmentText {
    readonly before: EarlierFacts
    readonly after: CaseAmendment
}

/**
 * Changes the facts, or requests a second signature once a wave is released. A new request supersedes an earlier one.
 */
export async function amendCase(ctx: ActionContext, caseId: string, after: CaseAmendment): Promise<AmendmentOutcome> {
    await lockToChangeProgram(ctx.tx)
    await assertHasContent(ctx, caseId)
    const { details, permission, closure } = await loadCurrentFacts(ctx, caseId)
    if ("permission" in after) assertOpen(closure)
    validateAmendment(after)
    const before = "details" in after ? { details } : { permission }
    if (areDisclosedFactsEqual(before, after) || !(await hasReleasedWave(ctx, caseId))) {
        await writeAmendment(ctx, caseId, after)
        return { done: true, approval: null }
    }
    const text: AmendmentText = { before, after }
    const request = await requestApproval(ctx, await loadEffects(ctx, caseId, after), text)
    await voidApprovalsOfCase(ctx, [amendmentAction], caseId, "superseded", ({ id }) => id === request)
    return { done: false, approval: request }
}

/** Applies the signed amendment. Refuses `release.not_an_amendment`. */
export async function applySignedAmendment(
    ctx: ActionContext,
    caseId: string,
    signed: string,
): Promise<AmendmentOutcome> {
    await lockToChangeProgram(ctx.tx)
    await assertHasContent(ctx, caseId)
    const signedApproval = await loadApproval(ctx, signed)
    if (signedApproval.effects.action !== amendmentAction) {
        refuse("conflict", "release.not_an_amendment", "this approval is not for an amendment: use one for this case")
    }
    const text = await decryptApprovalText<AmendmentText>(ctx, signedApproval)
    if (text === null) throw new Error(`the amendment ${signed} has no text`)
    const { after } = text
    await applyApprovalAsRead(ctx, signed, await loadEffects(ctx, caseId, after))
    await writeAmendment(ctx, caseId, after)
    return { done: true, approval: signed }
}

/** Refuses `case.content_deleted`. */
async function assertHasContent(ctx: ActionContext, caseId: string): Promise<void> {
    if ((await findContentDeletion(ctx, caseId)) !== null) refuseDeletedContent()
}

async function writeAmendment(ctx: ActionContext, caseId: string, after: CaseAmendment): Promise<void> {
    if ("details" in after) await reviseCase(ctx, caseId, after.details)
    else await setPermission(ctx, caseId, after.permission)
}

async function loadCurrentFacts(ctx: ActionContext, caseId: string) {
    const { title, vulnerabilities, finder, credit = "", permission, closure } = await loadCaseFile(ctx, caseId)
    return { details: { title, vulnerabilities, finder, credit }, permission, closure }
}

function validateAmendment(after: CaseAmendment): void {
    if ("details" in after) validateCase(after.details)
    else validatePermission(after.permission)
}

/** Whether a wave is released. Current access does not matter: a reinstated partner may read the case again. */
async function hasReleasedWave(ctx: ActionContext, caseId: string): Promise<boolean> {
    return (await listWaves(ctx, caseId)).some((wave) => wave.releasedAt !== null)
}

async function loadEffects(ctx: ActionContext, caseId: string, after: CaseAmendment): Promise<Effects> {
    const effects: Effects = {
        action: amendmentAction,
        recipients: await listWarnedPartners(ctx, caseId),
        artifacts: [],
        at: null,
        detail: { case: caseId, revision: await loadRevision(ctx, caseId), digest: amendmentHash(ctx, caseId, after) },
    }
    return "details" in after ? await markTitleDenial(ctx, caseId, after.details.title, effects) : effects
}

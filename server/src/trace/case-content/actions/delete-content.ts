/**
 * Deletes the content of a case, by two people: destroys the case's data key, so that no ciphertext of the case can be
 * decrypted again. The audit log, receipts, deliveries and the public advisory stay.
 */
import type { Instant } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { findCaseHold, isCaseHeld } from "../../../share/cases/actions/hold-case.ts"
import type { Approval, ApprovalInput, DeletionOutcome } from "../../../trust/approvals/approval.ts"
import { type CaseHold, validateReason } from "../../../share/cases/hold.ts"
import { listArtifacts } from "../../../share/artifacts/actions/load-artifacts.ts"
import {
    assertCaseExists,
    destroyCaseKeys,
    findContentDeletion,
    lockCase,
    refuseDeletedContent,
} from "../../../share/cases/actions/load-case.ts"
import { listCaseFacts } from "../../../share/cases/actions/load-case-facts.ts"
import { publishedAt } from "../../../share/cases/embargo.ts"
import { hasUnconfirmedRecall } from "../../../share/delivery/recalls/actions/notify-holders.ts"
import { loadMatrix } from "../../../share/entitlement/actions/decide-access.ts"
import { findAdvisoryId } from "../../../share/publication/actions/publish-case.ts"
import { listQuestionsOfCase } from "../../../share/questions/actions/answer-question.ts"
import { listWaves } from "../../../share/waves/actions.ts"
import {
    listOpenApprovals,
    listPendingApprovals,
    listSignedApprovals,
    loadApproval,
} from "../../../trust/approvals/actions/load-approvals.ts"
import {
    applyApproval,
    requestApproval,
    voidInsteadOfApplying,
} from "../../../trust/approvals/actions/request-approval.ts"
import { stateOf } from "../../../trust/approvals/approval.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import { hasFindingAmong, hasOpenInquiry } from "../../inquiries/actions/open-inquiry.ts"
import { listOpenFindings } from "../../measures/actions/open-procedure.ts"
import { listClocks } from "../../regulatory-clocks/actions/run-clocks.ts"
import { isClosed, isFullySubmitted } from "../../regulatory-clocks/filing.ts"
import { listSightings } from "../../sightings/actions/report-sighting.ts"
import {
    type Losses,
    type Obstacle,
    assertDeletable,
    attributedEvidenceOf,
    deletionEffects,
    needsContent,
} from "../case-content.ts"

/**
 * Requests the deletion; with the signed approval, deletes the content. Refuses `case.content_deleted`, and the codes
 * of `assertDeletable`.
 *
 * Only the deletion itself checks whether investigators still need the case: a request would be a silent way to ask.
 */
export async function deleteContent(
    ctx: ActionContext,
    caseId: string,
    input: ApprovalInput,
): Promise<DeletionOutcome> {
    await lockToChangeProgram(ctx.tx)
    await lockCase(ctx, caseId)
    if ((await findContentDeletion(ctx, caseId)) !== null) refuseDeletedContent()
    assertDeletable(await listObstacles(ctx, caseId))
    const effects = deletionEffects(caseId, await loadLosses(ctx, caseId))
    const { approval } = input
    if (approval === undefined) {
        const text = { reason: validateReason(input.reason ?? "") }
        return { done: false, approval: await requestApproval(ctx, effects, text), isNeeded: false }
    }
    if (await isStillNeeded(ctx, caseId)) {
        await voidInsteadOfApplying(ctx, approval, effects)
        return { done: false, approval, isNeeded: true }
    }
    await applyApproval(ctx, approval, effects)
    const at = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    await destroyCaseKeys(ctx, caseId, at, approval)
    await record(ctx, { kind: "case.content_deleted", case: caseId, approval })
    return { done: true, approval, isNeeded: false }
}

/** Whether investigators still need the case, for reasons that the requester may not know. */
async function isStillNeeded(ctx: ActionContext, caseId: string): Promise<boolean> {
    return (
        (await hasOpenInquiry(ctx, caseId)) ||
        (await hasFindingAmong(ctx, caseId, await listOpenFindings(ctx))) ||
        (await isAnyAbout(ctx, caseId, await listOpenApprovals(ctx)))
    )
}

/** Lists why the content must stay for now, without what `isStillNeeded` checks. */
async function listObstacles(ctx: ActionContext, caseId: string): Promise<Obstacle[]> {
    const found: (Obstacle | null)[] = [
        (await isCaseHeld(ctx, caseId)) ? "on_hold" : null,
        (await isEnded(ctx, caseId)) ? null : "not_ended",
        (await hasOpenWave(ctx, caseId)) ? "wave_open" : null,
        (await hasOpenFiling(ctx, caseId)) ? "filing_open" : null,
        (await listQuestionsOfCase(ctx, caseId)).some(({ answer }) => answer === null) ? "question_open" : null,
        (await hasUnconfirmedRecall(ctx, caseId)) ? "recall_open" : null,
        (await isAnyAbout(ctx, caseId, await listVisibleApprovals(ctx))) ? "approval_open" : null,
    ]
    return found.filter((obstacle) => obstacle !== null)
}

/** Whether the case is closed, or its advisory is published. */
async function isEnded(ctx: ActionContext, caseId: string): Promise<boolean> {
    const [facts] = await listCaseFacts(ctx, caseId, ctx.now)
    if (facts === undefined) return false
    return (
        facts.closure !== null || (publishedAt(facts.embargo) !== null && (await findAdvisoryId(ctx, caseId)) !== null)
    )
}

async function hasOpenWave(ctx: ActionContext, caseId: string): Promise<boolean> {
    for (const { approval, releasedAt } of await listWaves(ctx, caseId)) {
        if (approval === null || releasedAt !== null) continue
        if (["requested", "signed"].includes(stateOf(await loadApproval(ctx, approval), ctx.now))) return true
    }
    return false
}

async function hasOpenFiling(ctx: ActionContext, caseId: string): Promise<boolean> {
    const clocks = await listClocks(ctx, caseId)
    return clocks.some(({ terms, history }) => !isClosed(history) && !isFullySubmitted(terms, history))
}

const listVisibleApprovals = async (ctx: ActionContext): Promise<Approval[]> => [
    ...(await listPendingApprovals(ctx)),
    ...(await listSignedApprovals(ctx)),
]

/** Whether any of these approvals needs the content of the case. */
async function isAnyAbout(ctx: ActionContext, caseId: string, approvals: readonly Approval[]): Promise<boolean> {
    if (approvals.length === 0) return false
    const evidence = new Set<string>()
    for (const { effects } of approvals) {
        const id = attributedEvidenceOf(effects)
        // The attribution of evidence without a case reads the marks of each case.
        if (id !== null && [caseId, null].includes((await loadEvidence(ctx, id)).case)) evidence.add(id)
    }
    const parts = {
        id: caseId,
        waves: new Set((await listWaves(ctx, caseId)).map(({ id }) => id)),
        artifacts: new Set((await listArtifacts(ctx, caseId)).map(({ id }) => id)),
        evidence,
    }
    return approvals.some(({ effects }) => needsContent(effects, parts))
}

async function loadLosses(ctx: ActionContext, caseId: string): Promise<Losses> {
    const { entitlements } = await loadMatrix(ctx, caseId)
    const artifacts = (await listArtifacts(ctx, caseId)).flatMap(({ id: artifact, version }) =>
        Array.from({ length: version }, (_, index) => ({ artifact, version: index + 1 })),
    )
    return {
        partners: entitlements.flatMap(({ partner, version }) => (version === null ? [] : [partner])),
        artifacts,
        sightings: (await listSightings(ctx, caseId)).length,
        questions: (await listQuestionsOfCase(ctx, caseId)).length,
    }
}

/** Whether the content is there, and what stands against its deletion. */
export interface ContentStatus {
    /** The two people are empty where a restored database deleted the content again. */
    readonly deletion: { readonly at: Instant; readonly people: readonly string[] } | null
    readonly hold: CaseHold | null
    readonly obstacles: readonly Obstacle[]
}

/** Loads the status of a case's content. Refuses `case.not_found`. */
export async function loadContentStatus(ctx: ActionContext, caseId: string): Promise<ContentStatus> {
    await assertCaseExists(ctx, caseId)
    const deletion = await findContentDeletion(ctx, caseId)
    const hold = await findCaseHold(ctx, caseId)
    if (deletion !== null) {
        const approval = deletion.approval === null ? null : await loadApproval(ctx, deletion.approval)
        const people = [approval?.requestedBy, approval?.signedBy].filter((person) => typeof person === "string")
        return { deletion: { at: deletion.at, people }, hold, obstacles: [] }
    }
    return { deletion: null, hold, obstacles: await listObstacles(ctx, caseId) }
}

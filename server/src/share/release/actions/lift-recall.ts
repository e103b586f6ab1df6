/**
 * Lifts a recall. One person recalls; two people lift, and sign which partners get which versions again.
 *
 * Waves released during the recall did not open the version, and lifting does not change that.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type Effects, recipientGroupsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listArtifacts } from "../../artifacts/actions/load-artifacts.ts"
import { type Recall, liftRecall, loadRecall } from "../../artifacts/actions/recall-artifact.ts"
import { findClosure } from "../../cases/actions/load-case.ts"
import { assertOpen } from "../../cases/case.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { listHeldVersions } from "./released-content.ts"
import { applyApprovalAsRead, markPublicDenial } from "./load-public-texts.ts"

/** The outcome: done, or an approval that waits for its signature. */
export interface RecallLiftOutcome {
    readonly done: boolean
    readonly approval: string
}

/** Without `signed`, requests the second signature; with it, lifts the recall. Refuses `release.already_lifted`. */
export async function liftRecallByTwo(
    ctx: ActionContext,
    id: string,
    signed: string | undefined,
): Promise<RecallLiftOutcome> {
    await lockToChangeProgram(ctx.tx)
    const recall = await loadRecall(ctx, id)
    assertOpen(await findClosure(ctx, recall.case))
    if (recall.liftedAt !== null) refuse("conflict", "release.already_lifted", "this recall is already lifted")
    const effects = await loadLiftEffects(ctx, recall)
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effects) }
    await assertClocksTrusted(ctx)
    await applyApprovalAsRead(ctx, signed, effects)
    const heldVersions = await listHeldVersions(ctx, recall.case, {
        withoutRecall: id,
        nothingOverdue: true,
        asReported: true,
    })
    const readers = new Set(
        heldVersions.filter((reading) => reading.artifact === recall.artifact).map((reading) => reading.partner),
    )
    // A notice would reveal to a partner that something is withheld because of a report.
    const recipients = effects.recipients.filter((recipient) => readers.has(recipient))
    await liftRecall(ctx, recall, { approval: signed, recipients })
    return { done: true, approval: signed }
}

/**
 * Returns which partners get which versions again, now or once other obstacles are gone. Unreleased waves need their
 * own signatures.
 */
async function loadLiftEffects(ctx: ActionContext, { id, case: caseId, artifact }: Recall): Promise<Effects> {
    const heldVersions = await listHeldVersions(ctx, caseId, { withoutRecall: id, nothingOverdue: true })
    const readings = heldVersions.filter((reading) => reading.artifact === artifact)
    const artifacts = (await listArtifacts(ctx, caseId)).filter((candidate) => candidate.id === artifact)
    return await markPublicDenial(ctx, caseId, {
        action: "recall.lift",
        ...recipientGroupsOf(readings),
        at: null,
        detail: { recall: id },
        authors: artifacts.map((artifact) => artifact.versionBy),
    })
}

/**
 * Lifts a recall. One person recalls; two people lift, and sign which partners get which versions again.
 *
 * Waves released during the recall did not open the version, and lifting does not change that.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, openingsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { artifactsOf } from "../../artifacts/actions.ts"
import { type Recall, endRecall, recallOf } from "../../artifacts/actions/find-recalls.ts"
import { closingOf } from "../../cases/actions.ts"
import { assertOpen } from "../../cases/case.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { heldIn } from "./released-content.ts"
import { useAsRead, withPublicDenial } from "./load-public-texts.ts"

/** The outcome: done, or an approval that waits for its signature. */
export interface Ending {
    readonly done: boolean
    readonly approval: string
}

/** Without `signed`, requests the second signature; with it, lifts the recall. Refuses `release.already_lifted`. */
export async function makeAvailable(ctx: ActionContext, id: string, signed: string | undefined): Promise<Ending> {
    await lockToChangeProgram(ctx.tx)
    const recall = await recallOf(ctx, id)
    assertOpen(await closingOf(ctx, recall.case))
    if (recall.endedAt !== null) refuse("conflict", "release.already_lifted", "this recall is already lifted")
    const effects = await effectsOfEnd(ctx, recall)
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effects) }
    await assertClocksTrusted(ctx)
    await useAsRead(ctx, signed, effects)
    const holds = await heldIn(ctx, recall.case, { withoutRecall: id, nothingOverdue: true, asReported: true })
    const readers = new Set(
        holds.filter((reading) => reading.artifact === recall.artifact).map((reading) => reading.partner),
    )
    // A notice would reveal to a partner that something is withheld because of a report.
    const recipients = effects.recipients.filter((recipient) => readers.has(recipient))
    await endRecall(ctx, recall, { approval: signed, recipients })
    return { done: true, approval: signed }
}

/**
 * Returns which partners get which versions again, now or once other obstacles are gone. Unreleased waves need their
 * own signatures.
 */
async function effectsOfEnd(ctx: ActionContext, { id, case: caseId, artifact }: Recall): Promise<Effects> {
    const holds = await heldIn(ctx, caseId, { withoutRecall: id, nothingOverdue: true })
    const readings = holds.filter((reading) => reading.artifact === artifact)
    const artifacts = (await artifactsOf(ctx, caseId)).filter((item) => item.id === artifact)
    return await withPublicDenial(ctx, caseId, {
        act: "recall.lift",
        ...openingsOf(readings),
        at: null,
        detail: { recall: id },
        authors: artifacts.map((artifact) => artifact.versionBy),
    })
}

/**
 * Two people decide that the reports of exploitation of a case do not count: one proposes it with a reason, another signs the
 * reports and what partners read by it. A report that comes later counts again.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { settleExploited } from "../../../share/cases/actions/set-exploitation.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { publishedAt } from "../../../share/cases/embargo.ts"
import { isPublished } from "../../../share/publication/actions/publish-case.ts"
import { authorsOf, withheldByReports } from "../../../share/release/actions/released-content.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, dismissing, openingsOf } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { seenReports } from "../../sightings/actions/first-seen.ts"
import { exploiting } from "../evidence.ts"
import { validateNote } from "../retention.ts"
import * as store from "../store.ts"
import { listDismissedReports, insertDismissal } from "../store/dismissals.ts"

/** The ids of the reports by which a case counts as exploited: sightings that stand, and evidence, without what was dismissed. */
export async function countingReports(ctx: ActionContext, caseId: string): Promise<string[]> {
    const reports = [
        ...(await seenReports(ctx, caseId)),
        ...(await store.listEvidenceOfKinds(ctx.tx, caseId, exploiting)),
    ]
    const dismissed = await listDismissedReports(ctx.tx, caseId)
    return reports.filter((report) => !dismissed.has(report)).toSorted()
}

/** Done, or the approval that waits for its signature. */
export interface Dismissing {
    readonly done: boolean
    readonly approval: string
}

/** The first call asks for the second signature; the next one, with the signed approval, dismisses what was signed. */
export async function dismissReports(
    ctx: ActionContext,
    caseId: string,
    { reason, approval }: { readonly reason: string; readonly approval?: string | undefined },
): Promise<Dismissing> {
    const text = validateNote(reason)
    await lockToChangeProgram(ctx.tx)
    const reports = await assertCounts(ctx, caseId)
    const effects = await effectsOf(ctx, caseId, reports)
    if (approval === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects, { reason: text }) }
    }
    await useApproval(ctx, approval, effects)
    await insertDismissal(ctx.tx, { case: caseId, reports, approval, at: ctx.now })
    await settleExploited(ctx, caseId, async () => (await countingReports(ctx, caseId)).length > 0)
    await record(ctx, { kind: "case.reports_dismissed", case: caseId, reports, approval }, true)
    return { done: true, approval }
}

async function assertCounts(ctx: ActionContext, caseId: string): Promise<string[]> {
    const { closing } = await caseFile(ctx, caseId)
    if (closing !== null || (await isPublished(ctx, caseId))) {
        refuse(
            "conflict",
            "evidence.case_closed",
            "this case is public or closed: reports of exploitation change nothing there",
        )
    }
    const reports = await countingReports(ctx, caseId)
    if (reports.length > 0) return reports
    refuse("conflict", "evidence.no_reports", "no report of exploitation counts for this case")
}

/** Authors of what is read by it may not sign. */
async function effectsOf(ctx: ActionContext, caseId: string, reports: readonly string[]): Promise<Effects> {
    // Once the end of the embargo is recorded, dismissals open nothing to partners: they let the public text out.
    const isOver = publishedAt((await caseFile(ctx, caseId)).embargo) !== null
    const gained = isOver ? [] : await withheldByReports(ctx, caseId)
    return {
        act: dismissing,
        ...openingsOf(gained),
        at: null,
        detail: { case: caseId, reports: [...reports] },
        authors: await authorsOf(ctx, caseId, gained),
    }
}

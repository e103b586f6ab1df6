/**
 * Dismisses reports of exploitation by two people: one proposes with a reason, another signs the reports and what
 * partners can then read. Later reports count again.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { updateExploited } from "../../../share/cases/actions/mark-exploited.ts"
import { loadCaseFile } from "../../../share/cases/actions/load-case.ts"
import { publishedAt } from "../../../share/cases/embargo.ts"
import { isPublished } from "../../../share/publication/actions/publish-case.ts"
import { listAuthors, listWithheldByReports } from "../../../share/release/actions/released-content.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type Effects, dismissReportsAction, recipientGroupsOf } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listExploitationReports } from "../../sightings/actions/find-first-exploitation.ts"
import { exploitationKinds } from "../evidence.ts"
import { validateNote } from "../retention.ts"
import * as store from "../store/evidence.ts"
import { listDismissedReports, insertDismissal } from "../store/dismissals.ts"

/** Lists the reports that count as exploitation of a case: current sightings and evidence, without dismissed ones. */
export async function listCountingReports(ctx: ActionContext, caseId: string): Promise<string[]> {
    const reports = [
        ...(await listExploitationReports(ctx, caseId)),
        ...(await store.listEvidenceOfKinds(ctx.tx, caseId, exploitationKinds)),
    ]
    const dismissed = await listDismissedReports(ctx.tx, caseId)
    return reports.filter((report) => !dismissed.has(report)).toSorted()
}

/** Outcome of a dismissal: whether it is done, and its approval. */
export interface DismissalOutcome {
    readonly done: boolean
    readonly approval: string
}

/**
 * Requests the second signature on the first call, and dismisses with the signed approval on the next. Refuses
 * `evidence.no_reports`, and public or closed cases.
 */
export async function dismissReports(
    ctx: ActionContext,
    caseId: string,
    { reason, approval }: { readonly reason: string; readonly approval?: string | undefined },
): Promise<DismissalOutcome> {
    const text = validateNote(reason)
    await lockToChangeProgram(ctx.tx)
    const reports = await loadDismissableReports(ctx, caseId)
    const effects = await computeEffects(ctx, caseId, reports)
    if (approval === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects, { reason: text }) }
    }
    await applyApproval(ctx, approval, effects)
    await insertDismissal(ctx.tx, { case: caseId, reports, approval, at: ctx.now })
    await updateExploited(ctx, caseId, async () => (await listCountingReports(ctx, caseId)).length > 0)
    await record(ctx, { kind: "case.reports_dismissed", case: caseId, reports, approval }, true)
    return { done: true, approval }
}

async function loadDismissableReports(ctx: ActionContext, caseId: string): Promise<string[]> {
    const { closure: closing } = await loadCaseFile(ctx, caseId)
    if (closing !== null || (await isPublished(ctx, caseId))) {
        refuse(
            "conflict",
            "evidence.case_closed",
            "this case is public or closed: reports of exploitation have no effect",
        )
    }
    const reports = await listCountingReports(ctx, caseId)
    if (reports.length > 0) return reports
    refuse("conflict", "evidence.no_reports", "no report counts as exploitation of this case")
}

/** Computes the effects. Authors of the content that partners can then read may not sign. */
async function computeEffects(ctx: ActionContext, caseId: string, reports: readonly string[]): Promise<Effects> {
    // After the end of the embargo, a dismissal opens the public text instead.
    const isEmbargoOver = publishedAt((await loadCaseFile(ctx, caseId)).embargo) !== null
    const gained = isEmbargoOver ? [] : await listWithheldByReports(ctx, caseId)
    return {
        action: dismissReportsAction,
        ...recipientGroupsOf(gained),
        at: null,
        detail: { case: caseId, reports: [...reports] },
        authors: await listAuthors(ctx, caseId, gained),
    }
}

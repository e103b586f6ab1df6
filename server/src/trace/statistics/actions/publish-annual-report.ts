/** Publishes the annual report of a year that is over, by two people. */
import { createHash } from "node:crypto"
import { canonicalBytes } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import type { AnnualFigure } from "../annual-figures.ts"
import { spanOf } from "../figures.ts"
import type { AnnualReport } from "../annual-report-page.ts"
import * as store from "../store.ts"
import { computeAnnualFigures } from "./compute-annual-report.ts"

export const publishAction = "annual_report.publish"

export interface PublicationResult {
    readonly done: boolean
    readonly approval: string
}

/**
 * Requests a second signature; with it, publishes. Refuses `annual_report.year_not_over` and
 * `annual_report.already_published`.
 */
export async function publishAnnualReport(
    ctx: ActionContext,
    year: number,
    approval?: string,
): Promise<PublicationResult> {
    if (spanOf({ year, quarter: null }).until > ctx.now) {
        refuse("conflict", "annual_report.year_not_over", "this year is not over: publish it afterwards")
    }
    if ((await store.listAnnualReports(ctx.tx)).some((report) => report.year === year)) {
        refuse(
            "conflict",
            "annual_report.already_published",
            "this year is already published: a published year cannot change",
        )
    }
    const figures = await computeAnnualFigures(ctx, year)
    const effects = effectsOf(year, figures)
    if (approval === undefined) return { done: false, approval: await requestApproval(ctx, effects) }
    await applyApproval(ctx, approval, effects)
    const event = await record(ctx, { kind: "annual_report.published", year, approval })
    const by = personOf(ctx.actor) ?? ""
    await store.insertAnnualReport(ctx.tx, { year, figures, by, at: ctx.now, event, approval })
    return { done: true, approval }
}

/** Builds the effects from these figures, so that changed figures need a new signature. */
function effectsOf(year: number, figures: readonly AnnualFigure[]): Effects {
    const hash = createHash("sha256")
        .update(canonicalBytes(figures as object))
        .digest("hex")
    return { action: publishAction, recipients: [], artifacts: [], at: null, detail: { year, figures: hash } }
}

/** Lists the published years, newest first. */
export async function listAnnualReports(ctx: ActionContext): Promise<(AnnualReport & { readonly by: string })[]> {
    return await store.listAnnualReports(ctx.tx)
}

/** Records an export from the console. */
export async function recordExport(
    ctx: ActionContext,
    year: number,
    quarter: number | null,
    format: string,
): Promise<void> {
    await record(ctx, { kind: "statistics.exported", year, quarter, form: format })
}

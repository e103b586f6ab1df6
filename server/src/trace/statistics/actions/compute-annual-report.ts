/** Computes the figures of an annual report: those of the statistics, and the access that partners had. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listCaseFacts } from "../../../share/cases/actions/load-case-facts.ts"
import { listContactsBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { loadMatrix } from "../../../share/entitlement/actions/decide-access.ts"
import { listPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../../../trust/partners/partner.ts"
import { firstContactsOf } from "../../sightings/actions/report-protection.ts"
import { type AnnualFigure, type ReportedCase, annualFiguresOf } from "../annual-figures.ts"
import { spanOf } from "../figures.ts"
import {
    type PublishedCaseFile,
    listPublishedCases,
    loadGroupMin,
    loadOtherInput,
    loadPublishedCase,
} from "./compute-statistics.ts"

/** Computes the public figures of a year from the facts of today. */
export async function computeAnnualFigures(ctx: ActionContext, year: number): Promise<AnnualFigure[]> {
    const { from, until } = spanOf({ year, quarter: null })
    const exploited = new Set(
        (await listCaseFacts(ctx, null, ctx.now)).filter((facts) => facts.exploited).map(({ id }) => id),
    )
    const cases: ReportedCase[] = []
    for (const file of await listPublishedCases(ctx, from, until)) {
        cases.push({
            ...(await loadPublishedCase(ctx, file)),
            ...(await loadAccess(ctx, file)),
            vulnerabilities: file.vulnerabilities.length,
            exploited: exploited.has(file.id),
        })
    }
    const input = { ...(await loadOtherInput(ctx, from, until)), cases }
    return annualFiguresOf(input, year, await loadGroupMin(ctx))
}

/** Loads who was warned before publication, and the access that partners had shortly before it. */
async function loadAccess(
    ctx: ActionContext,
    { id, publishedAt }: PublishedCaseFile,
): Promise<Pick<ReportedCase, "warned" | "decisions">> {
    const before = publishedAt - 1
    const partners = new Map((await listPartnerFacts(ctx, before)).map((facts) => [facts.partner, facts]))
    const contacts = firstContactsOf(await listContactsBefore(ctx, id, publishedAt))
    const { entitlements } = await loadMatrix(ctx, id, { at: before })
    const hadAccess = (partner: string) => hasCaseAccess(partners.get(partner)?.status ?? "applicant")
    return {
        warned: [...contacts].flatMap(([partner, at]) => {
            const tier = partners.get(partner)?.tier
            return tier === undefined ? [] : [{ partner, tier, at }]
        }),
        decisions: entitlements.flatMap(({ partner, class: artifactClass, decision: { outcome } }) =>
            hadAccess(partner) ? [{ partner, class: artifactClass, outcome }] : [],
        ),
    }
}

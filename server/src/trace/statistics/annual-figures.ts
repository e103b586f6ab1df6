/** Computes the figures that only an annual report has. Figures about partners need a group, like all statistics. */
import { type Instant, hourMs } from "@tocsin/base/instant"
import { type Tier, tiers } from "../../trust/partners/partner.ts"
import { type AccessDecision, accessSharesOf } from "./access-shares.ts"
import {
    type Figure,
    type FigureId,
    type PublishedCase,
    type StatisticsInput,
    earlyEndReason,
    figuresOf,
    publicFigures,
    spanOf,
} from "./figures.ts"
import { groupCount, mediansPerPartner, quartilesOf } from "./quartiles.ts"

export type AnnualFigureId =
    | FigureId
    | "vulnerabilities_published"
    | "cases_exploited"
    | "exploited_ended_early"
    | "published_in_month"
    | "exploited_in_month"
    | "partners_warned"
    | "protected_before_publication"
    | "protection_by_tier"
    | "suspended_or_terminated"
    | "access_full"
    | "access_reduced"
    | "access_at_publication"
    | "access_withheld"

/** A figure of an annual report. With the unit `percent`, the count is a share. */
export type AnnualFigure = Figure<
    AnnualFigureId,
    "cases" | "partners" | "vulnerabilities",
    "days" | "hours" | "percent"
>

/** A published case, as the annual report counts it. */
export interface ReportedCase extends PublishedCase {
    readonly vulnerabilities: number
    /** Whether exploitation was known before publication. */
    readonly exploited: boolean
    /** Partners with a notice or a fetch before publication: the first one, and the tier at publication. */
    readonly warned: readonly { readonly partner: string; readonly tier: Tier; readonly at: Instant }[]
    readonly decisions: readonly AccessDecision[]
}

export interface AnnualInput extends StatisticsInput {
    readonly cases: readonly ReportedCase[]
}

/** Computes the public figures of a year. */
export function annualFiguresOf(input: AnnualInput, year: number, groupMin: number): AnnualFigure[] {
    const period = { year, quarter: null }
    const { from, until } = spanOf(period)
    const cases = input.cases.filter(({ publishedAt }) => publishedAt >= from && publishedAt < until)
    const ended = input.measures.filter(
        ({ kind, at }) => (kind === "suspension" || kind === "termination") && at >= from && at < until,
    )
    const general = figuresOf(input, period, groupMin).filter(({ id }) => publicFigures.includes(id))
    return [
        ...general,
        ...exploitationFigures(cases),
        ...monthFigures(cases, year),
        ...protectionFigures(cases, general, groupMin),
        aboutPartners("suspended_or_terminated", {
            count: groupCount(
                ended.map(({ partner }) => partner),
                groupMin,
            ),
        }),
        ...accessSharesOf(
            cases.flatMap(({ decisions }) => decisions),
            groupMin,
        ).map(({ class: category, outcome, percent }) =>
            aboutPartners(`access_${outcome}`, { category, count: percent, unit: "percent" }),
        ),
    ]
}

const plainFigure = { category: null, quartiles: null, unit: null } as const

const aboutPartners = (id: AnnualFigureId, values: Partial<AnnualFigure>): AnnualFigure => ({
    id,
    ...plainFigure,
    about: "partners",
    count: null,
    ...values,
})

const caseCount = (id: AnnualFigureId, count: number, category: string | null = null): AnnualFigure => ({
    id,
    ...plainFigure,
    category,
    about: "cases",
    count,
})

function exploitationFigures(cases: readonly ReportedCase[]): AnnualFigure[] {
    const exploited = cases.filter((item) => item.exploited)
    const early = exploited.filter(
        ({ embargo }) => earlyEndReason(embargo) !== null || embargo.some(({ kind }) => kind === "terminated"),
    )
    const vulnerabilities = cases.reduce((sum, item) => sum + item.vulnerabilities, 0)
    return [
        { ...caseCount("vulnerabilities_published", vulnerabilities), about: "vulnerabilities" },
        caseCount("cases_exploited", exploited.length),
        caseCount("exploited_ended_early", early.length),
    ]
}

/** All twelve months, as `2025-03`. */
function monthFigures(cases: readonly ReportedCase[], year: number): AnnualFigure[] {
    const months = Array.from({ length: 12 }, (_, n) => `${year}-${String(n + 1).padStart(2, "0")}`)
    const inMonth = (month: string) =>
        cases.filter(({ publishedAt }) => new Date(publishedAt).toISOString().startsWith(month))
    return months.flatMap((month) => [
        caseCount("published_in_month", inMonth(month).length, month),
        caseCount("exploited_in_month", inMonth(month).filter((item) => item.exploited).length, month),
    ])
}

interface Warned {
    readonly partner: string
    readonly tier: Tier
    /** Null: the partner did not report protection before publication. */
    readonly tookMs: number | null
}

function protectionFigures(
    cases: readonly ReportedCase[],
    general: readonly Pick<AnnualFigure, "about" | "count">[],
    groupMin: number,
): AnnualFigure[] {
    const warned = cases.flatMap(warnedIn)
    const timesOf = (list: readonly Warned[]) =>
        mediansPerPartner(list.flatMap(({ partner, tookMs }) => (tookMs === null ? [] : [[partner, tookMs / hourMs]])))
    const warnedCount = groupCount(
        warned.map(({ partner }) => partner),
        groupMin,
    )
    return [
        aboutPartners("partners_warned", { count: apartFrom(general, warnedCount, groupMin) }),
        aboutPartners("protected_before_publication", { count: protectedShare(warned, groupMin), unit: "percent" }),
        // Counts by tier would add up to the total, and reveal a tier of few partners.
        ...tiers.map((tier) =>
            aboutPartners("protection_by_tier", {
                category: tier,
                quartiles: quartilesOf(timesOf(warned.filter((item) => item.tier === tier)), groupMin),
                unit: "hours",
            }),
        ),
    ]
}

/** Returns a count of partners; null where its difference from another public count is smaller than a group. */
function apartFrom(
    general: readonly Pick<AnnualFigure, "about" | "count">[],
    count: number | null,
    groupMin: number,
): number | null {
    const counts = general.flatMap((figure) =>
        figure.about === "partners" && figure.count !== null ? [figure.count] : [],
    )
    const isNear = counts.some((other) => count !== null && count !== other && Math.abs(count - other) < groupMin)
    return isNear ? null : count
}

function warnedIn({ warned, publishedAt, protected: times }: ReportedCase): Warned[] {
    const took = new Map(times)
    return warned.map(({ partner, tier, at }) => {
        const ms = took.get(partner)
        return { partner, tier, tookMs: ms === undefined || at + ms > publishedAt ? null : ms }
    })
}

/**
 * Returns the percentage of partners that were protected in at least half of their cases. Null where these or the
 * others are fewer than a group.
 */
function protectedShare(warned: readonly Warned[], groupMin: number): number | null {
    const byPartner = [...Map.groupBy(warned, ({ partner }) => partner).values()]
    const isProtected = (list: readonly Warned[]) =>
        2 * list.filter(({ tookMs }) => tookMs !== null).length >= list.length
    const count = byPartner.filter(isProtected).length
    const others = byPartner.length - count
    if (count < groupMin || (others > 0 && others < groupMin)) return null
    return Math.round((100 * count) / byPartner.length)
}

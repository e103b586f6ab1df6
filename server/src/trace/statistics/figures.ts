/**
 * Computes the figures of a year or a quarter, of cases published in it. Figures about partners need a group, and exist
 * for years only: quarters and their year together could reveal a smaller group.
 */
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type Embargo, delaysIn, endOf, triggers } from "../../share/cases/embargo.ts"
import { type MeasureKind } from "../measures/measure.ts"
import { type Quartiles, groupCount, mediansPerPartner, quartilesOf } from "./quartiles.ts"

export const figureIds = [
    "cases_published",
    "embargo_length",
    "embargoes_terminated",
    "embargoes_delayed",
    "embargoes_ended_early",
    "notice_to_acknowledgement",
    "notice_to_protection",
    "late_reports",
    "measures",
] as const

/** The name of a figure in the statistics. */
export type FigureId = (typeof figureIds)[number]

/** Figures that an annual report publishes. */
export const publicFigures: readonly FigureId[] = figureIds.filter((id) => id !== "late_reports" && id !== "measures")

/** A figure, hidden where it counts fewer than a group. */
export interface Figure<Id = FigureId, About = "cases" | "partners", Unit = "days" | "hours"> {
    readonly id: Id
    /** The category, such as a reason; null where there is one only. */
    readonly category: string | null
    /** The counted unit, such as cases or partners. */
    readonly about: About
    /** Null for fewer than a group. */
    readonly count: number | null
    /** In `unit`; null where there is none, and for fewer than a group. */
    readonly quartiles: Quartiles | null
    readonly unit: Unit | null
}

/** A year, or a quarter of it. */
export interface Period {
    readonly year: number
    /** Null for the whole year. */
    readonly quarter: number | null
}

/** A published case, as the statistics count it. */
export interface PublishedCase {
    readonly embargo: Embargo
    readonly publishedAt: Instant
    /** Milliseconds from the first notice, of each partner that acknowledged. */
    readonly acknowledged: readonly (readonly [partner: string, tookMs: number])[]
    readonly protected: readonly (readonly [partner: string, tookMs: number])[]
}

/** Inputs of the figures. */
export interface StatisticsInput {
    readonly cases: readonly PublishedCase[]
    /** Partners that gave a report of this period after the grace period, or had one overdue. */
    readonly late: readonly string[]
    /** Each measure with its partner. */
    readonly measures: readonly { readonly kind: MeasureKind; readonly partner: string; readonly at: Instant }[]
}

const countedMeasures: readonly MeasureKind[] = [
    "restrict",
    "interim_suspension",
    "reprimand",
    "suspension",
    "termination",
]

/** Returns the span in UTC, with an exclusive end. Refuses `statistics.bad_period`. */
export function spanOf({ year, quarter }: Period): { readonly from: Instant; readonly until: Instant } {
    if (!(Number.isInteger(year) && year >= 2000 && year <= 9998)) {
        refuse("invalid", "statistics.bad_period", "a year must have four digits, like `2026`")
    }
    if (!(quarter === null || [1, 2, 3, 4].includes(quarter))) {
        refuse("invalid", "statistics.bad_period", "a quarter must be 1, 2, 3 or 4")
    }
    const month = (n: number): Instant =>
        parseInstant(`${year + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}-01T00:00:00Z`)
    const first = quarter === null ? 0 : (quarter - 1) * 3
    return { from: month(first), until: month(first + (quarter === null ? 12 : 3)) }
}

/** Computes all figures of a period. */
export function figuresOf(input: StatisticsInput, period: Period, groupMin: number): Figure[] {
    const { from, until } = spanOf(period)
    const isWithin = (at: Instant) => at >= from && at < until
    const cases = input.cases.filter(({ publishedAt }) => isWithin(publishedAt))
    const measures = input.measures.filter(({ at }) => isWithin(at))
    const aboutPartners = [
        partnerTimesFigure(
            "notice_to_acknowledgement",
            cases.flatMap((publishedCase) => publishedCase.acknowledged),
            groupMin,
        ),
        partnerTimesFigure(
            "notice_to_protection",
            cases.flatMap((publishedCase) => publishedCase.protected),
            groupMin,
        ),
        partnerCountFigure("late_reports", null, input.late, groupMin),
        ...countedMeasures.map((kind) => {
            const entries = measures.filter((measure) => measure.kind === kind)
            return partnerCountFigure(
                "measures",
                kind,
                entries.map(({ partner }) => partner),
                groupMin,
            )
        }),
    ]
    return [...caseFigures(cases, groupMin), ...(period.quarter === null ? aboutPartners : [])]
}

function caseFigures(cases: readonly PublishedCase[], groupMin: number): Figure[] {
    const lengths = cases.flatMap(({ embargo }) => lengthOf(embargo) ?? [])
    const caseCount = (
        id: FigureId,
        countedCases: readonly PublishedCase[],
        category: string | null = null,
    ): Figure => ({
        id,
        category,
        about: "cases",
        count: countedCases.length,
        quartiles: null,
        unit: null,
    })
    return [
        caseCount("cases_published", cases),
        {
            id: "embargo_length",
            category: null,
            about: "cases",
            count: lengths.length,
            quartiles: quartilesOf(lengths, groupMin),
            unit: "days",
        },
        caseCount(
            "embargoes_terminated",
            cases.filter(({ embargo }) => embargo.some(({ kind }) => kind === "terminated")),
        ),
        caseCount(
            "embargoes_delayed",
            cases.filter(({ embargo }) => delaysIn(embargo) > 0),
        ),
        ...triggers.map((trigger) =>
            caseCount(
                "embargoes_ended_early",
                cases.filter(({ embargo }) => earlyEndReason(embargo) === trigger),
                trigger,
            ),
        ),
    ]
}

/** Returns the length in days from agreement to end; null where none was agreed. */
function lengthOf(embargo: Embargo): number | null {
    const agreed = embargo.find(({ kind }) => kind === "agreed")
    const end = endOf(embargo)
    return agreed === undefined || end === null ? null : (end - agreed.at) / dayMs
}

/** Returns the reason of the last accepted early end, or null. */
export function earlyEndReason(embargo: Embargo): string | null {
    const reasons = embargo.map((entry) => {
        const proposal = entry.kind === "moved" && entry.proposal !== null ? embargo[entry.proposal] : undefined
        return proposal?.kind === "proposed" ? (proposal.terminationProposal?.trigger ?? null) : null
    })
    return reasons.findLast((reason) => reason !== null) ?? null
}

function partnerTimesFigure(id: FigureId, times: readonly (readonly [string, number])[], groupMin: number): Figure {
    const quartiles = quartilesOf(
        mediansPerPartner(times).map((ms) => ms / hourMs),
        groupMin,
    )
    const count = groupCount(
        times.map(([partner]) => partner),
        groupMin,
    )
    return { id, category: null, about: "partners", count, quartiles, unit: "hours" }
}

function partnerCountFigure(
    id: FigureId,
    category: string | null,
    partnerIds: readonly string[],
    groupMin: number,
): Figure {
    return { id, category, about: "partners", count: groupCount(partnerIds, groupMin), quartiles: null, unit: null }
}

/**
 * Sightings: a partner's observation of exploitation, or a zero report: it searched and found none. Staff and that
 * partner see it. A report never changes: a later version replaces it, and the partner can withdraw it.
 */
import type { Instant } from "@tocsin/base/instant"
import { type ClockQuality, indicatorCharsMax, noteMax } from "@tocsin/client/limits"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"

/** A report of exploitation, or a zero report. */
export interface Report {
    /** When it was observed, by the partner's clock; the end of a zero report. */
    readonly observedAt: Instant
    /** The start of a zero report; null for exploitation. */
    readonly zeroReportSince: Instant | null
    readonly clock: ClockQuality
    /** The affected product; empty where not given. */
    readonly product: string
    /** Addresses, hashes or patterns. */
    readonly indicators: readonly string[]
    /** Confidence in percent; null where not given. */
    readonly confidence: number | null
    readonly note: string
}

export const productMax = 200
export const indicatorsMax = 200
export const indicatorMax = 4000
/** Limit of one partner and case, with all versions and withdrawn reports. */
export const sightingsMax = 2000

/** Limits of posted objects: per partner and case, and characters of each. */
export const objectsMax = 5000
export const objectCharsMax = 131_072

/**
 * Validates a report. Refuses `sighting.in_the_future`, `sighting.bad_period`, `sighting.bad_product`,
 * `sighting.bad_note`, `sighting.bad_confidence` and `sighting.bad_indicators`.
 */
export function validateReport({ observedAt, zeroReportSince, ...rest }: Report, now: Instant): void {
    const { product, indicators, confidence, note } = rest
    if (!(observedAt <= now))
        refuse("invalid", "sighting.in_the_future", "the instant is in the future: check your clock")
    if (!(zeroReportSince === null || zeroReportSince < observedAt)) {
        refuse("invalid", "sighting.bad_period", "a zero report must begin before it ends")
    }
    if (!(product.length <= productMax && !hasHiddenCharacters(product))) {
        refuse(
            "invalid",
            "sighting.bad_product",
            `a product must have ${productMax} characters at most and no control characters`,
            { max: productMax },
        )
    }
    if (!(note.length <= noteMax))
        refuse("invalid", "sighting.bad_note", `a note must have \`${noteMax}\` characters at most`, { max: noteMax })
    if (!(confidence === null || (Number.isInteger(confidence) && confidence >= 0 && confidence <= 100))) {
        refuse("invalid", "sighting.bad_confidence", "a confidence must be a whole number from 0 to 100")
    }
    validateIndicators(indicators)
}

function validateIndicators(indicators: readonly string[]): void {
    const isValid = (item: string) => item.trim() !== "" && item.length <= indicatorMax
    const chars = indicators.reduce((sum, item) => sum + item.length, 0)
    if (!(indicators.length <= indicatorsMax && indicators.every(isValid) && chars <= indicatorCharsMax)) {
        const limits = `\`${indicatorMax}\` characters each, \`${indicatorCharsMax}\` together`
        refuse("invalid", "sighting.bad_indicators", `send \`${indicatorsMax}\` indicators at most, of ${limits}`, {
            max: indicatorsMax,
            limits,
        })
    }
}

/** Tells whether two reports are equal. */
export function isSameReport(report: Report, other: Report): boolean {
    return JSON.stringify(fieldsOf(report)) === JSON.stringify(fieldsOf(other))
}

const fieldsOf = (report: Report) => [
    report.observedAt,
    report.zeroReportSince,
    report.clock,
    report.product,
    report.indicators,
    report.confidence,
    report.note,
]

/** Returns the latest version of a report. */
export function latestOf<Version extends { readonly version: string }>(
    versions: readonly Version[],
): Version | undefined {
    return versions.toSorted((a, b) => (a.version < b.version ? 1 : -1))[0]
}

/**
 * Sightings: what a partner saw of the exploitation of what it was warned of, or that it looked and saw none: a zero report.
 * The operator sees them, and of the partners only the one that reported. What a report says is never changed: a later version takes the place of the earlier, and whoever
 * reported can withdraw it.
 */
import type { Instant } from "@tocsin/base/instant"
import { type ClockQuality, indicatorCharsMax, noteMax } from "@tocsin/client/limits"
import { hasHidden } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"

export interface Report {
    /** When it was seen, by the partner's clock; of a zero report, until when was looked. */
    readonly seenAt: Instant
    /** Of a zero report, since when was looked; null where exploitation was seen. */
    readonly lookedSince: Instant | null
    readonly clock: ClockQuality
    /** In what it was seen; empty where that is not said. */
    readonly product: string
    /** What it can be known by: addresses, hashes, patterns. */
    readonly indicators: readonly string[]
    /** In percent, that it was what it looked like; null where that is not said. */
    readonly confidence: number | null
    readonly note: string
}

export const productMax = 200
export const indicatorsMax = 200
export const indicatorMax = 4000
/** Of one partner and case, versions and withdrawn ones included. */
export const sightingsMax = 2000

/** Objects that a partner's machine sent: of one partner and case, and of each the characters. */
export const objectsMax = 5000
export const objectCharsMax = 131_072

/** Refuses what is too long, out of bounds, or not seen yet. */
export function validateReport({ seenAt, lookedSince, ...rest }: Report, now: Instant): void {
    const { product, indicators, confidence, note } = rest
    if (!(seenAt <= now)) refuse("invalid", "sighting.in_the_future", "nothing is seen before it happens")
    if (!(lookedSince === null || lookedSince < seenAt)) {
        refuse("invalid", "sighting.bad_period", "a zero report says since when you looked, and that is before its end")
    }
    if (!(product.length <= productMax && !hasHidden(product))) {
        refuse("invalid", "sighting.bad_product", `a product has ${productMax} characters at most, and none of control`)
    }
    if (!(note.length <= noteMax))
        refuse("invalid", "sighting.bad_note", `a note has \`${noteMax}\` characters at most`)
    if (!(confidence === null || (Number.isInteger(confidence) && confidence >= 0 && confidence <= 100))) {
        refuse("invalid", "sighting.bad_confidence", "a confidence is a whole number from 0 to 100")
    }
    validateIndicators(indicators)
}

function validateIndicators(indicators: readonly string[]): void {
    const isOne = (item: string) => item.trim() !== "" && item.length <= indicatorMax
    const chars = indicators.reduce((sum, item) => sum + item.length, 0)
    if (!(indicators.length <= indicatorsMax && indicators.every(isOne) && chars <= indicatorCharsMax)) {
        const limits = `\`${indicatorMax}\` characters each, \`${indicatorCharsMax}\` together`
        refuse("invalid", "sighting.bad_indicators", `\`${indicatorsMax}\` indicators at most, of ${limits}`)
    }
}

/** Whether two say the same. */
export function isSameReport(report: Report, other: Report): boolean {
    return JSON.stringify(fieldsOf(report)) === JSON.stringify(fieldsOf(other))
}

const fieldsOf = (report: Report) => [
    ...[report.seenAt, report.lookedSince, report.clock, report.product],
    ...[report.indicators, report.confidence, report.note],
]

/** Of one report's versions the one that counts. */
export function latestOf<Of extends { readonly version: string }>(versions: readonly Of[]): Of | undefined {
    return versions.toSorted((a, b) => (a.version < b.version ? 1 : -1))[0]
}

/** Dates: "8 July 2025" or "July 8, 2025", one decision of a document, which a house style makes all alike. */
import type { Edit, Slot } from "../carrier.ts"

const months = "January|February|March|April|May|June|July|August|September|October|November|December"
const dayFirst = new RegExp(
    `(?<![\\w.-])(3[01]|[12]\\d|[1-9])(\\s+)(${months})(?:(\\s+)((?:19|20|21)\\d\\d))?(?![\\w-])`,
    "g",
)
const monthFirst = new RegExp(`\\b(?:${months})\\s+(?:3[01]|[12]\\d|[1-9])\\b(?!\\s*(?:${months}))`)
/** Matches the first of two days that share a month: "3 and 4 March". Such a month cannot move. */
const ranged = /\d\s*(?:and|to|or|until|till|,|[-–—/])\s*$/

interface Span {
    readonly start: number
    readonly end: number
}

/**
 * Returns one slot for the order of day and month in all dates. Returns none where a date is outside prose or has
 * another form.
 */
export function dateSlots(text: string, stretches: readonly Span[], idOf: (base: string) => string): Slot[] {
    const dates = [...text.matchAll(dayFirst)]
    if (dates.length === 0 || monthFirst.test(text)) return []
    const isFree = (match: RegExpExecArray): boolean => {
        const [start, end] = [match.index, match.index + match[0].length]
        const inside = stretches.some((stretch) => stretch.start <= start && end <= stretch.end)
        return inside && !ranged.test(text.slice(Math.max(0, start - 12), start))
    }
    if (!dates.every(isFree)) return []
    const edits = dates.map((match): Edit => {
        const [, day = "", gap = " ", month = "", , year] = match
        const end = match.index + match[0].length
        const comma = /[\s\w]/.test(text.charAt(end)) ? "," : ""
        const written = `${month}${gap}${day}`
        return { start: match.index, end, text: year === undefined ? written : `${written}, ${year}${comma}` }
    })
    return [{ id: idOf("style:dates"), kind: "style", robustness: "fragile", variants: [[], edits] }]
}

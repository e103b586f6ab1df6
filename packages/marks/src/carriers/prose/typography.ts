/**
 * The typography layer: look-alike characters in prose, chosen for each copy.
 *
 * These are straight or curly apostrophes in words, hyphens or dashes between numbers or clauses, and ordinary or
 * no-break spaces before units. People neither copy, run nor search for them.
 *
 * Folding of characters removes the layer, and readers do not see it. So it is read from the raw text, is weighed
 * apart, and counts for nothing. A copy that still has it was passed on unchanged. Characters without width appear
 * only where the author asks for one.
 */
import { refuse } from "@tocsin/base/refusal"
import { unescaped } from "../kept-text.ts"
import type { Edit, Slot } from "../carrier.ts"
import { overlapCheck } from "../spans.ts"

/** A kind of character that has look-alikes. */
export type Sign = "apostrophe" | "dash" | "space" | "zero-width"

interface Span {
    readonly start: number
    readonly end: number
}

/** How an author asks for a place of a character that has no width. */
const zeroWidthBraces = "{{zero-width}}"
const zeroWidthPlace = new RegExp(String.raw`${unescaped}\{\{zero-width\}\}`, "g")
const zeroWidthsMax = 16
export const wordJoiner = "\u2060"

const units =
    "seconds?|minutes?|hours?|days?|weeks?|months?|years?|percent|bytes?|characters|lines|bits" +
    "|ms|KB|MB|GB|TB|kB|KiB|MiB|GiB"
const count = String.raw`(?<![\p{L}\p{N}_.,:;/\\@#$+=–-])\d{1,4}`

/** Each pattern finds one sign in prose. It looks at neighbours within one line. */
const signs: readonly (readonly [sign: Sign, find: RegExp, others: Readonly<Record<string, string>>])[] = [
    [
        "apostrophe",
        /(?<=(?<![^\s(])\p{L}{1,40})['’](?=(?:s|t|re|ve|ll|d)(?![\p{L}\p{N}_'’-]))/gu,
        { "'": "’", "’": "'" },
    ],
    ["dash", new RegExp(String.raw`(?<=${count})[-–](?=\d{1,4} (?:${units})(?![\p{L}\p{N}_-]))`, "gu"), hyphens()],
    ["dash", /(?<=[\p{L}\p{N}),] )[-–—](?= \p{Ll}{2,}[.,;:]?(?:\s|$))/gu, hyphens()],
    ["space", new RegExp(String.raw`(?<=${count})[ \u00a0](?=(?:${units})(?![\p{L}\p{N}_/-]))`, "gu"), spaces()],
    ["space", /(?<=[\p{Ll},;] a)[ \u00a0](?=\p{Ll}{2,}[.,;:]?(?:\s|$))/gu, spaces()],
]

function hyphens(): Readonly<Record<string, string>> {
    return { "-": "–", "–": "-", "—": "–" }
}

function spaces(): Readonly<Record<string, string>> {
    return { " ": "\u00a0", "\u00a0": " " }
}

/** Two forms at every place that no other slot is near: what is written, and what looks like it. */
export function typographySlots(
    text: string,
    stretches: readonly Span[],
    others: readonly Slot[],
    idOf: (base: string) => string,
): Slot[] {
    const isTaken = overlapCheck(others)
    return stretches.flatMap(({ start, end }) => {
        const prose = text.slice(start, end)
        return signs.flatMap(([sign, find, forms]) =>
            [...prose.matchAll(find)].flatMap((match): Slot[] => {
                const at = start + match.index
                if (isTaken(at, at + 1)) return []
                const edit = { start: at, end: at + 1, text: forms[match[0]] ?? match[0] }
                return [slotOf(text, sign, edit, [[], [edit]], idOf)]
            }),
        )
    })
}

/**
 * Returns a slot at each place where the author asks for one, after a word or a sign. Refuses `mark.bad_alternative`.
 */
export function zeroWidthSlots(text: string, stretches: readonly Span[], idOf: (base: string) => string): Slot[] {
    const slots = stretches.flatMap(({ start, end }) =>
        [...text.slice(start, end).matchAll(zeroWidthPlace)].map((match): Slot => {
            const place = { start: start + match.index, end: start + match.index + match[0].length }
            const isInside = /[\p{L}\p{N}_]/u.test(text.charAt(place.end))
            if (isInside || !/\S/.test(text.charAt(place.start - 1)))
                refuseZeroWidth("stands behind a word, and not inside one")
            const variants = ["", wordJoiner].map((form): Edit[] => [{ ...place, text: form }])
            return slotOf(text, "zero-width", place, variants, idOf)
        }),
    )
    if (slots.length > zeroWidthsMax) refuseZeroWidth(`stands more than ${zeroWidthsMax} times`)
    return slots
}

function refuseZeroWidth(reason: string): never {
    refuse("invalid", "mark.bad_alternative", `\`${zeroWidthBraces}\` ${reason}`)
}

const contextChars = 24

function slotOf(
    text: string,
    kind: Sign,
    { start, end }: Span,
    variants: Edit[][],
    idOf: (base: string) => string,
): Slot {
    const [left, right] = [text.slice(Math.max(0, start - contextChars), start), text.slice(end, end + contextChars)]
    const id = idOf(`typography:${kind}:${`${left}|${right}`.toLowerCase().replaceAll(/\s+/g, " ")}`)
    return { id, kind, robustness: "typography", variants }
}

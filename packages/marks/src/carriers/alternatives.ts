/**
 * Finds slots that the author wrote: alternatives `{{either|or|third}}` and free values `{{=port:20000-20255}}`.
 *
 * Alternatives are in prose; the first is the text's own. A value is a whole number from a range of at most 256. It may
 * be anywhere, also in code. Values with the same name share one choice. `\{{` is a literal brace.
 */
import { canaryPlaces } from "../canary.ts"
import { refuse } from "@tocsin/base/refusal"
import type { Edit, Slot } from "./carrier.ts"
import { keptTexts, unescaped } from "./kept-text.ts"

const group = /\{\{([^{}]*)\}\}/g
const stray = /\{\{|\}\}/
/** Characters that would change the document's structure. */
const unsafe = /[\n\r`*_[\]<>#\\~]/
const anyValue = new RegExp(String.raw`${unescaped}\{\{(=[a-z][a-z0-9-]*:[^{}]*)\}\}`, "g")
const value = /^=([a-z][a-z0-9-]{0,40}):(\d{1,15})-(\d{1,15})$/
const valuesMax = 256
const alternativesMax = 16

interface Value {
    readonly low: number
    readonly high: number
    readonly places: (readonly [start: number, end: number])[]
}

/** Lists the value slots of the whole text. Refuses `mark.bad_alternative`. */
export function valueSlots(text: string, idOf: (base: string) => string): Slot[] {
    const values = new Map<string, Value>()
    const kept = keptStarts(text)
    for (const match of text.matchAll(anyValue)) {
        if (kept.has(match.index)) continue
        const parts = value.exec(match[1] ?? "")
        if (parts === null) refuseAlternative(match[0], "is written `{{=name:low-high}}`")
        const [name, low, high] = [parts[1] ?? "", Number(parts[2]), Number(parts[3])]
        const size = high - low + 1
        if (!(size >= 2 && size <= valuesMax)) refuseAlternative(match[0], `needs a range of 2 to ${valuesMax} values`)
        const known = values.get(name)
        if (known !== undefined && (known.low !== low || known.high !== high))
            refuseAlternative(match[0], "has another range elsewhere")
        const places = known?.places ?? []
        places.push([match.index, match.index + match[0].length])
        values.set(name, { low, high, places })
    }
    return [...values].map(([name, { low, high, places }]) => ({
        id: idOf(`value:${name}:${low}-${high}`),
        kind: "value",
        robustness: "value",
        variants: Array.from({ length: high - low + 1 }, (_, v) =>
            places.map(([start, end]): Edit => ({ start, end, text: String(low + v) })),
        ),
    }))
}

/** Lists the alternatives in the prose between `start` and `end`. Refuses `mark.bad_alternative`. */
export function alternativeSlots(text: string, start: number, end: number, idOf: (base: string) => string): Slot[] {
    const prose = text.slice(start, end)
    const notSlots = new Set([...canaryPlaces(prose).map((place) => place.start), ...keptStarts(prose)])
    const rest = prose.replace(group, (whole) => " ".repeat(whole.length)).replaceAll(/\\[{}]/g, "  ")
    const strayBrace = stray.exec(rest)
    if (strayBrace !== null)
        refuseAlternative(prose.slice(strayBrace.index, strayBrace.index + 30), "opens or closes nothing")
    return [...prose.matchAll(group)].flatMap((match): Slot[] => {
        const inside = match[1] ?? ""
        if (value.test(inside) || inside === "zero-width" || isEscaped(prose, match.index)) return []
        if (notSlots.has(match.index)) return []
        if (inside.startsWith("=")) refuseAlternative(match[0], "is written `{{=name:low-high}}`")
        const forms = inside.split("|")
        checkForms(match[0], forms)
        const at = start + match.index
        const edits = forms.map((form) => [{ start: at, end: at + match[0].length, text: form }])
        const end = at + match[0].length
        const context = `${text.slice(Math.max(0, at - 24), at)}|${text.slice(end, end + 24)}`
        const id = idOf(`alternative:${inside}:${context.toLowerCase().replaceAll(/\s+/g, " ")}`)
        return [{ id, kind: "alternative", robustness: "wording", variants: edits }]
    })
}

/** A span from `start` up to, but without, `end` (UTF-16 offsets). */
export interface Span {
    readonly start: number
    readonly end: number
}

const valueBraces = new RegExp(String.raw`${unescaped}\{\{=(?!keep:)[a-z][a-z0-9-]{0,40}:(\d{1,15})-\d{1,15}\}\}`, "g")
const chosenBraces = new RegExp(String.raw`${unescaped}\{\{(?:zero-width|(?![=|])([^{}|\n\r]*)\|[^{}\n\r]*)\}\}`, "g")

/** Replaces each free value by its lowest number, as its first variant does. */
export function lowestValues(text: string): string {
    return text.replaceAll(valueBraces, (_, low: string) => String(Number(low)))
}

/** Replaces alternatives in these spans by their first form, and removes `{{zero-width}}`. */
export function firstForms(text: string, spans: readonly Span[]): string {
    let [result, at] = ["", 0]
    for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
        const resolved = text.slice(start, end).replaceAll(chosenBraces, (braces: string, first?: string) => {
            if (first === undefined) return ""
            return first.trim() === "" ? braces : first
        })
        result += text.slice(at, start) + resolved
        at = end
    }
    return result + text.slice(at)
}

/** Lists the braces of the text, of alternatives and values. Other transformations must not change them. */
export function bracedSpans(text: string): (readonly [start: number, end: number])[] {
    return [...text.matchAll(group)].map((match) => [match.index, match.index + match[0].length])
}

/** Checks whether the braces are literal: after an odd number of backslashes. */
export function isEscaped(text: string, at: number): boolean {
    let from = at
    while (text.charAt(from - 1) === "\\") from -= 1
    return (at - from) % 2 === 1
}

/**
 * Refuses `mark.bad_alternative` for braces that no slot replaces, because every copy would show them. Code may contain
 * braces.
 */
export function checkReplaced(
    text: string,
    slots: readonly Slot[],
    code: readonly (readonly [number, number])[],
): void {
    const canaries = canaryPlaces(text).map(({ start }) => start)
    const replaced = new Set([
        ...canaries,
        ...keptStarts(text),
        ...slots.flatMap((slot) => slot.variants.flat().map((edit) => edit.start)),
    ])
    for (const [start, end] of bracedSpans(text)) {
        if (replaced.has(start) || isEscaped(text, start) || code.some(([from, to]) => from <= start && end <= to))
            continue
        refuseAlternative(text.slice(start, end), "stands where nothing can be exchanged")
    }
}

function keptStarts(text: string): Set<number> {
    return new Set(keptTexts(text).map(({ start }) => start))
}

function checkForms(whole: string, forms: readonly string[]): void {
    if (forms.length < 2) refuseAlternative(whole, "offers no choice")
    if (forms.length > alternativesMax) refuseAlternative(whole, `offers more than ${alternativesMax} choices`)
    if (forms.some((form) => form.trim() === "")) refuseAlternative(whole, "has an empty alternative")
    if (forms.some((form) => unsafe.test(form)))
        refuseAlternative(whole, "holds formatting, which a copy could not keep apart")
    if (new Set(forms.map((form) => form.trim().toLowerCase())).size < forms.length)
        refuseAlternative(whole, "says the same twice")
}

function refuseAlternative(braces: string, reason: string): never {
    refuse(
        "invalid",
        "mark.bad_alternative",
        `\`${braces.replaceAll(/\s+/g, " ").slice(0, 60)}\` ${reason.replaceAll("`", "")}`,
    )
}

/**
 * Slots in prose: words and phrases of the lexicon, where their surroundings allow it.
 *
 * A stretch is prose without formatting inside. What stands right before and after it may be unknown.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import type { Edit, Slot } from "./carrier.ts"
import { classes, verbs } from "./lexicon.ts"
import { phrases } from "./phrases.ts"
import { wordings } from "./wordings.ts"

export interface Stretch {
    readonly start: number
    readonly end: number
    /** Whether a paragraph begins, or ends, here. */
    readonly opens: boolean
    readonly closes: boolean
    /** What follows is code. */
    readonly beforeCode: boolean
}

interface Entry {
    readonly forms: readonly string[]
    readonly conditions: Readonly<Record<string, ReadonlySet<string>>>
}

interface Found {
    readonly text: string
    readonly start: number
    readonly end: number
}

/** What stands beside a match: a word in lower case, or the names of classes in capitals; empty where unknown. */
type Beside = readonly string[]

const wordPattern = /[\p{L}\p{N}](?:[\p{L}\p{N}'’_./\\:@+-]*[\p{L}\p{N}])?/gu
const determiners = new Set((classes.DET ?? "").split(/\s+/))
const notIng = new Set(
    "during string thing anything something everything nothing king bring ring following morning".split(" "),
)
const vowelSound = /^(?:[aeio]|u(?!n[ai]|s|ti|biq|rl|ni))/
const phraseWordsMax = 8
const contextWords = 4

/** The wording slots of the stretches of `text`, in text order. `idOf` gives equal contexts different ids. */
export function wordingSlots(text: string, stretches: readonly Stretch[], idOf: (base: string) => string): Slot[] {
    const all = wordsIn(text, 0, text.length)
    return stretches.flatMap((stretch) => {
        const slots: Slot[] = []
        const words = wordsIn(text, stretch.start, stretch.end)
        for (let i = 0; i < words.length;) {
            const match = matchAt(text, stretch, words, i)
            if (match === null) {
                i++
                continue
            }
            const context = contextOf(all, match.edits[0]?.start ?? 0, match.edits[0]?.end ?? 0)
            const id = idOf(`wording:${match.entry.forms.join("|")}:${context}`)
            const variants = match.edits.map((edit, v) => (v === 0 ? [] : [edit]))
            slots.push({ id, kind: "wording", robustness: "wording", variants })
            i += match.length
        }
        return slots
    })
}

/** Makes ids of bases: a hash of the base, with a count where the same base comes again. */
export function distinctIds(): (base: string) => string {
    const seen = new Map<string, number>()
    return (base) => {
        const before = seen.get(base) ?? 0
        seen.set(base, before + 1)
        const hash = bytesToHex(sha256(new TextEncoder().encode(base)).subarray(0, 12))
        return before === 0 ? hash : `${hash}#${before}`
    }
}

function wordsIn(text: string, start: number, end: number): Found[] {
    return [...text.slice(start, end).matchAll(wordPattern)].map((match) => ({
        text: match[0],
        start: start + match.index,
        end: start + match.index + match[0].length,
    }))
}

/** The words around a place, by which its slot is known. */
function contextOf(all: readonly Found[], start: number, end: number): string {
    let low = 0
    let high = all.length
    while (low < high) {
        const middle = (low + high) >> 1
        if ((all[middle]?.start ?? 0) < start) low = middle + 1
        else high = middle
    }
    let after = low
    while ((all[after]?.end ?? Infinity) <= end) after++
    const [left, right] = [all.slice(Math.max(0, low - contextWords), low), all.slice(after, after + contextWords)]
    return [left, right].map((side) => side.map((word) => word.text.toLowerCase()).join(" ")).join("|")
}

interface Match {
    readonly entry: Entry
    readonly length: number
    /** One for each form; the first is the text as written. */
    readonly edits: readonly Edit[]
}

/** The longest entry that is found at this word and fits its surroundings. */
function matchAt(text: string, stretch: Stretch, words: readonly Found[], at: number): Match | null {
    const first = words[at]
    if (first === undefined || !starts.has(first.text.toLowerCase())) return null
    for (let length = Math.min(phraseWordsMax, words.length - at); length > 0; length--) {
        const last = words[at + length - 1] ?? first
        const written = unwrapped(text.slice(first.start, last.end))
        for (const entry of entries.get(uncapitalised(written)) ?? []) {
            const match = fitted(text, stretch, words, { entry, at, length })
            if (match !== null) return match
        }
    }
    return null
}

function fitted(
    text: string,
    stretch: Stretch,
    words: readonly Found[],
    { entry, at, length }: { entry: Entry; at: number; length: number },
): Match | null {
    const [first, last] = [words[at], words[at + length - 1]]
    if (first === undefined || last === undefined) return null
    const prev = before(text, stretch, first.start, words[at - 1])
    const next = after(text, stretch, last.end, words[at + length])
    const capital = first.text.charAt(0) !== first.text.charAt(0).toLowerCase()
    if (capital && !prev.includes("START")) return null
    if (!meets(entry, prev, next)) return null
    const written = text.slice(first.start, last.end)
    const plain = uncapitalised(unwrapped(written))
    const forms = entry.forms.filter((form) => form !== plain && standsBetween(form, prev, next))
    if (forms.length === 0) return null
    const wrapped = forms.map((form) => rewrapped(capital ? capitalised(form) : form, written))
    const edits = [written, ...wrapped].map((form) => ({ start: first.start, end: last.end, text: form }))
    return { entry, length, edits: withArticles(text, edits, words[at - 1]) }
}

const lineBreak = /[ \t]*\n[ \t]*/

function unwrapped(phrase: string): string {
    return phrase.replace(lineBreak, " ")
}

/** The form with the line break that the written phrase has, where it has words to break between. */
function rewrapped(form: string, written: string): string {
    const gap = lineBreak.exec(written)?.[0]
    const at = form.lastIndexOf(" ")
    return gap === undefined || at < 0 ? form : form.slice(0, at) + gap + form.slice(at + 1)
}

/** With the article before the match drawn in, where some form needs the other one. */
function withArticles(text: string, edits: readonly Edit[], article: Found | undefined): readonly Edit[] {
    const word = article?.text.toLowerCase()
    if (article === undefined || (word !== "a" && word !== "an")) return edits
    const gap = text.slice(article.end, edits[0]?.start)
    if (gap.trim() !== "") return edits
    const needed = edits.map((edit) => (vowelSound.test(edit.text) ? "an" : "a"))
    if (needed.every((one) => one === word)) return edits
    const big = article.text.charAt(0) === "A"
    return edits.map((edit, i) => {
        const form = i === 0 ? article.text : big ? capitalised(needed[i] ?? word) : (needed[i] ?? word)
        return { start: article.start, end: edit.end, text: `${form}${gap}${edit.text}` }
    })
}

/** No word twice in a row, and no two articles. */
function standsBetween(form: string, prev: Beside, next: Beside): boolean {
    const [head, tail] = [/^\S+/.exec(form)?.[0] ?? "", /\S+$/.exec(form)?.[0] ?? ""]
    const article = head === "a" || head === "an" || head === "the"
    return !prev.includes(head) && !next.includes(tail) && !(article && prev.some((word) => determiners.has(word)))
}

function meets(entry: Entry, prev: Beside, next: Beside): boolean {
    const { prev: needPrev, next: needNext, noprev, nonext } = entry.conditions
    if (needPrev && !prev.some((one) => needPrev.has(one))) return false
    if (needNext && !next.some((one) => needNext.has(one))) return false
    if (noprev && (prev.length === 0 || prev.some((one) => noprev.has(one)))) return false
    return !(nonext && (next.length === 0 || next.some((one) => nonext.has(one))))
}

function before(text: string, stretch: Stretch, start: number, word: Found | undefined): Beside {
    const gap = text.slice(word?.end ?? stretch.start, start)
    if (word === undefined && gap.trim() === "") return stretch.opens ? ["START", "PUNCT"] : []
    if (/^\s+$/.test(gap)) return word === undefined ? [] : named(word.text)
    if (/[.!?:]["”’)]*\s+$/.test(gap)) return ["START", "PUNCT"]
    if (/,\s+$/.test(gap)) return ["COMMA"]
    return /[;(]\s*$|\s[–—-]\s+$/.test(gap) ? ["PUNCT"] : []
}

function after(text: string, stretch: Stretch, end: number, word: Found | undefined): Beside {
    const gap = text.slice(end, word?.start ?? stretch.end)
    if (word === undefined && gap.trim() === "") return stretch.closes ? ["PUNCT"] : stretch.beforeCode ? ["CODE"] : []
    if (/^\s+$/.test(gap)) return word === undefined ? [] : named(word.text)
    if (gap.startsWith(",")) return ["COMMA"]
    return /^[.;:!?)]|^\s[–—-]\s/.test(gap) ? ["PUNCT"] : []
}

function named(word: string): Beside {
    const small = word.toLowerCase()
    if (/^\d{1,6}$/.test(word)) return [small, "DIGIT"]
    return small.length > 4 && small.endsWith("ing") && !notIng.has(small) ? [small, "ING"] : [small]
}

function capitalised(form: string): string {
    return form.charAt(0).toUpperCase() + form.slice(1)
}

function uncapitalised(form: string): string {
    return form.charAt(0).toLowerCase() + form.slice(1)
}

function conditionsOf(clauses: readonly string[]): Entry["conditions"] {
    const conditions: Record<string, ReadonlySet<string>> = {}
    for (const clause of clauses) {
        const [kind = "", ...names] = clause.trim().split(/\s+/)
        conditions[kind] = new Set(names.flatMap((name) => classes[name]?.split(/\s+/) ?? [name]))
    }
    return conditions
}

/** Each entry under every form by which it is found. */
function read(): Map<string, Entry[]> {
    const found = new Map<string, Entry[]>()
    const enter = (sources: readonly string[], others: readonly string[], conditions: Entry["conditions"]): void => {
        const entry = { forms: [...sources, ...others], conditions }
        for (const source of sources) found.set(source, [...(found.get(source) ?? []), entry])
    }
    for (const line of [...linesOf(wordings), ...linesOf(phrases)]) {
        const [forms = "", ...clauses] = line.split(" / ")
        const [sources = "", others = ""] = forms.split(">")
        enter(listed(sources, "|"), listed(others, "|"), conditionsOf(clauses))
    }
    for (const line of linesOf(verbs)) {
        const [forms = "", ...clauses] = line.split(" / ")
        const [sources = [], others = []] = forms
            .split(">")
            .map((side) => listed(side, "=").map((verb) => verb.split(/\s+/)))
        const conditions = conditionsOf(clauses)
        for (let column = 0; column < (sources[0]?.length ?? 0); column++) {
            const [from, to] = [sources, others].map((side) =>
                side.map((verb) => (verb[column] ?? "").replaceAll("-", " ")),
            )
            enter(from ?? [], to ?? [], conditions)
        }
    }
    return found
}

function linesOf(table: string): string[] {
    return table.trim().split("\n")
}

function listed(forms: string, by: string): string[] {
    return forms
        .split(by)
        .map((form) => form.trim())
        .filter((form) => form !== "")
}

const entries = read()
const starts = new Set([...entries.keys()].map((form) => form.split(" ")[0]))

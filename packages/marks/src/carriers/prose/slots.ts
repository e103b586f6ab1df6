/**
 * Finds slots in prose: words and phrases of the lexicon whose surroundings allow an exchange.
 *
 * A stretch is prose without formatting inside. Its surroundings may be unknown.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import type { Edit, Robustness, Slot } from "../carrier.ts"
import { type MovedClause, movedClauses } from "./clauses.ts"
import { dateSlots } from "./dates.ts"
import { type Entry, entries, firstWords } from "./entries.ts"
import { classes } from "../../lexicon/lexicon.ts"
import { reducedRelative } from "./relatives.ts"
import { type VoiceChange, voiceChanges } from "./voice.ts"

/** A run of prose between code, markup and links, in which slots are found. */
export interface Stretch {
    readonly start: number
    readonly end: number
    /** Whether a paragraph begins, or ends, here. */
    readonly opens: boolean
    readonly closes: boolean
    /** Whether code is directly before or after it. */
    readonly afterCode: boolean
    readonly beforeCode: boolean
}

interface WordAt {
    readonly text: string
    readonly start: number
    readonly end: number
}

/** The word next to a match in lower case, or the names of its classes in capitals; empty where unknown. */
type Neighbours = readonly string[]

const wordPattern = /[\p{L}\p{N}](?:[\p{L}\p{N}'’_./\\:@+-]*[\p{L}\p{N}])?/gu
const determiners = new Set((classes.DET ?? "").split(/\s+/))
const notIng = new Set(
    "during string thing anything something everything nothing king bring ring following morning".split(" "),
)
const nouns = new Set((classes.NOUN ?? "").split(/\s+/))
const vowelSound = /^(?:h(?:our|onest)|[aei]|o(?!nc?e\b)|u(?!ni(?!n)|s[aeiu]|ti|biq|rl))/
const phraseWordsMax = 8
const contextWords = 4
const nearWords = 5

/**
 * Returns the wording slots of these stretches. `idOf` gives equal contexts different ids. A decision for the whole
 * document becomes one for each stretch where stretches are read apart.
 */
export function wordingSlots(
    text: string,
    stretches: readonly Stretch[],
    idOf: (base: string) => string,
    decidesTogether = true,
): Slot[] {
    const list = wordsIn(text, 0, text.length)
    const slots: Slot[] = []
    const termMatches = new Map<string, Match[]>()
    stretches.forEach((stretch, n) => {
        const matches = matchesIn(text, stretch)
        for (const match of matches) {
            if (match.stems === null) slots.push(slotOf(match, list, idOf))
            else {
                const key = `${match.stems[0]}:${decidesTogether ? "" : n}`
                const known = termMatches.get(key)
                if (known === undefined) termMatches.set(key, [match])
                else known.push(match)
            }
        }
        const taken = matches.flatMap(({ edits }) => edits.slice(0, 1))
        const moved = movedClauses(text, stretch, taken)
        slots.push(...moved.map((moved) => clauseSlot(moved, list, idOf)))
        taken.push(...moved.flatMap(({ edits }) => edits))
        slots.push(...voiceChanges(text, stretch, taken).map((voiced) => voiceSlot(voiced, list, idOf)))
    })
    if (decidesTogether) slots.push(...dateSlots(text, stretches, idOf))
    for (const matches of termMatches.values()) {
        if (!decidesTogether || coversEveryPlace(matches, list)) slots.push(...wholeSlots(matches, idOf))
    }
    return slots
}

/** Whether none of its places in the document is left out. */
function coversEveryPlace(matches: readonly Match[], list: readonly WordAt[]): boolean {
    const stem = matches[0]?.stems?.[matches[0].written] ?? ""
    const lists = list.filter((word) => word.text.toLowerCase().startsWith(stem) && !word.text.includes("-"))
    return lists.length === matches.length
}

function matchesIn(text: string, stretch: Stretch): Match[] {
    const words = wordsIn(text, stretch.start, stretch.end)
    const matches: Match[] = []
    for (let i = 0; i < words.length;) {
        const match = matchAt(text, stretch, words, i)
        // An article that a form needs may reach into the match before.
        if (match !== null && (match.edits[0]?.start ?? 0) >= (matches.at(-1)?.edits[0]?.end ?? 0)) matches.push(match)
        i += match?.length ?? 1
    }
    return matches
}

function slotOf(match: Match, list: readonly WordAt[], idOf: (base: string) => string): Slot {
    const context = contextOf(list, match.edits[0]?.start ?? 0, match.edits[0]?.end ?? 0)
    const variants = match.edits.map((edit, v) => (v === 0 ? [] : [edit]))
    const { robustness } = match
    const kind = robustness === "fragile" ? "style" : "wording"
    return { id: idOf(`wording:${match.name}:${context}`), kind, robustness, variants }
}

function clauseSlot({ clause, edits }: MovedClause, list: readonly WordAt[], idOf: (base: string) => string): Slot {
    const context = contextOf(list, edits[0]?.start ?? 0, edits[0]?.end ?? 0)
    const id = idOf(`clause-order:${clause}:${context}`)
    return { id, kind: "clause-order", robustness: "wording", variants: [[], edits] }
}

function voiceSlot({ sentence, edit }: VoiceChange, list: readonly WordAt[], idOf: (base: string) => string): Slot {
    const id = idOf(`voice:${sentence}:${contextOf(list, edit.start, edit.end)}`)
    return { id, kind: "voice", robustness: "wording", variants: [[], [edit]] }
}

/** One slot for all places, if the author kept to one form and none is left out. */
function wholeSlots(matches: readonly Match[], idOf: (base: string) => string): Slot[] {
    const [first] = matches
    if (first === undefined || matches.some(({ written }) => written !== first.written)) return []
    const count = Math.min(...matches.map(({ edits }) => edits.length))
    const variants = Array.from({ length: count }, (_, v) =>
        matches.flatMap(({ edits }) => (v === 0 ? [] : edits.slice(v, v + 1))),
    )
    const id = idOf(`term:${first.stems?.[0]}:${first.written}`)
    return [{ id, kind: "term", robustness: first.robustness, variants }]
}

/** Makes ids of bases: a hash of the base, with a count where the same base comes again. */
export function distinctIds(): (base: string) => string {
    const seen = new Map<string, number>()
    return (base) => {
        const count = seen.get(base) ?? 0
        seen.set(base, count + 1)
        const hash = bytesToHex(sha256(new TextEncoder().encode(base)).subarray(0, 12))
        return count === 0 ? hash : `${hash}#${count}`
    }
}

function wordsIn(text: string, start: number, end: number): WordAt[] {
    return [...text.slice(start, end).matchAll(wordPattern)].map((match) => ({
        text: match[0],
        start: start + match.index,
        end: start + match.index + match[0].length,
    }))
}

/** The words around a place, by which its slot is known. */
function contextOf(list: readonly WordAt[], start: number, end: number): string {
    let low = 0
    let high = list.length
    while (low < high) {
        const middle = (low + high) >> 1
        if ((list[middle]?.start ?? 0) < start) low = middle + 1
        else high = middle
    }
    let after = low
    while ((list[after]?.end ?? Infinity) <= end) after++
    const [left, right] = [list.slice(Math.max(0, low - contextWords), low), list.slice(after, after + contextWords)]
    return [left, right].map((side) => side.map((word) => word.text.toLowerCase()).join(" ")).join("|")
}

interface Match {
    /** The name of its slot, next to the words around it. */
    readonly name: string
    readonly robustness: Robustness
    readonly stems: Entry["stems"]
    /** Which of its entry's forms was written. */
    readonly written: number
    readonly length: number
    /** One for each form; the first is the text as written. */
    readonly edits: readonly Edit[]
}

/** The longest entry that is found at this word and fits its surroundings. */
function matchAt(text: string, stretch: Stretch, words: readonly WordAt[], at: number): Match | null {
    const first = words[at]
    if (first === undefined) return null
    const relative = relativeAt(text, stretch, words, at)
    if (relative !== null) return relative
    if (!firstWords.has(first.text.toLowerCase())) return null
    for (let length = Math.min(phraseWordsMax, words.length - at); length > 0; length--) {
        const last = words[at + length - 1] ?? first
        const written = unwrapped(text.slice(first.start, last.end))
        for (const entry of entries.get(uncapitalised(written)) ?? []) {
            const match = fitEntry(text, stretch, words, { entry, at, length })
            if (match !== null) return match
        }
    }
    return null
}

function relativeAt(text: string, stretch: Stretch, words: readonly WordAt[], at: number): Match | null {
    const first = words[at]
    if (first === undefined || (first.text !== "that" && first.text !== "which")) return null
    if (!neighboursBefore(text, stretch, first.start, words[at - 1]).some((word) => nouns.has(word))) return null
    const reduced = reducedRelative([first.text, ...wordsFollowing(text, words, at)])
    const last = words[at + (reduced?.length ?? 1) - 1]
    if (reduced === null || last === undefined) return null
    const { start, end } = { start: first.start, end: last.end }
    const edits = [text.slice(start, end), reduced.short].map((form) => ({ start, end, text: form }))
    return { name: "relative", robustness: "wording", stems: null, written: 0, length: reduced.length, edits }
}

/** The words that follow one with nothing but white space between. */
function wordsFollowing(text: string, words: readonly WordAt[], at: number): string[] {
    const near: string[] = []
    for (let i = at + 1; i <= at + nearWords; i++) {
        const word = words[i]
        if (word === undefined || text.slice(words[i - 1]?.end, word.start).trim() !== "") break
        near.push(word.text.toLowerCase())
    }
    return near
}

function fitEntry(
    text: string,
    stretch: Stretch,
    words: readonly WordAt[],
    { entry, at, length }: { entry: Entry; at: number; length: number },
): Match | null {
    const [first, last] = [words[at], words[at + length - 1]]
    if (first === undefined || last === undefined) return null
    const prev = neighboursBefore(text, stretch, first.start, words[at - 1])
    const next = neighboursAfter(text, stretch, last.end, words[at + length])
    const capital = first.text.charAt(0) !== first.text.charAt(0).toLowerCase()
    if (capital && !prev.includes("START")) return null
    if (!meetsConditions(entry, prev, next)) return null
    if (!isNear(entry, wordsFollowing(text, words, at + length - 1))) return null
    const written = text.slice(first.start, last.end)
    const plain = uncapitalised(unwrapped(written))
    const isWhole = entry.stems !== null
    const forms = entry.forms.filter((form) => form !== plain && (isWhole || fitsBetween(form, prev, next)))
    if (forms.length === 0) return null
    const wrapped = forms.map((form) => rewrapped(capital ? capitalised(form) : form, written))
    const edits = [written, ...wrapped].map((form) => ({ start: first.start, end: last.end, text: form }))
    const { stems, robustness } = entry
    return {
        name: entry.forms.join("|"),
        robustness,
        stems,
        length,
        written: entry.forms.indexOf(plain),
        edits: withArticles(text, edits, words[at - 1]),
    }
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

/** Includes the article before the match where some form needs the other article. */
function withArticles(text: string, edits: readonly Edit[], article: WordAt | undefined): readonly Edit[] {
    const word = article?.text.toLowerCase()
    if (article === undefined || (word !== "a" && word !== "an")) return edits
    const gap = text.slice(article.end, edits[0]?.start)
    if (gap.trim() !== "") return edits
    const needed = edits.map((edit) => (vowelSound.test(edit.text) ? "an" : "a"))
    if (needed.every((item) => item === word)) return edits
    const isCapital = article.text.charAt(0) === "A"
    return edits.map((edit, i) => {
        const form = i === 0 ? article.text : isCapital ? capitalised(needed[i] ?? word) : (needed[i] ?? word)
        return { start: article.start, end: edit.end, text: `${form}${gap}${edit.text}` }
    })
}

/** No word twice in a row, and no two articles. */
function fitsBetween(form: string, prev: Neighbours, next: Neighbours): boolean {
    const [head, tail] = [/^\S+/.exec(form)?.[0] ?? "", /\S+$/.exec(form)?.[0] ?? ""]
    const article = head === "a" || head === "an" || head === "the"
    return !prev.includes(head) && !next.includes(tail) && !(article && prev.some((word) => determiners.has(word)))
}

function isNear({ conditions: { near, nonear } }: Entry, words: readonly string[]): boolean {
    if (near && !words.some((word) => near.has(word))) return false
    return !(nonear && words.some((word) => nonear.has(word) || (nonear.has("ED") && word.endsWith("ed"))))
}

function meetsConditions(entry: Entry, prev: Neighbours, next: Neighbours): boolean {
    const { prev: needPrev, next: needNext, noprev, nonext } = entry.conditions
    if (needPrev && !prev.some((item) => needPrev.has(item))) return false
    if (needNext && !next.some((item) => needNext.has(item))) return false
    if (noprev && (prev.length === 0 || prev.some((item) => noprev.has(item)))) return false
    return !(nonext && (next.length === 0 || next.some((item) => nonext.has(item))))
}

function neighboursBefore(text: string, stretch: Stretch, start: number, word: WordAt | undefined): Neighbours {
    const gap = text.slice(word?.end ?? stretch.start, start)
    if (word === undefined && gap.trim() === "")
        return stretch.opens ? ["START", "PUNCT"] : stretch.afterCode ? ["CODE"] : []
    if (/^\s+$/.test(gap)) return word === undefined ? [] : classesOfWord(word.text)
    if (/[.!?:]["”’)]*\s+$/.test(gap)) return ["START", "PUNCT"]
    if (/,\s+$/.test(gap)) return ["COMMA"]
    return /[;(]\s*$|\s[–—-]\s+$/.test(gap) ? ["PUNCT"] : []
}

function neighboursAfter(text: string, stretch: Stretch, end: number, word: WordAt | undefined): Neighbours {
    const gap = text.slice(end, word?.start ?? stretch.end)
    if (word === undefined && gap.trim() === "") return stretch.closes ? ["PUNCT"] : stretch.beforeCode ? ["CODE"] : []
    if (/^\s+$/.test(gap)) return word === undefined ? [] : classesOfWord(word.text)
    if (gap.startsWith(",")) return ["COMMA"]
    return /^[.;:!?)]|^\s[–—-]\s/.test(gap) ? ["PUNCT"] : []
}

function classesOfWord(word: string): Neighbours {
    const small = word.toLowerCase()
    if (/^\d{1,6}$/.test(word)) return [small, "DIGIT"]
    if (/^v?\d+(?:\.\d+)+\w*$/.test(small)) return [small, "VERSION"]
    return small.length > 4 && small.endsWith("ing") && !notIng.has(small) ? [small, "ING"] : [small]
}

function capitalised(form: string): string {
    return form.charAt(0).toUpperCase() + form.slice(1)
}

function uncapitalised(form: string): string {
    return form.charAt(0).toLowerCase() + form.slice(1)
}

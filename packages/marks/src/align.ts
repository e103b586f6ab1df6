/**
 * Reads a mark back: the variant of each slot that a leak shows.
 *
 * Reading knows no codeword, so it cannot favour a candidate. It finds rows of words that master and leak share,
 * starting from short runs. It follows each row as far as possible, over small edits. Each leaked word belongs to the
 * longest row over it. A slot is read only inside such a row, and only if its form is unambiguous.
 */
import type { Slot, Symbol } from "./carriers/carrier.ts"
import { type Element, type Form, latticeOf } from "./lattice.ts"
import { refuse } from "@tocsin/base/refusal"
import { cacheForLongTexts } from "./once.ts"
import { type Tokenise, proseTokens } from "./tokens.ts"

/** The length of the longest leak that is read, in UTF-16 code units. */
export const leakCharsMax = 1024 * 1024

/** Words in a run that starts a row; leak positions looked up for each run; and words that make a row count. */
const runWords = 4
const runPlacesMax = 8
const rowWordsMin = 10
/** Forms of a site above which no run goes through it; and runs that may start at one word. */
const runFormsMax = 12
const runsMax = 96
/** Words that must fit on each side of a site for it to be read. */
const adjacentWordsMin = 2
/** Words that a row looks ahead to resume after an edit; and words that decide between forms. */
const gapMax = 40
const lookaheadMax = 12
/** Average steps for each leaked word after which the search stops. */
const stepsPerWord = 2000
/** Words that all rows may hold for each leaked word: a bound for texts that repeat themselves. */
const cellsPerWord = 12
const smallLeak = 1000
/** For a slot that occurs more than once: the votes of its variant must exceed all others by this factor. */
const majorityFactor = 3

interface Site {
    readonly forms: readonly { readonly ids: readonly number[]; readonly votes: Form["votes"] }[]
}

interface SlotRead {
    readonly votes: Form["votes"]
    readonly site: number
    /** Index in the row of the first word, number of words, and words of the stretch that precede them. */
    readonly at: number
    readonly size: number
    readonly left: number
    readonly stretch: number
}

/** A row of matched words: the leak position and the master element of each, and the slots read in between. */
interface Row {
    readonly leakAt: number[]
    readonly masterAt: number[]
    readonly reads: SlotRead[]
    /** Words of each unbroken stretch. A stretch that reaches the end of both texts has the length Infinity. */
    readonly stretches: number[]
    score: number
}

interface AlignmentInput {
    readonly elements: readonly (number | Site)[]
    readonly leak: Int32Array
    /** For each word of the leak: 1 if the master can contain it. */
    readonly isShared: Uint8Array
    steps: number
    cells: number
}

/** Positions that known rows cover: (master element, leak position) as one number → packed row and index. */
type CoveredPositions = ReadonlyMap<number, number>

const indexMax = 2 ** 24

/**
 * Reads the symbol of each slot, in the order of `slots`. `leak` may be one excerpt or several, in any order. Null
 * means that the slot is not in the leak, "mixed" that copies contradict each other. Refuses `trace.too_long` above
 * `leakCharsMax`.
 */
export function readSlots(
    master: string,
    slots: readonly Slot[],
    leak: string,
    tokenise: Tokenise = proseTokens,
): Symbol[] {
    assertReadable(leak.length)
    const texts = internWords(latticeOf(master, slots, tokenise), wordsOf(leak, tokenise))
    const rows = findRows(texts)
    const votes = slots.map(() => new Map<number, number>())
    for (const [slot, variant] of collectVotes(rows, texts.leak.length)) {
        const counts = votes[slot]
        counts?.set(variant, (counts.get(variant) ?? 0) + 1)
    }
    return votes.map(majorityVote)
}

/** The words of a leak, numbered. */
export interface NumberedWords {
    readonly words: readonly string[]
    /** The number of each distinct word, from 0 in order of first occurrence; and the whole text as numbers. */
    readonly numbers: ReadonlyMap<string, number>
    readonly sequence: Int32Array
}

const wordCaches = new Map<Tokenise, (leak: string) => NumberedWords>()

/** Splits a leak into numbered words. The result is kept, so that a leak can be read against many masters. */
export function wordsOf(leak: string, tokenise: Tokenise): NumberedWords {
    const make = wordCaches.get(tokenise) ?? cacheForLongTexts((text) => numberWords(tokenise(text)))
    wordCaches.set(tokenise, make)
    return make(leak)
}

/** Numbers distinct words from 0 in order of first occurrence. */
export function numberWords(words: readonly string[]): NumberedWords {
    const numbers = new Map<string, number>()
    const from = Int32Array.from(words, (word) => {
        const number = numbers.get(word) ?? numbers.size
        numbers.set(word, number)
        return number
    })
    return { words, numbers, sequence: from }
}

/** Refuses `trace.too_long` for a leak that is too long to read. Callers also check before they load a leak. */
export function assertReadable(length: number): void {
    if (length <= leakCharsMax) return
    refuse(
        "invalid",
        "trace.too_long",
        `the leak has a length of \`${length}\`: give at most \`${leakCharsMax}\` UTF-16 units at a time`,
    )
}

function majorityVote(counts: ReadonlyMap<number, number>): Symbol {
    const inOrder = [...counts].toSorted((a, b) => b[1] - a[1])
    const first = inOrder[0]
    if (first === undefined) return null
    const others = inOrder.slice(1).reduce((sum, [, count]) => sum + count, 0)
    return first[1] > majorityFactor * others ? first[0] : "mixed"
}

/** Maps the master's words to the leak's numbers; −1 for words that the leak does not have. */
function internWords(lattice: readonly Element[], { numbers, sequence }: NumberedWords): AlignmentInput {
    const isShared = new Uint8Array(numbers.size)
    const idOf = (word: string): number => {
        const id = numbers.get(word) ?? -1
        if (id >= 0) isShared[id] = 1
        return id
    }
    const elements = lattice.map((element) =>
        typeof element === "string"
            ? idOf(element)
            : { forms: element.map((form) => ({ ids: form.words.map(idOf), votes: form.votes })) },
    )
    const size = sequence.length + smallLeak
    return { elements, leak: sequence, isShared, steps: stepsPerWord * size, cells: cellsPerWord * size }
}

function findRows(texts: AlignmentInput): Row[] {
    const runPositions = indexRuns(texts)
    const covered = new Map<number, number>()
    const width = texts.leak.length + 1
    const rows: Row[] = []
    for (let at = 0; at < texts.elements.length && texts.steps > 0 && texts.cells > 0; at++) {
        for (const run of runsFrom(texts, at)) {
            for (const leakAt of runPositions.get(run) ?? []) {
                if (covered.has(at * width + leakAt) || countMatching(texts, at, leakAt, runWords) < runWords) continue
                const row = followRow(texts, at, leakAt, { seen: covered, rows })
                const packed = rows.push(row) * indexMax
                texts.cells -= row.leakAt.length
                row.masterAt.forEach((masterAt, i) => {
                    const key = masterAt * width + (row.leakAt[i] ?? 0)
                    if (!covered.has(key)) covered.set(key, packed + i)
                })
            }
        }
    }
    return rows.filter((row) => row.score >= rowWordsMin)
}

/** Maps the hash of each run of shared words to its positions in the leak. */
function indexRuns({ leak, isShared }: AlignmentInput): Map<number, number[]> {
    const places = new Map<number, number[]>()
    let shared = 0
    for (let end = 0; end < leak.length; end++) {
        shared = isShared[leak[end] ?? 0] === 1 ? shared + 1 : 0
        if (shared < runWords) continue
        const at = end + 1 - runWords
        let hash = 0
        for (let i = at; i <= end; i++) hash = mixHash(hash, leak[i] ?? 0)
        const known = places.get(hash)
        if (known === undefined) places.set(hash, [at])
        else if (known.length < runPlacesMax) known.push(at)
    }
    return places
}

function mixHash(hash: number, id: number): number {
    return (Math.imul(hash ^ id, 0x9e3779b1) + 0x7f4a7c15) | 0
}

/** Hashes the runs that can start at an element, over all forms of its sites. */
function runsFrom(texts: AlignmentInput, start: number): Set<number> {
    const runs = new Set<number>()
    const extend = (at: number, hash: number, left: number): void => {
        if (runs.size >= runsMax) return
        if (left === 0) {
            runs.add(hash)
            return
        }
        const element = texts.elements[at]
        if (element === undefined) return
        if (typeof element === "number") return extend(at + 1, mixHash(hash, element), left - 1)
        if (element.forms.length > runFormsMax) return
        for (const { ids } of element.forms) {
            if (at === start && ids.length === 0) continue
            const taken = ids.slice(0, left)
            extend(at + 1, taken.reduce(mixHash, hash), left - taken.length)
        }
    }
    extend(start, 0, runWords)
    return runs
}

/** Counts the words that fit from here without a break, up to `limit`. */
function countMatching(texts: AlignmentInput, at: number, leakAt: number, limit: number): number {
    texts.steps--
    if (limit <= 0 || leakAt >= texts.leak.length) return 0
    const element = texts.elements[at]
    if (element === undefined) return 0
    if (typeof element === "number") {
        return element === texts.leak[leakAt] ? 1 + countMatching(texts, at + 1, leakAt + 1, limit - 1) : 0
    }
    let best = 0
    for (const { ids } of element.forms) {
        const fits = matchLength(texts.leak, leakAt, ids)
        const whole = fits === ids.length
        const more = whole ? fits + countMatching(texts, at + 1, leakAt + fits, limit - fits) : fits
        if (more > best) best = more
        if (best >= limit) return limit
    }
    return best
}

function matchLength(leak: Int32Array, leakAt: number, ids: readonly number[]): number {
    let fits = 0
    while (fits < ids.length && leak[leakAt + fits] === ids[fits]) fits++
    return fits
}

/** Finds the form at a site after which the text continues longest. Null if no form fits; no votes on a tie. */
function bestFormAt(
    texts: AlignmentInput,
    at: number,
    leakAt: number,
    site: Site,
): { size: number; votes: Form["votes"] } | null {
    let best: { size: number; votes: Form["votes"] } | null = null
    let bestReach = -1
    for (const { ids, votes } of site.forms) {
        if (matchLength(texts.leak, leakAt, ids) < ids.length) continue
        const ahead = ids.length + countMatching(texts, at + 1, leakAt + ids.length, lookaheadMax)
        if (ahead > bestReach) [best, bestReach] = [{ size: ids.length, votes }, ahead]
        else if (ahead === bestReach && best !== null) best = { size: best.size, votes: [] }
    }
    return best
}

/** Follows a row from its start to the point where it is lost or joins a known row. */
function followRow(
    texts: AlignmentInput,
    start: number,
    leakStart: number,
    { seen: covered, rows }: { seen: CoveredPositions; rows: readonly Row[] },
): Row {
    const row: Row = { leakAt: [], masterAt: [], reads: [], stretches: [], score: 0 }
    const width = texts.leak.length + 1
    let [at, leakAt] = [start, leakStart]
    let stretch = at === 0 && leakAt === 0 ? adjacentWordsMin : 0
    let joined = 0
    const advance = (size: number): void => {
        for (let i = 0; i < size; i++) {
            row.leakAt.push(leakAt++)
            row.masterAt.push(at)
        }
        stretch += size
        at++
    }
    while (texts.steps > 0) {
        const element = texts.elements[at]
        const form =
            element === undefined || typeof element === "number" ? null : bestFormAt(texts, at, leakAt, element)
        const known = form === null ? covered.get(at * width + leakAt) : undefined
        if (form === null) joined = known === undefined ? 0 : joined + 1
        if (known !== undefined && joined > lookaheadMax) {
            row.score = (rows[Math.floor(known / indexMax) - 1]?.score ?? 0) - (known % indexMax)
            break
        }
        if (form !== null) {
            const place = {
                site: at,
                at: row.leakAt.length,
                size: form.size,
                left: stretch,
                stretch: row.stretches.length,
            }
            row.reads.push({ votes: form.votes, ...place })
            advance(form.size)
        } else if (typeof element === "number" && leakAt < texts.leak.length && element === texts.leak[leakAt])
            advance(1)
        else {
            const ended = at >= texts.elements.length && leakAt >= texts.leak.length
            row.stretches.push(ended ? Infinity : stretch)
            stretch = 0
            const next = ended ? null : resumeAfterEdit(texts, at, leakAt)
            if (next === null) break
            ;[at, leakAt] = next
        }
    }
    row.stretches.push(stretch)
    row.score += row.leakAt.length
    return row
}

/** Finds the nearest place behind an edit where both texts continue together. */
function resumeAfterEdit(texts: AlignmentInput, at: number, leakAt: number): [number, number] | null {
    for (let gap = 1; gap <= gapMax; gap++) {
        for (let skipped = 0; skipped <= gap; skipped++) {
            const [next, leakNext] = [at + gap - skipped, leakAt + skipped]
            if (next >= texts.elements.length || leakNext >= texts.leak.length) continue
            const enough = gap <= 2 ? 2 : 3
            if (countMatching(texts, next, leakNext, enough) >= enough) return [next, leakNext]
        }
    }
    return null
}

/** Lists the votes of all rows. Each leaked word counts for the longest row over it only. */
function collectVotes(rows: readonly Row[], leakWords: number): (readonly [slot: number, variant: number])[] {
    const owner = new Int32Array(leakWords).fill(-1)
    const ownerScore = new Int32Array(leakWords)
    const contested = new Uint8Array(leakWords)
    for (const row of rows.toSorted((a, b) => b.score - a.score)) {
        row.leakAt.forEach((leakAt, i) => {
            const masterAt = row.masterAt[i] ?? -1
            if (owner[leakAt] === -1) {
                owner[leakAt] = masterAt
                ownerScore[leakAt] = row.score
            } else if (owner[leakAt] !== masterAt && ownerScore[leakAt] === row.score) contested[leakAt] = 1
        })
    }
    const owns = (row: Row, i: number): boolean => {
        const leakAt = row.leakAt[i]
        return leakAt !== undefined && owner[leakAt] === row.masterAt[i] && contested[leakAt] === 0
    }
    const counted = new Set<string>()
    const votes: (readonly [number, number])[] = []
    for (const row of rows) {
        for (const read of row.reads) {
            const right = (row.stretches[read.stretch] ?? 0) - read.left - read.size
            if (read.left < adjacentWordsMin || right < adjacentWordsMin) continue
            const [from, to] = read.size > 0 ? [read.at, read.at + read.size] : [read.at - 1, read.at + 1]
            let owned = true
            for (let i = from; i < to; i++) owned &&= owns(row, i)
            const voteKey = `${read.site}/${row.leakAt[from]}`
            if (!owned || counted.has(voteKey)) continue
            counted.add(voteKey)
            votes.push(...read.votes)
        }
    }
    return votes
}

/**
 * Finds slots in the order of clauses: "If X, Y." or "Y if X.".
 *
 * Only short sentences of two clauses qualify, without a word that refers to the other clause or could belong to
 * either. A moved part contains no other slot.
 */
import type { Edit } from "../carrier.ts"

/** A clause that can stand at another place in its sentence, and the edits that move it. */
export interface MovedClause {
    readonly clause: string
    readonly edits: readonly Edit[]
}

/** A part of a text, as offsets in UTF-16 units; `end` is exclusive. */
export interface Span {
    readonly start: number
    readonly end: number
}

const opener =
    "if|when|once|until|as soon as|before|after|where possible|if possible|wherever possible|if " +
    "necessary|where necessary" +
    "|at the time of writing|in our tests|in our testing|in our environment|on request|by default"
const sentences = /(?<=^|[.!?]\s+)[A-Z][^.!?:;“”"()–—`{}*_[\]<>|\\]*\.(?=\s|$)/g
const first = new RegExp(`^((?:${opener})\\b[^,]*),\\s+(\\S+)([^,]*)\\.$`, "i")
const last = new RegExp(`^(\\S+)([^,]*?)\\s+((?:if|when|once|until|as soon as|before|after)\\b[^,]*)\\.$`)
/** Words that point out of their clause, or that a clause in another place could be read with. */
const referringWord = new RegExp(
    String.raw`\b(?:it|its|they|them|their|this|that|these|those|such|he|she|his|her|him|one|ones|another|other` +
        String.raw`|others|then|also|therefore|so|same|former|latter|again|here|there|instead|otherwise)\b`,
    "i",
)
const joiningWord = new RegExp(
    String.raw`\b(?:and|or|but|because|since|if|when|once|unless|while|although|though|which|who|whose|where` +
        "|whether|until|before|after|than|as|how|why|what|not|never|only|even|just|both|either|neither" +
        String.raw`|cannot)\b`,
    "i",
)
const beginnings = new Set(
    `the a an you we all no some many most customers users administrators operators partners defenders attackers contact
    install apply check restart disable enable search review remove keep update upgrade disconnect block report
    rotate send
    use run see do please preserve isolate collect inform tell`.split(/\s+/),
)
const steps = new Set(
    `contact install apply check restart disable enable search review remove keep update upgrade disconnect block report
    rotate send run see preserve isolate collect inform tell`.split(/\s+/),
)
const wordsMax = 14
const movedMax = 10

/** `taken` is where other slots have their edits. */
export function movedClauses(text: string, stretch: Span & { opens: boolean }, taken: readonly Span[]): MovedClause[] {
    const prose = text.slice(stretch.start, stretch.end)
    return [...prose.matchAll(sentences)].flatMap((match) => {
        if (match.index === 0 && !stretch.opens) return []
        const at = stretch.start + match.index
        const moved = moveToEnd(match[0], at) ?? moveToFront(match[0], at)
        if (moved === null) return []
        return moved.edits.every((edit) => taken.every(({ start, end }) => areApart(edit, { start, end })))
            ? [moved]
            : []
    })
}

/** Neither overlapping nor touching. */
export function areApart(a: Span, b: Span): boolean {
    return a.end < b.start || b.end < a.start
}

function moveToEnd(sentence: string, at: number): MovedClause | null {
    const parts = first.exec(sentence)
    const [, clause = "", head = "", rest = ""] = parts ?? []
    if (parts === null || !isMovable(clause.replace(/^\S+(?: soon as)?/, ""), `${head}${rest}`)) return null
    if (!beginnings.has(head) || referringWord.test(head + rest)) return null
    const start = at + sentence.indexOf(head, clause.length)
    const end = at + sentence.length - 1
    return {
        clause: spaced(clause).toLowerCase(),
        edits: [
            { start: at, end: start + head.length, text: upper(head) },
            { start: end, end, text: ` ${lower(spaced(clause))}` },
        ],
    }
}

function moveToFront(sentence: string, at: number): MovedClause | null {
    const parts = last.exec(sentence)
    const [, head = "", rest = "", clause = ""] = parts ?? []
    if (parts === null || !isMovable(clause.replace(/^\S+(?: soon as)?/, ""), `${head}${rest}`)) return null
    // A statement may mean only its last noun by what follows; a step is taken then or not at all.
    if (!steps.has(lower(head)) || referringWord.test(clause) || referringWord.test(rest)) return null
    const end = at + sentence.length - 1
    return {
        clause: spaced(clause),
        edits: [
            { start: at, end: at + head.length, text: `${upper(spaced(clause))}, ${lower(head)}` },
            { start: at + head.length + rest.length, end, text: "" },
        ],
    }
}

function isMovable(clause: string, main: string): boolean {
    if (joiningWord.test(clause) || joiningWord.test(main)) return false
    return count(clause) <= movedMax && count(main) <= wordsMax && count(main) >= 3
}

const count = (clause: string): number => clause.trim().split(/\s+/).length
const spaced = (clause: string): string => clause.replaceAll(/\s+/g, " ")
const upper = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
const lower = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1)

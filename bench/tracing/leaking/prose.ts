/** Attacks on a leaked text: each a pure function of the copy, with random numbers as an argument. */
import type { Dice } from "../dice.ts"
import { mergeCopies, wordUnits } from "./merging.ts"

const blank = /\n\s*\n/

/**
 * Normalises like an editor or a chat: compatible characters, no invisible ones, plain quotes and dashes, single
 * spaces.
 */
export function copyPaste(text: string): string {
    return text
        .normalize("NFKC")
        .replaceAll(/\p{Cf}/gu, "")
        .replaceAll(/[‘’]/g, "'")
        .replaceAll(/[“”]/g, '"')
        .replaceAll(/[‐-―]/g, "-")
        .replaceAll(/[^\S\n]+/g, " ")
        .replaceAll(/ ?\n ?/g, "\n")
}

/** Rewraps each paragraph and list item. */
export function rewrap(text: string, columns: number): string {
    return blocksOf(text)
        .map((block) => {
            const lines: string[] = []
            for (const word of block.split(/\s+/)) {
                const last = lines.at(-1)
                if (last !== undefined && last.length + word.length < columns)
                    lines[lines.length - 1] = `${last} ${word}`
                else lines.push(word)
            }
            return lines.join("\n")
        })
        .join("\n\n")
}

/** Renders Markdown as text: no markup, no link addresses, table cells separated by a space. */
export function toPlainText(text: string): string {
    return text
        .replaceAll(/^```.*$/gm, "")
        .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replaceAll(/^\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/gm, "")
        .replaceAll(/^ {0,3}(?:#{1,6}|>|[-*+]|\d+[.)]) +/gm, "")
        .replaceAll(/[*`|]/g, " ")
        .replaceAll(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "")
        .replaceAll(/[^\S\n]+/g, " ")
}

/** Quotes half of its consecutive paragraphs between foreign ones. */
export function quoteIn(foreign: string, text: string, by: Dice): string {
    const [around, own] = [blocksOf(foreign), blocksOf(text)]
    const size = Math.ceil(own.length / 2)
    const from = by.below(own.length - size + 1)
    const quoted = own.slice(from, from + size).map((block) => block.replaceAll(/^/gm, "> "))
    const at = by.below(around.length)
    return [...around.slice(0, at), ...quoted, ...around.slice(at)].join("\n\n")
}

/** Takes this many consecutive words from a random place. */
export function excerptOf(text: string, count: number, by: Dice): string {
    const words = text.split(/\s+/)
    const from = by.below(Math.max(1, words.length - count + 1))
    return words.slice(from, from + count).join(" ")
}

/** Keeps exactly half of the sentences, every other on average. Headings and list items count as sentences. */
export function halve(text: string, by: Dice): string {
    const sentences = sentencesOf(text)
    const kept = new Set(someIndices(sentences.length, 0.5, by))
    return sentences.filter((_, i) => kept.has(i)).join(" ")
}

/**
 * Rephrases this share of the sentences: replaces a word in five, drops and inserts one in fifteen, and swaps every
 * other pair of clauses at a comma. Takes every other word choice that differs in the copy `other` from there, because
 * a paraphrase often equals another variant.
 */
export function rewordSentences(text: string, other: string, share: number, by: Dice): string {
    const [sentences, others] = [sentencesOf(text), sentencesOf(other)]
    const chosen = new Set(someIndices(sentences.length, share, by))
    const isSame = sentences.length === others.length
    return sentences
        .map((sentence, i) => {
            if (!chosen.has(i)) return sentence
            return rewordSentence(isSame ? mergeCopies(sentence, others[i] ?? "", wordUnits, by) : sentence, by)
        })
        .join(" ")
}

const plain = (
    "this that some often also then still already many such good new clear known given usual further certain " +
    "simple own " +
    "make take keep find show hold give come look work part place point thing way case time reason matter kind"
).split(" ")

function rewordSentence(sentence: string, by: Dice): string {
    const clauses = sentence.replace(/[.!?]$/, "").split(", ")
    const reordered = clauses.length > 1 && by.below(2) === 0 ? [...clauses.slice(1), clauses[0] ?? ""] : clauses
    const words = reordered.join(", ").split(/\s+/)
    return words
        .flatMap((word) => {
            const face = by.below(15)
            if (face < 3) return [pickOne(plain, by)]
            return face === 3 ? [] : face === 4 ? [pickOne(plain, by), word] : [word]
        })
        .join(" ")
}

/** Headings, paragraphs, table rows and list items. */
function blocksOf(text: string): string[] {
    return text
        .split(blank)
        .flatMap((part) => part.split(/\n(?=\s*(?:[-*+|]|\d+[.)]|#)\s*)/))
        .map((block) => block.trim())
        .filter((block) => block !== "")
}

function sentencesOf(text: string): string[] {
    return blocksOf(text).flatMap((block) => block.replaceAll(/\s+/g, " ").split(/(?<=[.!?]["')]?) (?=[A-Z`"'(*])/))
}

/** A random share of the numbers below `count`, unordered. */
function someIndices(count: number, share: number, by: Dice): number[] {
    const list = [...Array(count).keys()]
    for (let i = list.length - 1; i > 0; i--) {
        const other = by.below(i + 1)
        ;[list[i], list[other]] = [list[other] ?? 0, list[i] ?? 0]
    }
    return list.slice(0, Math.round(share * count))
}

function pickOne(words: readonly string[], by: Dice): string {
    return words[by.below(words.length)] ?? ""
}

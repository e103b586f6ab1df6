/**
 * Finds text that the author keeps as written: `{{=keep:before}}`. No slot changes it, and every copy and the unmarked
 * text have the words without the notation. It may be anywhere, also in code.
 */

/** Excludes braces after an odd number of backslashes. `\\{{` is a backslash, and then a slot. */
export const unescaped = String.raw`(?<!(?<!\\)(?:\\\\)*\\)`

const opening = "{{=keep:"
const kept = new RegExp(String.raw`${unescaped}\{\{=keep:([^{}\n\r]+)\}\}`, "g")

/** A place of the notation, and the words that replace it. */
interface KeptText {
    readonly start: number
    readonly end: number
    readonly text: string
}

/** Lists the kept words with the places of their notation, in text order. */
export function keptTexts(text: string): KeptText[] {
    if (!text.includes(opening)) return []
    return [...text.matchAll(kept)].map(({ 0: whole, 1: words = "", index }) => ({
        start: index,
        end: index + whole.length,
        text: words,
    }))
}

/** Removes the notation, and leaves the words. */
export function withoutKeepNotation(text: string): string {
    return text.includes(opening) ? text.replaceAll(kept, (_, words: string) => words) : text
}

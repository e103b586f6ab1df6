/**
 * Splits a text into the parts that are drawn: a character with its marks, or a code point. Characters that the font
 * lacks, or that readers would not see, are drawn as code points. So no character disappears.
 */
import type { Typeface } from "./typeface.ts"

export interface Atom {
    /** The text as written, composed (NFC). */
    readonly text: string
    /** The drawn text. */
    readonly shown: string
    /** Width in thousandths of the font size, alone. */
    readonly width: number
    readonly kind: "left" | "right" | "digit" | "neutral"
    /** Drawn as its code point. */
    readonly isCode: boolean
}

export interface Atoms {
    readonly face: Typeface
    /** Splits a text without line breaks. */
    readonly split: (text: string) => readonly Atom[]
}

export function makeAtoms(face: Typeface): Atoms {
    const known = new Map<string, Atom>()
    const atomFor = (text: string): Atom => {
        const atom = known.get(text) ?? atomOf(face, text)
        known.set(text, atom)
        return atom
    }
    return {
        face,
        split: (text) => clustersOf(text.toWellFormed().replaceAll("\t", " ").normalize("NFC")).map(atomFor),
    }
}

/**
 * Characters that draw nothing, or change the direction of their neighbours: controls, unassigned and ignorable
 * characters.
 */
export const invisible = /[\p{C}\p{Zl}\p{Zp}\p{DI}]/u
const combiningMark = /^\p{M}/u

function clustersOf(text: string): string[] {
    const list: string[] = []
    for (const character of text) {
        const before = list.at(-1)
        const isContinuation =
            before !== undefined &&
            before !== " " &&
            combiningMark.test(character) &&
            !invisible.test(before + character)
        if (isContinuation && before.length < clusterMax) list[list.length - 1] = before + character
        else list.push(character)
    }
    return list
}

/** In UTF-16 code units. More marks than any language puts on a letter are drawn next to it. */
const clusterMax = 8

function atomOf(face: Typeface, text: string): Atom {
    const fromFont = invisible.test(text) ? null : drawnFor(face, text)
    const shown = fromFont ?? `[${[...text].map(pointOf).join(" ")}]`
    return {
        text,
        shown,
        width: face.widthOf(shown),
        kind: fromFont === null ? "left" : kindOf(text),
        isCode: fromFont === null,
    }
}

/** Ligatures that fonts also draw for plain letters. */
const ligatures = /[\ufb00-\ufb17]/gu

/** Returns the text to draw; null where the font lacks a character, composed or not. */
function drawnFor(face: Typeface, text: string): string | null {
    const parts = [text.replaceAll(ligatures, (sign) => sign.normalize("NFKC")), text.normalize("NFD")]
    for (const part of parts) {
        const shown = [...part].map(face.shownFor)
        if (shown.every((character) => character !== null)) return shown.join("")
    }
    return null
}

const pointOf = (sign: string): string => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`

/** Shows invisible characters of a title as their code points. */
export const visibleText = (text: string): string =>
    text
        .toWellFormed()
        .replaceAll(/\s/g, " ")
        .replaceAll(new RegExp(invisible, "gu"), (sign) => `[${pointOf(sign)}]`)

const rightToLeft = /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

function kindOf(text: string): Atom["kind"] {
    if (/^\p{Nd}/u.test(text)) return "digit"
    if (!/^\p{L}/u.test(text)) return "neutral"
    return rightToLeft.test(text) ? "right" : "left"
}

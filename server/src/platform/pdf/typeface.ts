/** Tells which characters a font can draw, and how wide they are. */
import { readFileSync } from "node:fs"
import { type Font, create } from "fontkit"

export interface Typeface {
    readonly path: string
    /** Returns the character that stands for all characters with the same glyph; null where the font has no glyph. */
    readonly shownFor: (character: string) => string | null
    /** Width in thousandths of the font size, with its letters joined as they are drawn. */
    readonly widthOf: (text: string) => number
}

export function loadTypeface(path: string): Typeface {
    const font = create(readFileSync(path)) as Font
    const shown = charactersByGlyph(font)
    return {
        path,
        shownFor: (character) => shown.get(font.glyphForCodePoint(character.codePointAt(0) ?? 0).id) ?? null,
        widthOf: (text) => (font.layout(text).advanceWidth * 1000) / font.unitsPerEm,
    }
}

/** One glyph has one text in a PDF, so it is always drawn for the same character. */
function charactersByGlyph(font: Font): ReadonlyMap<number, string> {
    const characters = new Map<number, string>()
    for (const point of font.characterSet.toSorted((a, b) => a - b)) {
        const { id } = font.glyphForCodePoint(point)
        if (id !== 0 && !characters.has(id)) characters.set(id, String.fromCodePoint(point))
    }
    return characters
}

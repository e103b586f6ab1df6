/**
 * One font as a PDF uses it. Each sign that is drawn has a number of its own there, in the order of first use, so that text that is
 * searched or copied is what was written, whichever glyph it is drawn with.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import type { Font } from "./font.ts"
import { type Objects, type Ref, hexOf } from "./objects.ts"
import { subsetOf } from "./subset.ts"

/** Drawn with a glyph, and standing for a text. */
export interface Sign {
    readonly code: number
    /** In thousandths of the font's size. */
    readonly width: number
}

export interface Face {
    readonly font: Font
    /** `said` is what it stands for, drawn as the code point `shown`. Null where the font has no such glyph. */
    readonly signFor: (shown: number, input: string) => Sign | null
    /** After all signs are known. */
    readonly addTo: (objects: Objects) => Ref
}

/** So many signs fit into one font of a PDF. */
const signsMax = 65_000

export function faceOf(font: Font, name: string): Face {
    const known = new Map<string, Sign>()
    const drawn: { readonly glyph: number; readonly said: string }[] = []
    return {
        font,
        signFor: (shown, input) => {
            const key = `${shown} ${input}`
            const otherSign = known.get(key)
            if (otherSign) return otherSign
            const glyph = font.glyphOf(shown)
            if (glyph === 0 || drawn.length >= signsMax) return null
            const sign = { code: drawn.push({ glyph, said: input }), width: font.widthOf(glyph) }
            known.set(key, sign)
            return sign
        },
        addTo: (objects) => addFont(objects, font, drawn, name),
    }
}

type Drawn = readonly { readonly glyph: number; readonly said: string }[]

function addFont(objects: Objects, font: Font, drawn: Drawn, name: string): Ref {
    const glyphs = drawn.map(({ glyph }) => glyph)
    const file = subsetOf(font, glyphs)
    const tag = String.fromCharCode(
        ...sha256(file)
            .slice(0, 6)
            .map((byte) => 65 + (byte % 26)),
    )
    const named = `/BaseFont /${tag}+${name}`
    const fontFile = objects.addStream(`/Length1 ${file.length}`, file)
    const { ascent, descent, capHeight, box } = font
    const descriptor = objects.add(
        `<< /Type /FontDescriptor /FontName /${tag}+${name} /Flags 4 /FontBBox [${box.join(" ")}] /ItalicAngle 0 ` +
            `/Ascent ${ascent} /Descent ${descent} /CapHeight ${capHeight} /StemV 80 /FontFile2 ${fontFile} >>`,
    )
    const widths = glyphs.map((glyph) => font.widthOf(glyph)).join(" ")
    const inside = objects.add(
        `<< /Type /Font /Subtype /CIDFontType2 ${named} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) ` +
            `/Supplement 0 >> /FontDescriptor ${descriptor} /DW 0 /W [1 [${widths}]] /CIDToGIDMap /Identity >>`,
    )
    const toUnicode = objects.addStream("", new TextEncoder().encode(saidBy(drawn)))
    return objects.add(
        `<< /Type /Font /Subtype /Type0 ${named} /Encoding /Identity-H /DescendantFonts [${inside}] ` +
            `/ToUnicode ${toUnicode} >>`,
    )
}

/** So many at once are allowed in there. */
const entriesMax = 100

function saidBy(drawn: Drawn): string {
    const lines = drawn.map(({ said: input }, n) => `<${(n + 1).toString(16).padStart(4, "0")}> <${hexOf(input)}>`)
    const parts: string[] = []
    for (let from = 0; from < lines.length; from += entriesMax) {
        const some = lines.slice(from, from + entriesMax)
        parts.push(`${some.length} beginbfchar`, ...some, "endbfchar")
    }
    return [
        ...["/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap"],
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        ...["/CMapName /Adobe-Identity-UCS def", "/CMapType 2 def"],
        ...["1 begincodespacerange", "<0000> <FFFF>", "endcodespacerange", ...parts],
        ...["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end", ""],
    ].join("\n")
}

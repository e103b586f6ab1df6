/**
 * A TrueType font in WOFF 1 (W3C), as far as a PDF needs it: which sign has which glyph, how wide each is, and a font of
 * some of its glyphs alone, to be embedded. It reads the fonts that come with the program, and trusts them.
 */
export interface Font {
    /** 0 where it has none. */
    readonly glyphOf: (point: number) => number
    /** Of a glyph, in thousandths of its size. */
    readonly widthOf: (glyph: number) => number
    /** In thousandths of its size. */
    readonly ascent: number
    readonly descent: number
    readonly capHeight: number
    readonly box: readonly number[]
    readonly tables: ReadonlyMap<string, DataView>
}

/** Throws where it is none. */
export function readFont(woff: Uint8Array, inflate: (packed: Uint8Array) => Uint8Array): Font {
    const tables = tablesIn(woff, inflate)
    const head = table(tables, "head")
    const perEm = head.getUint16(18)
    const inThousandths = (units: number) => Math.round((units * 1000) / perEm)
    const [hhea, hmtx, glyphs] = [table(tables, "hhea"), table(tables, "hmtx"), glyphsIn(table(tables, "cmap"))]
    const widths = hhea.getUint16(34)
    const ofCapital = glyphData(tables, glyphs.get("H".codePointAt(0) ?? 0) ?? 0)
    return {
        glyphOf: (point) => glyphs.get(point) ?? 0,
        widthOf: (glyph) => inThousandths(hmtx.getUint16(4 * Math.min(glyph, widths - 1))),
        ascent: inThousandths(hhea.getInt16(4)),
        descent: inThousandths(hhea.getInt16(6)),
        capHeight: inThousandths(ofCapital.getInt16(8)),
        box: [36, 38, 40, 42].map((at) => inThousandths(head.getInt16(at))),
        tables,
    }
}

function tablesIn(woff: Uint8Array, inflate: (packed: Uint8Array) => Uint8Array): Map<string, DataView> {
    const view = viewOf(woff)
    if (view.getUint32(0) !== 0x774f4646) throw new Error("not a font in WOFF 1")
    return new Map(
        Array.from({ length: view.getUint16(12) }, (_, n) => {
            const at = 44 + 20 * n
            const tag = String.fromCharCode(...woff.subarray(at, at + 4))
            const [from, packed, size] = [view.getUint32(at + 4), view.getUint32(at + 8), view.getUint32(at + 12)]
            const bytes = woff.subarray(from, from + packed)
            return [tag, viewOf(packed < size ? inflate(bytes) : bytes)]
        }),
    )
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function table(tables: Font["tables"], tag: string): DataView {
    const found = tables.get(tag)
    if (found === undefined) throw new Error(`the font has no table \`${tag}\``)
    return found
}

/** From the part that holds all of Unicode (format 12). */
function glyphsIn(cmap: DataView): Map<number, number> {
    const parts = Array.from({ length: cmap.getUint16(2) }, (_, n) => cmap.getUint32(8 + 8 * n))
    const at = parts.find((part) => cmap.getUint16(part) === 12)
    if (at === undefined) throw new Error("the font says nothing of all of Unicode")
    const glyphs = new Map<number, number>()
    for (let n = 0; n < cmap.getUint32(at + 12); n++) {
        const group = at + 16 + 12 * n
        const [first, last] = [cmap.getUint32(group), cmap.getUint32(group + 4)]
        for (let point = first; point <= last; point++) glyphs.set(point, cmap.getUint32(group + 8) + point - first)
    }
    return glyphs
}

/** Its outline; empty where nothing is drawn. */
export function glyphData(tables: Font["tables"], glyph: number): DataView {
    const [loca, glyf] = [table(tables, "loca"), table(tables, "glyf")]
    const isLong = table(tables, "head").getInt16(50) === 1
    const placeOf = (n: number) => (isLong ? loca.getUint32(4 * n) : 2 * loca.getUint16(2 * n))
    return new DataView(glyf.buffer, glyf.byteOffset + placeOf(glyph), placeOf(glyph + 1) - placeOf(glyph))
}

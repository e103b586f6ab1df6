/** A TrueType font of some glyphs of another, in the order that is asked for. */
import { type Font, glyphData, table, viewOf } from "./font.ts"

/** The first is what stands for no glyph. What they are made of comes behind them. */
export function subsetOf(font: Font, glyphs: readonly number[]): Uint8Array {
    const list = [0, ...glyphs]
    const placeOf = new Map(list.map((glyph, n) => [glyph, n]))
    const outlines: Uint8Array[] = []
    for (let n = 0; n < list.length; n++) {
        const data = glyphData(font.tables, list[n] ?? 0)
        outlines.push(
            renumbered(data, (part) => {
                const known = placeOf.get(part)
                if (known !== undefined) return known
                placeOf.set(part, list.length)
                return list.push(part) - 1
            }),
        )
    }
    return fileOf(tablesFor(font, list, outlines))
}

const isOfParts = (data: DataView): boolean => data.byteLength > 0 && data.getInt16(0) < 0
const [argumentsAreWords, hasScale, hasMore, hasTwoScales, hasMatrix] = [0x01, 0x08, 0x20, 0x40, 0x80]

/** Of a glyph that is made of others, with their new numbers in it; padded to four bytes. */
function renumbered(data: DataView, numberOf: (part: number) => number): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(data.byteLength / 4) * 4)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    if (!isOfParts(data)) return bytes
    const view = viewOf(bytes)
    let at = 10
    for (let flags = hasMore; flags & hasMore;) {
        flags = view.getUint16(at)
        view.setUint16(at + 2, numberOf(view.getUint16(at + 2)))
        at += 4 + (flags & argumentsAreWords ? 4 : 2)
        at += flags & hasScale ? 2 : flags & hasTwoScales ? 4 : flags & hasMatrix ? 8 : 0
    }
    return bytes
}

type Tables = readonly (readonly [tag: string, bytes: Uint8Array])[]

function tablesFor({ tables }: Font, glyphs: readonly number[], outlines: readonly Uint8Array[]): Tables {
    const copy = (tag: string) => {
        const { buffer, byteOffset, byteLength } = table(tables, tag)
        return new Uint8Array(buffer, byteOffset, byteLength).slice()
    }
    const [head, hhea, maxp] = [copy("head"), copy("hhea"), copy("maxp")]
    viewOf(head).setUint32(8, 0)
    viewOf(head).setInt16(50, 1)
    const metrics = table(tables, "hhea").getUint16(34)
    viewOf(hhea).setUint16(34, glyphs.length)
    viewOf(maxp).setUint16(4, glyphs.length)
    const loca = viewOf(new Uint8Array(4 * (glyphs.length + 1)))
    const hmtx = viewOf(new Uint8Array(4 * glyphs.length))
    const from = table(tables, "hmtx")
    let size = 0
    for (const [n, glyph] of glyphs.entries()) {
        loca.setUint32(4 * n, size)
        size += outlines[n]?.length ?? 0
        const bearing = glyph < metrics ? 4 * glyph + 2 : 4 * metrics + 2 * (glyph - metrics)
        hmtx.setUint16(4 * n, from.getUint16(4 * Math.min(glyph, metrics - 1)))
        hmtx.setInt16(4 * n + 2, from.getInt16(bearing))
    }
    loca.setUint32(4 * glyphs.length, size)
    const hints = ["cvt ", "fpgm", "prep"].flatMap((tag) => (tables.has(tag) ? [[tag, copy(tag)] as const] : []))
    return [
        ...hints,
        ["glyf", joined(outlines)],
        ["head", head],
        ["hhea", hhea],
        ["hmtx", bytesOf(hmtx)],
        ["loca", bytesOf(loca)],
        ["maxp", maxp],
    ]
}

function fileOf(unsorted: Tables): Uint8Array {
    const tables = unsorted.toSorted(([a], [b]) => (a < b ? -1 : 1))
    const power = Math.floor(Math.log2(tables.length))
    const start = viewOf(new Uint8Array(12 + 16 * tables.length))
    start.setUint32(0, 0x00010000)
    start.setUint16(4, tables.length)
    start.setUint16(6, 16 * 2 ** power)
    start.setUint16(8, power)
    start.setUint16(10, 16 * (tables.length - 2 ** power))
    const parts = [bytesOf(start)]
    let place = start.byteLength
    let headAt = 0
    for (const [n, [tag, bytes]] of tables.entries()) {
        const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
        padded.set(bytes)
        const at = 12 + 16 * n
        for (let i = 0; i < 4; i++) start.setUint8(at + i, tag.charCodeAt(i))
        start.setUint32(at + 4, sumOf(padded))
        start.setUint32(at + 8, place)
        start.setUint32(at + 12, bytes.length)
        if (tag === "head") headAt = place
        place += padded.length
        parts.push(padded)
    }
    const file = joined(parts)
    viewOf(file).setUint32(headAt + 8, (0xb1b0afba - sumOf(file)) >>> 0)
    return file
}

function sumOf(bytes: Uint8Array): number {
    const view = viewOf(bytes)
    let sum = 0
    for (let at = 0; at < bytes.length; at += 4) sum = (sum + view.getUint32(at)) >>> 0
    return sum
}

const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

export function joined(parts: readonly Uint8Array[]): Uint8Array {
    const whole = new Uint8Array(parts.reduce((sum, item) => sum + item.length, 0))
    let at = 0
    for (const part of parts) {
        whole.set(part, at)
        at += part.length
    }
    return whole
}

/**
 * A reader for Tocsin's own PDFs only: by the file's table, its tag tree and its fonts' character maps. It shares no
 * code with the writer.
 */
import { inflateSync } from "node:zlib"

interface Stream {
    readonly dictionary: string
    readonly data: Buffer
}

interface Opened {
    /** Returns an object's text or dictionary. */
    readonly text: (n: number) => string
    readonly stream: (n: number) => Buffer
    readonly trailer: string
    readonly count: number
}

export interface Heading {
    readonly depth: number
    readonly title: string
    readonly page: number
}

export interface ReadPdf {
    readonly title: string
    readonly info: string
    /** The tagged content in tree order: kind and text. */
    readonly said: readonly (readonly [kind: string, text: string])[]
    readonly pages: readonly { readonly foot: string; readonly lines: readonly string[] }[]
    readonly outline: readonly Heading[]
    /** Every object except page content and fonts, as text. */
    readonly objects: string
    readonly fonts: readonly Buffer[]
}

const number = (text: string | undefined): number => Number.parseInt(text ?? "", 10)

function group(text: string, pattern: RegExp): string {
    const found = pattern.exec(text)?.[1]
    if (found === undefined) throw new Error(`no ${pattern} in ${text.slice(0, 200)}`)
    return found
}

function streamAt(bytes: Buffer, at: number): Stream {
    const from = bytes.indexOf("stream\n", at) + "stream\n".length
    const dictionary = bytes.subarray(at, from).toString("latin1")
    return { dictionary, data: inflateSync(bytes.subarray(from, from + number(group(dictionary, /\/Length (\d+)/)))) }
}

function open(bytes: Buffer): Opened {
    const end = bytes.subarray(-60).toString("latin1")
    const { dictionary: trailer, data: table } = streamAt(bytes, number(group(end, /startxref\n(\d+)\n%%EOF\n$/)))
    const count = table.length / 7
    const entry = (n: number) => [table[7 * n], table.readUInt32BE(7 * n + 1), table.readUInt16BE(7 * n + 5)] as const
    const inside = new Map<number, readonly string[]>()
    const packed = (n: number) => {
        const [, at] = entry(n)
        const { dictionary, data } = streamAt(bytes, at)
        const first = number(group(dictionary, /\/First (\d+)/))
        const heads = data.subarray(0, first).toString().trim().split(/\s+/).map(Number)
        const starts = heads.filter((_, i) => i % 2 === 1)
        return starts.map((start, i) => data.subarray(first + start, first + (starts[i + 1] ?? data.length)).toString())
    }
    const text = (n: number): string => {
        const [kind, where, index] = entry(n)
        if (kind === 1) return streamAt(bytes, where).dictionary
        if (kind !== 2) return ""
        const entries = inside.get(where) ?? packed(where)
        inside.set(where, entries)
        return entries[index] ?? ""
    }
    const stream = (n: number): Buffer => {
        const [, where] = entry(n)
        if (!bytes.subarray(where).toString("latin1", 0, 20).startsWith(`${n} 0 obj`)) throw new Error(`no object ${n}`)
        return streamAt(bytes, where).data
    }
    return { text, stream, trailer, count }
}

const utf16 = (hex: string): string => Buffer.from(hex, "hex").swap16().toString("utf16le")

const textIn = (object: string, key: string): string => utf16(group(object, new RegExp(`/${key} <FEFF([0-9A-F]*)>`)))

function signsOf(input: Opened, font: string): ReadonlyMap<string, string> {
    const map = input.stream(number(group(font, /\/ToUnicode (\d+)/))).toString("latin1")
    return new Map(
        [...map.matchAll(/^<([0-9a-f]{4})> <([0-9A-F]+)>$/gm)].map(([, code = "", hex = ""]) => [code, utf16(hex)]),
    )
}

interface Drawn {
    /** Text by mark number. */
    readonly pieces: ReadonlyMap<number, string>
    readonly foot: string
    readonly lines: readonly string[]
}

/** Returns the text that a page draws, by marked content. */
function drawnBy(content: string, fonts: Readonly<Record<string, ReadonlyMap<string, string>>>): Drawn {
    const pieces = new Map<number, string>()
    const lines: string[] = []
    let foot = ""
    const within: string[] = []
    for (const line of content.split("\n")) {
        if (/BMC$|BDC$/.test(line)) within.push(line)
        else if (line === "EMC") within.pop()
        const mark = within.map((item) => /\/MCID (\d+)/.exec(item)?.[1]).find((item) => item !== undefined)
        const [, font = "", codes] = /BT \/(\w) [\d.]+ Tf [\d.]+ -?[\d.]+ Td <([0-9A-F]+)> Tj ET/.exec(line) ?? []
        const top = within.at(-1) ?? ""
        const signs = [...(codes ?? "").matchAll(/.{4}/g)].map(([code]) => fonts[font]?.get(code.toLowerCase()) ?? "\0")
        const text = codes !== undefined && top.startsWith("/Span") ? textIn(top, "ActualText") : signs.join("")
        if (mark !== undefined) pieces.set(number(mark), (pieces.get(number(mark)) ?? "") + text)
        if (mark !== undefined && codes !== undefined) lines.push(text)
        if (within.some((item) => item.includes("/Footer")) && codes !== undefined) foot += ` ${text}`
    }
    if (within.length > 0) throw new Error("marked content that does not end")
    return { pieces, foot: foot.trim(), lines }
}

export function readPdf(bytes: Buffer): ReadPdf {
    const input = open(bytes)
    const catalog = input.text(number(group(input.trailer, /\/Root (\d+)/)))
    const info = input.text(number(group(input.trailer, /\/Info (\d+)/)))
    const tree = input.text(number(group(catalog, /\/Pages (\d+)/)))
    const pages = [...group(tree, /\/Kids \[([^\]]*)\]/).matchAll(/(\d+) 0 R/g)].map(([, n]) => number(n))
    const resources = input.text(number(group(input.text(pages[0] ?? 0), /\/Resources (\d+)/)))
    const faces = ["R", "B"].map((name) => input.text(number(group(resources, new RegExp(`/${name} (\\d+)`)))))
    const fonts = { R: signsOf(input, faces[0] ?? ""), B: signsOf(input, faces[1] ?? "") }
    const drawn = pages.map((n) =>
        drawnBy(input.stream(number(group(input.text(n), /\/Contents (\d+)/))).toString("latin1"), fonts),
    )
    const root = input.text(number(group(catalog, /\/StructTreeRoot (\d+)/)))
    const whole = number(group(root, /\/K (\d+)/))
    const texts = Array.from({ length: input.count }, (_, n) => input.text(n))
    return {
        title: textIn(info, "Title"),
        info,
        pages: drawn.map(({ foot, lines }) => ({ foot, lines })),
        said: saidUnder(input, whole, pages, drawn),
        outline: outlineOf(input, number(group(catalog, /\/Outlines (\d+)/)), pages),
        objects: texts.join("\n"),
        fonts: texts.flatMap((text, n) => (text.includes("/Length1") ? [input.stream(n)] : [])),
    }
}

function saidUnder(input: Opened, n: number, pages: readonly number[], drawn: readonly Drawn[]): [string, string][] {
    const tag = input.text(n)
    const kind = group(tag, /\/S \/(\w+)/)
    const kids = group(tag, /\/K \[(.*)\] >>/s)
    const own = /\/P \d+ 0 R \/Pg (\d+) 0 R/.exec(tag)?.[1]
    const inputs: [string, string][] = []
    let text = ""
    for (const kid of kids.matchAll(/<< \/Type \/MCR \/Pg (\d+) 0 R \/MCID (\d+) >>|(\d+) 0 R|(\d+)/g)) {
        const [, page = own, marked, ref, mark = marked] = kid
        if (ref !== undefined) inputs.push(...saidUnder(input, number(ref), pages, drawn))
        else text += drawn[pages.indexOf(number(page))]?.pieces.get(number(mark)) ?? "\0"
    }
    return /^(?:H\d|P|TH|TD)$/.test(kind) ? [[kind, text], ...inputs] : inputs
}

function outlineOf(input: Opened, root: number, pages: readonly number[], depth = 1): Heading[] {
    const heading: Heading[] = []
    let next = /\/First (\d+)/.exec(input.text(root))?.[1]
    while (next !== undefined) {
        const entry = input.text(number(next))
        const page = pages.indexOf(number(group(entry, /\/Dest \[(\d+)/)))
        heading.push(
            { depth, title: textIn(entry, "Title"), page },
            ...outlineOf(input, number(next), pages, depth + 1),
        )
        next = /\/Next (\d+)/.exec(entry)?.[1]
    }
    return heading
}

const unseen = /[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu

/** Normalises text as PDF readers show it: drops invisible code points, and turns line breaks into spaces. */
export function asRead(text: string): string {
    return text
        .toWellFormed()
        .replaceAll(/\r\n?|\n|\t/g, " ")
        .normalize("NFC")
        .replaceAll(unseen, (sign) => `[U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`)
}

/**
 * The objects of a PDF (ISO 32000-1, version 1.7) and the file they make: those without a stream of their own are packed
 * together, and the table of where each stands comes last. The same objects make the same bytes.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { joined } from "./subset.ts"

/** How it is named in another object. */
export type Ref = `${number} 0 R`

export interface Objects {
    /** For one that others name before it is written. */
    readonly reserve: () => Ref
    readonly add: (text: string, as?: Ref) => Ref
    /** `entries` are those of its dictionary; how long it is and how it is packed is added. */
    readonly addStream: (entries: string, bytes: Uint8Array) => Ref
    readonly file: (root: Ref, info: Ref) => Uint8Array
}

type Deflate = (bytes: Uint8Array) => Uint8Array

/** So many stand in one stream. */
const packedMax = 500

const utf8 = new TextEncoder()

export function pdfObjects(deflate: Deflate): Objects {
    /** By number, from 1; null where it is reserved. */
    const list: (string | Uint8Array | null)[] = [null]
    const reserve = (): Ref => `${list.push(null) - 1} 0 R`
    const set = (as: Ref, object: string | Uint8Array): Ref => {
        list[Number.parseInt(as)] = object
        return as
    }
    const addStream = (entries: string, bytes: Uint8Array) => set(reserve(), streamOf(entries, bytes, deflate))
    return {
        reserve,
        add: (text, as = reserve()) => set(as, text),
        addStream,
        file: (root, info) => {
            const places = packed(list, addStream)
            return fileOf(list, places, { root, info, deflate })
        },
    }
}

function streamOf(entries: string, bytes: Uint8Array, deflate: Deflate): Uint8Array {
    const data = deflate(bytes)
    const head = `<< ${entries} /Filter /FlateDecode /Length ${data.length} >>\nstream\n`
    return joined([utf8.encode(head), data, utf8.encode("\nendstream")])
}

/** Where an object stands that is packed: in which one, and at which place in there. */
type Places = ReadonlyMap<number, readonly [inside: number, index: number]>

function packed(list: readonly (string | Uint8Array | null)[], addStream: Objects["addStream"]): Places {
    const plain = list.flatMap((object, n) => (typeof object === "string" ? [[n, object] as const] : []))
    const places = new Map<number, readonly [number, number]>()
    for (let from = 0; from < plain.length; from += packedMax) {
        const some = plain.slice(from, from + packedMax)
        let size = 0
        const heads = some.map(([n, text]) => {
            const head = `${n} ${size}`
            size += utf8.encode(text).length + 1
            return head
        })
        const first = `${heads.join(" ")}\n`
        const body = some.map(([, text]) => `${text}\n`).join("")
        const entries = `/Type /ObjStm /N ${some.length} /First ${first.length}`
        const inside = Number.parseInt(addStream(entries, utf8.encode(first + body)))
        for (const [index, [n]] of some.entries()) places.set(n, [inside, index])
    }
    return places
}

interface Ends {
    readonly root: Ref
    readonly info: Ref
    readonly deflate: Deflate
}

/** The four bytes say that it is not all text. */
const start = new Uint8Array([...utf8.encode("%PDF-1.7\n%"), 0xe2, 0xe3, 0xcf, 0xd3, 0x0a])

function fileOf(list: readonly (string | Uint8Array | null)[], places: Places, ends: Ends): Uint8Array {
    const parts: Uint8Array[] = [start]
    let size = start.length
    const rows: (readonly [kind: number, where: number, index: number])[] = []
    const write = (n: number, object: Uint8Array) => {
        const whole = joined([utf8.encode(`${n} 0 obj\n`), object, utf8.encode("\nendobj\n")])
        rows[n] = [1, size, 0]
        parts.push(whole)
        size += whole.length
    }
    for (const [n, object] of list.entries()) {
        const place = places.get(n)
        if (place) rows[n] = [2, ...place]
        else if (object instanceof Uint8Array) write(n, object)
        else rows[n] = [0, 0, 65_535]
    }
    const id = bytesToHex(sha256(joined(parts)).slice(0, 16))
    const at = size
    const table = new DataView(new ArrayBuffer(7 * (rows.length + 1)))
    for (const [n, [kind, where, index]] of [...rows, [1, at, 0] as const].entries()) {
        table.setUint8(7 * n, kind)
        table.setUint32(7 * n + 1, where)
        table.setUint16(7 * n + 5, index)
    }
    const entries =
        `/Type /XRef /Size ${rows.length + 1} /W [1 4 2] /Root ${ends.root} /Info ${ends.info} ` +
        `/ID [<${id}> <${id}>]`
    write(rows.length, streamOf(entries, new Uint8Array(table.buffer), ends.deflate))
    return joined([...parts, utf8.encode(`startxref\n${at}\n%%EOF\n`)])
}

/** A text as a string of a PDF. */
export function textOf(text: string): string {
    return `<FEFF${hexOf(text)}>`
}

/** UTF-16, big end first. */
export function hexOf(text: string): string {
    let hex = ""
    for (let n = 0; n < text.length; n++) hex += text.charCodeAt(n).toString(16).padStart(4, "0")
    return hex.toUpperCase()
}

/** To a hundredth of a point, and never as 1e-7. */
export const numberOf = (value: number): string => String(Math.round(value * 100) / 100)

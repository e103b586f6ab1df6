/**
 * Codewords: which variant each recipient gets at each slot, drawn by a secret coin whose chances are known exactly.
 *
 * A slot's coin is a byte against integer thresholds, so every chance is a number of 256ths. Slots of two variants are
 * biased, as Nuida's discrete codes for collusions are; slots of more are even. The bytes are AES-128 under the
 * document's key of a block that names the recipient and a group of slots: whoever did not leak has a word that is
 * independent of the leak, which is all that the bound on false accusation needs.
 *
 * Bytes are stored in slices: up to 32 slots are a group and share 32 bytes, eight words of 32 bits, of which the first
 * holds the topmost bit of each. So 32 slots are compared with their thresholds at once, and a million words are drawn
 * anew in seconds. A group is named by its first slot's id, and one slot of 64 begins a group by its own id: an edit of
 * the text moves what follows up to the next of those, and nothing else.
 *
 * Source: K. Nuida et al., "An improvement of discrete Tardos fingerprinting codes" (2009), for the biases.
 */
import { hkdf } from "@noble/hashes/hkdf.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import type { Symbol, Word } from "./carriers/carrier.ts"
import { type Bounds, boundsOf, compare, wordsOfBlock, wordsOfGroup } from "./code/bounds.ts"
import type { Coin } from "./code/coin.ts"
import { type Rows, groupSize } from "./code/codewords.ts"

/** AES-128 in ECB mode without padding under one key: whole blocks of 16 bytes in, as many out. */
export type Cipher = (blocks: Uint8Array) => Uint8Array

/** Makes the cipher of a key of 16 bytes. */
export type CipherOf = (key: Uint8Array) => Cipher

/** What a key is for. Another version or epoch of the same document has unrelated words. */
export interface Document {
    readonly document: string
    readonly version: string
    readonly epoch: number
}

/** How many may put their copies together and still be told: decides how slots of two variants are biased. */
export type Colluders = 2 | 4 | 8

const blockBytes = 16
/** Of what stands for a recipient. */
export const nonceBytes = 12
/** A slot begins a group where its tag's last byte is below this: one of 64. */
const boundary = 4
const utf8 = new TextEncoder()
const salt = utf8.encode("tocsin-marks/1")

export const colludersDefault: Colluders = 2

/** The biases for so many colluders; null for more than can be told. */
export function designFor(colluders: number): Colluders | null {
    return colluders <= 2 ? 2 : colluders <= 4 ? 4 : colluders <= 8 ? 8 : null
}

/** `[chance, times]` in 256ths, and the same from 256 down. */
function mirrored(...low: readonly (readonly [chance: number, times: number])[]): number[] {
    const entries = low.flatMap(([chance, times]) => Array.from({ length: times }, () => chance))
    return [...entries, ...entries.map((chance) => 256 - chance).toReversed()]
}

/**
 * The chance of the text's own form in 256ths, each entry as often as the others: near the Gauss–Legendre nodes, 54 and 202,
 * and 18, 84, 172 and 238, but in sixteenths, so that half of a byte decides.
 */
export const biases: Readonly<Record<Colluders, readonly number[]>> = {
    2: [128],
    4: mirrored([48, 9], [64, 7]),
    8: mirrored([16, 1], [80, 1]),
}

/** K_doc, 32 bytes, by HKDF-SHA256 from the master key (at least 32 bytes). */
export function docKey(master: Uint8Array, document: Document): Uint8Array {
    if (!(master.length >= 32)) throw new Error("a master key has at least 32 bytes")
    return hkdf(
        sha256,
        master,
        salt,
        utf8.encode(JSON.stringify([document.document, document.version, document.epoch])),
        32,
    )
}

/** The 16 bytes under which a document's coins are drawn. */
function coinKey(key: Uint8Array, colluders: Colluders): Uint8Array {
    return hmac(sha256, key, utf8.encode(`coin ${colluders}`)).subarray(0, blockBytes)
}

/** What a slot is to the code: content-addressed, with 2 to 256 variants. */
export interface Place {
    readonly id: string
    readonly size: number
    /** Of a layer that is drawn after all others, in groups of its own: it moves no bit of theirs. */
    readonly apart?: boolean
}

/** The words of one document's copies. */
export interface Book {
    readonly coins: readonly Coin[]
    /** Of each slot: group · 32 + its place in the group, which is its bit in a row. */
    readonly bits: readonly number[]
    readonly wordOf: (recipient: string) => Word
    /** Of whoever a nonce of 12 bytes stands for. */
    readonly wordFor: (nonce: Uint8Array) => Word
    /** Which of them, each named by a nonce of 12 bytes, have what was read. */
    readonly rowsFor: (symbols: readonly Symbol[], nonces: Uint8Array) => Rows
}

/** `key` is K_doc. Throws where two slots have the same id. */
export function bookOf(key: Uint8Array, slots: readonly Place[], colluders: Colluders, cipherOf: CipherOf): Book {
    const cipher = cipherOf(coinKey(key, colluders))
    const { bits, blocks } = layoutOf(key, slots)
    const bytes = (nonce: Uint8Array) => bytesOf(cipher(namedBlocks(blocks, nonce)), bits)
    const coins = coinsOf(bytes(nobody), slots, colluders)
    const tables = tablesOf(coins)
    return {
        ...{ coins, bits },
        wordOf: (recipient) => wordOf(tables, bytes(nonceOf(recipient))),
        wordFor: (nonce) => wordOf(tables, bytes(nonce)),
        rowsFor: (symbols, nonces) =>
            rowsOf(cipher, blocks, boundsOf(coins, symbols, bits, blocks.length / wordsOfGroup), nonces),
    }
}

/** How many groups a row of these slots has, which differs from key to key. */
export function groupsOf(key: Uint8Array, slots: readonly Place[]): number {
    return layoutOf(key, slots).blocks.length / wordsOfGroup
}

interface Layout {
    readonly bits: readonly number[]
    /** The two blocks of each group, as words, without a recipient. */
    readonly blocks: Uint32Array
}

function layoutOf(key: Uint8Array, slots: readonly Place[]): Layout {
    if (new Set(slots.map(({ id }) => id)).size !== slots.length) throw new Error("two slots have the same id")
    const begun = hmac.create(sha256, key).update(utf8.encode("slot\0"))
    const tags: number[] = []
    const bits = slots.map(() => 0)
    for (const layer of [false, true]) {
        let last = -1
        slots.forEach(({ id, apart = false }, i) => {
            if (apart !== layer) return
            const tag = begun.clone().update(utf8.encode(id)).digest().subarray(0, blockBytes)
            const isFirst = last < 0 || last % groupSize === groupSize - 1 || (tag[blockBytes - 1] ?? 0) < boundary
            last = isFirst ? (tags.length / wordsOfGroup) * groupSize : last + 1
            if (isFirst) for (const half of [0, 1]) tags.push(...blockWords(tag, half))
            bits[i] = last
        })
    }
    return { bits, blocks: Uint32Array.from(tags) }
}

/** The tag with its lowest bit replaced. */
function blockWords(tag: Uint8Array, half: number): number[] {
    const bytes = Uint8Array.from(tag)
    bytes[blockBytes - 1] = ((bytes[blockBytes - 1] ?? 0) & 0xfe) | half
    return [...littleEndian(bytes)]
}

/** The blocks with a recipient's nonce over their first 12 bytes. */
function namedBlocks(blocks: Uint32Array, nonce: Uint8Array): Uint8Array {
    const named = new Uint32Array(blocks.length)
    name(blocks, littleEndian(Uint8Array.from(nonce)), 0, named, 0)
    return bytesOfWords(named)
}

/** The nonce begins at `from`. */
function name(blocks: Uint32Array, nonces: Uint32Array, from: number, into: Uint32Array, at: number): void {
    const [a = 0, b = 0, c = 0] = [nonces[from], nonces[from + 1], nonces[from + 2]]
    for (let i = 0; i < blocks.length; i += 4, at += 4) {
        into[at] = (blocks[i] ?? 0) ^ a
        into[at + 1] = (blocks[i + 1] ?? 0) ^ b
        into[at + 2] = (blocks[i + 2] ?? 0) ^ c
        into[at + 3] = blocks[i + 3] ?? 0
    }
}

/** What stands for a recipient in a block: 12 bytes, the same in every document. */
export function nonceOf(recipient: string): Uint8Array {
    return sha256(utf8.encode(`recipient\0${recipient}`)).subarray(0, nonceBytes)
}

/** What stands for recipients in `rowsFor`: 12 bytes each, one after the other. */
export function noncesOf(recipients: readonly string[]): Uint8Array {
    const nonces = new Uint8Array(recipients.length * nonceBytes)
    recipients.forEach((recipient, i) => nonces.set(nonceOf(recipient), i * nonceBytes))
    return nonces
}

/** Names no recipient: its bytes choose the biases. */
const nobody = new Uint8Array(nonceBytes)

function coinsOf(bytes: Uint8Array, slots: readonly Place[], colluders: Colluders): Coin[] {
    const levels = biases[colluders]
    return slots.map(({ size }, i) => {
        if (!(size >= 2 && size <= 256)) throw new Error("a slot has 2 to 256 variants")
        if (size > 2) return Array.from({ length: size }, (_, s) => Math.floor(((s + 1) * 256) / size))
        return [levels[((bytes[i] ?? 0) * levels.length) >> 8] ?? 128, 256]
    })
}

/** The symbol of each byte, by coin: slots that fall alike share a table. */
function tablesOf(coins: readonly Coin[]): Uint8Array[] {
    const known = new Map<string, Uint8Array>()
    return coins.map((coin) => {
        const name = coin.length === 2 ? `2 ${coin[0]}` : String(coin.length)
        const table = known.get(name) ?? Uint8Array.from({ length: 256 }, (_, u) => coin.findIndex((upTo) => u < upTo))
        known.set(name, table)
        return table
    })
}

function wordOf(tables: readonly Uint8Array[], bytes: Uint8Array): Word {
    const word = new Array<number>(tables.length)
    for (let i = 0; i < tables.length; i++) word[i] = tables[i]?.[bytes[i] ?? 0] ?? 0
    return word
}

/** Each slot's byte, out of the slices. */
function bytesOf(slices: Uint8Array, bits: readonly number[]): Uint8Array {
    const words = littleEndian(slices)
    const bytes = new Uint8Array(bits.length)
    for (let i = 0; i < bits.length; i++) {
        const bit = bits[i] ?? 0
        const first = (bit >>> 5) * wordsOfGroup
        const at = bit & 31
        let byte = 0
        for (let plane = 0; plane < 8; plane++) byte = (byte << 1) | (((words[first + plane] ?? 0) >>> at) & 1)
        bytes[i] = byte
    }
    return bytes
}

/** Words that are drawn at once: as many as a processor has at hand. */
const wordsAtOnce = 16 * 1024

/** Rows drawn anew, `nonces` being 12 bytes a recipient. A symbol that was not read is nobody's. */
function rowsOf(cipher: Cipher, blocks: Uint32Array, bounds: Bounds, nonces: Uint8Array): Rows {
    const groups = bounds.read.length
    const recipients = nonces.length / nonceBytes
    const bits = new Uint32Array(recipients * groups)
    const names = littleEndian(nonces)
    const drawn = drawnOf(bounds)
    const request = askedOf(blocks, drawn)
    const atOnce = Math.max(1, Math.floor(wordsAtOnce / Math.max(1, request.length)))
    const named = new Uint32Array(Math.min(recipients, atOnce) * request.length)
    for (let from = 0; from < recipients; from += atOnce) {
        const count = Math.min(atOnce, recipients - from)
        for (let n = 0; n < count; n++) name(request, names, 3 * (from + n), named, n * request.length)
        const slices = littleEndian(cipher(bytesOfWords(named.subarray(0, count * request.length))))
        compare({ slices, width: request.length, drawn }, bounds, bits.subarray(from * groups, (from + count) * groups))
    }
    return { groups, bits }
}

/** How many words of slices each group needs: half, where no bound has anything in the lower four bits. */
function drawnOf({ bound, upper, read }: Bounds): Uint8Array {
    return Uint8Array.from(read, (_, group) => {
        const low = [group * wordsOfGroup + wordsOfBlock, (group + 1) * wordsOfGroup] as const
        const isCoarse = [bound, upper].every((item) => item.subarray(...low).every((plane) => plane === 0))
        return isCoarse ? wordsOfBlock : wordsOfGroup
    })
}

/** The blocks of the words that are needed. */
function askedOf(blocks: Uint32Array, drawn: Uint8Array): Uint32Array {
    const request = new Uint32Array(drawn.reduce((sum, words) => sum + words, 0))
    let at = 0
    drawn.forEach((words, group) => {
        request.set(blocks.subarray(group * wordsOfGroup, group * wordsOfGroup + words), at)
        at += words
    })
    return request
}

const isLittle = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** Words of 32 bits, least significant byte first, whatever the machine. */
function littleEndian(bytes: Uint8Array): Uint32Array {
    if (isLittle && bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}

function bytesOfWords(words: Uint32Array): Uint8Array {
    if (isLittle) return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
    const view = new DataView(new ArrayBuffer(words.byteLength))
    words.forEach((word, i) => view.setUint32(4 * i, word, true))
    return new Uint8Array(view.buffer)
}

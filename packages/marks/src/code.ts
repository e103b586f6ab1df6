/**
 * Generates codewords: the variant that each recipient gets at each slot, chosen by a secret coin with exactly known
 * chances.
 *
 * A slot's coin compares a byte with integer thresholds, so every chance is a number of 256ths. Slots of two variants
 * are biased against collusion, as in Nuida's discrete codes. Slots of more variants are even.
 *
 * The bytes are AES-128 of a block that names the recipient and a group of slots, under the document's key. The
 * codeword of a recipient that did not leak is therefore independent of the leak. The bound on false accusation needs
 * nothing else.
 *
 * Bytes are stored in bit slices. Up to 32 slots form a group and share 32 bytes: eight 32-bit words, the first of
 * which holds the highest bit of each byte. So 32 slots are compared with their thresholds at once, and a million
 * codewords take seconds.
 *
 * The id of a group's first slot names the group. One slot of 64 starts a new group by its own id. An edit of the
 * text therefore moves the slots up to the next such slot, and no others.
 *
 * Source: K. Nuida et al., "An improvement of discrete Tardos fingerprinting codes" (2009), for the biases.
 */
import { hkdf } from "@noble/hashes/hkdf.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import type { Symbol, Codeword } from "./carriers/carrier.ts"
import { type Bounds, boundsOf, compareSlices, wordsOfBlock, wordsOfGroup } from "./code/bounds.ts"
import type { Coin } from "./code/coin.ts"
import { type Rows, groupSize } from "./code/codewords.ts"

/** AES-128 in ECB mode without padding under one key. Takes whole blocks of 16 bytes and returns as many. */
export type Cipher = (blocks: Uint8Array) => Uint8Array

/** Makes the cipher for a key of 16 bytes. */
export type CipherOf = (key: Uint8Array) => Cipher

/** Identifies the document that a key belongs to. Each version and epoch of a document has unrelated codewords. */
export interface Document {
    readonly document: string
    readonly version: string
    readonly epoch: number
}

/**
 * The number of recipients that may combine their copies and still be traced. It decides the biases of slots with two
 * variants.
 */
export type Colluders = 2 | 4 | 8

const blockBytes = 16
/** The size of a nonce in bytes. A nonce names a recipient. */
export const nonceBytes = 12
/** A slot starts a group if the last byte of its tag is below this value: one slot of 64. */
const boundary = 4
const utf8 = new TextEncoder()
const salt = utf8.encode("tocsin-marks/1")

/** The code design that applies if none is given. */
export const colludersDefault: Colluders = 2

/** Finds the smallest code design for a number of colluders. Null means that they are too many to be traced. */
export function designFor(colluders: number): Colluders | null {
    return colluders <= 2 ? 2 : colluders <= 4 ? 4 : colluders <= 8 ? 8 : null
}

/** Lists chances in 256ths, each `times` times, followed by their complements to 256. */
function mirrored(...low: readonly (readonly [chance: number, times: number])[]): number[] {
    const entries = low.flatMap(([chance, times]) => Array.from({ length: times }, () => chance))
    return [...entries, ...entries.map((chance) => 256 - chance).toReversed()]
}

/**
 * The chances of the text's own form in 256ths; each entry is equally likely. They are near the Gauss–Legendre nodes
 * (54, 202 and 18, 84, 172, 238), rounded to sixteenths. So half of a byte decides.
 */
export const biases: Readonly<Record<Colluders, readonly number[]>> = {
    2: [128],
    4: mirrored([48, 9], [64, 7]),
    8: mirrored([16, 1], [80, 1]),
}

/**
 * Derives a document's key K_doc (32 bytes) from the master key by HKDF-SHA256. Throws if the master key has less than
 * 32 bytes.
 */
export function docKey(master: Uint8Array, document: Document): Uint8Array {
    if (!(master.length >= 32)) throw new Error("the master key is too short: give at least 32 bytes")
    return hkdf(
        sha256,
        master,
        salt,
        utf8.encode(JSON.stringify([document.document, document.version, document.epoch])),
        32,
    )
}

/** Derives the 16-byte key of the coins of a document. */
function coinKey(key: Uint8Array, colluders: Colluders): Uint8Array {
    return hmac(sha256, key, utf8.encode(`coin ${colluders}`)).subarray(0, blockBytes)
}

/** The parts of a slot that the code needs: an id that follows from its content, and 2 to 256 variants. */
export interface CodeSlot {
    readonly id: string
    readonly size: number
    /**
     * Whether the slot's layer is generated after all others, in groups of its own. Such a slot moves no bit of the
     * other layers.
     */
    readonly isSeparateLayer?: boolean
}

/** The codewords of one document's copies. */
export interface Codebook {
    readonly coins: readonly Coin[]
    /** The bit of each slot in a row: 32 · group + position in the group. */
    readonly bits: readonly number[]
    readonly codewordOf: (recipient: string) => Codeword
    /** Generates the codeword of the recipient that a 12-byte nonce names. */
    readonly codewordFor: (nonce: Uint8Array) => Codeword
    /** Compares the symbols read with the codewords of recipients, each named by a 12-byte nonce. */
    readonly rowsFor: (symbols: readonly Symbol[], nonces: Uint8Array) => Rows
}

/** Builds the codewords of a document. `key` is K_doc. Throws if two slots have the same id. */
export function codebookOf(
    key: Uint8Array,
    slots: readonly CodeSlot[],
    colluders: Colluders,
    cipherOf: CipherOf,
): Codebook {
    const cipher = cipherOf(coinKey(key, colluders))
    const { bits, blocks } = layoutOf(key, slots)
    const bytes = (nonce: Uint8Array) => bytesOf(cipher(namedBlocks(blocks, nonce)), bits)
    const coins = coinsOf(bytes(biasNonce), slots, colluders)
    const tables = tablesOf(coins)
    return {
        coins,
        bits,
        codewordOf: (recipient) => codewordFrom(tables, bytes(nonceOf(recipient))),
        codewordFor: (nonce) => codewordFrom(tables, bytes(nonce)),
        rowsFor: (symbols, nonces) =>
            rowsOf(cipher, blocks, boundsOf(coins, symbols, bits, blocks.length / wordsOfGroup), nonces),
    }
}

/** Counts the groups in a row of these slots. The count differs from key to key. */
export function groupsOf(key: Uint8Array, slots: readonly CodeSlot[]): number {
    return layoutOf(key, slots).blocks.length / wordsOfGroup
}

interface Layout {
    readonly bits: readonly number[]
    /** The two blocks of each group as 32-bit words, before a recipient's nonce is added. */
    readonly blocks: Uint32Array
}

function layoutOf(key: Uint8Array, slots: readonly CodeSlot[]): Layout {
    if (new Set(slots.map(({ id }) => id)).size !== slots.length)
        throw new Error("two slots have the same id: give each slot its own")
    const slotHmac = hmac.create(sha256, key).update(utf8.encode("slot\0"))
    const tags: number[] = []
    const bits = slots.map(() => 0)
    for (const layer of [false, true]) {
        let last = -1
        slots.forEach(({ id, isSeparateLayer = false }, i) => {
            if (isSeparateLayer !== layer) return
            const tag = slotHmac.clone().update(utf8.encode(id)).digest().subarray(0, blockBytes)
            const isFirst = last < 0 || last % groupSize === groupSize - 1 || (tag[blockBytes - 1] ?? 0) < boundary
            last = isFirst ? (tags.length / wordsOfGroup) * groupSize : last + 1
            if (isFirst) for (const half of [0, 1]) tags.push(...blockWords(tag, half))
            bits[i] = last
        })
    }
    return { bits, blocks: Uint32Array.from(tags) }
}

/** Replaces the lowest bit of the tag by `half`, and returns the block as 32-bit words. */
function blockWords(tag: Uint8Array, half: number): number[] {
    const bytes = Uint8Array.from(tag)
    bytes[blockBytes - 1] = ((bytes[blockBytes - 1] ?? 0) & 0xfe) | half
    return [...littleEndian(bytes)]
}

/** Adds a recipient's nonce to the first 12 bytes of each block. */
function namedBlocks(blocks: Uint32Array, nonce: Uint8Array): Uint8Array {
    const blocksOfRecipient = new Uint32Array(blocks.length)
    addNonce(blocks, littleEndian(Uint8Array.from(nonce)), 0, blocksOfRecipient, 0)
    return bytesOfWords(blocksOfRecipient)
}

/** Adds the nonce that begins at `from` to each block, and writes the blocks to `into`. */
function addNonce(blocks: Uint32Array, nonces: Uint32Array, from: number, into: Uint32Array, at: number): void {
    const [a = 0, b = 0, c = 0] = [nonces[from], nonces[from + 1], nonces[from + 2]]
    for (let i = 0; i < blocks.length; i += 4, at += 4) {
        into[at] = (blocks[i] ?? 0) ^ a
        into[at + 1] = (blocks[i + 1] ?? 0) ^ b
        into[at + 2] = (blocks[i + 2] ?? 0) ^ c
        into[at + 3] = blocks[i + 3] ?? 0
    }
}

/** Computes the nonce that names a recipient in a block: 12 bytes, the same in every document. */
export function nonceOf(recipient: string): Uint8Array {
    return sha256(utf8.encode(`recipient\0${recipient}`)).subarray(0, nonceBytes)
}

/** Computes the nonces for `rowsFor`: 12 bytes for each recipient, one after the other. */
export function noncesOf(recipients: readonly string[]): Uint8Array {
    const nonces = new Uint8Array(recipients.length * nonceBytes)
    recipients.forEach((recipient, i) => nonces.set(nonceOf(recipient), i * nonceBytes))
    return nonces
}

/** The nonce of no recipient. Its bytes choose the biases. */
const biasNonce = new Uint8Array(nonceBytes)

function coinsOf(bytes: Uint8Array, slots: readonly CodeSlot[], colluders: Colluders): Coin[] {
    const levels = biases[colluders]
    return slots.map(({ size }, i) => {
        if (!(size >= 2 && size <= 256))
            throw new Error("the number of variants is out of range: give each slot 2 to 256")
        if (size > 2) return Array.from({ length: size }, (_, s) => Math.floor(((s + 1) * 256) / size))
        return [levels[((bytes[i] ?? 0) * levels.length) >> 8] ?? 128, 256]
    })
}

/** Lists the symbol of each byte for each coin. Slots with equal coins share a table. */
function tablesOf(coins: readonly Coin[]): Uint8Array[] {
    const known = new Map<string, Uint8Array>()
    return coins.map((coin) => {
        const name = coin.length === 2 ? `2 ${coin[0]}` : String(coin.length)
        const table =
            known.get(name) ?? Uint8Array.from({ length: 256 }, (_, u) => coin.findIndex((limit) => u < limit))
        known.set(name, table)
        return table
    })
}

function codewordFrom(tables: readonly Uint8Array[], bytes: Uint8Array): Codeword {
    const codeword = new Array<number>(tables.length)
    for (let i = 0; i < tables.length; i++) codeword[i] = tables[i]?.[bytes[i] ?? 0] ?? 0
    return codeword
}

/** Extracts the byte of each slot from the bit slices. */
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

/** The number of 32-bit words generated at once: as many as fit in a processor's cache. */
const wordsAtOnce = 16 * 1024

/** Generates rows for recipients, each named by 12 bytes of `nonces`. A symbol that was not read fits no recipient. */
function rowsOf(cipher: Cipher, blocks: Uint32Array, bounds: Bounds, nonces: Uint8Array): Rows {
    const groups = bounds.read.length
    const recipients = nonces.length / nonceBytes
    const bits = new Uint32Array(recipients * groups)
    const nonceWords = littleEndian(nonces)
    const wordsPerGroup = wordsNeeded(bounds)
    const neededBlocks = pickBlocks(blocks, wordsPerGroup)
    const atOnce = Math.max(1, Math.floor(wordsAtOnce / Math.max(1, neededBlocks.length)))
    const blocksOfRecipients = new Uint32Array(Math.min(recipients, atOnce) * neededBlocks.length)
    for (let from = 0; from < recipients; from += atOnce) {
        const count = Math.min(atOnce, recipients - from)
        for (let n = 0; n < count; n++)
            addNonce(neededBlocks, nonceWords, 3 * (from + n), blocksOfRecipients, n * neededBlocks.length)
        const slices = littleEndian(cipher(bytesOfWords(blocksOfRecipients.subarray(0, count * neededBlocks.length))))
        compareSlices(
            { slices, width: neededBlocks.length, wordsPerGroup },
            bounds,
            bits.subarray(from * groups, (from + count) * groups),
        )
    }
    return { groups, bits }
}

/** Counts the 32-bit words of slices that each group needs: half, if no bound uses the lower four bits. */
function wordsNeeded({ bound, upper, read }: Bounds): Uint8Array {
    return Uint8Array.from(read, (_, group) => {
        const low = [group * wordsOfGroup + wordsOfBlock, (group + 1) * wordsOfGroup] as const
        const isCoarse = [bound, upper].every((bounds) => bounds.subarray(...low).every((plane) => plane === 0))
        return isCoarse ? wordsOfBlock : wordsOfGroup
    })
}

/** Picks the blocks that the needed words come from. */
function pickBlocks(blocks: Uint32Array, wordsPerGroup: Uint8Array): Uint32Array {
    const pickedBlocks = new Uint32Array(wordsPerGroup.reduce((sum, words) => sum + words, 0))
    let at = 0
    wordsPerGroup.forEach((words, group) => {
        pickedBlocks.set(blocks.subarray(group * wordsOfGroup, group * wordsOfGroup + words), at)
        at += words
    })
    return pickedBlocks
}

const isLittle = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** Reads 32-bit words, least significant byte first, on any machine. */
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

/**
 * Codewords: which variant each recipient gets at each slot, drawn by a secret coin.
 *
 * A symbol depends on the document's key, the recipient and the slot's id, and on nothing else: not on the order of
 * slots, not on other slots, not on who else receives. So an innocent's word is independent of every copy that he has
 * not seen, which is all that the bound on false accusation needs.
 *
 * A slot id becomes a 16-byte tag once a document; a recipient becomes an AES-128 key; the symbol is the encrypted
 * tag, read as a fraction of one and scaled to the slot's number of variants. Integers throughout.
 */
import { hkdf } from "@noble/hashes/hkdf.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import type { Slot, Word } from "./carriers/carrier.ts"

/** AES-128 in ECB mode without padding: `key` is 16 bytes, `blocks` a multiple of 16, the answer as long as `blocks`. */
export type EncryptBlocks = (key: Uint8Array, blocks: Uint8Array) => Uint8Array

/** What a key is for. Another version or epoch of the same document has unrelated words. */
export interface Document {
    readonly document: string
    readonly version: string
    readonly epoch: number
}

const blockBytes = 16
const utf8 = new TextEncoder()
const salt = utf8.encode("marks/v1")

/** K_doc, 32 bytes, by HKDF-SHA256 from the master key (at least 32 bytes). */
export function docKey(master: Uint8Array, of: Document): Uint8Array {
    if (!(master.length >= 32)) throw new Error("a master key has at least 32 bytes")
    return hkdf(sha256, master, salt, utf8.encode(JSON.stringify([of.document, of.version, of.epoch])), 32)
}

/** The slots' tags, 16 bytes each, in the order of the slots. Without a recipient's key they tell no symbol. */
export function tagsOf(key: Uint8Array, slots: readonly Slot[]): Uint8Array {
    const tags = new Uint8Array(slots.length * blockBytes)
    const tag = deriving(key, "slot")
    slots.forEach((slot, i) => tags.set(tag(slot.id), i * blockBytes))
    return tags
}

/**
 * The words of one document: the slots' tags are made once (or handed in, where the key is the same), each call is one
 * cipher call. Slot ids must differ.
 */
export function codebook(
    key: Uint8Array,
    slots: readonly Slot[],
    encrypt: EncryptBlocks,
    tags: Uint8Array = tagsOf(key, slots),
): (recipient: string) => Word {
    const sizes = slots.map((slot) => slot.variants.length)
    if (new Set(slots.map((slot) => slot.id)).size !== slots.length) throw new Error("two slots have the same id")
    if (sizes.some((size) => !(size >= 1 && size <= 256))) throw new Error("a slot has 1 to 256 variants")
    const keyOf = deriving(key, "recipient")
    return (recipient) => {
        const drawn = encrypt(keyOf(recipient), tags)
        const words = new DataView(drawn.buffer, drawn.byteOffset, drawn.byteLength)
        return sizes.map((size, i) => symbolOf(words, i * blockBytes, size))
    }
}

/** One recipient's word. For many of one document, `codebook` is cheaper. */
export function wordFor(key: Uint8Array, recipient: string, slots: readonly Slot[], encrypt: EncryptBlocks): Word {
    return codebook(key, slots, encrypt)(recipient)
}

/** Many from one key: its two blocks are hashed once. */
function deriving(key: Uint8Array, what: "slot" | "recipient"): (name: string) => Uint8Array {
    const begun = hmac.create(sha256, key).update(utf8.encode(`${what}\0`))
    return (name) => begun.clone().update(utf8.encode(name)).digest().subarray(0, blockBytes)
}

/** floor(u·size / 2^40) for the 40-bit big-endian u: exact in doubles, and within size/2^40 of uniform. */
function symbolOf(drawn: DataView, at: number, size: number): number {
    const u = drawn.getUint32(at) * 256 + drawn.getUint8(at + 4)
    return Math.floor((u * size) / 0x100_0000_0000)
}

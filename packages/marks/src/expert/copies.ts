/**
 * Makes the copies of an expert file again from master, key and slots, and compares them with the hashes in the audit
 * log.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js"
import { type Canary, bytesGrown, nameOf, withNames } from "../canary.ts"
import { type Slot, applyWord, placesOf, longestCopyBytes } from "../carriers/carrier.ts"
import { type CipherOf, bookOf } from "../code.ts"
import type { ExpertDocument, ExpertFile } from "../expert.ts"
import { padmeLength } from "@tocsin/base/padding"
import { refuse } from "@tocsin/base/refusal"

/** Lists the versions that this text is the master of. */
export function documentsOf({ documents }: ExpertFile, master: Uint8Array): ExpertDocument[] {
    const hash = bytesToHex(sha256(master))
    return documents.filter((document) => document.master === hash)
}

/**
 * Counts the copies of a version that were made again and match those handed out. Refuses `expert.codeword_mismatch`
 * and `expert.copy_mismatch`.
 */
export function madeAgain(input: ExpertDocument, file: ExpertFile, master: Uint8Array, cipherOf: CipherOf): number {
    const slots = input.slots as readonly Slot[]
    const { wordFor } = bookOf(hexToBytes(input.key), placesOf(slots), input.colluders, cipherOf)
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(master)
    const { canaries } = input
    const grown = canaries === undefined ? 0 : bytesGrown(text, canaries.zone)
    const length = padmeLength(longestCopyBytes(master.length, slots) + grown)
    let made = 0
    for (const { number, word, delivered } of input.copies) {
        const nonce = hexToBytes(file.recipients[number - 1]?.nonce ?? "")
        const own = wordFor(nonce)
        if (own.some((form, i) => form !== word[i]))
            refuse("conflict", "expert.codeword_mismatch", `the word of number \`${number}\` is not what its key draws`)
        const marked = applyWord(text, slots, own)
        const name = (canary: Canary) => nameOf(canary, hexToBytes(input.key), nonce, canaries?.zone ?? null)
        const copy = padded(canaries === undefined ? marked : withNames(marked, name), length)
        for (const item of delivered) {
            const hash = sha256(concatBytes(hexToBytes(item.salt), copy))
            if (bytesToHex(hash) !== item.copy)
                refuse(
                    "conflict",
                    "expert.copy_mismatch",
                    `the copy of number \`${number}\` is not what was handed out`,
                )
            made += 1
        }
    }
    return made
}

const newline = 10

function padded(text: string, length: number): Uint8Array {
    const bytes = new TextEncoder().encode(text)
    const copy = new Uint8Array(Math.max(length, bytes.length)).fill(newline)
    copy.set(bytes)
    return copy
}

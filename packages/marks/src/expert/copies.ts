/**
 * Makes the copies of an expert file again from master, key and slots, and compares them with the hashes in the audit
 * log.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js"
import { type Canary, addedBytes, nameOfCanary, withNames } from "../canary.ts"
import { type Slot, applyCodeword, placesOf, longestCopyBytes } from "../carriers/carrier.ts"
import { type CipherOf, codebookOf } from "../code.ts"
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
export function countReproducedCopies(
    document: ExpertDocument,
    file: ExpertFile,
    master: Uint8Array,
    cipherOf: CipherOf,
): number {
    const slots = document.slots as readonly Slot[]
    const { codewordFor: wordFor } = codebookOf(hexToBytes(document.key), placesOf(slots), document.colluders, cipherOf)
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(master)
    const { canaries } = document
    const nameBytes = canaries === undefined ? 0 : addedBytes(text, canaries.zone)
    const length = padmeLength(longestCopyBytes(master.length, slots) + nameBytes)
    let count = 0
    for (const { number, word: statedCodeword, delivered } of document.copies) {
        const nonce = hexToBytes(file.recipients[number - 1]?.nonce ?? "")
        const codeword = wordFor(nonce)
        if (codeword.some((form, i) => form !== statedCodeword[i]))
            refuse(
                "conflict",
                "expert.codeword_mismatch",
                `the codeword of number \`${number}\` does not follow from the key`,
            )
        const marked = applyCodeword(text, slots, codeword)
        const name = (canary: Canary) => nameOfCanary(canary, hexToBytes(document.key), nonce, canaries?.zone ?? null)
        const copy = padCopy(canaries === undefined ? marked : withNames(marked, name), length)
        for (const item of delivered) {
            const hash = sha256(concatBytes(hexToBytes(item.salt), copy))
            if (bytesToHex(hash) !== item.copy)
                refuse(
                    "conflict",
                    "expert.copy_mismatch",
                    `the reproduced copy of number \`${number}\` differs from the one that was handed out`,
                )
            count += 1
        }
    }
    return count
}

const newline = 10

function padCopy(text: string, length: number): Uint8Array {
    const bytes = new TextEncoder().encode(text)
    const copy = new Uint8Array(Math.max(length, bytes.length)).fill(newline)
    copy.set(bytes)
    return copy
}

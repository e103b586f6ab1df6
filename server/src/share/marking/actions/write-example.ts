/**
 * Writes an example of a copy: what a recipient would read, for the author of a text that is not released.
 *
 * Its codeword comes from a key that is public, so it says nothing about the codeword of any recipient.
 */
import { nameOfCanary, withNames } from "@tocsin/marks/canary"
import { type Slot, applyCodeword, placesOf } from "@tocsin/marks/carriers/carrier"
import { codebookOf, colludersDefault, nonceOf } from "@tocsin/marks/code"
import { blockCipher } from "../../../platform/crypto/aes-blocks.ts"
import { type CanaryText, mayHaveCanaries } from "../../artifacts/canary-use.ts"

const publicKey = new Uint8Array(32)
/** No recipient has this name: partners are named by ids, and people by a word and an id. */
const exampleName = "example"
/** A zone in which no name exists (RFC 2606). */
const exampleZone = "example"

/** Returns the same text for the same draft, and has one form at each slot. */
export function writeExampleCopy(draft: CanaryText, slots: readonly Slot[]): string {
    const book = codebookOf(publicKey, placesOf(slots), colludersDefault, blockCipher)
    const copy = applyCodeword(draft.content, slots, book.codewordOf(exampleName))
    if (!mayHaveCanaries(draft)) return copy
    return withNames(copy, (canary) => nameOfCanary(canary, publicKey, nonceOf(exampleName), exampleZone))
}

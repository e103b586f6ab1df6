/**
 * Stores texts of an inquiry, encrypted with its own key, each with a salt. The event holds a commitment to both. A
 * reader with text and salt can check them against the audit log.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Json } from "@tocsin/base/canonical"
import { commit, saltBytes } from "@tocsin/audit-log/signed-note"
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { sealedWith } from "./check-membership.ts"

interface Kept {
    readonly box: Buffer
    /** The commitment for the event. */
    readonly words: string
}

/** Encrypts a text with a new salt, and returns the ciphertext and the commitment. */
export async function saveTexts(ctx: ActionContext, inquiry: string, place: string, words: Json): Promise<Kept> {
    const salt = newSalt(ctx)
    const text = JSON.stringify({ words, salt })
    const box = await seal(ctx.tx, ctx.services.keys, sealedWith(inquiry), place, text)
    return { box, words: commitTo(salt, words) }
}

/** Decrypts a text of an inquiry. */
export async function openWords<Words>(
    ctx: ActionContext,
    inquiry: string,
    place: string,
    box: Buffer,
): Promise<Words & { readonly salt: string }> {
    const text = await unseal(ctx.tx, ctx.services.keys, sealedWith(inquiry), place, box)
    const { words, salt } = JSON.parse(text) as { words: Words; salt: string }
    return { ...words, salt }
}

/** Generates a salt, in hex. */
export const newSalt = (ctx: ActionContext): string => Buffer.from(ctx.services.random(saltBytes)).toString("hex")

/** Computes the commitment to a text and its salt, in hex. */
export const commitTo = (salt: string, words: Json): string => bytesToHex(commit(hexToBytes(salt), words))

/**
 * Stores texts of an inquiry, encrypted with its own key, each with a salt. The event holds a commitment to both. A
 * reader with text and salt can check them against the audit log.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Json } from "@tocsin/base/canonical"
import { commit, saltBytes } from "@tocsin/audit-log/signed-note"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { inquiryScope } from "./check-membership.ts"

interface EncryptedTexts {
    readonly ciphertext: Buffer
    /** The commitment for the event. */
    readonly commitment: string
}

/** Encrypts a text with a new salt, and returns the ciphertext and the commitment. */
export async function encryptTexts(
    ctx: ActionContext,
    inquiry: string,
    place: string,
    texts: Json,
): Promise<EncryptedTexts> {
    const salt = newSalt(ctx)
    const text = JSON.stringify({ text: texts, salt })
    const ciphertext = await encryptText(ctx.tx, ctx.services.keys, inquiryScope(inquiry), place, text)
    return { ciphertext, commitment: commitTo(salt, texts) }
}

/** Decrypts a text of an inquiry. */
export async function decryptTexts<Texts>(
    ctx: ActionContext,
    inquiry: string,
    place: string,
    ciphertext: Buffer,
): Promise<Texts & { readonly salt: string }> {
    const text = await decryptText(ctx.tx, ctx.services.keys, inquiryScope(inquiry), place, ciphertext)
    const { text: texts, salt } = JSON.parse(text) as { text: Texts; salt: string }
    return { ...texts, salt }
}

/** Generates a salt, in hex. */
export const newSalt = (ctx: ActionContext): string => Buffer.from(ctx.services.random(saltBytes)).toString("hex")

/** Computes the commitment to a text and its salt, in hex. */
export const commitTo = (salt: string, texts: Json): string => bytesToHex(commit(hexToBytes(salt), texts))

/**
 * Words of an inquiry: sealed with its own key, each with a salt. The event that tells of them holds what commits to
 * both, so that whoever is handed words and salt can check them against the record.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Json } from "@tocsin/base/canonical"
import { commit, saltBytes } from "@tocsin/audit-log/signed-note"
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { sealedWith } from "./check-membership.ts"

interface Kept {
    readonly box: Buffer
    /** For the event. */
    readonly words: string
}

export async function saveTexts(ctx: ActionContext, inquiry: string, place: string, words: Json): Promise<Kept> {
    const salt = newSalt(ctx)
    const text = JSON.stringify({ words, salt })
    const box = await seal(ctx.tx, ctx.services.keys, sealedWith(inquiry), place, text)
    return { box, words: commitTo(salt, words) }
}

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

export const newSalt = (ctx: ActionContext): string => Buffer.from(ctx.services.random(saltBytes)).toString("hex")

export const commitTo = (salt: string, words: Json): string => bytesToHex(commit(hexToBytes(salt), words))

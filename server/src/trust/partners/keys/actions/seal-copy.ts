/** Seals files to a partner's keys: as age files, or as OpenPGP messages for the certificates that are stored. */
import { type SealedFormat, endings, formatOf } from "@tocsin/client/sealed-format"
import { prepareOpenPgp } from "../../../../platform/crypto/seal-openpgp.ts"
import { sealFor } from "../../../../platform/crypto/seal.ts"
import { decryptText, encryptText } from "../../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import type { PartnerKey } from "../key.ts"
import * as store from "../store/keys.ts"

/** Seals for some keys, which are of one format. */
export interface Seal {
    readonly format: SealedFormat
    /** Of the name of a sealed file: `.age` or `.pgp`. */
    readonly ending: string
    readonly seal: (plain: Uint8Array) => Promise<Buffer>
}

/**
 * Prepares sealing to these keys of one partner and one format. Refuses `openpgp.not_usable` where a certificate has
 * expired by wall-clock time.
 */
export async function loadSeal(ctx: ActionContext, keys: readonly PartnerKey[]): Promise<Seal> {
    const recipients = keys.map(({ recipient }) => recipient)
    const format = formatOf(recipients[0] ?? "")
    return {
        format,
        ending: endings[format],
        seal:
            format === "age"
                ? (plain) => sealFor(recipients, plain)
                : await prepareOpenPgp(await loadCertificates(ctx, keys), ctx.services.realNow()),
    }
}

async function loadCertificates(ctx: ActionContext, keys: readonly PartnerKey[]) {
    const ciphertexts = await store.listCertificates(
        ctx.tx,
        keys.map(({ id }) => id),
    )
    const certificates: { readonly recipient: string; readonly text: string }[] = []
    for (const { id, partner, recipient, ciphertext } of ciphertexts) {
        const text = await decryptText(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(id), ciphertext)
        certificates.push({ recipient, text })
    }
    return certificates
}

/** Encrypts a certificate for its row: it names people. */
export async function encryptCertificate(
    ctx: ActionContext,
    { id, partner }: Pick<PartnerKey, "id" | "partner">,
    text: string,
): Promise<Buffer> {
    return await encryptText(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(id), text)
}

const scopeOf = (partner: string): string => `partner:${partner}`
const placeOf = (id: string): string => `partner_keys.certificate:${id}`

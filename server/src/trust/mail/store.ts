/** Reads and writes the OpenPGP key that signs mail. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"

export interface KeyRow {
    readonly fingerprint: string
    readonly createdAt: Instant
    readonly publicText: string
    readonly secretCiphertext: Buffer
}

export async function findKey(tx: Tx): Promise<KeyRow | undefined> {
    const rows = await tx.query<KeyRow>(
        `select fingerprint, created_at as "createdAt", public_text as "publicText",
         secret_ciphertext as "secretCiphertext"
         from mail_signing_keys`,
    )
    return rows[0]
}

/** Inserts the key. False where there is one already. */
export async function insertKey(tx: Tx, row: KeyRow): Promise<boolean> {
    const rows = await tx.query(
        `insert into mail_signing_keys (fingerprint, created_at, public_text, secret_ciphertext) values ($1, $2, $3, $4)
         on conflict do nothing returning fingerprint`,
        [row.fingerprint, new Date(row.createdAt), row.publicText, row.secretCiphertext],
    )
    return rows.length > 0
}

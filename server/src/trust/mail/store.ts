/** Reads and writes the OpenPGP key that signs mail. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"

export interface KeyRow {
    readonly fingerprint: string
    readonly madeAt: Instant
    readonly publicText: string
    readonly secretBox: Buffer
}

export async function findKey(tx: Tx): Promise<KeyRow | undefined> {
    const rows = await tx.query<KeyRow>(
        `select fingerprint, created_at as "madeAt", public_text as "publicText", secret_ciphertext as "secretBox"
         from mail_signing_keys`,
    )
    return rows[0]
}

/** Inserts the key. False where there is one already. */
export async function insertKey(tx: Tx, row: KeyRow): Promise<boolean> {
    const rows = await tx.query(
        `insert into mail_signing_keys (fingerprint, created_at, public_text, secret_ciphertext) values ($1, $2, $3, $4)
         on conflict do nothing returning fingerprint`,
        [row.fingerprint, new Date(row.madeAt), row.publicText, row.secretBox],
    )
    return rows.length > 0
}

/** Reads and writes the publisher's OpenPGP keys. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import type { PublisherKey } from "./publisher-key.ts"

export interface KeyRow extends PublisherKey {
    readonly secretCiphertext: Buffer
}

const publisherKeysClass = 15

/** Locks out other changes of the keys until the transaction ends. */
export async function lockKeys(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${publisherKeysClass}, 0)`)
}

/** Lists the keys, newest first. */
export async function listKeys(tx: Tx): Promise<KeyRow[]> {
    return await tx.query<KeyRow>(
        `select fingerprint, created_at as "createdAt", public_text as "publicText",
         secret_ciphertext as "secretCiphertext", replaced_at as "replacedAt", revoked_at as "revokedAt"
         from publisher_keys order by replaced_at desc nulls first`,
    )
}

/** Stores a key. False where another one signs. */
export async function insertKey(
    tx: Tx,
    row: Pick<KeyRow, "fingerprint" | "createdAt" | "publicText" | "secretCiphertext">,
): Promise<boolean> {
    const rows = await tx.query(
        `insert into publisher_keys (fingerprint, created_at, public_text, secret_ciphertext) values ($1, $2, $3, $4)
         on conflict do nothing returning fingerprint`,
        [row.fingerprint, new Date(row.createdAt), row.publicText, row.secretCiphertext],
    )
    return rows.length > 0
}

export async function setReplaced(tx: Tx, fingerprint: string, at: Instant): Promise<void> {
    await tx.query("update publisher_keys set replaced_at = $2 where fingerprint = $1", [fingerprint, new Date(at)])
}

/** Stores the revoked public key. */
export async function setRevoked(tx: Tx, fingerprint: string, publicText: string, at: Instant): Promise<void> {
    await tx.query("update publisher_keys set public_text = $2, revoked_at = $3 where fingerprint = $1", [
        fingerprint,
        publicText,
        new Date(at),
    ])
}

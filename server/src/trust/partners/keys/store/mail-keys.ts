/** Reads and writes the rows of partners' OpenPGP keys. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import type { PartnerMailKey } from "../key.ts"

export interface MailKeyRow extends PartnerMailKey {
    readonly keyCiphertext: Buffer
}

export async function insertMailKey(tx: Tx, key: MailKeyRow): Promise<void> {
    await tx.query(
        `insert into partner_mail_keys (id, partner_id, fingerprint, key_ciphertext, added_by, added_at, usable_at,
         expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
            key.id,
            key.partner,
            key.fingerprint,
            key.keyCiphertext,
            key.addedBy,
            ...[key.addedAt, key.usableFrom, key.expiresAt].map((at) => new Date(at)),
        ],
    )
}

/** Lists every OpenPGP key that the partner ever had, oldest first. */
export async function listMailKeys(tx: Tx, partner: string): Promise<MailKeyRow[]> {
    return await tx.query<MailKeyRow>(
        `select id, partner_id as partner, fingerprint, key_ciphertext as "keyCiphertext", added_by as "addedBy",
         added_at as "addedAt",
             usable_at as "usableFrom", expires_at as "expiresAt", revoked_at as "revokedAt", failed_at as "failedAt"
         from partner_mail_keys where partner_id = $1 order by added_at, id`,
        [partner],
    )
}

export async function markMailKeyRevoked(tx: Tx, id: string, now: Instant): Promise<void> {
    await tx.query("update partner_mail_keys set revoked_at = $2 where id = $1", [id, new Date(now)])
}

/** Marks a key that cannot be used for encryption. False where it was marked. */
export async function markMailKeyFailed(tx: Tx, id: string, now: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update partner_mail_keys set failed_at = $2 where id = $1 and failed_at is null returning id",
        [id, new Date(now)],
    )
    return rows.length > 0
}

/** Reads and writes partners' keys. Revoked keys stay, to explain past copies. */
import type { Instant } from "@tocsin/base/instant"
import { trustedUntil } from "../../../../platform/time/clock.ts"
import type { Tx } from "../../../../platform/postgres/db.ts"
import { combineCalls } from "../../../../kernel/shared-transaction.ts"
import type { PartnerKey } from "../key.ts"

const columns = `id, partner_id as partner, recipient, added_by as "addedBy", added_at as "addedAt", usable_at as
"usableFrom",
    expires_at as "expiresAt", revoked_at as "revokedAt", tested_at as "testedAt", confirmed_by_id as
    "confirmedBy", confirmed_at as "confirmedAt", accepted_at as "acceptedAt"`

/** `certificateCiphertext`: of an OpenPGP key, null for any other. */
export async function insertKey(tx: Tx, key: PartnerKey, certificateCiphertext: Buffer | null): Promise<void> {
    await tx.query(
        `insert into partner_keys (id, partner_id, recipient, added_by, added_at, usable_at, expires_at,
         certificate_ciphertext)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
            key.id,
            key.partner,
            key.recipient,
            key.addedBy,
            new Date(key.addedAt),
            dateOrNull(key.usableFrom),
            new Date(key.expiresAt),
            certificateCiphertext,
        ],
    )
}

/** Lists the certificates of OpenPGP keys, oldest first. */
export async function listCertificates(
    tx: Tx,
    ids: readonly string[],
): Promise<(Pick<PartnerKey, "id" | "partner" | "recipient"> & { readonly ciphertext: Buffer })[]> {
    return await tx.query(
        `select id, partner_id as partner, recipient, certificate_ciphertext as ciphertext from partner_keys
         where id = any($1::uuid[]) and certificate_ciphertext is not null order by added_at, id`,
        [ids],
    )
}

const dateOrNull = (at: Instant | null): Date | null => (at === null ? null : new Date(at))

/** Lists every key that the partner ever had, oldest first. */
export async function listKeys(tx: Tx, partner: string): Promise<PartnerKey[]> {
    return await tx.query<PartnerKey>(
        `select ${columns} from partner_keys where partner_id = $1 order by added_at, id`,
        [partner],
    )
}

/** Lists keys with the instant until which waiting keys may become usable; null where no trusted clock was checked. */
export async function listKeysToSealFor(
    tx: Tx,
    partner: string,
): Promise<(PartnerKey & { readonly trustedUntil: Instant | null })[]> {
    const { rows } = await queryKeys(tx, partner, null)
    return rows.filter((key) => key.partner === partner)
}

const queryKeys = combineCalls((tx, partners: readonly string[], _: null) =>
    tx.query<PartnerKey & { readonly trustedUntil: Instant | null }>(
        `select ${columns}, ${trustedUntil} as "trustedUntil" from partner_keys
         where partner_id = any((select $1::uuid[])::uuid[]) order by added_at, id`,
        [partners],
    ),
)

/** Lists every partner's keys that are not revoked. */
export async function listKeysInUse(tx: Tx): Promise<PartnerKey[]> {
    return await tx.query<PartnerKey>(`select ${columns} from partner_keys where revoked_at is null`)
}

/** Whether another partner has or had this recipient. */
export async function isUsedElsewhere(tx: Tx, partner: string, recipient: string): Promise<boolean> {
    const rows = await tx.query("select 1 from partner_keys where recipient = $1 and partner_id <> $2 limit 1", [
        recipient,
        partner,
    ])
    return rows.length > 0
}

export async function markTested(tx: Tx, id: string, now: Instant): Promise<void> {
    await tx.query("update partner_keys set tested_at = $2 where id = $1", [id, new Date(now)])
}

/** Stores who confirmed or accepted a key, and since when it is usable. */
export async function saveStart(tx: Tx, key: PartnerKey): Promise<void> {
    const { id, usableFrom, confirmedBy, confirmedAt, acceptedAt } = key
    await tx.query(
        `update partner_keys set usable_at = $2, confirmed_by_id = $3, confirmed_at = $4, accepted_at = $5
         where id = $1`,
        [id, dateOrNull(usableFrom), confirmedBy, dateOrNull(confirmedAt), dateOrNull(acceptedAt)],
    )
}

/** Lists keys that wait for a confirmation or an acceptance, oldest first. */
export async function listWaitingKeys(tx: Tx, now: Instant): Promise<PartnerKey[]> {
    return await tx.query<PartnerKey>(
        `select ${columns} from partner_keys where usable_at is null and revoked_at is null and expires_at > $1
         order by added_at, id`,
        [new Date(now)],
    )
}

export async function markRevoked(tx: Tx, id: string, now: Instant): Promise<void> {
    await tx.query("update partner_keys set revoked_at = $2 where id = $1", [id, new Date(now)])
}

/** Finds the partner of a key; null where there is none. */
export async function findPartnerOfKey(tx: Tx, id: string): Promise<string | null> {
    const [row] = await tx.query<{ partner: string }>("select partner_id as partner from partner_keys where id = $1", [
        id,
    ])
    return row?.partner ?? null
}

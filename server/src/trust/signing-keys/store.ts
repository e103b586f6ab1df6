/** Reads and writes the signing keys of the logs. The first key of each log is derived and has no row. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import type { LogName } from "./log-keys.ts"

export interface SigningKeyRow {
    readonly verifierKey: string
    readonly seedsCiphertext: Buffer
    readonly addedAt: Instant
    readonly formerEndedAt: Instant | null
}

const signingKeysClass = 14

/** Locks out other changes of signing keys until the transaction ends. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${signingKeysClass}, 0)`)
}

/** Lists the keys of a log after the first, in order. */
export async function listSigningKeys(tx: Tx, log: LogName): Promise<SigningKeyRow[]> {
    return await tx.query<SigningKeyRow>(
        `select verifier_key as "verifierKey", seeds_ciphertext as "seedsCiphertext", added_at as "addedAt",
         former_ended_at as "formerEndedAt" from signing_keys where log = $1 order by number`,
        [log],
    )
}

export async function listHandovers(tx: Tx, log: LogName): Promise<string[]> {
    const rows = await tx.query<{ handover: string }>(
        "select handover from signing_keys where log = $1 and handover is not null order by number",
        [log],
    )
    return rows.map(({ handover }) => handover)
}

export interface NewSigningKey extends SigningKeyRow {
    readonly log: LogName
    readonly formerKey: string
    readonly handover: string | null
}

export async function insertSigningKey(tx: Tx, key: NewSigningKey): Promise<void> {
    await tx.query(
        `insert into signing_keys (log, verifier_key, former_key, handover, seeds_ciphertext, added_at, former_ended_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            key.log,
            key.verifierKey,
            key.formerKey,
            key.handover,
            key.seedsCiphertext,
            new Date(key.addedAt),
            key.formerEndedAt === null ? null : new Date(key.formerEndedAt),
        ],
    )
}

/** Ends the keys before the one that has this verifier key. */
export async function endFormerKeys(tx: Tx, verifierKey: string, at: Instant): Promise<void> {
    await tx.query("update signing_keys set former_ended_at = $2 where verifier_key = $1 and former_ended_at is null", [
        verifierKey,
        new Date(at),
    ])
}

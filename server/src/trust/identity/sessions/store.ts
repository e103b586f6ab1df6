/** Reads and ends the sessions of one person. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import { isLiveSql } from "../store.ts"

export interface SessionRow {
    /** The first eight bytes of the hash, in hex. */
    readonly id: string
    readonly signedInAt: Instant
    readonly expiresAt: Instant
    /** The instant, address and device of the last use. Null until it is stored, once a minute. */
    readonly lastUsedAt: Instant | null
    readonly lastUsedFromCiphertext: Buffer | null
    readonly lastUsedOnCiphertext: Buffer | null
}

const idBytes = 8
export const sessionIdOf = (hash: Buffer): string => hash.toString("hex", 0, idBytes)
const idSql = `encode(substring(c.hash for ${idBytes}), 'hex')`

export async function listSessions(tx: Tx, person: string, realNow: Instant): Promise<SessionRow[]> {
    return await tx.query<SessionRow>(
        `select ${idSql} as id, created_at as "signedInAt", expires_at as "expiresAt", last_used_at as "lastUsedAt",
         last_used_from_ciphertext as "lastUsedFromCiphertext", last_used_on_ciphertext as "lastUsedOnCiphertext"
         from credentials c
         where person_id = $1 and kind = 'session' and ${isLiveSql("$2")} order by created_at desc, hash`,
        [person, new Date(realNow)],
    )
}

/** Ends a valid session of this person. False where there is none with this id. */
export async function endSession(tx: Tx, person: string, id: string, realNow: Instant): Promise<boolean> {
    const rows = await tx.query(
        `update credentials c set ended_at = $3 where person_id = $1 and kind = 'session' and ${idSql} = $2
         and ${isLiveSql("$3")} returning kind`,
        [person, id, new Date(realNow)],
    )
    return rows.length > 0
}

export async function markConfirmed(tx: Tx, session: Buffer, realNow: Instant): Promise<void> {
    await tx.query("update credentials set confirmed_at = $2 where hash = $1", [session, new Date(realNow)])
}

/** Whether this is a session without a confirmation since this instant. */
export async function isUnconfirmed(tx: Tx, credential: Buffer, since: Instant): Promise<boolean> {
    const rows = await tx.query(
        `select from credentials where hash = $1 and kind = 'session'
         and (confirmed_at is null or confirmed_at < $2)`,
        [credential, new Date(since)],
    )
    return rows.length > 0
}

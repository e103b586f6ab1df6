/** Opens the doors of a server: the database, migrated; keys; the clock; mail; policy; the log. */
import { randomBytes, randomUUID } from "node:crypto"
import { type Clock, realNow } from "../platform/clock.ts"
import { openDb } from "../platform/db.ts"
import type { Doors } from "../platform/doors.ts"
import type { Keys } from "../platform/keys.ts"
import type { Log } from "../platform/log.ts"
import type { Mail } from "../platform/mail.ts"
import { migrate } from "../platform/migrate.ts"
import { openPolicyEngine } from "../platform/policy.ts"

export interface Parts {
    readonly databaseUrl: string
    readonly keys: Keys
    readonly clock: Clock
    readonly mail: Mail
    readonly log: Log
}

export async function openDoors({ databaseUrl, keys, clock, mail, log }: Parts): Promise<Doors> {
    const db = openDb(databaseUrl)
    await migrate(db)
    return {
        ...{ db, keys, clock, mail, log },
        policy: openPolicyEngine(),
        realNow,
        random: randomBytes,
        newId: randomUUID,
    }
}

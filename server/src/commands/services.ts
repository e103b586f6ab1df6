/** Opens the doors of a server: the database, migrated; keys; the clock; mail; policy; the log. */
import { randomBytes, randomUUID } from "node:crypto"
import { type Clock, realNow } from "../platform/time/clock.ts"
import { type Db, openDb } from "../platform/postgres/db.ts"
import type { Services } from "../kernel/services.ts"
import { type HighWaterFile, memoryHighWater } from "../kernel/high-water.ts"
import type { Keys } from "../platform/crypto/keys.ts"
import type { Log } from "../platform/log/log.ts"
import type { Mail } from "../platform/mail/mail.ts"
import { assertCurrent, migrate } from "../platform/postgres/migrate.ts"
import { type Outgoing, noOutgoing } from "../platform/outgoing/outgoing.ts"
import { openPolicyEngine } from "../platform/policy/engine.ts"
import { type Publishing, shippedPublishing } from "../platform/config/publisher.ts"
import { type Sources, machineSources, machineTimeService } from "../platform/time/clock-sources.ts"

export interface Parts {
    readonly keys: Keys
    /** In memory, unless a file is given. */
    readonly highWater?: HighWaterFile
    readonly clock: Clock
    /** This machine's, unless others are given. */
    readonly sources?: Sources
    readonly mail: Mail
    /** Nothing goes out, unless a way is given. */
    readonly outgoing?: Outgoing
    readonly log: Log
    readonly receiptsIntervalMs: number
    /** One minute, unless another is given. */
    readonly workerAgeMaxMs?: number
    /** As shipped, unless another is given. */
    readonly publishing?: Publishing
    /** None, unless told. */
    readonly canaryZone?: string | null
    /** No, unless told. */
    readonly marksPolled?: boolean
    /** 256 Mi, unless told. */
    readonly polledBytesMax?: number
}

/** `mayMigrate` false: a database of another version is refused, and left as it is. */
export async function openDoors(
    { databaseUrl, ...parts }: Parts & { readonly databaseUrl: string },
    mayMigrate = true,
): Promise<Services> {
    const db = openDb(databaseUrl)
    try {
        if (mayMigrate) await migrate(db)
        else await db.transaction(assertCurrent)
        return doorsOver(db, parts)
    } catch (error) {
        await db.close()
        throw error
    }
}

/** Over a database that has its tables. */
export function doorsOver(db: Db, parts: Parts): Services {
    return {
        sources: machineSources(machineTimeService()),
        outgoing: noOutgoing,
        publishing: shippedPublishing,
        workerAgeMaxMs: 60_000,
        marksPolled: false,
        polledBytesMax: 256 * 1024 * 1024,
        canaryZone: null,
        highWater: memoryHighWater(),
        db,
        ...parts,
        policy: openPolicyEngine(),
        realNow,
        random: randomBytes,
        newId: randomUUID,
        portalOrigin: "",
    }
}

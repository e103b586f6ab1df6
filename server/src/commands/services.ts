/** Opens the services of a server: the migrated database, keys, clock, mail, policy and log. */
import { randomBytes, randomUUID } from "node:crypto"
import { type Clock, realNow } from "../platform/time/clock.ts"
import { type Db, openDb } from "../platform/postgres/db.ts"
import type { AlarmReceiver, BackupPlan, Services, TileReaders, Witnessing } from "../kernel/services.ts"
import { type HighWaterFile, memoryHighWater } from "../kernel/high-water.ts"
import { jobNamesOf } from "../kernel/worker.ts"
import { jobs } from "../background-jobs.ts"
import type { Keys } from "../platform/crypto/keys.ts"
import type { IdentityProvider } from "../platform/single-sign-on/identity-provider.ts"
import type { Log } from "../platform/log/log.ts"
import type { Mail } from "../platform/mail/mail.ts"
import { migrate } from "../platform/postgres/migrate.ts"
import { type ReadAgain, makeRootKey } from "../platform/crypto/root-key.ts"
import { type Outgoing, noOutgoing } from "../platform/outgoing/outgoing.ts"
import { openPolicyEngine } from "../platform/policy/engine.ts"
import { type PublisherSettings, defaultPublisher } from "../platform/config/publisher.ts"
import { type ClockSources, machineSources, machineTimeService } from "../platform/time/clock-sources.ts"

export interface ServiceParts {
    readonly keys: Keys
    /** Null by default: this process has the keys. */
    readonly areKeysUp?: (() => Promise<boolean>) | null
    /** In memory by default. */
    readonly highWater?: HighWaterFile
    readonly clock: Clock
    /** This machine's by default. */
    readonly clockSources?: ClockSources
    readonly mail: Mail
    /** No outgoing connections by default. */
    readonly outgoing?: Outgoing
    readonly log: Log
    readonly receiptsIntervalMs: number
    /** Off by default. */
    readonly tileReaders?: TileReaders
    /** None by default. */
    readonly witnessing?: Witnessing | null
    /** None by default. */
    readonly alarmReceiver?: AlarmReceiver | null
    /** One minute by default. */
    readonly workerAgeMaxMs?: number
    /** Built-in by default. */
    readonly publisherSettings?: PublisherSettings
    /** None by default. */
    readonly canaryZone?: string | null
    /** False by default. */
    readonly marksTaxiiTexts?: boolean
    /** True by default. */
    readonly signsWithPasskeys?: boolean
    /** None by default. */
    readonly identityProviders?: readonly IdentityProvider[]
    /** None by default. */
    readonly backupPlan?: BackupPlan | null
    /** 0 by default: no backup is expected. */
    readonly backupIntervalMs?: number
    /** 256 MiB by default. */
    readonly taxiiCacheBytesMax?: number
}

/**
 * Migrates the database, and opens its root key with the key-encryption key. The caller closes `db`. Refuses what
 * `migrate` and `makeRootKey` refuse.
 */
export async function openMigrated(
    databaseUrl: string,
    key: Uint8Array,
    log: Log,
    readAgain?: ReadAgain,
): Promise<{ readonly db: Db; readonly keys: Keys }> {
    const db = openDb(databaseUrl)
    try {
        await migrate(db, {
            onStep: ({ name, left }) => log.info("migrating the database", { version: name, count: left }),
            onWait: ({ name, ms }) =>
                name === null
                    ? log.warn("a backup or another process delays the migration", { ms })
                    : log.info("still migrating the database", { version: name, ms }),
            onEnd: ({ name, ms }) => log.info("a migration is done", { version: name, ms }),
        })
        return { db, keys: await db.transaction((tx) => makeRootKey(tx, key, readAgain)) }
    } catch (error) {
        await db.close()
        throw error
    }
}

/** Builds the services on a database with tables. */
export function buildServices(db: Db, parts: ServiceParts): Services {
    return {
        clockSources: machineSources(machineTimeService()),
        outgoing: noOutgoing,
        publisherSettings: defaultPublisher,
        workerAgeMaxMs: 60_000,
        tileReaders: "off",
        witnessing: null,
        alarmReceiver: null,
        jobNames: jobNamesOf(jobs),
        marksTaxiiTexts: false,
        taxiiCacheBytesMax: 256 * 1024 * 1024,
        canaryZone: null,
        backupPlan: null,
        backupIntervalMs: 0,
        signsWithPasskeys: true,
        identityProviders: [],
        areKeysUp: null,
        highWater: memoryHighWater(),
        db,
        ...parts,
        policy: openPolicyEngine(),
        realNow,
        random: randomBytes,
        newId: randomUUID,
        consoleOrigin: "",
        portalOrigin: "",
    }
}

/** Defines the services that every action gets: database, keys, clocks, mail, network. Tests pass their own. */
import type { tileReaders } from "../platform/config/settings.ts"
import type { WitnessPolicy } from "@tocsin/audit-log/witness-policy"
import type { Clock } from "../platform/time/clock.ts"
import type { Db } from "../platform/postgres/db.ts"
import type { HighWaterFile } from "./high-water.ts"
import type { Keys } from "../platform/crypto/keys.ts"
import type { IdentityProvider } from "../platform/single-sign-on/identity-provider.ts"
import type { Log } from "../platform/log/log.ts"
import type { Mail } from "../platform/mail/mail.ts"
import type { Outgoing } from "../platform/outgoing/outgoing.ts"
import type { PolicyEngine } from "../platform/policy/engine.ts"
import type { PublisherSettings } from "../platform/config/publisher.ts"
import type { ClockSources } from "../platform/time/clock-sources.ts"

/** The schedule of the worker's backups. */
export interface BackupPlan {
    readonly databaseUrl: string
    /** An existing folder. */
    readonly folder: string
    /** `age1…` of the operators. */
    readonly recipients: readonly string[]
    readonly intervalMs: number
    /** The number of files that stay. */
    readonly keep: number
}

/** The answer of a witness. */
export interface WitnessAnswer {
    readonly status: number
    readonly text: string
}

/** The witnesses of the receipt log, and the function that asks them. */
export interface Witnessing {
    readonly policy: WitnessPolicy
    /** Null: no answer. */
    readonly ask: (url: string, body: string) => Promise<WitnessAnswer | null>
}

/** The operator's receiver of alarms. */
export interface AlarmReceiver {
    /** Signs the calls. */
    readonly secret: Uint8Array
    /** Returns the status of the answer; null: none came. */
    readonly post: (headers: Readonly<Record<string, string>>, body: string) => Promise<number | null>
}

/** The readers of the receipt log's tiles. */
export type TileReaders = (typeof tileReaders)[number]

export interface Services {
    readonly db: Db
    readonly keys: Keys
    /** Whether the key process answers; null where this process has the keys. */
    readonly areKeysUp: (() => Promise<boolean>) | null
    /**
     * The high-water file: signed approvals and ended access, outside the database. Also tells whether this process is
     * in quarantine.
     */
    readonly highWater: HighWaterFile
    readonly clock: Clock
    /** The sources of wall-clock time, for the clock guard. */
    readonly clockSources: ClockSources
    readonly mail: Mail
    /** Sends every outgoing HTTP request. */
    readonly outgoing: Outgoing
    readonly policy: PolicyEngine
    readonly log: Log
    /** Wall-clock time for sessions, tokens, retries and limits, in milliseconds since 1970. */
    readonly realNow: () => number
    /** Cryptographic randomness. */
    readonly random: (bytes: number) => Buffer
    readonly newId: () => string
    /** Wall-clock time between two batches of receipts, the same on all nodes. 0: a batch at each run of the job. */
    readonly receiptsIntervalMs: number
    readonly tileReaders: TileReaders
    /** Null: no witness signs the receipt log. */
    readonly witnessing: Witnessing | null
    /** Null: the worker calls no receiver of alarms. */
    readonly alarmReceiver: AlarmReceiver | null
    /** Maximum age of the release job's last success before the job counts as stopped. */
    readonly workerAgeMaxMs: number
    /** Names of the worker's jobs. */
    readonly jobNames: readonly string[]
    /** Origin of the console; empty where no console is served. */
    readonly consoleOrigin: string
    /** Whether a signature needs the signer's passkey. Only the demonstration and tests go without. */
    readonly signsWithPasskeys: boolean
    /** Providers of single sign-on, of both sides. */
    readonly identityProviders: readonly IdentityProvider[]
    /** Origin of the portal; empty where no portal is served. */
    readonly portalOrigin: string
    readonly publisherSettings: PublisherSettings
    /** Null: the worker makes no backups. */
    readonly backupPlan: BackupPlan | null
    /** A program whose newest backup is older has a task. 0: backups are made by other means. */
    readonly backupIntervalMs: number
    /** DNS zone of the canary names; null where no canary can be resolved. */
    readonly canaryZone: string | null
    /** Whether each partner gets its own marked copy of texts by TAXII. */
    readonly marksTaxiiTexts: boolean
    /** Maximum size of the TAXII cache, in bytes. */
    readonly taxiiCacheBytesMax: number
}

/** The doors to the outside world, handed to every action. Tests hand in their own. */
import type { Clock } from "../platform/time/clock.ts"
import type { Db } from "../platform/postgres/db.ts"
import type { HighWaterFile } from "./high-water.ts"
import type { Keys } from "../platform/crypto/keys.ts"
import type { Log } from "../platform/log/log.ts"
import type { Mail } from "../platform/mail/mail.ts"
import type { Outgoing } from "../platform/outgoing/outgoing.ts"
import type { PolicyEngine } from "../platform/policy/engine.ts"
import type { Publishing } from "../platform/config/publisher.ts"
import type { Sources } from "../platform/time/clock-sources.ts"

export interface Services {
    readonly db: Db
    readonly keys: Keys
    /** What was signed and whose access ended, outside the database; and whether this process is in quarantine. */
    readonly highWater: HighWaterFile
    readonly clock: Clock
    /** Where real time comes from, for the guard of the clocks. */
    readonly sources: Sources
    readonly mail: Mail
    /** The only way out over HTTP. */
    readonly outgoing: Outgoing
    readonly policy: PolicyEngine
    readonly log: Log
    /** Real time, for sessions, tokens, retries and limits: milliseconds since 1970. */
    readonly realNow: () => number
    /** Cryptographic randomness. */
    readonly random: (bytes: number) => Buffer
    readonly newId: () => string
    /** How long from one batch of receipts to the next, in real time; the same on all nodes. 0: at each look. */
    readonly receiptsIntervalMs: number
    /** How long ago the worker's release job may have succeeded before it counts as stopped. */
    readonly workerAgeMaxMs: number
    /** Where partners reach the portal; empty where nobody listens. */
    readonly portalOrigin: string
    readonly publishing: Publishing
    /** Under which names of canaries stand; null where there are none that can be resolved. */
    readonly canaryZone: string | null
    /** Whether texts that TAXII carries are each partner's own copy. */
    readonly marksPolled: boolean
    /** How many bytes of what is polled are kept in memory. */
    readonly polledBytesMax: number
}

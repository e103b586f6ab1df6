/** Collects when and from where tokens are used, and stores it once a minute: a poll costs no write of its own. */
import type { Db } from "../../../platform/postgres/db.ts"
import type { Log } from "../../../platform/log/log.ts"
import type { Instant } from "@tocsin/base/instant"
import { type TokenUse, storeTokenUses } from "../store.ts"

/** Time between two writes, in milliseconds. */
export const collectMs = 60_000
/** Uses of more tokens between two writes are lost. */
const usesMax = 10_000

export interface TokenUses {
    /** Notes a use, by the SHA-256 of the token and the caller's address. */
    note(hash: Buffer, from: string): void
    /** Stores what was noted; logs a failure. */
    flush(): Promise<void>
}

interface Parts {
    readonly db: Db
    readonly log: Log
    readonly realNow: () => Instant
}

export function collectTokenUses({ db, log, realNow }: Parts): TokenUses {
    const uses = new Map<string, TokenUse>()
    return {
        note: (hash, from) => {
            const key = hash.toString("hex")
            if (uses.has(key) || uses.size < usesMax) uses.set(key, { hash, at: realNow(), from })
        },
        flush: async () => {
            if (uses.size === 0) return
            const stored = [...uses.values()]
            uses.clear()
            await db
                .transaction((tx) => storeTokenUses(tx, stored))
                .catch((error: unknown) => {
                    log.warn("the last uses of tokens were not stored", { kind: "tokens", error: String(error) })
                })
        },
    }
}

/**
 * Collects when, from where and on which device tokens and sessions are used, and stores it once a minute: a poll costs
 * no write of its own. Also records uses from a network that the token does not allow, once an hour for each token.
 */
import type { Tx } from "../../../../platform/postgres/db.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import type { Services } from "../../../../kernel/services.ts"
import { type Instant, hourMs } from "@tocsin/base/instant"
import { encryptText } from "../../../../platform/crypto/vault.ts"
import { isInside } from "../../credential-limits.ts"
import { listUsed, noteRefusal, storeLastUses } from "../store.ts"

/** Time between two writes, in milliseconds. */
export const collectMs = 60_000
/** Uses of more credentials between two writes are lost. */
const usesMax = 10_000
const refusalsMax = 1000

export interface NotedUse {
    /** SHA-256 of the credential. */
    readonly hash: Buffer
    readonly from: string
    /** Browser and system, where they are known. */
    readonly device: string | null
}

export interface Uses {
    /** Notes a use. */
    note(use: NotedUse): void
    /** Notes an answer of 401 to a request with a token, known or not. */
    noteRefused(use: NotedUse): void
    /** Stores what was noted; logs a failure. */
    flush(): Promise<void>
}

interface Use extends NotedUse {
    readonly at: Instant
}

export const lastUsePlace = (id: string): string => `credentials.last_used_from:${id}`
export const devicePlace = (id: string): string => `credentials.last_used_on:${id}`

export function collectUses(services: Services): Uses {
    const [uses, refusals] = [new Map<string, Use>(), new Map<string, Use>()]
    const noteIn = (known: Map<string, Use>, max: number) => (use: NotedUse) => {
        const key = use.hash.toString("hex")
        if (known.has(key) || known.size < max) known.set(key, { ...use, at: services.realNow() })
    }
    const take = (known: Map<string, Use>) => {
        const taken = [...known.values()]
        known.clear()
        return taken
    }
    const store = async (noted: readonly Use[], write: typeof storeUses) => {
        if (noted.length === 0) return
        await services.db
            .transaction((tx) => write(services, tx, noted))
            .catch((error: unknown) => {
                services.log.warn("the last uses of credentials were not stored", {
                    kind: "credentials",
                    error: String(error),
                })
            })
    }
    return {
        note: noteIn(uses, usesMax),
        noteRefused: noteIn(refusals, refusalsMax),
        flush: async () => {
            await store(take(uses), storeUses)
            await store(take(refusals), recordRefusals)
        },
    }
}

/** The first use. A credential that expired since was valid then. */
const firstOf = (uses: readonly Use[]): Instant => Math.min(...uses.map(({ at }) => at))

async function storeUses(services: Services, tx: Tx, uses: readonly Use[]): Promise<void> {
    const byHash = new Map(uses.map((use) => [use.hash.toString("hex"), use]))
    const stored = []
    const used = await listUsed(
        tx,
        uses.map((use) => use.hash),
        firstOf(uses),
    )
    for (const { hash, person } of used) {
        const use = byHash.get(hash.toString("hex"))
        if (use === undefined) continue
        const id = hash.toString("hex", 0, 8)
        const encrypt = (place: string, text: string) => encryptText(tx, services.keys, `person:${person}`, place, text)
        const fromCiphertext = await encrypt(lastUsePlace(id), use.from)
        const deviceCiphertext = use.device === null ? null : await encrypt(devicePlace(id), use.device)
        stored.push({ hash, at: use.at, fromCiphertext, deviceCiphertext })
    }
    await storeLastUses(tx, stored)
}

async function recordRefusals(services: Services, tx: Tx, refusals: readonly Use[]): Promise<void> {
    const actor = { kind: "system", component: "token-uses" } as const
    const ctx: ActionContext = { tx, now: await services.clock.now(tx), actor, services }
    const byHash = new Map(refusals.map((use) => [use.hash.toString("hex"), use]))
    const refused = await listUsed(
        tx,
        refusals.map((use) => use.hash),
        firstOf(refusals),
    )
    for (const { hash, person, networks } of refused) {
        const use = byHash.get(hash.toString("hex"))
        if (use === undefined || isInside(networks, use.from)) continue
        if (await noteRefusal(tx, hash, use.at, use.at - hourMs)) {
            await record(ctx, { kind: "credential.refused", person, credentialKind: "token" })
        }
    }
}

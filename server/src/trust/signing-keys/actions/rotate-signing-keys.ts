/** Gives each log a new signing key, and ends the former one later. Running servers follow. */
import { type Checkpoint, formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import { signWith } from "@tocsin/audit-log/commands/node-keys"
import { formatHandover } from "@tocsin/audit-log/handover"
import { emptyTree } from "@tocsin/audit-log/witness-request"
import { refuse } from "@tocsin/base/refusal"
import { encryptBytes } from "../../../platform/crypto/vault.ts"
import type { Instant } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type LogKey, type LogKeys, type LogName, logNames } from "../log-keys.ts"
import { hasEndedKey } from "../../../models/high-water.ts"
import * as store from "../store.ts"
import {
    keyFromSeeds,
    listSigningKeyNames,
    loadLogKeys,
    nameOf,
    seedsBytes,
    seedsPlaceOf,
    signingScope,
} from "./load-log-keys.ts"

/** The newest signed tree of each log; null before the first. */
export type LogTrees = Readonly<Record<LogName, Checkpoint | null>>

/**
 * Adds a key to each log whose former key has ended. Returns whether it added any. Refuses `keys.ended_key_signs` for a
 * restored database that no server has compared with the high-water file: an ended key must not name the next one.
 */
export async function addSigningKeys(ctx: ActionContext, trees: LogTrees): Promise<boolean> {
    await store.lockSigningKeys(ctx.tx)
    const file = await ctx.services.highWater.read()
    if (file.state === "sound" && hasEndedKey(file.mark, await listSigningKeyNames(ctx))) {
        refuse(
            "conflict",
            "keys.ended_key_signs",
            "a signing key of this restored database had ended before: start a server once, then run this again",
        )
    }
    const [added, former]: [LogKey[], LogKey[]] = [[], []]
    for (const log of logNames) {
        const keys = await loadLogKeys(ctx, log)
        if (keys.active.length > 1) continue
        added.push(await addKey(ctx, log, keys, { tree: trees[log] ?? "empty", endedAt: null }))
        former.push(keys.active[0])
    }
    if (added.length === 0) return false
    await record(ctx, {
        kind: "signing_keys.added",
        keys: added.map(formatVerifierKey),
        former: former.map(nameOf),
    })
    return true
}

/** Ends the former key of each log. Returns whether there was one. */
export async function endFormerSigningKeys(ctx: ActionContext): Promise<boolean> {
    await store.lockSigningKeys(ctx.tx)
    const ended: string[] = []
    for (const log of logNames) {
        const { active } = await loadLogKeys(ctx, log)
        const newest = active.at(-1) ?? active[0]
        if (newest === active[0]) continue
        await store.endFormerKeys(ctx.tx, formatVerifierKey(newest), ctx.now)
        ended.push(...active.slice(0, -1).map(nameOf))
    }
    if (ended.length === 0) return false
    await record(ctx, { kind: "signing_keys.removed", keys: ended })
    return true
}

/**
 * Ends a key again that had ended before a restore, as of that end. If the database has no later key, it makes one,
 * which no handover names. Returns false if the key does not sign.
 */
export async function endSigningKeyAfterRestore(
    ctx: ActionContext,
    endedName: string,
    endedAt: Instant,
): Promise<boolean> {
    await store.lockSigningKeys(ctx.tx)
    for (const log of logNames) {
        const keys = await loadLogKeys(ctx, log)
        const index = keys.active.findIndex((key) => nameOf(key) === endedName)
        const [ended, next] = keys.active.slice(index, index + 2)
        if (index < 0 || ended === undefined) continue
        if (next === undefined) {
            const added = await addKey(ctx, log, keys, { tree: null, endedAt })
            await record(ctx, { kind: "signing_keys.added", keys: [formatVerifierKey(added)], former: [endedName] })
        } else await store.endFormerKeys(ctx.tx, formatVerifierKey(next), endedAt)
        await record(ctx, { kind: "signing_keys.removed", keys: [endedName] })
        return true
    }
    return false
}

/** The former key signs a handover at this tree, and signs on; or it has ended, and signs none. */
type FormerUse =
    | { readonly tree: Checkpoint | "empty"; readonly endedAt: null }
    | { readonly tree: null; readonly endedAt: Instant }

async function addKey(
    ctx: ActionContext,
    log: LogName,
    { name, active }: LogKeys,
    { tree, endedAt }: FormerUse,
): Promise<LogKey> {
    const { tx, now, services } = ctx
    const former = active.at(-1) ?? active[0]
    const seeds = services.random(seedsBytes)
    const key = keyFromSeeds(seeds, log, name, now)
    const verifierKey = formatVerifierKey(key)
    const place = seedsPlaceOf(verifierKey)
    await store.insertSigningKey(tx, {
        log,
        verifierKey,
        formerKey: nameOf(former),
        handover: tree && signHandover(tree === "empty" ? { origin: name, ...emptyTree } : tree, former, key),
        seedsCiphertext: await encryptBytes(tx, services.keys, signingScope, place, seeds),
        addedAt: now,
        formerEndedAt: endedAt,
    })
    return key
}

/** ML-DSA-44 signs no line after the root, so only the Ed25519 keys sign. */
function signHandover(tree: Checkpoint, former: LogKey, next: LogKey): string {
    const text = formatHandover(tree, next.noteKeys)
    const lines = [former, next].map((key) => signWith(text, { ...key, kind: "ed25519" }, 0))
    return `${text}\n${lines.join("")}`
}

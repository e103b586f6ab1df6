/** Replaces the publisher's OpenPGP key. Running servers follow, and a job signs published documents again. */
import { refuse } from "@tocsin/base/refusal"
import { type AccessEnd, hasEndedKey } from "../../../models/high-water.ts"
import { certifyKey, makeOpenPgpKey, nameIn, revokeKey } from "../../../platform/crypto/openpgp.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { PublisherKey } from "../publisher-key.ts"
import * as store from "../store.ts"
import { readSecret, saveKey } from "./publisher-key.ts"

export interface Replaced {
    readonly key: PublisherKey
    readonly former: PublisherKey
    /** Newest first. */
    readonly revoked: readonly PublisherKey[]
}

/**
 * Makes a new key, which the former one certifies. With `revokes`, it revokes all former keys instead, because the
 * thief of one may have all. Returns the new key and the former one, or null if there is no key yet.
 * Refuses `keys.replaced_key_signs` for a restored database that no server has compared with the high-water file.
 */
export async function replacePublisherKey(ctx: ActionContext, revokes: boolean): Promise<Replaced | null> {
    await store.lockKeys(ctx.tx)
    const former = (await store.listKeys(ctx.tx)).find(({ replacedAt }) => replacedAt === null)
    if (former === undefined) return null
    const file = await ctx.services.highWater.read()
    if (file.state === "sound" && hasEndedKey(file.mark, [former.fingerprint])) {
        refuse(
            "conflict",
            "keys.replaced_key_signs",
            "the publisher key of this restored database was replaced before: start a server once, then try again",
        )
    }
    const key = await replaceKey(ctx, former, !revokes)
    const revoked = revokes
        ? (await store.listKeys(ctx.tx)).filter((row) => row.replacedAt !== null && row.revokedAt === null)
        : []
    for (const row of revoked) await revoke(ctx, row)
    return { key, former, revoked }
}

/**
 * Replaces or revokes a key again that was before a restore. The former key certifies nothing, because the key that
 * replaced it is lost. `from` is when the key was replaced first. Returns false if there is nothing to do.
 */
export async function endPublisherKeyAfterRestore(
    ctx: ActionContext,
    { id: fingerprint, status, from }: Pick<AccessEnd, "id" | "status" | "from">,
): Promise<boolean> {
    await store.lockKeys(ctx.tx)
    const key = (await store.listKeys(ctx.tx)).find((row) => row.fingerprint === fingerprint)
    const replaces = key?.replacedAt === null
    const revokes = key?.revokedAt === null && status === "revoked"
    if (key === undefined || !(replaces || revokes)) return false
    if (replaces) await replaceKey(ctx, key, false, from)
    if (revokes) await revoke(ctx, key)
    return true
}

/** The new key has the name of the former one: a command does not know the settings of the servers. */
async function replaceKey(
    ctx: ActionContext,
    former: store.KeyRow,
    certifies: boolean,
    replacedAt = ctx.now,
): Promise<PublisherKey> {
    const made = await makeOpenPgpKey(await nameIn(former.publicText), ctx.now)
    const certify = async () => await certifyKey(made.publicText, await readSecret(ctx, former), ctx.now)
    const key = certifies ? { ...made, publicText: await certify() } : made
    await store.setReplaced(ctx.tx, former.fingerprint, replacedAt)
    const row = await saveKey(ctx, key)
    if (row === null) throw new Error("another publisher key signs")
    await record(ctx, {
        kind: "publisher.key_replaced",
        fingerprint: key.fingerprint,
        former: former.fingerprint,
    })
    return row
}

async function revoke(ctx: ActionContext, key: store.KeyRow): Promise<void> {
    await store.setRevoked(ctx.tx, key.fingerprint, await revokeKey(await readSecret(ctx, key), ctx.now), ctx.now)
    await record(ctx, { kind: "publisher.key_revoked", fingerprint: key.fingerprint })
}

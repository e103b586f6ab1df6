/** Lists canaries for investigators: their places, their touches, and the background without a leak. */
import type { Instant } from "@tocsin/base/instant"
import { decryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findCanaryOwners, type CanaryOwner } from "./find-canaries.ts"
import { type BackgroundRate, backgroundRates } from "../background-rate.ts"
import * as store from "../store.ts"
import type { Channel, GuessReason, LikelySource, TouchRequest } from "../touch.ts"
import { placeOf } from "./record-touches.ts"

export interface Touch extends CanaryOwner {
    readonly id: string
    /** The digest of the name, in hex. */
    readonly name: string
    readonly channel: Channel
    readonly likelySource: LikelySource
    readonly reasons: readonly GuessReason[]
    /** The number of touches from one network, or, after too many, from all networks since. */
    readonly times: number
    readonly firstAt: Instant
    readonly lastAt: Instant
    /** The source of the first touch; empty where the row counts many networks. */
    readonly source: string
    readonly agent: string
}

export interface CanaryOverview {
    readonly versions: readonly store.CanaryVersionRow[]
    readonly touches: readonly Touch[]
    readonly background: readonly BackgroundRate[]
    readonly unknownNames: readonly store.UnknownRow[]
}

const touchesMax = 500
const unknownMax = 60

/** Lists the canaries of one case (null: all). They show whose copies were touched, so the read is recorded. */
export async function listCanaries(ctx: ActionContext, caseId: string | null): Promise<CanaryOverview> {
    const rows = await store.listTouches(ctx.tx, caseId, touchesMax)
    const owners = await findCanaryOwners(ctx, [...new Set(rows.map(({ digest }) => digest))])
    const touches: Touch[] = []
    for (const row of rows) {
        const owner = owners.get(row.digest.toString("hex"))
        if (owner !== undefined) touches.push(await decryptTouch(ctx, row, owner))
    }
    await record(ctx, { kind: "canary.read", case: caseId }, true)
    return {
        touches,
        versions: await store.listCanaryVersions(ctx.tx, caseId),
        background: await loadBackgroundRates(ctx),
        unknownNames: await store.listUnknownNames(ctx.tx, unknownMax),
    }
}

/**
 * Returns the first touch of a copy's name of this case, with its likely source but without the recipient; null where
 * there is none.
 */
export async function findFirstTouch(
    ctx: ActionContext,
    caseId: string,
): Promise<{ at: Instant; likelySource: LikelySource } | null> {
    return (await store.findFirstTouch(ctx.tx, caseId)) ?? null
}

/** Lists touches of decoys. No partner received a decoy, so its toucher must have the keys or a copy made with them. */
export async function listTouchedDecoys(ctx: ActionContext): Promise<string[]> {
    return (await store.listTouchedDecoys(ctx.tx)).map(({ id }) => id)
}

/** Returns the background over all cases, since touches without a leak depend on no case. */
export async function loadBackgroundRates(ctx: ActionContext): Promise<BackgroundRate[]> {
    return backgroundRates(await store.countHosts(ctx.tx), await store.countTouchedHosts(ctx.tx))
}

/** Returns one touch for handlers that record their own use; null where there is none. */
export async function findTouch(ctx: ActionContext, id: string): Promise<Touch | null> {
    const row = await store.findTouch(ctx.tx, id)
    const owner = row && (await findCanaryOwners(ctx, [row.digest])).get(row.digest.toString("hex"))
    return row && owner ? await decryptTouch(ctx, row, owner) : null
}

async function decryptTouch(ctx: ActionContext, row: store.TouchWithNameRow, owner: CanaryOwner): Promise<Touch> {
    const { id, channel, likelySource, times, first_at: firstAt, last_at: lastAt } = row
    const text = await decryptText(ctx.tx, ctx.services.keys, "canaries", placeOf(id), row.ciphertext)
    const { source, agent, reasons } = JSON.parse(text) as TouchRequest & Pick<Touch, "reasons">
    return {
        ...owner,
        id,
        name: row.digest.toString("hex"),
        channel,
        likelySource,
        reasons,
        times,
        firstAt,
        lastAt,
        source,
        agent,
    }
}

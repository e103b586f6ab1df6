/**
 * Stores which canary name belongs to which copy, permanently, under a digest of the name and with the recipient
 * encrypted. Names cannot be listed; a given name can be looked up.
 */
import { type Canary, digestOf } from "@tocsin/marks/canary"
import { sealBytes, unseal } from "../../platform/crypto/vault.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import * as store from "./store.ts"

/** A canary of one copy, with the part of its name that is looked up. */
export interface Given extends Canary {
    readonly core: string
}

export interface Planted {
    readonly case: string
    readonly artifact: string
    readonly version: number
}

/** Decoys: copies that no recipient gets. Touches of their names show the background without a leak. */
export const decoysEach = 20
const scope = "canaries"
const placeOf = (digest: Uint8Array): string => `canary_names.box:${Buffer.from(digest).toString("hex")}`

/** Stores the canaries of a recipient's copy before its delivery. */
export async function plant(
    ctx: ActionContext,
    planted: Planted,
    recipient: string,
    names: readonly Given[],
): Promise<void> {
    if (names.length > 0) await keep(ctx, planted, { recipient, names, decoy: false })
}

export async function plantDecoys(
    ctx: ActionContext,
    planted: Planted,
    namesFor: (recipient: string) => Given[],
): Promise<void> {
    for (let n = 1; n <= decoysEach; n++) {
        const recipient = `decoy ${n}`
        await keep(ctx, planted, { recipient, names: namesFor(recipient), decoy: true })
    }
}

interface Keeping {
    readonly recipient: string
    readonly names: readonly Given[]
    readonly decoy: boolean
}

async function keep(ctx: ActionContext, planted: Planted, { recipient, names, decoy }: Keeping): Promise<void> {
    const digests = names.map(({ core }) => Buffer.from(digestOf(core)))
    const known = new Set((await store.knownAmong(ctx.tx, digests)).map((item) => item.toString("hex")))
    const rows: store.NameRow[] = []
    for (const [i, { kind, what: value }] of names.entries()) {
        const digest = digests[i] ?? Buffer.alloc(0)
        if (known.has(digest.toString("hex"))) continue
        const text = Buffer.from(JSON.stringify({ what: value, recipient }))
        const box = await sealBytes(ctx.tx, ctx.services.keys, scope, placeOf(digest), text)
        const { case: case_id, artifact, version } = planted
        rows.push({ digest, case_id, artifact, version, kind, decoy, box, at: ctx.now })
    }
    await store.insertNames(ctx.tx, rows)
}

/** The owner of a name: a recipient, as marks name it, or a decoy. */
export interface Named extends Planted, Canary {
    readonly recipient: string
    readonly decoy: boolean
}

/** Counts all names, decoys included. */
export async function namesGiven(ctx: ActionContext): Promise<number> {
    return await store.countNames(ctx.tx)
}

/** Returns which of these digests are issued names. */
export async function namesAmong(ctx: ActionContext, digests: readonly Uint8Array[]): Promise<Map<string, Named>> {
    const found = new Map<string, Named>()
    for (const row of await store.listNamesAmong(ctx.tx, digests)) {
        const input = await unseal(ctx.tx, ctx.services.keys, scope, placeOf(row.digest), row.box)
        const { case_id, artifact, version, kind, decoy } = row
        const owner = JSON.parse(input) as Pick<Named, "what" | "recipient">
        found.set(row.digest.toString("hex"), { case: case_id, artifact, version, kind, decoy, ...owner })
    }
    return found
}

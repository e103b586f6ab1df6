/**
 * Keeps which name belongs to which copy, for as long as there is a program: under a digest of the name, with the recipient
 * sealed. There is no list to read; whoever comes with a name is told whose it is.
 */
import { type Canary, digestOf } from "@tocsin/marks/canary"
import { sealBytes, unseal } from "../../platform/crypto/vault.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import * as store from "./store.ts"

/** A canary of one copy, and what of its name is looked for. */
export interface Given extends Canary {
    readonly core: string
}

export interface Planted {
    readonly case: string
    readonly artifact: string
    readonly version: number
}

/** Copies that are made and given to nobody: what touches their names tells how often ours are touched without a leak. */
export const decoysEach = 20
const scope = "canaries"
const placeOf = (digest: Uint8Array): string => `canary_names.box:${Buffer.from(digest).toString("hex")}`

/** The names of a recipient's copy, which is about to be handed out. */
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

/** Whose name it is: a recipient's, as marks name it, or a decoy's. */
export interface Named extends Planted, Canary {
    readonly recipient: string
    readonly decoy: boolean
}

/** How many there are in all, decoys among them. */
export async function namesGiven(ctx: ActionContext): Promise<number> {
    return await store.countNames(ctx.tx)
}

/** Those of these that are names of ours. */
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

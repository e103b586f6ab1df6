/** Plants canary names in copies, and decoys. */
import { type Canary, digestOf } from "@tocsin/marks/canary"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { encryptBytes } from "../../../platform/crypto/vault.ts"

/** A canary of one copy, with the part of its name that is looked up. */
export interface CanaryName extends Canary {
    readonly core: string
}

export interface CaseVersion {
    readonly case: string
    readonly artifact: string
    readonly version: number
}

/** Decoys: copies that no recipient gets. Touches of their names show the background without a leak. */
export const decoysPerVersion = 20

export const scope = "canaries"

export const placeOf = (digest: Uint8Array): string => `canary_names.box:${Buffer.from(digest).toString("hex")}`

/** Stores the canaries of a recipient's copy before its delivery. */
export async function saveCanaries(
    ctx: ActionContext,
    caseVersion: CaseVersion,
    recipient: string,
    names: readonly CanaryName[],
): Promise<void> {
    if (names.length > 0) await saveNames(ctx, caseVersion, { recipient, names, decoy: false })
}

export async function saveDecoys(
    ctx: ActionContext,
    caseVersion: CaseVersion,
    namesFor: (recipient: string) => CanaryName[],
): Promise<void> {
    for (let n = 1; n <= decoysPerVersion; n++) {
        const recipient = `decoy ${n}`
        await saveNames(ctx, caseVersion, { recipient, names: namesFor(recipient), decoy: true })
    }
}

interface CanarySet {
    readonly recipient: string
    readonly names: readonly CanaryName[]
    readonly decoy: boolean
}

async function saveNames(
    ctx: ActionContext,
    caseVersion: CaseVersion,
    { recipient, names, decoy }: CanarySet,
): Promise<void> {
    const digests = names.map(({ core }) => Buffer.from(digestOf(core)))
    const known = new Set((await store.listKnownDigests(ctx.tx, digests)).map((item) => item.toString("hex")))
    const rows: store.NameRow[] = []
    for (const [i, { kind, what: value }] of names.entries()) {
        const digest = digests[i] ?? Buffer.alloc(0)
        if (known.has(digest.toString("hex"))) continue
        const text = Buffer.from(JSON.stringify({ what: value, recipient }))
        const ciphertext = await encryptBytes(ctx.tx, ctx.services.keys, scope, placeOf(digest), text)
        const { case: case_id, artifact, version } = caseVersion
        rows.push({ digest, case_id, artifact, version, kind, decoy, ciphertext, at: ctx.now })
    }
    await store.insertNames(ctx.tx, rows)
}

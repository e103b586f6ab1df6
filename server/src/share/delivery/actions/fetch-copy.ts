/**
 * Hands out a copy: decides, marks, seals and records it in one transaction. The bytes are sent only after the commit.
 *
 * The copy is sealed to the partner's own age keys. The server cannot open it again.
 */
import { createHash } from "node:crypto"
import { formatInstant } from "@tocsin/base/instant"
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { Tx } from "../../../platform/postgres/db.ts"
import { Download, Pending, hide } from "../../../kernel/route.ts"
import { lockToRead } from "../../../kernel/locks.ts"
import { sealFor } from "../../../platform/crypto/seal.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record, recordEnd } from "../../../kernel/action-context.ts"
import { giveReceipt } from "../../../trust/receipts/actions/batch-receipts.ts"
import { keysOf } from "../../../trust/partners/keys/actions/manage-keys.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { isRecalledNow } from "../../artifacts/actions/find-recalls.ts"
import { type Entitlement, entitlementTo, entitlementsOf } from "../../entitlement/actions/decide-access.ts"
import { type Copies, prepareCopies } from "../../marking/actions/prepare-copies.ts"
import { idOfAlias, aliasFor } from "./aliases.ts"
import { insertCopy } from "../store/copies.ts"
import * as store from "../store.ts"
import { partnerOf } from "./projection.ts"

const saltBytes = 16

/** Hands out the partner's copy of an artifact, named by the partner's alias. Refuses `delivery.no_key`. */
export async function fetchCopy(ctx: ActionContext, name: string): Promise<Download> {
    return await handOut(await prepare(ctx, name, (open) => prepareCopies(ctx, open)))
}

export interface Fetching extends ActionContext {
    readonly params: { readonly id: string }
}

/**
 * Hands out copies as `fetchCopy` does, for several persons in one transaction. Each request is decided alone.
 *
 * Returns null for each request without a copy: `fetchCopy` then states the reason. Except committed marks, nothing is
 * written before all are decided. A later fault rolls everything back.
 */
export async function fetchCopies(asks: readonly Fetching[]): Promise<(Download | null)[]> {
    const versions = new Map<string, Promise<Copies>>()
    const prepared = asks.map(async (ctx) => {
        try {
            return await prepare(ctx, ctx.params.id, (open) => {
                const key = `${open.artifact} ${open.version}`
                const known = versions.get(key) ?? prepareCopies(ctx, open)
                versions.set(key, known)
                return known
            })
        } catch (error) {
            if (error instanceof Refusal || error instanceof Pending) return null
            throw error
        }
    })
    const copies = (await Promise.all(prepared)).map(async (copy) => (copy === null ? null : await handOut(copy)))
    return await Promise.all(copies)
}

interface Prepared {
    readonly ctx: ActionContext
    readonly class: ArtifactClass
    readonly recipients: readonly string[]
    readonly copies: Copies
}

/**
 * Decides about the copy. Refuses `delivery.no_key`, and answers as for an unknown artifact where the partner has no
 * access.
 */
async function prepare(ctx: ActionContext, name: string, find: (open: Open) => Promise<Copies>): Promise<Prepared> {
    const { partner } = partnerOf(ctx)
    const artifact = idOfAlias(ctx.services.keys, partner, "artifact", name)
    const [entitlement, recipients] = await Promise.all([
        entitledTo(ctx, partner, artifact),
        keysOf(ctx, partner, ctx.now),
    ])
    if (entitlement === null) hide()
    if (recipients.length === 0) refuse("conflict", "delivery.no_key", "no age key: add one, copies are sealed to it")
    return { ctx, class: entitlement.class, recipients, copies: await find(entitlement) }
}

/** Marks, seals and records the copy. Refuses nothing: access is already decided. */
async function handOut({ ctx, class: kind, recipients, copies }: Prepared): Promise<Download> {
    const { partner, person } = partnerOf(ctx)
    const { master, copyFor } = copies
    const plain = await copyFor(ctx, partner)
    const sealed = sealFor(recipients, plain)
    const salt = ctx.services.random(saltBytes)
    const id = ctx.services.newId()
    const hash = createHash("sha256").update(salt).update(plain).digest()
    const { case: caseId, artifact, version } = master
    const sealedHash = createHash("sha256").update(sealed).digest("hex")
    const receipt = await give(ctx, "fetched", { id, case: caseId, artifact, version, sealed: sealedHash })
    const facts = { case: caseId, partner, artifact, version, class: kind, copy: hash.toString("hex"), receipt }
    const event = await recordEnd(ctx, { kind: "copy.delivered", delivery: id, ...facts })
    await insertCopy(ctx.tx, {
        id,
        event,
        partner,
        person,
        case_id: caseId,
        artifact,
        version,
        class: kind,
        channel: "copy",
        copy_hash: hash,
        copy_salt: salt,
        at: ctx.now,
    })
    const mayContinue = (tx: Tx) => stillEntitled(ctx, tx, partner, { artifact, version })
    return new Download(sealed, `${master.name}.age`, mayContinue, {
        "tocsin-receipt": id,
        "tocsin-version": String(version),
    })
}

interface Proven {
    /** The id with which the receipt is requested. */
    readonly id: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    /** SHA-256 of the sealed copy, in hex. */
    readonly sealed?: string
}

/** Issues the receipt, which uses the partner's aliases. Returns the receipt's hash for the event. */
async function give(
    ctx: ActionContext,
    kind: "fetched" | "acknowledged",
    { id, case: caseId, ...rest }: Proven,
): Promise<string> {
    const { partner, person } = partnerOf(ctx)
    const { keys } = ctx.services
    const names = {
        warning: aliasFor(keys, partner, "warning", caseId),
        artifact: aliasFor(keys, partner, "artifact", rest.artifact),
    }
    const body = { ...rest, ...names, kind, at: formatInstant(ctx.now), receipt: id, partner, person }
    return await giveReceipt(ctx, { id, partner, body })
}

/** Checks access again while bytes are being sent, in a transaction of its own. */
async function stillEntitled(
    ctx: ActionContext,
    tx: Tx,
    partner: string,
    artifactVersion: ArtifactVersion,
): Promise<boolean> {
    await lockToRead(tx, partner)
    const then = { ...ctx, tx, now: await ctx.services.clock.now(tx) }
    // A newer version may be open by now; the version in flight does not depend on it.
    if (await isRecalledNow(then, artifactVersion.artifact, artifactVersion.version)) return false
    return (await entitledTo(then, partner, artifactVersion.artifact)) !== null
}

type Open = Entitlement & { readonly version: number }

async function entitledTo(ctx: ActionContext, partner: string, artifact: string): Promise<Open | null> {
    const entitlement = await entitlementTo(ctx, partner, artifact)
    return entitlement !== null && entitlement.version !== null
        ? { ...entitlement, version: entitlement.version }
        : null
}

export interface Confirmed {
    /** How many artifacts were acknowledged for the first time. */
    readonly acknowledged: number
    /** The ids of their receipts, including those of earlier acknowledgements. */
    readonly receipts: readonly string[]
}

/**
 * Acknowledges, for a person, everything that the partner has fetched of a warning. Refuses `delivery.nothing_fetched`.
 */
export async function acknowledge(ctx: ActionContext, name: string): Promise<Confirmed> {
    const { partner, person } = partnerOf(ctx)
    const caseId = idOfAlias(ctx.services.keys, partner, "warning", name)
    const entitled = (await entitlementsOf(ctx, partner, null)).filter((entitlement) => entitlement.case === caseId)
    if (!entitled.some((entitlement) => entitlement.version !== null)) hide()
    await store.lockDeliveries(ctx.tx, partner, caseId)
    const filter = { partner, case: caseId, before: null }
    const keyOf = (copy: { artifact: string; version: number }) => `${copy.artifact} ${copy.version}`
    const earlier = new Map(
        (await store.listAcknowledgements(ctx.tx, filter)).map((acknowledged) => [
            keyOf(acknowledged),
            acknowledged.id,
        ]),
    )
    const open = new Map((await store.listDeliveries(ctx.tx, filter)).map((fetched) => [keyOf(fetched), fetched]))
    const fresh = [...open].filter(([key]) => !earlier.has(key)).map(([, fetched]) => fetched)
    if (open.size === 0) refuse("conflict", "delivery.nothing_fetched", "nothing to acknowledge: fetch a copy first")
    const receipts = [...earlier.values()]
    for (const { artifact, version } of fresh) {
        const id = ctx.services.newId()
        const content = { case: caseId, artifact, version }
        const receipt = await give(ctx, "acknowledged", { id, ...content })
        const event = await record(ctx, { kind: "copy.acknowledged", ...content, partner, receipt })
        const row = { id, event, partner, person, case_id: caseId, artifact, version, at: ctx.now }
        await store.insertAcknowledgement(ctx.tx, row)
        receipts.push(id)
    }
    return { acknowledged: fresh.length, receipts }
}

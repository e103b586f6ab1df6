/**
 * Hands out a copy: decides, marks, seals and records it in one transaction. The bytes are sent only after the commit.
 *
 * The copy is sealed to the partner's own keys, of age or of OpenPGP. The server cannot open it again.
 */
import { createHash } from "node:crypto"
import { formatInstant } from "@tocsin/base/instant"
import type { SealedFormat } from "@tocsin/client/sealed-format"
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { Tx } from "../../../platform/postgres/db.ts"
import { Download, PendingWork, hide } from "../../../kernel/route.ts"
import { lockToRead } from "../../../kernel/locks.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record, recordWithoutHandler } from "../../../kernel/action-context.ts"
import { queueReceipt } from "../../../trust/receipts/actions/batch-receipts.ts"
import { listUsableKeys } from "../../../trust/partners/keys/actions/manage-keys.ts"
import { type Seal, loadSeal } from "../../../trust/partners/keys/actions/seal-copy.ts"
import { keysForFile } from "../../../trust/partners/keys/key.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { isRecalledNow } from "../../artifacts/actions/recall-artifact.ts"
import { type Entitlement, findEntitlement, listEntitlements } from "../../entitlement/actions/decide-access.ts"
import { type Copies, prepareCopies } from "../../marking/actions/prepare-copies.ts"
import { idOfAlias, aliasFor } from "./resolve-alias.ts"
import { insertCopy } from "../store/copies.ts"
import * as store from "../store/deliveries.ts"
import { partnerOf } from "./project-warnings.ts"

const saltBytes = 16

/**
 * Hands out the partner's copy of an artifact, named by the partner's alias, in the requested format (null: age if the
 * partner has such a key). Refuses `delivery.no_key`.
 */
export async function fetchCopy(
    ctx: ActionContext,
    alias: string,
    format: SealedFormat | null = null,
): Promise<Download> {
    return await deliverCopy(await prepareCopy(ctx, { alias, format }, (open) => prepareCopies(ctx, open)))
}

export interface FetchRequest extends ActionContext {
    readonly params: { readonly id: string }
    readonly query: { readonly sealed?: SealedFormat }
}

/**
 * Hands out copies as `fetchCopy` does, for several persons in one transaction. Each request is decided alone.
 *
 * Returns null for each request without a copy: `fetchCopy` then states the reason. Except committed marks, nothing is
 * written before all are decided. A later fault rolls everything back.
 */
export async function fetchCopies(requests: readonly FetchRequest[]): Promise<(Download | null)[]> {
    const versions = new Map<string, Promise<Copies>>()
    const prepared = requests.map(async (ctx) => {
        try {
            const wanted = { alias: ctx.params.id, format: ctx.query.sealed ?? null }
            return await prepareCopy(ctx, wanted, (open) => {
                const key = `${open.artifact} ${open.version}`
                const known = versions.get(key) ?? prepareCopies(ctx, open)
                versions.set(key, known)
                return known
            })
        } catch (error) {
            if (error instanceof Refusal || error instanceof PendingWork) return null
            throw error
        }
    })
    const copies = (await Promise.all(prepared)).map(async (copy) => (copy === null ? null : await deliverCopy(copy)))
    return await Promise.all(copies)
}

interface PreparedCopy {
    readonly ctx: ActionContext
    readonly class: ArtifactClass
    readonly seal: Seal
    readonly copies: Copies
}

/**
 * Decides about the copy. Refuses `delivery.no_key`, and answers as for an unknown artifact where the partner has no
 * access.
 */
async function prepareCopy(
    ctx: ActionContext,
    { alias, format }: { readonly alias: string; readonly format: SealedFormat | null },
    findCopies: (open: ReadableEntitlement) => Promise<Copies>,
): Promise<PreparedCopy> {
    const { partner } = partnerOf(ctx)
    const artifact = idOfAlias(ctx.services.keys, partner, "artifact", alias)
    const [entitlement, usableKeys] = await Promise.all([
        findReadable(ctx, partner, artifact),
        listUsableKeys(ctx, partner, ctx.now),
    ])
    if (entitlement === null) hide()
    const keys = keysForFile(usableKeys, format)
    if (keys.length === 0)
        refuse("conflict", "delivery.no_key", "no usable key of this format: add one, copies are sealed to it")
    const seal = await loadSeal(ctx, keys)
    return { ctx, class: entitlement.class, seal, copies: await findCopies(entitlement) }
}

/** Marks, seals and records the copy. Refuses nothing: access is already decided. */
async function deliverCopy({ ctx, class: kind, seal, copies }: PreparedCopy): Promise<Download> {
    const { partner, person } = partnerOf(ctx)
    const { master, makeCopyFor: copyFor } = copies
    const copy = await copyFor(ctx, partner)
    const sealed = await seal.seal(copy)
    const salt = ctx.services.random(saltBytes)
    const id = ctx.services.newId()
    const hash = createHash("sha256").update(salt).update(copy).digest()
    const { case: caseId, artifact, version } = master
    const sealedHash = createHash("sha256").update(sealed).digest("hex")
    const receipt = await issueReceipt(ctx, "fetched", { id, case: caseId, artifact, version, sealed: sealedHash })
    const facts = { case: caseId, partner, artifact, version, class: kind, copy: hash.toString("hex"), receipt }
    const event = await recordWithoutHandler(ctx, { kind: "copy.delivered", delivery: id, ...facts })
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
    const mayContinue = (tx: Tx) => isStillEntitled(ctx, tx, partner, { artifact, version })
    return new Download(sealed, `${master.name}${seal.ending}`, mayContinue, {
        "tocsin-receipt": id,
        "tocsin-version": String(version),
    })
}

interface ReceiptFacts {
    /** The id with which the receipt is requested. */
    readonly id: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    /** SHA-256 of the sealed copy, in hex. */
    readonly sealed?: string
}

/** Issues the receipt, which uses the partner's aliases. Returns the receipt's hash for the event. */
async function issueReceipt(
    ctx: ActionContext,
    kind: "fetched" | "acknowledged",
    { id, case: caseId, ...rest }: ReceiptFacts,
): Promise<string> {
    const { partner, person } = partnerOf(ctx)
    const { keys } = ctx.services
    const aliases = {
        warning: aliasFor(keys, partner, "warning", caseId),
        artifact: aliasFor(keys, partner, "artifact", rest.artifact),
    }
    const body = { ...rest, ...aliases, kind, at: formatInstant(ctx.now), receipt: id, partner, person }
    return await queueReceipt(ctx, { id, partner, body })
}

/** Checks access again while bytes are being sent, in a transaction of its own. */
async function isStillEntitled(
    ctx: ActionContext,
    tx: Tx,
    partner: string,
    artifactVersion: ArtifactVersion,
): Promise<boolean> {
    await lockToRead(tx, partner)
    const later = { ...ctx, tx, now: await ctx.services.clock.now(tx) }
    // A newer version may be open by now; the version in flight does not depend on it.
    if (await isRecalledNow(later, artifactVersion.artifact, artifactVersion.version)) return false
    return (await findReadable(later, partner, artifactVersion.artifact)) !== null
}

type ReadableEntitlement = Entitlement & { readonly version: number }

async function findReadable(
    ctx: ActionContext,
    partner: string,
    artifact: string,
): Promise<ReadableEntitlement | null> {
    const entitlement = await findEntitlement(ctx, partner, artifact)
    return entitlement !== null && entitlement.version !== null
        ? { ...entitlement, version: entitlement.version }
        : null
}

export interface AcknowledgementResult {
    /** How many artifacts were acknowledged for the first time. */
    readonly acknowledged: number
    /** The ids of their receipts, including those of earlier acknowledgements. */
    readonly receipts: readonly string[]
}

/**
 * Acknowledges, for a person, everything that the partner has fetched of a warning. Refuses `delivery.nothing_fetched`.
 */
export async function acknowledge(ctx: ActionContext, alias: string): Promise<AcknowledgementResult> {
    const { partner, person } = partnerOf(ctx)
    const caseId = idOfAlias(ctx.services.keys, partner, "warning", alias)
    const entitled = (await listEntitlements(ctx, partner, null)).filter((entitlement) => entitlement.case === caseId)
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
        const receipt = await issueReceipt(ctx, "acknowledged", { id, ...content })
        const event = await record(ctx, { kind: "copy.acknowledged", ...content, partner, receipt })
        const row = { id, event, partner, person, case_id: caseId, artifact, version, at: ctx.now }
        await store.insertAcknowledgement(ctx.tx, row)
        receipts.push(id)
    }
    return { acknowledged: fresh.length, receipts }
}

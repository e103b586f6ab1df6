/** Marks the copy of a recipient. */
import {
    type Slot,
    type Writer,
    longestCopyBytes,
    placesOf,
    writerOf,
    writerSlack,
} from "@tocsin/marks/carriers/carrier"
import { type Codebook, type Colluders, codebookOf, docKey, nonceOf } from "@tocsin/marks/code"
import { type CanaryName, saveCanaries, saveDecoys } from "../../canaries/actions/plant-canaries.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Master, loadMaster } from "../../artifacts/actions/load-artifacts.ts"
import * as store from "../store.ts"
import { type MarkFormat, loadMarkFormat } from "@tocsin/marks/carriers/registry"
import { loadParser } from "@tocsin/marks/grammars"
import { loadActiveDesign } from "./set-code-design.ts"
import { type CopyCanaries, copyCanariesOf } from "../copy-canaries.ts"
import { documentOf, findVersionSlots } from "./find-slots.ts"
import { deflateRawSync, inflateRawSync } from "node:zlib"
import { decryptBytes, encryptBytes } from "../../../platform/crypto/vault.ts"
import type { Actor } from "../../../kernel/actor.ts"
import { padToBucket } from "../../../platform/crypto/seal.ts"
import { copyText, rawText, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { locateSlots, takesLong } from "../../../platform/sandbox/slots.ts"
import { mayHaveCanaries } from "../../artifacts/canary-use.ts"
import { createHash } from "node:crypto"
import { PendingWork } from "../../../kernel/route.ts"
import { manifestOf } from "@tocsin/marks/manifest"
import { padmeLength } from "@tocsin/base/padding"
import { addedBytes, nameOfCanary, withNames } from "@tocsin/marks/canary"
import { blockCipher } from "../../../platform/crypto/aes-blocks.ts"

const masterBytes = 32

/** The marks of one artifact version. */
export interface Marks {
    readonly slots: readonly Slot[]
    readonly book: Codebook
    /** The copy in UTF-8, padded to the size class of the longest copy. */
    readonly copyFor: (recipient: string) => Buffer
    /** Returns the canaries of a recipient's copy. */
    readonly canariesFor: (recipient: string) => CanaryName[]
}

/**
 * Returns the marks of a version before its delivery, and commits to them the first time. `manifest` is the stored one,
 * if read already.
 */
export async function prepareMarks(
    ctx: ActionContext,
    master: Master,
    manifest?: store.ManifestPromise,
): Promise<Marks | null> {
    const pen = await loadMarkFormat(master.name, loadParser)
    if (pen === null) return null
    const manifestRow = await (manifest ?? store.findManifest(ctx.tx, master.artifact, master.version))
    const { epoch, secret } = manifestRow ? await loadSecret(ctx, manifestRow) : await loadNewestSecret(ctx)
    const draft = manifestRow ? await loadCommittedDraft(ctx, master, pen, manifestRow) : await createDraft(master, pen)
    const colluders = manifestRow?.colluders ?? (await loadActiveDesign(ctx, master))
    const computed = marksOf(master, draft, {
        key: docKeyOf(master, secret, epoch),
        colluders,
        copyCanaries: manifestRow
            ? committedCanaries(master, manifestRow)
            : copyCanariesOf(documentOf(master), ctx.services.canaryZone),
    })
    if (manifestRow) assertCommitted(manifestRow.manifest, computed.manifest)
    // Another process that committed first may have generated other codewords.
    else if (!(await commit(ctx, master, { epoch, computed, draft, colluders }))) return await prepareMarks(ctx, master)
    return computed.marks
}

/** Uses the canary zone of the commitment, whatever the setting is now. */
export function committedCanaries(master: Master, { canary_zone: zone }: store.ManifestRow): CopyCanaries | null {
    return zone === null ? null : copyCanariesOf(documentOf(master), zone === "" ? null : zone)
}

interface Commitment {
    readonly epoch: number
    readonly computed: ComputedMarks
    readonly draft: Draft
    readonly colluders: Colluders
}

/** Commits to the marks. False where another process committed first. */
async function commit(
    ctx: ActionContext,
    master: Master,
    { epoch, computed, draft, colluders }: Commitment,
): Promise<boolean> {
    const { artifact, version } = master
    const place = slotsPlace(artifact, version, epoch)
    const packed = deflateRawSync(JSON.stringify(draft.slots))
    const row = {
        artifact,
        version,
        epoch,
        slots: draft.slots.length,
        colluders,
        manifest: computed.manifest,
        canary_zone: computed.copyCanaries === null ? null : (computed.copyCanaries.zone ?? ""),
        slots_ciphertext: await encryptBytes(ctx.tx, ctx.services.keys, "marks", place, packed),
    }
    if (!(await store.insertManifest(ctx.tx, row, ctx.now))) return false
    const manifest = computed.manifest.toString("hex")
    await cached(drafts, manifest, () => Promise.resolve(draft))
    if (computed.copyCanaries !== null) await saveDecoys(ctx, master, computed.marks.canariesFor)
    await record({ ...ctx, actor: markActor }, { kind: "marks.committed", artifact, version, epoch, manifest }, true)
    return true
}

/**
 * The system is the actor of the commitment: the first reader has no part in it, and an expert must not learn who read
 * first.
 */
const markActor: Actor = { kind: "system", component: "mark" }

const slotsPlace = (artifact: string, version: number, epoch: number): string =>
    `marked_versions.slots:${artifact}:${version}:${epoch}`

/** The code design of a version's codewords. */
export interface VersionDesign {
    readonly master: Master
    readonly slots: readonly Slot[]
    /** The design of the generated codewords; null while none are generated. */
    readonly design: Colluders | null
}

/** Returns the design of a version (null: the newest). Null where its class carries no marks. */
export async function loadVersionDesign(
    ctx: ActionContext,
    artifact: string,
    version: number | null,
): Promise<VersionDesign | null> {
    const master = await loadMaster(ctx, artifact, version)
    const pen = await loadMarkFormat(master.name, loadParser)
    if (pen === null) return null
    const manifestRow = await store.findManifest(ctx.tx, master.artifact, master.version)
    const { slots } = manifestRow
        ? await loadCommittedDraft(ctx, master, pen, manifestRow)
        : await createDraft(master, pen)
    return { master, slots, design: manifestRow?.colluders ?? null }
}

/** Returns the marks of a delivered version. Null where it was never delivered, or its class carries no marks. */
export async function findDeliveredMarks(ctx: ActionContext, master: Master): Promise<Marks | null> {
    const manifestRow = await store.findManifest(ctx.tx, master.artifact, master.version)
    return manifestRow ? await prepareMarks(ctx, master) : null
}

/**
 * Returns the recipient's copy: the same bytes each time, padded like all others. Classes without marks are equal for
 * all.
 *
 * Making another recipient's copy could frame it, so this is recorded.
 */
export async function makeCopyFor(
    ctx: ActionContext,
    master: Master,
    partner: string,
    knownMarks?: Marks | null,
): Promise<Buffer> {
    const marks = knownMarks === undefined ? await prepareMarks(ctx, master) : knownMarks
    if (marks === null) return Buffer.from(padToBucket(unmarkedText(master.name, master.content)))
    if (!(ctx.actor.kind === "partner" && ctx.actor.partner === partner)) {
        const { artifact, version } = master
        await record(ctx, { kind: "marks.copy_reproduced", artifact, version, partner }, true)
    }
    await saveCanaries(ctx, master, partner, marks.canariesFor(partner))
    return marks.copyFor(partner)
}

/** Returns the recipient's text without padding. Null where the class carries no marks. */
export async function makeCopyText(
    ctx: ActionContext,
    master: Master,
    partner: string,
): Promise<{ readonly copy: Buffer; readonly text: ResolvedText } | null> {
    const marks = await prepareMarks(ctx, master)
    if (marks === null) return null
    const copy = await makeCopyFor(ctx, master, partner, marks)
    const trailingSpace = /\s*$/.exec(rawText(master.content))?.[0] ?? ""
    return { copy, text: copyText(copy.toString("utf8").trimEnd() + trailingSpace) }
}

export function docKeyOf(master: Master, secret: Uint8Array, epoch: number): Uint8Array {
    return docKey(secret, { document: master.artifact, version: String(master.version), epoch })
}

interface ComputedMarks {
    readonly marks: Marks
    readonly manifest: Buffer
    readonly copyCanaries: CopyCanaries | null
}

/** What follows from a document's text and its slots. */
interface Draft {
    readonly slots: readonly Slot[]
    /** The hash over the stored slots. */
    readonly hash: Buffer
    readonly longest: number
    readonly write: Writer
}

/** The cache size of drafts and code books. The cache decides nothing. */
const cacheMax = 16

const drafts = new Map<string, Promise<Draft>>()

const books = new Map<string, Codebook>()

const pendingDrafts = new Set<string>()

/** Returns the slots as committed. */
function loadCommittedDraft(
    ctx: ActionContext,
    master: Master,
    pen: MarkFormat,
    manifestRow: store.ManifestRow,
): Promise<Draft> {
    const { artifact, version, epoch } = manifestRow
    return cachedDraft(manifestRow.manifest.toString("hex"), master, async () => {
        const ciphertext = await store.findSlotsCiphertext(ctx.tx, artifact, version, epoch)
        if (ciphertext === null) return await locateSlots(pen.carrier, master.name, rawText(master.content))
        const place = slotsPlace(artifact, version, epoch)
        const slots = await decryptBytes(ctx.tx, ctx.services.keys, "marks", place, ciphertext)
        return JSON.parse(inflateRawSync(slots).toString("utf8")) as Slot[]
    })
}

/** Throws `PendingWork` while slots of a long text are being found. */
async function createDraft(master: Master, pen: MarkFormat): Promise<Draft> {
    const prefix = `${pen.carrier.name}\0${mayHaveCanaries(master)}\0`
    const text = rawText(master.content)
    const key = createHash("sha256").update(prefix).update(text).digest("hex")
    const isNew = !drafts.has(key)
    const draft = cachedDraft(key, master, async () => await findVersionSlots(pen, master))
    if (isNew && takesLong(pen.carrier, text)) {
        pendingDrafts.add(key)
        void draft.then(
            () => pendingDrafts.delete(key),
            () => pendingDrafts.delete(key),
        )
    }
    if (pendingDrafts.has(key)) throw new PendingWork(draft)
    return await draft
}

async function cachedDraft(key: string, master: Master, find: () => Promise<readonly Slot[]>): Promise<Draft> {
    return await cached(drafts, key, async () => {
        const [slots, text] = [await find(), rawText(master.content)]
        return {
            slots,
            hash: createHash("sha256").update(JSON.stringify(slots)).digest(),
            longest: longestCopyBytes(Buffer.byteLength(text), slots),
            write: writerOf(text, slots),
        }
    }).catch((error: unknown) => {
        drafts.delete(key)
        throw error
    })
}

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
    const existing = cache.get(key)
    if (existing !== undefined) return existing
    const created = make()
    const oldest = cache.keys().next().value
    if (cache.size >= cacheMax && oldest !== undefined) cache.delete(oldest)
    cache.set(key, created)
    return created
}

interface CodeParameters {
    readonly key: Uint8Array
    readonly colluders: Colluders
    readonly copyCanaries: CopyCanaries | null
}

function marksOf(master: Master, { slots, hash, longest, write }: Draft, parameters: CodeParameters): ComputedMarks {
    const { artifact, version } = master
    const { key, colluders, copyCanaries } = parameters
    const content = rawText(master.content)
    const text = createHash("sha256").update(content).digest()
    const canaries = copyCanaries ?? undefined
    const manifest = Buffer.from(manifestOf({ artifact, version, colluders, slots: hash, master: text, key, canaries }))
    const bytes = padmeLength(longest + (copyCanaries === null ? 0 : addedBytes(content, copyCanaries.zone)))
    const book = cached(books, manifest.toString("hex"), () => codebookOf(key, placesOf(slots), colluders, blockCipher))
    return {
        manifest,
        copyCanaries,
        marks: {
            slots,
            book,
            copyFor: (recipient) => {
                const copy = Buffer.allocUnsafe(Math.max(bytes, longest) + writerSlack)
                const end = write(book.codewordOf(recipient), copy)
                if (copyCanaries === null) return copy.fill("\n", end).subarray(0, bytes)
                return padded(withCanaryNames(copy.toString("utf8", 0, end), recipient, parameters), bytes)
            },
            canariesFor: (recipient) =>
                (copyCanaries?.canaries ?? []).map((canary) => ({
                    ...canary,
                    core: nameOfCanary(canary, key, nonceOf(recipient), copyCanaries?.zone ?? null).core,
                })),
        },
    }
}

function withCanaryNames(text: string, recipient: string, { key, copyCanaries }: CodeParameters): string {
    return withNames(text, (canary) => nameOfCanary(canary, key, nonceOf(recipient), copyCanaries?.zone ?? null))
}

function padded(text: string, bytes: number): Buffer {
    const copy = Buffer.alloc(bytes, "\n")
    copy.write(text)
    return copy
}

function assertCommitted(committed: Buffer, computed: Buffer): void {
    if (!committed.equals(computed)) throw new Error("the marks of this version differ from the committed ones")
}

/** Returns the secret of the newest epoch, and creates the first. */
async function loadNewestSecret(ctx: ActionContext): Promise<MarkSecret> {
    const row = await store.findNewestMaster(ctx.tx)
    if (row) return await loadSecret(ctx, row)
    const secret = ctx.services.random(masterBytes)
    const ciphertext = await encryptBytes(ctx.tx, ctx.services.keys, "marks", placeOf(1), secret)
    if (!(await store.insertMaster(ctx.tx, { epoch: 1, master_ciphertext: ciphertext }, ctx.now)))
        return await loadNewestSecret(ctx)
    await record(ctx, { kind: "marks.master_created", epoch: 1 }, true)
    return { epoch: 1, secret }
}

interface MarkSecret {
    readonly epoch: number
    readonly secret: Buffer
}

const placeOf = (epoch: number): string => `mark_masters.master:${epoch}`

export async function loadSecret(
    ctx: ActionContext,
    row: { readonly epoch: number; readonly master_ciphertext: Buffer | null },
): Promise<MarkSecret> {
    if (row.master_ciphertext === null) throw new Error("the secret of a committed epoch is missing")
    const secret = await decryptBytes(ctx.tx, ctx.services.keys, "marks", placeOf(row.epoch), row.master_ciphertext)
    return { epoch: row.epoch, secret }
}

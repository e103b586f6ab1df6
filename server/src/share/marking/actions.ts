/**
 * Makes one marked copy for each recipient, on demand and always the same.
 *
 * The slots are stored encrypted. A manifest is recorded before the first delivery: a hash over the master, the slots
 * and the document's key. So the operator cannot later choose a code that fits an accusation.
 */
import { createHash } from "node:crypto"
import { deflateRawSync, inflateRawSync } from "node:zlib"
import { bytesGrown, nameOf, withNames } from "@tocsin/marks/canary"
import { type Slot, longestCopyBytes, placesOf } from "@tocsin/marks/carriers/carrier"
import { type Writer, writerOf, writerSlack } from "@tocsin/marks/carriers/carrier"
import { type Pen, penFor } from "@tocsin/marks/carriers/registry"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { copyText, rawText, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { type Book, type Colluders, bookOf, docKey, nonceOf } from "@tocsin/marks/code"
import { manifestOf } from "@tocsin/marks/manifest"
import { bucketOf } from "@tocsin/base/padding"
import { blockCipher } from "../../platform/crypto/aes-blocks.ts"
import { loadParser } from "@tocsin/marks/grammars"
import { Pending } from "../../kernel/route.ts"
import { padToBucket } from "../../platform/crypto/seal.ts"
import { slotsOf, takesLong } from "../../platform/sandbox/slots.ts"
import { sealBytes, unsealBytes } from "../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { type Opened, openingOf } from "../../trust/audit-log/actions/export-log.ts"
import { type Master, masterOf } from "../artifacts/actions.ts"
import { bearsCanaries } from "../artifacts/canary.ts"
import { type Given, plant, plantDecoys } from "../canaries/actions.ts"
import { findSlots, writtenOf } from "./actions/find-slots.ts"
import { designInForce } from "./actions/set-code-design.ts"
import { type Planting, plantingOf } from "./plant-canary.ts"
import * as store from "./store.ts"

const masterBytes = 32

/** The marks of one artifact version. */
export interface Marks {
    readonly slots: readonly Slot[]
    readonly book: Book
    /** The copy in UTF-8, padded to the size class of the longest copy. */
    readonly copyFor: (recipient: string) => Buffer
    /** Returns the canaries of a recipient's copy. */
    readonly namesFor: (recipient: string) => Given[]
}

/**
 * Returns the marks of a version before its delivery, and commits to them the first time. `manifest` is the stored one,
 * if read already.
 */
export async function marksFor(
    ctx: ActionContext,
    master: Master,
    manifest?: store.ManifestRead,
): Promise<Marks | null> {
    const pen = await penFor(master.name, loadParser)
    if (pen === null) return null
    const known = await (manifest ?? store.findManifest(ctx.tx, master.artifact, master.version))
    const { epoch, secret } = known ? await secretOf(ctx, known) : await newestSecret(ctx)
    const draft = known ? await keptDraft(ctx, master, pen, known) : await newDraft(master, pen)
    const colluders = known?.colluders ?? (await designInForce(ctx, master))
    const made = marksOf(master, draft, {
        key: docKeyOf(master, secret, epoch),
        colluders,
        planting: known ? plantedWith(master, known) : plantingOf(writtenOf(master), ctx.services.canaryZone),
    })
    if (known) assertEqual(known.manifest, made.manifest)
    // Another process that committed first may have generated other codewords.
    else if (!(await commit(ctx, master, { epoch, made, draft, colluders }))) return await marksFor(ctx, master)
    return made.marks
}

/** Uses the canary zone of the commitment, whatever the setting is now. */
function plantedWith(master: Master, { canary_zone: zone }: store.ManifestRow): Planting | null {
    return zone === null ? null : plantingOf(writtenOf(master), zone === "" ? null : zone)
}

interface Committing {
    readonly epoch: number
    readonly made: Made
    readonly draft: Draft
    readonly colluders: Colluders
}

/** Commits to the marks. False where another process committed first. */
async function commit(
    ctx: ActionContext,
    master: Master,
    { epoch, made, draft, colluders }: Committing,
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
        manifest: made.manifest,
        canary_zone: made.planting === null ? null : (made.planting.zone ?? ""),
        slots_ciphertext: await sealBytes(ctx.tx, ctx.services.keys, "marks", place, packed),
    }
    if (!(await store.insertManifest(ctx.tx, row, ctx.now))) return false
    const manifest = made.manifest.toString("hex")
    await kept(drafts, manifest, () => Promise.resolve(draft))
    if (made.planting !== null) await plantDecoys(ctx, master, made.marks.namesFor)
    await record({ ...ctx, actor: committing }, { kind: "marks.committed", artifact, version, epoch, manifest }, true)
    return true
}

/**
 * The system is the actor of the commitment: the first reader has no part in it, and an expert must not learn who read
 * first.
 */
const committing: Actor = { kind: "system", step: "mark" }

const slotsPlace = (artifact: string, version: number, epoch: number): string =>
    `marked_versions.slots:${artifact}:${version}:${epoch}`

/** The code design of a version's codewords. */
export interface Drawing {
    readonly master: Master
    readonly slots: readonly Slot[]
    /** The design of the generated codewords; null while none are generated. */
    readonly drawn: Colluders | null
}

/** Returns the design of a version (null: the newest). Null where its class carries no marks. */
export async function drawingOf(ctx: ActionContext, artifact: string, version: number | null): Promise<Drawing | null> {
    const master = await masterOf(ctx, artifact, version)
    const pen = await penFor(master.name, loadParser)
    if (pen === null) return null
    const known = await store.findManifest(ctx.tx, master.artifact, master.version)
    const { slots } = known ? await keptDraft(ctx, master, pen, known) : await newDraft(master, pen)
    return { master, slots, drawn: known?.colluders ?? null }
}

/** Returns the marks of a delivered version. Null where it was never delivered, or its class carries no marks. */
export async function marksOfDelivered(ctx: ActionContext, master: Master): Promise<Marks | null> {
    const known = await store.findManifest(ctx.tx, master.artifact, master.version)
    return known ? await marksFor(ctx, master) : null
}

/**
 * Returns the recipient's copy: the same bytes each time, padded like all others. Classes without marks are equal for
 * all.
 *
 * Making another recipient's copy could frame it, so this is recorded.
 */
export async function copyFor(
    ctx: ActionContext,
    master: Master,
    partner: string,
    known?: Marks | null,
): Promise<Buffer> {
    const marks = known === undefined ? await marksFor(ctx, master) : known
    if (marks === null) return Buffer.from(padToBucket(unmarkedText(master.name, master.content)))
    if (!(ctx.actor.kind === "partner" && ctx.actor.partner === partner)) {
        const { artifact, version } = master
        await record(ctx, { kind: "marks.copy_reproduced", artifact, version, partner }, true)
    }
    await plant(ctx, master, partner, marks.namesFor(partner))
    return marks.copyFor(partner)
}

/** Returns the recipient's text without padding. Null where the class carries no marks. */
export async function ownText(
    ctx: ActionContext,
    master: Master,
    partner: string,
): Promise<{ readonly copy: Buffer; readonly text: ResolvedText } | null> {
    const marks = await marksFor(ctx, master)
    if (marks === null) return null
    const copy = await copyFor(ctx, master, partner, marks)
    const end = /\s*$/.exec(rawText(master.content))?.[0] ?? ""
    return { copy, text: copyText(copy.toString("utf8").trimEnd() + end) }
}

/** Returns the committed manifests of these versions, in hex. Versions without marks are missing. */
export async function manifestsOf(
    ctx: ActionContext,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<ReadonlyMap<string, string>> {
    const rows = await store.listManifests(ctx.tx, versions)
    return new Map(rows.map(({ artifact, version, manifest }) => [`${artifact} ${version}`, manifest]))
}

/** Everything that makes all copies of a version, with its key and the opening of the commitment. */
export interface Custody {
    readonly epoch: number
    readonly colluders: Colluders
    /** The document key, K_doc. */
    readonly key: Uint8Array
    /** SHA-256 of the master in UTF-8. */
    readonly master: Buffer
    readonly manifest: Buffer
    readonly committed: Opened
    readonly slots: readonly Slot[]
    readonly book: Book
    readonly planting: Planting | null
}

/**
 * Returns the commitment of a version's marks, which discloses nothing. Null where it was never delivered, or carries
 * no marks.
 */
export async function findCommitment(
    { tx }: ActionContext,
    artifact: string,
    version: number,
): Promise<{ readonly epoch: number; readonly manifest: string } | null> {
    const known = await store.findManifest(tx, artifact, version)
    return known === undefined ? null : { epoch: known.epoch, manifest: known.manifest.toString("hex") }
}

/**
 * Returns the keys and slots of a version. The caller has two people's approval and records the disclosure. Null where
 * the version was never delivered, or carries no marks.
 */
export async function custodyOf(ctx: ActionContext, master: Master): Promise<Custody | null> {
    const marks = await marksOfDelivered(ctx, master)
    const known = await store.findManifest(ctx.tx, master.artifact, master.version)
    if (marks === null || known === undefined) return null
    const { epoch, colluders, manifest } = known
    const committed = await openingOf(ctx, "marks.committed", "manifest", manifest.toString("hex"))
    if (committed === null) throw new Error("the marks of this version were never committed on record")
    const { secret } = await secretOf(ctx, known)
    return {
        epoch,
        colluders,
        manifest,
        committed,
        slots: marks.slots,
        book: marks.book,
        planting: plantedWith(master, known),
        key: docKeyOf(master, secret, epoch),
        master: createHash("sha256").update(rawText(master.content)).digest(),
    }
}

function docKeyOf(master: Master, secret: Uint8Array, epoch: number): Uint8Array {
    return docKey(secret, { document: master.artifact, version: String(master.version), epoch })
}

interface Made {
    readonly marks: Marks
    readonly manifest: Buffer
    readonly planting: Planting | null
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
const keptMax = 16
const drafts = new Map<string, Promise<Draft>>()
const books = new Map<string, Book>()
const unready = new Set<string>()

/** Returns the slots as committed. */
function keptDraft(ctx: ActionContext, master: Master, pen: Pen, known: store.ManifestRow): Promise<Draft> {
    const { artifact, version, epoch } = known
    return draftOf(known.manifest.toString("hex"), master, async () => {
        const box = await store.findSlotsBox(ctx.tx, artifact, version, epoch)
        if (box === null) return await slotsOf(pen.carrier, master.name, rawText(master.content))
        const place = slotsPlace(artifact, version, epoch)
        const slots = await unsealBytes(ctx.tx, ctx.services.keys, "marks", place, box)
        return JSON.parse(inflateRawSync(slots).toString("utf8")) as Slot[]
    })
}

/** Throws `Pending` while slots of a long text are being found. */
async function newDraft(master: Master, pen: Pen): Promise<Draft> {
    const kind = `${pen.carrier.name}\0${bearsCanaries(master)}\0`
    const text = rawText(master.content)
    const key = createHash("sha256").update(kind).update(text).digest("hex")
    const isNew = !drafts.has(key)
    const draft = draftOf(key, master, async () => await findSlots(pen, master))
    if (isNew && takesLong(pen.carrier, text)) {
        unready.add(key)
        void draft.then(
            () => unready.delete(key),
            () => unready.delete(key),
        )
    }
    if (unready.has(key)) throw new Pending(draft)
    return await draft
}

async function draftOf(key: string, master: Master, find: () => Promise<readonly Slot[]>): Promise<Draft> {
    return await kept(drafts, key, async () => {
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

function kept<T>(list: Map<string, T>, key: string, make: () => T): T {
    const known = list.get(key)
    if (known !== undefined) return known
    const made = make()
    const oldest = list.keys().next().value
    if (list.size >= keptMax && oldest !== undefined) list.delete(oldest)
    list.set(key, made)
    return made
}

interface Coding {
    readonly key: Uint8Array
    readonly colluders: Colluders
    readonly planting: Planting | null
}

function marksOf(master: Master, { slots, hash, longest, write }: Draft, coding: Coding): Made {
    const { artifact, version } = master
    const { key, colluders, planting } = coding
    const content = rawText(master.content)
    const text = createHash("sha256").update(content).digest()
    const canaries = planting ?? undefined
    const manifest = Buffer.from(manifestOf({ artifact, version, colluders, slots: hash, master: text, key, canaries }))
    const bytes = bucketOf(longest + (planting === null ? 0 : bytesGrown(content, planting.zone)))
    const book = kept(books, manifest.toString("hex"), () => bookOf(key, placesOf(slots), colluders, blockCipher))
    return {
        manifest,
        planting,
        marks: {
            slots,
            book,
            copyFor: (recipient) => {
                const copy = Buffer.allocUnsafe(Math.max(bytes, longest) + writerSlack)
                const end = write(book.wordOf(recipient), copy)
                if (planting === null) return copy.fill("\n", end).subarray(0, bytes)
                return padded(named(copy.toString("utf8", 0, end), recipient, coding), bytes)
            },
            namesFor: (recipient) =>
                (planting?.canaries ?? []).map((canary) => ({
                    ...canary,
                    core: nameOf(canary, key, nonceOf(recipient), planting?.zone ?? null).core,
                })),
        },
    }
}

function named(text: string, recipient: string, { key, planting }: Coding): string {
    return withNames(text, (canary) => nameOf(canary, key, nonceOf(recipient), planting?.zone ?? null))
}

function padded(text: string, bytes: number): Buffer {
    const copy = Buffer.alloc(bytes, "\n")
    copy.write(text)
    return copy
}

function assertEqual(committed: Buffer, made: Buffer): void {
    if (!committed.equals(made)) throw new Error("the marks of this version are not those that were committed")
}

/** Returns the secret of the newest epoch, and creates the first. */
async function newestSecret(ctx: ActionContext): Promise<Secret> {
    const row = await store.findNewestMaster(ctx.tx)
    if (row) return await secretOf(ctx, row)
    const secret = ctx.services.random(masterBytes)
    const box = await sealBytes(ctx.tx, ctx.services.keys, "marks", placeOf(1), secret)
    if (!(await store.insertMaster(ctx.tx, { epoch: 1, master_ciphertext: box }, ctx.now)))
        return await newestSecret(ctx)
    await record(ctx, { kind: "marks.master_created", epoch: 1 }, true)
    return { epoch: 1, secret }
}

interface Secret {
    readonly epoch: number
    readonly secret: Buffer
}

const placeOf = (epoch: number): string => `mark_masters.master:${epoch}`

async function secretOf(
    ctx: ActionContext,
    row: { readonly epoch: number; readonly master_ciphertext: Buffer | null },
): Promise<Secret> {
    if (row.master_ciphertext === null) throw new Error("the secret of a committed epoch is missing")
    const secret = await unsealBytes(ctx.tx, ctx.services.keys, "marks", placeOf(row.epoch), row.master_ciphertext)
    return { epoch: row.epoch, secret }
}

/**
 * One copy per partner, made on demand and made again the same; which mark is whose.
 *
 * What is stored is a manifest, committed on record before the first delivery: a hash over the master, the slots and
 * the document's key, so that nobody can later choose a code that fits an accusation.
 */
import { createHash } from "node:crypto"
import { type Slot, type Symbol, type Word, type Writer, writerOf } from "../../lib/carriers/carrier.ts"
import { type Pen, penFor } from "../../lib/carriers/registry.ts"
import { codebook, docKey, tagsOf } from "../../lib/code.ts"
import { encryptBlocks } from "../../platform/blocks.ts"
import { loadParser } from "../../platform/grammars.ts"
import { bucketOf, padToBucket } from "../../platform/seal.ts"
import { sealBytes, unsealBytes } from "../../platform/vault.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import type { Master } from "../artifacts/actions.ts"
import { longestCopyBytes } from "./length.ts"
import * as store from "./store.ts"

const masterBytes = 32

/** What marks one artifact version. */
export interface Marks {
    readonly slots: readonly Slot[]
    readonly wordOf: (recipient: string) => Word
    /** Reads a leak, knowing no recipient. */
    readonly read: (leak: string) => Symbol[]
    /** UTF-8, padded to the bucket of the longest copy. */
    readonly copyFor: (recipient: string) => Buffer
}

/** The marks of a version that is about to be handed out, committed on record the first time. */
export async function marksFor(act: Act, master: Master): Promise<Marks | null> {
    const pen = await penFor(master.name, loadParser)
    if (pen === null) return null
    const known = await store.manifestOf(act.tx, master.artifact, master.version)
    const { epoch, secret } = await masterSecret(act, known?.epoch ?? null)
    const made = marksOf(master, pen, docKeyOf(master, secret, epoch))
    if (known) {
        mustEqual(known.manifest, made.manifest)
        return made.marks
    }
    const { artifact, version } = master
    const row = { artifact, version, epoch, slots: made.marks.slots.length, manifest: made.manifest }
    if (await store.insertManifest(act.tx, row, act.now)) {
        const manifest = made.manifest.toString("hex")
        await record(act, { kind: "marks.committed", artifact, version, epoch, manifest }, true)
    }
    return made.marks
}

/** The marks of a version that was handed out; null where it never was, or is of a kind that carries none. */
export async function marksOfDelivered(act: Act, master: Master): Promise<Marks | null> {
    const known = await store.manifestOf(act.tx, master.artifact, master.version)
    return known ? await marksFor(act, master) : null
}

/** The partner's copy: the same bytes each time, as long as everybody's. Unmarked kinds are the same for all. */
export async function copyFor(act: Act, master: Master, partner: string): Promise<Buffer> {
    const marks = await marksFor(act, master)
    return marks === null ? Buffer.from(padToBucket(master.content)) : marks.copyFor(partner)
}

function docKeyOf(master: Master, secret: Uint8Array, epoch: number): Uint8Array {
    return docKey(secret, { document: master.artifact, version: String(master.version), epoch })
}

interface Made {
    readonly marks: Marks
    readonly manifest: Buffer
}

/** What follows from a document's text alone. */
interface Draft {
    readonly slots: readonly Slot[]
    readonly ids: string
    readonly longest: number
    readonly write: Writer
}

/** A few of the last documents are kept as they were found, and the tags of a few manifests: neither decides anything. */
const keptMax = 16
const drafts = new Map<string, Draft>()
const tags = new Map<string, Uint8Array>()

function draftOf(master: Master, pen: Pen): Draft {
    const key = createHash("sha256").update(pen.carrier.name).update("\0").update(master.content).digest("hex")
    return kept(drafts, key, () => {
        const slots = pen.carrier.slots(master.content)
        return {
            slots,
            ids: JSON.stringify(slots.map((slot) => slot.id)),
            longest: longestCopyBytes(Buffer.byteLength(master.content), slots),
            write: writerOf(master.content, slots),
        }
    })
}

function kept<T>(all: Map<string, T>, key: string, make: () => T): T {
    const known = all.get(key)
    if (known !== undefined) return known
    const made = make()
    const oldest = all.keys().next().value
    if (all.size >= keptMax && oldest !== undefined) all.delete(oldest)
    all.set(key, made)
    return made
}

function marksOf(master: Master, pen: Pen, key: Uint8Array): Made {
    const { slots, ids, longest, write } = draftOf(master, pen)
    const manifest = createHash("sha256")
        .update(`${JSON.stringify(["marks/v1", master.artifact, master.version]).slice(0, -1)},${ids}]`)
        .update(createHash("sha256").update(master.content).digest())
        .update(createHash("sha256").update(key).digest())
        .digest()
    const wordOf = codebook(
        key,
        slots,
        encryptBlocks,
        kept(tags, manifest.toString("hex"), () => tagsOf(key, slots)),
    )
    return {
        manifest,
        marks: {
            slots,
            wordOf,
            read: (leak) => pen.read(master.content, slots, leak),
            copyFor: (recipient) => {
                const copy = Buffer.allocUnsafe(bucketOf(longest))
                return copy.fill("\n", write(wordOf(recipient), copy))
            },
        },
    }
}

function mustEqual(committed: Buffer, made: Buffer): void {
    if (!committed.equals(made)) throw new Error("the marks of this version are not those that were committed")
}

/** The secret of an epoch (null: of the newest, made when there is none). */
async function masterSecret(act: Act, epoch: number | null): Promise<{ epoch: number; secret: Buffer }> {
    const row = epoch === null ? await store.newestMaster(act.tx) : await store.masterOfEpoch(act.tx, epoch)
    if (row) {
        const place = `mark_masters.master:${row.epoch}`
        return { epoch: row.epoch, secret: await unsealBytes(act.tx, act.doors.keys, "marks", place, row.master_box) }
    }
    if (epoch !== null) throw new Error("the secret of a committed epoch is missing")
    const secret = act.doors.random(masterBytes)
    const box = await sealBytes(act.tx, act.doors.keys, "marks", "mark_masters.master:1", secret)
    if (!(await store.insertMaster(act.tx, { epoch: 1, master_box: box }, act.now))) return await masterSecret(act, 1)
    await record(act, { kind: "marks.master_made", epoch: 1 }, true)
    return { epoch: 1, secret }
}

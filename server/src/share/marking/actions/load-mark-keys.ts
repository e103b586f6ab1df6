/** Loads the mark keys of a version, the commitment to them, and its manifests. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import type { Codebook, Colluders } from "@tocsin/marks/code"
import { type LeafDisclosure, findDisclosure } from "../../../trust/audit-log/actions/export-log.ts"
import type { Slot } from "@tocsin/marks/carriers/carrier"
import type { CopyCanaries } from "../copy-canaries.ts"
import type { Master } from "../../artifacts/actions/load-artifacts.ts"
import { committedCanaries, docKeyOf, findDeliveredMarks, loadSecret } from "./mark-copy.ts"
import { createHash } from "node:crypto"
import { rawText } from "@tocsin/marks/carriers/resolved-text"

/** Returns the committed manifests of these versions, in hex. Versions without marks are missing. */
export async function listManifests(
    ctx: ActionContext,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<ReadonlyMap<string, string>> {
    const rows = await store.listManifests(ctx.tx, versions)
    return new Map(rows.map(({ artifact, version, manifest }) => [`${artifact} ${version}`, manifest]))
}

/** Counts the secrets from which marks are made, and tells since when the newest is in use. */
export async function countMarkSecrets({ tx }: ActionContext): ReturnType<typeof store.countMasters> {
    return await store.countMasters(tx)
}

/** Everything that makes all copies of a version, with its key and the opening of the commitment. */
export interface MarkKeys {
    readonly epoch: number
    readonly colluders: Colluders
    /** The document key, K_doc. */
    readonly key: Uint8Array
    /** SHA-256 of the master in UTF-8. */
    readonly master: Buffer
    readonly manifest: Buffer
    readonly commitment: LeafDisclosure
    readonly slots: readonly Slot[]
    readonly book: Codebook
    readonly copyCanaries: CopyCanaries | null
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
    const manifestRow = await store.findManifest(tx, artifact, version)
    return manifestRow === undefined
        ? null
        : { epoch: manifestRow.epoch, manifest: manifestRow.manifest.toString("hex") }
}

/**
 * Returns the keys and slots of a version. The caller has two people's approval and records the disclosure. Null where
 * the version was never delivered, or carries no marks.
 */
export async function loadMarkKeys(ctx: ActionContext, master: Master): Promise<MarkKeys | null> {
    const marks = await findDeliveredMarks(ctx, master)
    const manifestRow = await store.findManifest(ctx.tx, master.artifact, master.version)
    if (marks === null || manifestRow === undefined) return null
    const { epoch, colluders, manifest } = manifestRow
    const commitment = await findDisclosure(ctx, "marks.committed", "manifest", manifest.toString("hex"))
    if (commitment === null) throw new Error("the audit log has no commitment to the marks of this version")
    const { secret } = await loadSecret(ctx, manifestRow)
    return {
        epoch,
        colluders,
        manifest,
        commitment,
        slots: marks.slots,
        book: marks.book,
        copyCanaries: committedCanaries(master, manifestRow),
        key: docKeyOf(master, secret, epoch),
        master: createHash("sha256").update(rawText(master.content)).digest(),
    }
}

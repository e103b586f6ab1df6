/**
 * Gives staff their copy of a version, marked as partners' copies are, so that a leak of one person's copy can be
 * identified. Authors read the master that they wrote.
 */
import type { TextKind } from "../text-kind.ts"
import { createHash } from "node:crypto"
import { rawText, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import type { Instant } from "@tocsin/base/instant"
import { withoutPadding } from "@tocsin/base/padding"
import { nameOfPerson } from "@tocsin/marks/recipient"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Master, authorOf, loadMaster, recordRead } from "../../artifacts/actions/load-artifacts.ts"
import { saveCanaries } from "../../canaries/actions/plant-canaries.ts"
import { prepareMarks } from "./mark-copy.ts"
import * as store from "../store.ts"
import { recordMasterRead } from "./limit-master-reads.ts"

const saltBytes = 16

export interface VersionText extends Omit<Master, "content"> {
    readonly textKind: TextKind
    /** The author's text for `master`; otherwise a text in which every slot is decided. */
    readonly content: string
}

/** Returns the author's text, for a read recorded as one of the master. */
export function masterText(master: Master): VersionText {
    return { ...master, content: rawText(master.content), textKind: "master" }
}

/** Returns the newest version as the actor gets it. Refuses `mark.too_complex` as a release would. */
export async function readStaffCopy(ctx: ActionContext, id: string): Promise<VersionText> {
    const person = authorOf(ctx)
    const master = await loadMaster(ctx, id, null)
    if (master.author === person) {
        await recordMasterRead(ctx, master, readReason)
        return masterText(master)
    }
    const marks = await prepareMarks(ctx, master)
    const recipient = nameOfPerson(person)
    if (marks === null || (marks.slots.length === 0 && marks.canariesFor(recipient).length === 0)) {
        await recordMasterRead(ctx, master, readReason)
        return { ...master, content: unmarkedText(master.name, master.content), textKind: "unmarked" }
    }
    await saveCanaries(ctx, master, recipient, marks.canariesFor(recipient))
    const copy = marks.copyFor(recipient)
    await recordStaffCopy(ctx, master, person, copy)
    const content = withoutPadding(copy.toString("utf8"))
    return { ...master, textKind: "staff_copy", content }
}

const readReason = "asked for"

async function recordStaffCopy(ctx: ActionContext, master: Master, person: string, copy: Buffer): Promise<void> {
    const salt = ctx.services.random(saltBytes)
    const hash = createHash("sha256").update(salt).update(copy).digest()
    const event = await recordRead(ctx, master, readReason, hash.toString("hex"))
    await store.insertStaffCopy(ctx.tx, {
        event,
        person,
        case_id: master.case,
        artifact: master.artifact,
        version: master.version,
        copy_hash: hash,
        copy_salt: salt,
        at: ctx.now,
    })
}

/** Returns the master to an author who writes the next version: a copy's wording must not become the next master. */
export async function readToRevise(ctx: ActionContext, id: string): Promise<VersionText> {
    authorOf(ctx)
    const master = await loadMaster(ctx, id, null)
    await recordMasterRead(ctx, master, "to revise")
    return masterText(master)
}

/** Lists the staff copies of one case (null: all) with reader and time, oldest first. */
export async function listStaffCopies(
    ctx: ActionContext,
    caseId: string | null,
): Promise<(ArtifactVersion & { readonly person: string; readonly at: Instant })[]> {
    return await store.listStaffCopies(ctx.tx, caseId)
}

/** Lists the commitments to each staff copy of a version read until an instant, inclusive. */
export async function listStaffCopyHashes(
    ctx: ActionContext,
    artifactVersion: ArtifactVersion,
    until: Instant,
): Promise<{ readonly person: string; readonly salt: Buffer; readonly hash: Buffer }[]> {
    const rows = await store.listStaffCopiesOf(ctx.tx, artifactVersion, until)
    return rows.map(({ person, copy_salt: salt, copy_hash: hash }) => ({ person, salt, hash }))
}

/**
 * Adds notes and legal holds to evidence. Investigators set a hold, and two people lift it. Until then the evidence
 * cannot be deleted.
 */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadEvidence, decryptForEvidence, encryptForEvidence } from "./load-evidence.ts"
import { type Hold, type Note, type NoteKind, validateNote } from "../retention.ts"
import * as store from "../store/holds.ts"

/** Adds a note and returns its id. */
export async function addNote(ctx: ActionContext, evidence: string, about: NoteKind, text: string): Promise<string> {
    const trimmed = validateNote(text)
    const by = await lockEvidenceForStaff(ctx, evidence)
    const id = ctx.services.newId()
    const text_ciphertext = await encryptForEvidence(ctx, evidence, notePlace(id), trimmed)
    await store.insertNote(ctx.tx, { id, evidence, about, text_ciphertext, by, at: ctx.now })
    await record(ctx, { kind: "evidence.note_added", evidence, note: id, about }, true)
    return id
}

/** Lists the notes, oldest first. */
export async function listNotes(ctx: ActionContext, evidence: string): Promise<Note[]> {
    const notes: Note[] = []
    for (const { id, about, by, at, text_ciphertext } of await store.listNotes(ctx.tx, evidence)) {
        notes.push({ id, about, by, at, text: await decryptForEvidence(ctx, evidence, notePlace(id), text_ciphertext) })
    }
    return notes
}

/** Sets a legal hold and returns its id. Refuses `evidence.already_on_hold`. */
export async function setHold(ctx: ActionContext, evidence: string, reason: string): Promise<string> {
    const trimmed = validateNote(reason)
    const by = await lockEvidenceForStaff(ctx, evidence)
    if (await store.findHold(ctx.tx, evidence))
        refuse("conflict", "evidence.already_on_hold", "this evidence is already under legal hold")
    const id = ctx.services.newId()
    const reason_ciphertext = await encryptForEvidence(ctx, evidence, holdPlace(id), trimmed)
    await store.insertHold(ctx.tx, { id, evidence, reason_ciphertext, set_by: by, set_at: ctx.now })
    await record(ctx, { kind: "evidence.hold_placed", evidence, hold: id }, true)
    return id
}

/** Loads the current legal hold, or null. */
export async function findHold(ctx: ActionContext, evidence: string): Promise<Hold | null> {
    const row = await store.findHold(ctx.tx, evidence)
    if (!row) return null
    const reason = await decryptForEvidence(ctx, evidence, holdPlace(row.id), row.reason_ciphertext)
    return { id: row.id, reason, setBy: row.set_by, setAt: row.set_at }
}

/** Refuses `evidence.on_hold` for evidence under legal hold. */
export async function assertNotHeld(ctx: ActionContext, evidence: string): Promise<void> {
    if (!(await store.findHold(ctx.tx, evidence))) return
    refuse("conflict", "evidence.on_hold", "this evidence is under legal hold: lift the hold first")
}

/** Lists the evidence under legal hold. */
export async function listHeldEvidence(ctx: ActionContext): Promise<ReadonlySet<string>> {
    return new Set(await store.listHeldEvidence(ctx.tx))
}

/** Returns the id of the current hold. Refuses `evidence.not_on_hold`. */
export async function loadHoldId(ctx: ActionContext, evidence: string): Promise<string> {
    return (
        (await store.findHold(ctx.tx, evidence)) ??
        refuse("conflict", "evidence.not_on_hold", "this evidence is not under legal hold")
    ).id
}

/** Ends a hold that two people have lifted. */
export async function endHold(ctx: ActionContext, { evidence, hold, approval }: HoldLift): Promise<void> {
    await store.liftHold(ctx.tx, hold, ctx.now)
    await record(ctx, { kind: "evidence.hold_lifted", evidence, hold, approval }, true)
}

interface HoldLift {
    readonly evidence: string
    readonly hold: string
    readonly approval: string
}

/**
 * Locks evidence against deletion until the transaction ends, and returns the acting person. Refuses
 * `evidence.already_deleted` and `evidence.staff_only`.
 */
export async function lockEvidenceForStaff(ctx: ActionContext, evidence: string): Promise<string> {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "evidence.staff_only", "only staff can use evidence")
    await lockEvidence(ctx, evidence)
    return ctx.actor.person
}

/** Locks evidence in the same way for automatic actions. Refuses `evidence.already_deleted`. */
export async function lockEvidence(ctx: ActionContext, evidence: string): Promise<void> {
    await loadEvidence(ctx, evidence)
    if (await lockEvidenceIfPresent(ctx, evidence)) return
    refuse(
        "conflict",
        "evidence.already_deleted",
        "this evidence was deleted: only its hash and chain of custody are left",
    )
}

/**
 * Locks evidence before a result is stored, and returns whether it exists. It is not deleted until the transaction
 * ends.
 */
export async function lockEvidenceIfPresent(ctx: ActionContext, evidence: string): Promise<boolean> {
    await store.lockEvidence(ctx.tx, evidence)
    return (await store.findDeletion(ctx.tx, evidence)) === undefined
}

const notePlace = (id: string): string => `evidence_notes.text:${id}`
const holdPlace = (id: string): string => `evidence_holds.reason:${id}`

/**
 * What is said of evidence later, and the legal hold: whoever may file sets one, two people lift it, and while it lasts
 * nothing of the evidence can be deleted.
 */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { evidenceOf, openWith, sealWith } from "../actions.ts"
import { type Hold, type Note, type NoteKind, validateNote } from "../retention.ts"
import * as store from "../store/holds.ts"

export async function addNote(ctx: ActionContext, evidence: string, about: NoteKind, text: string): Promise<string> {
    const input = validateNote(text)
    const by = await assertExists(ctx, evidence)
    const id = ctx.services.newId()
    const text_ciphertext = await sealWith(ctx, evidence, notePlace(id), input)
    await store.insertNote(ctx.tx, { id, evidence, about, text_ciphertext, by, at: ctx.now })
    await record(ctx, { kind: "evidence.note_added", evidence, note: id, about }, true)
    return id
}

/** Oldest first. */
export async function notesOf(ctx: ActionContext, evidence: string): Promise<Note[]> {
    const notes: Note[] = []
    for (const { id, about, by, at, text_ciphertext } of await store.listNotes(ctx.tx, evidence)) {
        notes.push({ id, about, by, at, text: await openWith(ctx, evidence, notePlace(id), text_ciphertext) })
    }
    return notes
}

export async function setHold(ctx: ActionContext, evidence: string, reason: string): Promise<string> {
    const input = validateNote(reason)
    const by = await assertExists(ctx, evidence)
    if (await store.hold(ctx.tx, evidence))
        refuse("conflict", "evidence.already_on_hold", "it is under legal hold already")
    const id = ctx.services.newId()
    const reason_ciphertext = await sealWith(ctx, evidence, holdPlace(id), input)
    await store.insertHold(ctx.tx, { id, evidence, reason_ciphertext, set_by: by, set_at: ctx.now })
    await record(ctx, { kind: "evidence.hold_placed", evidence, hold: id }, true)
    return id
}

/** The one that lasts; null where none does. */
export async function holdOf(ctx: ActionContext, evidence: string): Promise<Hold | null> {
    const row = await store.hold(ctx.tx, evidence)
    if (!row) return null
    const reason = await openWith(ctx, evidence, holdPlace(row.id), row.reason_ciphertext)
    return { id: row.id, reason, setBy: row.set_by, setAt: row.set_at }
}

/** Refuses `evidence.held`: whatever else was decided, it is not deleted. */
export async function assertNotHeld(ctx: ActionContext, evidence: string): Promise<void> {
    if (!(await store.hold(ctx.tx, evidence))) return
    refuse("conflict", "evidence.on_hold", "it is under legal hold: two people lift that first")
}

export async function heldEvidence(ctx: ActionContext): Promise<ReadonlySet<string>> {
    return new Set(await store.held(ctx.tx))
}

/** The id of the hold that lasts. Refuses `evidence.not_on_hold`. */
export async function assertHeld(ctx: ActionContext, evidence: string): Promise<string> {
    return ((await store.hold(ctx.tx, evidence)) ?? refuse("conflict", "evidence.not_on_hold", "no legal hold lasts"))
        .id
}

/** For whoever has two people's word for it. */
export async function endHold(ctx: ActionContext, { evidence, hold, approval }: Ending): Promise<void> {
    await store.liftHold(ctx.tx, hold, ctx.now)
    await record(ctx, { kind: "evidence.hold_lifted", evidence, hold, approval }, true)
}

interface Ending {
    readonly evidence: string
    readonly hold: string
    readonly approval: string
}

/** Held until the transaction ends: it is not deleted while something is said of it. Refuses `evidence.deleted`; tells who acts. */
export async function assertExists(ctx: ActionContext, evidence: string): Promise<string> {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "evidence.staff_only", "the operator keeps evidence")
    await assertNotDeleted(ctx, evidence)
    return ctx.actor.person
}

/** The same, for acts of the program too. */
export async function assertNotDeleted(ctx: ActionContext, evidence: string): Promise<void> {
    await evidenceOf(ctx, evidence)
    if (await isStillThere(ctx, evidence)) return
    refuse("conflict", "evidence.already_deleted", "it was deleted: its hash and its custody are left")
}

/** Asked before anything that was found out from it is kept: from then on until the transaction ends it is not deleted. */
export async function isStillThere(ctx: ActionContext, evidence: string): Promise<boolean> {
    await store.lockEvidence(ctx.tx, evidence)
    return (await store.findDeletion(ctx.tx, evidence)) === undefined
}

const notePlace = (id: string): string => `evidence_notes.text:${id}`
const holdPlace = (id: string): string => `evidence_holds.reason:${id}`

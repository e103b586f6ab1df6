/**
 * What is said of evidence later, and the legal hold: whoever may file sets one, two people lift it, and while it lasts
 * nothing of the evidence can be deleted.
 */
import { refuse } from "../../../lib/refusal.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { evidenceOf, openWith, sealWith } from "../actions.ts"
import { type Hold, type Note, type NoteKind, mustBeSaid } from "../keeping.ts"
import * as store from "../store/keeping.ts"

export async function addNote(act: Act, evidence: string, about: NoteKind, text: string): Promise<string> {
    const said = mustBeSaid(text)
    const by = await mustBeThere(act, evidence)
    const id = act.doors.newId()
    const text_ciphertext = await sealWith(act, evidence, notePlace(id), said)
    await store.insertNote(act.tx, { id, evidence, about, text_ciphertext, by, at: act.now })
    await record(act, { kind: "evidence.note_added", evidence, note: id, about }, true)
    return id
}

/** Oldest first. */
export async function notesOf(act: Act, evidence: string): Promise<Note[]> {
    const notes: Note[] = []
    for (const { id, about, by, at, text_ciphertext } of await store.notes(act.tx, evidence)) {
        notes.push({ id, about, by, at, text: await openWith(act, evidence, notePlace(id), text_ciphertext) })
    }
    return notes
}

export async function setHold(act: Act, evidence: string, reason: string): Promise<string> {
    const said = mustBeSaid(reason)
    const by = await mustBeThere(act, evidence)
    if (await store.hold(act.tx, evidence))
        refuse("conflict", "evidence.already_on_hold", "it is under legal hold already")
    const id = act.doors.newId()
    const reason_ciphertext = await sealWith(act, evidence, holdPlace(id), said)
    await store.insertHold(act.tx, { id, evidence, reason_ciphertext, set_by: by, set_at: act.now })
    await record(act, { kind: "evidence.hold_placed", evidence, hold: id }, true)
    return id
}

/** The one that lasts; null where none does. */
export async function holdOf(act: Act, evidence: string): Promise<Hold | null> {
    const row = await store.hold(act.tx, evidence)
    if (!row) return null
    const reason = await openWith(act, evidence, holdPlace(row.id), row.reason_ciphertext)
    return { id: row.id, reason, setBy: row.set_by, setAt: row.set_at }
}

/** Refuses `evidence.held`: whatever else was decided, it is not deleted. */
export async function mustNotBeHeld(act: Act, evidence: string): Promise<void> {
    if (!(await store.hold(act.tx, evidence))) return
    refuse("conflict", "evidence.on_hold", "it is under legal hold: two people lift that first")
}

export async function heldEvidence(act: Act): Promise<ReadonlySet<string>> {
    return new Set(await store.held(act.tx))
}

/** The id of the hold that lasts. Refuses `evidence.not_on_hold`. */
export async function mustBeHeld(act: Act, evidence: string): Promise<string> {
    return ((await store.hold(act.tx, evidence)) ?? refuse("conflict", "evidence.not_on_hold", "no legal hold lasts"))
        .id
}

/** For whoever has two people's word for it. */
export async function endHold(act: Act, { evidence, hold, approval }: Ending): Promise<void> {
    await store.liftHold(act.tx, hold, act.now)
    await record(act, { kind: "evidence.hold_lifted", evidence, hold, approval }, true)
}

interface Ending {
    readonly evidence: string
    readonly hold: string
    readonly approval: string
}

/** Held until the transaction ends: it is not deleted while something is said of it. Refuses `evidence.deleted`; tells who acts. */
export async function mustBeThere(act: Act, evidence: string): Promise<string> {
    if (act.actor.kind !== "operator") refuse("forbidden", "evidence.staff_only", "the operator keeps evidence")
    await mustNotBeDeleted(act, evidence)
    return act.actor.person
}

/** The same, for acts of the program too. */
export async function mustNotBeDeleted(act: Act, evidence: string): Promise<void> {
    await evidenceOf(act, evidence)
    if (await isStillThere(act, evidence)) return
    refuse("conflict", "evidence.already_deleted", "it was deleted: its hash and its custody are left")
}

/** Asked before anything that was found out from it is kept: from then on until the transaction ends it is not deleted. */
export async function isStillThere(act: Act, evidence: string): Promise<boolean> {
    await store.lockEvidence(act.tx, evidence)
    return (await store.deletion(act.tx, evidence)) === undefined
}

const notePlace = (id: string): string => `evidence_notes.text:${id}`
const holdPlace = (id: string): string => `evidence_holds.reason:${id}`

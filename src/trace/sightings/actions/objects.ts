/**
 * The objects that a partner's machines sent with its sightings, as they came, for the partner to read back and to delete;
 * and what became of each request. They lie sealed with their case: of two cases one object is kept twice.
 */
import { createHmac } from "node:crypto"
import { refuse } from "../../../lib/refusal.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { opened, sealed } from "../../../share/cases/actions.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { casesHidden, withinCircle } from "../../../trust/partners/actions/circles.ts"
import { instantOf } from "../../../lib/stix/object.ts"
import { objectsMax } from "../sighting.ts"
import * as store from "../store/objects.ts"
import { type NewSighting, keepSightings, withdrawSighting } from "./reporting.ts"

export type KeptObject = store.ObjectRow

/** What whoever acts may see of what its partner sent, in the order in which it came. */
export async function ownObjects(act: Act): Promise<KeptObject[]> {
    return await withinCircle(act, await store.objectsOf(act.tx, partnerOf(act).partner))
}

/** Another one whenever `ownObjects` has other rows: rows come and go, and none ever changes. */
export async function ownObjectsFingerprint(act: Act): Promise<string> {
    const state = await store.objectsState(act.tx, partnerOf(act).partner)
    return JSON.stringify([state, [...(await casesHidden(act))].toSorted()])
}

/** Of these, by the ids of objects: each version in each case that it was kept with. */
export async function ownObjectsCalled(act: Act, ids: readonly string[]): Promise<KeptObject[]> {
    const names = [...new Set(ids)].map((id) => nameOfObject(act, id))
    return await withinCircle(act, await store.objectsNamed(act.tx, partnerOf(act).partner, names))
}

/** What an object is called in rows: nobody finds out its id from that. */
export function nameOfObject(act: Act, id: string): string {
    const key = act.doors.keys.derive(`sighting-objects:${partnerOf(act).partner}`, 32)
    return createHmac("sha256", key).update(id).digest("hex").slice(0, 32)
}

/** JSON, by the ids of rows. */
export async function textsOf(act: Act, rows: readonly string[]): Promise<Map<string, string>> {
    const texts = new Map<string, string>()
    for (const { id, case: of, box } of await store.boxesOf(act.tx, rows)) {
        texts.set(id, await opened(act, of, place(id), box))
    }
    return texts
}

export interface NewObject {
    readonly id: string
    readonly type: string
    readonly version: string
    readonly text: string
}

/** What is new of one case, each once; the partner's lock is held. Refuses before it writes. */
export async function keepPosted(
    act: Act,
    of: string,
    sightings: readonly NewSighting[],
    objects: readonly NewObject[],
): Promise<void> {
    const { partner } = partnerOf(act)
    if (!((await store.countObjects(act.tx, partner, of)) + objects.length <= objectsMax)) {
        refuse("conflict", "sighting.too_many_objects", `of one warning \`${objectsMax}\` objects are kept at most`)
    }
    await keepSightings(act, of, sightings, objects.length)
    const rows: Parameters<typeof store.insertObjects>[1][number][] = []
    for (const { id: called, type, version, text } of objects) {
        const id = act.doors.newId()
        const [name, box] = [nameOfObject(act, called), await sealed(act, of, place(id), text)]
        rows.push({ id, partner, case: of, name, type, version, chars: text.length, box })
    }
    await store.insertObjects(act.tx, rows)
}

/** Deletes these, of one object; reports that came as such are withdrawn, and stay with the operator. */
export async function deleteOwn(act: Act, called: string, rows: readonly KeptObject[]): Promise<void> {
    await store.deleteObjects(
        act.tx,
        rows.map(({ id }) => id),
    )
    const reference = called.startsWith("sighting--") ? called.slice("sighting--".length) : null
    for (const [of, its] of Map.groupBy(rows, (one) => one.case)) {
        const versions = its.map(({ version }) => instantOf(version) ?? "")
        await withdrawSighting(act, of, reference, versions, its.length)
    }
}

/** For whoever asks to find again, and for nobody else. */
export async function keepStatus(act: Act, id: string, status: object): Promise<void> {
    const { partner, person } = partnerOf(act)
    await store.forgetStatuses(act.tx)
    const box = await seal(act.tx, act.doors.keys, `partner:${partner}`, statusPlace(id), JSON.stringify(status))
    await store.insertStatus(act.tx, id, person, box)
}

/** JSON; null for what is not there, and what is not of whoever acts. */
export async function ownStatus(act: Act, id: string): Promise<string | null> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return null
    const { partner, person } = partnerOf(act)
    const box = await store.statusOf(act.tx, id, person)
    return box && (await unseal(act.tx, act.doors.keys, `partner:${partner}`, statusPlace(id.toLowerCase()), box))
}

const place = (id: string): string => `sighting_objects.object:${id}`
const statusPlace = (id: string): string => `sighting_statuses.status:${id}`

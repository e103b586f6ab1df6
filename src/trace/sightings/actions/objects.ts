/**
 * The objects that a partner's machines sent with its sightings, as they came, for the partner to read back and to delete;
 * and what became of each request. They lie sealed with their case: of two cases one object is kept twice.
 */
import { createHmac, createSecretKey } from "node:crypto"
import { Refusal, refuse } from "../../../lib/refusal.ts"
import { holdKeys, seal, unseal } from "../../../platform/vault.ts"
import { holdCases, opened, sealed } from "../../../share/cases/actions.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { casesHidden, withinCircle } from "../../../trust/partners/actions/circles.ts"
import { instantOf } from "../../../lib/stix/object.ts"
import { objectsMax } from "../sighting.ts"
import * as store from "../store/objects.ts"
import { type NewSighting, keepWeighed, mustHaveRoom, weighReports, withdrawSighting } from "./reporting.ts"

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
    return await ownObjectsNamed(act, [...namesOfObjects(act, ids).values()])
}

/** As `ownObjectsCalled`, by what they are called in rows. */
export async function ownObjectsNamed(act: Act, names: readonly string[]): Promise<KeptObject[]> {
    const named = store.objectsNamed(act.tx, partnerOf(act).partner, names)
    const [rows, hidden] = await Promise.all([named, casesHidden(act)])
    return rows.filter((one) => !hidden.has(one.case))
}

/** What an object is called in rows: nobody finds out its id from that. */
export function nameOfObject(act: Act, id: string): string {
    return namesOfObjects(act, [id]).get(id) ?? ""
}

/** As `nameOfObject`, by id. A key handed over as an object costs a sixth of the same key handed over as bytes. */
export function namesOfObjects(act: Act, ids: readonly string[]): Map<string, string> {
    const key = createSecretKey(act.doors.keys.derive(`sighting-objects:${partnerOf(act).partner}`, 32))
    const nameOf = (id: string) => createHmac("sha256", key).update(id).digest("hex").slice(0, 32)
    return new Map([...new Set(ids)].map((id) => [id, nameOf(id)]))
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
    /** What it is called in rows. */
    readonly name: string
    readonly type: string
    readonly version: string
    readonly text: string
}

/** What is new of one case, each once. */
export interface Posted {
    readonly case: string
    readonly sightings: readonly NewSighting[]
    readonly objects: readonly NewObject[]
}

/**
 * Keeps what is new, of different cases; the partner's lock is held. Each case stands by itself: of one that is refused
 * nothing is kept, and why is told by its id. What is kept is written with the commit.
 */
export async function keepPosted(act: Act, posted: readonly Posted[]): Promise<Map<string, Refusal>> {
    const cases = posted.map((one) => one.case)
    const told = posted.map((one) => ({ ...one, objects: one.objects.length }))
    const [counts, weighed] = await Promise.all([
        store.countObjects(act.tx, partnerOf(act).partner, cases),
        weighReports(act, told),
        holdCases(act, cases),
    ])
    const refused = new Map<string, Refusal>()
    for (const one of weighed) {
        try {
            mustHaveRoomForObjects(counts.get(one.case) ?? 0, one.objects)
            mustHaveRoom(one)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            refused.set(one.case, error)
        }
    }
    const kept = weighed.filter((one) => !refused.has(one.case))
    await keepWeighed(act, kept)
    await keepObjects(
        act,
        posted.filter((one) => !refused.has(one.case)),
    )
    return refused
}

function mustHaveRoomForObjects(count: number, more: number): void {
    if (count + more <= objectsMax) return
    refuse("conflict", "sighting.too_many_objects", `of one warning \`${objectsMax}\` objects are kept at most`)
}

async function keepObjects(act: Act, posted: readonly Posted[]): Promise<void> {
    const rows: store.NewRow[] = []
    for (const { case: of, objects } of posted) {
        for (const { text, ...its } of objects) {
            const id = act.doors.newId()
            const box = await sealed(act, of, place(id), text)
            rows.push({ ...its, id, case: of, chars: text.length, box })
        }
    }
    if (rows.length > 0) store.insertObjectsLast(act.tx, partnerOf(act).partner, rows)
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

/** Of what `keepStatus` seals with: read side by side with what is asked before it. */
export async function holdStatuses(act: Act): Promise<void> {
    await holdKeys(act.tx, act.doors.keys, [statusScope(act)])
}

/** For whoever asks to find again, and for nobody else; with the commit. */
export async function keepStatus(act: Act, id: string, status: object): Promise<void> {
    const box = await seal(act.tx, act.doors.keys, statusScope(act), statusPlace(id), JSON.stringify(status))
    store.insertStatusLast(act.tx, id, partnerOf(act).person, box)
}

/** JSON; null for what is not there, and what is not of whoever acts. */
export async function ownStatus(act: Act, id: string): Promise<string | null> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return null
    const box = await store.statusOf(act.tx, id, partnerOf(act).person)
    return box && (await unseal(act.tx, act.doors.keys, statusScope(act), statusPlace(id.toLowerCase()), box))
}

const statusScope = (act: Act): string => `partner:${partnerOf(act).partner}`
const place = (id: string): string => `sighting_objects.object:${id}`
const statusPlace = (id: string): string => `sighting_statuses.status:${id}`

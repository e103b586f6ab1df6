/**
 * The objects that a partner's machines sent with its sightings, as they came, for the partner to read back and to delete;
 * and what became of each request. They lie sealed with their case: of two cases one object is kept twice.
 */
import { createHmac, createSecretKey } from "node:crypto"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { holdKeys, seal, unseal } from "../../../platform/crypto/vault.ts"
import { holdCases, opened, sealed } from "../../../share/cases/actions.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listCasesHidden, withinCircle } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { instantOf } from "@tocsin/formats/stix/object"
import { objectsMax } from "../sighting.ts"
import * as store from "../store/objects.ts"
import { type NewSighting, saveWeighed, assertRoom, weighReports, withdrawSighting } from "./report-sighting.ts"

export type KeptObject = store.ObjectRow

/** What whoever acts may see of what its partner sent, in the order in which it came. */
export async function ownObjects(ctx: ActionContext): Promise<KeptObject[]> {
    return await withinCircle(ctx, await store.listObjects(ctx.tx, partnerOf(ctx).partner))
}

/** Another one whenever `ownObjects` has other rows: rows come and go, and none ever changes. */
export async function ownObjectsFingerprint(ctx: ActionContext): Promise<string> {
    const state = await store.loadObjectsState(ctx.tx, partnerOf(ctx).partner)
    return JSON.stringify([state, [...(await listCasesHidden(ctx))].toSorted()])
}

/** Of these, by the ids of objects: each version in each case that it was kept with. */
export async function ownObjectsCalled(ctx: ActionContext, ids: readonly string[]): Promise<KeptObject[]> {
    return await ownObjectsNamed(ctx, [...namesOfObjects(ctx, ids).values()])
}

/** As `ownObjectsCalled`, by what they are called in rows. */
export async function ownObjectsNamed(ctx: ActionContext, names: readonly string[]): Promise<KeptObject[]> {
    const named = store.listObjectsNamed(ctx.tx, partnerOf(ctx).partner, names)
    const [rows, hidden] = await Promise.all([named, listCasesHidden(ctx)])
    return rows.filter((row) => !hidden.has(row.case))
}

/** What an object is called in rows: nobody finds out its id from that. */
export function nameOfObject(ctx: ActionContext, id: string): string {
    return namesOfObjects(ctx, [id]).get(id) ?? ""
}

/** As `nameOfObject`, by id. A key handed over as an object costs a sixth of the same key handed over as bytes. */
export function namesOfObjects(ctx: ActionContext, ids: readonly string[]): Map<string, string> {
    const key = createSecretKey(ctx.services.keys.derive(`sighting-objects:${partnerOf(ctx).partner}`, 32))
    const nameOf = (id: string) => createHmac("sha256", key).update(id).digest("hex").slice(0, 32)
    return new Map([...new Set(ids)].map((id) => [id, nameOf(id)]))
}

/** JSON, by the ids of rows. */
export async function textsOf(ctx: ActionContext, rows: readonly string[]): Promise<Map<string, string>> {
    const texts = new Map<string, string>()
    for (const { id, case: caseId, box } of await store.listBoxes(ctx.tx, rows)) {
        texts.set(id, await opened(ctx, caseId, place(id), box))
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
export async function savePosted(ctx: ActionContext, posted: readonly Posted[]): Promise<Map<string, Refusal>> {
    const cases = posted.map((posted) => posted.case)
    const notified = posted.map((posted) => ({ ...posted, objects: posted.objects.length }))
    const [counts, weighed] = await Promise.all([
        store.countObjects(ctx.tx, partnerOf(ctx).partner, cases),
        weighReports(ctx, notified),
        holdCases(ctx, cases),
    ])
    const refused = new Map<string, Refusal>()
    for (const weighing of weighed) {
        try {
            assertHasRoomForObjects(counts.get(weighing.case) ?? 0, weighing.objects)
            assertRoom(weighing)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            refused.set(weighing.case, error)
        }
    }
    const kept = weighed.filter((weighing) => !refused.has(weighing.case))
    await saveWeighed(ctx, kept)
    await saveObjects(
        ctx,
        posted.filter((posted) => !refused.has(posted.case)),
    )
    return refused
}

function assertHasRoomForObjects(count: number, more: number): void {
    if (count + more <= objectsMax) return
    refuse("conflict", "sighting.too_many_objects", `of one warning \`${objectsMax}\` objects are kept at most`)
}

async function saveObjects(ctx: ActionContext, posted: readonly Posted[]): Promise<void> {
    const rows: store.NewRow[] = []
    for (const { case: caseId, objects } of posted) {
        for (const { text, ...rest } of objects) {
            const id = ctx.services.newId()
            const box = await sealed(ctx, caseId, place(id), text)
            rows.push({ ...rest, id, case: caseId, chars: text.length, box })
        }
    }
    if (rows.length > 0) store.insertObjectsLast(ctx.tx, partnerOf(ctx).partner, rows)
}

/** Deletes these, of one object; reports that came as such are withdrawn, and stay with the operator. */
export async function deleteOwn(ctx: ActionContext, called: string, rows: readonly KeptObject[]): Promise<void> {
    await store.deleteObjects(
        ctx.tx,
        rows.map(({ id }) => id),
    )
    const reference = called.startsWith("sighting--") ? called.slice("sighting--".length) : null
    for (const [subject, entries] of Map.groupBy(rows, (row) => row.case)) {
        const versions = entries.map(({ version }) => instantOf(version) ?? "")
        await withdrawSighting(ctx, subject, reference, versions, entries.length)
    }
}

/** Of what `keepStatus` seals with: read side by side with what is asked before it. */
export async function holdStatuses(ctx: ActionContext): Promise<void> {
    await holdKeys(ctx.tx, ctx.services.keys, [statusScope(ctx)])
}

/** For whoever asks to find again, and for nobody else; with the commit. */
export async function saveStatus(ctx: ActionContext, id: string, status: object): Promise<void> {
    const box = await seal(ctx.tx, ctx.services.keys, statusScope(ctx), statusPlace(id), JSON.stringify(status))
    store.insertStatusLast(ctx.tx, id, partnerOf(ctx).person, box)
}

/** JSON; null for what is not there, and what is not of whoever acts. */
export async function ownStatus(ctx: ActionContext, id: string): Promise<string | null> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return null
    const box = await store.findStatus(ctx.tx, id, partnerOf(ctx).person)
    return box && (await unseal(ctx.tx, ctx.services.keys, statusScope(ctx), statusPlace(id.toLowerCase()), box))
}

const statusScope = (ctx: ActionContext): string => `partner:${partnerOf(ctx).partner}`
const place = (id: string): string => `sighting_objects.object:${id}`
const statusPlace = (id: string): string => `sighting_statuses.status:${id}`

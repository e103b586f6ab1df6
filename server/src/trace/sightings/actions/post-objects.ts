/**
 * Stores the objects that partners' clients post with sightings, and the status of each request. Partners can read and
 * delete them. Each object is encrypted with its case; an object of two cases is stored twice.
 */
import { createHmac, createSecretKey } from "node:crypto"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { loadKeys, encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import {
    loadCaseKeys,
    decryptForCase,
    encryptForCase,
    listDeletedCases,
} from "../../../share/cases/actions/load-case.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { listHeldCases } from "../../../share/cases/actions/hold-case.ts"
import { partnerOf } from "../../../share/delivery/actions/project-warnings.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listHiddenCases } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { instantOf } from "@tocsin/formats/stix/object"
import { objectsMax } from "../sighting.ts"
import * as store from "../store/objects.ts"
import {
    type NewSighting,
    saveSubmissions,
    assertHasRoom,
    assessSubmissions,
    withdrawVersions,
} from "./report-sighting.ts"

export type PartnerObject = store.ObjectRow

/** Lists the objects of the actor's partner that the actor may see, in order of arrival. */
export async function listObjectsForPartner(ctx: ActionContext): Promise<PartnerObject[]> {
    const hidden = await listUnreadableCases(ctx)
    return (await store.listObjects(ctx.tx, partnerOf(ctx).partner)).filter((row) => !hidden.has(row.case))
}

/** Returns the cases that the actor may not see, and those whose content was deleted. */
async function listUnreadableCases(ctx: ActionContext): Promise<ReadonlySet<string>> {
    const [hidden, deleted] = await Promise.all([listHiddenCases(ctx), listDeletedCases(ctx)])
    return new Set([...hidden, ...deleted])
}

/** Returns a value that changes with the rows of `listObjectsForPartner`. Rows never change after insertion. */
export async function loadObjectsFingerprint(ctx: ActionContext): Promise<string> {
    const state = await store.loadObjectsState(ctx.tx, partnerOf(ctx).partner)
    return JSON.stringify([state, [...(await listUnreadableCases(ctx))].toSorted()])
}

/** Lists the objects with these ids, in each version and case. */
export async function listObjectsById(ctx: ActionContext, ids: readonly string[]): Promise<PartnerObject[]> {
    return await listObjectsByName(ctx, [...namesOfObjects(ctx, ids).values()])
}

/** Lists the objects with these row names. */
export async function listObjectsByName(ctx: ActionContext, names: readonly string[]): Promise<PartnerObject[]> {
    const objects = store.listObjectsByName(ctx.tx, partnerOf(ctx).partner, names)
    const [rows, hidden] = await Promise.all([objects, listUnreadableCases(ctx)])
    return rows.filter((row) => !hidden.has(row.case))
}

/** Returns an object's name in rows. It does not reveal the id. */
export function nameOfObject(ctx: ActionContext, id: string): string {
    return namesOfObjects(ctx, [id]).get(id) ?? ""
}

/** Returns the row names by id. A key object makes this six times as fast as key bytes do. */
export function namesOfObjects(ctx: ActionContext, ids: readonly string[]): Map<string, string> {
    const key = createSecretKey(ctx.services.keys.derive(`sighting-objects:${partnerOf(ctx).partner}`, 32))
    const nameOf = (id: string) => createHmac("sha256", key).update(id).digest("hex").slice(0, 32)
    return new Map([...new Set(ids)].map((id) => [id, nameOf(id)]))
}

/** Decrypts the JSON texts of rows, by row id. */
export async function loadObjectTexts(ctx: ActionContext, rows: readonly string[]): Promise<Map<string, string>> {
    const texts = new Map<string, string>()
    for (const { id, case: caseId, ciphertext } of await store.listCiphertexts(ctx.tx, rows)) {
        texts.set(id, await decryptForCase(ctx, caseId, place(id), ciphertext))
    }
    return texts
}

export interface NewObject {
    /** The name in rows. */
    readonly name: string
    readonly type: string
    readonly version: string
    readonly text: string
}

/** New objects of one case, each once. */
export interface CasePost {
    readonly case: string
    readonly sightings: readonly NewSighting[]
    readonly objects: readonly NewObject[]
}

/**
 * Stores new objects of different cases with the commit. The caller holds the partner's lock. Returns a refusal by case
 * for cases that are refused; nothing of them is stored.
 */
export async function savePosts(ctx: ActionContext, posts: readonly CasePost[]): Promise<Map<string, Refusal>> {
    const cases = posts.map((posts) => posts.case)
    const submissions = posts.map((posts) => ({ ...posts, objects: posts.objects.length }))
    const [counts, assessed] = await Promise.all([
        store.countObjects(ctx.tx, partnerOf(ctx).partner, cases),
        assessSubmissions(ctx, submissions),
        loadCaseKeys(ctx, cases),
    ])
    const refused = new Map<string, Refusal>()
    for (const submission of assessed) {
        try {
            assertHasRoomForObjects(counts.get(submission.case) ?? 0, submission.objects)
            assertHasRoom(submission)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            refused.set(submission.case, error)
        }
    }
    const accepted = assessed.filter((submission) => !refused.has(submission.case))
    await saveSubmissions(ctx, accepted)
    await saveObjects(
        ctx,
        posts.filter((posts) => !refused.has(posts.case)),
    )
    return refused
}

function assertHasRoomForObjects(count: number, more: number): void {
    if (count + more <= objectsMax) return
    refuse(
        "conflict",
        "sighting.too_many_objects",
        `a warning can have \`${objectsMax}\` objects at most: delete some first`,
        { max: objectsMax },
    )
}

async function saveObjects(ctx: ActionContext, posts: readonly CasePost[]): Promise<void> {
    const rows: store.NewObjectRow[] = []
    for (const { case: caseId, objects } of posts) {
        for (const { text, ...rest } of objects) {
            const id = ctx.services.newId()
            const ciphertext = await encryptForCase(ctx, caseId, place(id), text)
            rows.push({ ...rest, id, case: caseId, chars: text.length, ciphertext })
        }
    }
    if (rows.length > 0) store.insertObjectsLast(ctx.tx, partnerOf(ctx).partner, rows)
}

/**
 * Deletes these rows of one object. Withdraws the reports that came as this object; staff keep them.
 *
 * `forgetObjectsJob` removes them, except under legal hold. This action does not ask for holds: neither an answer nor
 * its time shows the partner that a court or an authority looks at the case, and perhaps at the partner.
 */
export async function deletePostedObject(
    ctx: ActionContext,
    objectId: string,
    rows: readonly PartnerObject[],
): Promise<void> {
    const ids = rows.map(({ id }) => id)
    await store.deleteObjects(ctx.tx, ids, ctx.now)
    const reference = objectId.startsWith("sighting--") ? objectId.slice("sighting--".length) : null
    for (const [caseId, entries] of Map.groupBy(rows, (row) => row.case)) {
        const versions = entries.map(({ version }) => instantOf(version) ?? "")
        await withdrawVersions(ctx, caseId, reference, versions, entries.length)
    }
}

/** Removes the objects that partners deleted, of each case without a legal hold. */
export const forgetObjectsJob: BackgroundJob = {
    name: "forgetting-objects",
    runsSeldom: true,
    workSql: store.deletedObjectsQuery,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const ctx: ActionContext = { tx, now, services, actor: { kind: "system", component: "forgetting-objects" } }
            const cases = await store.listCasesOfDeletedObjects(tx)
            const held = await listHeldCases(ctx, cases)
            await store.forgetDeletedObjects(
                tx,
                cases.filter((id) => !held.has(id)),
            )
            return false
        }),
}

/** Prepares the keys of `saveStatus`, in parallel with earlier reads. */
export async function loadStatusKeys(ctx: ActionContext): Promise<void> {
    await loadKeys(ctx.tx, [statusScope(ctx)])
}

/** Stores a request's status for its person, with the commit. */
export async function saveStatus(ctx: ActionContext, id: string, status: object): Promise<void> {
    const ciphertext = await encryptText(
        ctx.tx,
        ctx.services.keys,
        statusScope(ctx),
        statusPlace(id),
        JSON.stringify(status),
    )
    store.insertStatusLast(ctx.tx, id, partnerOf(ctx).person, ciphertext)
}

/** Returns the status as JSON. Returns null for an unknown id, or for another person's. */
export async function findStatusForPerson(ctx: ActionContext, id: string): Promise<string | null> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return null
    const ciphertext = await store.findStatus(ctx.tx, id, partnerOf(ctx).person)
    return (
        ciphertext &&
        (await decryptText(ctx.tx, ctx.services.keys, statusScope(ctx), statusPlace(id.toLowerCase()), ciphertext))
    )
}

const statusScope = (ctx: ActionContext): string => `partner:${partnerOf(ctx).partner}`
const place = (id: string): string => `sighting_objects.object:${id}`
const statusPlace = (id: string): string => `sighting_statuses.status:${id}`

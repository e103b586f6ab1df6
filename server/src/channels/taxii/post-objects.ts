/**
 * Adds posted objects to the sightings. Each object succeeds or fails separately, known ones stay unchanged, and the
 * poster gets a status. A sighting must refer to an object that the poster can see now. Hidden and unknown targets get
 * the same answer.
 */
import { Refusal } from "@tocsin/base/refusal"
import { formatInstant } from "@tocsin/base/instant"
import { instantOf } from "@tocsin/formats/stix/object"
import { lockToReport } from "../../kernel/locks.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import { readFeed } from "../../share/feed/actions/read-feed.ts"
import type { Rows } from "../../share/feed/rows.ts"
import {
    type PartnerObject,
    type NewObject,
    type CasePost,
    loadStatusKeys,
    savePosts,
    saveStatus,
    namesOfObjects,
    listObjectsByName,
} from "../../trace/sightings/actions/post-objects.ts"
import type { NewSighting } from "../../trace/sightings/actions/report-sighting.ts"
import { validateReport } from "../../trace/sightings/sighting.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { warningObjects } from "./objects.ts"
import { type PostedObject, referencedBy, reportOf, parseEnvelope } from "./sighting-objects.ts"
import type { EncodedObject } from "./encode.ts"

interface StatusDetail {
    readonly id: string
    readonly version: string
    readonly message?: string
}

/** The status resource of TAXII, without empty lists. */
export interface PostStatus {
    readonly id: string
    readonly status: "complete"
    readonly request_timestamp: string
    readonly total_count: number
    readonly success_count: number
    readonly successes?: readonly StatusDetail[]
    readonly failure_count: number
    readonly failures?: readonly StatusDetail[]
    readonly pending_count: 0
}

/** Stores posted objects. Refuses what `parseEnvelope` refuses. */
export async function postObjects(ctx: ActionContext, body: unknown): Promise<PostStatus> {
    const posted = parseEnvelope(body)
    const ids = posted.map(({ id }) => id)
    const sightings = posted.filter(({ type }) => type === "sighting")
    const names = namesOfObjects(ctx, ids)
    // Takes the lock before it reads stored and visible objects.
    const [, stored, targets] = await Promise.all([
        lockToReport(ctx.tx, partnerOf(ctx).partner),
        listObjectsByName(ctx, [...names.values()]),
        findVisibleTargets(ctx, sightings),
        loadStatusKeys(ctx),
    ])
    const envelope = new PostedEnvelope(posted, names, stored)
    for (const sighting of sightings) envelope.placeSighting(sighting, targets, ctx.now)
    for (const item of posted) if (item.type !== "sighting") envelope.placeReferenced(item)
    const fresh = envelope.newByCase()
    const refusals = fresh.length === 0 ? new Map<string, Refusal>() : await savePosts(ctx, fresh)
    for (const { case: caseId, objects } of fresh) {
        const refusal = refusals.get(caseId)
        if (refusal !== undefined) envelope.refuseAll(objects, refusal.message)
    }
    const status = statusOf(ctx, envelope)
    await saveStatus(ctx, status.id, status)
    return status
}

/** Returns the target of a sighting; null for a faulty one. */
function targetOf({ object: { sighting_of_ref: target }, fault }: PostedObject): string | null {
    return fault === null && typeof target === "string" ? target : null
}

const sightable: ReadonlySet<string> = new Set(["vulnerability", "indicator"])
/** Targets found so far in a feed, each with its case. */
const knownTargets = new WeakMap<Rows<EncodedObject>, Map<string, string>>()

/** Finds the visible vulnerabilities and indicators that these sightings refer to, each with its case. */
async function findVisibleTargets(
    ctx: ActionContext,
    sightings: readonly PostedObject[],
): Promise<ReadonlyMap<string, string>> {
    const rows = await readFeed(ctx, warningObjects)
    const known = knownTargets.get(rows) ?? new Map<string, string>()
    knownTargets.set(rows, known)
    const wanted = new Set(sightings.flatMap((posted) => targetOf(posted) ?? []).filter((id) => !known.has(id)))
    if (wanted.size === 0) return known
    for (const { item: object } of rows) {
        const { id, type, group: part } = object
        if (wanted.has(id) && sightable.has(type) && part.case !== null) known.set(id, part.case)
    }
    return known
}

class PostedEnvelope {
    readonly posted: readonly PostedObject[]
    readonly faults = new Map<PostedObject, string>()
    readonly #names: ReadonlyMap<string, string>
    /** The cases in which each version is stored, by `#versionOf`. */
    readonly #stored: ReadonlyMap<string, ReadonlySet<string>>
    readonly #byId: ReadonlyMap<string, PostedObject>
    readonly #isLone: boolean
    readonly #cases = new Map<PostedObject, Set<string>>()
    /** Targets of all accepted sightings. */
    readonly #targetCases = new Set<string>()
    readonly #reports = new Map<PostedObject, NewSighting>()
    /** The cases of the sightings that refer to each id of the envelope. */
    readonly #casesByReference = new Map<string, Set<string>>()

    constructor(posted: readonly PostedObject[], names: ReadonlyMap<string, string>, stored: readonly PartnerObject[]) {
        this.posted = posted
        this.#names = names
        this.#stored = new Map(
            [...Map.groupBy(stored, versionKey)].map(([key, rows]) => [key, new Set(rows.map((row) => row.case))]),
        )
        this.#byId = new Map(posted.filter(({ fault }) => fault === null).map((posted) => [posted.id, posted]))
        this.#isLone = posted.filter(({ type }) => type === "sighting").length === 1
    }

    /** Assigns a sighting to its target's case, and a stored object to its stored case. */
    placeSighting(posted: PostedObject, targets: ReadonlyMap<string, string>, now: number): void {
        const referenced = referencedBy(posted, this.#byId)
        const [storedCase] = this.#storedCasesOf(posted)
        if (storedCase !== undefined) return this.#assign(posted, referenced, storedCase)
        if (posted.fault !== null) return this.refuse(posted, posted.fault)
        const caseId = targets.get(targetOf(posted) ?? "")
        if (caseId === undefined) return this.refuse(posted, "`sighting_of_ref` refers to no object of your warnings")
        try {
            const report = reportOf(posted, this.#referencedObjects(posted, referenced))
            validateReport(report, now)
            const [reference, version] = [posted.id.slice("sighting--".length), instantOf(posted.version) ?? ""]
            this.#reports.set(posted, { ...report, reference, version, withdrawn: posted.object["revoked"] === true })
            this.#assign(posted, referenced, caseId)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            this.refuse(posted, error.message)
        }
    }

    /** A single sighting carries all other objects of the envelope. */
    #referencedObjects(posted: PostedObject, referenced: ReadonlySet<string>): PostedObject[] {
        return [...this.#byId.values()].filter(
            (object) => object !== posted && (this.#isLone || referenced.has(object.id)),
        )
    }

    #assign(posted: PostedObject, referenced: ReadonlySet<string>, caseId: string): void {
        this.#cases.set(posted, new Set([caseId]))
        this.#targetCases.add(caseId)
        for (const id of referenced) {
            this.#casesByReference.set(id, (this.#casesByReference.get(id) ?? new Set()).add(caseId))
        }
    }

    /**
     * Assigns a referenced object to each case of its sightings. An unreferenced object belongs to the only case, where
     * there is just one.
     */
    placeReferenced(posted: PostedObject): void {
        if (posted.fault !== null) return this.refuse(posted, posted.fault)
        const entries =
            this.#casesByReference.get(posted.id) ??
            (this.#targetCases.size === 1 ? this.#targetCases : new Set<string>())
        if (entries.size > 0) this.#cases.set(posted, entries)
        else if (this.#storedCasesOf(posted).size === 0)
            this.refuse(posted, "no sighting of this request refers to this object")
    }

    refuse(posted: PostedObject, reason: string): void {
        this.faults.set(posted, reason)
    }

    /** Fails all objects of a case that were not stored before. */
    refuseAll(objects: readonly NewObject[], reason: string): void {
        const failed = new Set(objects.map(versionKey))
        for (const posted of this.posted) if (failed.has(this.#versionOf(posted))) this.refuse(posted, reason)
    }

    /** Lists by case what was not stored before, each version once. */
    newByCase(): CasePost[] {
        const byCase = new Map<string, Map<string, PostedObject>>()
        for (const [posted, cases] of this.#cases) {
            for (const caseId of cases) {
                if (this.#storedCasesOf(posted).has(caseId)) continue
                const entries = byCase.get(caseId) ?? new Map<string, PostedObject>()
                const version = this.#versionOf(posted)
                if (!entries.has(version)) byCase.set(caseId, entries.set(version, posted))
            }
        }
        return [...byCase].map(([caseId, entries]) => {
            const objects = [...entries.values()]
            return {
                case: caseId,
                sightings: objects.flatMap((posted) => this.#reports.get(posted) ?? []),
                objects: objects.map(({ type, version, text, id }) => ({
                    name: this.#nameOf(id),
                    type,
                    version,
                    text,
                })),
            }
        })
    }

    #storedCasesOf(posted: PostedObject): ReadonlySet<string> {
        return this.#stored.get(this.#versionOf(posted)) ?? noCases
    }

    #nameOf(id: string): string {
        return this.#names.get(id) ?? ""
    }

    #versionOf({ id, version }: PostedObject): string {
        return versionKey({ name: this.#nameOf(id), version })
    }
}

const noCases: ReadonlySet<string> = new Set()
const versionKey = ({ name, version }: Pick<NewObject, "name" | "version">): string => `${name} ${version}`

function statusOf(ctx: ActionContext, { posted, faults }: PostedEnvelope): PostStatus {
    const detail = (posted: PostedObject) => ({ id: posted.id, version: posted.version })
    const successes = posted.filter((posted) => !faults.has(posted)).map(detail)
    const failures = [...faults].map(([posted, message]) => ({ ...detail(posted), message }))
    return {
        id: ctx.services.newId(),
        status: "complete",
        request_timestamp: formatInstant(ctx.now),
        total_count: posted.length,
        success_count: successes.length,
        failure_count: failures.length,
        ...(successes.length > 0 && { successes }),
        ...(failures.length > 0 && { failures }),
        pending_count: 0,
    }
}

/**
 * Adds posted objects to the sightings. Each object succeeds or fails separately, known ones stay unchanged, and the
 * poster gets a status. A sighting must refer to an object that the poster can see now. Hidden and unknown targets get
 * the same answer.
 */
import { Refusal } from "@tocsin/base/refusal"
import { formatInstant } from "@tocsin/base/instant"
import { instantOf } from "@tocsin/formats/stix/object"
import { lockToReport } from "../../kernel/locks.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { readFeed } from "../../share/feed/actions/read-feed.ts"
import type { Rows } from "../../share/feed/rows.ts"
import {
    type KeptObject,
    type NewObject,
    type Posted,
    holdStatuses,
    savePosted,
    saveStatus,
    namesOfObjects,
    ownObjectsNamed,
} from "../../trace/sightings/actions/post-objects.ts"
import type { NewSighting } from "../../trace/sightings/actions/report-sighting.ts"
import { validateReport } from "../../trace/sightings/sighting.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { warningObjects } from "./objects.ts"
import { type Sent, carriedBy, reportOf, sentIn } from "./sighting-objects.ts"
import type { Carried } from "./encode.ts"

interface Detail {
    readonly id: string
    readonly version: string
    readonly message?: string
}

/** The status resource of TAXII, without empty lists. */
export interface Status {
    readonly id: string
    readonly status: "complete"
    readonly request_timestamp: string
    readonly total_count: number
    readonly success_count: number
    readonly successes?: readonly Detail[]
    readonly failure_count: number
    readonly failures?: readonly Detail[]
    readonly pending_count: 0
}

/** Stores posted objects. Refuses as `sentIn` does. */
export async function post(ctx: ActionContext, body: unknown): Promise<Status> {
    const sent = sentIn(body)
    const ids = sent.map(({ id }) => id)
    const sightings = sent.filter(({ type }) => type === "sighting")
    const names = namesOfObjects(ctx, ids)
    // Takes the lock before it reads stored and visible objects.
    const [, kept, shown] = await Promise.all([
        lockToReport(ctx.tx, partnerOf(ctx).partner),
        ownObjectsNamed(ctx, [...names.values()]),
        casesShown(ctx, sightings),
        holdStatuses(ctx),
    ])
    const posting = new Posting(sent, names, kept)
    for (const sighting of sightings) posting.place(sighting, shown, ctx.now)
    for (const item of sent) if (item.type !== "sighting") posting.placeCarried(item)
    const fresh = posting.fresh()
    const refused = fresh.length === 0 ? new Map<string, Refusal>() : await savePosted(ctx, fresh)
    for (const { case: caseId, objects } of fresh) {
        const refusal = refused.get(caseId)
        if (refusal !== undefined) posting.refuseOf(objects, refusal.message)
    }
    const status = statusOf(ctx, posting)
    await saveStatus(ctx, status.id, status)
    return status
}

/** Returns the target of a sighting; null for a faulty one. */
function sightedIn({ object: { sighting_of_ref: subject }, fault }: Sent): string | null {
    return fault === null && typeof subject === "string" ? subject : null
}

const sightable: ReadonlySet<string> = new Set(["vulnerability", "indicator"])
/** Targets found so far in a feed, each with its case. */
const foundIn = new WeakMap<Rows<Carried>, Map<string, string>>()

/** Finds the visible vulnerabilities and indicators that these sightings refer to, each with its case. */
async function casesShown(ctx: ActionContext, sightings: readonly Sent[]): Promise<ReadonlyMap<string, string>> {
    const rows = await readFeed(ctx, warningObjects)
    const known = foundIn.get(rows) ?? new Map<string, string>()
    foundIn.set(rows, known)
    const sought = new Set(sightings.flatMap((sent) => sightedIn(sent) ?? []).filter((id) => !known.has(id)))
    if (sought.size === 0) return known
    for (const { of: object } of rows) {
        const { id, type, part } = object
        if (sought.has(id) && sightable.has(type) && part.case !== null) known.set(id, part.case)
    }
    return known
}

class Posting {
    readonly sent: readonly Sent[]
    readonly faults = new Map<Sent, string>()
    readonly #names: ReadonlyMap<string, string>
    /** The cases in which each version is stored, by `#versionOf`. */
    readonly #known: ReadonlyMap<string, ReadonlySet<string>>
    readonly #byId: ReadonlyMap<string, Sent>
    readonly #isLone: boolean
    readonly #cases = new Map<Sent, Set<string>>()
    /** Targets of all accepted sightings. */
    readonly #sighted = new Set<string>()
    readonly #reports = new Map<Sent, NewSighting>()
    /** The cases of the sightings that refer to each id of the envelope. */
    readonly #carriers = new Map<string, Set<string>>()

    constructor(sent: readonly Sent[], names: ReadonlyMap<string, string>, kept: readonly KeptObject[]) {
        this.sent = sent
        this.#names = names
        this.#known = new Map(
            [...Map.groupBy(kept, versionKey)].map(([key, rows]) => [key, new Set(rows.map((row) => row.case))]),
        )
        this.#byId = new Map(sent.filter(({ fault }) => fault === null).map((sent) => [sent.id, sent]))
        this.#isLone = sent.filter(({ type }) => type === "sighting").length === 1
    }

    /** Assigns a sighting to its target's case, and a stored object to its stored case. */
    place(sent: Sent, shown: ReadonlyMap<string, string>, now: number): void {
        const carried = carriedBy(sent, this.#byId)
        const [known] = this.#knownOf(sent)
        if (known !== undefined) return this.#anchor(sent, carried, known)
        if (sent.fault !== null) return this.refuse(sent, sent.fault)
        const subject = shown.get(sightedIn(sent) ?? "")
        if (subject === undefined) return this.refuse(sent, "`sighting_of_ref` is of nothing that your warnings show")
        try {
            const report = reportOf(sent, this.#toldOf(sent, carried))
            validateReport(report, now)
            const [reference, version] = [sent.id.slice("sighting--".length), instantOf(sent.version) ?? ""]
            this.#reports.set(sent, { ...report, reference, version, withdrawn: sent.object["revoked"] === true })
            this.#anchor(sent, carried, subject)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            this.refuse(sent, error.message)
        }
    }

    /** A single sighting carries all other objects of the envelope. */
    #toldOf(sent: Sent, carried: ReadonlySet<string>): Sent[] {
        return [...this.#byId.values()].filter((input) => input !== sent && (this.#isLone || carried.has(input.id)))
    }

    #anchor(sent: Sent, carried: ReadonlySet<string>, subject: string): void {
        this.#cases.set(sent, new Set([subject]))
        this.#sighted.add(subject)
        for (const id of carried) {
            this.#carriers.set(id, (this.#carriers.get(id) ?? new Set()).add(subject))
        }
    }

    /**
     * Assigns a referenced object to each case of its sightings. An unreferenced object belongs to the only case, where
     * there is just one.
     */
    placeCarried(sent: Sent): void {
        if (sent.fault !== null) return this.refuse(sent, sent.fault)
        const entries = this.#carriers.get(sent.id) ?? (this.#sighted.size === 1 ? this.#sighted : new Set<string>())
        if (entries.size > 0) this.#cases.set(sent, entries)
        else if (this.#knownOf(sent).size === 0) this.refuse(sent, "no sighting of this request refers to it")
    }

    refuse(sent: Sent, why: string): void {
        this.faults.set(sent, why)
    }

    /** Fails all objects of a case that were not stored before. */
    refuseOf(objects: readonly NewObject[], why: string): void {
        const failed = new Set(objects.map(versionKey))
        for (const sent of this.sent) if (failed.has(this.#versionOf(sent))) this.refuse(sent, why)
    }

    /** Lists by case what was not stored before, each version once. */
    fresh(): Posted[] {
        const fresh = new Map<string, Map<string, Sent>>()
        for (const [sent, cases] of this.#cases) {
            for (const caseId of cases) {
                if (this.#knownOf(sent).has(caseId)) continue
                const entries = fresh.get(caseId) ?? new Map<string, Sent>()
                const version = this.#versionOf(sent)
                if (!entries.has(version)) fresh.set(caseId, entries.set(version, sent))
            }
        }
        return [...fresh].map(([subject, entries]) => {
            const objects = [...entries.values()]
            return {
                case: subject,
                sightings: objects.flatMap((sent) => this.#reports.get(sent) ?? []),
                objects: objects.map(({ type, version, text, id }) => ({
                    name: this.#nameOf(id),
                    type,
                    version,
                    text,
                })),
            }
        })
    }

    #knownOf(sent: Sent): ReadonlySet<string> {
        return this.#known.get(this.#versionOf(sent)) ?? none
    }

    #nameOf(id: string): string {
        return this.#names.get(id) ?? ""
    }

    #versionOf({ id, version }: Sent): string {
        return versionKey({ name: this.#nameOf(id), version })
    }
}

const none: ReadonlySet<string> = new Set()
const versionKey = ({ name, version }: Pick<NewObject, "name" | "version">): string => `${name} ${version}`

function statusOf(ctx: ActionContext, { sent, faults }: Posting): Status {
    const detail = (sent: Sent) => ({ id: sent.id, version: sent.version })
    const successes = sent.filter((sent) => !faults.has(sent)).map(detail)
    const failures = [...faults].map(([sent, message]) => ({ ...detail(sent), message }))
    return {
        id: ctx.services.newId(),
        status: "complete",
        request_timestamp: formatInstant(ctx.now),
        total_count: sent.length,
        success_count: successes.length,
        failure_count: failures.length,
        ...(successes.length > 0 && { successes }),
        ...(failures.length > 0 && { failures }),
        pending_count: 0,
    }
}

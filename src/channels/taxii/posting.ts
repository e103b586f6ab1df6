/**
 * Adding objects to the sightings: each is taken or not by itself, what is known stays as it is, and whoever posted finds what
 * became of it. A sighting is of something that the warnings show to whoever posts it now; to whom nothing is shown, and to
 * whom that is not, the same is said.
 */
import { Refusal } from "../../lib/refusal.ts"
import { formatInstant } from "../../lib/instant.ts"
import { instantOf } from "../../lib/stix/object.ts"
import { lockToReport } from "../../platform/locks.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { seenNow } from "../../share/delivery/actions/shown.ts"
import {
    type KeptObject,
    type NewObject,
    type Posted,
    holdStatuses,
    keepPosted,
    keepStatus,
    namesOfObjects,
    ownObjectsNamed,
} from "../../trace/sightings/actions/objects.ts"
import type { NewSighting } from "../../trace/sightings/actions/reporting.ts"
import { mustBeReport } from "../../trace/sightings/sighting.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { warningObjects } from "./objects.ts"
import { type Sent, carriedBy, reportOf, sentIn } from "./sighted.ts"
import type { Carried } from "./written.ts"

interface Detail {
    readonly id: string
    readonly version: string
    readonly message?: string
}

/** The status resource of TAXII: no list stands in it that is empty. */
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

/** Refuses what `sentIn` does. */
export async function post(act: Act, body: unknown): Promise<Status> {
    const sent = sentIn(body)
    const ids = sent.map(({ id }) => id)
    const sightings = sent.filter(({ type }) => type === "sighting")
    const names = namesOfObjects(act, ids)
    // In this order: what was kept, and what is shown, is read once the lock is held.
    const [, kept, shown] = await Promise.all([
        lockToReport(act.tx, partnerOf(act).partner),
        ownObjectsNamed(act, [...names.values()]),
        casesShown(act, sightings),
        holdStatuses(act),
    ])
    const posting = new Posting(sent, names, kept)
    for (const sighting of sightings) posting.place(sighting, shown, act.now)
    for (const one of sent) if (one.type !== "sighting") posting.placeCarried(one)
    const fresh = posting.fresh()
    const refused = fresh.length === 0 ? new Map<string, Refusal>() : await keepPosted(act, fresh)
    for (const { case: of, objects } of fresh) {
        const refusal = refused.get(of)
        if (refusal !== undefined) posting.refuseOf(objects, refusal.message)
    }
    const status = statusOf(act, posting)
    await keepStatus(act, status.id, status)
    return status
}

/** What a sighting is of; nothing of one with a fault, which may say anything there. */
function sightedIn({ object: { sighting_of_ref: of }, fault }: Sent): string | null {
    return fault === null && typeof of === "string" ? of : null
}

const sightable: ReadonlySet<string> = new Set(["vulnerability", "indicator"])
/** Of what is shown, what was looked for and found in it, each with its case. */
const foundIn = new WeakMap<readonly Carried[], Map<string, string>>()

/** Of what these sightings are of: the vulnerabilities and indicators that the warnings show, each with its case. */
async function casesShown(act: Act, sightings: readonly Sent[]): Promise<ReadonlyMap<string, string>> {
    const carried = await seenNow(act, warningObjects)
    const known = foundIn.get(carried) ?? new Map<string, string>()
    foundIn.set(carried, known)
    const sought = new Set(sightings.flatMap((one) => sightedIn(one) ?? []).filter((id) => !known.has(id)))
    if (sought.size === 0) return known
    for (const { id, type, part } of carried) {
        if (sought.has(id) && sightable.has(type) && part.case !== null) known.set(id, part.case)
    }
    return known
}

class Posting {
    readonly sent: readonly Sent[]
    readonly faults = new Map<Sent, string>()
    readonly #names: ReadonlyMap<string, string>
    /** In which cases each version was kept before, by `#versionOf`. */
    readonly #known: ReadonlyMap<string, ReadonlySet<string>>
    readonly #byId: ReadonlyMap<string, Sent>
    readonly #isLone: boolean
    readonly #cases = new Map<Sent, Set<string>>()
    /** Of all sightings that are placed. */
    readonly #sighted = new Set<string>()
    readonly #reports = new Map<Sent, NewSighting>()
    /** Of each id in the envelope, the cases of the sightings that carry it. */
    readonly #carriers = new Map<string, Set<string>>()

    constructor(sent: readonly Sent[], names: ReadonlyMap<string, string>, kept: readonly KeptObject[]) {
        this.sent = sent
        this.#names = names
        this.#known = new Map(
            [...Map.groupBy(kept, versionKey)].map(([key, rows]) => [key, new Set(rows.map((row) => row.case))]),
        )
        this.#byId = new Map(sent.filter(({ fault }) => fault === null).map((one) => [one.id, one]))
        this.#isLone = sent.filter(({ type }) => type === "sighting").length === 1
    }

    /** A sighting belongs to the case of what it is of; what was kept before, to the one that it was kept with. */
    place(one: Sent, shown: ReadonlyMap<string, string>, now: number): void {
        const carried = carriedBy(one, this.#byId)
        const [known] = this.#knownOf(one)
        if (known !== undefined) return this.#anchor(one, carried, known)
        if (one.fault !== null) return this.refuse(one, one.fault)
        const of = shown.get(sightedIn(one) ?? "")
        if (of === undefined) return this.refuse(one, "`sighting_of_ref` is of nothing that your warnings show")
        try {
            const report = reportOf(one, this.#toldOf(one, carried))
            mustBeReport(report, now)
            const [reference, version] = [one.id.slice("sighting--".length), instantOf(one.version) ?? ""]
            this.#reports.set(one, { ...report, reference, version, withdrawn: one.object["revoked"] === true })
            this.#anchor(one, carried, of)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            this.refuse(one, error.message)
        }
    }

    /** A lone sighting carries all that came with it. */
    #toldOf(one: Sent, carried: ReadonlySet<string>): Sent[] {
        return [...this.#byId.values()].filter((its) => its !== one && (this.#isLone || carried.has(its.id)))
    }

    #anchor(one: Sent, carried: ReadonlySet<string>, of: string): void {
        this.#cases.set(one, new Set([of]))
        this.#sighted.add(of)
        for (const id of carried) {
            this.#carriers.set(id, (this.#carriers.get(id) ?? new Set()).add(of))
        }
    }

    /** What is carried is kept with each case of the sightings that carry it; what none does, where there is but one. */
    placeCarried(one: Sent): void {
        if (one.fault !== null) return this.refuse(one, one.fault)
        const its = this.#carriers.get(one.id) ?? (this.#sighted.size === 1 ? this.#sighted : new Set<string>())
        if (its.size > 0) this.#cases.set(one, its)
        else if (this.#knownOf(one).size === 0) this.refuse(one, "no sighting of this request refers to it")
    }

    refuse(one: Sent, why: string): void {
        this.faults.set(one, why)
    }

    /** All of what a case was not kept with, however often it was sent. */
    refuseOf(objects: readonly NewObject[], why: string): void {
        const failed = new Set(objects.map(versionKey))
        for (const one of this.sent) if (failed.has(this.#versionOf(one))) this.refuse(one, why)
    }

    /** By case: what was not kept with it before, each version once. */
    fresh(): Posted[] {
        const fresh = new Map<string, Map<string, Sent>>()
        for (const [one, cases] of this.#cases) {
            for (const of of cases) {
                if (this.#knownOf(one).has(of)) continue
                const its = fresh.get(of) ?? new Map<string, Sent>()
                const version = this.#versionOf(one)
                if (!its.has(version)) fresh.set(of, its.set(version, one))
            }
        }
        return [...fresh].map(([of, its]) => {
            const objects = [...its.values()]
            return {
                case: of,
                sightings: objects.flatMap((one) => this.#reports.get(one) ?? []),
                objects: objects.map(({ type, version, text, id }) => ({
                    name: this.#nameOf(id),
                    type,
                    version,
                    text,
                })),
            }
        })
    }

    #knownOf(one: Sent): ReadonlySet<string> {
        return this.#known.get(this.#versionOf(one)) ?? none
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

function statusOf(act: Act, { sent, faults }: Posting): Status {
    const detail = (one: Sent) => ({ id: one.id, version: one.version })
    const successes = sent.filter((one) => !faults.has(one)).map(detail)
    const failures = [...faults].map(([one, message]) => ({ ...detail(one), message }))
    return {
        ...{ id: act.doors.newId(), status: "complete", request_timestamp: formatInstant(act.now) },
        ...{ total_count: sent.length, success_count: successes.length, failure_count: failures.length },
        ...(successes.length > 0 && { successes }),
        ...(failures.length > 0 && { failures }),
        pending_count: 0,
    }
}

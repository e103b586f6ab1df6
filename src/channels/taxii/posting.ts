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
import { keepPosted, keepStatus, nameOfObject, ownObjectsCalled } from "../../trace/sightings/actions/objects.ts"
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
    await lockToReport(act.tx, partnerOf(act).partner)
    const posting = new Posting(sent, await knownTo(act, sent))
    const shown = await casesShown(act)
    for (const sighting of sent) if (sighting.type === "sighting") posting.place(sighting, shown, act.now)
    for (const one of sent) if (one.type !== "sighting") posting.placeCarried(one)
    for (const [of, its] of posting.fresh()) {
        try {
            await keepPosted(act, of, its.sightings, its.objects)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            const failed = new Set(its.objects.map(nameOf))
            for (const one of sent) if (failed.has(nameOf(one))) posting.refuse(one, error.message)
        }
    }
    const status = statusOf(act, posting)
    await keepStatus(act, status.id, status)
    return status
}

const targetsKnown = new WeakMap<readonly Carried[], ReadonlyMap<string, string>>()

/** What a sighting can be of, by id: the vulnerabilities and indicators that the warnings show, each with its case. */
async function casesShown(act: Act): Promise<ReadonlyMap<string, string>> {
    const carried = await seenNow(act, warningObjects)
    const known = targetsKnown.get(carried)
    if (known !== undefined) return known
    const targets = carried.filter(({ type }) => type === "vulnerability" || type === "indicator")
    const cases = new Map(targets.flatMap((one) => (one.case === null ? [] : [[one.id, one.case] as const])))
    targetsKnown.set(carried, cases)
    return cases
}

/** In which cases each version was kept before. */
async function knownTo(act: Act, sent: readonly Sent[]): Promise<Map<Sent, Set<string>>> {
    const kept = await ownObjectsCalled(
        act,
        sent.map(({ id }) => id),
    )
    const rows = Map.groupBy(kept, (one) => `${one.name} ${one.version}`)
    return new Map(
        sent.map((one) => {
            const its = rows.get(`${nameOfObject(act, one.id)} ${one.version}`) ?? []
            return [one, new Set(its.map((row) => row.case))]
        }),
    )
}

const nameOf = ({ id, version }: Sent): string => `${id} ${version}`

class Posting {
    readonly sent: readonly Sent[]
    readonly faults = new Map<Sent, string>()
    readonly #known: ReadonlyMap<Sent, ReadonlySet<string>>
    readonly #byId: ReadonlyMap<string, Sent>
    readonly #cases = new Map<Sent, Set<string>>()
    readonly #reports = new Map<Sent, NewSighting>()
    /** Of each id in the envelope, the cases of the sightings that carry it. */
    readonly #carriers = new Map<string, Set<string>>()

    constructor(sent: readonly Sent[], known: ReadonlyMap<Sent, ReadonlySet<string>>) {
        this.sent = sent
        this.#known = known
        this.#byId = new Map(sent.filter(({ fault }) => fault === null).map((one) => [one.id, one]))
    }

    /** A sighting belongs to the case of what it is of; what was kept before, to the one that it was kept with. */
    place(one: Sent, shown: ReadonlyMap<string, string>, now: number): void {
        const [known] = this.#known.get(one) ?? []
        if (known !== undefined) return this.#anchor(one, known)
        if (one.fault !== null) return this.refuse(one, one.fault)
        const of = shown.get(String(one.object["sighting_of_ref"]))
        if (of === undefined) return this.refuse(one, "`sighting_of_ref` is of nothing that your warnings show")
        try {
            const report = reportOf(one, this.#carried(one))
            mustBeReport(report, now)
            const [reference, version] = [one.id.slice("sighting--".length), instantOf(one.version) ?? ""]
            this.#reports.set(one, { ...report, reference, version, withdrawn: one.object["revoked"] === true })
            this.#anchor(one, of)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            this.refuse(one, error.message)
        }
    }

    /** A lone sighting carries all that came with it. */
    #carried(one: Sent): Sent[] {
        const isLone = this.sent.filter(({ type }) => type === "sighting").length === 1
        const ids = carriedBy(one, this.#byId)
        return [...this.#byId.values()].filter((its) => its !== one && (isLone || ids.has(its.id)))
    }

    #anchor(one: Sent, of: string): void {
        this.#cases.set(one, new Set([of]))
        for (const id of carriedBy(one, this.#byId)) {
            this.#carriers.set(id, (this.#carriers.get(id) ?? new Set()).add(of))
        }
    }

    /** What is carried is kept with each case of the sightings that carry it; what none does, where there is but one. */
    placeCarried(one: Sent): void {
        if (one.fault !== null) return this.refuse(one, one.fault)
        const all = new Set([...this.#cases].flatMap(([{ type }, its]) => (type === "sighting" ? [...its] : [])))
        const its = this.#carriers.get(one.id) ?? (all.size === 1 ? all : new Set<string>())
        if (its.size > 0) this.#cases.set(one, its)
        else if ((this.#known.get(one)?.size ?? 0) === 0) this.refuse(one, "no sighting of this request refers to it")
    }

    refuse(one: Sent, why: string): void {
        this.faults.set(one, why)
    }

    /** By case: what was not kept with it before, each version once. */
    fresh(): Map<string, { sightings: NewSighting[]; objects: Sent[] }> {
        const fresh = new Map<string, Map<string, Sent>>()
        for (const [one, cases] of this.#cases) {
            for (const of of cases) {
                if (this.#known.get(one)?.has(of)) continue
                const its = fresh.get(of) ?? new Map<string, Sent>()
                if (!its.has(nameOf(one))) fresh.set(of, its.set(nameOf(one), one))
            }
        }
        return new Map(
            [...fresh].map(([of, its]) => {
                const objects = [...its.values()]
                return [of, { sightings: objects.flatMap((one) => this.#reports.get(one) ?? []), objects }]
            }),
        )
    }
}

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

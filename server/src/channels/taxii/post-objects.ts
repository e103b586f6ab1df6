/**
 * Adding objects to the sightings: each is taken or not by itself, what is known stays as it is, and whoever posted finds what
 * became of it. A sighting is of something that the warnings show to whoever posts it now; to whom nothing is shown, and to
 * whom that is not, the same is said.
 */
import { Refusal } from "@tocsin/base/refusal"
import { formatInstant } from "@tocsin/base/instant"
import { instantOf } from "@tocsin/formats/stix/object"
import { lockToReport } from "../../kernel/locks.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { seenNow } from "../../share/delivery/feed/actions/shown.ts"
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
export async function post(ctx: ActionContext, body: unknown): Promise<Status> {
    const sent = sentIn(body)
    const ids = sent.map(({ id }) => id)
    const sightings = sent.filter(({ type }) => type === "sighting")
    const names = namesOfObjects(ctx, ids)
    // In this order: what was kept, and what is shown, is read once the lock is held.
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

/** What a sighting is of; nothing of one with a fault, which may say anything there. */
function sightedIn({ object: { sighting_of_ref: subject }, fault }: Sent): string | null {
    return fault === null && typeof subject === "string" ? subject : null
}

const sightable: ReadonlySet<string> = new Set(["vulnerability", "indicator"])
/** Of what is shown, what was looked for and found in it, each with its case. */
const foundIn = new WeakMap<readonly Carried[], Map<string, string>>()

/** Of what these sightings are of: the vulnerabilities and indicators that the warnings show, each with its case. */
async function casesShown(ctx: ActionContext, sightings: readonly Sent[]): Promise<ReadonlyMap<string, string>> {
    const carried = await seenNow(ctx, warningObjects)
    const known = foundIn.get(carried) ?? new Map<string, string>()
    foundIn.set(carried, known)
    const sought = new Set(sightings.flatMap((sent) => sightedIn(sent) ?? []).filter((id) => !known.has(id)))
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
        this.#byId = new Map(sent.filter(({ fault }) => fault === null).map((sent) => [sent.id, sent]))
        this.#isLone = sent.filter(({ type }) => type === "sighting").length === 1
    }

    /** A sighting belongs to the case of what it is of; what was kept before, to the one that it was kept with. */
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

    /** A lone sighting carries all that came with it. */
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

    /** What is carried is kept with each case of the sightings that carry it; what none does, where there is but one. */
    placeCarried(sent: Sent): void {
        if (sent.fault !== null) return this.refuse(sent, sent.fault)
        const entries = this.#carriers.get(sent.id) ?? (this.#sighted.size === 1 ? this.#sighted : new Set<string>())
        if (entries.size > 0) this.#cases.set(sent, entries)
        else if (this.#knownOf(sent).size === 0) this.refuse(sent, "no sighting of this request refers to it")
    }

    refuse(sent: Sent, why: string): void {
        this.faults.set(sent, why)
    }

    /** All of what a case was not kept with, however often it was sent. */
    refuseOf(objects: readonly NewObject[], why: string): void {
        const failed = new Set(objects.map(versionKey))
        for (const sent of this.sent) if (failed.has(this.#versionOf(sent))) this.refuse(sent, why)
    }

    /** By case: what was not kept with it before, each version once. */
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

/** What is known of who was told, who fetched and who confirmed: for an inquiry, and for telling whose copy leaked. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { nameOfPerson } from "../../../lib/recipient.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { ownCopies, ownCopiesOf } from "../../marking/actions/reading.ts"
import { wavesOf } from "../../waves/actions.ts"
import * as store from "../store.ts"
import {
    type First,
    type FirstFetch,
    type OfCase,
    firstAcknowledgementsByPerson,
    firstFetches,
    firstFetchesByPerson,
    firstNoticesByPerson,
} from "../store/firsts.ts"

/** One artifact version, and by name whoever has a copy: partners that fetched it, persons of the operator who read theirs. */
export interface Delivered {
    readonly artifact: string
    readonly version: number
    readonly recipients: readonly string[]
}

/** Every version of one case (null: of all) of which copies were ever handed out, the first to be handed out first. */
export async function deliveredVersions(act: Act, caseId: string | null): Promise<Delivered[]> {
    const fetched = await store.deliveries(act.tx, { partner: null, case: caseId, before: null })
    const own = await ownCopies(act, caseId)
    const all = [
        ...fetched
            .filter(({ channel }) => channel === "copy" || channel === "taxii copy")
            .map((one) => ({ ...one, recipient: one.partner })),
        ...own.map((one) => ({ ...one, recipient: nameOfPerson(one.person) })),
    ].toSorted((a, b) => a.at - b.at)
    const grouped = Map.groupBy(all, (one) => `${one.artifact} ${one.version}`)
    return [...grouped.values()].flatMap((rows) => {
        const [first] = rows
        if (!first) return []
        const { artifact, version } = first
        return [{ artifact, version, recipients: [...new Set(rows.map((one) => one.recipient))] }]
    })
}

/** A copy as the record commits to it: `copy` is SHA-256 of the salt and the copy, in hex. */
export interface HandedOut {
    readonly recipient: string
    readonly salt: string
    readonly copy: string
}

/** Every copy of a version that was handed out up to an instant, that instant too: each recipient's in order. */
export async function copiesHandedOut(act: Act, of: store.VersionName, until: Instant): Promise<HandedOut[]> {
    const fetched = await store.copiesOf(act.tx, of, until)
    const own = await ownCopiesOf(act, of, until)
    return [
        ...fetched.map((one) => handedOut(one.partner, one.copy_salt, one.copy_hash)),
        ...own.map((one) => handedOut(nameOfPerson(one.person), one.salt, one.hash)),
    ]
}

/** Every version of one case (null: of all) whose unmarked text any partner was served, the first to be served first. */
export async function unmarkedVersions(act: Act, caseId: string | null): Promise<store.VersionName[]> {
    const served = await store.deliveries(act.tx, { partner: null, case: caseId, before: null })
    const unmarked = served.filter(({ channel }) => channel !== "copy" && channel !== "taxii copy")
    const names = unmarked.map(({ artifact, version }) => [`${artifact} ${version}`, { artifact, version }] as const)
    return [...new Map(names).values()]
}

/** Partners to whom a version was served without marks up to an instant, that instant too. */
export async function servedUnmarked(act: Act, of: store.VersionName, until: Instant): Promise<string[]> {
    return await store.polledBy(act.tx, of, until)
}

function handedOut(recipient: string, salt: Buffer, copy: Buffer): HandedOut {
    return { recipient, salt: salt.toString("hex"), copy: copy.toString("hex") }
}

/** What reached partners of one case before an instant, each in the order in which it happened. */
export interface Contacts {
    /** Notices that left; one that could not be sent told nobody. */
    readonly notified: readonly { readonly partner: string; readonly wave: string; readonly at: Instant }[]
    readonly fetched: readonly {
        readonly partner: string
        readonly artifact: string
        readonly version: number
        readonly class: ArtifactClass
        readonly at: Instant
    }[]
    readonly acknowledged: readonly { readonly partner: string; readonly artifact: string; readonly at: Instant }[]
}

/** Half-open: what happened at `before` itself is not among it. */
export async function contactsBefore(act: Act, caseId: string, before: Instant): Promise<Contacts> {
    const filter = { partner: null, case: caseId, before }
    const waves = await wavesOf(act, caseId)
    const notices = await store.notices(
        act.tx,
        waves.map((wave) => wave.id),
    )
    return {
        notified: notices.flatMap(({ partner, wave, state, at }) =>
            state === "sent" && at !== null && at < before ? [{ partner, wave, at }] : [],
        ),
        fetched: await store.deliveries(act.tx, filter),
        acknowledged: await store.acknowledgements(act.tx, filter),
    }
}

/** The first time of each person, and of each version that a partner fetched. */
export interface FirstContacts {
    readonly notified: readonly First[]
    readonly fetched: readonly First[]
    readonly acknowledged: readonly First[]
    readonly held: readonly FirstFetch[]
}

/** When each partner fetched anything of a case first. Half-open, as `contactsBefore`. */
export async function firstFetchedBefore(act: Act, caseId: string, before: Instant): Promise<Map<string, Instant>> {
    const of = { case: caseId, class: null, artifacts: [], partner: null, before }
    const first = new Map<string, Instant>()
    for (const { partner, at } of await firstFetchesByPerson(act.tx, of)) {
        first.set(partner, Math.min(at, first.get(partner) ?? at))
    }
    return first
}

const heldMax = 50_000

/** `waves`: whose notices count. Refuses `delivery.too_large`: what is asked for is then to be made narrower. */
export async function firstContactsBefore(act: Act, of: OfCase, waves: readonly string[]): Promise<FirstContacts> {
    const [notified, fetched, acknowledged, held] = await Promise.all([
        firstNoticesByPerson(act.tx, of, waves),
        firstFetchesByPerson(act.tx, of),
        firstAcknowledgementsByPerson(act.tx, of),
        firstFetches(act.tx, of, heldMax + 1),
    ])
    if (held.length > heldMax) {
        refuse(
            "conflict",
            "delivery.too_large",
            "that is too much to answer at once: ask for a class, or for a partner",
        )
    }
    return { notified, fetched, acknowledged, held }
}

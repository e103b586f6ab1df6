/**
 * Exposure: who could have had, was told of, fetched and confirmed something of a case before an instant. The four are
 * told apart, for only what was fetched was held.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"
import type { Channel } from "../../share/delivery/channel.ts"
import type { WaveTier } from "../../share/waves/wave.ts"

/** The first time of each; null where it did not happen. */
export interface Contact {
    readonly notifiedAt: Instant | null
    readonly fetchedAt: Instant | null
    readonly acknowledgedAt: Instant | null
}

export interface Held {
    readonly artifact: string
    readonly version: number
    readonly at: Instant
    /** Who fetched it then, and how. */
    readonly person: string
    readonly channel: Channel
}

export interface Exposed extends Contact {
    readonly partner: string
    /** From when on it could have been fetched; null where it could not. */
    readonly entitledFrom: Instant | null
    /** Its persons who could have read it since then: on its roster, and inside its circle of the case. */
    readonly readers: readonly string[]
    /** Each of its persons who was told of, fetched or confirmed anything of it. */
    readonly persons: readonly (Contact & { readonly person: string })[]
    /** Each version that was fetched, the first time; of a partner or person that was asked for, by each of its persons. */
    readonly held: readonly Held[]
    /** The regimes that it was under at some moment since it was there to be had. */
    readonly duties: readonly string[]
    /** Whether some duty made it report before publication then. */
    readonly reportsBeforePublication: boolean
}

/** What happened to the case meanwhile, as it is known now: what the rest is drawn beside. */
export interface Course {
    /** `at`: as planned; null while no embargo says when. */
    readonly waves: readonly {
        readonly tier: WaveTier
        readonly at: Instant | null
        readonly releasedAt: Instant | null
    }[]
    /** When the embargo ends, or ended; null while none is agreed. */
    readonly embargoEnds: Instant | null
    /** The first exploitation that partners stand by, or that was filed. */
    readonly exploitedAt: Instant | null
    /** The first touch of a name that only copies hold, and how it was graded. */
    readonly touched: { readonly at: Instant; readonly grade: string } | null
}

export interface CaseExposure {
    readonly case: string
    /** Whether it was asked for; else it is one that the case asked for bypasses or varies. */
    readonly asked: boolean
    readonly partners: readonly Exposed[]
    /** Persons of the operator who by then had written or read it: the master, a copy of their own, or beside a leak. */
    readonly own: readonly string[]
    readonly course: Course
}

/** What is asked for besides a case and an instant; null: of all. */
export interface Narrowed {
    readonly class: ArtifactClass | null
    readonly partner: string | null
    /** A partner's or the operator's. */
    readonly person: string | null
    /** A regime. */
    readonly duty: string | null
}

export interface Exposure extends Narrowed {
    /** Half-open: what happened at this instant is not among it. */
    readonly before: Instant
    readonly cases: readonly CaseExposure[]
}

interface Happened {
    readonly partner: string
    readonly person: string
    readonly at: Instant
}

export interface Known {
    readonly partners: readonly string[]
    readonly entitledFrom: ReadonlyMap<string, Instant>
    readonly readers: ReadonlyMap<string, readonly string[]>
    readonly notified: readonly Happened[]
    readonly fetched: readonly Happened[]
    readonly acknowledged: readonly Happened[]
    /** Each version of each partner once. */
    readonly held: readonly (Happened & Held)[]
    readonly dutiesOf: (partner: string) => Pick<Exposed, "duties" | "reportsBeforePublication">
}

/**
 * One row a partner, in the order given. Of one person, its partner's row tells when the partner could have it, and what
 * this person did; of one duty, those that were under it.
 */
export function exposedOf(known: Known, { person, duty }: Pick<Narrowed, "person" | "duty">): Exposed[] {
    const by = <Of extends { readonly partner: string }>(list: readonly Of[]) => {
        const group = Map.groupBy(list, (item) => item.partner)
        return (partner: string): readonly Of[] => group.get(partner) ?? []
    }
    const [notified, fetched, acknowledged] = [by(known.notified), by(known.fetched), by(known.acknowledged)]
    const held = by(known.held)
    const isAsked = (item: { readonly person: string }) => person === null || item.person === person
    return known.partners.flatMap((partner) => {
        const duties = known.dutiesOf(partner)
        if (duty !== null && !duties.duties.includes(duty)) return []
        const input = {
            notified: notified(partner).filter(isAsked),
            fetched: fetched(partner).filter(isAsked),
            acknowledged: acknowledged(partner).filter(isAsked),
        }
        const could = known.entitledFrom.get(partner)
        const fetchedAt = fetched(partner).map(({ at }) => at)
        return {
            partner,
            // Nothing is served that is not entitled: whoever fetched was, at that moment.
            entitledFrom: earliest(could === undefined ? fetchedAt : [could, ...fetchedAt]),
            readers: (known.readers.get(partner) ?? []).filter((item) => person === null || item === person),
            ...contactOf(input),
            persons: personsIn(input),
            held: held(partner)
                .filter(isAsked)
                .map(({ artifact, version, at, person, channel }) => ({
                    artifact,
                    version,
                    at,
                    person,
                    channel,
                }))
                .toSorted((a, b) => a.at - b.at),
            ...duties,
        }
    })
}

type Contacts = Pick<Known, "notified" | "fetched" | "acknowledged">

function contactOf({ notified, fetched, acknowledged }: Contacts): Contact {
    const first = (happened: readonly Happened[]) => earliest(happened.map((happened) => happened.at))
    return { notifiedAt: first(notified), fetchedAt: first(fetched), acknowledgedAt: first(acknowledged) }
}

const earliest = (list: readonly Instant[]): Instant | null => (list.length === 0 ? null : Math.min(...list))

function personsIn(input: Contacts): Exposed["persons"] {
    const list = new Set([input.notified, input.fetched, input.acknowledged].flat().map((happened) => happened.person))
    return [...list].toSorted().map((person) => {
        const pick = (happened: readonly Happened[]) => happened.filter((happened) => happened.person === person)
        const { notified, fetched, acknowledged } = input
        const contacts = { notified: pick(notified), fetched: pick(fetched), acknowledged: pick(acknowledged) }
        return { person, ...contactOf(contacts) }
    })
}

const cvePattern = /^CVE-\d{4}-\d{4,19}$/
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What a case is asked by: its own id, or a CVE id. */
export function caseNamed(text: string): { readonly id: string } | { readonly cve: string } {
    if (cvePattern.test(text)) return { cve: text }
    if (idPattern.test(text)) return { id: text }
    refuse("invalid", "exposure.bad_case", `\`${text.slice(0, 40)}\` is neither the id of a case nor a CVE id`)
}

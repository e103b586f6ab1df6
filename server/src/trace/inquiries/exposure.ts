/**
 * Exposure says who could have had, was notified of, fetched and acknowledged content of a case before an instant. The
 * four are separate, because only fetched content was held.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"
import type { Channel } from "../../share/delivery/channel.ts"
import type { WaveTier } from "../../share/waves/wave.ts"

/** The first instant of each contact; null where it did not happen. */
export interface Contact {
    readonly notifiedAt: Instant | null
    readonly fetchedAt: Instant | null
    readonly acknowledgedAt: Instant | null
}

/** A version that a partner fetched. */
export interface FetchedVersion {
    readonly artifact: string
    readonly version: number
    readonly at: Instant
    /** The person who fetched it first, and the channel. */
    readonly person: string
    readonly channel: Channel
}

/** Exposure of one partner to the content of a case before an instant. */
export interface PartnerExposure extends Contact {
    readonly partner: string
    /** The first instant of possible access; null where there was none. */
    readonly entitledFrom: Instant | null
    /** The partner's people who could read it from then on: on the roster and on the case's access list. */
    readonly readers: readonly string[]
    /** Each of the partner's people who was notified, fetched or acknowledged. */
    readonly people: readonly (Contact & { readonly person: string })[]
    /** Each version with its first fetch. With a partner or person in the query, by each of its people. */
    readonly held: readonly FetchedVersion[]
    /** The regimes that applied at some moment since the content was available. */
    readonly duties: readonly string[]
    /** Whether a duty required a report before publication. */
    readonly reportsBeforePublication: boolean
}

/** The events of the case as they are known now, for context. */
export interface CaseTimeline {
    /** `at` is the planned instant; null while no embargo sets it. */
    readonly waves: readonly {
        readonly tier: WaveTier
        readonly at: Instant | null
        readonly releasedAt: Instant | null
    }[]
    /** The end of the embargo; null while none is agreed. */
    readonly embargoEnds: Instant | null
    /** The first exploitation that a partner confirms or that was added as evidence. */
    readonly exploitedAt: Instant | null
    /** The first touch of a canary, and its likely source. */
    readonly touched: { readonly at: Instant; readonly likelySource: string } | null
}

/** Exposure of each partner and each staff member to the content of one case. */
export interface CaseExposure {
    readonly case: string
    /** Whether the query named this case. Otherwise the named case bypasses or varies it. */
    readonly isQueried: boolean
    readonly partners: readonly PartnerExposure[]
    /** Staff who had written or read it by then: the master, a staff copy or the leak view. */
    readonly staff: readonly string[]
    readonly timeline: CaseTimeline
}

/** Filters of the query; null for all. */
export interface ExposureFilter {
    readonly class: ArtifactClass | null
    readonly partner: string | null
    /** A person of a partner or of the staff. */
    readonly person: string | null
    /** A regime. */
    readonly duty: string | null
}

/** The answer to an exposure query. */
export interface Exposure extends ExposureFilter {
    /** Exclusive end of the query. */
    readonly before: Instant
    readonly cases: readonly CaseExposure[]
}

interface ContactEvent {
    readonly partner: string
    readonly person: string
    readonly at: Instant
}

/** The stored facts that exposure is computed from. */
export interface ExposureFacts {
    readonly partners: readonly string[]
    readonly entitledFrom: ReadonlyMap<string, Instant>
    readonly readers: ReadonlyMap<string, readonly string[]>
    readonly notified: readonly ContactEvent[]
    readonly fetched: readonly ContactEvent[]
    readonly acknowledged: readonly ContactEvent[]
    /** Each version of each partner once. */
    readonly held: readonly (ContactEvent & FetchedVersion)[]
    readonly dutiesOf: (partner: string) => Pick<PartnerExposure, "duties" | "reportsBeforePublication">
}

/**
 * Builds one row per partner, in the given order. With a person, keeps that person's contacts and the partner's access.
 * With a duty, keeps the partners under it.
 */
export function partnerExposuresOf(
    facts: ExposureFacts,
    { person, duty }: Pick<ExposureFilter, "person" | "duty">,
): PartnerExposure[] {
    const groupByPartner = <Item extends { readonly partner: string }>(list: readonly Item[]) => {
        const group = Map.groupBy(list, (item) => item.partner)
        return (partner: string): readonly Item[] => group.get(partner) ?? []
    }
    const [notified, fetched, acknowledged] = [
        groupByPartner(facts.notified),
        groupByPartner(facts.fetched),
        groupByPartner(facts.acknowledged),
    ]
    const held = groupByPartner(facts.held)
    const matchesPerson = (item: { readonly person: string }) => person === null || item.person === person
    return facts.partners.flatMap((partner) => {
        const duties = facts.dutiesOf(partner)
        if (duty !== null && !duties.duties.includes(duty)) return []
        const contacts = {
            notified: notified(partner).filter(matchesPerson),
            fetched: fetched(partner).filter(matchesPerson),
            acknowledged: acknowledged(partner).filter(matchesPerson),
        }
        const possibleFrom = facts.entitledFrom.get(partner)
        const fetchedAt = fetched(partner).map(({ at }) => at)
        return {
            partner,
            // Every fetch was entitled at that moment.
            entitledFrom: earliest(possibleFrom === undefined ? fetchedAt : [possibleFrom, ...fetchedAt]),
            readers: (facts.readers.get(partner) ?? []).filter((item) => person === null || item === person),
            ...contactOf(contacts),
            people: peopleIn(contacts),
            held: held(partner)
                .filter(matchesPerson)
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

type Contacts = Pick<ExposureFacts, "notified" | "fetched" | "acknowledged">

function contactOf({ notified, fetched, acknowledged }: Contacts): Contact {
    const first = (events: readonly ContactEvent[]) => earliest(events.map((events) => events.at))
    return { notifiedAt: first(notified), fetchedAt: first(fetched), acknowledgedAt: first(acknowledged) }
}

const earliest = (list: readonly Instant[]): Instant | null => (list.length === 0 ? null : Math.min(...list))

function peopleIn(partnerContacts: Contacts): PartnerExposure["people"] {
    const people = new Set(
        [partnerContacts.notified, partnerContacts.fetched, partnerContacts.acknowledged]
            .flat()
            .map((events) => events.person),
    )
    return [...people].toSorted().map((person) => {
        const pick = (events: readonly ContactEvent[]) => events.filter((events) => events.person === person)
        const { notified, fetched, acknowledged } = partnerContacts
        const contacts = { notified: pick(notified), fetched: pick(fetched), acknowledged: pick(acknowledged) }
        return { person, ...contactOf(contacts) }
    })
}

const cvePattern = /^CVE-\d{4}-\d{4,19}$/
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Parses the case of a query, an id or a CVE id. Refuses `exposure.bad_case`. */
export function parseCaseReference(text: string): { readonly id: string } | { readonly cve: string } {
    if (cvePattern.test(text)) return { cve: text }
    if (idPattern.test(text)) return { id: text }
    refuse("invalid", "exposure.bad_case", `\`${text.slice(0, 40)}\` is neither a case id nor a CVE id`, {
        text: text.slice(0, 40),
    })
}

/**
 * Exposure: who could have had, was told of, fetched and confirmed a class of a case before an instant. The four are
 * told apart, for only what was fetched was held.
 */
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"

export interface Exposed {
    readonly partner: string
    /** From when on it could have been fetched; null where it could not. */
    readonly entitledFrom: Instant | null
    /** Its persons who could have read it since then: on its roster, and inside its circle of the case. */
    readonly readers: readonly string[]
    /** When the first notice left that something of the kind is there. */
    readonly notifiedAt: Instant | null
    readonly fetchedAt: Instant | null
    readonly acknowledgedAt: Instant | null
    /** Each version that was fetched, the first time. */
    readonly held: readonly { readonly artifact: string; readonly version: number; readonly at: Instant }[]
}

export interface CaseExposure {
    readonly case: string
    /** Whether it was asked for; else it is one that the case asked for bypasses or varies. */
    readonly asked: boolean
    readonly partners: readonly Exposed[]
    /** Persons of the operator who by then had written or read something of the class, the master or a copy of their own. */
    readonly own: readonly string[]
}

export interface Exposure {
    readonly class: ArtifactClass
    /** Half-open: what happened at this instant is not among it. */
    readonly before: Instant
    readonly cases: readonly CaseExposure[]
}

interface Happened {
    readonly partner: string
    readonly at: Instant
}

export interface Known {
    readonly partners: readonly string[]
    readonly entitledFrom: ReadonlyMap<string, Instant>
    readonly readers: ReadonlyMap<string, readonly string[]>
    readonly notified: readonly Happened[]
    readonly fetched: readonly (Happened & { readonly artifact: string; readonly version: number })[]
    readonly acknowledged: readonly Happened[]
}

/** One row a partner, in the order given. Each list is in the order of its instants. */
export function exposedOf(known: Known): Exposed[] {
    return known.partners.map((partner) => {
        const first = (all: readonly Happened[]) => all.find((one) => one.partner === partner)?.at ?? null
        const fetches = known.fetched.filter((one) => one.partner === partner)
        const fetchedAt = first(known.fetched)
        const could = known.entitledFrom.get(partner) ?? null
        return {
            partner,
            // Nothing is served that is not entitled: whoever fetched was, at that moment.
            entitledFrom: could !== null && fetchedAt !== null ? Math.min(could, fetchedAt) : (could ?? fetchedAt),
            readers: known.readers.get(partner) ?? [],
            notifiedAt: first(known.notified),
            fetchedAt,
            acknowledgedAt: first(known.acknowledged),
            held: firstEach(fetches).map(({ artifact, version, at }) => ({ artifact, version, at })),
        }
    })
}

function firstEach<One extends { readonly artifact: string; readonly version: number }>(all: readonly One[]): One[] {
    const named = (one: One) => `${one.artifact} ${one.version}`
    return all.filter((one, i) => all.findIndex((other) => named(other) === named(one)) === i)
}

const cvePattern = /^CVE-\d{4}-\d{4,19}$/
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What a case is asked by: its own id, or a CVE id. */
export function caseNamed(text: string): { readonly id: string } | { readonly cve: string } {
    if (cvePattern.test(text)) return { cve: text }
    if (idPattern.test(text)) return { id: text }
    refuse("invalid", "exposure.bad_case", `\`${text.slice(0, 40)}\` is neither the id of a case nor a CVE id`)
}

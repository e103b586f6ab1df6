/** The first time that each person was told of, fetched and confirmed something of a case: however often it was done since. */
import type { Instant } from "../../../lib/instant.ts"
import { type Tx, oneOrAll } from "../../../platform/db.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import type { Channel } from "../channel.ts"

export interface OfCase {
    readonly case: string
    /** Null: of all. */
    readonly class: ArtifactClass | null
    /** The artifacts of that class. */
    readonly artifacts: readonly string[]
    /** Null: by all. */
    readonly partner: string | null
    /** Half-open. */
    readonly before: Instant
}

export interface First {
    readonly partner: string
    readonly person: string
    readonly at: Instant
}

export interface FirstFetch extends First {
    readonly artifact: string
    readonly version: number
    readonly channel: Channel
}

/** Where the class is told, the index leads to it: each is a statement of its own, as with `oneOrAll`. */
const fetches = (of: OfCase) =>
    `from deliveries where case_id = $1 and at < $2 and ${of.class === null ? "$3::text is null" : "class = $3"}
     and ${oneOrAll("partner", 4, of.partner)}`

const valuesOf = (of: OfCase) => [of.case, new Date(of.before), of.class, of.partner]

/** Of each version that a partner fetched the first time, `max` at most; where one is asked about, of each of its persons. */
export async function firstFetches(tx: Tx, of: OfCase, max: number): Promise<FirstFetch[]> {
    const each = `partner, artifact, version${of.partner === null ? "" : ", person"}`
    return await tx.query<FirstFetch>(
        `select distinct on (${each}) partner, artifact, version, person, channel, at ${fetches(of)}
         order by ${each}, at, person limit $5`,
        [...valuesOf(of), max],
    )
}

export async function firstFetchesByPerson(tx: Tx, of: OfCase): Promise<First[]> {
    return await tx.query<First>(
        `select partner, person, min(at) as at ${fetches(of)} group by partner, person`,
        valuesOf(of),
    )
}

export async function firstAcknowledgementsByPerson(tx: Tx, of: OfCase): Promise<First[]> {
    return await tx.query<First>(
        `select partner, person, min(at) as at from acknowledgements
         where case_id = $1 and at < $2 and artifact = any($3::uuid[]) and ${oneOrAll("partner", 4, of.partner)}
         group by partner, person`,
        [of.case, new Date(of.before), of.artifacts, of.partner],
    )
}

/** Of those that left for these waves: one that could not be sent told nobody. */
export async function firstNoticesByPerson(tx: Tx, of: OfCase, waves: readonly string[]): Promise<First[]> {
    return await tx.query<First>(
        `select partner, person, min(sent_at) as at from notices
         where wave = any($1::uuid[]) and state = 'sent' and sent_at < $2 and ${oneOrAll("partner", 3, of.partner)}
         group by partner, person`,
        [waves, new Date(of.before), of.partner],
    )
}

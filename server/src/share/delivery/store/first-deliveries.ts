/** The first time that each person was told of, fetched and confirmed something of a case: however often it was done since. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
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
const fetches = (ofCase: OfCase) =>
    `from deliveries where case_id = $1 and at < $2 and ${ofCase.class === null ? "$3::text is null" : "class = $3"}
     and ${oneOrAll("partner_id", 4, ofCase.partner)}`

const valuesOf = (ofCase: OfCase) => [ofCase.case, new Date(ofCase.before), ofCase.class, ofCase.partner]

/** Of each version that a partner fetched the first time, `max` at most; where one is asked about, of each of its persons. */
export async function listFirstFetches(tx: Tx, ofCase: OfCase, max: number): Promise<FirstFetch[]> {
    const each = `partner_id, artifact_id, version${ofCase.partner === null ? "" : ", person_id"}`
    return await tx.query<FirstFetch>(
        `select distinct on (${each}) partner_id as partner, artifact_id as artifact, version,
             person_id as person, channel, at ${fetches(ofCase)}
         order by ${each}, at, person_id limit $5`,
        [...valuesOf(ofCase), max],
    )
}

export async function listFirstFetchesByPerson(tx: Tx, ofCase: OfCase): Promise<First[]> {
    return await tx.query<First>(
        `select partner_id as partner, person_id as person, min(at) as at ${fetches(ofCase)} group by partner_id, person_id`,
        valuesOf(ofCase),
    )
}

export async function listFirstAcknowledgementsByPerson(tx: Tx, ofCase: OfCase): Promise<First[]> {
    return await tx.query<First>(
        `select partner_id as partner, person_id as person, min(at) as at from acknowledgements
         where case_id = $1 and at < $2 and artifact_id = any($3::uuid[]) and ${oneOrAll("partner_id", 4, ofCase.partner)}
         group by partner_id, person_id`,
        [ofCase.case, new Date(ofCase.before), ofCase.artifacts, ofCase.partner],
    )
}

/** Of those that left for these waves: one that could not be sent told nobody. */
export async function listFirstNoticesByPerson(tx: Tx, ofCase: OfCase, waves: readonly string[]): Promise<First[]> {
    return await tx.query<First>(
        `select partner_id as partner, person_id as person, min(sent_at) as at from notices
         where wave_id = any($1::uuid[]) and state = 'sent' and sent_at < $2 and ${oneOrAll("partner_id", 3, ofCase.partner)}
         group by partner_id, person_id`,
        [waves, new Date(ofCase.before), ofCase.partner],
    )
}

/** Queries of the first notice, fetch and acknowledgement of each person in a case. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import type { Channel } from "../channel.ts"

export interface OfCase {
    readonly case: string
    /** Null: all classes. */
    readonly class: ArtifactClass | null
    /** The artifacts of that class. */
    readonly artifacts: readonly string[]
    /** Null: all partners. */
    readonly partner: string | null
    /** Exclusive. */
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

/** With a class, the index on it is used; each variant is a statement of its own, as with `oneOrAll`. */
const fetches = (ofCase: OfCase) =>
    `from deliveries where case_id = $1 and at < $2 and ${ofCase.class === null ? "$3::text is null" : "class = $3"}
     and ${oneOrAll("partner_id", 4, ofCase.partner)}`

const valuesOf = (ofCase: OfCase) => [ofCase.case, new Date(ofCase.before), ofCase.class, ofCase.partner]

/**
 * Lists the first fetch of each version by each partner, `max` at most. For one partner, lists it for each of its
 * people.
 */
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
        `select partner_id as partner, person_id as person, min(at) as at ${fetches(ofCase)}
         group by partner_id, person_id`,
        valuesOf(ofCase),
    )
}

export async function listFirstAcknowledgementsByPerson(tx: Tx, ofCase: OfCase): Promise<First[]> {
    return await tx.query<First>(
        `select partner_id as partner, person_id as person, min(at) as at from acknowledgements
         where case_id = $1 and at < $2 and artifact_id = any($3::uuid[])
         and ${oneOrAll("partner_id", 4, ofCase.partner)}
         group by partner_id, person_id`,
        [ofCase.case, new Date(ofCase.before), ofCase.artifacts, ofCase.partner],
    )
}

/** Lists the first sent notice of each person for these waves. Notices that could not be sent do not count. */
export async function listFirstNoticesByPerson(tx: Tx, ofCase: OfCase, waves: readonly string[]): Promise<First[]> {
    return await tx.query<First>(
        `select partner_id as partner, person_id as person, min(sent_at) as at from notices
         where wave_id = any($1::uuid[]) and state = 'sent' and sent_at < $2
         and ${oneOrAll("partner_id", 3, ofCase.partner)}
         group by partner_id, person_id`,
        [waves, new Date(ofCase.before), ofCase.partner],
    )
}

/** Queries of the first notice, fetch and acknowledgement of each person in a case. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import type { Channel } from "../channel.ts"

export interface DeliveryFilter {
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

export interface FirstContact {
    readonly partner: string
    readonly person: string
    readonly at: Instant
}

export interface FirstFetch extends FirstContact {
    readonly artifact: string
    readonly version: number
    readonly channel: Channel
}

/** With a class, the index on it is used; each variant is a statement of its own, as with `oneOrAll`. */
const selectFetches = (filter: DeliveryFilter) =>
    `from deliveries where case_id = $1 and at < $2 and ${filter.class === null ? "$3::text is null" : "class = $3"}
     and ${oneOrAll("partner_id", 4, filter.partner)}`

const valuesOf = (filter: DeliveryFilter) => [filter.case, new Date(filter.before), filter.class, filter.partner]

/**
 * Lists the first fetch of each version by each partner, `max` at most. For one partner, lists it for each of its
 * people.
 */
export async function listFirstFetches(tx: Tx, filter: DeliveryFilter, max: number): Promise<FirstFetch[]> {
    const each = `partner_id, artifact_id, version${filter.partner === null ? "" : ", person_id"}`
    return await tx.query<FirstFetch>(
        `select distinct on (${each}) partner_id as partner, artifact_id as artifact, version,
             person_id as person, channel, at ${selectFetches(filter)}
         order by ${each}, at, person_id limit $5`,
        [...valuesOf(filter), max],
    )
}

export async function listFirstFetchesByPerson(tx: Tx, filter: DeliveryFilter): Promise<FirstContact[]> {
    return await tx.query<FirstContact>(
        `select partner_id as partner, person_id as person, min(at) as at ${selectFetches(filter)}
         group by partner_id, person_id`,
        valuesOf(filter),
    )
}

export async function listFirstAcknowledgementsByPerson(tx: Tx, filter: DeliveryFilter): Promise<FirstContact[]> {
    return await tx.query<FirstContact>(
        `select partner_id as partner, person_id as person, min(at) as at from acknowledgements
         where case_id = $1 and at < $2 and artifact_id = any($3::uuid[])
         and ${oneOrAll("partner_id", 4, filter.partner)}
         group by partner_id, person_id`,
        [filter.case, new Date(filter.before), filter.artifacts, filter.partner],
    )
}

/** Lists the first sent notice of each person for these waves. Notices that could not be sent do not count. */
export async function listFirstNoticesByPerson(
    tx: Tx,
    filter: DeliveryFilter,
    waves: readonly string[],
): Promise<FirstContact[]> {
    return await tx.query<FirstContact>(
        `select partner_id as partner, person_id as person, min(sent_at) as at from notices
         where wave_id = any($1::uuid[]) and state = 'sent' and sent_at < $2
         and ${oneOrAll("partner_id", 3, filter.partner)}
         group by partner_id, person_id`,
        [waves, new Date(filter.before), filter.partner],
    )
}

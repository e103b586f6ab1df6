/** The tables of deliveries, acknowledgements, notices, deletion confirmations and test results. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import type { Channel } from "../channel.ts"

export interface DeliveryRow {
    readonly id: string
    readonly event: number
    readonly partner: string
    readonly person: string
    readonly case_id: string
    readonly artifact: string
    readonly version: number
    readonly class: ArtifactClass
    readonly channel: Channel
    /** The hash of the copy. A feed delivery without marks has the hash of the master's text. */
    readonly copy_hash: Buffer
    readonly copy_salt: Buffer
    readonly at: Instant
}

const insertDeliverySql = `insert into deliveries (id, event_id, partner_id, person_id, case_id, artifact_id, version,
class, copy_hash,
    copy_salt, at, channel) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

const valuesOf = (row: DeliveryRow) => [
    row.id,
    row.event,
    row.partner,
    row.person,
    row.case_id,
    row.artifact,
    row.version,
    row.class,
    row.copy_hash,
    row.copy_salt,
    new Date(row.at),
    row.channel,
]

/** Inserts a delivery with the commit. */
export function insertDeliveryLast(tx: Tx, row: DeliveryRow): void {
    tx.queryAtCommit(insertDeliverySql, valuesOf(row))
}

export interface Delivery {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly class: ArtifactClass
    readonly channel: Channel
    readonly at: Instant
}

/** Lists deliveries, oldest first; `null` leaves a filter out. */
export async function listDeliveries(
    tx: Tx,
    filter: { readonly partner: string | null; readonly case: string | null; readonly before: Instant | null },
): Promise<Delivery[]> {
    return await tx.query<Delivery>(
        `select id, partner_id as partner, person_id as person, case_id as case, artifact_id as artifact, version,
         class, channel, at from deliveries
         where ${oneOrAll("partner_id", 1, filter.partner)} and ${oneOrAll("case_id", 2, filter.case)}
         and ($3::timestamptz is null or at < $3) order by at, event_id`,
        [filter.partner, filter.case, filter.before === null ? null : new Date(filter.before)],
    )
}

export interface VersionKey {
    readonly artifact: string
    readonly version: number
}

/** Lists the commitments to each copy of a version, oldest first. */
export async function listCopies(
    tx: Tx,
    { artifact, version }: VersionKey,
    until: Instant,
): Promise<Pick<DeliveryRow, "partner" | "copy_salt" | "copy_hash">[]> {
    return await tx.query(
        `select partner_id as partner, copy_salt, copy_hash from deliveries
         where artifact_id = $1 and version = $2 and at <= $3 and channel in ('copy', 'taxii_copy')
         order by at, event_id`,
        [artifact, version, new Date(until)],
    )
}

/** Lists the partners that were served the unmarked text of a version, by a channel without marks. */
export async function listPollingPartners(
    tx: Tx,
    { artifact, version }: VersionKey,
    until: Instant,
): Promise<string[]> {
    const rows = await tx.query<{ partner: string }>(
        `select distinct partner_id as partner from deliveries
         where artifact_id = $1 and version = $2 and at <= $3 and channel not in ('copy', 'taxii_copy')
         order by partner_id`,
        [artifact, version, new Date(until)],
    )
    return rows.map(({ partner }) => partner)
}

/** Locks the deliveries until the transaction ends, so that concurrent acknowledgements wait and find the first one. */
export async function lockDeliveries(tx: Tx, partner: string, caseId: string): Promise<void> {
    await tx.query("select id from deliveries where partner_id = $1 and case_id = $2 order by event_id for update", [
        partner,
        caseId,
    ])
}

export interface AcknowledgementRow {
    readonly id: string
    readonly event: number
    readonly partner: string
    readonly person: string
    readonly case_id: string
    readonly artifact: string
    readonly version: number
    readonly at: Instant
}

export async function insertAcknowledgement(tx: Tx, row: AcknowledgementRow): Promise<void> {
    await tx.query(
        `insert into acknowledgements (id, event_id, partner_id, person_id, case_id, artifact_id, version, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.id, row.event, row.partner, row.person, row.case_id, row.artifact, row.version, new Date(row.at)],
    )
}

export interface Acknowledgement {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly at: Instant
}

export async function listAcknowledgements(
    tx: Tx,
    filter: { readonly partner: string | null; readonly case: string | null; readonly before: Instant | null },
): Promise<Acknowledgement[]> {
    return await tx.query<Acknowledgement>(
        `select id, partner_id as partner, person_id as person, case_id as case, artifact_id as artifact, version, at
         from acknowledgements
         where ${oneOrAll("partner_id", 1, filter.partner)} and ${oneOrAll("case_id", 2, filter.case)}
         and ($3::timestamptz is null or at < $3) order by at, event_id`,
        [filter.partner, filter.case, filter.before === null ? null : new Date(filter.before)],
    )
}

/**
 * Returns, for each partner, the percentage of artifacts fetched between two instants that it acknowledged or confirmed
 * as deleted. Deliveries to tools need no acknowledgement and do not count.
 */
export async function listAcknowledgedShares(
    tx: Tx,
    from: Instant,
    until: Instant,
): Promise<{ readonly partner: string; readonly percent: number }[]> {
    return await tx.query(
        `select partner_id as partner, round(100.0 * count(coalesce(a.at, x.at)) / count(*))::int as percent
         from (select distinct partner_id, artifact_id from deliveries
         where at > $1 and at <= $2 and channel = 'copy') d
         left join (select partner_id, artifact_id, min(at) as at from acknowledgements
         group by partner_id, artifact_id) a
             using (partner_id, artifact_id)
         left join (select partner_id, artifact_id, min(at) as at from deletion_confirmations
         group by partner_id, artifact_id) x
             using (partner_id, artifact_id)
         group by partner_id`,
        [new Date(from), new Date(until)],
    )
}

export interface HeldCopyRow {
    readonly artifact: string
    readonly case: string
    readonly version: number
    readonly class: ArtifactClass
    readonly at: Instant
}

/** Lists what a partner fetched and did not confirm as deleted since, with the first fetch. */
export async function listHoldings(tx: Tx, partner: string): Promise<HeldCopyRow[]> {
    return await tx.query<HeldCopyRow>(
        `select d.artifact_id as artifact, d.case_id as "case", d.version, d.class, min(d.at) as at from deliveries d
         where d.partner_id = $1
         and not exists (select from deletion_confirmations x
         where x.partner_id = d.partner_id and x.artifact_id = d.artifact_id
             and d.version = any(x.versions) and x.event_id > d.event_id)
         group by d.artifact_id, d.case_id, d.version, d.class order by min(d.event_id)`,
        [partner],
    )
}

export interface HolderRow {
    readonly partner: string
    readonly versions: readonly number[]
}

/**
 * Lists the partners that held a recalled version: fetched before the recall, and not confirmed as deleted between.
 * Event ids follow the order of locks.
 */
export async function listHolders(
    tx: Tx,
    recall: { readonly artifact: string; readonly version: number | null; readonly event: number },
    partner: string | null,
): Promise<HolderRow[]> {
    return await tx.query<HolderRow>(
        `select d.partner_id as partner, array_agg(distinct d.version order by d.version) as versions from deliveries d
         where d.artifact_id = $1 and ($2::int is null or d.version = $2) and d.event_id < $3
         and ${oneOrAll("d.partner_id", 4, partner)}
         and not exists (select from deletion_confirmations x
         where x.partner_id = d.partner_id and x.artifact_id = d.artifact_id
             and d.version = any(x.versions) and x.event_id > d.event_id and x.event_id < $3)
         group by d.partner_id order by min(d.event_id)`,
        [recall.artifact, recall.version, recall.event, partner],
    )
}

export interface DeletionConfirmation {
    readonly id: string
    readonly recall: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly artifact: string
    readonly versions: readonly number[]
    readonly at: Instant
}

export async function insertDeletion(tx: Tx, row: DeletionConfirmation & { readonly event: number }): Promise<void> {
    await tx.query(
        `insert into deletion_confirmations (id, event_id, recall_id, partner_id, person_id, case_id, artifact_id,
         versions, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
            row.id,
            row.event,
            row.recall,
            row.partner,
            row.person,
            row.case,
            row.artifact,
            row.versions,
            new Date(row.at),
        ],
    )
}

/** Lists deletion confirmations in order; `null` leaves a filter out. */
export async function listDeletions(
    tx: Tx,
    filter: { readonly recall: string | null; readonly partner: string | null },
): Promise<DeletionConfirmation[]> {
    return await tx.query<DeletionConfirmation>(
        `select id, recall_id as recall, partner_id as partner, person_id as person, case_id as case,
         artifact_id as artifact, versions, at from deletion_confirmations
         where ${oneOrAll("recall_id", 1, filter.recall)} and ${oneOrAll("partner_id", 2, filter.partner)}
         order by event_id`,
        [filter.recall, filter.partner],
    )
}

export interface ResultRow {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly resultCiphertext: Buffer
    readonly at: Instant
}

export async function insertResult(tx: Tx, row: ResultRow & { readonly event: number }): Promise<void> {
    await tx.query(
        `insert into test_results (id, event_id, partner_id, person_id, case_id, artifact_id, version,
         result_ciphertext, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
            row.id,
            row.event,
            row.partner,
            row.person,
            row.case,
            row.artifact,
            row.version,
            row.resultCiphertext,
            new Date(row.at),
        ],
    )
}

export async function listCasesOfResults(tx: Tx, before: Instant): Promise<string[]> {
    const rows = await tx.query<{ case: string }>(
        "select distinct case_id as case from test_results where at < $1 order by 1",
        [new Date(before)],
    )
    return rows.map((row) => row.case)
}

/** Lists test results in order; `null` leaves a filter out. */
export async function listResults(
    tx: Tx,
    filter: { readonly artifact: string | null; readonly partner: string | null },
): Promise<ResultRow[]> {
    return await tx.query<ResultRow>(
        `select id, partner_id as partner, person_id as person, case_id as case, artifact_id as artifact, version,
         result_ciphertext as "resultCiphertext", at
         from test_results
         where ${oneOrAll("artifact_id", 1, filter.artifact)} and ${oneOrAll("partner_id", 2, filter.partner)}
         order by event_id`,
        [filter.artifact, filter.partner],
    )
}

export interface ChannelUse {
    readonly channel: Channel
    readonly partner: string
    readonly lastAt: Instant
}

/** Lists the partners that fetched by each channel since an instant, with the last delivery. */
export async function listChannelUse(tx: Tx, since: Instant): Promise<ChannelUse[]> {
    return await tx.query<ChannelUse>(
        `select channel, partner_id as partner, max(at) as "lastAt" from deliveries
         where at > $1 group by channel, partner_id`,
        [new Date(since)],
    )
}

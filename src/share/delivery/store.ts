/** The rows of deliveries, acknowledgements and notices. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"

export interface DeliveryRow {
    readonly id: string
    readonly event: number
    readonly partner: string
    readonly person: string
    readonly case_id: string
    readonly artifact: string
    readonly version: number
    readonly class: ArtifactClass
    readonly copy_hash: Buffer
    readonly copy_salt: Buffer
    readonly at: Instant
}

export async function insertDelivery(tx: Tx, row: DeliveryRow): Promise<void> {
    await tx.query(
        `insert into deliveries (id, event, partner, person, case_id, artifact, version, class, copy_hash, copy_salt, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
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
        ],
    )
}

export interface Fetched {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly class: ArtifactClass
    readonly at: Instant
}

/** Deliveries, oldest first; `null` leaves a filter out. */
export async function deliveries(
    tx: Tx,
    filter: { readonly partner: string | null; readonly case: string | null; readonly before: Instant | null },
): Promise<Fetched[]> {
    return await tx.query<Fetched>(
        `select id, partner, person, case_id as case, artifact, version, class, at from deliveries
         where ($1::uuid is null or partner = $1) and ($2::uuid is null or case_id = $2)
         and ($3::timestamptz is null or at < $3) order by at, event`,
        [filter.partner, filter.case, filter.before === null ? null : new Date(filter.before)],
    )
}

export async function deliveryEvent(tx: Tx, partner: string, id: string): Promise<number | undefined> {
    const rows = await tx.query<{ event: number }>(
        `select event from deliveries where id = $1 and partner = $2
         union all select event from acknowledgements where id = $1 and partner = $2`,
        [id, partner],
    )
    return rows[0]?.event
}

/** Held until the transaction ends: whoever else confirms the same waits, and then finds it confirmed. */
export async function lockDeliveries(tx: Tx, partner: string, caseId: string): Promise<void> {
    await tx.query("select id from deliveries where partner = $1 and case_id = $2 order by event for update", [
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
        `insert into acknowledgements (id, event, partner, person, case_id, artifact, version, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.id, row.event, row.partner, row.person, row.case_id, row.artifact, row.version, new Date(row.at)],
    )
}

export interface Acknowledged {
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly at: Instant
}

export async function acknowledgements(
    tx: Tx,
    filter: { readonly partner: string | null; readonly case: string | null; readonly before: Instant | null },
): Promise<Acknowledged[]> {
    return await tx.query<Acknowledged>(
        `select partner, person, case_id as case, artifact, version, at from acknowledgements
         where ($1::uuid is null or partner = $1) and ($2::uuid is null or case_id = $2)
         and ($3::timestamptz is null or at < $3) order by at, event`,
        [filter.partner, filter.case, filter.before === null ? null : new Date(filter.before)],
    )
}

export interface NewNotice {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly wave: string
}

/** One a person and wave, however often the step runs. */
export async function insertNotice(tx: Tx, its: NewNotice, now: Instant, realNow: Instant): Promise<void> {
    await tx.query(
        `insert into notices (id, partner, person, wave, state, next_at, made_at)
         values ($1, $2, $3, $4, 'due', $5, $6) on conflict do nothing`,
        [its.id, its.partner, its.person, its.wave, new Date(realNow), new Date(now)],
    )
}

export interface DueNotice extends NewNotice {
    readonly tries: number
}

/** The next notice to send, held until the transaction ends. */
export async function takeDueNotice(tx: Tx, realNow: Instant): Promise<DueNotice | undefined> {
    const rows = await tx.query<DueNotice>(
        `select id, partner, person, wave, tries from notices where state = 'due' and next_at <= $1
         order by next_at limit 1 for update skip locked`,
        [new Date(realNow)],
    )
    return rows[0]
}

export async function setNotice(
    tx: Tx,
    id: string,
    state: "due" | "sent" | "dropped" | "failed",
    times: { readonly sentAt: Instant | null; readonly nextAt: Instant },
): Promise<void> {
    await tx.query("update notices set state = $2, tries = tries + 1, sent_at = $3, next_at = $4 where id = $1", [
        id,
        state,
        times.sentAt === null ? null : new Date(times.sentAt),
        new Date(times.nextAt),
    ])
}

export interface Notified {
    readonly partner: string
    readonly wave: string
    readonly state: "due" | "sent" | "dropped" | "failed"
    readonly at: Instant | null
}

/** The notices of these waves. */
export async function notices(tx: Tx, waves: readonly string[]): Promise<Notified[]> {
    return await tx.query<Notified>(
        "select partner, wave, state, sent_at as at from notices where wave = any($1) order by sent_at",
        [waves],
    )
}

/** Reads and inserts the rows of the audit log. Events, leaves, nodes and checkpoints are never changed. */
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { Node, Place } from "@tocsin/audit-log/merkle"
import type { Tx } from "../../platform/postgres/db.ts"
import type { EventRow } from "../../kernel/store.ts"

/** An event with its number; `index` is null until it is a leaf. */
export interface NumberedEvent extends EventRow {
    readonly seq: number
    readonly index: number | null
}

/** An event that is a leaf, with the hash that was stored when it became one. */
export interface LeafRow extends EventRow {
    readonly seq: number
    readonly index: number
    readonly hash: Buffer
}

export interface CheckpointRow {
    readonly size: number
    readonly root: Buffer
    readonly note: string
    readonly at: Instant
}

// --- Sequencing

const sequencerClass = 3

/** Locks out other sequencers until the transaction ends. Reads afterwards see what the previous one committed. */
export async function lockSequencer(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${sequencerClass}, 0)`)
}

/** Claims the oldest unsequenced events. */
export async function claimUnsequenced(tx: Tx, countMax: number): Promise<(EventRow & { readonly seq: number })[]> {
    return await tx.query(
        `with taken as (
            delete from unsequenced_events where seq = any(array(select seq from unsequenced_events
            order by seq limit $1)) returning seq
         ) select seq, at, kind, body, salt, confidential from taken join events using (seq) order by seq`,
        [countMax],
    )
}

/** Whether the newest checkpoint covers every leaf. */
export async function isFullySigned(tx: Tx): Promise<boolean> {
    const [row] = await tx.query<{ signed: boolean }>(
        `select coalesce((select max(index) + 1 from leaves), 0) = coalesce((select max(size)
         from checkpoints), 0) as signed`,
    )
    return row?.signed === true
}

/** Counts the leaves. */
export async function countLeaves(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ size: number }>("select coalesce(max(index) + 1, 0) as size from leaves")
    return row?.size ?? 0
}

export interface NewLeaf {
    readonly index: number
    readonly seq: number
    readonly hash: Uint8Array
}

export async function insertLeaves(tx: Tx, leaves: readonly NewLeaf[]): Promise<void> {
    await tx.query(
        `insert into leaves (index, seq, hash) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])`,
        [
            leaves.map((leaf) => leaf.index),
            leaves.map((leaf) => leaf.seq),
            leaves.map((leaf) => Buffer.from(leaf.hash)),
        ],
    )
}

/** Inserts complete nodes above the leaves. Level 0 is in `leaves`. */
export async function insertNodes(tx: Tx, nodes: readonly Node[]): Promise<void> {
    const above = nodes.filter(({ level }) => level > 0)
    await tx.query(
        `insert into tree_nodes (level, pos, hash) select * from unnest($1::int[], $2::bigint[], $3::bytea[])`,
        [above.map(({ level }) => level), above.map(({ pos }) => pos), above.map(({ hash }) => Buffer.from(hash))],
    )
}

/** Lists the hashes at these places. Missing nodes are left out. */
export async function listNodesAt(tx: Tx, places: readonly Place[]): Promise<Node[]> {
    return await tx.query<Node>(
        `with wanted as (select * from unnest($1::int[], $2::bigint[]) as place (level, pos))
         select level, pos, hash from wanted join tree_nodes using (level, pos)
         union all
         select level, pos, hash from wanted join leaves on level = 0 and index = pos`,
        [places.map(({ level }) => level), places.map(({ pos }) => pos)],
    )
}

export async function insertCheckpoint(tx: Tx, checkpoint: CheckpointRow): Promise<void> {
    await tx.query("insert into checkpoints (size, root, note, at) values ($1, $2, $3, $4)", [
        checkpoint.size,
        checkpoint.root,
        checkpoint.note,
        new Date(checkpoint.at),
    ])
}

// --- Reading

/** Finds the newest checkpoint; null before the first. */
export async function findNewestCheckpoint(tx: Tx): Promise<CheckpointRow | null> {
    const [row] = await tx.query<CheckpointRow>(
        "select size, root, note, at from checkpoints order by size desc limit 1",
    )
    return row ?? null
}

/** Finds the checkpoint of this size; null where none was signed. */
export async function findCheckpointAt(tx: Tx, size: number): Promise<CheckpointRow | null> {
    const [row] = await tx.query<CheckpointRow>("select size, root, note, at from checkpoints where size = $1", [size])
    return row ?? null
}

/** Lists the events of leaves [`start`, `end`), in order. */
export async function listLeafEvents(tx: Tx, start: number, end: number): Promise<LeafRow[]> {
    return await tx.query<LeafRow>(
        `select seq, index, hash, at, kind, body, salt, confidential from leaves join events using (seq)
         where index >= $1 and index < $2 order by index`,
        [start, end],
    )
}

/** Finds the oldest event of a kind with this field value. */
export async function findEventWith(tx: Tx, kind: string, field: string, value: string): Promise<EventRow | null> {
    const [row] = await tx.query<EventRow>(
        `select at, kind, body, salt, confidential from events where kind = $1 and body->>$2 = $3
         order by seq limit 1`,
        [kind, field, value],
    )
    return row ?? null
}

/** A field with one of these values; `kind` null: of any kind. */
export interface FieldMatch {
    readonly kind: string | null
    readonly field: string
    readonly values: readonly string[]
}

/** Lists leaves below `size` that match one of these, in order. */
export async function listMatchingLeaves(tx: Tx, matches: readonly FieldMatch[], size: number): Promise<LeafRow[]> {
    return await tx.query<LeafRow>(
        `select seq, index, hash, at, kind, body, salt, confidential from leaves join events using (seq)
         where index < $1 and exists (
            select from jsonb_to_recordset($2::jsonb) as one (kind text, field text, "values" jsonb)
            where (one.kind is null or one.kind = events.kind) and one."values" ? (events.body->>one.field)
         ) order by index`,
        [size, JSON.stringify(matches)],
    )
}

/** Lists people behind events of a kind with all these values, up to and including an instant. */
export async function listPeopleBehind(
    tx: Tx,
    kind: string,
    fields: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<string[]> {
    const present = Object.entries(fields).filter(([, value]) => value !== null)
    const absent = Object.keys(fields).filter((field) => fields[field] === null)
    const rows = await tx.query<{ person: string }>(
        `select distinct body->>'by' as person from events
         where kind = $1 and body @> $2::jsonb and at <= $3 and body->>'by' is not null
         and not exists (select from unnest($4::text[]) as field where body->>field is not null) order by 1`,
        [kind, JSON.stringify(Object.fromEntries(present)), new Date(until), absent],
    )
    return rows.map(({ person }) => person)
}

/** Lists bodies of events of a kind with all these values, up to and including an instant. */
export async function listMatchingBodies(
    tx: Tx,
    kind: string,
    fields: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<Readonly<Record<string, Json>>[]> {
    const rows = await tx.query<Pick<EventRow, "body">>(
        "select body from events where kind = $1 and body @> $2::jsonb and at <= $3 order by seq",
        [kind, JSON.stringify(fields), new Date(until)],
    )
    return rows.map(({ body }) => body)
}

/**
 * Lists people who wrote or read these artifacts' masters or staff copies, or compared a leak with them, before an
 * instant. Each half of the query has its own index.
 */
export async function listPeopleOfMasters(tx: Tx, artifacts: readonly string[], before: Instant): Promise<string[]> {
    const value = "body->>'artifact' = any($1::text[]) and at < $2 and body->>'by' is not null"
    const rows = await tx.query<{ person: string }>(
        `select body->>'by' as person from events where kind in ('artifact.versioned', 'artifact.read') and ${value}
         union select body->>'by' from events where kind = 'attribution.read' and ${value} order by 1`,
        [artifacts, new Date(before)],
    )
    return rows.map(({ person }) => person)
}

/** Lists events that name one piece of evidence, in order. */
export async function listEventsOfEvidence(tx: Tx, evidence: string): Promise<NumberedEvent[]> {
    return await tx.query<NumberedEvent>(
        `select seq, index, at, kind, body, salt, confidential from events left join leaves using (seq)
         where body ? 'evidence' and body->'evidence' @> to_jsonb($1::text) order by seq`,
        [evidence],
    )
}

/** Which events a list shows. Null and an empty list do not filter. */
export interface EventFilter {
    /** The number of the oldest event of the page before. */
    readonly olderThan: number | null
    readonly from: Instant | null
    readonly until: Instant | null
    readonly case: string | null
    readonly partner: string | null
    readonly person: string | null
    /** Whole kinds like `wave.released`, or objects like `wave`. */
    readonly kinds: readonly string[]
    /** The objects of which the viewer reads the kind of confidential events that belong to no inquiry. */
    readonly confidentialObjects: readonly string[]
}

/** The kind that a list shows for confidential events that the viewer may not read. */
export const hiddenKind = "confidential"

/** An event as a list shows it: `kind` may be hidden, and the body of a confidential event is always null. */
export interface ListedEvent {
    readonly seq: number
    readonly index: number | null
    readonly at: Instant
    readonly kind: string
    readonly confidential: boolean
    readonly body: Readonly<Record<string, Json>> | null
}

/**
 * Lists matching events, newest first. The filters read only what the list itself shows, so they cannot be used to
 * guess what it hides. A case has the events that name it, one of its waves or one of its approvals.
 */
export async function listEvents(tx: Tx, filter: EventFilter, countMax: number): Promise<ListedEvent[]> {
    return await tx.query<ListedEvent>(
        `with listed as (
            select seq, at, confidential, case when confidential then null else body end as body,
                case when confidential and not (split_part(kind, '.', 1) = any($1::text[]) and body->>'inquiry' is null)
                    then $2::text else kind end as kind
            from events
            where ($3::bigint is null or seq < $3) and ($4::timestamptz is null or at >= $4)
                and ($5::timestamptz is null or at < $5)
         ), related as (
            select coalesce(array_agg(distinct body->>'wave'), '{}') as waves,
                coalesce(array_agg(distinct body->>'approval'), '{}') as approvals
            from events where $6::text is not null and not confidential and body->>'case' = $6
         )
         select seq, index, at, kind, confidential, body from listed left join leaves using (seq)
         where ($6::text is null or body->>'case' = $6 or body->>'wave' = any((select waves from related)::text[])
                or body->>'approval' = any((select approvals from related)::text[]))
            and ($7::text is null or body->>'partner' = $7)
            and ($8::text is null or body->>'by' = $8 or body->>'person' = $8)
            and ($9::text[] = '{}' or kind = any($9) or split_part(kind, '.', 1) = any($9))
         order by seq desc limit $10`,
        [
            filter.confidentialObjects,
            hiddenKind,
            filter.olderThan,
            filter.from === null ? null : new Date(filter.from),
            filter.until === null ? null : new Date(filter.until),
            filter.case,
            filter.partner,
            filter.person,
            filter.kinds,
            countMax,
        ],
    )
}

/** An object of the log with the instant of its first event. */
export interface LoggedObject {
    readonly id: string
    readonly at: Instant
}

/** Lists the objects that events of this kind name in a field of the same name as the object, oldest first. */
export async function listLoggedObjects(tx: Tx, kind: string, field: string): Promise<LoggedObject[]> {
    return await tx.query<LoggedObject>(
        `select body->>$2 as id, at from events where kind = $1 and not confidential and body->>$2 is not null
         order by seq`,
        [kind, field],
    )
}

/** Number of unsequenced events. */
export async function countUnsequenced(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>("select count(*) from unsequenced_events")
    return row?.count ?? 0
}

export async function findNewestSeq(tx: Tx): Promise<number> {
    const rows = await tx.query<{ seq: number }>("select seq from events order by seq desc limit 1")
    return rows[0]?.seq ?? 0
}

/** Finds the instant of the first checkpoint; null where there is none. */
export async function findFirstCheckpointAt(tx: Tx): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant }>("select at from checkpoints order by size limit 1")
    return row?.at ?? null
}

// --- Faults

/** Finds the open fault that stops sequencing; null where there is none. */
export async function findOpenFault(tx: Tx): Promise<{ readonly since: Instant; readonly leaf: number | null } | null> {
    const [row] = await tx.query<{ since: Instant; leaf: number | null }>(
        "select detected_at as since, leaf from audit_log_faults where ended_at is null",
    )
    return row ?? null
}

export async function insertFault(tx: Tx, since: Instant, leaf: number | null): Promise<void> {
    await tx.query("insert into audit_log_faults (detected_at, leaf) values ($1, $2)", [new Date(since), leaf])
}

/** Ends the open fault. False where there was none. */
export async function endFault(tx: Tx, now: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update audit_log_faults set ended_at = $1 where ended_at is null returning detected_at as since",
        [new Date(now)],
    )
    return rows.length > 0
}

/** Reads the dated rows that requirements are computed from, and writes statements, bounces and reminders. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import { combineCalls } from "../../../../kernel/shared-transaction.ts"
import type { RequirementRules } from "../requirement.ts"
import type { FactChange, FactRow } from "../../facts.ts"
import type { PeriodicKind } from "../../agreements/obligation.ts"
import type { Tier } from "../../partner.ts"
import type { Terms } from "../../agreements/store/agreements.ts"

export type DatedRow = {
    readonly partner: string
    readonly at: Instant
    readonly until: Instant | null
} & (
    | {
          readonly kind: "active" | "accepted" | "attestation" | "regular_reports" | "key" | "verified" | "bounced"
          /** Of an acceptance. */
          readonly version: number | null
      }
    | {
          /** Decisions about the tier; `version` orders them. */
          readonly kind: "tier"
          readonly version: number
          readonly value: Tier
      }
)

/** All rows behind partners' facts, up to an instant. */
export interface FactRows {
    /** The last valid decision on each fact. */
    readonly facts: readonly (FactRow & { readonly partner: string })[]
    readonly dated: readonly DatedRow[]
    /** Announced versions, in force or future, oldest first. */
    readonly versions: readonly Terms[]
    /** The newest requirement rules; null before the first. */
    readonly rules: RequirementRules | null
}

type SelectedRow =
    | DatedRow
    | {
          readonly kind: "fact"
          readonly partner: string
          readonly at: Instant
          readonly version: number
          readonly value: FactChange
      }
    | {
          readonly kind: "agreement"
          readonly at: Instant
          readonly until: Instant
          readonly value: Omit<Terms, "since" | "appliesAt">
      }
    | { readonly kind: "rules"; readonly value: RequirementRules }

/** Loads the rows of all partners (null) or one, in one statement, because every decision reads them. */
export async function loadFactRows(tx: Tx, instant: Instant, partner: string | null): Promise<FactRows> {
    if (partner === null)
        return sortRows(await tx.query<SelectedRow>(selection("$2::uuid[] is null"), [new Date(instant), null]))
    const { rows } = await queryFactRows(tx, partner, instant)
    return sortRows(rows.filter((row) => !("partner" in row) || row.partner === null || row.partner === partner))
}

const queryFactRows = combineCalls((tx, partners: readonly string[], instant: Instant) =>
    tx.query<SelectedRow>(selection("partner_id = any((select $2::uuid[])::uuid[])"), [new Date(instant), partners]),
)

/** The query for partners with this condition. */
const selection = (condition: string): string =>
    `select partner_id as partner, 'tier' as kind, from_at as at, null::timestamptz as until, seq as version, value
         from partner_facts where fact = 'tier' and from_at <= $1 and ${condition}
     union all select partner_id as partner, 'active', min(from_at), null, null, null
         from partner_facts where fact = 'status' and value = '"active"' and from_at <= $1 and ${condition}
         group by partner_id
     union all select partner_id as partner, 'accepted', at, ends_at, version, null from acceptances
     where at <= $1 and ${condition}
     union all select partner_id as partner, kind, at, null, null, null from partner_statements
     where at <= $1 and ${condition}
     union all
     select partner_id as partner, 'key', usable_at, case when revoked_at <= $1 then least(revoked_at, expires_at)
             else expires_at end, null, null
         from partner_keys where usable_at is not null and coalesce(confirmed_at, accepted_at, added_at) <= $1
             and ${condition}
     union all select partner_id as partner, kind, at, null, null, null
         from mailbox_events where at <= $1 and ${condition}
     union all (select distinct on (partner_id, fact) partner_id, 'fact', from_at, null, seq,
             jsonb_build_object('fact', fact, 'value', value)
         from partner_facts where from_at <= $1 and ${condition} order by partner_id, fact, seq desc)
     union all (select null, 'agreement', created_at, applies_at, version, jsonb_build_object('version', version,
             'periods', requirements, 'longestEmbargoDays', longest_embargo_days)
         from agreements where created_at <= $1 order by version)
     union all (select null, 'rules', created_at, null, version, rules from program_rules
         where kind = 'requirements' and created_at <= $1 order by version desc limit 1)`

function sortRows(rows: readonly SelectedRow[]): FactRows {
    const facts: (FactRow & { readonly partner: string })[] = []
    const dated: DatedRow[] = []
    const versions: Terms[] = []
    let rules: RequirementRules | null = null
    for (const row of rows) {
        if (row.kind === "fact") facts.push({ ...row.value, partner: row.partner, seq: row.version, from: row.at })
        else if (row.kind === "agreement") versions.push({ ...row.value, since: row.at, appliesAt: row.until })
        else if (row.kind === "rules") rules = row.value
        else dated.push(row)
    }
    return { facts, dated, versions: versions.toSorted((a, b) => a.version - b.version), rules }
}

export interface StatementRow {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly kind: PeriodicKind
    readonly version: number
    readonly nothing: boolean
    readonly body_ciphertext: Buffer
    readonly at: Instant
}

const statementColumns = `id, partner_id as partner, person_id as person, kind, version,
    is_zero_report as nothing, body_ciphertext, at`

export async function insertStatement(tx: Tx, row: StatementRow): Promise<void> {
    await tx.query(
        `insert into partner_statements (id, partner_id, person_id, kind, version, is_zero_report, body_ciphertext, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.id, row.partner, row.person, row.kind, row.version, row.nothing, row.body_ciphertext, new Date(row.at)],
    )
}

export async function countStatements(tx: Tx, partner: string, kind: PeriodicKind, since: Instant): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        "select count(*)::int as count from partner_statements where partner_id = $1 and kind = $2 and at > $3",
        [partner, kind, new Date(since)],
    )
    return row?.count ?? 0
}

/** Lists statements of one partner, newest first. */
export async function listStatements(tx: Tx, partner: string, max: number): Promise<StatementRow[]> {
    return await tx.query<StatementRow>(
        `select ${statementColumns} from partner_statements where partner_id = $1 order by at desc, id limit $2`,
        [partner, max],
    )
}

export async function insertMailboxEvent(
    tx: Tx,
    event: { readonly partner: string; readonly person: string | null; readonly kind: "verified" | "bounced" },
    at: Instant,
): Promise<void> {
    await tx.query("insert into mailbox_events (partner_id, person_id, kind, at) values ($1, $2, $3, $4)", [
        event.partner,
        event.person,
        event.kind,
        new Date(at),
    ])
}

export interface BouncingAddress {
    /** Null: the partner's own address. */
    readonly person: string | null
    readonly times: number
    readonly since: Instant
}

/** Lists addresses that bounced since the last mailbox proof. */
export async function listBouncingAddresses(tx: Tx, partner: string): Promise<BouncingAddress[]> {
    return await tx.query<BouncingAddress>(
        `select person_id as person, count(*)::int as times, min(at) as since from mailbox_events
         where partner_id = $1 and kind = 'bounced' and at > coalesce(
             (select max(at) from mailbox_events where partner_id = $1 and kind = 'verified'), '-infinity')
         group by person_id order by min(at), person_id`,
        [partner],
    )
}

/** Finds the last mailbox proof; null: never. */
export async function findLastProof(tx: Tx, partner: string): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant | null }>(
        "select max(at) as at from mailbox_events where partner_id = $1 and kind = 'verified'",
        [partner],
    )
    return row?.at ?? null
}

/** Inserts a reminder. False where it was already sent. */
export async function insertReminder(
    tx: Tx,
    reminder: { readonly partner: string; readonly kind: string; readonly dueAt: Instant; readonly step: string },
    now: Instant,
): Promise<boolean> {
    const rows = await tx.query(
        `insert into requirement_reminders (partner_id, kind, due_at, step, at) values ($1, $2, $3, $4, $5)
         on conflict do nothing returning partner_id as partner`,
        [reminder.partner, reminder.kind, new Date(reminder.dueAt), reminder.step, new Date(now)],
    )
    return rows.length > 0
}

/** Finds the last check of all partners; null: never, or by a clock that was ahead. */
export async function findLastRun(tx: Tx, now: Instant): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant }>("select at from partner_last_run where at <= $1", [new Date(now)])
    return row?.at ?? null
}

/** Claims the check, so that of several workers only one runs it. */
export async function claimRun(tx: Tx, now: Instant, lastRunBefore: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into partner_last_run (at) values ($1)
         on conflict (only_one) do update set at = excluded.at
             where partner_last_run.at <= $2 or partner_last_run.at > $1 returning only_one`,
        [new Date(now), new Date(lastRunBefore)],
    )
    return rows.length > 0
}

/** Stores regimes, regulatory clocks and their history, append-only. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../platform/postgres/db.ts"
import type { ClockEntry } from "./filing.ts"
import type { Regime } from "./regime.ts"

export interface RegimeRow {
    readonly id: string
    readonly version: number
    readonly regime: Regime
    readonly by: string | null
    readonly at: Instant
}

/** Lists the newest version of each of the operator's regimes. */
export async function listNewestRegimes(tx: Tx): Promise<RegimeRow[]> {
    return await tx.query<RegimeRow>(
        `select distinct on (id) id, version, regime, created_by as by, created_at as at
         from regimes order by id, version desc`,
    )
}

/** Inserts a version of a regime. */
export async function insertRegime(tx: Tx, { id, version, regime, by, at }: RegimeRow): Promise<void> {
    await tx.query("insert into regimes (id, version, regime, created_by, created_at) values ($1, $2, $3, $4, $5)", [
        id,
        version,
        JSON.stringify(regime),
        by,
        new Date(at),
    ])
}

export interface ClockRow {
    readonly id: string
    readonly case: string
    readonly regime: string
    readonly version: number
    readonly terms: Regime
}

const columns = "id, case_id as case, regime, version, terms"

/** Inserts a clock. */
export async function insertClock(tx: Tx, row: ClockRow): Promise<void> {
    await tx.query("insert into regulatory_clocks (id, case_id, regime, version, terms) values ($1, $2, $3, $4, $5)", [
        row.id,
        row.case,
        row.regime,
        row.version,
        JSON.stringify(row.terms),
    ])
}

/** Finds a clock by id. */
export async function findClock(tx: Tx, id: string): Promise<ClockRow | undefined> {
    return (await tx.query<ClockRow>(`select ${columns} from regulatory_clocks where id = $1`, [id]))[0]
}

/** Lists the clocks of a case (null: all) by start. */
export async function listClocks(tx: Tx, caseId: string | null): Promise<ClockRow[]> {
    return await tx.query<ClockRow>(
        `select ${columns} from regulatory_clocks where ${oneOrAll("case_id", 1, caseId)} order by seq`,
        [caseId],
    )
}

/** Lists the clocks of all cases that are not closed. */
export async function listOpenClocks(tx: Tx): Promise<ClockRow[]> {
    return await tx.query<ClockRow>(
        `select ${columns} from regulatory_clocks
         where not exists (select 1 from regulatory_clock_history where clock_id = id and kind = 'closed')
         order by seq`,
    )
}

interface HistoryRow {
    readonly clock: string
    readonly kind: ClockEntry["kind"]
    readonly at: Instant
    readonly by: string | null
    readonly since: Instant | null
    readonly filing: string | null
    readonly source_kind: NonNullable<ClockEntry["source"]>["kind"] | null
    readonly source: string | null
    readonly text_ciphertext: Buffer | null
}

/** An entry with its text, encrypted with the case; null without text. */
export interface ClockEntryRow extends ClockEntry {
    readonly clock: string
    readonly ciphertext: Buffer | null
}

/** Lists the history of these clocks, in order. */
export async function listEntries(tx: Tx, ids: readonly string[]): Promise<ClockEntryRow[]> {
    const rows = await tx.query<HistoryRow>(
        `select clock_id as clock, kind, at, actor_id as by, since_at as since, filing, source_kind,
         source_id as source, text_ciphertext
         from regulatory_clock_history where clock_id = any($1::uuid[]) order by clock_id, n`,
        [ids],
    )
    return rows.map(({ source_kind: kind, source: id, text_ciphertext: ciphertext, ...row }) => ({
        ...row,
        ciphertext,
        source: kind === null ? null : { kind, id },
    }))
}

/** Inserts an entry of the history. */
export async function insertEntry(
    tx: Tx,
    n: number,
    { clock: id, source, ciphertext, ...entry }: ClockEntryRow,
): Promise<void> {
    await tx.query(
        `insert into regulatory_clock_history (clock_id, n, kind, at, actor_id, since_at, filing, source_kind,
         source_id, text_ciphertext)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
            id,
            n,
            entry.kind,
            new Date(entry.at),
            entry.by,
            entry.since === null ? null : new Date(entry.since),
            entry.filing,
            source?.kind ?? null,
            source?.id ?? null,
            ciphertext,
        ],
    )
}

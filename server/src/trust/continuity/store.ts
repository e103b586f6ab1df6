/** Reads and writes quarantines and numbered changes of access. */
import type { AccessEnd, Difference, Epoch } from "../../models/high-water.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import type { ReappliedEnd, FileSummary, Quarantine } from "./quarantine.ts"

const guardClass = 9

/** Locks out other guards until the transaction ends, so that only one numbers changes. */
export async function lockGuard(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${guardClass}, 0)`)
}

// --- Changes of access

export async function hasUnnumberedChanges(tx: Tx): Promise<boolean> {
    return (await tx.query("select from access_changes where number is null limit 1")).length > 0
}

/** Whether a change exists after the newest one in the file. */
export async function hasChangesAfter(tx: Tx, number: number): Promise<boolean> {
    const rows = await tx.query<{ due: boolean }>(
        `select exists (select from access_changes where number is null)
         or exists (select from access_changes where number > $1) as due`,
        [number],
    )
    return rows[0]?.due === true
}

/** Numbers new changes; for one partner, person or credential in the order in which they were written. */
export async function numberChanges(tx: Tx): Promise<void> {
    await tx.query(
        `with waiting as (
            select id, row_number() over (order by seq) as place from access_changes where number is null
         ) update access_changes set number = place + (select coalesce(max(number), 0) from access_changes)
         from waiting where access_changes.id = waiting.id`,
    )
}

/** Deletes changes of expired credentials, except the newest change, which files refer to. */
export async function deleteExpiredChanges(tx: Tx, realNow: Instant): Promise<void> {
    await tx.query(
        "delete from access_changes where expires_at < $1 and number < (select max(number) from access_changes)",
        [new Date(realNow)],
    )
}

export async function findNewestChange(tx: Tx): Promise<Epoch | null> {
    const [row] = await tx.query<Epoch>(
        "select number, id from access_changes where number is not null order by number desc limit 1",
    )
    return row ?? null
}

/** Id of the change with this number, or of the next one where it was deleted; null where there is none. */
export async function findChangeIdAt(tx: Tx, { number, id }: Epoch): Promise<string | null> {
    const [row] = await tx.query<Epoch>(
        "select number, id from access_changes where number >= $1 order by number limit 1",
        [number],
    )
    return row === undefined || row.number === number ? (row?.id ?? null) : id
}

/** Lists changes after a number, in order. */
export async function listChangesAfter(tx: Tx, number: number): Promise<AccessEnd[]> {
    return await tx.query<AccessEnd>(
        `select kind, subject as id, status, from_at as "from", expires_at as expires from access_changes
         where number > $1 order by number`,
        [number],
    )
}

// --- What attributions have spent

type SpentChange = Pick<AccessEnd, "id" | "status" | "from">

export async function insertSpentBudget(tx: Tx, { id, status, from }: SpentChange): Promise<void> {
    await tx.query("insert into access_changes (kind, subject, status, from_at) values ('spent_budget', $1, $2, $3)", [
        id,
        status,
        new Date(from),
    ])
}

export async function isSpentBudgetKnown(tx: Tx, { id, status }: SpentChange): Promise<boolean> {
    const rows = await tx.query(
        "select from access_changes where kind = 'spent_budget' and subject = $1 and status = $2",
        [id, status],
    )
    return rows.length > 0
}

export async function listSpentBudgets(tx: Tx): Promise<{ id: string; state: string }[]> {
    return await tx.query(
        "select subject as id, status as state from access_changes where kind = 'spent_budget' order by seq",
    )
}

// --- Whether a file is known

export async function isFileKnown(tx: Tx): Promise<boolean> {
    return (await tx.query("select from high_water_known")).length > 0
}

export async function markFileKnown(tx: Tx, now: Instant): Promise<void> {
    await tx.query("insert into high_water_known (created_at) values ($1) on conflict do nothing", [new Date(now)])
}

// --- Quarantines

const columns = `id, started_at as since, reasons, files, applied, number`

export async function findOpenQuarantine(tx: Tx): Promise<Quarantine | null> {
    const [row] = await tx.query<Quarantine>(`select ${columns} from quarantines where ended_at is null`)
    return row ?? null
}

export async function lockQuarantine(tx: Tx): Promise<Quarantine | null> {
    const [row] = await tx.query<Quarantine>(`select ${columns} from quarantines where ended_at is null for update`)
    return row ?? null
}

export async function insertQuarantine(tx: Tx, quarantine: Quarantine): Promise<void> {
    await tx.query(
        "insert into quarantines (id, started_at, reasons, files, applied, number) values ($1, $2, $3, $4, $5, $6)",
        [
            quarantine.id,
            new Date(quarantine.since),
            quarantine.reasons,
            JSON.stringify(quarantine.files),
            JSON.stringify(quarantine.applied),
            quarantine.number,
        ],
    )
}

/**
 * Makes the open quarantine of a restored backup one of this restore, with a new id: every file is compared again.
 * False where none is open.
 */
export async function restartQuarantine(tx: Tx, id: string, reason: Difference): Promise<boolean> {
    const rows = await tx.query(
        `update quarantines set id = $1, files = '{}', reasons = array(select distinct unnest(reasons || $2::text))
         where ended_at is null returning id`,
        [id, reason],
    )
    return rows.length > 0
}

export async function addToQuarantine(
    tx: Tx,
    id: string,
    additions: {
        readonly reasons: readonly Difference[]
        readonly files: Readonly<Record<string, FileSummary>>
        readonly applied: readonly ReappliedEnd[]
    },
): Promise<void> {
    await tx.query(
        `update quarantines set files = files || $2, applied = applied || $3,
         reasons = array(select distinct unnest(reasons || $4::text[])) where id = $1`,
        [id, JSON.stringify(additions.files), JSON.stringify(additions.applied), additions.reasons],
    )
}

export async function endQuarantine(tx: Tx, id: string, approval: string, now: Instant): Promise<void> {
    await tx.query("update quarantines set ended_at = $3, approval_id = $2 where id = $1", [
        id,
        approval,
        new Date(now),
    ])
}

/** Whether two people have reconciled the database with this file. */
export async function isReconciled(tx: Tx, file: string): Promise<boolean> {
    const rows = await tx.query("select from quarantines where ended_at is not null and files ? $1 limit 1", [file])
    return rows.length > 0
}

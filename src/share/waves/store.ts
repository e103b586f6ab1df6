/** The rows of waves, and what each release opened. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { Wave, WaveTier } from "./wave.ts"

interface WaveRow {
    readonly id: string
    readonly case_id: string
    readonly tier: WaveTier
    readonly offset_ms: number
    readonly approval: string | null
    readonly frozen_at: Instant | null
    readonly released_at: Instant | null
}

const present = (row: WaveRow): Wave => ({
    id: row.id,
    case: row.case_id,
    tier: row.tier,
    offsetMs: row.offset_ms,
    approval: row.approval,
    frozenAt: row.frozen_at,
    releasedAt: row.released_at,
})

export async function insertWave(tx: Tx, wave: Pick<Wave, "id" | "case" | "tier" | "offsetMs">): Promise<void> {
    await tx.query("insert into waves (id, case_id, tier, offset_ms) values ($1, $2, $3, $4)", [
        wave.id,
        wave.case,
        wave.tier,
        wave.offsetMs,
    ])
}

/** The waves of one case (null: of all), the earliest first. */
export async function waves(tx: Tx, caseId: string | null): Promise<Wave[]> {
    const rows = await tx.query<WaveRow>(
        "select * from waves where $1::uuid is null or case_id = $1 order by case_id, offset_ms, tier",
        [caseId],
    )
    return rows.map(present)
}

export async function wave(tx: Tx, id: string): Promise<Wave | undefined> {
    return (await tx.query<WaveRow>("select * from waves where id = $1", [id])).map(present)[0]
}

/** Undefined also where another transaction holds it. */
export async function lockWave(tx: Tx, id: string): Promise<Wave | undefined> {
    const rows = await tx.query<WaveRow>("select * from waves where id = $1 for update skip locked", [id])
    return rows.map(present)[0]
}

export async function setApproval(tx: Tx, id: string, approval: string | null): Promise<void> {
    await tx.query("update waves set approval = $2 where id = $1", [id, approval])
}

export async function setFrozen(tx: Tx, id: string, at: Instant | null): Promise<void> {
    await tx.query("update waves set frozen_at = $2 where id = $1", [id, at === null ? null : new Date(at)])
}

/** Set once: the first gate. */
export async function setReleased(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update waves set released_at = $2 where id = $1 and released_at is null", [id, new Date(at)])
}

export interface Opened {
    readonly wave: string
    readonly artifact: string
    readonly version: number
}

export async function insertOpened(tx: Tx, its: readonly Opened[]): Promise<void> {
    await tx.query(
        `insert into wave_artifacts (wave, artifact, version)
         select * from unnest($1::uuid[], $2::uuid[], $3::int[])`,
        [its.map((one) => one.wave), its.map((one) => one.artifact), its.map((one) => one.version)],
    )
}

/** What the released waves of one case (null: of all) opened. */
export async function opened(tx: Tx, caseId: string | null): Promise<(Opened & { tier: WaveTier; at: Instant })[]> {
    return await tx.query(
        `select o.wave, o.artifact, o.version, w.tier, w.released_at as at from wave_artifacts o
         join waves w on w.id = o.wave where $1::uuid is null or w.case_id = $1`,
        [caseId],
    )
}

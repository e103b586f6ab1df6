/**
 * Stores the clock guard's memory in one row. Program time is never before its high water. So a released wave stays
 * released after the database's clock is set back.
 */
import type { ClockMemory } from "../../models/clock-trust.ts"
import type { ClockMark } from "../../models/high-water.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Clock } from "./clock.ts"
import type { Tx } from "../postgres/db.ts"

const guardClass = 8

interface Row {
    readonly high_water: Instant
    readonly memory: Omit<ClockMemory, "highWater">
}

/** Returns the memory; null before the first reading. */
export async function findClockMemory(tx: Tx): Promise<ClockMemory | null> {
    return memoryOf(await tx.query<Row>("select high_water_at as high_water, memory from clock_guard"))
}

/** Returns the memory of the clock, and locks it until this transaction ends, even where it has no row yet. */
export async function lockClockMemory(tx: Tx): Promise<ClockMemory | null> {
    await tx.query(`select pg_advisory_xact_lock(${guardClass}, 0)`)
    return await findClockMemory(tx)
}

export async function saveClockMemory(tx: Tx, { highWater, ...memory }: ClockMemory): Promise<void> {
    await tx.query(
        `insert into clock_guard (high_water_at, memory) values ($1, $2) on conflict (only_one)
         do update set high_water_at = excluded.high_water_at, memory = excluded.memory`,
        [new Date(highWater), JSON.stringify(memory)],
    )
}

/** Returns the latest certain instants: a mark that no restored database may be behind. */
export async function readClockMark(tx: Tx, clock: Clock): Promise<ClockMark> {
    const memory = await findClockMemory(tx)
    const wall = memory?.highWater ?? 0
    const program = clock.isMovable === true ? await clock.now(tx) : wall
    return { program, wall, confirmations: memory?.confirmations ?? 0 }
}

function memoryOf([row]: readonly Row[]): ClockMemory | null {
    return row ? { ...row.memory, highWater: row.high_water } : null
}

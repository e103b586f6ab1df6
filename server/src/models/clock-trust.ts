/**
 * Judges whether clocks can be trusted, from a reading and the memory of earlier readings.
 *
 * Two wall clocks must agree with each other, with the time passed since they were last trusted, and with earlier
 * instants. A clock that runs ahead is the dangerous one. So the baseline (a wall-clock instant at a monotonic time)
 * moves back automatically, and never forward.
 */
import type { Instant } from "@tocsin/base/instant"

/** All sources at one moment. */
export interface ClockReading {
    /** Identifies the boot of the machine since which its monotonic time counts. */
    readonly boot: string
    readonly monotonicMs: number
    /** The wall clock of this machine. */
    readonly application: Instant
    /** The wall clock of the database. */
    readonly database: Instant
    /** Whether the two clocks are those of two machines; false where one clock is read twice. */
    readonly hasTwoClocks: boolean
    /** Whether a staff member allowed a single clock here, also after a restart. */
    readonly isOneEnough: boolean
    /** How far this machine's clock differs from a time service that synchronises it; null without such a service. */
    readonly offByServiceMs: number | null
}

/** The baseline of the clock: a wall-clock instant, and the monotonic time in milliseconds at that instant. */
export interface Baseline {
    readonly wall: Instant
    readonly monotonicMs: number
}

/**
 * Why clocks are not trusted. `disagree`: they differ from each other. `service`: they differ from the time service.
 * `forward`: they are ahead of the time that has passed. `backward`: they are behind an earlier instant. `alone`: after
 * a restart, there is only one clock.
 */
export type Doubt = "disagree" | "service" | "forward" | "backward" | "alone"

/** The state of the guard between readings. */
export interface ClockMemory {
    /** The latest trusted instant. */
    readonly highWater: Instant
    /** Baselines by boot. */
    readonly baselines: Readonly<Record<string, Baseline>>
    /** Null while the clocks are trusted. `since`: when the distrust began, by the database's clock. */
    readonly distrust: { readonly doubt: Doubt; readonly since: Instant } | null
    /** While distrusted: since when the clocks agree again. */
    readonly agreedSince: Instant | null
    readonly reading: ClockReading
    /** How often two people confirmed the clock. */
    readonly confirmations: number
}

/** The maximum difference between the clocks. */
export const disagreementMsMax = 500
/** How far the wall clock may get ahead of the time that has passed. */
export const forwardMsMax = 2_000
/** How far the wall clock may fall behind the latest trusted instant. */
export const backwardMsMax = 1_000
/** How long distrusted clocks must agree before they are trusted again. */
export const trustAgainMs = 60_000
/** The maximum time between two readings of one period of agreement. */
export const readingGapMsMax = 15_000
const neverTrusted = 0
const baselinesMax = 32

/** Returns why a reading is not trusted; null where it is. The first reading of all is always trusted. */
export function doubtOf(reading: ClockReading, memory: ClockMemory | null): Doubt | null {
    const { application, database, offByServiceMs, hasTwoClocks, isOneEnough } = reading
    if (!(Math.abs(application - database) <= disagreementMsMax)) return "disagree"
    if (offByServiceMs !== null && !(Math.abs(offByServiceMs) <= disagreementMsMax)) return "service"
    if (memory === null || memory.highWater === neverTrusted) return null
    if (!(Math.min(application, database) >= memory.highWater - backwardMsMax)) return "backward"
    const baseline = baselineOf(reading, memory)
    if (baseline === null) return hasTwoClocks || isOneEnough || offByServiceMs !== null ? null : "alone"
    return Math.max(application, database) - expectedAt(reading, baseline) <= forwardMsMax ? null : "forward"
}

/** The change that a reading causes. */
export interface ClockMemoryChange {
    readonly memory: ClockMemory
    readonly change: "distrusted" | "trusted" | null
}

/** Returns the next state. One doubt distrusts the clocks at once; a minute without doubt trusts them again. */
export function nextMemory(memory: ClockMemory | null, reading: ClockReading): ClockMemoryChange {
    const doubt = doubtOf(reading, memory)
    const distrust = memory?.distrust ?? null
    if (doubt !== null) {
        const since = distrust?.since ?? reading.database
        const base = memory ?? { highWater: neverTrusted, baselines: {}, confirmations: 0 }
        return {
            memory: { ...base, distrust: { doubt, since }, agreedSince: null, reading },
            change: distrust === null ? "distrusted" : null,
        }
    }
    const isSeamless = memory !== null && reading.database - memory.reading.database <= readingGapMsMax
    const agreedSince = (isSeamless ? memory.agreedSince : null) ?? reading.database
    if (memory !== null && distrust !== null && reading.database - agreedSince < trustAgainMs) {
        const baselines = baselinesAfter(reading, memory)
        return { memory: { ...memory, baselines, agreedSince, reading }, change: null }
    }
    return {
        memory: {
            highWater: Math.max(memory?.highWater ?? neverTrusted, reading.database),
            baselines: baselinesAfter(reading, memory),
            distrust: null,
            agreedSince: null,
            reading,
            confirmations: memory?.confirmations ?? 0,
        },
        change: distrust === null ? null : "trusted",
    }
}

/**
 * Returns the memory after a clock confirmation: the database's clock was right at this moment of this machine. The
 * next reading must agree with it. Other machines must set their baselines again.
 */
export function confirmedMemory(memory: ClockMemory, reading: ClockReading): ClockMemory {
    const { boot, monotonicMs, database } = reading
    return {
        highWater: database,
        baselines: { [boot]: { wall: database, monotonicMs } },
        distrust: null,
        agreedSince: null,
        reading: memory.reading,
        confirmations: memory.confirmations + 1,
    }
}

/**
 * Returns the baseline of this boot. Returns null where the machine counts again, as a container does that has its
 * host's boot id.
 */
function baselineOf({ boot, monotonicMs }: ClockReading, { baselines }: ClockMemory): Baseline | null {
    const baseline = baselines[boot]
    return baseline !== undefined && monotonicMs >= baseline.monotonicMs - backwardMsMax ? baseline : null
}

const expectedAt = ({ monotonicMs }: ClockReading, { wall, monotonicMs: baselineMs }: Baseline): Instant =>
    wall + Math.max(0, monotonicMs - baselineMs)

/** Adds a baseline for this boot if it has none, or moves the baseline back. */
function baselinesAfter(reading: ClockReading, memory: ClockMemory | null): Readonly<Record<string, Baseline>> {
    const wall = Math.min(reading.application, reading.database)
    const baseline = memory && baselineOf(reading, memory)
    if (baseline && wall >= expectedAt(reading, baseline)) return memory.baselines
    const { [reading.boot]: _, ...others } = memory?.baselines ?? {}
    const latest = Object.entries(others).toSorted(([, a], [, b]) => b.wall - a.wall)
    const newest = latest.slice(0, baselinesMax - 1)
    return Object.fromEntries([...newest, [reading.boot, { wall, monotonicMs: reading.monotonicMs }]])
}

/**
 * Judges whether clocks can be trusted, from readings and from what was remembered of earlier readings.
 *
 * Two wall clocks must agree with each other, with the time passed since they were last trusted, and with earlier
 * instants. A clock that runs ahead is the dangerous one. So the baseline (a wall-clock instant at a monotonic time)
 * moves back automatically, and never forward.
 */
import type { Instant } from "@tocsin/base/instant"

/** All sources at one moment. */
export interface Reading {
    /** Names the running of a machine from which its monotonic time counts. */
    readonly boot: string
    readonly monotonicMs: number
    /** The wall clock of the machine that asks. */
    readonly application: Instant
    /** The wall clock of the database. */
    readonly database: Instant
    /** Whether these are clocks of two machines, or one that is read twice. */
    readonly isApart: boolean
    /** Whether a staff member allowed a single clock here, also after a restart. */
    readonly isOneEnough: boolean
    /** How far the asking machine's clock is off by a time service that has it synchronised; null where none does. */
    readonly offByServiceMs: number | null
}

/** The baseline of the clock: a wall-clock instant, and the monotonic time in milliseconds at that instant. */
export interface Anchor {
    readonly wall: Instant
    readonly monotonicMs: number
}

/**
 * Why clocks are not trusted. `disagree`: with each other. `service`: with the time service. `forward`: ahead of
 * the time that has passed. `backward`: behind what was seen already. `alone`: after a restart, one clock alone.
 */
export type Doubt = "disagree" | "service" | "forward" | "backward" | "alone"

/** The state of the guard between readings. */
export interface Memory {
    /** The latest instant that could be trusted. */
    readonly highWater: Instant
    /** Baselines by boot. */
    readonly anchors: Readonly<Record<string, Anchor>>
    /** Null while the clocks are trusted. `since` is of the database's clock when it began. */
    readonly frozen: { readonly doubt: Doubt; readonly since: Instant } | null
    /** While frozen: from when on they agree again. */
    readonly agreedSince: Instant | null
    readonly reading: Reading
    /** How often two people confirmed the clock. */
    readonly confirmations?: number
}

/** How much the clocks may be apart. */
export const apartMsMax = 500
/** How much the wall may gain on the time that has passed. */
export const forwardMsMax = 2_000
/** How much the wall may fall behind the latest instant that could be trusted. */
export const backwardMsMax = 1_000
/** How long clocks that were frozen must agree before they are trusted again. */
export const thawMs = 60_000
/** How far apart two readings may be that show one agreement. */
export const seamMsMax = 15_000
const neverTrusted = 0
const anchorsMax = 32

/** Returns why a reading is not trusted; null where it is. The first reading of all is always trusted. */
export function judge(reading: Reading, memory: Memory | null): Doubt | null {
    const { application, database, offByServiceMs, isApart, isOneEnough } = reading
    if (!(Math.abs(application - database) <= apartMsMax)) return "disagree"
    if (offByServiceMs !== null && !(Math.abs(offByServiceMs) <= apartMsMax)) return "service"
    if (memory === null || memory.highWater === neverTrusted) return null
    if (!(Math.min(application, database) >= memory.highWater - backwardMsMax)) return "backward"
    const anchor = anchorOf(reading, memory)
    if (anchor === null) return isApart || isOneEnough || offByServiceMs !== null ? null : "alone"
    return Math.max(application, database) - expectedAt(reading, anchor) <= forwardMsMax ? null : "forward"
}

/** What changed by a reading. */
export interface Step {
    readonly memory: Memory
    readonly change: "distrusted" | "trusted" | null
}

/** The next state: one doubt freezes at once, and only a minute without any thaws. */
export function next(memory: Memory | null, reading: Reading): Step {
    const doubt = judge(reading, memory)
    const frozen = memory?.frozen ?? null
    if (doubt !== null) {
        const since = frozen?.since ?? reading.database
        const kept = memory ?? { highWater: neverTrusted, anchors: {} }
        return {
            memory: { ...kept, frozen: { doubt, since }, agreedSince: null, reading },
            change: frozen === null ? "distrusted" : null,
        }
    }
    const isSeamless = memory !== null && reading.database - memory.reading.database <= seamMsMax
    const agreedSince = (isSeamless ? memory.agreedSince : null) ?? reading.database
    if (memory !== null && frozen !== null && reading.database - agreedSince < thawMs) {
        const { highWater } = memory
        const kept = { highWater, anchors: anchored(reading, memory), frozen, agreedSince, reading }
        return { memory: { ...kept, ...confirmed(memory) }, change: null }
    }
    return {
        memory: {
            highWater: Math.max(memory?.highWater ?? neverTrusted, reading.database),
            anchors: anchored(reading, memory),
            frozen: null,
            agreedSince: null,
            reading,
            ...confirmed(memory),
        },
        change: frozen === null ? null : "trusted",
    }
}

/**
 * Returns the memory after a clock confirmation: the database's clock was right at this moment of this machine. The
 * next reading must agree with it. Other machines must set their baselines again.
 */
export function attested(memory: Memory, reading: Reading): Memory {
    const { boot, monotonicMs, database } = reading
    return {
        highWater: database,
        anchors: { [boot]: { wall: database, monotonicMs } },
        frozen: null,
        agreedSince: null,
        reading: memory.reading,
        confirmations: (memory.confirmations ?? 0) + 1,
    }
}

const confirmed = (memory: Memory | null): Pick<Memory, "confirmations"> =>
    memory?.confirmations === undefined ? {} : { confirmations: memory.confirmations }

/**
 * Returns the baseline of this boot. Returns null where the machine counts again, as a container does that has its
 * host's boot id.
 */
function anchorOf({ boot, monotonicMs }: Reading, { anchors }: Memory): Anchor | null {
    const anchor = anchors[boot]
    return anchor !== undefined && monotonicMs >= anchor.monotonicMs - backwardMsMax ? anchor : null
}

const expectedAt = ({ monotonicMs }: Reading, { wall, monotonicMs: then }: Anchor): Instant =>
    wall + Math.max(0, monotonicMs - then)

/** Adds a baseline for this boot if it has none, or moves the baseline back. */
function anchored(reading: Reading, memory: Memory | null): Readonly<Record<string, Anchor>> {
    const wall = Math.min(reading.application, reading.database)
    const anchor = memory && anchorOf(reading, memory)
    if (anchor && wall >= expectedAt(reading, anchor)) return memory.anchors
    const { [reading.boot]: _, ...others } = memory?.anchors ?? {}
    const latest = Object.entries(others).toSorted(([, a], [, b]) => b.wall - a.wall)
    const kept = latest.slice(0, anchorsMax - 1)
    return Object.fromEntries([...kept, [reading.boot, { wall, monotonicMs: reading.monotonicMs }]])
}

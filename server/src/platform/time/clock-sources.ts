/**
 * Reads the sources of time: this machine's wall clock, the database's wall clock, the time since boot, and the
 * machine's time service if it answers. `models/clock-trust.ts` judges them.
 */
import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import { promisify } from "node:util"
import type { ClockReading } from "../../models/clock-trust.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../postgres/db.ts"

export interface ClockSources {
    /** Reads all sources at one moment, the database's in this transaction. */
    read(tx: Tx): Promise<ClockReading>
}

/**
 * Returns by how many milliseconds the clock is off while it is synchronised; null where it is not, or where this is
 * unknown.
 */
export type TimeService = () => Promise<number | null>

/** A longer reading is too inexact and is repeated. */
const readMsMax = 100
const triesMax = 3

/**
 * Returns the sources of this machine. If the database runs on it too, both wall clocks are one. After a restart,
 * only a time service can then confirm it. An operator without one can allow a single clock.
 */
export function machineSources(timeService: TimeService | "one_clock"): ClockSources {
    const isOneEnough = timeService === "one_clock"
    const uptime = uptimeOf()
    const readOnce = async (tx: Tx): Promise<{ reading: ClockReading; tookMs: number }> => {
        const offByServiceMs = isOneEnough ? null : await timeService()
        const monotonicMs = uptime.now()
        const application = Date.now()
        const { now, hasTwoClocks } = await readDatabaseClock(tx)
        const tookMs = uptime.now() - monotonicMs
        const wallClocks = { application, database: now, hasTwoClocks, isOneEnough }
        return { reading: { boot: uptime.boot, monotonicMs, ...wallClocks, offByServiceMs }, tookMs }
    }
    return {
        read: async (tx) => {
            let fastest = await readOnce(tx)
            for (let attempts = 1; fastest.tookMs > readMsMax && attempts < triesMax; attempts++) {
                const again = await readOnce(tx)
                if (again.tookMs < fastest.tookMs) fastest = again
            }
            return fastest.reading
        },
    }
}

/** Reads the database's clock. `hasTwoClocks`: the database is reached by TCP and from another address than its own. */
async function readDatabaseClock(tx: Tx): Promise<{ now: Instant; hasTwoClocks: boolean }> {
    const [row] = await tx.query<{ now: Instant; hasTwoClocks: boolean }>(
        `select clock_timestamp() as now, coalesce(inet_server_addr() <> inet_client_addr(), false) as "hasTwoClocks"`,
    )
    if (!row) throw new Error("the database returned no time")
    return row
}

/**
 * Returns the monotonic time. On Linux it counts while the machine sleeps and over restarts of this process; elsewhere
 * it counts for this process only.
 */
function uptimeOf(): { readonly boot: string; readonly now: () => number } {
    try {
        const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
        return { boot, now: () => Math.round(os.uptime() * 1000) }
    } catch {
        return { boot: randomUUID(), now: () => Math.round(performance.now()) }
    }
}

const execFileAsync = promisify(execFile)
const serviceMsMax = 2_000
const askEveryMs = 15_000

/** Returns the answer of chrony, else of the kernel, and caches it for a while. */
export function machineTimeService(ask: TimeService = readMachineService): TimeService {
    let latest: Promise<number | null> = Promise.resolve(null)
    let askedAtMs = -Infinity
    return async () => {
        if (performance.now() - askedAtMs > askEveryMs) {
            const first = askedAtMs === -Infinity
            askedAtMs = performance.now()
            const answer = ask().catch(() => null)
            if (first) latest = answer
            else void answer.then((offset) => (latest = Promise.resolve(offset)))
        }
        return await latest
    }
}

async function readMachineService(): Promise<number | null> {
    const chrony = await runQuery("chronyc", ["-c", "-n", "tracking"])
    if (chrony !== null) return offsetOf(chrony)
    const kernel = await runQuery("timedatectl", ["show", "--property=NTPSynchronized", "--value"])
    return kernel?.trim() === "yes" ? 0 : null
}

/** Runs a program; null where it is missing or fails. */
async function runQuery(program: string, args: readonly string[]): Promise<string | null> {
    return await execFileAsync(program, args, { timeout: serviceMsMax, windowsHide: true }).then(
        ({ stdout }) => stdout,
        () => null,
    )
}

/** The reference that chrony names where it follows this machine's own clock: 127.127.1.1. */
const ownReference = "7F7F0101"

/**
 * Parses a line of `chronyc -c tracking`, which has 14 fields: the first is the reference, the third the stratum (0:
 * none), the fifth the offset in seconds, the last the state. Null where the clock is not synchronised to an external
 * reference.
 */
export function offsetOf(tracking: string): number | null {
    const fields = tracking.trim().split(",")
    const [stratum, seconds] = [Number(fields[2]), Number(fields[4])]
    const isFollowing = fields.length === 14 && fields[0] !== ownReference && stratum > 0
    return isFollowing && fields[13] !== "Not synchronised" && Number.isFinite(seconds) ? seconds * 1000 : null
}

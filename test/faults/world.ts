/**
 * A world with adjustable clocks: a real PostgreSQL with a set time, and this machine's clocks with errors. The clock
 * guard reads them like real ones.
 */
import { releaseWavesJob } from "../../server/src/share/release/actions/release-wave.ts"
import { watchClocksJob } from "../../server/src/share/release/actions/guard-clocks.ts"
import type { ClockReading } from "../../server/src/models/clock-trust.ts"
import type { Instant } from "@tocsin/base/instant"
import { databaseClock } from "../../server/src/platform/time/clock.ts"
import { type Db, type Tx, openDb } from "../../server/src/platform/postgres/db.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { type ClockSources, machineSources } from "../../server/src/platform/time/clock-sources.ts"
import type { TestDatabase } from "../support/database.ts"

/** The error of each source in milliseconds, and other differences. */
export interface Errors {
    application: number
    database: number
    monotonic: number
    boot: string
    hasTwoClocks: boolean
    offByServiceMs: number | null
}

export interface World {
    readonly errors: Errors
    readonly services: Services
    /** Moves true time on (or to an instant), with all clocks. */
    pass(ms: number): Promise<void>
    passTo(instant: Instant): Promise<void>
    /** Sets errors; omitted ones stay. */
    set(errors: Partial<Errors>): Promise<void>
    /** Runs the worker's clock check, and then its release of due waves. */
    look(as?: ClockSources): Promise<void>
    /** The readings of another worker's machine with different clocks. */
    another(errors: Partial<Errors>): ClockSources
    /** Program time. */
    now(): Promise<Instant>
    close(): Promise<void>
}

/** Opens a world over the database of `given`, with true time at `start`. */
export async function world(given: Services, database: TestDatabase, start: Instant): Promise<World> {
    const errors: Errors = {
        application: 0,
        database: 0,
        monotonic: 0,
        boot: "first",
        hasTwoClocks: true,
        offByServiceMs: null,
    }
    let passed = start - Date.now()
    await database.db.transaction((tx) => makeOdd(tx))
    const db: Db = openDb(`${database.url}${database.url.includes("?") ? "&" : "?"}options=${options}`, {
        connectionsMax: 6,
        statementMsMax: 20_000,
    })
    const alone = inTurn()
    const sourcesWith = (off: Errors) => sourcesOf(off, () => passed, alone)
    const settle = (change: () => void) =>
        alone(async () => {
            change()
            await database.db.transaction((tx) => tx.query("update odd.clock set ms = $1", [passed + errors.database]))
        })
    const services: Services = { ...given, db, clock: databaseClock, log: quiet, clockSources: sourcesWith(errors) }
    const pass = (ms: number) => settle(() => void (passed += ms))
    await pass(0)
    return {
        errors,
        services,
        pass,
        passTo: (instant) => pass(instant - (Date.now() + passed)),
        set: (world) => settle(() => void Object.assign(errors, world)),
        look: async (sources = services.clockSources) => {
            await watchClocksJob.run({ ...services, clockSources: sources })
            await releaseWavesJob.run({ ...services, clockSources: sources })
        },
        another: (world) => sourcesWith({ ...errors, ...world }),
        now: () => db.transaction((tx) => databaseClock.now(tx)),
        close: () => db.close(),
    }
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** Sets and reads the clocks in turn, so that no worker reads a moved clock next to an unmoved one. */
function inTurn(): InTurn {
    let last: Promise<unknown> = Promise.resolve()
    return (work) => {
        const next = last.then(work, work)
        last = next
        return next
    }
}

function sourcesOf(errors: Errors, passed: () => number, alone: InTurn): ClockSources {
    const machine = machineSources("one_clock")
    return {
        read: (tx) =>
            alone(async (): Promise<ClockReading> => {
                const { monotonicMs, application, database } = await machine.read(tx)
                return {
                    boot: errors.boot,
                    monotonicMs: monotonicMs + passed() + errors.monotonic,
                    application: application + passed() + errors.application,
                    database,
                    hasTwoClocks: errors.hasTwoClocks,
                    isOneEnough: false,
                    offByServiceMs: errors.offByServiceMs,
                }
            }),
    }
}

/** A function found before `pg_catalog` replaces its own. */
const options = encodeURIComponent("-c search_path=odd,pg_catalog,public")

async function makeOdd(tx: Tx): Promise<void> {
    await tx.query("create schema odd")
    await tx.query("create table odd.clock (ms bigint not null)")
    await tx.query("insert into odd.clock values (0)")
    await tx.query(
        `create function odd.clock_timestamp() returns timestamptz volatile language sql as
         'select pg_catalog.clock_timestamp() + make_interval(secs => ms / 1000.0) from odd.clock'`,
    )
}

const nothing = () => undefined
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * Defines the interface to the database.
 *
 * Instants come back as milliseconds since 1970, UTC; write them with `new Date(instant)`. Transactions run READ
 * COMMITTED on the primary. Concurrent statements of a transaction are sent together and run in order, which saves
 * round trips.
 */
import type { Writable } from "node:stream"
import pg from "pg"
import { inChildSpan } from "../telemetry/spans.ts"
import { type Liveness, isDatabaseDown, trackLiveness, throwMarked } from "./database-down.ts"

export interface Tx {
    /** Runs one statement with `$1…` for values. Rows are plain objects. */
    query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>
    /** Runs a last statement together with the commit. Its answer is not read; if it fails, the transaction fails. */
    queryAtCommit(sql: string, values: readonly unknown[]): void
}

/**
 * Returns the SQL condition for one value, or for all rows where the value is null. Each makes a statement of its own:
 * an `or` would make PostgreSQL read whole tables.
 */
export function oneOrAll(column: string, place: number, value: string | null): string {
    return value === null ? `$${place}::uuid is null` : `${column} = $${place}`
}

export interface Db {
    /** Commits when the work resolves, rolls back when it throws. Nothing of a failed work stays. */
    transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
    /** Runs one statement as its own transaction, in one round trip. */
    statement<Row>(sql: string, values: readonly unknown[]): Promise<Row[]>
    close(): Promise<void>
}

const types = pg.types.builtins
const parsers: Record<number, (text: string) => unknown> = {
    [types.TIMESTAMPTZ]: (text) => Date.parse(text),
    [types.INT8]: Number,
}

/** For connections outside the pool, so that stores read the same values. */
export const typeParsers: pg.CustomTypesConfig = {
    getTypeParser: ((oid: number, format?: "text" | "binary") =>
        parsers[oid] ?? (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser,
}

export interface DbLimits {
    readonly connectionsMax: number
    readonly statementMsMax: number
}

const statementMsMax = 20_000
/** Limits of the console and the worker, or of a process with one part. */
const programLimits: DbLimits = { connectionsMax: 16, statementMsMax }
/** Limits of the portal: as many connections as its parallel requests, and those for its credential checks. */
export const portalLimits: DbLimits = { connectionsMax: 12, statementMsMax }

export function openDb(url: string, limits: DbLimits = programLimits): Db {
    const pool = new pg.Pool({
        connectionString: url,
        max: limits.connectionsMax,
        pipeline: true,
        connectionTimeoutMillis: 10_000,
        statement_timeout: limits.statementMsMax,
        idle_in_transaction_session_timeout: 60_000,
        types: typeParsers,
    })
    // The pool replaces a connection that breaks while idle. One that breaks in use fails its next query.
    // An error event without a listener would end the process.
    let breakCount = 0
    const countBreak = () => void breakCount++
    pool.on("error", countBreak)
    pool.on("connect", (client) => client.on("error", countBreak))
    const names = new Map<string, string>()
    const liveness = trackLiveness()
    const connect = () => takeConnection(pool, liveness)
    const db: Db = {
        transaction: async (work) =>
            await inChildSpan("transaction", async () => await transact(await connect(), { names, liveness }, work)),
        statement: async <Row>(text: string, values: readonly unknown[]) => {
            const client = await connect()
            const name = statementName(names, text)
            let isBroken = false
            try {
                const request = { text, ...(name !== undefined && { name }) }
                const { rows } = await liveness.awaitAnswer(() => client.query<object>(request, [...values]))
                liveness.noteAnswer()
                return rows as Row[]
            } catch (error) {
                isBroken = true
                return throwMarked(error)
            } finally {
                client.release(isBroken)
            }
        },
        close: () => pool.end(),
    }
    breakCounts.set(db, () => breakCount)
    pools.set(db, pool)
    return db
}

const pools = new WeakMap<Db, pg.Pool>()

/** Counts connections by state, and waiting callers. */
export function connectionsOf(db: Db): Readonly<Record<"busy" | "idle" | "waiting", number>> {
    const { totalCount = 0, idleCount = 0, waitingCount = 0 } = pools.get(db) ?? {}
    return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount }
}

const breakCounts = new WeakMap<Db, () => number>()

/** Counts broken connections, as after a crash of the database. */
export function breaksOf(db: Db): number {
    return breakCounts.get(db)?.() ?? 0
}

const namesMax = 1000

/**
 * Returns the name of a statement, so that a connection parses it once and plans it a few times. Stores have few texts.
 * Texts that are built at each call stay unnamed from the thousandth on.
 */
function statementName(names: Map<string, string>, text: string): string | undefined {
    const known = names.get(text)
    if (known !== undefined || names.size >= namesMax) return known
    const name = `s${names.size}`
    names.set(text, name)
    return name
}

/** Sends the statements of one turn in one write. The driver would write each one, and each write is a system call. */
function makeWriteBatcher(client: pg.PoolClient): () => void {
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Writable } }).connection
    let isCorked = false
    return () => {
        if (isCorked) return
        isCorked = true
        stream.cork()
        // Two ticks: statements that this turn gathers leave together with it.
        process.nextTick(() =>
            process.nextTick(() => {
                isCorked = false
                stream.uncork()
            }),
        )
    }
}

/** Thrown where PostgreSQL answered the commit with a rollback. */
export class RolledBack extends Error {}

/** Whether a statement only reads and takes locks, so that it leaves nothing behind if its transaction never began. */
export const onlyReads = (text: string): boolean =>
    /^\s*(select|with)\b/.test(text) && !/insert|update|delete|into/.test(text)

/** Takes a connection from the pool. A connection that arrives too late is released. */
async function takeConnection(pool: pg.Pool, liveness: Liveness): Promise<pg.PoolClient> {
    let connecting: Promise<pg.PoolClient> | null = null
    try {
        return await liveness.awaitAnswer(() => (connecting = pool.connect()))
    } catch (error) {
        void (connecting as Promise<pg.PoolClient> | null)?.then(
            (client) => client.release(),
            () => undefined,
        )
        return throwMarked(error)
    }
}

interface ConnectionState {
    readonly names: Map<string, string>
    readonly liveness: Liveness
}

/** Makes the function that sends a statement, in one write with the other statements of the turn. */
function makeSender(client: pg.PoolClient, { names, liveness }: ConnectionState) {
    const batchWrites = makeWriteBatcher(client)
    return async (text: string, values?: readonly unknown[]) => {
        const name = values && statementName(names, text)
        const request = { text, ...(name !== undefined && { name }) }
        batchWrites()
        const answer = await client.query<object>(request, values as unknown[] | undefined).catch(throwMarked)
        liveness.noteAnswer()
        return answer
    }
}

/** The start of a transaction, which is sent together with the first statements. */
interface TransactionStart {
    readonly begun: Promise<unknown>
    /** Whether this statement and all later ones must wait until the transaction has begun. */
    readonly mustWait: (text: string) => boolean
}

function beginTransaction(send: ReturnType<typeof makeSender>, liveness: Liveness): TransactionStart {
    const begun = liveness.awaitAnswer(() => send("begin"))
    let state: "beginning" | "waitedFor" | "begun" = "beginning"
    // The caller gets the error, and so does the commit.
    begun.then(
        () => (state = "begun"),
        () => undefined,
    )
    const mustWait = (text: string) => {
        if (state === "beginning" && !onlyReads(text)) state = "waitedFor"
        return state === "waitedFor"
    }
    return { begun, mustWait }
}

async function transact<T>(
    client: pg.PoolClient,
    connection: ConnectionState,
    work: (tx: Tx) => Promise<T>,
): Promise<T> {
    const send = makeSender(client, connection)
    const { begun, mustWait } = beginTransaction(send, connection.liveness)
    const atCommit: (() => Promise<unknown>)[] = []
    let isOver = false
    // Parallel statements may still run after one of them threw, so the connection cannot be reused.
    const assertNotOver = () => {
        if (isOver) throw new Error("this transaction is over")
    }
    const tx: Tx = {
        query: async <Row>(text: string, values?: readonly unknown[]) => {
            assertNotOver()
            if (mustWait(text)) {
                await begun
                assertNotOver()
            }
            const [{ rows }] = await Promise.all([send(text, values), begun])
            return rows as Row[]
        },
        queryAtCommit: (text, values) => {
            assertNotOver()
            atCommit.push(() => send(text, values))
        },
    }
    let isBroken = false
    try {
        const result = await work(tx)
        await begun
        isOver = true
        const lastAnswers = atCommit.map((each) => each())
        const [{ command }] = await Promise.all([send("commit"), ...lastAnswers])
        // PostgreSQL answers the commit of a transaction in which a statement failed with a rollback, and no error.
        if (command !== "COMMIT") throw new RolledBack("a statement failed in this transaction: it was rolled back")
        return result
    } catch (error) {
        isOver = true
        isBroken = isDatabaseDown(error)
        if (!isBroken) {
            await send("rollback").catch(() => {
                isBroken = true
            })
        }
        throw error
    } finally {
        client.release(isBroken)
    }
}

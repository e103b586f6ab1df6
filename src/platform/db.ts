/**
 * The database behind a small door: what a store may ask of it.
 *
 * Instants come back as milliseconds since 1970, UTC; write them with `new Date(instant)`. Transactions run
 * READ COMMITTED on the primary: what is decided in one is decided on what is true at that statement.
 */
import pg from "pg"

export interface Tx {
    /** One statement, with `$1…` for values. Rows come back as plain objects. */
    query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>
}

export interface Db {
    /** Commits when the work resolves, rolls back when it throws. Nothing of a failed work stays. */
    transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
    close(): Promise<void>
}

const types = pg.types.builtins
const parsers: Record<number, (text: string) => unknown> = {
    [types.TIMESTAMPTZ]: (text) => Date.parse(text),
    [types.INT8]: Number,
}

export interface DbLimits {
    readonly connectionsMax: number
    readonly statementMsMax: number
}

export function openDb(url: string, limits: DbLimits = { connectionsMax: 16, statementMsMax: 20_000 }): Db {
    const pool = new pg.Pool({
        connectionString: url,
        max: limits.connectionsMax,
        connectionTimeoutMillis: 10_000,
        statement_timeout: limits.statementMsMax,
        idle_in_transaction_session_timeout: 60_000,
        types: {
            getTypeParser: ((oid: number, format?: "text" | "binary") =>
                parsers[oid] ?? (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser,
        },
    })
    // A connection that breaks while idle is replaced by the pool; one that breaks in use tells its next query. Nobody
    // else is to be told: an error event that nobody hears ends the process.
    pool.on("error", () => undefined)
    pool.on("connect", (client) => client.on("error", () => undefined))
    return { transaction: (work) => transact(pool, work), close: () => pool.end() }
}

async function transact<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    const tx: Tx = {
        query: async <Row>(sql: string, values?: readonly unknown[]) =>
            (await client.query(sql, values as unknown[] | undefined)).rows as Row[],
    }
    let broken = false
    try {
        await client.query("begin")
        const result = await work(tx)
        // PostgreSQL answers the commit of a transaction in which a statement failed with a rollback, and no error.
        const { command } = await client.query("commit")
        if (command !== "COMMIT") throw new Error("a statement failed in this transaction: it was rolled back")
        return result
    } catch (error) {
        await client.query("rollback").catch(() => {
            broken = true
        })
        throw error
    } finally {
        client.release(broken)
    }
}

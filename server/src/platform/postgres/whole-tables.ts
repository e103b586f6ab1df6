/**
 * Reads and writes whole tables by COPY, for backups.
 *
 * Text format: each row is one line, and a newline in a value is escaped. So a piece that ends with a newline is whole.
 */
import { pipeline } from "node:stream/promises"
import pg from "pg"
import { from as copyFrom, to as copyTo } from "pg-copy-streams"
import { type Tx, typeParsers } from "./db.ts"

export interface Table {
    readonly name: string
    readonly columns: readonly string[]
}

/** The next values of identity columns: `table.column`, and the last value that was given, in decimal digits. */
export type LastValues = Readonly<Record<string, string>>

/** Bytes of a piece, unless one row is longer. */
const pieceBytes = 8 * 1024 * 1024
const newline = 0x0a
const name = pg.escapeIdentifier

/** A connection without limits of time, for one long transaction. The caller ends it. */
export async function connectForLong(url: string): Promise<pg.Client> {
    const client = new pg.Client({
        connectionString: url,
        application_name: "tocsin: backup",
        types: typeParsers,
        connectionTimeoutMillis: 10_000,
        keepAlive: true,
    })
    // A broken connection fails the running statement as well.
    client.on("error", () => undefined)
    await client.connect()
    await client.query("set statement_timeout = 0")
    await client.query("set idle_in_transaction_session_timeout = 0")
    return client
}

/** The running transaction of a connection, for stores. */
export const txOf = (client: pg.Client): Tx => ({
    query: async <Row>(text: string, values?: readonly unknown[]) =>
        (await client.query<object>(text, values as unknown[] | undefined)).rows as Row[],
    queryAtCommit: () => {
        throw new Error("a backup writes nothing at a commit")
    },
})

/**
 * Lists the tables of the program by name. Leaves out `migrations`, `changes`, whose transaction numbers mean nothing
 * in another PostgreSQL, `alarm_calls`, because a receiver's state is not the restored one, and unlogged tables, which
 * a crash empties too.
 */
export async function listTables(tx: Tx): Promise<Table[]> {
    return await tx.query<Table>(
        `select relname::text as name, array_agg(attname::text order by attnum) as columns
         from pg_class join pg_attribute on attrelid = pg_class.oid
         where relnamespace = current_schema()::regnamespace and relkind = 'r' and relpersistence = 'p'
         and relname not in ('migrations', 'changes', 'alarm_calls') and attnum > 0 and not attisdropped
         and attgenerated = ''
         group by relname order by relname`,
    )
}

/** Keeps the tables as they are until the transaction ends. Rows may change. */
export async function lockToRead(tx: Tx, tables: readonly Table[]): Promise<void> {
    await tx.query(`lock table ${tables.map((table) => name(table.name)).join(", ")} in access share mode`)
}

/** Yields a table's rows, in pieces of whole rows. */
export async function* readTable(client: pg.Client, { name: table, columns }: Table): AsyncGenerator<Buffer> {
    const source = client.query(copyTo(`copy ${name(table)} (${columns.map(name).join(", ")}) to stdout`))
    let parts: Buffer[] = []
    let bytes = 0
    for await (const part of source as AsyncIterable<Buffer>) {
        parts.push(part)
        bytes += part.length
        const end = bytes < pieceBytes ? -1 : part.lastIndexOf(newline)
        if (end === -1) continue
        const joined = Buffer.concat(parts)
        const length = joined.length - part.length + end + 1
        yield joined.subarray(0, length)
        parts = [joined.subarray(length)]
        bytes = joined.length - length
    }
    if (bytes > 0) yield Buffer.concat(parts)
}

/** Adds rows to a table, as `readTable` yields them. */
export async function writeRows(
    client: pg.Client,
    { name: table, columns }: Table,
    rows: AsyncIterable<Uint8Array>,
): Promise<void> {
    await pipeline(rows, client.query(copyFrom(`copy ${name(table)} (${columns.map(name).join(", ")}) from stdin`)))
}

export const rowsIn = (piece: Uint8Array): number => {
    let count = 0
    for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, at + 1)) count++
    return count
}

/** Reads the last values of identity columns. */
export async function readLastValues(tx: Tx): Promise<LastValues> {
    const rows = await tx.query<{ column: string; value: string | null }>(
        `select relname || '.' || attname as column,
         (select last_value::text from pg_sequences where format('%I.%I', schemaname, sequencename)::regclass =
          pg_get_serial_sequence(quote_ident(relname), attname)::regclass) as value
         from pg_class join pg_attribute on attrelid = pg_class.oid
         where relnamespace = current_schema()::regnamespace and relkind = 'r' and attidentity <> ''
         and not attisdropped order by 1`,
    )
    return Object.fromEntries(rows.flatMap(({ column, value }) => (value === null ? [] : [[column, value]])))
}

/** Sets the identity columns to continue after these values. */
export async function writeLastValues(tx: Tx, values: LastValues): Promise<void> {
    for (const [column, value] of Object.entries(values)) {
        const [table = "", field = ""] = column.split(".")
        await tx.query("select setval(pg_get_serial_sequence(quote_ident($1), $2), $3)", [table, field, value])
    }
}

/**
 * Empties all tables and takes their foreign keys and triggers away, so that rows can come in any order. Returns the
 * function that puts them back and checks the foreign keys.
 */
export async function beginLoad(tx: Tx, tables: readonly Table[]): Promise<() => Promise<void>> {
    const changeEach = async (change: string) => {
        for (const table of tables) await tx.query(`alter table ${name(table.name)} ${change}`)
    }
    await tx.query(`truncate ${tables.map((table) => name(table.name)).join(", ")}`)
    const keys = await tx.query<{ table: string; key: string; definition: string }>(
        `select conrelid::regclass::text as table, conname::text as key, pg_get_constraintdef(oid) as definition
         from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace`,
    )
    for (const { table, key } of keys) await tx.query(`alter table ${table} drop constraint ${name(key)}`)
    await changeEach("disable trigger user")
    return async () => {
        await changeEach("enable trigger user")
        for (const { table, key, definition } of keys) {
            await tx.query(`alter table ${table} add constraint ${name(key)} ${definition}`)
        }
    }
}

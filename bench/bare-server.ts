/**
 * A bare node:http server with prepared answers: the minimum for a server that sends as many bytes, at once or after
 * the required database work. It uses the database as the product does: named statements, sent together.
 */
import { randomBytes, randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Writable } from "node:stream"
import pg from "pg"
import type { BenchProgram } from "./program.ts"

export interface BareServer {
    readonly port: number
    stop(): Promise<void>
}

/** Runs before it starts. `bench_events` has the columns of the audit log's event table. */
export async function makeBareTables({ services }: Pick<BenchProgram, "services">): Promise<void> {
    await services.db.transaction(async (tx) => {
        await tx.query("create table bench_rows (n int not null)")
        await tx.query("create table bench_heads (person uuid primary key, head uuid not null)")
        await tx.query(
            `create table bench_events (seq bigint generated always as identity primary key, at timestamptz not null,
             kind text not null, body jsonb not null, salt bytea not null, sealed boolean not null)`,
        )
        await tx.query("insert into bench_heads (person, head) values ($1, $2)", [reader, randomUUID()])
    })
}

const reader = "00000000-0000-4000-8000-000000000001"
/** Advisory locks; the product's own have smaller numbers. */
const lockClass = 1000

const rowInserted = { name: "row", text: "insert into bench_rows (n) values ($1)" }
const locked = {
    name: "locks",
    text: `select pg_advisory_xact_lock_shared(${lockClass}, 0),
           pg_advisory_xact_lock_shared(${lockClass}, hashtext($1))`,
    values: [reader],
}
const headRead = { name: "head", text: "select head from bench_heads where person = $1", values: [reader] }
const timeRead = { name: "time", text: "select clock_timestamp() as now, $1::text as of", values: [reader] }
const inserted = {
    name: "event",
    text: "insert into bench_events (at, kind, body, salt, sealed) values ($1, $2, $3, $4, $5)",
}

/** The size of a page's log entry: some 400 bytes. */
function eventValues(): unknown[] {
    const body = {
        channel: "taxii",
        collection: "warnings",
        partner: reader,
        by: reader,
        cases: [reader],
        versions: [`${reader}:1`, `${reader}:2`],
        page: randomBytes(32).toString("hex"),
    }
    return [new Date(), "objects.served", JSON.stringify(body), randomBytes(16), false]
}

/**
 * `/bytes` and `/bytes/NUMBER` answer at once; `/commit` after committing one small row; `/record/NUMBER` after one
 * transaction with two locks, one read and one committed row as long as an event; `/check/NUMBER` after two selects in
 * one.
 */
export async function startBareServer(databaseUrl: string, bytes: number, connections: number): Promise<BareServer> {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: connections, pipeline: true })
    const workByKind: Readonly<Record<string, () => Promise<unknown> | null>> = {
        bytes: () => null,
        commit: () => pool.query(rowInserted, [1]),
        record: () => runTogether(pool, [locked, headRead, { ...inserted, values: eventValues() }]),
        check: () => runTogether(pool, [timeRead, headRead]),
    }
    const payload = randomBytes(bytes)
    let sizedPayload = payload
    const server = createServer((request, response) => {
        const [, kind = "", value = ""] = request.url?.split("/") ?? []
        const count = value === "" ? payload.length : Number(value)
        if (sizedPayload.length !== count) sizedPayload = count === payload.length ? payload : randomBytes(count)
        const body = sizedPayload
        const headers = { "content-type": "application/octet-stream", "content-length": body.length }
        const send = () => response.writeHead(200, headers).end(body)
        const fail = (error: unknown) => response.writeHead(500).end(String(error))
        const work = workByKind[kind]
        if (work === undefined) response.writeHead(404).end()
        else void Promise.resolve(work()).then(send, fail)
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return {
        port: (server.address() as AddressInfo).port,
        stop: async () => {
            server.closeAllConnections()
            server.close()
            await pool.end()
        },
    }
}

/** Runs one transaction in one round trip. Throws if it was not committed or a statement read nothing. */
async function runTogether(pool: pg.Pool, statements: readonly pg.QueryConfig[]): Promise<void> {
    const client = await pool.connect()
    try {
        const { stream } = (client as unknown as { readonly connection: { readonly stream: Writable } }).connection
        stream.cork()
        process.nextTick(() => stream.uncork())
        const answers = await Promise.all([
            client.query("begin"),
            ...statements.map((queryConfig) => client.query(queryConfig)),
            client.query("commit"),
        ])
        if (answers.at(-1)?.command !== "COMMIT") throw new Error("the transaction was not committed")
        if (answers.slice(1, -1).some(({ rowCount }) => rowCount !== 1)) throw new Error("a statement found no row")
    } finally {
        client.release()
    }
}

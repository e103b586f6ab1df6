/**
 * A database with a dying connection: before the n-th statement, so that the transaction leaves nothing; or right after
 * the commit, so that all of it stays and the caller never knows.
 */
import type { Db, Tx } from "../../server/src/platform/postgres/db.ts"

export interface Dying extends Db {
    /** Whether the connection died. */
    readonly died: () => boolean
}

/** Counts statements, and commits, over all transactions, from 1. The connection dies once. */
export function dyingBefore(db: Db, statement: number): Dying {
    let count = 0
    const ending = "select pg_terminate_backend(pg_backend_pid())"
    const kill = async (tx: Tx) => {
        count += 1
        if (count === statement) await tx.query(ending)
    }
    return {
        died: () => count >= statement,
        close: () => db.close(),
        statement: (sql, values) => db.statement(sql, values),
        transaction: (work) =>
            db.transaction(async (tx) => {
                const result = await work({
                    query: async (sql, values) => {
                        await kill(tx)
                        return await tx.query(sql, values)
                    },
                    queryAtCommit: (sql, values) => {
                        count += 1
                        if (count === statement) tx.queryAtCommit(ending, [])
                        tx.queryAtCommit(sql, values)
                    },
                })
                await kill(tx)
                return result
            }),
    }
}

export function dyingAfterCommit(db: Db, commit: number): Dying {
    let count = 0
    return {
        died: () => count >= commit,
        close: () => db.close(),
        statement: (sql, values) => db.statement(sql, values),
        transaction: async (work) => {
            const result = await db.transaction(work)
            count += 1
            if (count === commit) throw new Error("the connection was lost after the commit")
            return result
        },
    }
}

const kept = `select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`

/** Hashes all rows of each table, except the tables in `besides`. */
export async function stateOf(db: Db, besides: readonly string[] = []): Promise<Record<string, string>> {
    return await db.transaction(async (tx) => {
        const state: Record<string, string> = {}
        for (const { name } of await tx.query<{ name: string }>(kept)) {
            if (besides.includes(name)) continue
            const [row] = await tx.query<{ hash: string }>(
                `select count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash
                 from "${name}" t`,
            )
            state[name] = row?.hash ?? ""
        }
        return state
    })
}

/** Statements outside the pool: creating and dropping databases. */
import pg from "pg"

/** Returns the same cluster's URL with another database's name. */
export function databaseAt(url: string, name: string): string {
    const at = new URL(url)
    at.pathname = `/${name}`
    return at.href
}

export async function runSql(url: string, sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
        await client.query(sql)
    } finally {
        await client.end()
    }
}

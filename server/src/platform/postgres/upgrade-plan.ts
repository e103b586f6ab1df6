/** Plans an upgrade: what each pending migration does, and how large the tables are that it locks. Changes nothing. */
import type { Tx } from "./db.ts"
import { isAdditive, listPending, textOf } from "./migrate.ts"

export interface PlannedMigration {
    readonly name: string
    /** From the file's first comment. */
    readonly purpose: string
    /** Whether processes of the former version can go on after it. */
    readonly additive: boolean
    readonly newTables: readonly string[]
    /** Tables that exist and that others cannot use during the migration. */
    readonly changedTables: readonly TableSize[]
}

export interface TableSize {
    readonly table: string
    readonly rows: number
    /** Without indexes. */
    readonly bytes: number
    /** How long it takes to read the table once, in ms. */
    readonly readMs: number
}

const name = String.raw`(?:if (?:not )?exists )?(?:only )?([a-z_][a-z0-9_]*)`
const statements = {
    created: new RegExp(String.raw`^create (?:unlogged )?table ${name}`),
    changed: [
        new RegExp(String.raw`^(?:alter|drop) table ${name}`),
        new RegExp(String.raw`^(?:update|insert into|delete from|truncate(?: table)?) ${name}`),
        /^create (?:unique )?index .*?\bon (?:only )?([a-z_][a-z0-9_]*)/,
        /^create (?:or replace )?(?:constraint )?trigger .*?\bon ([a-z_][a-z0-9_]*)/,
    ],
} as const

/** Finds the tables that a migration creates, and the others that it names in a statement that locks them. */
export function tablesIn(sql: string): { readonly created: readonly string[]; readonly changed: readonly string[] } {
    const texts = sql
        .replaceAll(/--[^\n]*/g, "")
        .split(";")
        .map((text) => text.trim().replaceAll(/\s+/g, " ").toLowerCase())
    const created = new Set(texts.flatMap((text) => statements.created.exec(text)?.[1] ?? []))
    const changed = new Set(
        texts.flatMap((text) => statements.changed.flatMap((statement) => statement.exec(text)?.[1] ?? [])),
    )
    return { created: [...created], changed: [...changed].filter((table) => !created.has(table)) }
}

/** Refuses what `listPending` refuses. */
export async function planUpgrade(tx: Tx): Promise<PlannedMigration[]> {
    const planned: PlannedMigration[] = []
    // Reading a large table once takes longer than the pool allows.
    await tx.query("set local statement_timeout = 0")
    for (const file of await listPending(tx)) {
        const sql = textOf(file)
        const { created, changed } = tablesIn(sql)
        const sizes: TableSize[] = []
        for (const table of changed) sizes.push(...(await sizeOf(tx, table)))
        planned.push({
            name: file.replace(/\.sql$/, ""),
            purpose: /^-- (?!additive$)(.+)/m.exec(sql)?.[1] ?? "",
            additive: isAdditive(sql),
            newTables: created,
            changedTables: sizes,
        })
    }
    return planned
}

/** Nothing for a table that an earlier pending migration creates. */
async function sizeOf(tx: Tx, table: string): Promise<TableSize[]> {
    const [found] = await tx.query<{ bytes: number | null }>(
        "select pg_table_size(to_regclass(quote_ident($1)))::float8 as bytes",
        [table],
    )
    const bytes = found?.bytes ?? null
    if (bytes === null) return []
    const [plan] = await tx.query<{ "QUERY PLAN": readonly [{ "Execution Time": number; Plan: Counted }] }>(
        `explain (analyze, timing off, format json) select from "${table}"`,
    )
    const run = plan?.["QUERY PLAN"][0]
    return [{ table, bytes, rows: run?.Plan["Actual Rows"] ?? 0, readMs: run?.["Execution Time"] ?? 0 }]
}

interface Counted {
    readonly "Actual Rows": number
}

/** Plans an upgrade: what each pending migration does, and how large the tables are that it locks. Reads only. */
import type { Tx } from "./db.ts"
import { isAdditive, listPending, textOf } from "./migrate.ts"

export interface PlannedMigration {
    readonly name: string
    /** From the file's first comment. */
    readonly purpose: string
    /** Whether processes of the former version continue after it. */
    readonly additive: boolean
    readonly newTables: readonly string[]
    /** Tables that exist and that others cannot change during the migration, or cannot use at all. */
    readonly changedTables: readonly TableSize[]
}

export interface TableSize {
    readonly table: string
    /** An estimate of PostgreSQL. */
    readonly rows: number
    /** Without indexes. */
    readonly bytes: number
}

const tableName = String.raw`(?:if (?:not )?exists )?(?:only )?([a-z_][a-z0-9_]*)`
const statements = {
    created: new RegExp(String.raw`^create (?:unlogged )?table ${tableName}`),
    changed: [
        new RegExp(String.raw`^(?:alter|drop) table ${tableName}`),
        new RegExp(String.raw`^(?:update|insert into|delete from|truncate(?: table)?) ${tableName}`),
        /^create (?:unique )?index .*?\bon (?:only )?([a-z_][a-z0-9_]*)/,
        /^create (?:or replace )?(?:constraint )?trigger .*?\bon ([a-z_][a-z0-9_]*)/,
    ],
} as const

/** Finds the tables that a migration creates, and the others that it names in a statement that locks them. */
export function tablesIn(sql: string): { readonly created: readonly string[]; readonly changed: readonly string[] } {
    const texts = sql
        .replaceAll(/--[^\n]*/g, "")
        // The body of a function runs later.
        .replaceAll(/\$(\w*)\$.*?\$\1\$/gs, "''")
        .split(";")
        .map((text) => text.trim().replaceAll(/\s+/g, " ").toLowerCase())
    const created = new Set(texts.flatMap((text) => statements.created.exec(text)?.[1] ?? []))
    const changed = new Set(
        texts.flatMap((text) => [
            ...statements.changed.flatMap((statement) => statement.exec(text)?.[1] ?? []),
            // A new foreign key locks the table that it refers to.
            ...[...text.matchAll(/\breferences ([a-z_][a-z0-9_]*)/g)].map(([, table = ""]) => table),
        ]),
    )
    return { created: [...created], changed: [...changed].filter((table) => !created.has(table)) }
}

/** Refuses what `listPending` refuses. */
export async function planUpgrade(tx: Tx): Promise<PlannedMigration[]> {
    const planned: PlannedMigration[] = []
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
    return await tx.query<TableSize>(
        `select relname as table, greatest(reltuples, 0)::float8 as rows, pg_table_size(oid)::float8 as bytes
         from pg_class where oid = to_regclass(quote_ident($1))`,
        [table],
    )
}

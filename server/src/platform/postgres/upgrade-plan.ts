/** Plans an upgrade: what each pending migration does, and how large the tables are that it locks. Reads only. */
import type { Tx } from "./db.ts"
import { isAdditive, listPending, textOf } from "./migrate.ts"

export interface PlannedMigration {
    readonly name: string
    /** The first sentence of the file's first comment. */
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
    /** With indexes, if the migration writes the table or an index again; 0: it does not. */
    readonly rewrittenBytes: number
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

/** Statements that write a whole table or a new index. A default that is a function can differ in each row. */
const rewriting = [
    new RegExp(
        String.raw`^alter table ${tableName}\b.*(?: type |\bdefault \w+\(|\bgenerated |\b(?:unique|primary key)\b)`,
    ),
    new RegExp(String.raw`^(?:update|insert into) ${tableName}`),
    statements.changed[2],
]

/** Finds the tables that a migration creates, and the others that it names in a statement that locks them. */
export function tablesIn(sql: string): Readonly<Record<"created" | "changed" | "rewritten", readonly string[]>> {
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
    const rewritten = new Set(
        texts.flatMap((text) => rewriting.flatMap((statement) => statement.exec(text)?.[1] ?? [])),
    )
    const isOld = (table: string) => !created.has(table)
    return { created: [...created], changed: [...changed].filter(isOld), rewritten: [...rewritten].filter(isOld) }
}

/** Returns the first sentence of the first comment, without the feature's name. */
export function purposeOf(sql: string): string {
    const [comment = ""] = /^(?:-- .*\n)+/.exec(sql.replace(/^-- additive\n/, "")) ?? []
    const text = comment.replaceAll(/^-- /gm, "").replaceAll(/\s+/g, " ").trim()
    const sentence = (/^.*?\.(?= |$)/.exec(text)?.[0] ?? text).replace(/^[a-z-]+(?:\/[a-z-]+)+: /, "")
    return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

/** Refuses what `listPending` refuses. */
export async function planUpgrade(tx: Tx): Promise<PlannedMigration[]> {
    const planned: PlannedMigration[] = []
    for (const file of await listPending(tx)) {
        const sql = textOf(file)
        const { created, changed, rewritten } = tablesIn(sql)
        const sizes: TableSize[] = []
        for (const table of changed) sizes.push(...(await sizeOf(tx, table, rewritten.includes(table))))
        planned.push({
            name: file.replace(/\.sql$/, ""),
            purpose: purposeOf(sql),
            additive: isAdditive(sql),
            newTables: created,
            changedTables: sizes,
        })
    }
    return planned
}

/** Twice the tables that are written again: each has a copy until the end, and each copy is in the write-ahead log. */
export function bytesNeeded(migrations: readonly PlannedMigration[]): number {
    const bytes = migrations.flatMap(({ changedTables }) => changedTables.map((table) => table.rewrittenBytes))
    return 2 * bytes.reduce((sum, each) => sum + each, 0)
}

/** Nothing for a table that an earlier pending migration creates. */
async function sizeOf(tx: Tx, table: string, isRewritten: boolean): Promise<TableSize[]> {
    return await tx.query<TableSize>(
        `select relname as table, greatest(reltuples, 0)::float8 as rows, pg_table_size(oid)::float8 as bytes,
         case when $2 then pg_total_relation_size(oid)::float8 else 0 end as "rewrittenBytes"
         from pg_class where oid = to_regclass(quote_ident($1))`,
        [table, isRewritten],
    )
}

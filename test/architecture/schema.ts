/**
 * The sum of all migrations, written from PostgreSQL's own catalogue: the same text from every version of it, so that a
 * review sees what a migration comes to. What it cannot write, it refuses.
 */
import type { Tx } from "../../server/src/platform/postgres/db.ts"

const columnsSql = `select c.relname as "table", a.attname as name,
        format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull", a.attidentity as identity,
        pg_get_expr(d.adbin, d.adrelid) as "default"
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    order by c.relname collate "C", a.attnum`

/** NOT NULL stands with its column; since version 18 it is a constraint too. */
const constraintsSql = `select c.relname as "table", n.conname as name, pg_get_constraintdef(n.oid) as text
    from pg_constraint n join pg_class c on c.oid = n.conrelid
    where c.relnamespace = 'public'::regnamespace and n.contype <> 'n'
    order by c.relname collate "C", position(n.contype in 'pucf'), n.conname collate "C"`

const indexesSql = `select c.relname as "table", pg_get_indexdef(i.indexrelid) as text
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_class its on its.oid = i.indexrelid
    where c.relnamespace = 'public'::regnamespace
    and not exists (select from pg_constraint n where n.conindid = i.indexrelid and n.contype in ('p', 'u', 'x'))
    order by c.relname collate "C", its.relname collate "C"`

const triggersSql = `select c.relname as "table", pg_get_triggerdef(t.oid) as text
    from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and t.tgenabled = 'O'
    order by c.relname collate "C", t.tgname collate "C"`

/** In PL/pgSQL, as whoever calls them. */
const functionsSql = `select proname as name, prosrc as body, pg_get_function_arguments(p.oid) as arguments,
        pg_get_function_result(p.oid) as result from pg_proc p
    where pronamespace = 'public'::regnamespace and prokind = 'f'
    and prolang = (select oid from pg_language where lanname = 'plpgsql')
    and not prosecdef and not proleakproof and not proisstrict and provolatile = 'v' and proconfig is null
    order by proname collate "C"`

/** Whatever else stands there: relations that are neither table, index nor sequence of an identity; code; types. */
const othersSql = `select relname as name from pg_class c where relnamespace = 'public'::regnamespace
        and relkind not in ('r', 'i') and not (relkind = 'S' and exists (select from pg_depend d
            where d.objid = c.oid and d.deptype = 'i'))
    union all select proname from pg_proc where pronamespace = 'public'::regnamespace
        and proname not in (select name from (${functionsSql}) written)
    union all select tgname from pg_trigger where not tgisinternal and tgenabled <> 'O'
    union all select polname from pg_policy
    union all select typname from pg_type where typnamespace = 'public'::regnamespace and typtype in ('e', 'd', 'r')
    union all select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and (relrowsecurity or relispartition or relhassubclass)
    union all select extname from pg_extension where extname <> 'plpgsql'`

interface Column {
    readonly table: string
    readonly name: string
    readonly type: string
    readonly notNull: boolean
    readonly identity: string
    readonly default: string | null
}

interface Named {
    readonly table: string
    readonly name: string
    readonly text: string
}

interface Code {
    readonly name: string
    readonly body: string
    readonly arguments: string
    readonly result: string
}

/** Throws where there is something that it does not write, naming it. */
export async function dumpSchema(tx: Tx): Promise<string> {
    const others = await tx.query<{ name: string }>(othersSql)
    if (others.length > 0) throw new Error(`no text for \`${others.map(({ name }) => name).join("`, `")}\``)
    const columns = Map.groupBy(await tx.query<Column>(columnsSql), (column) => column.table)
    const constraints = Map.groupBy(await tx.query<Named>(constraintsSql), (item) => item.table)
    const indexes = Map.groupBy(await tx.query<Omit<Named, "name">>(indexesSql), (item) => item.table)
    const triggers = Map.groupBy(await tx.query<Omit<Named, "name">>(triggersSql), (item) => item.table)
    const functions = (await tx.query<Code>(functionsSql)).map(
        ({ name, body, arguments: value, result }) =>
            `create function ${name}(${value}) returns ${result} language plpgsql as $$${body}$$;\n`,
    )
    const tables = [...columns].map(([table, fields]) => {
        const rules = (constraints.get(table) ?? []).map(({ name, text }) => `constraint ${name} ${text}`)
        const lines = [...fields.map(columnText), ...rules].map((line) => `    ${line}`)
        const entries = [...(indexes.get(table) ?? []), ...(triggers.get(table) ?? [])]
        const below = entries.map(({ text }) => `${text.replaceAll("public.", "")};\n`)
        return `create table ${table} (\n${lines.join(",\n")}\n);\n${below.join("")}`
    })
    return (
        "-- The sum of migrations/, written by scripts/schema.ts and kept true by a test: read it, and never edit " +
        `it.\n\n${[...functions, ...tables].join("\n")}`
    )
}

function columnText({ name, type, notNull, identity, default: value }: Column): string {
    const made =
        identity === "a" ? " generated always as identity" : identity === "d" ? " generated by default as identity" : ""
    const given = value === null ? "" : ` default ${value}`
    return `${name} ${type}${made}${given}${notNull ? " not null" : ""}`
}

/** Dumps everything in a database, as a thief of a copy reads it, and finds listed secrets in it. */
import { type Db } from "../../server/src/platform/postgres/db.ts"

/** Dumps every row of every other table; bytes as hexadecimal digits. */
export async function dumpDatabase(db: Db, without: readonly string[] = []): Promise<string> {
    return await db.transaction(async (tx) => {
        const tables = await tx.query<{ name: string }>(
            "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'",
        )
        const lines: string[] = []
        for (const { name } of tables.filter((table) => !without.includes(table.name))) {
            for (const { line } of await tx.query<{ line: string }>(`select t::text as line from ${name} t`)) {
                lines.push(`${name} ${line}`)
            }
        }
        return lines.join("\n")
    })
}

/** Returns the secrets that a dump or message contains: as text in any case, as bytes, or in base64. */
export function foundIn(dump: string, secrets: Iterable<string | Uint8Array>): string[] {
    const [exact, lower] = [dump, dump.toLowerCase()]
    return [...new Set(secrets)].flatMap((secret) => {
        const bytes = Buffer.from(secret)
        const form = typeof secret === "string" ? secret.toLowerCase() : bytes.toString("hex")
        const isThere =
            lower.includes(form) ||
            lower.includes(bytes.toString("hex")) ||
            [0, 1, 2].some((shift) => exact.includes(base64Core(bytes, shift)))
        return isThere ? [form] : []
    })
}

/** Returns the base64 digits that do not depend on neighbouring bytes, after `shift` preceding bytes. */
function base64Core(bytes: Buffer, shift: number): string {
    const digits = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64url")
    const from = shift === 0 ? 0 : shift + 1
    const to = Math.floor(((bytes.length + shift) * 8) / 6)
    return digits.slice(from, to).replaceAll("-", "+").replaceAll("_", "/")
}

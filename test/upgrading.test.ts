/** What a migration makes of rows that an older version wrote. */
import fs from "node:fs"
import { expect, test } from "vitest"
import { migrationNames } from "../src/platform/migrate.ts"
import type { Tx } from "../src/platform/db.ts"
import { freshDatabase, newId } from "./database.ts"

const sqlOf = (name: string): string => fs.readFileSync(new URL(`../migrations/${name}`, import.meta.url), "utf8")

const day = (n: number): Date => new Date(Date.UTC(2025, 5, n))

async function recordThen(tx: Tx, n: number, kind: string, body: object): Promise<void> {
    await tx.query("insert into events (at, kind, body, salt) values ($1, $2, $3, '')", [day(n), kind, body])
}

test("links and waves get the instants that their events tell, and without events those of their cases", async () => {
    const database = await freshDatabase("template0")
    const [person, old, young, told, untold] = [newId(), newId(), newId(), newId(), newId()]
    const name = "0011-what-was.sql"
    const before = migrationNames().filter((one) => one < name)
    expect(before).toContain("0009-what-is-filed.sql")
    await database.db.transaction(async (tx) => {
        for (const one of before) await tx.query(sqlOf(one))
        await tx.query("insert into persons (id, details_box, roles, created_at) values ($1, '', '{author}', $2)", [
            ...[person, day(1)],
        ])
        for (const [id, n] of [
            [old, 1],
            [young, 3],
        ]) {
            await tx.query("insert into cases (id, details_box, created_by, created_at) values ($1, '', $2, $3)", [
                ...[id, person, day(Number(n))],
            ])
        }
        const links =
            "insert into case_links (from_case, to_case, kind) values ($1, $2, 'bypass of'), ($1, $2, 'variant of')"
        await tx.query(links, [young, old])
        await recordThen(tx, 5, "case.linked", { case: young, to: old, link: "bypass of" })
        await recordThen(tx, 8, "case.linked", { case: young, to: old, link: "bypass of" })
        const waves =
            "insert into waves (id, case_id, tier, offset_ms) values ($1, $2, 'entry', -3), ($3, $4, 'entry', -7)"
        await tx.query(waves, [told, old, untold, young])
        await recordThen(tx, 2, "wave.planned", { case: old, wave: told, tier: "entry", offsetMs: -1 })
        await recordThen(tx, 4, "wave.moved", { case: old, wave: told, was: -1, offsetMs: -2 })
        await recordThen(tx, 6, "wave.moved", { case: old, wave: told, was: -2, offsetMs: -3 })
        await tx.query(sqlOf(name))
    })
    const [links, offsets] = await database.db.transaction(async (tx) => [
        await tx.query("select kind, from_at from case_links order by kind"),
        await tx.query("select wave, offset_ms, from_at from wave_offsets order by seq"),
    ])
    expect(links).toEqual([
        { kind: "bypass of", from_at: day(5).getTime() },
        { kind: "variant of", from_at: day(3).getTime() },
    ])
    expect(offsets).toEqual([
        { wave: told, offset_ms: -1, from_at: day(2).getTime() },
        { wave: told, offset_ms: -2, from_at: day(4).getTime() },
        { wave: told, offset_ms: -3, from_at: day(6).getTime() },
        { wave: untold, offset_ms: -7, from_at: day(3).getTime() },
    ])
    await database.close()
})

test("what a revision said of all products, it says of each of its vulnerabilities", async () => {
    const database = await freshDatabase("template0")
    const [person, caseId] = [newId(), newId()]
    const name = migrationNames().find((one) => one.endsWith("products-by-vulnerability.sql")) ?? ""
    const products = [{ vendor: "Acme", name: "Server", fixedIn: "2" }]
    const flaws = [{ cve: "CVE-2025-10001" }, { cve: "CVE-2025-10002" }]
    const rows = await database.db.transaction(async (tx) => {
        for (const one of migrationNames().filter((each) => each < name)) await tx.query(sqlOf(one))
        await tx.query("insert into persons (id, details_box, roles, created_at) values ($1, '', '{author}', $2)", [
            ...[person, day(1)],
        ])
        await tx.query("insert into cases (id, details_box, created_by, created_at) values ($1, '', $2, $3)", [
            ...[caseId, person, day(1)],
        ])
        await tx.query(
            `insert into advisories (case_id, id, year, number, published_at, revised_at, generation)
             values ($1, 'NL-2025-0001', 2025, 1, $2, $2, 1)`,
            [caseId, day(1)],
        )
        const content = { title: "T", vulnerabilities: flaws, products, credit: null, summary: null, guidance: null }
        await tx.query(
            "insert into advisory_revisions (advisory, number, at, summary, content) values ('NL-2025-0001', 1, $1, '', $2)",
            [day(1), JSON.stringify(content)],
        )
        await tx.query(sqlOf(name))
        return await tx.query<{ content: unknown }>("select content from advisory_revisions")
    })
    expect(rows.map(({ content }) => content)).toEqual([
        {
            ...{ title: "T", credit: null, summary: null, guidance: null },
            vulnerabilities: flaws.map((one) => ({ ...one, products })),
        },
    ])
    await database.close()
})

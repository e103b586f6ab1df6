import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { actingOn } from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    createProgram,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    releaseWaveNow,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { openHighWater } from "../../kernel/high-water.ts"
import { openDb } from "../../platform/postgres/db.ts"
import { guardDatabase, saveAccessChanges } from "../../trust/continuity/actions/guard-database.ts"
import { findOpenQuarantine } from "../../trust/continuity/actions/reconcile-database.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { attribute } from "./actions/attribute-leak.ts"
import { readAttributions } from "./actions/load-attributions.ts"
import { describeSpending } from "./attribution.ts"

let folder: string
let live: Program
let backup: TestDatabase
let caseId: string
let copies: string[]
const partners: TestPartner[] = []

beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-spent-"))
    live = on(await createProgram())
    partners.length = 0
    for (let n = 0; n < 3; n++) partners.push(await newPartner(live, "validate"))
    caseId = await newCase(live, "toolshell")
    const technical = await newArtifact(live, caseId, "technical", "toolshell/technical.md")
    live.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(live, caseId, "validate", [technical])
    copies = []
    for (const partner of partners) copies.push(await fetchCopyText(live, partner, technical))
    await guardDatabase(live.services)
}, 60_000)
afterEach(async () => {
    await live.database.close()
    await backup.close()
    fs.rmSync(folder, { recursive: true, force: true })
})

/** The program on another database, with the same key file and its high-water file. */
function on(program: Program, database = program.database): Program {
    const highWater = openHighWater(path.join(folder, "key"), program.services.keys)
    const services = { ...program.services, db: database.db, highWater }
    return { ...program, database, services, acting: actingOn(services, program.clock) }
}

/** Copies the database, to restore it later. */
async function backUp(): Promise<void> {
    await live.database.db.close()
    backup = await createDatabase(live.database.name)
    const db = openDb(live.database.url, { connectionsMax: 6, statementMsMax: 20_000 })
    const close = async () => (await db.close(), await live.database.drop())
    live = on(live, { ...live.database, db, close })
}

async function restore(): Promise<Program> {
    const restored = on(live, backup)
    expect(await guardDatabase(restored.services)).toBe(true)
    return restored
}

async function tried(program: Program, text: string, signed: string | null = null) {
    const { acting, investigator, clock } = program
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const }
    const leak = { ...words, case: caseId, content: Buffer.from(text), observedAt: clock.now }
    const evidence = await acting(investigator, (ctx) => addLeak(ctx, leak))
    await acting(investigator, (ctx) => attribute(ctx, evidence, undefined, signed))
    await saveAccessChanges(program.services)
    const [newest] = await acting(investigator, (ctx) => readAttributions(ctx, evidence))
    const best = newest?.result.best ?? null
    return { identified: best?.findings.identified ?? [], spending: best?.spending }
}

test("a restore forgets no slot that a try before it has shown, and takes no share twice", async () => {
    await backUp()
    const before = await tried(live, copies[0] ?? "")
    expect(before).toMatchObject({ identified: [partners[0]?.id], spending: { left: 0.5, restored: false } })
    const restored = await restore()
    const again = await tried(restored, copies[0] ?? "")
    expect(again.identified).toEqual([])
    expect(again.spending).toMatchObject({ fresh: 0, restored: true, left: expect.closeTo(1 / 3, 9) })
    expect(again.spending && describeSpending(again.spending)).toContain("before the database was restored")
    const other = await tried(restored, copies[1] ?? "", live.services.newId())
    expect(other.identified).toEqual([partners[1]?.id])
})

test("a quarantine lists the budgets that stay spent, once", async () => {
    await backUp()
    await tried(live, copies[0] ?? "")
    const restored = await restore()
    const found = await restored.acting(restored.manager, findOpenQuarantine)
    expect(found?.applied).toMatchObject([{ kind: "spent_budget", outcome: "applied" }])
    await restored.acting(restored.manager, (ctx) => ctx.tx.query("update quarantines set files = '{}'"))
    expect(await guardDatabase(restored.services)).toBe(true)
    expect((await restored.acting(restored.manager, findOpenQuarantine))?.applied).toHaveLength(1)
})

test("a database that was not set back keeps the results of its tries", async () => {
    await backUp()
    await tried(live, copies[0] ?? "")
    await guardDatabase(live.services)
    const again = await tried(live, copies[0] ?? "")
    expect(again).toMatchObject({ identified: [partners[0]?.id], spending: { fresh: 0, restored: false, left: 0.5 } })
})

test("the file names no version and no case", async () => {
    await backUp()
    await tried(live, copies[0] ?? "")
    const text = fs.readFileSync(path.join(folder, "key.high-water"), "utf8")
    expect(text).toContain("spent_budget")
    expect(text).not.toContain(caseId)
})

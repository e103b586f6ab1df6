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
import { openSpent } from "../../trust/continuity/actions/seal-spent.ts"
import { findOpenQuarantine } from "../../trust/continuity/actions/reconcile-database.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { attribute } from "./actions/attribute-leak.ts"
import { readAttributions } from "./actions/load-attributions.ts"
import { loadBudgets, saveBudget } from "./actions/save-budgets.ts"
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

const filePath = () => path.join(folder, "key.high-water")

/** The leaks of the version that the file knows. */
async function leaksInFile(program: Program): Promise<number | undefined> {
    const file = await program.services.highWater.read()
    if (file.state !== "sound") throw new Error("the file is not sound")
    const entry = file.mark.ends.find(({ kind }) => kind === "spent_budget")
    const { keys } = program.services
    return entry && openSpent(keys, { id: entry.id, state: entry.status ?? "" }).budget.incidents.length
}

const signed = () => live.services.newId()

test("each result after a restore says that earlier results were lost", async () => {
    await backUp()
    await tried(live, copies[0] ?? "")
    const restored = await restore()
    await tried(restored, copies[0] ?? "")
    expect((await tried(restored, copies[0] ?? "")).spending).toMatchObject({ restored: true, attempts: 3 })
})

test("an older file that is compared after the newest one hides no try", async () => {
    await backUp()
    await tried(live, copies[0] ?? "")
    const older = fs.readFileSync(filePath())
    await tried(live, copies[1] ?? "", signed())
    const restored = await restore()
    fs.writeFileSync(filePath(), older)
    await restored.acting(restored.manager, (ctx) => ctx.tx.query("update quarantines set files = '{}'"))
    await guardDatabase(restored.services)
    await guardDatabase(restored.services)
    expect(await leaksInFile(restored)).toBe(2)
    const again = await tried(restored, copies[1] ?? "", signed())
    expect(again).toMatchObject({ identified: [], spending: { fresh: 0, restored: true } })
})

/** Two tries since the backup. The restored program has a file from between them. */
async function restoreWithOlderFile(): Promise<{ readonly restored: Program; readonly newest: Buffer }> {
    await backUp()
    await tried(live, copies[2] ?? "")
    const older = fs.readFileSync(filePath())
    await tried(live, copies[0] ?? "", signed())
    const newest = fs.readFileSync(filePath())
    fs.writeFileSync(filePath(), older)
    return { restored: await restore(), newest }
}

test("a newer file joins the tries that were made without it", async () => {
    const { restored, newest } = await restoreWithOlderFile()
    await tried(restored, copies[1] ?? "", signed())
    fs.writeFileSync(filePath(), newest)
    await guardDatabase(restored.services)
    await guardDatabase(restored.services)
    expect(await leaksInFile(restored)).toBe(3)
    for (const text of copies) expect((await tried(restored, text, signed())).spending).toMatchObject({ fresh: 0 })
})

test("a newer file waits for an attribution that runs without it", async () => {
    const { restored, newest } = await restoreWithOlderFile()
    await tried(restored, copies[2] ?? "")
    let guarding: Promise<unknown> = Promise.resolve()
    await restored.acting(restored.investigator, async (ctx) => {
        const [key, budget] = [...((await loadBudgets(ctx, [caseId])).get(caseId)?.versions ?? [])][0] ?? []
        if (key === undefined || budget === undefined) throw new Error("no budget")
        fs.writeFileSync(filePath(), newest)
        let isDone = false
        guarding = guardDatabase(restored.services).finally(() => (isDone = true))
        while (!isDone && !(await isWaiting(restored)));
        await saveBudget(ctx, { case: caseId, artifact: key.split(":")[0] ?? "", version: 1 }, budget)
    })
    await guarding
    await guardDatabase(restored.services)
    expect(await leaksInFile(restored)).toBe(2)
    expect((await tried(restored, copies[0] ?? "", signed())).spending).toMatchObject({ fresh: 0 })
})

async function isWaiting({ services }: Program): Promise<boolean> {
    const waiting = "select from pg_stat_activity where wait_event = 'advisory' and datname = current_database()"
    return (await services.db.transaction((tx) => tx.query(waiting))).length > 0
}

test("in quarantine, the file is written only for changes", async () => {
    await backUp()
    await tried(live, copies[0] ?? "")
    const restored = await restore()
    await tried(restored, copies[0] ?? "")
    await tried(restored, copies[0] ?? "")
    const { ino, mtimeMs } = fs.statSync(filePath())
    await guardDatabase(restored.services)
    expect(fs.statSync(filePath())).toMatchObject({ ino, mtimeMs })
})

test("the file names no version and no case", async () => {
    await backUp()
    await tried(live, copies[0] ?? "")
    const text = fs.readFileSync(path.join(folder, "key.high-water"), "utf8")
    expect(text).toContain("spent_budget")
    expect(text).not.toContain(caseId)
})

import { createHash, randomBytes } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { verifyBytes } from "@tocsin/audit-log/export"
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest"
import { actingOn, awaitRefusalCode, createStaffMember } from "../../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    createProgram,
    newArtifact,
    newCase,
    newPartner,
    releaseWaveNow,
} from "../../../../../test/support/program.ts"
import { databaseAt, runSql } from "../../../../../test/support/sql.ts"
import { dayMs } from "@tocsin/base/instant"
import { listTasksOfActor } from "../../../trace/tasks/actions/list-tasks-of-actor.ts"
import { openHighWater } from "../../../kernel/high-water.ts"
import type { Services } from "../../../kernel/services.ts"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import { keysFrom } from "../../../platform/crypto/keys.ts"
import { type Db, openDb } from "../../../platform/postgres/db.ts"
import { migrationNames } from "../../../platform/postgres/migrate.ts"
import { connectForLong, listTables, readTable } from "../../../platform/postgres/whole-tables.ts"
import { exportAuditLog } from "../../audit-log/actions/export-log.ts"
import { sequenceEvents } from "../../audit-log/actions/sequence-leaves.ts"
import { issueCredential } from "../../identity/actions/sign-in.ts"
import { loadApproval } from "../../approvals/actions/load-approvals.ts"
import { requestApproval, signApproval } from "../../approvals/actions/request-approval.ts"
import { changePartnerStatus } from "../../partners/actions/change-partner.ts"
import { loadPartnerStatus } from "../../partners/actions/load-facts.ts"
import { guardDatabase } from "../actions/guard-database.ts"
import { findOpenQuarantine, reconcileDatabase } from "../actions/reconcile-database.ts"
import { makeBackup, makeBackupsJob } from "./actions/make-backup.ts"
import { checkBackup } from "./actions/read-backup.ts"
import { restoreBackup } from "./actions/restore-backup.ts"
import { writeArchive } from "./actions/archive.ts"
import { auditLogKey } from "../../signing-keys/actions/load-log-keys.ts"

let world: Program
let partner: TestPartner
let folder: string
let identity: string
let recipients: string[]
let services: Services
let keyFile: string
const databases: string[] = []

beforeAll(async () => {
    keyFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-key-")), "key")
    world = await createProgram()
    services = { ...world.services, highWater: openHighWater(keyFile, world.services.keys) }
    partner = await newPartner(world, "advance")
    identity = await generateX25519Identity()
    recipients = [await identityToRecipient(identity)]
    const caseId = await newCase(world, "toolshell")
    const artifact = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    await releaseWaveNow(world, caseId, "advance", [artifact])
    await world.acting(partner.lead, (ctx) => issueCredential(ctx, partner.lead.person, "session"))
    await sequenceEvents(world.services)
}, 120_000)
afterAll(async () => {
    await world.database.close()
    fs.rmSync(path.dirname(keyFile), { recursive: true, force: true })
    for (const name of databases) await runSql(inject("clusterUrl"), `drop database ${name} with (force)`)
})
beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-backup-"))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

async function emptyDatabase(): Promise<string> {
    const name = `b${randomBytes(8).toString("hex")}`
    await runSql(inject("clusterUrl"), `create database ${name}`)
    databases.push(name)
    return databaseAt(inject("clusterUrl"), name)
}

const fileNamed = (name: string) => path.join(folder, name)
const source = () => ({ databaseUrl: world.database.url, recipients })
const backUp = (name = "backup.age") => makeBackup(services, source(), fileNamed(name))
const restore = async (file: string, url: string) =>
    await restoreBackup({ databaseUrl: url, keysOf: () => services.keys }, file, [identity])

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
    const list: T[] = []
    for await (const item of items) list.push(item)
    return list
}

async function withDb<T>(url: string, work: (db: Db) => Promise<T>): Promise<T> {
    const db = openDb(url, { connectionsMax: 6, statementMsMax: 20_000 })
    try {
        return await work(db)
    } finally {
        await db.close()
    }
}

/** The SHA-256 of each table's rows, sorted. */
async function hashesOf(url: string): Promise<Record<string, string>> {
    const client = await connectForLong(url)
    const hashes: Record<string, string> = {}
    try {
        const tables = await withDb(url, (db) => db.transaction(listTables))
        for (const table of tables) {
            const pieces: Buffer[] = []
            for await (const piece of readTable(client, table)) pieces.push(piece)
            const rows = Buffer.concat(pieces).toString("latin1").split("\n").toSorted().join("\n")
            hashes[table.name] = createHash("sha256").update(rows, "latin1").digest("hex")
        }
        return hashes
    } finally {
        await client.end()
    }
}

describe("a backup", () => {
    test("is read back, recorded, and restores each row of each table but open sessions", async () => {
        const written = await backUp()
        expect(written.bytes).toBe(fs.statSync(written.file).size)
        expect(fs.statSync(written.file).mode & 0o777).toBe(0o600)
        expect(fs.readdirSync(folder).filter((name) => name.includes(".part"))).toEqual([])
        const eventSql = "select body from events where kind = 'backup.written' order by seq desc limit 1"
        const [event] = await world.database.db.statement<{ body: object }>(eventSql, [])
        expect(event?.body).toMatchObject({ sha256: written.sha256, bytes: written.bytes })

        const url = await emptyDatabase()
        await restore(written.file, url)
        const [before, after] = [await hashesOf(world.database.url), await hashesOf(url)]
        const changed = Object.keys(before).filter((table) => before[table] !== after[table])
        // The running program has recorded the backup since. The restored one ended sessions, and is in quarantine.
        const expected = ["backups", "credentials", "events", "pending_events", "quarantines"]
        expect(changed.toSorted()).toEqual([...expected, "unsequenced_events"])
        await withDb(url, async (db) => {
            const open = "select from credentials where kind in ('session', 'link') and ended_at is null"
            expect(await db.statement(open, [])).toEqual([])
        })
    })

    test("has the same schema afterwards, and numbers new rows after the old ones", async () => {
        const { file } = await backUp()
        const url = await emptyDatabase()
        await restore(file, url)
        const keysSql = `select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) as key
            from pg_constraint where connamespace = 'public'::regnamespace and contype <> 't' order by 1`
        const triggersSql = `select tgrelid::regclass::text || ' ' || tgname || ' ' || tgenabled::text as trigger
            from pg_trigger where not tgisinternal and tgconstraint = 0 order by 1`
        const lastSql = "select schemaname, sequencename, last_value from pg_sequences order by sequencename"
        for (const sql of [keysSql, triggersSql]) {
            const [original, restored] = await Promise.all(
                [world.database.url, url].map((at) => withDb(at, (db) => db.statement(sql, []))),
            )
            expect(restored).toEqual(original)
            expect(restored?.length).toBeGreaterThan(5)
        }
        type Last = { sequencename: string; last_value: number | null }
        const [original, restored] = await Promise.all(
            [world.database.url, url].map((at) => withDb(at, (db) => db.statement<Last>(lastSql, []))),
        )
        // The event of the backup itself has a number since.
        const behind = original?.filter(
            ({ last_value: value }, n) => (value ?? 0) > (restored?.[n]?.last_value ?? 0) + 1,
        )
        expect(behind).toEqual([])
    })

    test("carries the program on: its audit log is exported and verified, with the old key", async () => {
        const { file } = await backUp()
        const url = await emptyDatabase()
        await restore(file, url)
        await withDb(url, async (db) => {
            const restored = { ...services, db }
            const acting = actingOn(restored, world.clock)
            const lines = await acting(world.manager, async (ctx) => await collected(await exportAuditLog(ctx)))
            const trust = { keys: [auditLogKey(services.keys)], verify: verifyEd25519 }
            expect(await verifyBytes(Buffer.from(lines.join("")), trust)).toMatchObject({ ok: true })
        })
    })

    test("is refused after any change, and when it is cut short", async () => {
        const { file } = await backUp()
        const whole = fs.readFileSync(file)
        const bad = fileNamed("bad.age")
        const places = [0, 30, 200, Math.floor(whole.length / 2), whole.length - 20, whole.length - 1]
        for (const at of places) {
            const changed = Buffer.from(whole)
            changed[at] = (changed[at] ?? 0) ^ 1
            fs.writeFileSync(bad, changed)
            expect([at, await awaitRefusalCode(checkBackup(bad, [identity], () => services.keys))]).toEqual([
                at,
                expect.stringMatching(/^backup\.(damaged|no_identity)$/),
            ])
        }
        for (const length of [0, 10, 300, whole.length - 1, whole.length - 70_000].filter((bytes) => bytes >= 0)) {
            fs.writeFileSync(bad, whole.subarray(0, length))
            expect(await awaitRefusalCode(checkBackup(bad, [identity], () => services.keys))).toBe("backup.damaged")
        }
        fs.writeFileSync(bad, Buffer.concat([whole, Buffer.alloc(16)]))
        expect(await awaitRefusalCode(checkBackup(bad, [identity], () => services.keys))).toBe("backup.damaged")
    })

    test("needs the identity, and the key file of its program", async () => {
        const { file } = await backUp()
        const other = await generateX25519Identity()
        expect(await awaitRefusalCode(checkBackup(file, [other], () => services.keys))).toBe("backup.no_identity")
        const keys = keysFrom(randomBytes(32))
        expect(await awaitRefusalCode(checkBackup(file, [identity], () => keys))).toBe("backup.other_program")
        expect((await checkBackup(file, [identity], null)).rows).toBeGreaterThan(100)
        const url = await emptyDatabase()
        const restoring = restoreBackup({ databaseUrl: url, keysOf: () => keys }, file, [identity])
        expect(await awaitRefusalCode(restoring)).toBe("backup.other_program")
        const made = await withDb(url, (db) => db.statement("select to_regclass('migrations') as made", []))
        expect(made).toEqual([{ made: null }])
    })

    test("that another program encrypted for the same recipients is refused, and so is another version's", async () => {
        const url = await emptyDatabase()
        const manifest = {
            format: "tocsin-backup/1",
            takenAt: "2026-12-01T12:00:00.000Z",
            postgres: "18.4",
            migrations: migrationNames(),
            auditLog: null,
            tables: [{ name: "persons", columns: ["id"] }],
        } as const
        const write = async (changes: object, keys = services.keys) => {
            const nothing = (async function* () {})()
            const end = async () => ({ rows: {}, lastValues: {} })
            const contents = { manifest: { ...manifest, tables: [], ...changes }, pieces: nothing, end }
            const file = fileNamed(`${randomBytes(4).toString("hex")}.age`)
            fs.writeFileSync(file, Buffer.concat(await collected(await writeArchive(recipients, keys, contents))))
            return file
        }
        const codes: (string | null)[] = []
        const cases = [
            await write({ tables: await world.database.db.transaction(listTables) }, keysFrom(randomBytes(32))),
            await write({ migrations: [...migrationNames(), "9999-later.sql"] }),
            await write({ tables: manifest.tables }),
            await write({ tables: [{ name: "persons; drop table persons", columns: ["id"] }] }),
            await write({ format: "tocsin-backup/2" }),
        ]
        for (const file of cases) codes.push(await awaitRefusalCode(restore(file, url)))
        expect(codes).toEqual([
            "backup.other_program",
            "platform.newer_database",
            "restore.other_tables",
            "restore.other_tables",
            "backup.damaged",
        ])
        const age = new Encrypter()
        for (const recipient of recipients) age.addRecipient(recipient)
        fs.writeFileSync(fileNamed("other.age"), await age.encrypt("not a backup"))
        expect(await awaitRefusalCode(restore(fileNamed("other.age"), url))).toBe("backup.damaged")
    })

    test("is never written over a file, and never restored over a program", async () => {
        const { file } = await backUp()
        expect(await awaitRefusalCode(backUp())).toBe("backup.already_exists")
        expect(await awaitRefusalCode(restore(file, world.database.url))).toBe("restore.not_empty")
        expect(await awaitRefusalCode(restore(fileNamed("none.age"), await emptyDatabase()))).toBe("backup.no_file")
    })
})

describe("a restored program", () => {
    test("serves no partner until two people look, and ends again what ended since the backup", async () => {
        await guardDatabase(services)
        const { file } = await backUp()
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
        await guardDatabase(services)
        const url = await emptyDatabase()
        await restore(file, url)
        await withDb(url, async (db) => {
            const restored = { ...services, db, highWater: openHighWater(keyFile, services.keys) }
            const acting = actingOn(restored, world.clock)
            const load = () => acting(world.manager, (ctx) => loadPartnerStatus(ctx, partner.id))
            expect(await load()).toBe("active")
            expect(await guardDatabase(restored)).toBe(true)
            expect(await load()).toBe("suspended")
            const quarantine = await acting(world.manager, findOpenQuarantine)
            expect(quarantine?.reasons).toEqual(expect.arrayContaining(["restored", "access_behind"]))
            expect(quarantine?.applied).toMatchObject([{ kind: "partner", id: partner.id, outcome: "applied" }])
        })
    })

    test("is in quarantine also with a high-water file that is older than the backup", async () => {
        await guardDatabase(services)
        const old = fs.readFileSync(`${keyFile}.high-water`)
        const other = await newPartner(world, "advance")
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, other.id, "suspended"))
        await guardDatabase(services)
        const { file } = await backUp()
        fs.writeFileSync(`${keyFile}.high-water`, old)
        const url = await emptyDatabase()
        await restore(file, url)
        await withDb(url, async (db) => {
            const restored = { ...services, db, highWater: openHighWater(keyFile, services.keys) }
            expect(await guardDatabase(restored)).toBe(true)
            expect(await guardDatabase(restored)).toBe(true)
            const quarantine = await actingOn(restored, world.clock)(world.manager, findOpenQuarantine)
            expect(quarantine?.reasons).toEqual(["restored"])
            expect(Object.keys(quarantine?.files ?? {})).toHaveLength(1)
            const opened = await db.statement("select from events where kind = 'quarantine.opened'", [])
            expect(opened).toHaveLength(1)
        })
    })
})

describe("after a restore", () => {
    test("an approval from before is withdrawn, so that no earlier release goes out automatically", async () => {
        const other = await newPartner(world, "advance")
        const change = { action: "partner.reinstate", recipients: [other.id], artifacts: [], at: null, detail: {} }
        const id = await world.acting(world.manager, (ctx) => requestApproval(ctx, change))
        const { file } = await backUp()
        const url = await emptyDatabase()
        await restore(file, url)
        await withDb(url, async (db) => {
            const found = await db.statement("select void_reason from approvals where id = $1", [id])
            expect(found).toEqual([{ void_reason: "withdrawn" }])
        })
    })

    test("tables of others are neither emptied nor brought back", async () => {
        const url = await emptyDatabase()
        await runSql(url, "create table invoices (id int); insert into invoices values (1)")
        await runSql(
            world.database.url,
            "create table notes_of_others (id int); insert into notes_of_others values (1)",
        )
        const { file } = await backUp()
        await runSql(world.database.url, "drop table notes_of_others")
        expect(await awaitRefusalCode(restore(file, url))).toBe("restore.not_empty")
        expect(await withDb(url, (db) => db.statement("select id from invoices", []))).toEqual([{ id: 1 }])
        expect((await restore(file, await emptyDatabase())).skipped).toEqual(["notes_of_others"])
    })

    test("a high-water file is accepted once, also one that was not ahead of the backup", async () => {
        const key = fileNamed("own-key")
        fs.copyFileSync(`${keyFile}.high-water`, `${key}.high-water`)
        const fileId = () => (JSON.parse(fs.readFileSync(`${key}.high-water`, "utf8")) as { id: string }).id
        const before = fileId()
        const { file } = await backUp()
        const url = await emptyDatabase()
        await restore(file, url)
        await withDb(url, async (db) => {
            const restored = { ...services, db, highWater: openHighWater(key, services.keys) }
            const acting = actingOn(restored, world.clock)
            expect(await guardDatabase(restored)).toBe(true)
            const { approval } = await acting(world.manager, (ctx) => reconcileDatabase(ctx, { receipts: [] }))
            const { effectsHash } = await acting(world.approver, (ctx) => loadApproval(ctx, approval))
            await acting(world.approver, (ctx) => signApproval(ctx, approval, effectsHash))
            await acting(world.manager, (ctx) => reconcileDatabase(ctx, { receipts: [], approval }))
            expect(await guardDatabase(restored)).toBe(false)
            const after = fileId()
            expect(after).not.toBe(before)
            expect(await guardDatabase(restored)).toBe(false)
            expect(fileId()).toBe(after)
        })
    })

    test("a newer high-water file that is found during the quarantine is compared too", async () => {
        await guardDatabase(services)
        const key = fileNamed("own-key")
        const copyFile = () => fs.copyFileSync(`${keyFile}.high-water`, `${key}.high-water`)
        copyFile()
        const other = await newPartner(world, "advance")
        const { file } = await backUp()
        const url = await emptyDatabase()
        await restore(file, url)
        await withDb(url, async (db) => {
            const restored = { ...services, db, highWater: openHighWater(key, services.keys) }
            const acting = actingOn(restored, world.clock)
            await guardDatabase(restored)
            await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, other.id, "suspended"))
            await guardDatabase(services)
            expect(await acting(world.manager, (ctx) => loadPartnerStatus(ctx, other.id))).toBe("active")
            copyFile()
            expect(await guardDatabase(restored)).toBe(true)
            expect(await acting(world.manager, (ctx) => loadPartnerStatus(ctx, other.id))).toBe("suspended")
        })
    })
})

test("an overdue backup is a task of admins, unless backups are made by other means", async () => {
    const admin = await createStaffMember(world.acting, ["admin"])
    const tasksOf = async (person: Program["manager"], backupIntervalMs: number) => {
        const late = { ...services, backupIntervalMs, realNow: () => Date.now() + 30 * dayMs }
        return (await actingOn(late, world.clock)(person, listTasksOfActor)).filter(({ kind }) => kind === "backup")
    }
    expect(await tasksOf(admin, dayMs)).toMatchObject([{ kind: "backup", about: "backup", owner: null }])
    expect(await tasksOf(world.manager, dayMs)).toEqual([])
    expect(await tasksOf(admin, 0)).toEqual([])
})

describe("scheduled backups", () => {
    const planned = (intervalMs: number): Services => ({
        ...services,
        realNow: () => Date.now(),
        backupPlan: { ...source(), folder, intervalMs, keep: 2 },
    })
    const listBackups = () => fs.readdirSync(folder).filter((name) => name.endsWith("Z.age"))

    test("are made when the newest is older than the interval, and the oldest files go", async () => {
        for (const name of ["tocsin-20250101T000000Z.age", "tocsin-20250102T000000Z.age", "notes.age"]) {
            fs.writeFileSync(fileNamed(name), "old")
        }
        const due = planned(1)
        await backUp("by-hand-before.age")
        await makeBackupsJob.run(due)
        await expect.poll(listBackups).toHaveLength(2)
        expect(listBackups()).toContain("tocsin-20250102T000000Z.age")
        expect(fs.readdirSync(folder)).toContain("notes.age")
        const scheduledSql = "select from backups where is_scheduled"
        await expect.poll(() => world.database.db.statement(scheduledSql, [])).toHaveLength(1)
        // One by hand does not count.
        await backUp("by-hand.age")
        const notDue = planned(3_600_000)
        await makeBackupsJob.run(notDue)
        await makeBackupsJob.finish?.(notDue)
        expect(listBackups()).toHaveLength(2)
    })

    test("a failure leaves no file, and the old ones stay", async () => {
        fs.writeFileSync(fileNamed("tocsin-20250102T000000Z.age"), "old")
        const errors: string[] = []
        const failing = {
            ...planned(1),
            log: { ...services.log, error: (text: string) => void errors.push(text) },
            backupPlan: { ...source(), databaseUrl: `${source().databaseUrl}x`, folder, intervalMs: 1, keep: 1 },
        }
        await makeBackupsJob.run(failing)
        await expect.poll(() => errors).toEqual(["the backup failed"])
        expect(fs.readdirSync(folder)).toEqual(["tocsin-20250102T000000Z.age"])
    })
})

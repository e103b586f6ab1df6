import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { awaitRefusalCode } from "../../../../../test/support/actors.ts"
import { type Program, createProgram } from "../../../../../test/support/program.ts"
import { databaseAt, runSql } from "../../../../../test/support/sql.ts"
import { connectForLong, txOf } from "../../../platform/postgres/whole-tables.ts"
import { isEmpty } from "../../../platform/postgres/migrate.ts"
import { makeBackup } from "./actions/make-backup.ts"
import { restoreBackup } from "./actions/restore-backup.ts"

let world: Program
let folder: string
let identity: string
let source: { readonly databaseUrl: string; readonly recipients: readonly string[] }

beforeAll(async () => {
    world = await createProgram()
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-stopped-"))
    identity = await generateX25519Identity()
    source = { databaseUrl: world.database.url, recipients: [await identityToRecipient(identity)] }
}, 60_000)
afterAll(async () => {
    await world.database.close()
    fs.rmSync(folder, { recursive: true, force: true })
})

const fileNamed = (name: string) => path.join(folder, name)
const listRecorded = () => world.database.db.statement("select from backups", [])

test("a second backup is refused until the first is recorded, and leaves nothing", async () => {
    const recording = Promise.withResolvers<void>()
    const db = {
        ...world.database.db,
        transaction: async <T>(work: Parameters<typeof world.database.db.transaction<T>>[0]) => {
            await recording.promise
            return await world.database.db.transaction(work)
        },
    }
    const first = makeBackup({ ...world.services, db }, source, fileNamed("first.age"))
    await expect.poll(() => fs.existsSync(fileNamed("first.age"))).toBe(true)
    const second = makeBackup(world.services, source, fileNamed("second.age"))
    expect(await awaitRefusalCode(second)).toBe("backup.already_running")
    recording.resolve()
    await first
    expect(fs.readdirSync(folder)).toEqual(["first.age"])
    expect(await listRecorded()).toHaveLength(1)
})

test("a stopped backup leaves no file and no record", async () => {
    const before = [fs.readdirSync(folder), (await listRecorded()).length]
    const stopping = new AbortController()
    const stopped = makeBackup(world.services, source, fileNamed("stopped.age"), { signal: stopping.signal })
    await expect.poll(() => fs.readdirSync(folder).some((name) => name.endsWith(".part"))).toBe(true)
    stopping.abort()
    await expect(stopped).rejects.toThrow("abort")
    expect([fs.readdirSync(folder), (await listRecorded()).length]).toEqual(before)
})

test("a stopped restore leaves the database empty, and can be repeated", async () => {
    const file = fileNamed("whole.age")
    await makeBackup(world.services, source, file)
    const name = `${world.database.name}_restored`
    await runSql(inject("clusterUrl"), `create database ${name}`)
    const url = databaseAt(inject("clusterUrl"), name)
    const target = { databaseUrl: url, keysOf: () => world.services.keys }
    await expect(restoreBackup(target, file, [identity], AbortSignal.abort())).rejects.toThrow("abort")
    const client = await connectForLong(url)
    expect(await isEmpty(txOf(client))).toBe(true)
    await client.end()
    expect((await restoreBackup(target, file, [identity])).rows).toBeGreaterThan(0)
    await runSql(inject("clusterUrl"), `drop database ${name} with (force)`)
})

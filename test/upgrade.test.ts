/**
 * Restores a backup of each released version, checks and migrates it by the commands of this version, and reads back
 * what that version answered.
 */
import { createHash, randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { Decrypter } from "age-encryption"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { type ReleaseFixture, tokenOf } from "../scripts/release-fixture.ts"
import { verifyBytes } from "@tocsin/audit-log/export"
import type { AcceptedReceipt } from "@tocsin/audit-log/receipt"
import type { Services } from "../server/src/kernel/services.ts"
import type { Side } from "../server/src/kernel/route.ts"
import { verifyEd25519 } from "../server/src/platform/crypto/ed25519.ts"
import { findRootKey, makeRootKey } from "../server/src/platform/crypto/root-key.ts"
import { type Db, openDb } from "../server/src/platform/postgres/db.ts"
import { assertCurrent, listPending, migrationNames, textOf } from "../server/src/platform/postgres/migrate.ts"
import { realNow } from "../server/src/platform/time/clock.ts"
import { openPolicyEngine } from "../server/src/platform/policy/engine.ts"
import { makeServer } from "../server/src/server.ts"
import { aliasFor, idOfAlias } from "../server/src/share/delivery/actions/resolve-alias.ts"
import { sequenceEvents } from "../server/src/trust/audit-log/actions/sequence-leaves.ts"
import type { KeysOf } from "../server/src/trust/continuity/backups/actions/archive.ts"
import { restoreBackup } from "../server/src/trust/continuity/backups/actions/restore-backup.ts"
import { testServices } from "./support/actors.ts"
import { createHome, runTocsin, startTocsin } from "./support/command.ts"
import { databaseAt, runSql } from "./support/sql.ts"
import { auditLogKey, receiptLogKey } from "../server/src/trust/signing-keys/actions/load-log-keys.ts"

const releasesFolder = "test/fixtures/releases"

/** The versions that have files, oldest first. */
const releasedVersions = (): string[] =>
    fs
        .readdirSync(releasesFolder)
        .filter((name) => name.endsWith(".age"))
        .map((name) => name.replace(/\.age$/, ""))
        .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))

/** A repository with many released versions stays small. */
const bytesMax = 300 * 1024

test("there is a file of a version before the root key, and each is small", () => {
    expect(releasedVersions()).toEqual(expect.arrayContaining(["0.1.0-dev", "0.1.0"]))
    for (const version of releasedVersions()) {
        expect(fs.statSync(path.join(releasesFolder, `${version}.age`)).size).toBeLessThan(bytesMax)
    }
})

describe.each(releasedVersions())("the database of %s, restored and migrated", (version) => {
    const at = (ending: string) => path.join(releasesFolder, `${version}.${ending}`)
    const fixture = JSON.parse(fs.readFileSync(at("json"), "utf8")) as ReleaseFixture
    const { answers, lead } = fixture
    const name = `u${randomBytes(8).toString("hex")}`
    const apps: Partial<Record<Side, FastifyInstance>> = {}
    const home = createHome()
    const upgrade = { pending: [] as string[], checked: "", log: "", code: NaN as number | null }
    let db: Db
    let services: Services

    beforeAll(async () => {
        const admin = inject("clusterUrl")
        await runSql(admin, `create database ${name}`)
        const databaseUrl = databaseAt(admin, name)
        const key = Buffer.from(fixture.key, "hex")
        const keysOf: KeysOf = (rows) => findRootKey(rows, key)
        await restoreBackup({ databaseUrl, keysOf }, at("age"), [fixture.identity])
        db = openDb(databaseUrl, { connectionsMax: 6, statementMsMax: 20_000 })
        upgrade.pending = await db.transaction(listPending)
        const keyFile = path.join(home, "keys/key")
        fs.mkdirSync(path.dirname(keyFile))
        fs.writeFileSync(keyFile, `${fixture.key}\n`, { mode: 0o600 })
        const program = ["--database-url", databaseUrl, "--key-file", keyFile]
        upgrade.checked = (await runTocsin(home, ["upgrade", "check", "--json", ...program])).out
        const server = await startTocsin(home, ["serve", "--role", "portal", "--portal-port", "0", ...program])
        upgrade.code = await server.end("SIGTERM")
        upgrade.log = server.log()
        // Two people would end the quarantine of a restored database.
        await runSql(databaseUrl, "update quarantines set ended_at = now()")
        const keys = await db.transaction((tx) => makeRootKey(tx, key))
        const database = { db } as Parameters<typeof testServices>[0]
        const base = testServices(database, { now: parseInstant(fixture.clock) })
        services = { ...base, keys, realNow, policy: openPolicyEngine() }
        const options = { web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000, services } as const
        for (const side of ["console", "portal"] as const) apps[side] = await makeServer({ ...options, side })
    }, 120_000)
    afterAll(async () => {
        for (const app of Object.values(apps)) await app.close()
        await db.close()
        fs.rmSync(home, { recursive: true })
        await runSql(inject("clusterUrl"), `drop database ${name} with (force)`)
    })

    async function request(side: Side, url: string, token: string) {
        const headers = { authorization: `Bearer ${token}` }
        return (await apps[side]?.inject({ method: "GET", url, headers })) ?? expect.unreachable()
    }
    async function get(...args: Parameters<typeof request>): Promise<Buffer> {
        const { statusCode, rawPayload } = await request(...args)
        expect([args[1], statusCode]).toEqual([args[1], 200])
        return rawPayload
    }
    const json = async <T>(...args: Parameters<typeof request>) => JSON.parse((await get(...args)).toString()) as T
    const tokenFor = (role: string) => tokenOf(fixture, role)

    test("has no migration that was changed since", async () => {
        const names = migrationNames().slice(0, Object.keys(fixture.migrations).length)
        const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
        expect(Object.fromEntries(names.map((file) => [file, sha256(textOf(file))]))).toEqual(fixture.migrations)
    })

    test("is checked, and then migrated by a server that stops in order", async () => {
        const { migrations } = JSON.parse(upgrade.checked) as { migrations: { name: string }[] }
        expect(migrations.map((migration) => `${migration.name}.sql`)).toEqual(upgrade.pending)
        const lines = upgrade.log.trim().split("\n")
        const steps = lines.map((line) => JSON.parse(line) as { msg: string; version?: string })
        const migrated = steps.filter(({ msg }) => msg === "migrating the database")
        expect(migrated.map((step) => step.version)).toEqual(upgrade.pending)
        expect(upgrade.code).toBe(0)
        await expect(services.db.transaction(assertCurrent)).resolves.toBeUndefined()
    })

    test("gives staff its cases and partners", async () => {
        const { cases } = await json<{ cases: { title: string }[] }>("console", "/api/cases", tokenFor("author"))
        expect(cases.map(({ title }) => title)).toEqual(answers.cases)
        const url = "/api/partners"
        const { partners } = await json<{ partners: { name: string }[] }>("console", url, tokenFor("manager"))
        expect(partners.map((partner) => partner.name).toSorted()).toEqual(answers.partners)
    })

    test("gives a partner its warnings, and the same copy of its text", async () => {
        expect(answers.warnings.length).toBeGreaterThan(0)
        const { warnings } = await json<{ warnings: object[] }>("portal", "/api/warnings", lead.token)
        expect(warnings).toMatchObject(answers.warnings)
        const age = new Decrypter()
        age.addIdentity(lead.identity)
        const sealed = await get("portal", `/api/artifacts/${answers.copy.artifact}/copy`, lead.token)
        const copy = await age.decrypt(sealed)
        expect(createHash("sha256").update(copy).digest("hex")).toBe(answers.copy.sha256)
    })

    test("gives no content to a suspended partner, or before its wave", async () => {
        const { early, suspended } = fixture
        const id = idOfAlias(services.keys, lead.partner, "artifact", answers.copy.artifact)
        for (const { token, partner } of [early, suspended]) {
            const copy = `/api/artifacts/${aliasFor(services.keys, partner, "artifact", id)}/copy`
            expect((await request("portal", copy, token)).statusCode).toBe(404)
        }
        expect(await json("portal", "/api/warnings", early.token)).toMatchObject({ warnings: [] })
        expect((await request("portal", "/api/warnings", suspended.token)).statusCode).toBe(404)
    })

    test("gives the investigator its inquiries", async () => {
        const url = "/api/inquiries"
        const { inquiries } = await json<{ inquiries: { title: string }[] }>("console", url, tokenFor("investigator"))
        expect(inquiries.map(({ title }) => title)).toEqual(answers.inquiries)
    })

    test("proves the receipt that it proved before", async () => {
        const { id, text } = answers.receipt
        const { receipt } = await json<{ receipt: string }>("portal", `/api/receipts/${id}`, fixture.lead.token)
        const trust = { keys: [receiptLogKey(services.keys)], verify: verifyEd25519 }
        const [before, after] = [
            await verifyBytes(Buffer.from(text), trust),
            await verifyBytes(Buffer.from(receipt), trust),
        ]
        expect(before).toMatchObject({ ok: true, index: expect.any(Number), commitment: expect.any(String) })
        const { index, commitment } = before as AcceptedReceipt
        expect(after).toMatchObject({ ok: true, index, commitment })
    })

    test("continues the audit log, which verifies", async () => {
        await sequenceEvents(services)
        const log = await get("console", "/api/audit-log/export", tokenFor("auditor"))
        const trust = { keys: [auditLogKey(services.keys)], verify: verifyEd25519 }
        expect(await verifyBytes(log, trust)).toMatchObject({ ok: true })
    })
})

/** Restores a backup of each released version, migrates it, and reads back what that version answered. */
import { createHash, randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { Decrypter } from "age-encryption"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { ReleaseFixture } from "../scripts/release-fixture.ts"
import { verifyBytes } from "@tocsin/audit-log/export"
import type { Services } from "../server/src/kernel/services.ts"
import type { Side } from "../server/src/kernel/route.ts"
import { verifyEd25519 } from "../server/src/platform/crypto/ed25519.ts"
import { findRootKey, makeRootKey } from "../server/src/platform/crypto/root-key.ts"
import { type Db, openDb } from "../server/src/platform/postgres/db.ts"
import { migrate, assertCurrent } from "../server/src/platform/postgres/migrate.ts"
import { openPolicyEngine } from "../server/src/platform/policy/engine.ts"
import { makeServer } from "../server/src/server.ts"
import { sequenceEvents } from "../server/src/trust/audit-log/actions/sequence-leaves.ts"
import type { KeysOf } from "../server/src/trust/continuity/backups/actions/archive.ts"
import { restoreBackup } from "../server/src/trust/continuity/backups/actions/restore-backup.ts"
import { testServices } from "./support/actors.ts"
import { databaseAt, runSql } from "./support/sql.ts"
import { auditLogKey } from "../server/src/trust/signing-keys/actions/load-log-keys.ts"

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
    expect(releasedVersions()).toContain("0.1.0-dev")
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
        await migrate(db)
        const keys = await db.transaction((tx) => makeRootKey(tx, key))
        const database = { db } as Parameters<typeof testServices>[0]
        const base = testServices(database, { now: parseInstant(fixture.clock) })
        services = { ...base, keys, policy: openPolicyEngine() }
        const options = { web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000, services } as const
        for (const side of ["console", "portal"] as const) apps[side] = await makeServer({ ...options, side })
    }, 120_000)
    afterAll(async () => {
        for (const app of Object.values(apps)) await app.close()
        await db.close()
        await runSql(inject("clusterUrl"), `drop database ${name} with (force)`)
    })

    async function get(side: Side, url: string, token: string): Promise<Buffer> {
        const headers = { authorization: `Bearer ${token}` }
        const answer = await apps[side]?.inject({ method: "GET", url, headers })
        expect([url, answer?.statusCode]).toEqual([url, 200])
        return answer?.rawPayload ?? expect.unreachable()
    }
    const json = async <T>(...request: Parameters<typeof get>) => JSON.parse((await get(...request)).toString()) as T
    const tokenOf = (role: string) =>
        fixture.staff.find(({ roles }) => roles.includes(role))?.token ?? expect.unreachable()

    test("is current", async () => {
        await expect(services.db.transaction(assertCurrent)).resolves.toBeUndefined()
    })

    test("gives staff its cases and partners", async () => {
        const { cases } = await json<{ cases: { title: string }[] }>("console", "/api/cases", tokenOf("author"))
        expect(cases.map(({ title }) => title)).toEqual(answers.cases)
        const url = "/api/partners"
        const { partners } = await json<{ partners: { name: string }[] }>("console", url, tokenOf("manager"))
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

    test("continues the audit log, which verifies", async () => {
        await sequenceEvents(services)
        const log = await get("console", "/api/audit-log/export", tokenOf("auditor"))
        const trust = { keys: [auditLogKey(services.keys)], verify: verifyEd25519 }
        expect(await verifyBytes(log, trust)).toMatchObject({ ok: true })
    })
})

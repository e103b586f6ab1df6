import { randomBytes } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { exportJWK, generateKeyPair } from "jose"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Acting, actingOn, awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { type Program, type TestPartner, newPartner, createProgram } from "../../../../test/support/program.ts"
import { dayMs } from "@tocsin/base/instant"
import { openDb } from "../../platform/postgres/db.ts"
import type { Services } from "../../kernel/services.ts"
import { highWaterPath, openHighWater } from "../../kernel/high-water.ts"
import { loadApproval } from "../approvals/actions/load-approvals.ts"
import { signApproval } from "../approvals/actions/request-approval.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { findPublishedCheckpoint } from "../audit-log/actions/export-log.ts"
import { sequenceEventsJob, sequenceEvents } from "../audit-log/actions/sequence-leaves.ts"
import { removePerson } from "../identity/actions/manage-people.ts"
import { endPasskey, insertPasskey, listPasskeys } from "../identity/passkeys/store.ts"
import { unknownSender } from "../../models/sender.ts"
import { hashOf, issueCredential, findCallerId, signOut } from "../identity/actions/sign-in.ts"
import { changeClientKeys, listCallerClients, registerClient } from "../identity/machines/actions/manage-clients.ts"
import type { PublicJwk } from "../identity/machines/actions/bind-token.ts"
import { changePartnerStatus } from "../partners/actions/change-partner.ts"
import { loadPartnerStatus } from "../partners/actions/load-facts.ts"
import { addKey, listKeys, revokeKey } from "../partners/keys/actions/manage-keys.ts"
import { guardDatabase, saveAccessChanges } from "./actions/guard-database.ts"
import { findOpenQuarantine, reconcileDatabase } from "./actions/reconcile-database.ts"

let folder: string
let world: Program
let partner: TestPartner
let keyFile: string
let logged: string[]
/** The program in service, and an old copy of its database. */
let services: Services
let acting: Acting
let copies: TestDatabase[]

beforeAll(async () => {
    world = await createProgram()
    partner = await newPartner(world, "advance")
    await world.database.db.close()
})
afterAll(() => world.database.drop())

beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-restored-"))
    keyFile = path.join(folder, "key")
    logged = []
    copies = []
    services = servicesOver(await copyOf(world.database))
    acting = actingOn(services, world.clock)
    await guardDatabase(services)
    await recordEvents(3)
    await sequenceEvents(services)
})
afterEach(async () => {
    for (const copy of copies) await copy.close()
    fs.rmSync(folder, { recursive: true, force: true })
})

async function copyOf({ name }: Pick<TestDatabase, "name">): Promise<TestDatabase> {
    const copy = await createDatabase(name)
    copies.push(copy)
    return copy
}

/** The services of a process on a database, with the shared key file and its high-water file. */
function servicesOver({ db }: Pick<TestDatabase, "db">): Services {
    const note = (text: string, facts: object = {}) => void logged.push(`${text} ${JSON.stringify(facts)}`)
    return {
        ...world.services,
        db,
        log: { debug: note, info: note, warn: note, error: note },
        highWater: openHighWater(keyFile, world.services.keys),
    }
}

/** Copies the current database, to restore it later. */
async function backUp(): Promise<TestDatabase> {
    await guardDatabase(services)
    const [current] = copies
    if (!current) throw new Error("there is no database")
    await current.db.close()
    const copy = await copyOf(current)
    const again = openDb(current.url, { connectionsMax: 6, statementMsMax: 20_000 })
    copies[0] = { ...current, db: again, close: async () => (await again.close(), await current.drop()) }
    services = servicesOver(copies[0])
    acting = actingOn(services, world.clock)
    return copy
}

const recordEvents = async (count: number, action: Acting = acting) => {
    for (let n = 0; n < count; n++)
        await action(world.author, (action) => record(action, { kind: "case.opened", case: `c-${n}` }))
}

const suspendPartner = async (how: Acting = acting) =>
    await how(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))

const loadStatusIn = (its_: Acting) => its_(world.manager, (ctx) => loadPartnerStatus(ctx, partner.id))
const findCheckpointIn = (how: Acting) => how(world.manager, (ctx: ActionContext) => findPublishedCheckpoint(ctx))

/** Ends the quarantine with two people. */
async function reconcile(how: Acting): Promise<void> {
    const reconciliation = await how(world.manager, (ctx) => reconcileDatabase(ctx, { receipts: [] }))
    const { effectsHash } = await how(world.approver, (ctx) => loadApproval(ctx, reconciliation.approval))
    await how(world.approver, (ctx) => signApproval(ctx, reconciliation.approval, effectsHash))
    const done = await how(world.manager, (ctx) =>
        reconcileDatabase(ctx, { receipts: [], approval: reconciliation.approval }),
    )
    expect(done.done).toBe(true)
}

describe("a restored older database under the same key", () => {
    test("is quarantined, and a partner suspended since is suspended again", async () => {
        const old = await backUp()
        await suspendPartner()
        await saveAccessChanges(services)
        await recordEvents(2)
        await sequenceEvents(services)
        const started = servicesOver(old)
        const there = actingOn(started, world.clock)
        expect(await loadStatusIn(there)).toBe("active")
        expect(await guardDatabase(started)).toBe(true)
        expect(started.highWater.isQuarantined()).toBe(true)
        const found = await there(world.manager, findOpenQuarantine)
        expect(found?.reasons).toEqual(expect.arrayContaining(["access_behind", "audit_log_behind"]))
        expect(found?.applied).toEqual([{ kind: "partner", id: partner.id, status: "suspended", outcome: "applied" }])
        expect(await loadStatusIn(there)).toBe("suspended")
        expect(logged.filter((line) => line.startsWith("quarantine:"))).toHaveLength(1)
    })

    test("suspends a partner at once, though its clock is behind the suspension", async () => {
        const old = await backUp()
        const before = world.clock.now
        world.clock.now += dayMs
        await suspendPartner()
        await saveAccessChanges(services)
        world.clock.now = before
        const started = servicesOver(old)
        const there = actingOn(started, world.clock)
        expect(await guardDatabase(started)).toBe(true)
        expect(await loadStatusIn(there)).toBe("suspended")
    })

    test("signs no second history, whatever is written to it", async () => {
        const old = await backUp()
        await recordEvents(2)
        await sequenceEvents(services)
        const started = servicesOver(old)
        const there = actingOn(started, world.clock)
        await recordEvents(4, there)
        const before = await findCheckpointIn(there)
        // Nobody has looked yet: the sequencer is asked first.
        expect(await awaitRefusalCode(sequenceEvents(started))).toBe("audit_log.behind_high_water")
        expect(started.highWater.isQuarantined()).toBe(true)
        expect(await sequenceEvents(started)).toBe(0)
        expect(await findCheckpointIn(there)).toEqual(before)
        expect(await guardDatabase(started)).toBe(true)
        // And the program in service goes on.
        await recordEvents(1)
        expect(await sequenceEvents(services)).toBe(1)
        expect(await guardDatabase(services)).toBe(false)
    })

    test("of the same size with other events is a different history", async () => {
        const old = await backUp()
        await recordEvents(2)
        await sequenceEvents(services)
        const started = {
            ...servicesOver(old),
            highWater: openHighWater(path.join(folder, "elsewhere"), world.services.keys),
        }
        await guardDatabase(started)
        started.highWater.setQuarantined(false)
        const there = actingOn(started, world.clock)
        // As if the file had been removed: this copy signs other leaves than the original.
        await there(world.author, (ctx) => ctx.tx.query("delete from quarantines"))
        fs.rmSync(highWaterPath(path.join(folder, "elsewhere")))
        await there(world.author, (ctx) => ctx.tx.query("delete from high_water_known"))
        await guardDatabase(started)
        await recordEvents(3, there)
        await sequenceEvents(started)
        const brought = servicesOver(old)
        expect(await guardDatabase(brought)).toBe(true)
        expect((await there(world.manager, findOpenQuarantine))?.reasons).toContain("audit_log_differs")
    })

    test("keeps a person removed, a token ended, a key revoked and a passkey removed", async () => {
        const recipient = await identityToRecipient(await generateX25519Identity())
        const { token, secondKey } = await acting(partner.lead, async (ctx) => ({
            token: await issueCredential(ctx, partner.lead.person, "token"),
            secondKey: (await addKey(ctx, recipient)).id,
        }))
        const passkey = randomBytes(16)
        await acting(partner.lead, (ctx) =>
            insertPasskey(ctx.tx, {
                id: passkey,
                person: partner.lead.person,
                publicKey: randomBytes(77),
                counter: 0,
                transports: [],
                isBackedUp: false,
                nameCiphertext: randomBytes(40),
                createdAt: world.clock.now,
            }),
        )
        const old = await backUp()
        await acting(partner.lead, async (ctx) => {
            await signOut(ctx, hashOf(token))
            await revokeKey(ctx, secondKey)
            await endPasskey(ctx.tx, partner.lead.person, passkey, world.clock.now)
        })
        await acting(world.manager, (ctx) => removePerson(ctx, partner.analyst.person))
        await saveAccessChanges(services)
        const started = servicesOver(old)
        const there = actingOn(started, world.clock)
        await guardDatabase(started)
        const kinds = (await there(world.manager, findOpenQuarantine))?.applied.map(({ kind, outcome }) => [
            kind,
            outcome,
        ])
        expect(kinds?.toSorted()).toEqual([
            ["credential", "applied"],
            ["key", "applied"],
            ["passkey", "applied"],
            ["person", "applied"],
        ])
        expect(await there(partner.lead, (ctx) => listPasskeys(ctx.tx, partner.lead.person))).toEqual([])
        const use = { sender: unknownSender, realNow: world.clock.now }
        const live = await there(world.manager, (ctx) => findCallerId(ctx.tx, "portal", hashOf(token), use))
        expect(live).toBeNull()
        const keys = await there(partner.lead, (ctx) => listKeys(ctx, partner.id))
        expect(keys.find(({ id }) => id === secondKey)?.revokedAt).not.toBeNull()
    })

    test("ends a machine client whose keys were replaced since, and no other", async () => {
        const session = await acting(partner.lead, (ctx) => issueCredential(ctx, partner.lead.person, "session"))
        const [jwk, newJwk] = [await machineKey(), await machineKey()]
        const [early, late] = await acting(partner.lead, async (ctx) => {
            const client = { name: "SIEM", scopes: ["poll"], networks: [], keys: [jwk] } as const
            const register = () => registerClient(ctx, hashOf(session), client)
            return [await register(), await register()]
        })
        const replaceKeys = (id: string) =>
            acting(partner.lead, (ctx) => changeClientKeys(ctx, hashOf(session), { id, keys: [newJwk] }))
        await replaceKeys(early)
        const old = await backUp()
        world.clock.now += 1000
        await replaceKeys(late)
        await saveAccessChanges(services)
        const started = servicesOver(old)
        const there = actingOn(started, world.clock)
        await guardDatabase(started)
        expect((await there(world.manager, findOpenQuarantine))?.applied).toMatchObject([
            { kind: "machine_client", id: late, outcome: "applied" },
        ])
        const left = await there(partner.lead, listCallerClients)
        expect(left.map(({ id }) => id)).toEqual([early])
    })
})

const machineKey = async () => (await exportJWK((await generateKeyPair("ES256")).publicKey)) as PublicJwk

describe("a quarantine", () => {
    test("ends with two people, and the log continues with the reconciliation recorded", async () => {
        const old = await backUp()
        await suspendPartner()
        await recordEvents(2)
        await sequenceEvents(services)
        await guardDatabase(services)
        const started = servicesOver(old)
        const there = actingOn(started, world.clock)
        await guardDatabase(started)
        await reconcile(there)
        expect(await guardDatabase(started)).toBe(false)
        expect(await sequenceEvents(started)).toBeGreaterThan(0)
        expect(await loadStatusIn(there)).toBe("suspended")
        const kinds = (await listEvents(old)).map(({ kind }) => kind)
        expect(kinds).toEqual(expect.arrayContaining(["quarantine.opened", "quarantine.reconciled"]))
        expect(await guardDatabase(servicesOver(old))).toBe(false)
        // Now the database that was in service is the one that is behind.
        expect(await guardDatabase(services)).toBe(true)
    })

    test("does not end with one person", async () => {
        const old = await backUp()
        await recordEvents(1)
        await sequenceEvents(services)
        const started = servicesOver(old)
        const there = actingOn(started, world.clock)
        await guardDatabase(started)
        const reconciliation = await there(world.manager, (ctx) => reconcileDatabase(ctx, { receipts: [] }))
        const use = there(world.manager, (ctx) =>
            reconcileDatabase(ctx, { receipts: [], approval: reconciliation.approval }),
        )
        expect(await awaitRefusalCode(use)).toBe("approval.not_signed")
        expect(await guardDatabase(started)).toBe(true)
        const bad = there(world.manager, (ctx) => reconcileDatabase(ctx, { receipts: ["no receipt"] }))
        expect(await awaitRefusalCode(bad)).toBe("quarantine.bad_receipt")
        expect(await awaitRefusalCode(acting(world.manager, (ctx) => reconcileDatabase(ctx, { receipts: [] })))).toBe(
            "quarantine.not_quarantined",
        )
    })

    test("begins when an existing file is missing or was edited", async () => {
        fs.rmSync(highWaterPath(keyFile))
        expect(await guardDatabase(services)).toBe(true)
        expect((await acting(world.manager, findOpenQuarantine))?.reasons).toEqual(["file_missing"])
        // A process that starts later finds the replacement file, and the same quarantine.
        const [current] = copies
        expect(current && (await guardDatabase(servicesOver(current)))).toBe(true)
        await reconcile(acting)
        expect(await guardDatabase(services)).toBe(false)
        const text = fs.readFileSync(highWaterPath(keyFile), "utf8")
        fs.writeFileSync(highWaterPath(keyFile), text.replace(/"size":\d+/, '"size":1'))
        expect(await guardDatabase(services)).toBe(true)
        expect((await acting(world.manager, findOpenQuarantine))?.reasons).toEqual(["file_damaged"])
        expect(fs.readdirSync(folder).some((name) => name.includes(".damaged-"))).toBe(true)
    })

    test("does not begin when a process stopped between file and commit", async () => {
        await recordEvents(2)
        const dying = { ...services, db: { ...services.db, transaction: dyingAtCheckpoint(services.db) } }
        await expect(sequenceEvents(dying)).rejects.toThrow("died")
        const written = await services.highWater.read()
        expect(written.state === "sound" && written.mark.auditLog?.size).toBe(
            ((await findCheckpointIn(acting))?.size ?? 0) + 2,
        )
        expect(await guardDatabase(services)).toBe(false)
        expect(await sequenceEvents(services)).toBe(0)
        const head = await findCheckpointIn(acting)
        expect(written.state === "sound" && written.mark.auditLog?.checkpoint).toBe(head?.checkpoint)
        expect(await guardDatabase(services)).toBe(false)
    })

    function dyingAtCheckpoint(db: Services["db"]): Services["db"]["transaction"] {
        return (work) =>
            db.transaction((tx) =>
                work({
                    ...tx,
                    query: async (sql, values) => {
                        if (sql.includes("insert into checkpoints")) throw new Error("died")
                        return await tx.query(sql, values)
                    },
                }),
            )
    }
})

describe("a damaged leaf", () => {
    const alarms = () => logged.filter((line) => line.startsWith("sequencing has stopped"))

    test("stops sequencing with one alarm that names it, until it is repaired", async () => {
        // The sequencer reads the last leaf again only where it has no neighbour yet.
        if (((await findCheckpointIn(acting))?.size ?? 0) % 2 === 0) {
            await recordEvents(1)
            await sequenceEventsJob.run(services)
        }
        const [row] = await acting(world.author, (ctx) =>
            ctx.tx.query<{ index: number; hash: Buffer }>("select index, hash from leaves order by index desc limit 1"),
        )
        const set = (hash: Buffer) =>
            acting(world.author, (ctx) =>
                ctx.tx.query("update leaves set hash = $1 where index = $2", [hash, row?.index]),
            )
        const before = await findCheckpointIn(acting)
        await set(Buffer.alloc(32, 1))
        await recordEvents(2)
        for (let n = 0; n < 4; n++) expect(await sequenceEventsJob.run(services)).toBe(false)
        expect(alarms()).toHaveLength(1)
        expect(alarms()[0]).toContain(`leaf ${row?.index}`)
        expect(await findCheckpointIn(acting)).toEqual(before)
        const waits = await acting(world.author, (ctx) => ctx.tx.query("select from unsequenced_events"))
        expect(waits).toHaveLength(3)
        await set(row?.hash ?? Buffer.alloc(0))
        await sequenceEventsJob.run(services)
        expect((await findCheckpointIn(acting))?.size).toBe((before?.size ?? 0) + 3)
        const kinds = (
            await acting(world.author, (ctx) =>
                ctx.tx.query<{ kind: string }>("select kind from events order by seq desc limit 4"),
            )
        ).map(({ kind }) => kind)
        expect(kinds.filter((kind) => kind.startsWith("audit_log."))).toEqual([
            "audit_log.repaired",
            "audit_log.damaged",
        ])
    })
})

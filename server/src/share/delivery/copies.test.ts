/** Tests copies on a real database: recipients, content, audit log and receipts. */
import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents, system } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { verifyBytes } from "@tocsin/audit-log/export"
import { Refusal } from "@tocsin/base/refusal"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { keysFrom } from "../../platform/crypto/keys.ts"
import { verifyEd25519 } from "../../platform/crypto/ed25519.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { makeBatch } from "../../trust/receipts/actions/batch-receipts.ts"
import { loadReceiptOfPartner } from "../../trust/receipts/actions/load-receipts.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { listKeys, revokeKey } from "../../trust/partners/keys/actions/manage-keys.ts"
import { acknowledge, fetchCopy } from "./actions/fetch-copy.ts"
import { listContactsBefore, listDeliveredVersions } from "./actions/list-exposure.ts"
import { aliasFor } from "./actions/resolve-alias.ts"
import { listWarnings } from "./actions/project-warnings.ts"
import { listReceipts } from "./actions/list-receipts.ts"
import { receiptLogKey } from "../../trust/signing-keys/actions/load-log-keys.ts"

let world: Program
let caseId: string
let summary: string
let technical: string
let patch: string
let partner: TestPartner

beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now += 1
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    world.clock.now += 1
    patch = await newArtifact(world, caseId, "patch", "toolshell/guidance.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary, technical])
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now += 1000
    partner = await newPartner(world, "validate")
})

const actAsPartner = <T>(work: (ctx: ActionContext) => Promise<T>, actor = partner.analyst) => world.acting(actor, work)
const nameOf = (artifact: string, person = partner) => aliasFor(world.services.keys, person.id, "artifact", artifact)
const warningName = (person = partner) => aliasFor(world.services.keys, person.id, "warning", caseId)
const fetch = (name: string, actor = partner.analyst) => actAsPartner((ctx) => fetchCopy(ctx, name), actor)
const confirm = (name = warningName(), actor = partner.analyst) =>
    actAsPartner(async (ctx) => (await acknowledge(ctx, name)).acknowledged, actor)
const eventsOfPartner = async (kind: string) =>
    (await listEvents(world.database)).filter((item) => item.kind === kind && item.body["partner"] === partner.id)

/** All fields of a refusal. */
async function refusalOf(work: Promise<unknown>): Promise<unknown> {
    const error = await work.then(
        () => null,
        (reason: unknown) => reason,
    )
    return error instanceof Refusal ? { kind: error.kind, code: error.code, message: error.message } : error
}

describe("a copy", () => {
    test("takes seven statements to decide, fifteen to serve, and one more for an analyst", async () => {
        const counted = async (work: (ctx: ActionContext) => Promise<unknown>, actor: Actor) => {
            let statements = 0
            await world.acting(actor, (ctx) => {
                const query: ActionContext["tx"]["query"] = (sql, values) => {
                    statements++
                    return ctx.tx.query(sql, values)
                }
                return work({ ...ctx, tx: { ...ctx.tx, query } })
            })
            return statements
        }
        await fetch(nameOf(technical))
        const both = [
            [partner.lead, 0],
            [partner.analyst, 1],
        ] as const
        for (const [actor, more] of both) {
            expect(await counted((ctx) => findEntitlement(ctx, partner.id, technical), actor)).toBe(7 + more)
            const fetching = await counted((ctx) => fetchCopy(ctx, nameOf(technical)), actor)
            expect(fetching).toBeLessThanOrEqual(15 + more)
        }
    })

    test("belongs to the partner, is sealed to its key, and recorded by its hash only", async () => {
        const download = await fetch(nameOf(technical))
        expect(download.bytes.subarray(0, 21).toString()).toBe("age-encryption.org/v1")
        expect(download.name).toBe("technical.md.age")
        const plain = await fetchCopyText(world, partner, technical)
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ id: string; copy_hash: Buffer; copy_salt: Buffer; person: string; version: number }>(
                `select id, copy_hash, copy_salt, person_id as person, version from deliveries where partner_id = $1
                    order by event_id`,
                [partner.id],
            ),
        )
        expect(rows).toHaveLength(2)
        for (const { copy_hash: hash, copy_salt: salt, person, version } of rows) {
            expect(createHash("sha256").update(salt).update(plain).digest()).toEqual(hash)
            expect({ person, version }).toEqual({ person: partner.analyst.person, version: 1 })
        }
        expect(rows[0]?.copy_hash).not.toEqual(rows[1]?.copy_hash)
        expect((await eventsOfPartner("copy.delivered"))[0]?.body).toEqual({
            delivery: rows[0]?.id,
            case: caseId,
            partner: partner.id,
            artifact: technical,
            version: 1,
            class: "technical",
            copy: rows[0]?.copy_hash.toString("hex"),
            receipt: expect.stringMatching(/^[0-9a-f]{64}$/),
            by: partner.analyst.person,
        })
    })

    test("has the size of every other partner's copy, and different text", async () => {
        const second = await newPartner(world, "validate")
        const [download, two] = [await fetch(nameOf(technical)), await fetch(nameOf(technical, second), second.analyst)]
        expect(download.bytes.length).toBe(two.bytes.length)
        expect(await fetchCopyText(world, partner, technical)).not.toBe(await fetchCopyText(world, second, technical))
    })

    test("that the partner may not have answers as not found, and records nothing", async () => {
        const entry = await newPartner(world, "entry")
        const never = { kind: "missing", code: "request.not_found", message: "not found" }
        const before = (await listEvents(world.database)).length
        const requests: [string, TestPartner][] = [
            [newId(), partner],
            [technical, partner],
            [nameOf(patch), partner],
            [aliasFor(world.services.keys, partner.id, "warning", caseId), partner],
            [aliasFor(world.services.keys, partner.id, "warning", technical), partner],
            [nameOf(technical, entry), partner],
            [nameOf(technical, entry), entry],
            [nameOf(newId(), entry), entry],
        ]
        for (const [name, partner] of requests) expect(await refusalOf(fetch(name, partner.analyst))).toEqual(never)
        for (const name of [newId(), caseId, warningName(entry)]) expect(await refusalOf(confirm(name))).toEqual(never)
        expect(await refusalOf(confirm(warningName(entry), entry.analyst))).toEqual(never)
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("waits for a key, and says so only to an entitled partner", async () => {
        const [key] = await actAsPartner((ctx) => listKeys(ctx, partner.id))
        await actAsPartner((ctx) => revokeKey(ctx, key?.id ?? ""), partner.lead)
        world.clock.now += 1
        expect(await awaitRefusalCode(fetch(nameOf(technical)))).toBe("delivery.no_key")
        expect(await awaitRefusalCode(fetch(nameOf(patch)))).toBe("request.not_found")
        expect(await eventsOfPartner("copy.delivered")).toEqual([])
    })

    test("is sent only while the partner is entitled", async () => {
        const { mayContinue } = await fetch(nameOf(technical))
        const may = () => world.database.db.transaction(mayContinue)
        expect(await may()).toBe(true)
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
        expect(await may()).toBe(false)
    })

    test("that could not be recorded is not delivered", async () => {
        const failing = world.acting(partner.analyst, async (ctx) => {
            await fetchCopy(ctx, nameOf(technical))
            throw new Error("the connection broke")
        })
        await expect(failing).rejects.toThrow("broke")
        expect(await eventsOfPartner("copy.delivered")).toEqual([])
        const rows = await actAsPartner((ctx) => listReceipts(ctx, { partner: partner.id, case: null, before: null }))
        expect(rows).toEqual({ fetched: [], acknowledged: [] })
    })
})

describe("an acknowledgement", () => {
    test("needs a fetched copy", async () => {
        expect(await awaitRefusalCode(confirm())).toBe("delivery.nothing_fetched")
    })

    test("is recorded once, by any person of the partner", async () => {
        await fetch(nameOf(summary))
        await fetch(nameOf(summary))
        expect(await confirm()).toBe(1)
        expect(await confirm(warningName(), partner.lead)).toBe(0)
        await fetch(nameOf(technical), partner.lead)
        expect(await confirm()).toBe(1)
        expect((await eventsOfPartner("copy.acknowledged")).map(({ body }) => body["artifact"])).toEqual([
            summary,
            technical,
        ])
        expect((await eventsOfPartner("copy.acknowledged"))[0]?.body).toEqual({
            case: caseId,
            partner: partner.id,
            artifact: summary,
            version: 1,
            receipt: expect.stringMatching(/^[0-9a-f]{64}$/),
            by: partner.analyst.person,
        })
    })

    test("by two people at the same time is recorded once", async () => {
        await fetch(nameOf(summary))
        await fetch(nameOf(technical))
        const [input, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
        const first = actAsPartner(async (ctx) => {
            const { acknowledged: count } = await acknowledge(ctx, warningName())
            input.resolve()
            await held.promise
            return count
        })
        await input.promise
        const second = confirm(warningName(), partner.lead)
        while ((await countLockWaits()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        held.resolve()
        expect(await Promise.all([first, second])).toEqual([2, 0])
        expect(await eventsOfPartner("copy.acknowledged")).toHaveLength(2)
    })
})

/** The number of transactions that wait for a lock. */
async function countLockWaits(): Promise<number> {
    const rows = await world.database.db.transaction((tx) =>
        tx.query("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
    )
    return rows.length
}

describe("a receipt", () => {
    const ours = { keys: [receiptLogKey(keysFrom(Buffer.alloc(32, 7)))], verify: verifyEd25519 }
    const item = { keys: [receiptLogKey(keysFrom(Buffer.alloc(32, 8)))], verify: verifyEd25519 }
    const batch = () => world.acting(system, makeBatch)
    const receipt = (id: string, person = partner) =>
        actAsPartner((ctx) => loadReceiptOfPartner(ctx, person.id, id, () => true), person.analyst)
    const idOf = (headers: Readonly<Record<string, string>>) => headers["tocsin-receipt"] ?? ""

    test("proves a fetch of these bytes offline, in ids known only to this partner", async () => {
        const { headers, bytes } = await fetch(nameOf(summary))
        expect(headers["tocsin-version"]).toBe("1")
        await batch()
        const proof = await receipt(idOf(headers))
        const commitment = (await eventsOfPartner("copy.delivered"))[0]?.body["receipt"]
        const verdict = await verifyBytes(Buffer.from(proof), ours)
        expect(verdict).toMatchObject({ ok: true, keyKnown: true, commitment })
        expect(await verifyBytes(Buffer.from(proof), item)).toMatchObject({ ok: false })
        expect((JSON.parse(proof) as { body: unknown }).body).toEqual({
            kind: "fetched",
            at: formatInstant(world.clock.now),
            receipt: idOf(headers),
            partner: partner.id,
            person: partner.analyst.person,
            warning: warningName(),
            artifact: nameOf(summary),
            version: 1,
            sealed: createHash("sha256").update(bytes).digest("hex"),
        })
        for (const inner of [caseId, summary]) expect(proof).not.toContain(inner)
    })

    test("proves an acknowledgement, and its id is returned again", async () => {
        await fetch(nameOf(summary))
        const first = await actAsPartner((ctx) => acknowledge(ctx, warningName()))
        expect(first).toMatchObject({ acknowledged: 1, receipts: [expect.any(String)] })
        expect(await actAsPartner((ctx) => acknowledge(ctx, warningName()))).toEqual({ ...first, acknowledged: 0 })
        await batch()
        const proof = await receipt(first.receipts[0] ?? "")
        const commitment = (await eventsOfPartner("copy.acknowledged"))[0]?.body["receipt"]
        expect(await verifyBytes(Buffer.from(proof), ours)).toMatchObject({ ok: true, commitment })
        expect((JSON.parse(proof) as { body: unknown }).body).toMatchObject({ kind: "acknowledged", version: 1 })
    })

    test("waits for a batch, and is not found for other partners", async () => {
        const second = await newPartner(world, "validate")
        const { headers } = await fetch(nameOf(summary))
        expect(await awaitRefusalCode(receipt(idOf(headers)))).toBe("receipt.not_published_yet")
        expect(await awaitRefusalCode(receipt(idOf(headers), second))).toBe("request.not_found")
        await batch()
        expect(await awaitRefusalCode(receipt(idOf(headers), second))).toBe("request.not_found")
        expect(await awaitRefusalCode(receipt(newId()))).toBe("request.not_found")
    })
})

describe("a partner's view of a case", () => {
    const seen = async (person = partner) => await actAsPartner((ctx) => listWarnings(ctx, person.id), person.analyst)

    test("is empty until the partner can have part of it", async () => {
        expect(await seen(await newPartner(world, "entry"))).toEqual([])
        expect(await seen(await newPartner(world, "advance"))).toEqual([])
    })

    test("shows what is available and what is announced", async () => {
        const [warning, ...more] = await seen()
        expect(more).toEqual([])
        expect(warning).toMatchObject({ id: warningName(), title: "toolshell", published: false })
        expect(warning?.publication).toBe(parseInstant("2025-07-08T17:00:00Z"))
        const row = (artifact: string, version: number | null, from: number) =>
            expect.objectContaining({ id: nameOf(artifact), version, from })
        // The wave fell before the partner was admitted.
        const admitted = world.clock.now - 1
        const planned = parseInstant("2025-06-24T17:00:00Z")
        expect(admitted).toBeGreaterThan(planned)
        expect(warning?.artifacts).toEqual([
            row(summary, 1, admitted),
            row(technical, 1, admitted),
            row(patch, null, planned),
        ])
    })

    test("shows to this partner only when it fetched and acknowledged", async () => {
        const second = await newPartner(world, "validate")
        await fetch(nameOf(summary))
        const fetchedAt = world.clock.now
        world.clock.now += 1000
        await confirm()
        const pick = async (partner: TestPartner) =>
            (await seen(partner))[0]?.artifacts.map((artifact) => [artifact.fetchedAt, artifact.acknowledgedAt])
        expect(await pick(partner)).toEqual([
            [fetchedAt, world.clock.now],
            [null, null],
            [null, null],
        ])
        expect(await pick(second)).toEqual([
            [null, null],
            [null, null],
            [null, null],
        ])
    })
})

test("deliveries and acknowledgements are listed in order, before an instant", async () => {
    const second = await newPartner(world, "validate")
    await fetch(nameOf(summary))
    world.clock.now += 1000
    await fetch(nameOf(summary, second), second.analyst)
    await confirm()
    const [at, partners] = [world.clock.now, [partner.id, second.id]]
    const before = async (instant: number) => {
        const contacts = await world.acting(world.investigator, (ctx) => listContactsBefore(ctx, caseId, instant))
        const run = <T extends { partner: string }>(list: readonly T[]) =>
            list.filter((item) => partners.includes(item.partner)).map((item) => partners.indexOf(item.partner))
        return [run(contacts.fetched), run(contacts.acknowledged)]
    }
    expect(await before(at - 1000)).toEqual([[], []])
    expect(await before(at)).toEqual([[0], []])
    expect(await before(at + 1)).toEqual([[0, 1], [0]])
    const delivered = await world.acting(world.investigator, (ctx) => listDeliveredVersions(ctx, caseId))
    expect(delivered.find((delivered) => delivered.artifact === summary)?.recipients.slice(-2)).toEqual(partners)
})

/** Copies on a real database: who gets one, what it is, what stays on record, and what its receipt proves. */
import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded, system } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { formatInstant, parseInstant } from "../../lib/instant.ts"
import { verifyBytes } from "../../lib/record.ts"
import { Refusal } from "../../lib/refusal.ts"
import { entitlementTo } from "../entitlement/actions/entitlements.ts"
import { keysFrom } from "../../platform/keys.ts"
import { verifyEd25519 } from "../../platform/signing.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { makeBatch } from "../../trust/receipts/actions/batching.ts"
import { partnersLogKey, receiptFor } from "../../trust/receipts/actions/showing.ts"
import { changeStanding } from "../../trust/partners/actions/changes.ts"
import { allKeysOf, revokeKey } from "../../trust/partners/actions/keys.ts"
import { acknowledge, fetchCopy } from "./actions/copies.ts"
import { contactsBefore, deliveredVersions } from "./actions/exposure.ts"
import { nameFor } from "./actions/names.ts"
import { warningsFor } from "./actions/projection.ts"
import { receiptsOf } from "./actions/receipts.ts"

let its: Program
let caseId: string
let summary: string
let technical: string
let patch: string
let partner: TestPartner

beforeAll(async () => {
    its = await program()
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    its.clock.now += 1
    technical = await newArtifact(its, caseId, "technical", "toolshell/technical.md")
    its.clock.now += 1
    patch = await newArtifact(its, caseId, "patch", "toolshell/guidance.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [summary, technical])
}, 120_000)
afterAll(() => its.database.close())
beforeEach(async () => {
    its.clock.now += 1000
    partner = await newPartner(its, "validate")
})

const inside = <T>(work: (act: Act) => Promise<T>, who = partner.analyst) => its.acting(who, work)
const nameOf = (artifact: string, who = partner) => nameFor(its.doors.keys, who.id, "artifact", artifact)
const warningName = (who = partner) => nameFor(its.doors.keys, who.id, "warning", caseId)
const fetch = (name: string, who = partner.analyst) => inside((act) => fetchCopy(act, name), who)
const confirm = (name = warningName(), who = partner.analyst) =>
    inside(async (act) => (await acknowledge(act, name)).acknowledged, who)
const own = async (kind: string) =>
    (await recorded(its.database)).filter((one) => one.kind === kind && one.body["partner"] === partner.id)

/** Everything that a refusal tells. */
async function told(work: Promise<unknown>): Promise<unknown> {
    const error = await work.then(
        () => null,
        (reason: unknown) => reason,
    )
    return error instanceof Refusal ? { kind: error.kind, code: error.code, message: error.message } : error
}

describe("a copy", () => {
    test("is decided on facts that take seven statements, and handed out in fifteen; one more for who is no lead", async () => {
        const counted = async (work: (act: Act) => Promise<unknown>, who: Actor) => {
            let statements = 0
            await its.acting(who, (act) => {
                const query: Act["tx"]["query"] = (sql, values) => {
                    statements++
                    return act.tx.query(sql, values)
                }
                return work({ ...act, tx: { ...act.tx, query } })
            })
            return statements
        }
        await fetch(nameOf(technical))
        const both = [
            [partner.lead, 0],
            [partner.analyst, 1],
        ] as const
        for (const [who, more] of both) {
            expect(await counted((act) => entitlementTo(act, partner.id, technical), who)).toBe(7 + more)
            const fetching = await counted((act) => fetchCopy(act, nameOf(technical)), who)
            expect(fetching).toBeLessThanOrEqual(15 + more)
        }
    })

    test("is the partner's own, sealed to its key, and on record by its hash alone", async () => {
        const download = await fetch(nameOf(technical))
        expect(download.bytes.subarray(0, 21).toString()).toBe("age-encryption.org/v1")
        expect(download.name).toBe("technical.md.age")
        const plain = await fetched(its, partner, technical)
        const rows = await its.database.db.transaction((tx) =>
            tx.query<{ id: string; copy_hash: Buffer; copy_salt: Buffer; person: string; version: number }>(
                "select id, copy_hash, copy_salt, person_id as person, version from deliveries where partner_id = $1 order by event_id",
                [partner.id],
            ),
        )
        expect(rows).toHaveLength(2)
        for (const { copy_hash: hash, copy_salt: salt, person, version } of rows) {
            expect(createHash("sha256").update(salt).update(plain).digest()).toEqual(hash)
            expect({ person, version }).toEqual({ person: partner.analyst.person, version: 1 })
        }
        expect(rows[0]?.copy_hash).not.toEqual(rows[1]?.copy_hash)
        expect((await own("copy.delivered"))[0]?.body).toEqual({
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

    test("is as large as every other partner's, and another text", async () => {
        const second = await newPartner(its, "validate")
        const [one, two] = [await fetch(nameOf(technical)), await fetch(nameOf(technical, second), second.analyst)]
        expect(one.bytes.length).toBe(two.bytes.length)
        expect(await fetched(its, partner, technical)).not.toBe(await fetched(its, second, technical))
    })

    test("that is not for the partner is the same as none at all, and leaves nothing on record", async () => {
        const entry = await newPartner(its, "entry")
        const never = { kind: "missing", code: "request.not_found", message: "nothing is here for you" }
        const before = (await recorded(its.database)).length
        const asked: [string, TestPartner][] = [
            [newId(), partner],
            [technical, partner],
            [nameOf(patch), partner],
            [nameFor(its.doors.keys, partner.id, "warning", caseId), partner],
            [nameFor(its.doors.keys, partner.id, "warning", technical), partner],
            [nameOf(technical, entry), partner],
            [nameOf(technical, entry), entry],
            [nameOf(newId(), entry), entry],
        ]
        for (const [name, who] of asked) expect(await told(fetch(name, who.analyst))).toEqual(never)
        for (const name of [newId(), caseId, warningName(entry)]) expect(await told(confirm(name))).toEqual(never)
        expect(await told(confirm(warningName(entry), entry.analyst))).toEqual(never)
        expect(await recorded(its.database)).toHaveLength(before)
    })

    test("waits for a key, and tells so only to who would get it", async () => {
        const [key] = await inside((act) => allKeysOf(act, partner.id))
        await inside((act) => revokeKey(act, key?.id ?? ""), partner.lead)
        its.clock.now += 1
        expect(await codeOf(fetch(nameOf(technical)))).toBe("delivery.no_key")
        expect(await codeOf(fetch(nameOf(patch)))).toBe("request.not_found")
        expect(await own("copy.delivered")).toEqual([])
    })

    test("goes on being sent only as long as it is the partner's", async () => {
        const { mayGoOn } = await fetch(nameOf(technical))
        const may = () => its.database.db.transaction(mayGoOn)
        expect(await may()).toBe(true)
        await its.acting(its.manager, (act) => changeStanding(act, partner.id, "suspended"))
        expect(await may()).toBe(false)
    })

    test("that could not be recorded is not handed out", async () => {
        const failing = its.acting(partner.analyst, async (act) => {
            await fetchCopy(act, nameOf(technical))
            throw new Error("the connection broke")
        })
        await expect(failing).rejects.toThrow("broke")
        expect(await own("copy.delivered")).toEqual([])
        const rows = await inside((act) => receiptsOf(act, { partner: partner.id, case: null, before: null }))
        expect(rows).toEqual({ fetched: [], acknowledged: [] })
    })
})

describe("an acknowledgement", () => {
    test("needs something that was fetched", async () => {
        expect(await codeOf(confirm())).toBe("delivery.nothing_fetched")
    })

    test("confirms what was fetched, once, whoever of the partner confirms", async () => {
        await fetch(nameOf(summary))
        await fetch(nameOf(summary))
        expect(await confirm()).toBe(1)
        expect(await confirm(warningName(), partner.lead)).toBe(0)
        await fetch(nameOf(technical), partner.lead)
        expect(await confirm()).toBe(1)
        expect((await own("copy.acknowledged")).map(({ body }) => body["artifact"])).toEqual([summary, technical])
        expect((await own("copy.acknowledged"))[0]?.body).toEqual({
            case: caseId,
            partner: partner.id,
            artifact: summary,
            version: 1,
            receipt: expect.stringMatching(/^[0-9a-f]{64}$/),
            by: partner.analyst.person,
        })
    })

    test("by two at the same time is one", async () => {
        await fetch(nameOf(summary))
        await fetch(nameOf(technical))
        const [said, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
        const first = inside(async (act) => {
            const { acknowledged: count } = await acknowledge(act, warningName())
            said.resolve()
            await held.promise
            return count
        })
        await said.promise
        const second = confirm(warningName(), partner.lead)
        while ((await waiting()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        held.resolve()
        expect(await Promise.all([first, second])).toEqual([2, 0])
        expect(await own("copy.acknowledged")).toHaveLength(2)
    })
})

/** How many transactions wait for another. */
async function waiting(): Promise<number> {
    const rows = await its.database.db.transaction((tx) =>
        tx.query("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
    )
    return rows.length
}

describe("a receipt", () => {
    const ours = { keys: [partnersLogKey(keysFrom(Buffer.alloc(32, 7)))], verify: verifyEd25519 }
    const theirs = { keys: [partnersLogKey(keysFrom(Buffer.alloc(32, 8)))], verify: verifyEd25519 }
    const batch = () => its.acting(system, makeBatch)
    const receipt = (id: string, who = partner) => inside((act) => receiptFor(act, who.id, id, () => true), who.analyst)
    const idOf = (headers: Readonly<Record<string, string>>) => headers["tocsin-receipt"] ?? ""

    test("proves a fetch offline, of these bytes, in ids that only this partner knows", async () => {
        const { headers, bytes } = await fetch(nameOf(summary))
        expect(headers["tocsin-version"]).toBe("1")
        await batch()
        const proof = await receipt(idOf(headers))
        const commitment = (await own("copy.delivered"))[0]?.body["receipt"]
        const verdict = await verifyBytes(Buffer.from(proof), ours)
        expect(verdict).toMatchObject({ ok: true, keyKnown: true, commitment })
        expect(await verifyBytes(Buffer.from(proof), theirs)).toMatchObject({ ok: false })
        expect((JSON.parse(proof) as { body: unknown }).body).toEqual({
            kind: "fetched",
            at: formatInstant(its.clock.now),
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

    test("proves an acknowledgement as well, and its id is told again", async () => {
        await fetch(nameOf(summary))
        const first = await inside((act) => acknowledge(act, warningName()))
        expect(first).toMatchObject({ acknowledged: 1, receipts: [expect.any(String)] })
        expect(await inside((act) => acknowledge(act, warningName()))).toEqual({ ...first, acknowledged: 0 })
        await batch()
        const proof = await receipt(first.receipts[0] ?? "")
        const commitment = (await own("copy.acknowledged"))[0]?.body["receipt"]
        expect(await verifyBytes(Buffer.from(proof), ours)).toMatchObject({ ok: true, commitment })
        expect((JSON.parse(proof) as { body: unknown }).body).toMatchObject({ kind: "acknowledged", version: 1 })
    })

    test("waits for a batch, and of others is none at all", async () => {
        const second = await newPartner(its, "validate")
        const { headers } = await fetch(nameOf(summary))
        expect(await codeOf(receipt(idOf(headers)))).toBe("receipt.not_published_yet")
        expect(await codeOf(receipt(idOf(headers), second))).toBe("request.not_found")
        await batch()
        expect(await codeOf(receipt(idOf(headers), second))).toBe("request.not_found")
        expect(await codeOf(receipt(newId()))).toBe("request.not_found")
    })
})

describe("what a partner sees", () => {
    const seen = async (who = partner) => await inside((act) => warningsFor(act, who.id), who.analyst)

    test("is nothing of a case until something of it can be had", async () => {
        expect(await seen(await newPartner(its, "entry"))).toEqual([])
        expect(await seen(await newPartner(its, "advance"))).toEqual([])
    })

    test("is then what it can have, and what is still to come", async () => {
        const [warning, ...more] = await seen()
        expect(more).toEqual([])
        expect(warning).toMatchObject({ id: warningName(), title: "toolshell", published: false })
        expect(warning?.publication).toBe(parseInstant("2025-07-08T17:00:00Z"))
        const row = (artifact: string, version: number | null, from: number) =>
            expect.objectContaining({ id: nameOf(artifact), version, from })
        // The wave fell before the partner was admitted.
        const admitted = its.clock.now - 1
        const planned = parseInstant("2025-06-24T17:00:00Z")
        expect(admitted).toBeGreaterThan(planned)
        expect(warning?.artifacts).toEqual([
            row(summary, 1, admitted),
            row(technical, 1, admitted),
            row(patch, null, planned),
        ])
    })

    test("says when it was fetched and confirmed, to this partner alone", async () => {
        const second = await newPartner(its, "validate")
        await fetch(nameOf(summary))
        const fetchedAt = its.clock.now
        its.clock.now += 1000
        await confirm()
        const of = async (who: TestPartner) =>
            (await seen(who))[0]?.artifacts.map((one) => [one.fetchedAt, one.acknowledgedAt])
        expect(await of(partner)).toEqual([
            [fetchedAt, its.clock.now],
            [null, null],
            [null, null],
        ])
        expect(await of(second)).toEqual([
            [null, null],
            [null, null],
            [null, null],
        ])
    })
})

test("who fetched and confirmed what is told in its order, half-open before an instant", async () => {
    const second = await newPartner(its, "validate")
    await fetch(nameOf(summary))
    its.clock.now += 1000
    await fetch(nameOf(summary, second), second.analyst)
    await confirm()
    const [at, partners] = [its.clock.now, [partner.id, second.id]]
    const before = async (instant: number) => {
        const contacts = await its.acting(its.investigator, (act) => contactsBefore(act, caseId, instant))
        const mine = <T extends { partner: string }>(all: readonly T[]) =>
            all.filter((one) => partners.includes(one.partner)).map((one) => partners.indexOf(one.partner))
        return [mine(contacts.fetched), mine(contacts.acknowledged)]
    }
    expect(await before(at - 1000)).toEqual([[], []])
    expect(await before(at)).toEqual([[0], []])
    expect(await before(at + 1)).toEqual([[0, 1], [0]])
    const delivered = await its.acting(its.investigator, (act) => deliveredVersions(act, caseId))
    expect(delivered.find((one) => one.artifact === summary)?.recipients.slice(-2)).toEqual(partners)
})

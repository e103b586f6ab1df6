import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    listEvents,
    system,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { dayMs } from "@tocsin/base/instant"
import type { Actor } from "../../kernel/actor.ts"
import { removePerson, setRoles } from "../identity/actions/manage-people.ts"
import { loadApproval, listPendingApprovals, listRecentApprovals } from "./actions/load-approvals.ts"
import { requestApproval, signApproval, applyApproval } from "./actions/request-approval.ts"
import { voidApproval, voidOrphaned } from "./actions/void-approvals.ts"
import { type Effects, hashOf, stateOf } from "./approval.ts"

const start = Date.parse("2025-06-23T00:00:00Z")
const clock = { now: start }
const [acme, globex] = [newId(), newId()]
const effects: Effects = {
    action: "wave.release",
    recipients: [acme, globex],
    artifacts: [{ artifact: newId(), version: 1 }],
    at: start + 5 * dayMs,
}
const hash = hashOf(effects)

let database: TestDatabase
let acting: Acting
let olga: Actor & { person: string }
let omar: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
    olga = await createStaffMember(acting, ["manager", "approver", "admin"])
    omar = await createStaffMember(acting, ["approver"])
})
afterAll(() => database.close())
beforeEach(() => {
    clock.now = start
})

const ask = () => acting(olga, (ctx) => requestApproval(ctx, effects))
const sign = (id: string, actor: Actor = omar, over = hash) => acting(actor, (ctx) => signApproval(ctx, id, over))
const use = (id: string, actual: Effects = effects) => acting(system, (ctx) => applyApproval(ctx, id, actual))
const state = async (id: string) => stateOf(await acting(olga, (ctx) => loadApproval(ctx, id)), clock.now)

async function signed(): Promise<string> {
    const id = await ask()
    await sign(id)
    return id
}

describe("two people", () => {
    test("one requests, another signs, and the action applies the approval once", async () => {
        const id = await ask()
        expect(await state(id)).toBe("requested")
        await sign(id)
        clock.now += 5 * dayMs
        expect(await state(id)).toBe("signed")
        await use(id, { ...effects, recipients: [globex] })
        expect(await state(id)).toBe("applied")
        expect(await awaitRefusalCode(use(id))).toBe("approval.already_applied")
        expect((await listEvents(database)).filter((item) => item.body["approval"] === id)).toMatchObject([
            { kind: "approval.requested", body: { by: olga.person, action: "wave.release", effectsHash: hash } },
            { kind: "approval.signed", body: { by: omar.person, effectsHash: hash } },
            { kind: "approval.applied", body: { by: null, step: "test" } },
        ])
    })

    test("an identical request of one person is the same one while open, and a new one afterwards", async () => {
        const other = { ...effects, at: start + 6 * dayMs }
        const request = (person = olga) => acting(person, (ctx) => requestApproval(ctx, other))
        const id = await request()
        expect(await request()).toBe(id)
        expect(await request(omar)).not.toBe(id)
        clock.now += dayMs
        expect(await request()).not.toBe(id)
    })

    test("the requester cannot sign, nor can an account that the requester added", async () => {
        const puppet = await createStaffMember(acting, ["approver"], olga)
        const id = await ask()
        expect(await awaitRefusalCode(sign(id, olga))).toBe("approval.own_request")
        expect(await awaitRefusalCode(sign(id, puppet))).toBe("approval.related_signer")
        expect(await state(id)).toBe("requested")
    })

    test("one administrator cannot act as two people through accounts it added", async () => {
        const asker = await createStaffMember(acting, ["manager", "admin"], olga)
        const signer = await createStaffMember(acting, ["approver"], olga)
        const deeper = await createStaffMember(acting, ["approver"], asker)
        const id = await acting(asker, (ctx) => requestApproval(ctx, effects))
        expect(await awaitRefusalCode(sign(id, signer))).toBe("approval.related_signer")
        expect(await awaitRefusalCode(sign(await ask(), deeper))).toBe("approval.related_signer")
        expect(await awaitRefusalCode(sign(id))).toBe("done")
    })

    test("a signature fails when the effects differ from those shown", async () => {
        const id = await ask()
        expect(await awaitRefusalCode(sign(id, omar, "ab".repeat(32)))).toBe("approval.effects_mismatch")
        expect(await state(id)).toBe("requested")
    })

    test("a signature fails after 24 hours", async () => {
        const id = await ask()
        clock.now += dayMs
        expect(await awaitRefusalCode(sign(id))).toBe("approval.expired")
        expect(await acting(olga, listPendingApprovals)).not.toContainEqual(expect.objectContaining({ id }))
    })

    test("an approval is refused when unsigned, exceeded or withdrawn", async () => {
        const unsigned = await ask()
        expect(await awaitRefusalCode(use(unsigned))).toBe("approval.not_signed")
        const id = await signed()
        expect(await awaitRefusalCode(use(id, { ...effects, recipients: [acme, newId()] }))).toBe(
            "approval.effects_exceeded",
        )
        expect(await state(id)).toBe("signed")
        await acting(olga, (ctx) => voidApproval(ctx, id, "changed"))
        await acting(olga, (ctx) => voidApproval(ctx, id, "changed"))
        expect(await awaitRefusalCode(use(id))).toBe("approval.already_voided")
        expect((await listEvents(database)).filter((item) => item.kind === "approval.voided")).toMatchObject([
            { body: { approval: id, reason: "changed" } },
        ])
    })

    test("of two signed approvals for one act, the first application voids the other", async () => {
        const [first, second] = [await signed(), await signed()]
        expect(first).not.toBe(second)
        const unrelated = await acting(olga, (ctx) => requestApproval(ctx, { ...effects, recipients: [newId()] }))
        await use(first)
        expect([await state(first), await state(second), await state(unrelated)]).toEqual([
            "applied",
            "voided",
            "requested",
        ])
        expect(await awaitRefusalCode(use(second))).toBe("approval.already_voided")
    })

    test("an applied approval cannot be withdrawn or signed again", async () => {
        const id = await signed()
        expect(await awaitRefusalCode(sign(id))).toBe("approval.already_signed")
        await use(id)
        expect(await awaitRefusalCode(acting(olga, (ctx) => voidApproval(ctx, id, "withdrawn")))).toBe(
            "approval.already_applied",
        )
        expect(await awaitRefusalCode(sign(id))).toBe("approval.already_applied")
    })

    test("neither a partner's person nor an event handler can request or sign", async () => {
        const partner: Actor = { kind: "partner", partner: acme, person: newId(), roles: ["lead"] }
        const id = await ask()
        for (const actor of [partner, system]) {
            expect(await awaitRefusalCode(acting(actor, (ctx) => requestApproval(ctx, effects)))).toBe(
                "approval.staff_only",
            )
            expect(await awaitRefusalCode(sign(id, actor))).toBe("approval.staff_only")
        }
    })

    test("an unknown approval is not found", async () => {
        const id = newId()
        const unknown = [sign(id), use(id), acting(olga, (ctx) => loadApproval(ctx, id))]
        expect(await Promise.all(unknown.map(awaitRefusalCode))).toEqual(unknown.map(() => "approval.not_found"))
    })

    test("effects that were changed in the database are refused", async () => {
        const id = await signed()
        await database.db.transaction((tx) =>
            tx.query(`update approvals set effects = jsonb_set(effects, '{recipients}', $2) where id = $1`, [
                id,
                JSON.stringify([newId()]),
            ]),
        )
        await expect(use(id)).rejects.toThrow("were changed")
        await database.db.transaction((tx) => tx.query("delete from approvals where id = $1", [id]))
    })
})

describe("concurrent requests", () => {
    test("of a hundred that race for one approval one applies it, with one event", async () => {
        const id = await signed()
        const codes = await Promise.all(Array.from({ length: 100 }, () => awaitRefusalCode(use(id))))
        expect(codes.filter((code) => code === "done")).toHaveLength(1)
        expect(codes.filter((code) => code === "approval.already_applied")).toHaveLength(99)
        const uses = (await listEvents(database)).filter(
            (item) => item.kind === "approval.applied" && item.body["approval"] === id,
        )
        expect(uses).toHaveLength(1)
    })

    test("when an application and a withdrawal race, one succeeds", async () => {
        for (let n = 0; n < 10; n++) {
            const id = await signed()
            const withdraw = acting(olga, (ctx) => voidApproval(ctx, id, "withdrawn"))
            const [used, voided] = await Promise.all([awaitRefusalCode(use(id)), awaitRefusalCode(withdraw)])
            expect([`${used} ${voided}`]).toContain(
                (await state(id)) === "applied" ? "done approval.already_applied" : "approval.already_voided done",
            )
        }
    })

    test("an application that fails later in its transaction keeps the signature", async () => {
        const id = await signed()
        const failing = acting(system, async (ctx) => {
            await applyApproval(ctx, id, effects)
            throw new Error("the disk is full")
        })
        await expect(failing).rejects.toThrow("the disk is full")
        expect(await state(id)).toBe("signed")
        expect(await awaitRefusalCode(use(id))).toBe("done")
    })
})

test("open requests are listed oldest first, closed ones newest first", async () => {
    clock.now += 10 * dayMs
    const done = await signed()
    const first = await ask()
    clock.now += 1000
    const second = await acting(olga, (ctx) => requestApproval(ctx, { ...effects, at: clock.now + 8 * dayMs }))
    expect((await acting(omar, listPendingApprovals)).map((approval) => approval.id)).toEqual([first, second])
    const recent = (await acting(omar, listRecentApprovals)).map((approval) => approval.id)
    expect(recent[0]).toBe(second)
    expect(recent.slice(1, 3).toSorted()).toEqual([first, done].toSorted())
})

test("requests for other roles take no place among the latest hundred", async () => {
    const before = (await acting(omar, listRecentApprovals)).map((approval) => approval.id)
    for (let n = 0; n < 101; n++) {
        clock.now += 1
        const at = clock.now + 8 * dayMs
        await acting(olga, (ctx) => requestApproval(ctx, { ...effects, at, onlyFor: [olga.person] }))
    }
    expect((await acting(omar, listRecentApprovals)).map((approval) => approval.id)).toEqual(before)
})

test("a person who left is still shown next to what they signed", async () => {
    const ines = await createStaffMember(acting, ["approver"])
    const id = await ask()
    await sign(id, ines)
    await acting(olga, (ctx) => removePerson(ctx, ines.person))
    expect(await acting(olga, (ctx) => loadApproval(ctx, id))).toMatchObject({ signedBy: ines.person })
})

describe("two people who may still act when an approval is applied", () => {
    const gone: [string, "asks" | "signs", (person: string) => Promise<unknown>, string, string][] = [
        ["the requester has left", "asks", leave, "approval.requester_left", "requester_left"],
        ["the requester lost the role", "asks", auditOnly, "approval.requester_left", "requester_left"],
        ["the signer has left", "signs", leave, "approval.signer_left", "signer_left"],
        ["the signer lost the role", "signs", auditOnly, "approval.signer_left", "signer_left"],
    ]
    test.each(gone)("%s: it is refused, and voided with the reason", async (_, which, goes, code, reason) => {
        const asker = await createStaffMember(acting, ["manager"])
        const signer = await createStaffMember(acting, ["approver"])
        const id = await acting(asker, (ctx) => requestApproval(ctx, effects))
        await sign(id, signer)
        await goes(which === "asks" ? asker.person : signer.person)
        expect(await awaitRefusalCode(use(id))).toBe(code)
        await acting(system, voidOrphaned)
        expect(await state(id)).toBe("voided")
        expect(await acting(olga, (ctx) => loadApproval(ctx, id))).toMatchObject({ voidReason: reason })
        await acting(system, voidOrphaned)
        const falls = (await listEvents(database)).filter((item) => item.kind === "approval.voided")
        expect(falls.filter((fall) => fall.body["approval"] === id)).toMatchObject([{ body: { reason } }])
    })

    test("no person can sign for a requester who left, and other requests stay open", async () => {
        const asker = await createStaffMember(acting, ["manager"])
        const id = await acting(asker, (ctx) => requestApproval(ctx, effects))
        const other = await ask()
        await leave(asker.person)
        expect(await awaitRefusalCode(sign(id))).toBe("approval.requester_left")
        await acting(system, voidOrphaned)
        expect([await state(id), await state(other)]).toEqual(["voided", "requested"])
        expect(await awaitRefusalCode(sign(id))).toBe("approval.already_voided")
    })
})

const leave = (person: string) => acting(olga, (ctx) => removePerson(ctx, person))
const auditOnly = (person: string) => acting(olga, (ctx) => setRoles(ctx, person, ["auditor"]))

test("an approval without an instant is applied within a week of its signature, or expires", async () => {
    const now = { ...effects, action: "wave.unfreeze", at: null }
    const id = await acting(olga, (ctx) => requestApproval(ctx, now))
    await sign(id, omar, hashOf(now))
    clock.now += 7 * dayMs - 1
    expect(await state(id)).toBe("signed")
    clock.now += 1
    expect(await state(id)).toBe("expired")
    expect(await awaitRefusalCode(use(id, now))).toBe("approval.signature_expired")
    expect(await awaitRefusalCode(sign(id, omar, hashOf(now)))).toBe("approval.signature_expired")
})

test("an action without a role can be requested by no person", async () => {
    await expect(acting(olga, (ctx) => requestApproval(ctx, { ...effects, action: "wave.not_found" }))).rejects.toThrow(
        "wave.not_found",
    )
})

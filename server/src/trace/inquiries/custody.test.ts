import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    listEvents,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { openCase } from "../../share/cases/actions/open-case.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { sequenceEvents } from "../../trust/audit-log/actions/sequence-leaves.ts"
import type { Actor } from "../../kernel/actor.ts"
import { attribute, attributeLeak } from "../attribution/actions/attribute-leak.ts"
import { readAttributions } from "../attribution/actions/load-attributions.ts"
import { deleteEvidence } from "./actions/delete-evidence.ts"
import { liftHold } from "../attribution/actions/lift-hold.ts"
import { listEvidence, loadEvidence } from "../evidence/actions/load-evidence.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { findDeletion } from "../evidence/actions/erase-evidence.ts"
import { addNote, findHold, listNotes, setHold } from "../evidence/actions/hold-evidence.ts"
import { readOriginal, readEvidence } from "../evidence/actions/read-evidence.ts"
import { readCustody } from "./actions/load-custody.ts"
import { openInquiry } from "./actions/open-inquiry.ts"

type Person = Actor & { person: string }

const clock = { now: Date.parse("2025-07-10T00:00:00Z") }
let database: TestDatabase
let acting: Acting
let services: ReturnType<typeof testServices>
let ines: Person
let rafael: Person
let petra: Person
let author: Person
let caseId: string

const score = { cwe: "CWE-94", products: [], score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }

beforeAll(async () => {
    database = await createDatabase()
    services = testServices(database, clock)
    acting = actingOn(services, clock)
    ines = await createStaffMember(acting, ["investigator"])
    rafael = await createStaffMember(acting, ["investigator"])
    petra = await createStaffMember(acting, ["approver"])
    author = await createStaffMember(acting, ["author"])
    const details = {
        title: "a case",
        vulnerabilities: [{ cve: "CVE-2025-49704", ...score }],
        products: [],
        finder: "somebody",
    }
    caseId = await acting(author, (ctx) => openCase(ctx, details))
})
afterAll(() => database.close())

const content = Buffer.from("The server trusts a header that anybody can send.")
const filed = () =>
    acting(ines, (ctx) =>
        addLeak(ctx, {
            case: caseId,
            name: "secret paste.txt",
            source: "a secret site",
            note: "",
            content,
            observedAt: clock.now - 1000,
            clock: "unknown" as const,
        }),
    )

/** Asked by one, signed by another. */
async function signed(request: Promise<{ approval: string }>, signer: Person = petra): Promise<string> {
    const { approval } = await request
    await acting(signer, async (ctx) => signApproval(ctx, approval, (await loadApproval(ctx, approval)).effectsHash))
    return approval
}

const lift = (id: string, input: object, by: Person = ines) => acting(by, (ctx) => liftHold(ctx, id, input))
const remove = (id: string, input: object, by: Person = ines) => acting(by, (ctx) => deleteEvidence(ctx, id, input))
const custody = (id: string, by: Person = ines) => acting(by, (ctx) => readCustody(ctx, id))
const kinds = async (id: string, by: Person = ines) => (await custody(id, by)).map(({ kind }) => kind)

describe("a legal hold", () => {
    test("is set by one with a reason, and lifted by two", async () => {
        const id = await filed()
        await acting(ines, (ctx) => setHold(ctx, id, " a court has asked for it "))
        expect(await acting(rafael, (ctx) => findHold(ctx, id))).toMatchObject({
            reason: "a court has asked for it",
            setBy: ines.person,
            setAt: clock.now,
        })
        expect(await awaitRefusalCode(acting(rafael, (ctx) => setHold(ctx, id, "again")))).toBe(
            "evidence.already_on_hold",
        )
        const request = lift(id, { reason: "the court has closed its file" })
        const { approval, done } = await request
        expect(done).toBe(false)
        expect(await awaitRefusalCode(lift(id, { approval }))).toBe("approval.not_signed")
        expect(await acting(ines, (ctx) => findHold(ctx, id))).not.toBeNull()
        await signed(request)
        expect(await lift(id, { approval })).toEqual({ done: true, approval })
        expect(await acting(ines, (ctx) => findHold(ctx, id))).toBeNull()
        expect(await awaitRefusalCode(lift(id, { reason: "once more" }))).toBe("evidence.not_on_hold")
        await acting(ines, (ctx) => setHold(ctx, id, "another court"))
        expect(await awaitRefusalCode(lift(id, { approval }))).toBe("approval.already_applied")
    })

    test("bars the deletion, even where that was signed before", async () => {
        const id = await filed()
        const approval = await signed(remove(id, { reason: "it is somebody's private matter" }))
        await acting(rafael, (ctx) => setHold(ctx, id, "a court has asked for it"))
        expect(await awaitRefusalCode(remove(id, { approval }))).toBe("evidence.on_hold")
        expect(await awaitRefusalCode(remove(id, { reason: "it is private" }))).toBe("evidence.on_hold")
        expect(await acting(ines, (ctx) => readOriginal(ctx, id))).toEqual(content)
    })

    test("says why, in words of some length", async () => {
        const id = await filed()
        const set = (reason: string) => awaitRefusalCode(acting(ines, (ctx) => setHold(ctx, id, reason)))
        expect([await set(" "), await set("a".repeat(4001))]).toEqual(["evidence.bad_reason", "evidence.bad_reason"])
        await acting(ines, (ctx) => setHold(ctx, id, "a"))
        expect(await awaitRefusalCode(lift(id, {}))).toBe("evidence.bad_reason")
        expect(await awaitRefusalCode(acting(ines, (ctx) => setHold(ctx, newId(), "a court")))).toBe(
            "evidence.not_found",
        )
    })
})

test("what is said later of licence and handling is added in order, by whom and when, and is sealed", async () => {
    const id = await filed()
    await acting(ines, (ctx) => addNote(ctx, id, "licence", "secret terms: all rights reserved"))
    await acting(rafael, (ctx) => addNote(ctx, id, "handling", "secret: TLP:RED"))
    expect(await acting(ines, (ctx) => listNotes(ctx, id))).toMatchObject([
        { about: "licence", text: "secret terms: all rights reserved", by: ines.person, at: clock.now },
        { about: "handling", text: "secret: TLP:RED", by: rafael.person, at: clock.now },
    ])
    const rows = await database.db.transaction((tx) =>
        tx.query<{ text: string }>("select encode(text_ciphertext, 'escape') as text from evidence_notes"),
    )
    expect(rows.filter(({ text }) => text.includes("secret"))).toEqual([])
    expect(await awaitRefusalCode(acting(ines, (ctx) => addNote(ctx, id, "other", "")))).toBe("evidence.bad_reason")
})

describe("deleted by two", () => {
    test("its content, its words and its key are gone; its hash, why, and its custody stay", async () => {
        const id = await filed()
        await acting(ines, (ctx) => attribute(ctx, id))
        await acting(ines, (ctx) => addNote(ctx, id, "other", "a note"))
        const { sha256 } = await acting(ines, (ctx) => loadEvidence(ctx, id))
        const request = remove(id, { reason: "it is somebody's private matter" })
        const { approval } = await request
        expect(await awaitRefusalCode(remove(id, { approval }))).toBe("approval.not_signed")
        expect(await awaitRefusalCode(signed(request, ines))).not.toBe("done")
        await signed(request)
        expect(await remove(id, { approval })).toMatchObject({ done: true, approval })
        const read = await acting(ines, (ctx) => readEvidence(ctx, id))
        expect(read).toMatchObject({
            name: "deleted",
            source: "",
            content: null,
            archive: null,
            sha256,
            deletedAt: clock.now,
        })
        expect(await acting(ines, (ctx) => readOriginal(ctx, id))).toBeNull()
        expect(await acting(ines, (ctx) => readAttributions(ctx, id))).toEqual([])
        expect(await acting(ines, (ctx) => findDeletion(ctx, id))).toEqual({
            reason: "it is somebody's private matter",
            by: ines.person,
            at: clock.now,
        })
        const keys = await database.db.transaction((tx) =>
            tx.query("select from data_keys where scope = $1", [`evidence:${id}`]),
        )
        expect(keys).toEqual([])
        expect(await kinds(id)).toEqual([
            "evidence.added",
            "attribution.created",
            "evidence.note_added",
            "evidence.deleted",
            "evidence.read",
            "evidence.read",
            "attribution.read",
            "evidence.custody_read",
        ])
        expect((await acting(ines, listEvidence)).map((evidence) => evidence.id)).toContain(id)
    })

    test("nothing is done with it any more", async () => {
        const id = await filed()
        const approval = await signed(remove(id, { reason: "it is private" }))
        await remove(id, { approval })
        const codes = [
            await awaitRefusalCode(remove(id, { reason: "again" })),
            await awaitRefusalCode(acting(ines, (ctx) => setHold(ctx, id, "a court"))),
            await awaitRefusalCode(acting(ines, (ctx) => addNote(ctx, id, "other", "a note"))),
        ]
        expect(codes).toEqual(["evidence.already_deleted", "evidence.already_deleted", "evidence.already_deleted"])
        expect(await awaitRefusalCode(acting(ines, (ctx) => attribute(ctx, id)))).toBe("attribution.no_text")
        await acting(ines, (ctx) => attributeLeak(ctx, id))
    })

    test("a signature for one is none for another", async () => {
        const [id, other] = [await filed(), await filed()]
        const approval = await signed(remove(id, { reason: "it is private" }))
        expect(await awaitRefusalCode(remove(other, { approval }))).toBe("approval.effects_exceeded")
    })
})

describe("the custody of a piece of evidence", () => {
    test("is all that happened to it, in order, with who, when and where in the record", async () => {
        const id = await filed()
        await filed()
        clock.now += 1000
        await acting(rafael, (ctx) => readEvidence(ctx, id))
        await acting({ kind: "system", component: "attribute" }, (ctx) => attributeLeak(ctx, id))
        await acting(ines, (ctx) => setHold(ctx, id, "a court"))
        const approval = await signed(lift(id, { reason: "no more" }))
        await lift(id, { approval }, rafael)
        await sequenceEvents(services)
        const happened = await custody(id)
        expect(happened.map(({ kind, by }) => [kind, by])).toEqual([
            ["evidence.added", ines.person],
            ["evidence.read", rafael.person],
            ["attribution.created", null],
            ["evidence.hold_placed", ines.person],
            ["evidence.hold_lifted", rafael.person],
            ["evidence.custody_read", ines.person],
        ])
        expect(happened.map(({ at }) => at - clock.now)).toEqual([-1000, 0, 0, 0, 0, 0])
        expect(happened[2]?.detail).toBe("unrelated")
        expect(happened[4]?.approval).toBe(approval)
        const leaves = happened.slice(0, 5).map(({ leaf }) => leaf ?? -1)
        expect(leaves).toEqual(leaves.toSorted((a, b) => a - b))
        expect(new Set(leaves).size).toBe(5)
        expect(happened[5]?.leaf).toBeNull()
    })

    test("of an inquiry tells its members alone", async () => {
        const id = await filed()
        const about = { case: caseId, title: "The paste", evidence: [id], members: [] }
        const inquiry = await acting(ines, (ctx) => openInquiry(ctx, about))
        const happened = await custody(id)
        expect(happened.map(({ kind, inquiry }) => [kind, inquiry])).toContainEqual(["inquiry.expanded", inquiry])
        expect(await kinds(id, rafael)).toEqual(["evidence.added", "evidence.custody_read", "evidence.custody_read"])
    })

    test("is nothing where there is no such evidence, and holds no word of it", async () => {
        expect(await awaitRefusalCode(custody(newId()))).toBe("evidence.not_found")
        expect(JSON.stringify(await listEvents(database))).not.toContain("secret")
    })
})

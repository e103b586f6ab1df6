/** Tests links, sessions and tokens on a real database, in wall-clock time. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    listEvents,
    system,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import type { Services } from "../../kernel/services.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { type Actor } from "../../kernel/actor.ts"
import { addPartner } from "../partners/actions/change-partner.ts"
import { findActor, hashOf, issueCredential, signIn, signOut } from "./actions/sign-in.ts"
import { addPerson, removePerson } from "./actions/manage-people.ts"
import { findPerson, listPeople } from "./actions/load-people.ts"
import type { CredentialKind } from "./person.ts"

/** Program time stands still while wall-clock time continues. */
const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

let database: TestDatabase
let services: Services
let acting: Acting
let partner: string
let olga: Actor & { person: string }
let ann: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    services = { ...testServices(database, clock), realNow: () => real.now }
    acting = actingOn(services, clock)
    const details = { name: "P", mail: "p@partner.example", tier: "entry", status: "active" } as const
    partner = await acting(system, (ctx) => addPartner(ctx, details))
})
afterAll(() => database.close())
beforeEach(async () => {
    olga = await createStaffMember(acting, ["manager", "admin"])
    ann = await createPartnerMember(acting, partner, ["analyst"])
})

const issue = (person: Actor & { person: string }, kind: CredentialKind, reusable = false) =>
    acting(system, (ctx) => issueCredential(ctx, person.person, kind, { reusable }))
const run = (side: "console" | "portal", secret: string) =>
    database.db.transaction((tx) => findActor(tx, side, hashOf(secret), real.now))
const useLink = (side: "console" | "portal", link: string) => acting(system, (ctx) => signIn(ctx, side, link))
const leave = (person: string) => acting(system, (ctx) => removePerson(ctx, person))

describe("a credential", () => {
    test.each(["session", "token"] as const)(
        "that is a %s identifies its person, on its own side only",
        async (kind) => {
            const [ours, value] = [await issue(olga, kind), await issue(ann, kind)]
            expect(await run("console", ours)).toEqual(olga)
            expect(await run("portal", value)).toEqual(ann)
            expect(await run("portal", ours)).toBe(null)
            expect(await run("console", value)).toBe(null)
        },
    )

    test("that is a link, invented or empty identifies no person", async () => {
        expect(await run("console", await issue(olga, "link"))).toBe(null)
        expect(await run("console", (await issue(olga, "token")).slice(0, -1))).toBe(null)
        expect(await run("console", "")).toBe(null)
    })

    test.each([
        ["session", hourMs],
        ["token", 365 * dayMs],
    ] as const)(
        "that is an unused %s lives %d ms of wall-clock time, though program time stands still",
        async (kind, lifetime) => {
            const secret = await issue(olga, kind)
            real.now += lifetime - 1
            expect(await run("console", secret)).toEqual(olga)
            real.now += 1
            expect(await run("console", secret)).toBe(null)
        },
    )

    test("is long, unique, and stored only as a hash", async () => {
        const [item, two] = [await issue(olga, "token"), await issue(olga, "token")]
        expect(item).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(item).not.toBe(two)
        const kept = await database.db.transaction((tx) =>
            tx.query("select c::text as row from credentials c union all select body::text from events"),
        )
        expect(JSON.stringify(kept)).not.toContain(item)
        expect(JSON.stringify(kept)).toContain(hashOf(item).toString("hex"))
    })
})

describe("a sign-in link", () => {
    test("opens one session for its person", async () => {
        const link = await issue(ann, "link")
        expect(await run("portal", await useLink("portal", link))).toEqual(ann)
        expect(await awaitRefusalCode(useLink("portal", link))).toBe("identity.bad_link")
    })

    test("opens one session when two use it at the same time", async () => {
        const link = await issue(ann, "link")
        const codes = await Promise.all(Array.from({ length: 5 }, () => awaitRefusalCode(useLink("portal", link))))
        expect(codes.toSorted()).toEqual(["done", ...Array.from({ length: 4 }, () => "identity.bad_link")])
    })

    test("does nothing on the other side, and still works on its own", async () => {
        const link = await issue(ann, "link")
        expect(await awaitRefusalCode(useLink("console", link))).toBe("identity.bad_link")
        expect(await awaitRefusalCode(useLink("portal", link))).toBe("done")
    })

    test("works for three days", async () => {
        const [item, two] = [await issue(ann, "link"), await issue(ann, "link")]
        real.now += 3 * dayMs - 1
        expect(await awaitRefusalCode(useLink("portal", item))).toBe("done")
        real.now += 1
        expect(await awaitRefusalCode(useLink("portal", two))).toBe("identity.bad_link")
    })

    test("of the demonstration works repeatedly while it runs, and not after", async () => {
        const link = await issue(ann, "link", true)
        const sessions = [await useLink("portal", link), await useLink("portal", link)]
        expect(new Set(sessions).size).toBe(2)
        real.now += 3 * dayMs
        expect(await awaitRefusalCode(useLink("portal", link))).toBe("identity.bad_link")
    })

    test("is required: a token or session does not work instead", async () => {
        for (const kind of ["token", "session"] as const) {
            expect(await awaitRefusalCode(useLink("portal", await issue(ann, kind)))).toBe("identity.bad_link")
        }
    })

    test("is not used up when signing in fails for another reason", async () => {
        const link = await issue(ann, "link")
        const failing = acting(system, async (ctx) => {
            await signIn(ctx, "portal", link)
            throw new Error("the connection broke")
        })
        await expect(failing).rejects.toThrow("broke")
        expect(await awaitRefusalCode(useLink("portal", link))).toBe("done")
    })
})

test("signing out ends this session only", async () => {
    const [item, two] = [await issue(ann, "session"), await issue(ann, "session")]
    await acting(ann, (ctx) => signOut(ctx, hashOf(item)))
    expect(await run("portal", item)).toBe(null)
    expect(await run("portal", two)).toEqual(ann)
    expect((await listEvents(database)).at(-1)).toMatchObject({ kind: "person.signed_out", body: { by: ann.person } })
})

describe("a person who leaves", () => {
    test("loses all access at once, and gets no new access", async () => {
        const secrets = [await issue(ann, "session"), await issue(ann, "token")]
        const links = [await issue(ann, "link"), await issue(ann, "link", true)]
        await leave(ann.person)
        for (const secret of secrets) expect(await run("portal", secret)).toBe(null)
        for (const link of links) expect(await awaitRefusalCode(useLink("portal", link))).toBe("identity.bad_link")
        for (const kind of ["token", "session", "link"] as const) {
            expect(await awaitRefusalCode(issue(ann, kind))).toBe("identity.person_left")
        }
        expect(await awaitRefusalCode(issue({ ...ann, person: newId() }, "token"))).toBe("identity.person_not_found")
    })

    test("leaves, and the answer and the log say what this ended", async () => {
        for (const kind of ["session", "session", "token", "link"] as const) await issue(ann, kind)
        await acting(system, (ctx) => issueCredential(ctx, ann.person, "token", { lifetimeMs: -1 }))
        const ended = { sessions: 2, tokens: 1, links: 1, passkeys: 0, connectedAccounts: 0, machineClients: 0 }
        expect(await leave(ann.person)).toEqual(ended)
        const { body } = (await listEvents(database)).findLast(({ kind }) => kind === "person.left") ?? {}
        expect(body).toMatchObject({ person: ann.person, ...ended })
    })

    test("leaves once, and stays listed", async () => {
        await leave(ann.person)
        const left = clock.now
        clock.now += 1000
        await leave(ann.person)
        expect(await acting(system, (ctx) => findPerson(ctx, ann.person))).toMatchObject({ leftAt: left, partner })
        const roster = await acting(system, (ctx) => listPeople(ctx, partner))
        expect(roster.map(({ id }) => id)).toContain(ann.person)
        const gone = (await listEvents(database)).filter(
            ({ kind, body }) => kind === "person.left" && body["person"] === ann.person,
        )
        expect(gone).toHaveLength(1)
        expect(gone[0]?.body).toMatchObject({ sessions: 0, tokens: 0, links: 0, passkeys: 0, machineClients: 0 })
        expect(await awaitRefusalCode(leave(newId()))).toBe("identity.person_not_found")
    })

    test("leaves others unchanged", async () => {
        const ben = await createPartnerMember(acting, partner, ["lead"])
        const secret = await issue(ben, "session")
        await leave(ann.person)
        expect(await run("portal", secret)).toEqual(ben)
    })
})

test("a person's name and address are encrypted, and recorded by id only", async () => {
    const details = {
        partner: null,
        name: "Very Unlikely Name",
        mail: "unlikely@operator.example",
        roles: ["author"] as const,
    }
    const id = await acting(olga, (ctx) => addPerson(ctx, details))
    expect(await acting(system, (ctx) => findPerson(ctx, id))).toMatchObject({ ...details, leftAt: null })
    const [row] = await database.db.transaction((tx) =>
        tx.query<{ box: Buffer }>("select details_ciphertext as box from persons where id = $1", [id]),
    )
    expect(row?.box.includes("nlikely")).toBe(false)
    expect((await listEvents(database)).at(-1)).toEqual({
        kind: "person.joined",
        body: { person: id, partner: null, roles: ["author"], by: olga.person },
    })
})

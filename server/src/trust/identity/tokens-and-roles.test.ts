/** Tests new links, own tokens, role changes, and the last admin. */
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
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { keysFrom } from "../../platform/crypto/keys.ts"
import type { Actor } from "../../kernel/actor.ts"
import { findActor, hashOf, issueCredential, renewSignInLink, signIn } from "./actions/sign-in.ts"
import { endCallerToken, listCallerTokens } from "./machines/actions/manage-tokens.ts"
import { removePerson, setRoles } from "./actions/manage-people.ts"
import { findPerson, personHash } from "./actions/load-people.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
let database: TestDatabase
let acting: Acting
let ada: Actor & { person: string }
let olga: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
})
afterAll(() => database.close())
beforeEach(async () => {
    ada = await createStaffMember(acting, ["admin"])
    olga = await createStaffMember(acting, ["manager"], ada)
})

const useLink = (link: string) => awaitRefusalCode(acting(system, (ctx) => signIn(ctx, "console", link)))
const person = (secret: string) => database.db.transaction((tx) => findActor(tx, "console", hashOf(secret), clock.now))

describe("a new sign-in link", () => {
    test("replaces the unused one before it, and signs in once", async () => {
        const session = hashOf(await acting(system, (ctx) => issueCredential(ctx, olga.person, "session")))
        const [first, second] = [
            await acting(olga, (ctx) => renewSignInLink(ctx, olga.person, session)),
            await acting(olga, (ctx) => renewSignInLink(ctx, olga.person, session)),
        ]
        expect(await useLink(first)).toBe("identity.bad_link")
        expect(await useLink(second)).toBe("done")
        expect(await useLink(second)).toBe("identity.bad_link")
    })
})

test("a person lists and ends only their own tokens", async () => {
    const issue = (subject: Actor & { person: string }) =>
        acting(subject, (ctx) => issueCredential(ctx, subject.person, "token"))
    const [first, second] = [await issue(olga), await issue(olga)]
    const foreign = await issue(ada)
    const tokens = await acting(olga, listCallerTokens)
    expect(tokens.map(({ id }) => id).toSorted()).toEqual(
        [first, second].map((item) => hashOf(item).toString("hex").slice(0, 16)).toSorted(),
    )
    const end = (secret: string) =>
        awaitRefusalCode(acting(olga, (ctx) => endCallerToken(ctx, hashOf(secret).toString("hex").slice(0, 16))))
    expect(await end(foreign)).toBe("identity.token_not_found")
    expect(await end(first)).toBe("done")
    expect(await end(first)).toBe("identity.token_not_found")
    expect([await person(first), await person(second), await person(foreign)]).toEqual([null, olga, ada])
})

describe("roles", () => {
    test("change at once, are listed in order, and are recorded", async () => {
        const secret = await acting(olga, (ctx) => issueCredential(ctx, olga.person, "token"))
        await acting(ada, (ctx) => setRoles(ctx, olga.person, ["approver", "author", "author"]))
        expect(await person(secret)).toBeNull()
        const again = await acting(olga, (ctx) => issueCredential(ctx, olga.person, "token"))
        expect(await person(again)).toMatchObject({ roles: ["author", "approver"] })
        expect((await listEvents(database)).at(-2)).toEqual({
            kind: "person.roles_changed",
            body: { person: olga.person, was: ["manager"], roles: ["author", "approver"], by: ada.person },
        })
        expect(await awaitRefusalCode(acting(ada, (ctx) => setRoles(ctx, olga.person, [])))).toBe("identity.bad_roles")
    })

    test("include approver for the last approver, who cannot leave", async () => {
        const database2 = await createDatabase()
        const here = actingOn(testServices(database2, clock), clock)
        const [item, two] = [
            await createStaffMember(here, ["admin"]),
            await createStaffMember(here, ["approver", "author"]),
        ]
        expect(await awaitRefusalCode(here(item, (ctx) => setRoles(ctx, two.person, ["author"])))).toBe(
            "identity.last_approver",
        )
        expect(await awaitRefusalCode(here(item, (ctx) => removePerson(ctx, two.person)))).toBe(
            "identity.last_approver",
        )
        const three = await createStaffMember(here, ["approver"])
        expect(await awaitRefusalCode(here(item, (ctx) => setRoles(ctx, two.person, ["author"])))).toBe("done")
        expect(await awaitRefusalCode(here(item, (ctx) => removePerson(ctx, three.person)))).toBe(
            "identity.last_approver",
        )
        await database2.close()
    })

    test("include manager for the last manager, who cannot leave", async () => {
        const database2 = await createDatabase()
        const here = actingOn(testServices(database2, clock), clock)
        const [item, two] = [
            await createStaffMember(here, ["admin", "approver"]),
            await createStaffMember(here, ["manager", "author"]),
        ]
        const takeRole = () => awaitRefusalCode(here(item, (ctx) => setRoles(ctx, two.person, ["author"])))
        expect(await takeRole()).toBe("identity.last_manager")
        expect(await awaitRefusalCode(here(item, (ctx) => removePerson(ctx, two.person)))).toBe("identity.last_manager")
        await createStaffMember(here, ["manager"])
        expect(await takeRole()).toBe("done")
        await database2.close()
    })

    test("include admin for the last admin, who cannot leave", async () => {
        const database2 = await createDatabase()
        const here = actingOn(testServices(database2, clock), clock)
        const [item, two] = [
            await createStaffMember(here, ["admin"]),
            await createStaffMember(here, ["admin", "author"]),
        ]
        await here(item, (ctx) => setRoles(ctx, two.person, ["author"]))
        expect(await awaitRefusalCode(here(two, (ctx) => setRoles(ctx, item.person, ["author"])))).toBe(
            "identity.last_admin",
        )
        expect(await awaitRefusalCode(here(two, (ctx) => removePerson(ctx, item.person)))).toBe("identity.last_admin")
        await here(item, (ctx) => setRoles(ctx, two.person, ["admin"]))
        await here(two, (ctx) => removePerson(ctx, item.person))
        expect(await here(two, (ctx) => findPerson(ctx, item.person))).toMatchObject({ leftAt: clock.now })
        await database2.close()
    })
})

test("a signed person is stored as a hash that cannot be guessed without the key", async () => {
    const ann = { name: "Ann", mail: "ann@operator.example" }
    const hash = (person: typeof ann) => acting(system, async (ctx) => personHash(ctx, person))
    const known = await hash(ann)
    expect(known).toMatch(/^[0-9a-f]{64}$/)
    expect(await hash({ ...ann })).toBe(known)
    expect(await hash({ ...ann, name: "Eve" })).not.toBe(known)
    expect(await hash({ ...ann, mail: "eve@operator.example" })).not.toBe(known)
    const others = { ...testServices(database, clock), keys: keysFrom(Buffer.alloc(32, 9)) }
    expect(await actingOn(others, clock)(system, async (ctx) => personHash(ctx, ann))).not.toBe(known)
})

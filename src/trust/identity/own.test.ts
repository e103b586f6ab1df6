/** New links and one's own tokens; roles that change; and the admin who has to stay. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Acting, actingOn, codeOf, operator, recorded, system, testDoors } from "../../../test/acting.ts"
import { type TestDatabase, freshDatabase } from "../../../test/database.ts"
import { keysFrom } from "../../platform/keys.ts"
import type { Actor } from "../audit/actor.ts"
import {
    actorOf,
    endOwnToken,
    endPerson,
    hashOf,
    issueCredential,
    ownTokens,
    personById,
    personHash,
    renewLink,
    setRoles,
    signIn,
} from "./actions.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
let database: TestDatabase
let acting: Acting
let ada: Actor & { person: string }
let olga: Actor & { person: string }

beforeAll(async () => {
    database = await freshDatabase()
    acting = actingOn(testDoors(database, clock), clock)
})
afterAll(() => database.close())
beforeEach(async () => {
    ada = await operator(acting, ["admin"])
    olga = await operator(acting, ["manager"], ada)
})

const enter = (link: string) => codeOf(acting(system, (act) => signIn(act, "console", link)))
const who = (secret: string) => database.db.transaction((tx) => actorOf(tx, "console", hashOf(secret), clock.now))

describe("a new link", () => {
    test("ends the unused one before it, and signs in once", async () => {
        const [first, second] = [
            await acting(olga, (act) => renewLink(act, olga.person)),
            await acting(olga, (act) => renewLink(act, olga.person)),
        ]
        expect(await enter(first)).toBe("identity.bad_link")
        expect(await enter(second)).toBe("done")
        expect(await enter(second)).toBe("identity.bad_link")
    })
})

test("one sees one's own tokens, ends one, and reaches no other's", async () => {
    const issue = (of: Actor & { person: string }) => acting(of, (act) => issueCredential(act, of.person, "token"))
    const [first, second] = [await issue(olga), await issue(olga)]
    const foreign = await issue(ada)
    const tokens = await acting(olga, ownTokens)
    expect(tokens.map(({ id }) => id).toSorted()).toEqual(
        [first, second].map((one) => hashOf(one).toString("hex").slice(0, 16)).toSorted(),
    )
    const end = (secret: string) =>
        codeOf(acting(olga, (act) => endOwnToken(act, hashOf(secret).toString("hex").slice(0, 16))))
    expect(await end(foreign)).toBe("identity.token_not_found")
    expect(await end(first)).toBe("done")
    expect(await end(first)).toBe("identity.token_not_found")
    expect([await who(first), await who(second), await who(foreign)]).toEqual([null, olga, ada])
})

describe("roles", () => {
    test("change at once, in their order, and on record", async () => {
        const secret = await acting(olga, (act) => issueCredential(act, olga.person, "token"))
        await acting(ada, (act) => setRoles(act, olga.person, ["approver", "author", "author"]))
        expect(await who(secret)).toBeNull()
        const again = await acting(olga, (act) => issueCredential(act, olga.person, "token"))
        expect(await who(again)).toMatchObject({ roles: ["author", "approver"] })
        expect((await recorded(database)).at(-2)).toEqual({
            kind: "person.roles_changed",
            body: { person: olga.person, was: ["manager"], roles: ["author", "approver"], by: ada.person },
        })
        expect(await codeOf(acting(ada, (act) => setRoles(act, olga.person, [])))).toBe("identity.bad_roles")
    })

    test("of an approver stay with the last one, who does not leave either", async () => {
        const database2 = await freshDatabase()
        const here = actingOn(testDoors(database2, clock), clock)
        const [one, two] = [await operator(here, ["admin"]), await operator(here, ["approver", "author"])]
        expect(await codeOf(here(one, (act) => setRoles(act, two.person, ["author"])))).toBe("identity.last_approver")
        expect(await codeOf(here(one, (act) => endPerson(act, two.person)))).toBe("identity.last_approver")
        const three = await operator(here, ["approver"])
        expect(await codeOf(here(one, (act) => setRoles(act, two.person, ["author"])))).toBe("done")
        expect(await codeOf(here(one, (act) => endPerson(act, three.person)))).toBe("identity.last_approver")
        await database2.close()
    })

    test("of an admin stay with the last one, who does not leave either", async () => {
        const database2 = await freshDatabase()
        const here = actingOn(testDoors(database2, clock), clock)
        const [one, two] = [await operator(here, ["admin"]), await operator(here, ["admin", "author"])]
        await here(one, (act) => setRoles(act, two.person, ["author"]))
        expect(await codeOf(here(two, (act) => setRoles(act, one.person, ["author"])))).toBe("identity.last_admin")
        expect(await codeOf(here(two, (act) => endPerson(act, one.person)))).toBe("identity.last_admin")
        await here(one, (act) => setRoles(act, two.person, ["admin"]))
        await here(two, (act) => endPerson(act, one.person))
        expect(await here(two, (act) => personById(act, one.person))).toMatchObject({ leftAt: clock.now })
        await database2.close()
    })
})

test("who is signed for stands as a hash that nobody without the key can guess", async () => {
    const ann = { name: "Ann", mail: "ann@operator.example" }
    const hash = (who: typeof ann) => acting(system, async (act) => personHash(act, who))
    const known = await hash(ann)
    expect(known).toMatch(/^[0-9a-f]{64}$/)
    expect(await hash({ ...ann })).toBe(known)
    expect(await hash({ ...ann, name: "Eve" })).not.toBe(known)
    expect(await hash({ ...ann, mail: "eve@operator.example" })).not.toBe(known)
    const others = { ...testDoors(database, clock), keys: keysFrom(Buffer.alloc(32, 9)) }
    expect(await actingOn(others, clock)(system, async (act) => personHash(act, ann))).not.toBe(known)
})

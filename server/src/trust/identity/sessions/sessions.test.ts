/** Tests sessions on a real database: their list, their ends, and the confirmation with a passkey. */
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
} from "../../../../../test/support/actors.ts"
import { Authenticator, type Behaviour } from "../../../../../test/support/authenticator.ts"
import { type TestDatabase, createDatabase } from "../../../../../test/support/database.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Actor } from "../../../kernel/actor.ts"
import { unknownSender } from "../../../models/sender.ts"
import { addPartner } from "../../partners/actions/change-partner.ts"
import { collectUses } from "../machines/actions/collect-uses.ts"
import { findActor, findActorUnderLock, findCallerId, hashOf, issueCredential } from "../actions/sign-in.ts"
import { addPasskey, registrationOptions } from "../passkeys/actions/manage-passkeys.ts"
import { callerOptions } from "../passkeys/actions/use-passkey.ts"
import {
    assertConfirmed,
    confirmSession,
    endCallerSession,
    endCallersOtherSessions,
    listCallerSessions,
} from "./actions/manage-sessions.ts"
import { confirmedMs } from "./session.ts"

type Member = Actor & { person: string }

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
const real = { now: Date.parse("2026-01-01T00:00:00Z") }
const atConsole: Behaviour = { origin: "https://console.example", rpId: "console.example" }

let database: TestDatabase
let acting: Acting
let partner: string
let olga: Member
let ann: Member

beforeAll(async () => {
    database = await createDatabase()
    const services = { ...testServices(database, clock), realNow: () => real.now, signsWithPasskeys: true }
    acting = actingOn(services, clock)
    const details = { name: "P", mail: "p@partner.example", tier: "entry", status: "active" } as const
    partner = await acting(system, (ctx) => addPartner(ctx, details))
})
afterAll(() => database.close())
beforeEach(async () => {
    olga = await createStaffMember(acting, ["approver", "admin"])
    ann = await createPartnerMember(acting, partner, ["analyst"])
})

const issue = async (member: Member, kind: "session" | "token" | "link" = "session") =>
    hashOf(await acting(system, (ctx) => issueCredential(ctx, member.person, kind)))
const isLive = async (credential: Buffer, side: "console" | "portal" = "console") =>
    (await database.db.transaction((tx) => findActor(tx, side, credential, real.now))) !== null
const idOf = (session: Buffer) => session.toString("hex", 0, 8)

/** Notes a use now, and stores it after `delayMs`. */
async function storeUse(
    credential: Buffer,
    from = "192.0.2.1",
    device: string | null = "Firefox, Linux",
    delayMs = 0,
): Promise<void> {
    const uses = collectUses({ ...testServices(database, clock), realNow: () => real.now })
    uses.note({ hash: credential, from, device })
    real.now += delayMs
    await uses.flush()
}

test("a session shows device, address and use, and which one is this", async () => {
    const [first, second] = [await issue(olga), await issue(olga)]
    await issue(ann)
    await issue(olga, "token")
    real.now += 60_000
    await storeUse(first)
    const sessions = await acting(olga, (ctx) => listCallerSessions(ctx, second))
    expect(new Map(sessions.map((session) => [session.id, session]))).toMatchObject(
        new Map([
            [
                idOf(first),
                {
                    lastUsedAt: real.now,
                    lastUsedFrom: "192.0.2.1",
                    lastUsedOn: "Firefox, Linux",
                    isCurrent: false,
                },
            ],
            [idOf(second), { lastUsedAt: null, lastUsedFrom: null, lastUsedOn: null, isCurrent: true }],
        ]),
    )
    expect(sessions).toHaveLength(2)
})

describe("a session ends", () => {
    test("when its person does not use it, later where it is used, and at the latest after its lifetime", async () => {
        const [idle, used] = [await issue(olga), await issue(olga)]
        real.now += hourMs - 1
        expect([await isLive(idle), await isLive(used)]).toEqual([true, true])
        await storeUse(used)
        real.now += 1
        expect([await isLive(idle), await isLive(used)]).toEqual([false, true])
        expect(await acting(olga, (ctx) => listCallerSessions(ctx, used))).toHaveLength(1)
        for (let hour = 1; hour < 10; hour++) {
            real.now += hourMs - 2
            expect(await isLive(used)).toBe(true)
            await storeUse(used)
        }
        real.now += hourMs / 2
        expect(await isLive(used)).toBe(false)
    })

    test("not where its person used it in time, and the use was stored later", async () => {
        const session = await issue(olga)
        real.now += hourMs - 1
        await storeUse(session, "192.0.2.1", null, 60_000)
        expect(await isLive(session)).toBe(true)
    })

    test("earlier with roles that sign, and for a partner's person at every place that finds the actor", async () => {
        const author = await createStaffMember(acting, ["author"])
        const [ofAuthor, ofAnn] = [await issue(author), await issue(ann)]
        real.now += 2 * hourMs - 1
        const places = async () => {
            const locked = Promise.resolve(new Set([partner]))
            const use = { sender: unknownSender, realNow: real.now }
            return await database.db.transaction(async (tx) => [
                (await findActor(tx, "portal", ofAnn, real.now)) !== null,
                (await findActorUnderLock(tx, locked, ofAnn, { ...use, scope: null })) !== null,
                (await findCallerId(tx, "portal", ofAnn, use)) !== null,
            ])
        }
        expect([await isLive(ofAuthor), ...(await places())]).toEqual([true, true, true, true])
        real.now += 1
        expect([await isLive(ofAuthor), ...(await places())]).toEqual([false, false, false, false])
    })

    test("not for a token, which has no idle limit", async () => {
        const token = await issue(olga, "token")
        real.now += 30 * dayMs
        expect(await isLive(token)).toBe(true)
    })

    test("by its person, one or all others, which the log records", async () => {
        const [mine, other, third] = [await issue(olga), await issue(olga), await issue(olga)]
        const link = await issue(olga, "link")
        await acting(olga, (ctx) => endCallerSession(ctx, mine, idOf(other)))
        expect([await isLive(mine), await isLive(other), await isLive(third)]).toEqual([true, false, true])
        await acting(olga, (ctx) => endCallersOtherSessions(ctx, mine))
        expect([await isLive(mine), await isLive(third)]).toEqual([true, false])
        const [row] = await database.db.transaction((tx) =>
            tx.query<{ ended: boolean }>("select ended_at is not null as ended from credentials where hash = $1", [
                link,
            ]),
        )
        expect(row).toEqual({ ended: true })
        const ends = (await listEvents(database)).filter(
            ({ kind, body }) => kind === "credential.ended" && body["person"] === olga.person,
        )
        expect(ends).toHaveLength(2)
    })

    test("not by another person, and not by a token", async () => {
        const [mine, hers] = [await issue(olga), await issue(ann)]
        const bert = await createStaffMember(acting, ["admin"])
        const berts = await issue(bert)
        const end = (by: Member, credential: Buffer, session: Buffer) =>
            awaitRefusalCode(acting(by, (ctx) => endCallerSession(ctx, credential, idOf(session))))
        expect(await end(bert, berts, mine)).toBe("identity.session_not_found")
        expect(await end(olga, mine, hers)).toBe("identity.session_not_found")
        const token = await issue(olga, "token")
        expect(await end(olga, token, mine)).toBe("identity.session_needed")
        expect(await awaitRefusalCode(acting(olga, (ctx) => endCallersOtherSessions(ctx, token)))).toBe(
            "identity.session_needed",
        )
        expect([await isLive(mine), await isLive(hers, "portal")]).toEqual([true, true])
    })
})

describe("a confirmation", () => {
    const isConfirmed = (credential: Buffer | null) =>
        awaitRefusalCode(database.db.transaction((tx) => assertConfirmed(tx, credential, real.now)))

    async function register(session: Buffer): Promise<Authenticator> {
        const authenticator = new Authenticator()
        const { challenge } = await acting(olga, (ctx) => registrationOptions(ctx, session))
        const registration = authenticator.create(challenge, atConsole)
        await acting(olga, (ctx) => addPasskey(ctx, session, { name: "Laptop", registration }))
        return authenticator
    }

    const optionsOf = (purpose: "confirm_session" | "change_passkeys") =>
        acting(olga, (ctx) => callerOptions(ctx, { purpose, person: olga.person }))

    test("counts for 15 minutes, as the sign-in does, and for its session only", async () => {
        const [session, other] = [await issue(olga), await issue(olga)]
        const authenticator = await register(session)
        real.now += confirmedMs
        expect(await isConfirmed(session)).toBe("done")
        real.now += 1
        expect(await isConfirmed(session)).toBe("identity.confirmation_needed")
        const { challenge } = await optionsOf("confirm_session")
        const assertion = authenticator.get(challenge, atConsole)
        await acting(olga, (ctx) => confirmSession(ctx, session, assertion))
        expect([await isConfirmed(session), await isConfirmed(other)]).toEqual(["done", "identity.confirmation_needed"])
        const again = acting(olga, (ctx) => confirmSession(ctx, other, assertion))
        expect(await awaitRefusalCode(again)).toBe("passkey.bad_assertion")
    })

    test("is refused with an assertion for another purpose or of another person, and with a token", async () => {
        const session = await issue(olga)
        const authenticator = await register(session)
        real.now += confirmedMs + 1
        const other = authenticator.get((await optionsOf("change_passkeys")).challenge, atConsole)
        const confirm = (credential: Buffer | null, assertion: typeof other) =>
            awaitRefusalCode(acting(olga, (ctx) => confirmSession(ctx, credential, assertion)))
        expect(await confirm(session, other)).toBe("passkey.bad_assertion")
        const { challenge } = await optionsOf("confirm_session")
        expect(await confirm(session, new Authenticator().get(challenge, atConsole))).toBe("passkey.bad_assertion")
        expect(await confirm(await issue(olga, "token"), authenticator.get(challenge, atConsole))).toBe(
            "identity.session_needed",
        )
        expect(await isConfirmed(session)).toBe("identity.confirmation_needed")
    })

    test("is not needed with a token", async () => {
        expect(await isConfirmed(await issue(olga, "token"))).toBe("done")
    })
})

/** Tests passkeys on a real database with an authenticator in software. */
import { createPublicKey, hash, verify } from "node:crypto"
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
import { mailedLinkSecret, sendAccountMails } from "../../../../../test/support/sign-in-mail.ts"
import { canonical } from "@tocsin/base/canonical"
import type { Actor } from "../../../kernel/actor.ts"
import type { Services } from "../../../kernel/services.ts"
import { recoverStaffMember } from "../../approvals/actions/add-staff.ts"
import { requestApproval } from "../../approvals/actions/request-approval.ts"
import { loadSignature, signApprovals } from "../../approvals/actions/sign-approvals.ts"
import { type Effects, hashOf as hashOfEffects } from "../../approvals/approval.ts"
import { addPartner } from "../../partners/actions/change-partner.ts"
import { findPerson } from "../actions/load-people.ts"
import { removePerson } from "../actions/manage-people.ts"
import { findActor, hashOf, issueCredential, renewSignInLink, signIn } from "../actions/sign-in.ts"
import {
    addPasskey,
    countStaffPasskeys,
    listCallerPasskeys,
    registrationOptions,
    removePasskey,
} from "./actions/manage-passkeys.ts"
import { callerOptions, signInOptions, signInWithPasskey } from "./actions/use-passkey.ts"
import { challengeMs } from "./actions/challenges.ts"
import { userHandleOf } from "./actions/verify-browser.ts"
import type { Assertion } from "./passkey.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
const real = { now: Date.parse("2026-01-01T00:00:00Z") }
const atConsole: Behaviour = { origin: "https://console.example", rpId: "console.example" }
const atPortal: Behaviour = { origin: "https://portal.example", rpId: "portal.example" }

type Member = Actor & { person: string }

let database: TestDatabase
let services: Services
let acting: Acting
let partner: string
let olga: Member
let ann: Member

beforeAll(async () => {
    database = await createDatabase()
    services = { ...testServices(database, clock), realNow: () => real.now, signsWithPasskeys: true }
    acting = actingOn(services, clock)
    const details = { name: "P", mail: "p@partner.example", tier: "entry", status: "active" } as const
    partner = await acting(system, (ctx) => addPartner(ctx, details))
})
afterAll(() => database.close())
beforeEach(async () => {
    olga = await createStaffMember(acting, ["approver", "admin"])
    ann = await createPartnerMember(acting, partner, ["analyst"])
})

const sideOf = ({ kind }: Member) => (kind === "partner" ? "portal" : "console")
const behaviourOf = (member: Member) => (kindIsPartner(member) ? atPortal : atConsole)
const kindIsPartner = ({ kind }: Member) => kind === "partner"

/** A session from a link. */
async function openSession(member: Member): Promise<Buffer> {
    const link = await acting(system, (ctx) => issueCredential(ctx, member.person, "link"))
    return hashOf(await acting(system, (ctx) => signIn(ctx, sideOf(member), link)))
}

interface Registering {
    readonly authenticator?: Authenticator
    readonly behaviour?: Partial<Behaviour>
    /** A passkey that the person has, which confirms the new one. */
    readonly by?: Authenticator
}

async function register(
    member: Member,
    session: Buffer | null,
    { authenticator = new Authenticator(), behaviour = {}, by }: Registering = {},
): Promise<Authenticator> {
    const confirmation = by && (await confirmBy(member, by))
    const { challenge } = await acting(member, (ctx) => registrationOptions(ctx, session, confirmation))
    const registration = authenticator.create(challenge, { ...behaviourOf(member), ...behaviour })
    await acting(member, (ctx) => addPasskey(ctx, session, { name: "Laptop", registration }))
    return authenticator
}

async function confirmBy(member: Member, authenticator: Authenticator): Promise<Assertion> {
    const subject = { purpose: "change_passkeys", person: member.person } as const
    const { challenge } = await acting(member, (ctx) => callerOptions(ctx, subject))
    return authenticator.get(challenge, behaviourOf(member))
}

const newPasskey = async (member: Member) => register(member, await openSession(member))

async function signInBy(member: Member, authenticator: Authenticator, behaviour: Partial<Behaviour> = {}) {
    const side = sideOf(member)
    const { challenge } = await acting(system, async (ctx) => signInOptions(ctx, side))
    const assertion = authenticator.get(challenge, { ...behaviourOf(member), ...behaviour })
    return await acting(system, (ctx) => signInWithPasskey(ctx, side, assertion))
}

const actorOf = (side: "console" | "portal", secret: string) =>
    database.db.transaction((tx) => findActor(tx, side, hashOf(secret), real.now))

describe("signing in", () => {
    test("with a passkey opens a session of its person, on its own side", async () => {
        for (const member of [olga, ann]) {
            const secret = await signInBy(member, await newPasskey(member))
            expect(await actorOf(sideOf(member), secret)).toEqual(member)
            expect(await actorOf(member === olga ? "portal" : "console", secret)).toBe(null)
        }
    })

    test("stores the name, the last use, and no secret", async () => {
        const authenticator = await newPasskey(olga)
        expect((await acting(system, countStaffPasskeys)).get(olga.person)).toBe(1)
        const [before] = await acting(olga, listCallerPasskeys)
        expect(before).toMatchObject({ name: "Laptop", lastUsedAt: null, isBackedUp: false })
        real.now += 1000
        await signInBy(olga, authenticator)
        const [after] = await acting(olga, listCallerPasskeys)
        expect(after).toMatchObject({ id: authenticator.id.toString("base64url"), lastUsedAt: real.now })
    })

    test.each<[string, Partial<Behaviour>]>([
        ["another relying party", { rpId: "example" }],
        ["no user verification", { isVerified: false }],
        ["a registration in place of an assertion", { type: "webauthn.create" }],
        ["another person's handle", { userHandle: userHandleOf("another person") }],
    ])("is refused with %s", async (_, behaviour) => {
        const authenticator = await newPasskey(olga)
        expect(await awaitRefusalCode(signInBy(olga, authenticator, behaviour))).toBe("passkey.bad_assertion")
        await signInBy(olga, authenticator, { userHandle: userHandleOf(olga.person) })
    })

    test.each(["https://console.example.evil", "https://console.example:8443", "http://console.example", ""])(
        "is refused at another address: %s",
        async (origin) => {
            const authenticator = await newPasskey(olga)
            expect(await awaitRefusalCode(signInBy(olga, authenticator, { origin }))).toBe("passkey.origin_mismatch")
            const attempt = register(ann, await openSession(ann), { behaviour: { origin } })
            expect(await awaitRefusalCode(attempt)).toBe("passkey.origin_mismatch")
        },
    )

    test("is refused to a copied authenticator: the counter must grow", async () => {
        const authenticator = await newPasskey(olga)
        await signInBy(olga, authenticator, { counter: 7 })
        for (const counter of [7, 6, 0]) {
            expect(await awaitRefusalCode(signInBy(olga, authenticator, { counter }))).toBe("passkey.bad_assertion")
        }
        await signInBy(olga, authenticator, { counter: 8 })
    })

    test("uses a challenge once, for five minutes, of its own side", async () => {
        const authenticator = await newPasskey(olga)
        const { challenge } = await acting(system, async (ctx) => signInOptions(ctx, "console"))
        const assertion = authenticator.get(challenge, atConsole)
        await acting(system, (ctx) => signInWithPasskey(ctx, "console", assertion))
        const again = authenticator.get(challenge, atConsole)
        const portal = await acting(system, async (ctx) => signInOptions(ctx, "portal"))
        const late = await acting(system, async (ctx) => signInOptions(ctx, "console"))
        const refused = [assertion, again, authenticator.get(portal.challenge, atConsole)]
        for (const each of refused) {
            const attempt = acting(system, (ctx) => signInWithPasskey(ctx, "console", each))
            expect(await awaitRefusalCode(attempt)).toBe("passkey.bad_assertion")
        }
        real.now += challengeMs
        const attempt = authenticator.get(late.challenge, atConsole)
        expect(await awaitRefusalCode(acting(system, (ctx) => signInWithPasskey(ctx, "console", attempt)))).toBe(
            "passkey.bad_assertion",
        )
    })

    test("is refused for an unknown passkey, a foreign signature, and a person who left", async () => {
        const authenticator = await newPasskey(olga)
        const refuse = async (assertion: ReturnType<Authenticator["get"]>) =>
            expect(await awaitRefusalCode(acting(system, (ctx) => signInWithPasskey(ctx, "console", assertion)))).toBe(
                "passkey.bad_assertion",
            )
        const ask = async () => (await acting(system, async (ctx) => signInOptions(ctx, "console"))).challenge
        const other = new Authenticator()
        await refuse(other.get(await ask(), atConsole))
        await refuse({ ...other.get(await ask(), atConsole), id: authenticator.id.toString("base64url") })
        await createStaffMember(acting, ["admin", "approver"])
        await acting(system, (ctx) => removePerson(ctx, olga.person))
        await refuse(authenticator.get(await ask(), atConsole))
    })
})

describe("adding a passkey", () => {
    test("takes a session from a link for the first, and a passkey for each next one", async () => {
        const session = await openSession(ann)
        const by = await register(ann, session)
        expect(await awaitRefusalCode(register(ann, session))).toBe("passkey.confirmation_needed")
        await register(ann, session, { by })
        expect(await awaitRefusalCode(register(ann, session))).toBe("passkey.confirmation_needed")
        expect(await acting(ann, listCallerPasskeys)).toHaveLength(2)
    })

    test("is not confirmed by a colleague's passkey, nor twice by one assertion", async () => {
        const [session, colleague] = [await openSession(olga), await createStaffMember(acting, ["admin"])]
        const own = await register(olga, session)
        expect(await awaitRefusalCode(register(olga, session, { by: await newPasskey(colleague) }))).toBe(
            "passkey.bad_assertion",
        )
        const assertion = await confirmBy(olga, own)
        await acting(olga, (ctx) => registrationOptions(ctx, session, assertion))
        const again = acting(olga, (ctx) => registrationOptions(ctx, session, assertion))
        expect(await awaitRefusalCode(again)).toBe("passkey.bad_assertion")
    })

    test("adds one of two first passkeys that come at once", async () => {
        const session = await openSession(ann)
        const challenges = await Promise.all(
            [1, 2].map(async () => (await acting(ann, (ctx) => registrationOptions(ctx, session))).challenge),
        )
        const added = await Promise.allSettled(
            challenges.map((challenge) => {
                const registration = new Authenticator().create(challenge, atPortal)
                return acting(ann, (ctx) => addPasskey(ctx, session, { name: "Key", registration }))
            }),
        )
        expect(added.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
        expect(await acting(ann, listCallerPasskeys)).toHaveLength(1)
    })

    test("is refused to a token, and to no credential", async () => {
        const token = hashOf(await acting(system, (ctx) => issueCredential(ctx, ann.person, "token")))
        for (const credential of [token, null]) {
            expect(await awaitRefusalCode(register(ann, credential))).toBe("identity.session_needed")
        }
    })

    test.each<[string, Partial<Behaviour>]>([
        ["without user verification", { isVerified: false }],
        ["for another relying party", { rpId: "evil.example" }],
        ["from an assertion", { type: "webauthn.get" }],
    ])("is refused %s", async (_, behaviour) => {
        const session = await openSession(ann)
        const attempt = register(ann, session, { behaviour })
        expect(await awaitRefusalCode(attempt)).toBe("passkey.bad_registration")
    })

    test("is refused with another person's challenge, and for a passkey that is in use", async () => {
        const session = await openSession(olga)
        const { challenge } = await acting(ann, async (ctx) => registrationOptions(ctx, await openSession(ann)))
        const registration = new Authenticator().create(challenge, atConsole)
        const attempt = acting(olga, (ctx) => addPasskey(ctx, session, { name: "Key", registration }))
        expect(await awaitRefusalCode(attempt)).toBe("passkey.bad_assertion")
        const authenticator = await register(olga, session)
        const other = await createStaffMember(acting, ["admin"])
        expect(await awaitRefusalCode(register(other, await openSession(other), { authenticator }))).toBe(
            "passkey.known",
        )
    })

    test("and removing it are in the audit log; the last one stays", async () => {
        const session = await openSession(olga)
        const first = await register(olga, session)
        const firstId = first.id.toString("base64url")
        const remove = async (id: string, by: Authenticator) => {
            const assertion = await confirmBy(olga, by)
            await acting(olga, (ctx) => removePasskey(ctx, session, { id, assertion }))
        }
        expect(await awaitRefusalCode(remove(firstId, first))).toBe("passkey.last")
        const second = await register(olga, session, { by: first })
        await remove(firstId, second)
        expect(await awaitRefusalCode(signInBy(olga, first))).toBe("passkey.bad_assertion")
        await signInBy(olga, second)
        const events = (await listEvents(database)).filter(({ kind }) => kind.startsWith("passkey."))
        const own = events
            .filter(({ body }) => body["person"] === olga.person)
            .map(({ kind, body }) => [kind, body["passkey"]])
        expect(own).toEqual([
            ["passkey.added", firstId],
            ["passkey.added", second.id.toString("base64url")],
            ["passkey.removed", firstId],
        ])
    })

    test("removing one ends the other sessions and links of its person, and keeps this session", async () => {
        const [lost, session] = [await openSession(olga), await openSession(olga)]
        const first = await register(olga, session)
        const second = await register(olga, session, { by: first })
        const link = await acting(system, (ctx) => issueCredential(ctx, olga.person, "link"))
        const id = first.id.toString("base64url")
        const assertion = await confirmBy(olga, second)
        await acting(olga, (ctx) => removePasskey(ctx, session, { id, assertion }))
        const isLive = async (hash: Buffer) =>
            (await database.db.transaction((tx) => findActor(tx, "console", hash, real.now))) !== null
        expect([await isLive(lost), await isLive(session)]).toEqual([false, true])
        expect(await awaitRefusalCode(acting(system, (ctx) => signIn(ctx, "console", link)))).toBe("identity.bad_link")
    })
})

test("a token makes no link, and so adds no passkey", async () => {
    const token = hashOf(await acting(system, (ctx) => issueCredential(ctx, ann.person, "token")))
    const attempt = acting(ann, (ctx) => renewSignInLink(ctx, ann.person, token))
    expect(await awaitRefusalCode(attempt)).toBe("identity.own_session_needed")
})

test("a person with a passkey makes no link for itself, by a stolen session for example", async () => {
    const session = await openSession(ann)
    await acting(ann, (ctx) => renewSignInLink(ctx, ann.person, session))
    await register(ann, session)
    const attempt = acting(ann, (ctx) => renewSignInLink(ctx, ann.person, session))
    expect(await awaitRefusalCode(attempt)).toBe("identity.has_passkey")
})

test("an urgent recovery ends the passkeys of that person at once", async () => {
    const admin = await createStaffMember(acting, ["admin"])
    const auditor = await createStaffMember(acting, ["auditor"], admin)
    const stolen = await openSession(auditor)
    const authenticator = await register(auditor, stolen)
    await acting(admin, (ctx) => recoverStaffMember(ctx, { person: auditor.person, isUrgent: true }))
    expect(await awaitRefusalCode(signInBy(auditor, authenticator))).toBe("passkey.bad_assertion")
    expect(await acting(auditor, listCallerPasskeys)).toEqual([])
    expect(await awaitRefusalCode(register(auditor, stolen))).toBe("identity.session_needed")
    const { mail = "" } = (await acting(system, (ctx) => findPerson(ctx, auditor.person))) ?? {}
    const link = mailedLinkSecret({ mails: await sendAccountMails(services) }, mail)
    await register(auditor, hashOf(await acting(system, (ctx) => signIn(ctx, "console", link))))
})

describe("signing an approval", () => {
    const effectsOf = (n: number): Effects => ({
        action: "partner.reinstate",
        recipients: [partner],
        artifacts: [],
        at: null,
        detail: { n },
    })
    let next = 0

    async function requestOne() {
        const requester = await createStaffMember(acting, ["manager"])
        const effects = effectsOf(next++)
        const approval = await acting(requester, (ctx) => requestApproval(ctx, effects))
        return { approval, effectsHash: hashOfEffects(effects) }
    }

    type Signed = Awaited<ReturnType<typeof requestOne>>

    async function challengeOver(approvals: readonly Signed[]): Promise<string> {
        const subject = { purpose: "sign_approvals", person: olga.person, approvals } as const
        return (await acting(olga, (ctx) => callerOptions(ctx, subject))).challenge
    }

    test("needs a passkey, and keeps its assertion for a verification without the server", async () => {
        const authenticator = await newPasskey(olga)
        const approvals = [await requestOne(), await requestOne()] as const
        expect(await awaitRefusalCode(acting(olga, (ctx) => signApprovals(ctx, approvals, undefined)))).toBe(
            "approval.passkey_needed",
        )
        const assertion = authenticator.get(await challengeOver(approvals), atConsole)
        await acting(olga, (ctx) => signApprovals(ctx, approvals, assertion))
        for (const { approval } of approvals) {
            const kept = await acting(olga, (ctx) => loadSignature(ctx, approval))
            if (kept === null) throw new Error("no signature is kept")
            const { challenge, origin } = JSON.parse(Buffer.from(kept.clientDataJSON, "base64url").toString()) as {
                challenge: string
                origin: string
            }
            expect(origin).toBe("https://console.example")
            const subject = { purpose: "sign_approvals", person: olga.person, approvals }
            const named = Buffer.from(challenge, "base64url").subarray(0, 32)
            expect(named.equals(hash("sha256", canonical(subject), "buffer"))).toBe(true)
            expect(isSignedBy(kept.publicKey, kept)).toBe(true)
        }
        const signed = (await listEvents(database)).filter(({ kind }) => kind === "approval.signed")
        expect(signed.at(-1)?.body["signatureHash"]).toMatch(/^[0-9a-f]{64}$/)
    })

    test("hides its assertion from a person who may not read one of the approvals", async () => {
        const authenticator = await newPasskey(olga)
        const confidential = { ...effectsOf(next++), onlyFor: [olga.person] }
        const requester = await createStaffMember(acting, ["manager"])
        const approval = await acting(requester, (ctx) =>
            requestApproval(ctx, { ...confidential, onlyFor: [olga.person, requester.person] }),
        )
        const effectsHash = hashOfEffects({ ...confidential, onlyFor: [olga.person, requester.person] })
        const approvals = [await requestOne(), { approval, effectsHash }] as const
        const assertion = authenticator.get(await challengeOver(approvals), atConsole)
        await acting(olga, (ctx) => signApprovals(ctx, approvals, assertion))
        const other = await createStaffMember(acting, ["auditor"])
        for (const each of approvals) {
            const attempt = acting(other, (ctx) => loadSignature(ctx, each.approval))
            expect(await awaitRefusalCode(attempt)).toBe("approval.not_found")
            expect(await acting(olga, (ctx) => loadSignature(ctx, each.approval))).not.toBe(null)
        }
    })

    test("is refused with an assertion over other effects, other approvals, or used before", async () => {
        const authenticator = await newPasskey(olga)
        const [one, two] = [await requestOne(), await requestOne()]
        const code = (approvals: readonly Signed[], challenge: string) =>
            awaitRefusalCode(
                acting(olga, (ctx) => signApprovals(ctx, approvals, authenticator.get(challenge, atConsole))),
            )
        const wider = { ...one, effectsHash: hashOfEffects(effectsOf(1_000)) }
        expect(await code([one], await challengeOver([wider]))).toBe("passkey.bad_assertion")
        expect(await code([wider], await challengeOver([wider]))).toBe("approval.effects_mismatch")
        expect(await code([two], await challengeOver([one]))).toBe("passkey.bad_assertion")
        expect(await code([one], await challengeOver([one, two]))).toBe("passkey.bad_assertion")
        const { challenge } = await acting(system, async (ctx) => signInOptions(ctx, "console"))
        expect(await code([one], challenge)).toBe("passkey.bad_assertion")
        const used = await challengeOver([one])
        await acting(olga, (ctx) => signApprovals(ctx, [one], authenticator.get(used, atConsole)))
        expect(await code([one], used)).toBe("passkey.bad_assertion")
    })
})

/** Verifies an assertion with Node's own cryptography, from the COSE key of an ES256 passkey. */
function isSignedBy(
    coseKey: string,
    kept: { readonly clientDataJSON: string; readonly authenticatorData: string; readonly signature: string },
): boolean {
    const bytes = Buffer.from(coseKey, "base64url")
    const [x, y] = [bytes.subarray(10, 42), bytes.subarray(45, 77)].map((part) => part.toString("base64url"))
    const key = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" } })
    const clientDataHash = hash("sha256", Buffer.from(kept.clientDataJSON, "base64url"), "buffer")
    const signed = Buffer.concat([Buffer.from(kept.authenticatorData, "base64url"), clientDataHash])
    return verify("sha256", signed, key, Buffer.from(kept.signature, "base64url"))
}

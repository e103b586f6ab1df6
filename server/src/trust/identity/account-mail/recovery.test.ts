/** Tests mailed sign-in links and recoveries on a real database: what ends when, who can cancel, and what is sent. */
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
import { type TestDatabase, createDatabase } from "../../../../../test/support/database.ts"
import { mailedLinkSecret, sendAccountMails } from "../../../../../test/support/sign-in-mail.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Actor } from "../../../kernel/actor.ts"
import type { Services } from "../../../kernel/services.ts"
import type { Message } from "../../../platform/mail/mail.ts"
import { tokenFor } from "../../mail/actions/sign-bounce-token.ts"
import { rejectionsMax } from "../../mail/message.ts"
import { addPartner, changePartnerStatus } from "../../partners/actions/change-partner.ts"
import { sendAccountMailsJob } from "../../partners/roster/actions/send-account-mail.ts"
import { findPerson } from "../actions/load-people.ts"
import { removePerson } from "../actions/manage-people.ts"
import { findActor, hashOf, issueCredential, signIn } from "../actions/sign-in.ts"
import { linksPerDayMax, recoveryDelayMs } from "./account-mail.ts"
import {
    cancelRecovery,
    findCallerRecovery,
    loadStaffLinks,
    recordReturnedStaffMail,
    recoverSignIn,
    sendLink,
} from "./actions/send-sign-in-link.ts"

type Member = Actor & { person: string }

/** Program time stands still while wall-clock time continues. */
const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
const real = { now: Date.parse("2026-01-01T00:00:00Z") }
let database: TestDatabase
let services: Services
let acting: Acting
let partner: string
let olga: Member
let ann: Member

beforeAll(async () => {
    database = await createDatabase()
    services = { ...testServices(database, clock), realNow: () => real.now }
    acting = actingOn(services, clock)
})
afterAll(() => database.close())
beforeEach(async () => {
    // The links of a day are limited.
    real.now += 2 * dayMs
    await sendAccountMails(services)
    const details = { name: "P", mail: "p@partner.example", tier: "entry", status: "active" } as const
    partner = await acting(system, (ctx) => addPartner(ctx, details))
    olga = await createStaffMember(acting, ["manager", "admin"])
    ann = await createPartnerMember(acting, partner, ["analyst"])
})

const sideOf = ({ kind }: Member) => (kind === "partner" ? "portal" : "console")
const open = async (member: Member) =>
    hashOf(await acting(system, (ctx) => issueCredential(ctx, member.person, "session")))
const isLive = async (member: Member, hash: Buffer) =>
    (await database.db.transaction((tx) => findActor(tx, sideOf(member), hash, real.now))) !== null
const recover = (member: Member, isUrgent: boolean) =>
    acting(system, (ctx) => recoverSignIn(ctx, member.person, isUrgent))
const cancel = (member: Member, session: Buffer | null) => acting(member, (ctx) => cancelRecovery(ctx, session))
const mailOf = async ({ person }: Member) => (await acting(system, (ctx) => findPerson(ctx, person)))?.mail ?? ""
const subjectsOf = (mails: readonly Message[]) => mails.map(({ subject }) => subject)
const linkSubject = "Sign in to your early-warning program"
const noticeSubject = "A new sign-in link was requested for you"
const useLink = async (member: Member, mails: readonly Message[]) => {
    const link = mailedLinkSecret({ mails }, await mailOf(member))
    return await awaitRefusalCode(acting(system, (ctx) => signIn(ctx, sideOf(member), link)))
}
const stateOf = async (member: Member) => (await acting(system, loadStaffLinks)).get(member.person)?.state

describe("an urgent recovery", () => {
    test("ends the sign-ins at once, and mails a link of the right side to that person only", async () => {
        for (const member of [olga, ann]) {
            const session = await open(member)
            await recover(member, true)
            expect(await isLive(member, session)).toBe(false)
            const mails = await sendAccountMails(services)
            expect(mails).toMatchObject([{ to: await mailOf(member), subject: linkSubject }])
            expect(mails[0]?.text).toContain(`https://${sideOf(member)}.example/sign-in#`)
            expect(await useLink(member, mails)).toBe("done")
        }
    })

    test("stores the link's secret nowhere, and records it nowhere", async () => {
        await recover(olga, true)
        const secret = mailedLinkSecret({ mails: await sendAccountMails(services) }, await mailOf(olga))
        const kept = await database.db.transaction((tx) =>
            tx.query(
                `select m::text as row from account_mails m union all select c::text from credentials c
                 union all select body::text from events`,
            ),
        )
        expect(JSON.stringify(kept)).not.toContain(secret)
        expect(JSON.stringify(kept)).toContain(hashOf(secret).toString("hex"))
    })
})

describe("a recovery that is not urgent", () => {
    test("notifies the person now; the sign-ins end when the link is mailed, a day later", async () => {
        for (const member of [olga, ann]) {
            const session = await open(member)
            await recover(member, false)
            const linkAt = real.now + recoveryDelayMs
            expect(subjectsOf(await sendAccountMails(services))).toEqual([noticeSubject])
            expect(await acting(member, findCallerRecovery)).toBe(linkAt)
            real.now = linkAt - 1
            expect(await sendAccountMails(services)).toEqual([])
            // Sessions are shorter than the delay.
            const newer = await open(member)
            expect(await isLive(member, newer)).toBe(true)
            real.now = linkAt
            const mails = await sendAccountMails(services)
            expect(mails).toMatchObject([{ to: await mailOf(member), subject: linkSubject }])
            expect([await isLive(member, session), await isLive(member, newer)]).toEqual([false, false])
            expect(await useLink(member, mails)).toBe("done")
            expect(await acting(member, findCallerRecovery)).toBe(null)
            expect(await awaitRefusalCode(cancel(member, await open(member)))).toBe("identity.no_recovery")
        }
    })

    test("is cancelled by the person in a session, not by a token; its link is never sent", async () => {
        await recover(olga, false)
        await sendAccountMails(services)
        const token = hashOf(await acting(system, (ctx) => issueCredential(ctx, olga.person, "token")))
        expect(await awaitRefusalCode(cancel(olga, token))).toBe("identity.session_needed")
        expect(await awaitRefusalCode(cancel(olga, null))).toBe("identity.session_needed")
        expect(await awaitRefusalCode(cancel(ann, await open(ann)))).toBe("identity.no_recovery")
        const session = await open(olga)
        await cancel(olga, session)
        expect((await listEvents(database)).at(-1)).toMatchObject({
            kind: "recovery.cancelled",
            body: { person: olga.person, by: olga.person },
        })
        expect(await awaitRefusalCode(cancel(olga, session))).toBe("identity.no_recovery")
        real.now += 2 * recoveryDelayMs
        expect(await sendAccountMails(services)).toEqual([])
        expect(await isLive(olga, token)).toBe(true)
    })

    test("replaces the earlier one, and an urgent one replaces both", async () => {
        await recover(olga, false)
        const first = real.now + recoveryDelayMs
        real.now += hourMs
        await recover(olga, false)
        expect(await acting(olga, findCallerRecovery)).toBe(first + hourMs)
        expect(subjectsOf(await sendAccountMails(services))).toEqual([noticeSubject, noticeSubject])
        real.now = first
        expect(await sendAccountMails(services)).toEqual([])
        await recover(olga, true)
        expect(await acting(olga, findCallerRecovery)).toBe(null)
        const mails = await sendAccountMails(services)
        expect(subjectsOf(mails)).toEqual([linkSubject])
        real.now += 2 * hourMs
        expect(await sendAccountMails(services)).toEqual([])
        expect(await useLink(olga, mails)).toBe("done")
    })

    test("sends no link to a person who left", async () => {
        await recover(olga, false)
        await recover(ann, false)
        for (const { person } of [olga, ann]) await acting(system, (ctx) => removePerson(ctx, person))
        expect(await sendAccountMails(services)).toEqual([])
        real.now += recoveryDelayMs
        expect(await sendAccountMails(services)).toEqual([])
    })

    test("still mails the link of a partner's person after a suspension: letters stay open", async () => {
        await recover(ann, false)
        await acting(system, (ctx) => changePartnerStatus(ctx, partner, "suspended"))
        await sendAccountMails(services)
        const session = await open(ann)
        real.now += recoveryDelayMs
        const mails = await sendAccountMails(services)
        expect(await isLive(ann, session)).toBe(false)
        expect(await useLink(ann, mails)).toBe("done")
    })

    test("ends the sign-ins once, also if its mail is tried several times", async () => {
        await recover(olga, false)
        await sendAccountMails(services)
        real.now += recoveryDelayMs
        const failing = { send: () => Promise.reject(new Error("the server is down")) }
        await sendAccountMailsJob.sendNext({ ...services, mail: failing })
        const session = await open(olga)
        real.now += hourMs / 2
        expect(subjectsOf(await sendAccountMails(services))).toEqual([linkSubject])
        expect(await isLive(olga, session)).toBe(true)
    })
})

describe("a link that does not arrive", () => {
    test("is shown to staff as due, sent, and failed when the server rejects the address", async () => {
        await recover(olga, true)
        expect(await stateOf(olga)).toBe("due")
        const rejecting = {
            send: () =>
                Promise.reject(
                    Object.assign(new Error("no such user"), {
                        code: "EENVELOPE",
                        command: "RCPT TO",
                        responseCode: 550,
                    }),
                ),
        }
        for (let attempts = 0; attempts < rejectionsMax; attempts++) {
            await sendAccountMailsJob.sendNext({ ...services, mail: rejecting })
            real.now += hourMs
        }
        expect(await stateOf(olga)).toBe("failed")
        await recover(olga, true)
        await sendAccountMails(services)
        expect(await stateOf(olga)).toBe("sent")
    })

    test("is shown to staff as failed when it comes back later", async () => {
        await recover(olga, true)
        const [mail] = await sendAccountMails(services)
        const since = real.now - dayMs
        const report = (id: string, outcome: "failed" | "delayed") =>
            acting(system, (ctx) => recordReturnedStaffMail(ctx, { mail: id, outcome, since }))
        expect(mail?.token).toBe(tokenFor(services.keys, mail?.id ?? ""))
        expect(await report(mail?.id ?? "", "delayed")).toBe(true)
        expect(await stateOf(olga)).toBe("sent")
        for (let n = 0; n < 2; n++) expect(await report(mail?.id ?? "", "failed")).toBe(true)
        expect(await stateOf(olga)).toBe("failed")
        const reports = (await listEvents(database)).filter(({ body }) => body["mail"] === mail?.id)
        expect(reports).toMatchObject([{ kind: "mailbox.delivery_failed", body: { person: olga.person } }])
        await recover(ann, true)
        const [other] = await sendAccountMails(services)
        expect(await report(other?.id ?? "", "failed")).toBe(false)
    })
})

test("links are limited a day, for the staff and for each partner, whose people leave as many to staff", async () => {
    const send = ({ person }: Member, by: Actor = system) =>
        awaitRefusalCode(acting(by, (ctx) => sendLink(ctx, person)))
    for (let n = 0; n < linksPerDayMax; n++) expect(await send(ann, ann)).toBe("done")
    expect(await send(ann, ann)).toBe("mailbox.too_many_links")
    for (let n = 0; n < linksPerDayMax; n++) expect(await send(ann)).toBe("done")
    expect(await send(ann)).toBe("mailbox.too_many_links")
    expect(await awaitRefusalCode(recover(ann, false))).toBe("mailbox.too_many_links")
    for (let n = 0; n < linksPerDayMax; n++) expect(await send(olga)).toBe("done")
    expect(await awaitRefusalCode(recover(olga, true))).toBe("mailbox.too_many_links")
    real.now += dayMs
    expect(await send(ann)).toBe("done")
})

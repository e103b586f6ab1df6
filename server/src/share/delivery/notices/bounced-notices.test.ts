/** Tests bounced mail on a real database: recorded once for its token, without further effects. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Acting, actingOn, awaitRefusalCode, listEvents, system } from "../../../../../test/support/actors.ts"
import { newId } from "../../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    newCase,
    newPartner,
    createProgram,
} from "../../../../../test/support/program.ts"
import { dayMs } from "@tocsin/base/instant"
import { keysFrom } from "../../../platform/crypto/keys.ts"
import type { Message } from "../../../platform/mail/mail.ts"
import { tokenFor } from "../../../trust/mail/actions/sign-bounce-token.ts"
import { rejectionsMax } from "../../../trust/mail/message.ts"
import { type BounceOutcome, bounceDays, tokenPattern } from "../../../trust/mail/bounce.ts"
import { listRequirements } from "../../../trust/partners/requirements/actions/list-requirements.ts"
import {
    sendCode,
    listBouncingAddresses,
    listFailingPartners,
    recordMailboxProof,
    sendMailsJob,
    listReportedBounces,
} from "../../../trust/partners/roster/actions/verify-mailbox.ts"
import { queueLink } from "../../../trust/identity/account-mail/actions/send-sign-in-link.ts"
import { queuePartnerMail } from "../../../trust/partners/roster/actions/queue-partner-mail.ts"
import { sendAccountMailsJob } from "../../../trust/partners/roster/actions/send-account-mail.ts"
import {
    countUnsentNotices,
    createNotices,
    loadNoticeUse,
    notifyLeads,
    sendNoticesJob,
} from "./actions/create-notices.ts"
import { recordReturnedMail, countUnreachedPeople } from "./actions/record-bounce.ts"

const ignore = () => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }

let world: Program
let acting: Acting
let services: Program["services"]
let partner: TestPartner
let caseId: string
let sent: Message[]
/** Runs after the server accepts a mail and before the mail is recorded as sent. */
let whileSending: (message: Message) => Promise<unknown>

beforeAll(async () => {
    world = await createProgram()
    services = {
        ...world.services,
        log,
        mail: { send: async (message) => void (sent.push(message), await whileSending(message)) },
    }
    acting = actingOn(services, world.clock)
    caseId = await newCase(world, "toolshell")
})
afterAll(() => world.database.close())
beforeEach(async () => {
    sent = []
    whileSending = async () => undefined
    partner = await newPartner(world, "validate")
})

async function notified(): Promise<Message[]> {
    sent = []
    await acting(system, (ctx) => createNotices(ctx, { case: caseId }, [partner.id]))
    while (await sendNoticesJob.sendNext(services));
    return sent
}
const report = (token: string | undefined, fate: BounceOutcome = "failed") =>
    acting(system, (ctx) => recordReturnedMail(ctx, String(token), fate))
const returned = () => acting(system, (ctx) => listReportedBounces(ctx, partner.id))
const events = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "mailbox.delivery_failed")
const idOf = ({ id }: Message) => id

describe("a notice", () => {
    test("G-11 that bounced is shown once next to the address, and later notices are still sent", async () => {
        const duesBefore = await acting(system, (ctx) => listRequirements(ctx, partner.id))
        for (let n = 1; n <= 5; n++) {
            const messages = await notified()
            expect(messages).toHaveLength(2)
            for (const { token } of messages) {
                await report(token)
                await report(token)
            }
            const rows = await returned()
            expect(rows.map(({ person, outcome: fate, times }) => ({ person, outcome: fate, times }))).toEqual(
                expect.arrayContaining(
                    [partner.lead, partner.analyst].map(({ person }) => ({ person, outcome: "failed", times: n })),
                ),
            )
        }
        expect(await acting(system, (ctx) => listBouncingAddresses(ctx, partner.id))).toEqual([])
        expect(await acting(system, (ctx) => listRequirements(ctx, partner.id))).toEqual(duesBefore)
    })

    test("is recorded by id, partner, person and outcome only; a delay that becomes a failure is both", async () => {
        const [message] = await notified()
        const before = (await events()).length
        await report(message?.token, "delayed")
        await report(message?.token, "failed")
        await report(message?.token, "delayed")
        const mail = message && idOf(message)
        expect((await events()).slice(before).map(({ body }) => body)).toEqual(
            (["delayed", "failed"] as const).map((fate) =>
                expect.objectContaining({ mail, outcome: fate, partner: partner.id }),
            ),
        )
        expect((await returned()).map(({ outcome: fate, times }) => [fate, times])).toEqual([
            ["delayed", 1],
            ["failed", 1],
        ])
    })

    test("that bounces before it is recorded as sent is recorded as bounced, and stays so", async () => {
        whileSending = ({ token }) => report(token)
        await notified()
        expect((await returned()).map(({ times }) => times)).toEqual([1, 1])
        await report(sent[0]?.token)
        expect((await returned()).map(({ times }) => times)).toEqual([1, 1])
    })

    test("A-13 about a confidential matter is recorded once, as confidential, and shown to members only", async () => {
        const matter = newId()
        const useOfMail = () =>
            acting(system, async (ctx) => [await loadNoticeUse(ctx, 0), await countUnsentNotices(ctx)])
        const before = await useOfMail()
        await acting(system, (ctx) => notifyLeads(ctx, partner.id, matter))
        expect(await useOfMail()).toEqual(before)
        while (await sendNoticesJob.sendNext(services));
        expect(await useOfMail()).toEqual(before)
        expect(await acting(system, (ctx) => countUnreachedPeople(ctx, matter))).toBe(0)
        for (const fate of ["delayed", "delayed", "failed", "delayed", "failed"] as const) {
            await report(sent[0]?.token, fate)
        }
        const last = await world.database.db.transaction((tx) =>
            tx.query("select kind, confidential, body->>'outcome' as outcome from events order by seq desc limit 3"),
        )
        expect(last.slice(0, 2)).toEqual(
            ["failed", "delayed"].map((fate) => ({
                kind: "mailbox.delivery_failed",
                confidential: true,
                outcome: fate,
            })),
        )
        expect(last[2]).not.toMatchObject({ kind: "mailbox.delivery_failed" })
        expect(await acting(system, (ctx) => countUnreachedPeople(ctx, matter))).toBe(1)
        expect(await acting(system, (ctx) => countUnreachedPeople(ctx, newId()))).toBe(0)
        expect(await returned()).toEqual([])
        const failing = await acting(system, listFailingPartners)
        expect(failing.filter((failing) => failing.partner === partner.id)).toEqual([])
    })

    test("no longer shows a bounce once the mailbox is verified", async () => {
        const [message] = await notified()
        await report(message?.token)
        world.clock.now += 1000
        await acting(system, (ctx) => recordMailboxProof(ctx, partner.id))
        expect(await returned()).toEqual([])
    })
})

test("a bounced code is shown next to the partner's own address, however early it bounced", async () => {
    await acting(partner.lead, sendCode)
    while (await sendMailsJob.sendNext(services));
    await report(sent.at(-1)?.token)
    whileSending = ({ token }) => report(token, "delayed")
    await acting(partner.lead, sendCode)
    while (await sendMailsJob.sendNext(services));
    expect(await returned()).toMatchObject([
        { person: null, outcome: "delayed", times: 1 },
        { person: null, outcome: "failed", times: 1 },
    ])
})

test("shows a bounced or refused answer to an application next to the applicant's address", async () => {
    const answer = () =>
        acting(system, (ctx) =>
            queuePartnerMail(ctx, partner.id, "answered", { to: "psirt@applicant.example", code: null }),
        )
    await answer()
    while (await sendMailsJob.sendNext(services));
    await report(sent.at(-1)?.token)
    expect(await returned()).toMatchObject([{ person: null, outcome: "failed", times: 1 }])
    whileSending = () => {
        throw Object.assign(new Error("no such user"), { code: "EENVELOPE", command: "RCPT TO", responseCode: 550 })
    }
    await answer()
    for (let attempts = 0; attempts < rejectionsMax; attempts++) {
        while (await sendMailsJob.sendNext(services));
        world.clock.now += 3_600_000
    }
    expect(await returned()).toMatchObject([{ person: null, outcome: "failed", times: 2 }])
    expect(await acting(system, (ctx) => listBouncingAddresses(ctx, partner.id))).toEqual([])
})

test("a bounced sign-in link is shown next to its person's address", async () => {
    const { person } = partner.analyst
    await acting(system, (ctx) => queueLink(ctx, person))
    while (await sendAccountMailsJob.sendNext(services));
    await report(sent.at(-1)?.token)
    expect(await returned()).toMatchObject([{ person, outcome: "failed", times: 1 }])
})

describe("no bounce is recorded", () => {
    test.each([
        ["for an id only", (id: string) => `${id.replaceAll("-", "")}${"0".repeat(16)}`],
        ["for a token of another key", (id: string) => tokenFor(keysFrom(Buffer.alloc(32, 9)), id)],
        ["for a part of a token", (id: string) => tokenFor(world.services.keys, id).slice(0, 47)],
        [
            "for the token of another mail",
            (id: string) => id.replaceAll("-", "") + tokenFor(world.services.keys, caseId).slice(32),
        ],
        ["for a mail that was never sent", () => tokenFor(world.services.keys, caseId)],
    ])("%s", async (_, forged) => {
        const [message] = await notified()
        const token = forged(message ? idOf(message) : "")
        expect(await awaitRefusalCode(report(token))).toBe("delivery.mail_not_found")
        expect(await returned()).toEqual([])
    })

    test("for an old notice", async () => {
        const [message] = await notified()
        world.clock.now += bounceDays * dayMs
        expect(await awaitRefusalCode(report(message?.token))).toBe("delivery.mail_not_found")
    })
})

test("a token identifies one mail, fits into an address, and contains nothing of the partner", async () => {
    const tokens = [...(await notified()), ...(await notified())].map(({ token }) => String(token))
    expect(new Set(tokens).size).toBe(4)
    const known = [partner.id, partner.lead.person, partner.analyst.person, caseId].map((id) => id.replaceAll("-", ""))
    for (const token of tokens) {
        expect(token).toMatch(new RegExp(tokenPattern))
        expect(known.filter((id) => token.includes(id.slice(0, 8)))).toEqual([])
    }
})

/**
 * A person gets a mail when a passkey is added, and when an account of single sign-on is connected or disconnected:
 * plain for staff, encrypted for a partner's person with a key.
 */
import { decrypt, generateKey, readMessage } from "openpgp"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { record } from "../server/src/kernel/action-context.ts"
import type { Actor } from "../server/src/kernel/actor.ts"
import { handleNextEvent } from "../server/src/kernel/worker.ts"
import type { Message } from "../server/src/platform/mail/mail.ts"
import { sendLink } from "../server/src/trust/identity/account-mail/actions/send-sign-in-link.ts"
import { hashOf, issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { changeRecognitionWords } from "../server/src/trust/partners/roster/actions/set-recognition-words.ts"
import { sendCode, sendMailsJob } from "../server/src/trust/partners/roster/actions/verify-mailbox.ts"
import { findPerson } from "../server/src/trust/identity/actions/load-people.ts"
import { removePerson } from "../server/src/trust/identity/actions/manage-people.ts"
import { addMailKey } from "../server/src/trust/partners/keys/actions/manage-mail-keys.ts"
import { awaitRefusalCode, system } from "./support/actors.ts"
import { sendAccountMails } from "./support/sign-in-mail.ts"
import { type Program, createProgram, newPartner } from "./support/program.ts"

type Member = Actor & { person: string }

let world: Program
beforeAll(async () => {
    world = await createProgram()
})
afterAll(() => world.database.close())

const noticeKinds = ["passkey.added", "identity.connected", "identity.disconnected"] as const
const onlyNotices = Object.fromEntries(noticeKinds.map((kind) => [kind, eventHandlers[kind] ?? []]))

/** Records an event, and returns the mails that follow. */
async function mailsAfter(event: Parameters<typeof record>[1], by: Parameters<typeof world.acting>[0] = system) {
    await world.acting(by, (ctx) => record(ctx, event))
    while (await handleNextEvent(world.services, onlyNotices)) continue
    return await sendAccountMails(world.services)
}
const mailsAfterPasskey = (person: string) =>
    mailsAfter({ kind: "passkey.added", person, passkey: "AA", publicKey: "AA" })
const mailOf = async (person: string) => (await world.acting(system, (ctx) => findPerson(ctx, person)))?.mail ?? ""

test("a staff member and a partner's person without a key get it in plain text, once", async () => {
    const { lead } = await newPartner(world, "validate")
    for (const [person, part] of [
        [world.manager.person, "the console"],
        [lead.person, "the partner portal"],
    ] as const) {
        const mails = await mailsAfterPasskey(person)
        expect(mails).toMatchObject([{ to: await mailOf(person), subject: "A passkey was added to your account" }])
        expect(mails[0]?.text).toContain(`A passkey was added to your account in ${part}`)
        expect(await sendAccountMails(world.services)).toEqual([])
    }
})

test("a partner's person gets it encrypted where the partner has a key; staff never do", async () => {
    const { lead, analyst } = await newPartner(world, "validate")
    const { publicKey, privateKey } = await generateKey({
        userIDs: [{ name: "PSIRT", email: "psirt@partner.example" }],
        date: new Date(world.clock.now - dayMs),
        format: "object",
    })
    await world.acting(lead, (ctx) => addMailKey(ctx, publicKey.armor()))
    const [mail] = await mailsAfterPasskey(analyst.person)
    expect(mail?.to).toBe(await mailOf(analyst.person))
    const message = await readMessage({ armoredMessage: mail?.encryptedText ?? "" })
    const { data } = await decrypt({ message, decryptionKeys: privateKey })
    expect(data).toContain("A passkey was added to your account in the partner portal")
    const [toStaff] = await mailsAfterPasskey(world.manager.person)
    expect(toStaff).toMatchObject({ text: expect.stringContaining("A passkey was added") })
    expect(toStaff?.encryptedText).toBeUndefined()
})

test.each([
    ["identity.connected", "Single sign-on was connected to your account"],
    ["identity.disconnected", "Single sign-on was disconnected from your account"],
] as const)("after %s, its person gets one mail", async (kind, subject) => {
    const { lead } = await newPartner(world, "validate")
    for (const actor of [world.manager, lead]) {
        const { person } = actor
        expect(await mailsAfter({ kind, person, provider: "staff" }, actor)).toMatchObject([
            { to: await mailOf(person), subject },
        ])
        expect(await sendAccountMails(world.services)).toEqual([])
    }
})

test("an account that ends with a new link or an admission sends no mail of its own", async () => {
    const { lead } = await newPartner(world, "validate")
    const event = { kind: "identity.disconnected", person: lead.person, provider: "staff" } as const
    expect(await mailsAfter(event, world.manager)).toEqual([])
    expect(await mailsAfter(event)).toEqual([])
})

test("a person who left gets none", async () => {
    const { analyst } = await newPartner(world, "validate")
    await world.acting(system, (ctx) => removePerson(ctx, analyst.person))
    expect(await mailsAfterPasskey(analyst.person)).toEqual([])
})

describe("recognition words", () => {
    const change = async (lead: Member, words: string | null) => {
        world.clock.now += 1000
        const session = hashOf(await world.acting(system, (ctx) => issueCredential(ctx, lead.person, "session")))
        await world.acting(lead, (ctx) => changeRecognitionWords(ctx, session, words))
        return await sendAccountMails(world.services)
    }

    test("are in mail to a partner's people, and never in mail to staff", async () => {
        const { lead } = await newPartner(world, "validate")
        const [before] = await mailsAfterPasskey(lead.person)
        expect(before?.text).toContain("Your organisation has no recognition words")
        await change(lead, "blue heron at noon")
        const [mail] = await mailsAfterPasskey(lead.person)
        expect(mail?.text).toContain("\n    blue heron at noon\n")
        await world.acting(system, (ctx) => sendLink(ctx, lead.person))
        expect((await sendAccountMails(world.services))[0]?.text).toContain("\n    blue heron at noon\n")
        const [toStaff] = await mailsAfterPasskey(world.manager.person)
        expect(toStaff?.text).not.toMatch(/recognition|heron/)
    })

    test("are not in the mail with a code, which goes to an address that may be unverified", async () => {
        const { lead } = await newPartner(world, "validate")
        await change(lead, "blue heron at noon")
        await world.acting(lead, sendCode)
        const sent: Message[] = []
        const mail = { send: async (message: Message) => void sent.push(message) }
        await sendMailsJob.sendNext({ ...world.services, mail })
        expect(sent).toMatchObject([{ text: expect.not.stringMatching(/heron|recognition/) }])
    })

    test("change with a notice to each of the partner's people that has the earlier words", async () => {
        const { lead, analyst } = await newPartner(world, "validate")
        const first = await change(lead, "blue heron at noon")
        expect(first.map(({ to }) => to).toSorted()).toEqual(
            [await mailOf(lead.person), await mailOf(analyst.person)].toSorted(),
        )
        for (const { text } of first) {
            expect(text).toContain("This mail has the earlier ones, if there were any.")
            expect(text).not.toMatch(/heron|has no recognition words/)
        }
        const second = await change(lead, "old tin lantern")
        expect(second).toHaveLength(2)
        for (const { subject, text } of second) {
            expect(subject).toBe("The recognition words of your organisation were changed")
            expect(text).toContain("\n    blue heron at noon\n")
            expect(text).not.toContain("lantern")
        }
        expect(await change(lead, "old tin lantern")).toEqual([])
        expect((await change(lead, null))[0]?.text).toContain("\n    old tin lantern\n")
    })

    test("are changed in a session only", async () => {
        const { lead } = await newPartner(world, "validate")
        const token = hashOf(await world.acting(system, (ctx) => issueCredential(ctx, lead.person, "token")))
        const byToken = world.acting(lead, (ctx) => changeRecognitionWords(ctx, token, "red kite"))
        expect(await awaitRefusalCode(byToken)).toBe("identity.session_needed")
    })
})

/**
 * A person gets a mail when a passkey is added, and when an account of single sign-on is connected or disconnected:
 * plain for staff, encrypted for a partner's person with a key.
 */
import { decrypt, generateKey, readMessage } from "openpgp"
import { afterAll, beforeAll, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { record } from "../server/src/kernel/action-context.ts"
import { handleNextEvent } from "../server/src/kernel/worker.ts"
import { findPerson } from "../server/src/trust/identity/actions/load-people.ts"
import { removePerson } from "../server/src/trust/identity/actions/manage-people.ts"
import { addMailKey } from "../server/src/trust/partners/keys/actions/manage-mail-keys.ts"
import { system } from "./support/actors.ts"
import { sendAccountMails } from "./support/sign-in-mail.ts"
import { type Program, createProgram, newPartner } from "./support/program.ts"

let world: Program
beforeAll(async () => {
    world = await createProgram()
})
afterAll(() => world.database.close())

const noticeKinds = ["passkey.added", "identity.connected", "identity.disconnected"] as const
const onlyNotices = Object.fromEntries(noticeKinds.map((kind) => [kind, eventHandlers[kind] ?? []]))

/** Records an event, and returns the mails that follow. */
async function mailsAfter(event: Parameters<typeof record>[1]) {
    await world.acting(system, (ctx) => record(ctx, event))
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
    for (const { person } of [world.manager, lead]) {
        expect(await mailsAfter({ kind, person, provider: "staff" })).toMatchObject([
            { to: await mailOf(person), subject },
        ])
        expect(await sendAccountMails(world.services)).toEqual([])
    }
})

test("a person who left gets none", async () => {
    const { analyst } = await newPartner(world, "validate")
    await world.acting(system, (ctx) => removePerson(ctx, analyst.person))
    expect(await mailsAfterPasskey(analyst.person)).toEqual([])
})

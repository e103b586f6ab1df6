/** Mail to partners, from the database row to a real server and the reader. */
import { simpleParser } from "mailparser"
import { type PrivateKey, decrypt, generateKey, readKey, readMessage } from "openpgp"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Services } from "../server/src/kernel/services.ts"
import {
    sendNoticesJob,
    createNotices,
    notifyLeads,
    noticeSubject,
    noticeText,
} from "../server/src/share/delivery/notices/actions/create-notices.ts"
import { listWaves } from "../server/src/share/waves/actions.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import { findPerson } from "../server/src/trust/identity/actions/load-people.ts"
import { findMailKey } from "../server/src/trust/mail/actions/sign-mail.ts"
import { bouncesMax, rejectionsMax } from "../server/src/trust/mail/message.ts"
import { changePartnerStatus } from "../server/src/trust/partners/actions/change-partner.ts"
import { addMailKey, listMailKeys, revokeMailKey } from "../server/src/trust/partners/keys/actions/manage-mail-keys.ts"
import {
    listBouncingAddresses,
    recordBounce,
    recordMailboxProof,
} from "../server/src/trust/partners/roster/actions/verify-mailbox.ts"
import { addMember } from "../server/src/trust/partners/roster/actions/manage-roster.ts"
import { keysMax } from "../server/src/trust/partners/keys/key.ts"
import { type Acting, actingOn, awaitRefusalCode, listEvents, system } from "./support/actors.ts"
import { newId } from "./support/database.ts"
import { type PostOffice, openPostOffice } from "./support/doubles/post-office.ts"
import { type Program, type TestPartner, newCase, newPartner, createProgram } from "./support/program.ts"

const secondMs = 1000

let world: Program
let services: Services
let acting: Acting
let office: PostOffice
let partner: TestPartner
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

beforeAll(async () => {
    world = await createProgram()
    office = await openPostOffice()
    services = doorsOf()
    acting = actingOn(services, world.clock)
})
afterAll(async () => {
    await office.close()
    await world.database.close()
})
beforeEach(async () => {
    await world.database.db.transaction((tx) => tx.query("truncate notices"))
    partner = await newPartner(world, "validate")
    office.answer = async () => 250
    office.delivered.length = 0
    office.requestedRecipients.length = 0
})

/** The services of another worker of the same program. */
function doorsOf(): Services {
    const nothing = () => undefined
    const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
    return { ...world.services, realNow: () => real.now, mail: office.mail, log }
}

const notify = (partners: readonly TestPartner[]) =>
    acting(system, (ctx) =>
        createNotices(
            ctx,
            null,
            partners.map(({ id }) => id),
        ),
    )
async function mailAll(): Promise<void> {
    while (await sendNoticesJob.sendNext(services));
}
async function work(on: Services): Promise<void> {
    while (await sendNoticesJob.run(on));
}
const rows = () =>
    world.database.db.transaction((tx) =>
        tx.query<{ partner: string; state: string; attempts: number }>(
            "select partner_id as partner, state, attempts from notices",
        ),
    )
const statesOf = async ({ id }: TestPartner) =>
    (await rows())
        .filter((row) => row.partner === id)
        .map(({ state }) => state)
        .toSorted()
const addressOf = async ({ person }: { readonly person: string }) =>
    (await world.acting(system, (ctx) => findPerson(ctx, person)))?.mail ?? ""
const eventsOf = async (kind: RegExp, subject = partner) =>
    (await listEvents(world.database)).filter((item) => kind.test(item.kind) && item.body["partner"] === subject.id)

describe("the mail server of one partner", () => {
    const hosts = Array.from({ length: 6 }, (_, n) => `person${n}@slow.example`)
    const staff = async (partner: TestPartner) => {
        for (const mail of hosts) {
            const member = { name: mail, mail, roles: ["analyst"] } as const
            await acting(partner.lead, (ctx) => addMember(ctx, member))
        }
    }
    const toSlow = (to: string) => to.endsWith("@slow.example")

    test("G-11 hangs: others get their mail meanwhile, and the partner when the server answers", async () => {
        const others = [await newPartner(world, "entry"), await newPartner(world, "advance")]
        await staff(partner)
        const waking = Promise.withResolvers<number>()
        office.answer = async (to) => (toSlow(to) ? await waking.promise : 250)
        await notify([partner])
        await notify(others)
        const later = async () => {
            real.now += secondMs
            await work(services)
            return office.delivered.length
        }
        await expect.poll(later).toBe(6)
        expect(office.requestedRecipients.filter(toSlow)).toHaveLength(4)
        for (const other of others) await expect.poll(() => statesOf(other)).toEqual(["sent", "sent"])
        waking.resolve(250)
        await sendNoticesJob.finish?.(services)
        real.now += secondMs
        await work(services)
        await sendNoticesJob.finish?.(services)
        expect(new Set(office.delivered.map(({ to }) => to)).size).toBe(12)
        expect(office.delivered).toHaveLength(12)
        expect(new Set((await rows()).map(({ state, attempts }) => `${state} ${attempts}`))).toEqual(
            new Set(["sent 1"]),
        )
    })

    test("G-11 is down for a day: no mail is lost, and others are not delayed", async () => {
        const other = await newPartner(world, "entry")
        const away = new Set([await addressOf(partner.lead), await addressOf(partner.analyst)])
        office.answer = async (to) => (away.has(to) ? 451 : 250)
        await notify([partner, other])
        await mailAll()
        expect(await statesOf(other)).toEqual(["sent", "sent"])
        for (let n = 0; n < 12; n++) {
            real.now += 2 * hourMs
            await mailAll()
        }
        expect(await statesOf(partner)).toEqual(["due", "due"])
        away.clear()
        real.now += 2 * hourMs
        await mailAll()
        expect(await statesOf(partner)).toEqual(["sent", "sent"])
        expect(await eventsOf(/^mailbox/)).toEqual([])
    })

    test("that refuses an address permanently is asked three times, staff see it, and mails stop", async () => {
        const gone = await addressOf(partner.analyst)
        office.answer = async (to) => (to === gone ? 550 : 250)
        for (let n = 0; n < bouncesMax; n++) {
            await notify([partner])
            for (let attempts = 0; attempts < rejectionsMax; attempts++) {
                await mailAll()
                real.now += hourMs
            }
            for (const { body } of (await eventsOf(/^notice.failed/)).slice(n)) {
                expect(body).toMatchObject({ person: partner.analyst.person, rejected: true })
                await acting(system, (ctx) => recordBounce(ctx, partner.id, String(body["person"])))
            }
            world.clock.now += dayMs
        }
        expect(office.requestedRecipients.filter((to) => to === gone)).toHaveLength(bouncesMax * rejectionsMax)
        const bouncing = () => acting(system, (ctx) => listBouncingAddresses(ctx, partner.id))
        const known = { person: partner.analyst.person, times: bouncesMax, isGivenUp: true }
        expect(await bouncing()).toMatchObject([known])
        await notify([partner])
        await mailAll()
        expect(office.requestedRecipients.filter((to) => to === gone)).toHaveLength(bouncesMax * rejectionsMax)
        expect((await statesOf(partner)).filter((state) => state === "bounced")).toHaveLength(bouncesMax + 1)
        expect((await eventsOf(/^notice.failed/)).at(-1)?.body).toMatchObject({ rejected: false })
        await acting(system, (ctx) => recordMailboxProof(ctx, partner.id))
        world.clock.now += 1
        expect(await bouncing()).toEqual([])
        office.answer = async () => 250
        await notify([partner])
        await mailAll()
        expect(office.delivered.at(-1)?.to).toBeTypeOf("string")
        expect(office.delivered.filter(({ to }) => to === gone)).toHaveLength(1)
    })
})

describe("between two", () => {
    test("workers each notice is sent once", async () => {
        const partners = [partner]
        for (let n = 0; n < 4; n++) partners.push(await newPartner(world, "entry"))
        await notify(partners)
        const two = [services, doorsOf()]
        await Promise.all(two.map(work))
        for (const doors of two) await sendNoticesJob.finish?.(doors)
        real.now += secondMs
        await Promise.all(two.map(work))
        for (const doors of two) await sendNoticesJob.finish?.(doors)
        expect(office.delivered).toHaveLength(10)
        expect(new Set(office.delivered.map(({ to }) => to)).size).toBe(10)
    })

    test("tries a dead worker's mail is sent again, with the same id", async () => {
        await notify([partner])
        await mailAll()
        await world.database.db.transaction((tx) =>
            tx.query("update notices set state = 'due', attempts = 0, next_at = $1", [
                new Date(real.now + 60 * secondMs),
            ]),
        )
        await mailAll()
        expect(office.delivered).toHaveLength(2)
        real.now += 60 * secondMs
        await mailAll()
        const ids = office.delivered.map(({ to, parsed }) => `${to} ${parsed.messageId}`)
        expect(ids).toHaveLength(4)
        expect(new Set(ids).size).toBe(2)
    })

    test("B-09 looks a partner is suspended: its address may reach the server, the mail never does", async () => {
        office.answer = async () => {
            await world
                .acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
                .catch(() => undefined)
            return 250
        }
        await notify([partner])
        await mailAll()
        expect(office.requestedRecipients).toHaveLength(1)
        expect(office.delivered).toEqual([])
        expect(await statesOf(partner)).toEqual(["dropped", "dropped"])
    })
})

describe("a partner with an OpenPGP key", () => {
    let item: { privateKey: PrivateKey; text: string }
    const made = async (keyExpirationTime = 0) => {
        const userIDs = [{ name: "PSIRT", email: "psirt@partner.example" }]
        const options = { type: "ecc", curve: "ed25519Legacy", userIDs, keyExpirationTime } as const
        const { privateKey, publicKey } = await generateKey({ ...options, date: new Date(real.now), format: "object" })
        return { privateKey, text: publicKey.armor() }
    }
    const add = (text: string, lead: TestPartner["lead"] = partner.lead) => acting(lead, (ctx) => addMailKey(ctx, text))
    const opened = async (n: number) => {
        const programKey = (await acting(system, (ctx: ActionContext) => findMailKey(ctx)))?.publicText ?? ""
        const { data, signatures } = await decrypt({
            message: await readMessage({
                armoredMessage: String(office.delivered[n]?.parsed.attachments[1]?.content),
            }),
            decryptionKeys: item.privateKey,
            verificationKeys: await readKey({ armoredKey: programKey }),
            date: new Date(real.now),
        })
        expect(await signatures[0]?.verified).toBe(true)
        return await simpleParser(String(data))
    }
    beforeEach(async () => {
        real.now = Math.max(real.now, world.clock.now) + secondMs
        item = await made()
    })

    test("G-01 gets the usual mail, signed and encrypted, for every case", async () => {
        const clear = await newPartner(world, "entry")
        await add(item.text)
        const caseId = await newCase(world, "toolshell")
        const [wave] = await acting(world.manager, (ctx) => listWaves(ctx, caseId))
        await acting(system, (ctx) =>
            createNotices(ctx, { case: caseId, wave: wave?.id ?? "" }, [partner.id, clear.id]),
        )
        await notify([partner, clear])
        await mailAll()
        expect(office.delivered).toHaveLength(8)
        const shapes = new Set<string>()
        for (const [n, { raw, parsed }] of office.delivered.entries()) {
            expect(parsed.subject).toBe(noticeSubject)
            const isSealed = parsed.attachments.length > 0
            expect(isSealed ? (await opened(n)).text : parsed.text).toBe(noticeText)
            const varies = /^(To|Message-ID|Date): .*$|--_NmP[-\w]*|-----BEGIN PGP[\s\S]*-----END.*$/gm
            const shape = raw.replaceAll(varies, "")
            expect(shape).not.toMatch(/CVE-|toolshell|SharePoint|TLP|critical|validate/i)
            shapes.add(shape)
        }
        expect(shapes.size).toBe(2)
        const sizes = office.delivered
            .filter(({ parsed }) => parsed.attachments.length > 0)
            .map(({ raw }) => raw.length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(20)
    })

    test("adds it as a lead, sees it next to ours, and removes it; a later key waits a day", async () => {
        expect(await awaitRefusalCode(add(item.text, partner.analyst))).toBe("partner.leads_only")
        const first = await add(item.text)
        expect(first.usableFrom).toBe(world.clock.now)
        expect(await awaitRefusalCode(add(item.text))).toBe("mail_key.already_added")
        const second = await add((await made()).text)
        expect(second.usableFrom).toBe(world.clock.now + dayMs)
        for (let n = 2; n < keysMax; n++) await add((await made()).text)
        expect(await awaitRefusalCode(add((await made()).text))).toBe("mail_key.too_many")
        const other = await newPartner(world, "entry")
        expect(await awaitRefusalCode(acting(other.lead, (ctx) => revokeMailKey(ctx, first.id)))).toBe(
            "mail_key.not_found",
        )
        await acting(partner.lead, (ctx) => revokeMailKey(ctx, first.id))
        world.clock.now += 1
        await notify([partner])
        await mailAll()
        expect(office.delivered.map(({ parsed }) => parsed.text)).toEqual([noticeText, noticeText])
        const kinds = (await eventsOf(/^mail_key/)).map(({ kind, body }) => [kind, body["first"]])
        expect(kinds.slice(0, 2)).toEqual([
            ["mail_key.added", true],
            ["mail_key.added", false],
        ])
        expect(kinds.at(-1)?.[0]).toBe("mail_key.revoked")
    })

    test.each([
        ["noted, once", false],
        ["not noted where a question was mailed: nobody is to see that there was a mail", true],
    ])("gets clear text after the key has ended; a failure before its end is %s", async (_, sealed) => {
        const short = await made((30 * dayMs) / secondMs)
        const key = await add(short.text)
        expect(key.expiresAt).toBe(real.now + 30 * dayMs)
        real.now += 30 * dayMs
        expect(world.clock.now).toBeLessThan(key.expiresAt)
        for (let n = 0; n < 2; n++) await acting(system, (ctx) => notifyLeads(ctx, partner.id, sealed ? newId() : null))
        await mailAll()
        expect(office.delivered.map(({ parsed }) => parsed.text)).toEqual([noticeText, noticeText])
        const [noted] = await acting(system, (ctx) => listMailKeys(ctx, partner.id))
        expect(noted?.failedAt).toBe(sealed ? null : world.clock.now)
        const failed = await world.database.db.transaction((tx) =>
            tx.query(
                `select body->>'key' as key, confidential as sealed from events
                 where kind = 'mail_key.failed' and body->>'partner' = $1`,
                [partner.id],
            ),
        )
        expect(failed).toEqual(sealed ? [] : [{ key: key.id, sealed }])
    })

    test("has it encrypted in the database, which does not reveal the owner", async () => {
        const { id } = await add(item.text)
        const [row] = await world.database.db.transaction((tx) =>
            tx.query<{ box: string }>(
                "select encode(key_ciphertext, 'escape') as box from partner_mail_keys where id = $1",
                [id],
            ),
        )
        expect(row?.box).not.toMatch(/psirt|PGP/i)
        const [secret] = await world.database.db.transaction((tx) =>
            tx.query<{ box: string }>("select encode(secret_ciphertext, 'escape') as box from mail_signing_keys"),
        )
        expect(secret?.box).not.toMatch(/PGP/)
    })
})

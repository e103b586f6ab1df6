/** Tests notice filters on a real database: notified partners, audit log, and no further effects. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents, system } from "../../../../../test/support/actors.ts"
import { dumpDatabase, foundIn } from "../../../../../test/support/dump.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { eventHandlers } from "../../../event-handlers.ts"
import type { Services } from "../../../kernel/services.ts"
import { handleNextEvent } from "../../../kernel/worker.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { record } from "../../../kernel/action-context.ts"
import { recallArtifact } from "../../artifacts/actions/recall-artifact.ts"
import { loadCaseFile } from "../../cases/actions/load-case.ts"
import { reviseCase } from "../../cases/actions/open-case.ts"
import { addWebhook } from "../../webhooks/actions/webhooks-for-partner.ts"
import { listWaves } from "../../waves/actions.ts"
import { listContactsBefore } from "../actions/list-exposure.ts"
import { loadFilter, replaceFilter, notifyOfWave } from "./actions/filter-notices.ts"
import { sendNoticesJob, createNotices } from "./actions/create-notices.ts"
import { rehearseWave } from "../actions/rehearse-wave.ts"
import { resendNotices, listNotificationStatuses } from "./actions/resend-notices.ts"
import { type Pattern, parsePatterns } from "./filter.ts"

let world: Program
let services: Services
let first: TestPartner
let second: TestPartner
let caseId: string
let wave: string
let summary: string
let sent: string[]

beforeEach(async () => {
    world = await createProgram()
    services = world.services
    Object.assign(services, { mail: { send: async ({ to }: { to: string }) => void sent.push(to) } })
    sent = []
    first = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    await names("Microsoft; SharePoint Server 2019")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    wave = await waveOf("validate")
    for (const partner of [first, second])
        await world.acting(partner.lead, (ctx) => addWebhook(ctx, "https://h.example/in"))
    await handleEvents()
}, 120_000)
afterEach(() => world.database.close())

async function waveOf(tier: string): Promise<string> {
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
    return waves.find((wave) => wave.tier === tier)?.id ?? ""
}
async function names(text: string): Promise<void> {
    const products = parsePatterns(text).map((pattern) => ({
        vendor: pattern.vendor,
        name: pattern.product ?? "",
        fixedIn: null,
    }))
    await world.acting(world.author, async (ctx) => {
        const { title, vulnerabilities: before, finder } = await loadCaseFile(ctx, caseId)
        const vulnerabilities = before.map((vulnerability) => ({ ...vulnerability, products }))
        await reviseCase(ctx, caseId, { title, vulnerabilities, finder })
    })
}
/** Handles all events and sends all mail; `countCalls` counts the webhook calls. */
async function handleEvents(): Promise<void> {
    while (await handleNextEvent(services, eventHandlers));
    while (await sendNoticesJob.sendNext(services));
}
const setFilter = (partner: TestPartner, text: string) =>
    world.acting(partner.lead, (ctx) => replaceFilter(ctx, parsePatterns(text)))
/** Releases the wave and records the release. */
async function releaseWave(tier: "validate" | "publication" = "validate"): Promise<void> {
    wave = await waveOf(tier)
    world.clock.now = parseInstant(tier === "validate" ? "2025-06-24T17:00:00Z" : "2025-07-08T17:00:00Z")
    await releaseWaveNow(world, caseId, tier, [summary])
    const recipients = [first.id, second.id]
    await world.acting(system, (ctx) => record(ctx, { kind: "wave.released", case: caseId, wave, recipients }))
    await handleEvents()
}
const loadStatus = async () =>
    (await world.acting(world.manager, (ctx) => listNotificationStatuses(ctx, caseId))).get(wave)
async function countMails(partner: TestPartner): Promise<number> {
    const people = [partner.lead.person, partner.analyst.person]
    const found = people.map(async (id) => (await world.acting(system, (ctx) => findPerson(ctx, id)))?.mail ?? "")
    const addresses = await Promise.all(found)
    return sent.filter((to) => addresses.includes(to)).length
}
const countCalls = (partner: TestPartner) =>
    world.database.db.transaction(async (tx) => {
        const rows = await tx.query(
            "select c.id from webhook_calls c join webhooks w on w.id = c.webhook_id where w.partner_id = $1",
            [partner.id],
        )
        return rows.length
    })
const eventsOfCase = async (kind: string) =>
    (await listEvents(world.database)).filter((item) => item.kind === kind && item.body["case"] === caseId)

describe("a wave", () => {
    test("is notified by mail and webhook to partners whose filter matches or is empty", async () => {
        await setFilter(first, "Cisco\nMicrosoft; sharepoint")
        await releaseWave()
        expect([await countMails(first), await countCalls(first)]).toEqual([2, 1])
        expect([await countMails(second), await countCalls(second)]).toEqual([2, 1])
        expect(await loadStatus()).toEqual({ done: true, recipients: 2, notified: 2, filtered: [], unnotified: [] })
        expect(await eventsOfCase("notice.filtered")).toEqual([])
    })

    test("is sent neither by mail nor webhook to excluded partners, who can still read it", async () => {
        await setFilter(first, "Cisco\nMicrosoft; Exchange")
        await releaseWave()
        expect([await countMails(first), await countCalls(first)]).toEqual([0, 0])
        expect([await countMails(second), await countCalls(second)]).toEqual([2, 1])
        expect(await loadStatus()).toEqual({
            done: true,
            recipients: 1,
            notified: 1,
            filtered: [first.id],
            unnotified: [],
        })
        const { notified } = await world.acting(system, (ctx) => listContactsBefore(ctx, caseId, world.clock.now + 1))
        expect(new Set(notified.map((item) => item.partner))).toEqual(new Set([second.id]))
        expect(await fetchCopyText(world, first, summary)).not.toBe("")
    })

    test("is notified to every partner when its case names no product", async () => {
        await names("")
        await setFilter(first, "Cisco")
        await releaseWave()
        expect([await countMails(first), await countCalls(first)]).toEqual([2, 1])
    })

    test("records once how many partners were excluded, however often the handler runs", async () => {
        await setFilter(first, "Cisco")
        await setFilter(second, "F5")
        await releaseWave()
        await world.acting(system, (ctx) => notifyOfWave(ctx, { case: caseId, wave }, [first.id, second.id]))
        const [event, ...more] = await eventsOfCase("notice.filtered")
        expect(more).toEqual([])
        expect(event?.body).toEqual({ case: caseId, wave, partners: 2, by: null, step: "notify-of-release" })
    })

    test("applies the filter of its own time: later notices may differ, earlier ones stay as they were", async () => {
        await setFilter(first, "Cisco")
        await releaseWave()
        await setFilter(first, "")
        await world.acting(world.manager, (ctx) => resendNotices(ctx, wave))
        await handleEvents()
        expect([await countMails(first), await countCalls(first)]).toEqual([0, 0])
        await releaseWave("publication")
        expect([await countMails(first), await countCalls(first)]).toEqual([2, 1])
    })

    test("is notified later to partners that an added product matches, and to no others again", async () => {
        await setFilter(first, "Cisco")
        await setFilter(second, "F5")
        await releaseWave()
        await names("Microsoft; SharePoint\nCisco; ASA")
        await handleEvents()
        expect([await countMails(first), await countCalls(first)]).toEqual([2, 1])
        expect([await countMails(second), await countCalls(second)]).toEqual([0, 0])
        expect(await loadStatus()).toEqual({
            done: true,
            recipients: 1,
            notified: 1,
            filtered: [second.id],
            unnotified: [],
        })
        await names("Cisco; ASA")
        await handleEvents()
        expect(await countMails(first)).toBe(2)
    })

    test("whose notice failed is not resent to a partner that now filters it", async () => {
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        await releaseWaveNow(world, caseId, "validate", [summary])
        await world.acting(system, (ctx) => createNotices(ctx, { case: caseId, wave }, [first.id, second.id]))
        await world.database.db.transaction((tx) => tx.query("update notices set state = 'failed'"))
        await setFilter(first, "Cisco")
        await world.acting(world.manager, (ctx) => resendNotices(ctx, wave))
        await handleEvents()
        expect([await countMails(first), await countMails(second)]).toEqual([0, 2])
        expect(await loadStatus()).toEqual({
            done: true,
            recipients: 1,
            notified: 1,
            filtered: [first.id],
            unnotified: [],
        })
        expect((await eventsOfCase("notice.resent"))[0]?.body["recipients"]).toEqual([second.id])
    })

    test("rehearses identically for any filter: a filter cannot be probed", async () => {
        const outcome = async () => {
            const { ms: _, at: __, ...rest } = await world.acting(world.manager, (ctx) => rehearseWave(ctx, wave))
            return rest
        }
        const before = await outcome()
        await setFilter(first, "Cisco")
        expect(await outcome()).toEqual(before)
        expect(before.recipients.find(({ partner }) => partner === first.id)?.notices).toBe(2)
        await handleEvents()
        expect(sent).toEqual([])
    })
})

describe("other notices", () => {
    beforeEach(async () => {
        await setFilter(first, "Cisco")
        await releaseWave()
    })

    test("ignores the filter for a recall of a held copy, and for changed facts of the case", async () => {
        expect(await countMails(first)).toBe(0)
        await fetchCopyText(world, first, summary)
        await world.acting(world.author, (ctx) =>
            recallArtifact(ctx, summary, { version: null, reason: "It is wrong." }),
        )
        await handleEvents()
        expect([await countMails(first), await countCalls(first)]).toEqual([2, 1])
        await world.acting(system, (ctx) =>
            record(ctx, { kind: "case.withdrawal_announced", case: caseId, recipients: [first.id] }),
        )
        await handleEvents()
        expect(await countMails(first)).toBe(4)
    })

    test("ignore the filter for requirements and for notices without a case", async () => {
        await world.acting(system, (ctx) => record(ctx, { kind: "requirement.reminded", partner: first.id }))
        await handleEvents()
        expect([await countMails(first), await countCalls(first)]).toEqual([2, 1])
    })
})

describe("a filter", () => {
    const own = (partner: TestPartner) => world.acting(partner.analyst, (ctx) => loadFilter(ctx, partner.id))

    test("is set by a lead, replaced as a whole, and removed when empty", async () => {
        await setFilter(first, "Cisco\nF5; BIG-IP")
        expect(await own(first)).toEqual<Pattern[]>([
            { vendor: "Cisco", product: null },
            { vendor: "F5", product: "BIG-IP" },
        ])
        expect(await own(second)).toEqual([])
        await setFilter(first, "Juniper")
        expect(await own(first)).toEqual([{ vendor: "Juniper", product: null }])
        await setFilter(first, "")
        expect(await own(first)).toEqual([])
        const rows = await world.database.db.transaction((tx) =>
            tx.query("select partner_id as partner from notice_filters where partner_id = $1", [first.id]),
        )
        expect(rows).toEqual([])
        const replaced = world.acting(first.analyst, (ctx) => replaceFilter(ctx, []))
        expect(await awaitRefusalCode(replaced)).toBe("partner.leads_only")
    })

    test("K-11 is recorded by its length, once per change, and is in clear nowhere in the database", async () => {
        const name = "Quillfeather Gatehouse"
        await setFilter(first, `${name}; Turnstile\nCisco`)
        await setFilter(first, `${name}; Turnstile\nCisco`)
        await setFilter(first, "")
        const events = (await listEvents(world.database)).filter(
            ({ kind, body }) => kind === "notice_filter.set" && body["partner"] === first.id,
        )
        expect(events.map(({ body }) => body)).toEqual([
            { partner: first.id, patterns: 2, by: first.lead.person },
            { partner: first.id, patterns: 0, by: first.lead.person },
        ])
        await setFilter(first, `${name}; Turnstile`)
        expect(foundIn(await dumpDatabase(world.database.db), [name, "Turnstile"])).toEqual([])
    })
})

/** Notice filters on a real database: who is told of a wave, what is on record, and that nothing else follows. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded, system } from "../../../../../test/support/actors.ts"
import { dumpOf, foundIn } from "../../../../../test/support/dump.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { eventHandlers } from "../../../event-handlers.ts"
import type { Services } from "../../../kernel/services.ts"
import { handleNextEvent } from "../../../kernel/worker.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { record } from "../../../kernel/action-context.ts"
import { recallArtifact } from "../../artifacts/actions/find-recalls.ts"
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
    world = await program()
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
    await settle()
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
/** All that follows from events, and the mail; of webhooks the calls are counted by `calls`. */
async function settle(): Promise<void> {
    while (await handleNextEvent(services, eventHandlers));
    while (await sendNoticesJob.sendNext(services));
}
const filter = (partner: TestPartner, text: string) =>
    world.acting(partner.lead, (ctx) => replaceFilter(ctx, parsePatterns(text)))
/** As its release has it on record. */
async function released(tier: "validate" | "publication" = "validate"): Promise<void> {
    wave = await waveOf(tier)
    world.clock.now = parseInstant(tier === "validate" ? "2025-06-24T17:00:00Z" : "2025-07-08T17:00:00Z")
    await fall(world, caseId, tier, [summary])
    const recipients = [first.id, second.id]
    await world.acting(system, (ctx) => record(ctx, { kind: "wave.released", case: caseId, wave, recipients }))
    await settle()
}
const run = async () => (await world.acting(world.manager, (ctx) => listNotificationStatuses(ctx, caseId))).get(wave)
async function mailed(partner: TestPartner): Promise<number> {
    const people = [partner.lead.person, partner.analyst.person]
    const found = people.map(async (id) => (await world.acting(system, (ctx) => findPerson(ctx, id)))?.mail ?? "")
    const addresses = await Promise.all(found)
    return sent.filter((to) => addresses.includes(to)).length
}
const calls = (partner: TestPartner) =>
    world.database.db.transaction(async (tx) => {
        const rows = await tx.query(
            "select c.id from webhook_calls c join webhooks w on w.id = c.webhook_id where w.partner_id = $1",
            [partner.id],
        )
        return rows.length
    })
const since = async (kind: string) =>
    (await recorded(world.database)).filter((item) => item.kind === kind && item.body["case"] === caseId)

describe("a wave", () => {
    test("is told, by mail and call, to whom its case concerns, and to whom has no filter", async () => {
        await filter(first, "Cisco\nMicrosoft; sharepoint")
        await released()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
        expect([await mailed(second), await calls(second)]).toEqual([2, 1])
        expect(await run()).toEqual({ done: true, recipients: 2, notified: 2, filtered: [], unnotified: [] })
        expect(await since("notice.filtered")).toEqual([])
    })

    test("is sent neither by mail nor call if excluded; the partner is not waited for and can read it", async () => {
        await filter(first, "Cisco\nMicrosoft; Exchange")
        await released()
        expect([await mailed(first), await calls(first)]).toEqual([0, 0])
        expect([await mailed(second), await calls(second)]).toEqual([2, 1])
        expect(await run()).toEqual({ done: true, recipients: 1, notified: 1, filtered: [first.id], unnotified: [] })
        const { notified } = await world.acting(system, (ctx) => listContactsBefore(ctx, caseId, world.clock.now + 1))
        expect(new Set(notified.map((item) => item.partner))).toEqual(new Set([second.id]))
        expect(await fetched(world, first, summary)).not.toBe("")
    })

    test("is told to everybody where its case names no product", async () => {
        await names("")
        await filter(first, "Cisco")
        await released()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
    })

    test("is on record by how many were kept out of it, once, however often the step runs", async () => {
        await filter(first, "Cisco")
        await filter(second, "F5")
        await released()
        await world.acting(system, (ctx) => notifyOfWave(ctx, { case: caseId, wave }, [first.id, second.id]))
        const [event, ...more] = await since("notice.filtered")
        expect(more).toEqual([])
        expect(event?.body).toEqual({ case: caseId, wave, partners: 2, by: null, step: "notify" })
    })

    test("applies the filter of its own time: later notices may differ, earlier ones stay as they were", async () => {
        await filter(first, "Cisco")
        await released()
        await filter(first, "")
        await world.acting(world.manager, (ctx) => resendNotices(ctx, wave))
        await settle()
        expect([await mailed(first), await calls(first)]).toEqual([0, 0])
        await released("publication")
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
    })

    test("is told after all where its case comes to name what the partner runs, and to nobody else again", async () => {
        await filter(first, "Cisco")
        await filter(second, "F5")
        await released()
        await names("Microsoft; SharePoint\nCisco; ASA")
        await settle()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
        expect([await mailed(second), await calls(second)]).toEqual([0, 0])
        expect(await run()).toEqual({ done: true, recipients: 1, notified: 1, filtered: [second.id], unnotified: [] })
        await names("Cisco; ASA")
        await settle()
        expect(await mailed(first)).toBe(2)
    })

    test("that could not be told is not told anew to whom wants it no more", async () => {
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        await fall(world, caseId, "validate", [summary])
        await world.acting(system, (ctx) => createNotices(ctx, { case: caseId, wave }, [first.id, second.id]))
        await world.database.db.transaction((tx) => tx.query("update notices set state = 'failed'"))
        await filter(first, "Cisco")
        await world.acting(world.manager, (ctx) => resendNotices(ctx, wave))
        await settle()
        expect([await mailed(first), await mailed(second)]).toEqual([0, 2])
        expect(await run()).toEqual({ done: true, recipients: 1, notified: 1, filtered: [first.id], unnotified: [] })
        expect((await since("notice.resent"))[0]?.body["recipients"]).toEqual([second.id])
    })

    test("rehearsed, looks the same whatever anybody filters: nobody finds out by trying", async () => {
        const outcome = async () => {
            const { ms: _, at: __, ...rest } = await world.acting(world.manager, (ctx) => rehearseWave(ctx, wave))
            return rest
        }
        const before = await outcome()
        await filter(first, "Cisco")
        expect(await outcome()).toEqual(before)
        expect(before.recipients.find(({ partner }) => partner === first.id)?.notices).toBe(2)
        await settle()
        expect(sent).toEqual([])
    })
})

describe("what is no wave", () => {
    beforeEach(async () => {
        await filter(first, "Cisco")
        await released()
    })

    test("ignores the filter for a recall of a held copy, and for changed facts of the case", async () => {
        expect(await mailed(first)).toBe(0)
        await fetched(world, first, summary)
        await world.acting(world.author, (ctx) =>
            recallArtifact(ctx, summary, { version: null, reason: "It is wrong." }),
        )
        await settle()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
        await world.acting(system, (ctx) =>
            record(ctx, { kind: "case.withdrawal_announced", case: caseId, recipients: [first.id] }),
        )
        await settle()
        expect(await mailed(first)).toBe(4)
    })

    test("is told whatever the filter: what is owed, and of no case", async () => {
        await world.acting(system, (ctx) => record(ctx, { kind: "requirement.reminded", partner: first.id }))
        await settle()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
    })
})

describe("a filter", () => {
    const own = (partner: TestPartner) => world.acting(partner.analyst, (ctx) => loadFilter(ctx, partner.id))

    test("is set by a lead, replaced as a whole, and gone once it is empty", async () => {
        await filter(first, "Cisco\nF5; BIG-IP")
        expect(await own(first)).toEqual<Pattern[]>([
            { vendor: "Cisco", product: null },
            { vendor: "F5", product: "BIG-IP" },
        ])
        expect(await own(second)).toEqual([])
        await filter(first, "Juniper")
        expect(await own(first)).toEqual([{ vendor: "Juniper", product: null }])
        await filter(first, "")
        expect(await own(first)).toEqual([])
        const rows = await world.database.db.transaction((tx) =>
            tx.query("select partner_id as partner from notice_filters where partner_id = $1", [first.id]),
        )
        expect(rows).toEqual([])
        const replaced = world.acting(first.analyst, (ctx) => replaceFilter(ctx, []))
        expect(await codeOf(replaced)).toBe("partner.leads_only")
    })

    test("K-11 is on record by its length, once a change, and in clear nowhere in the database", async () => {
        const name = "Quillfeather Gatehouse"
        await filter(first, `${name}; Turnstile\nCisco`)
        await filter(first, `${name}; Turnstile\nCisco`)
        await filter(first, "")
        const events = (await recorded(world.database)).filter(
            ({ kind, body }) => kind === "notice_filter.set" && body["partner"] === first.id,
        )
        expect(events.map(({ body }) => body)).toEqual([
            { partner: first.id, patterns: 2, by: first.lead.person },
            { partner: first.id, patterns: 0, by: first.lead.person },
        ])
        await filter(first, `${name}; Turnstile`)
        expect(foundIn(await dumpOf(world.database.db), [name, "Turnstile"])).toEqual([])
    })
})

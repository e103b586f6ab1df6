/** Notice filters on a real database: who is told of a wave, what is on record, and that nothing else follows. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded, system } from "../../../test/acting.ts"
import { dumpOf, foundIn } from "../../../test/dump.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { flow } from "../../flow.ts"
import type { Doors } from "../../platform/doors.ts"
import { runNext } from "../../platform/worker.ts"
import { personById } from "../../trust/identity/actions.ts"
import { record } from "../../trust/audit/actions.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { caseFile, reviseCase } from "../cases/actions.ts"
import { addWebhook } from "../webhooks/actions/own.ts"
import { wavesOf } from "../waves/actions.ts"
import { contactsBefore } from "./actions/exposure.ts"
import { filterOf, replaceFilter, tellOfWave } from "./actions/filtering.ts"
import { mailing, makeNotices } from "./actions/notices.ts"
import { rehearse } from "./actions/rehearsing.ts"
import { tellAnew, toldByWaves } from "./actions/telling.ts"
import { type Pattern, patternsIn } from "./filter.ts"

let its: Program
let doors: Doors
let first: TestPartner
let second: TestPartner
let caseId: string
let wave: string
let summary: string
let sent: string[]

beforeEach(async () => {
    its = await program()
    doors = its.doors
    Object.assign(doors, { mail: { send: async ({ to }: { to: string }) => void sent.push(to) } })
    sent = []
    first = await newPartner(its, "validate")
    second = await newPartner(its, "validate")
    caseId = await newCase(its, "toolshell")
    await names("Microsoft; SharePoint Server 2019")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    wave = await waveOf("validate")
    for (const of of [first, second]) await its.acting(of.lead, (act) => addWebhook(act, "https://h.example/in"))
    await settle()
}, 120_000)
afterEach(() => its.database.close())

async function waveOf(tier: string): Promise<string> {
    const all = await its.acting(its.manager, (act) => wavesOf(act, caseId))
    return all.find((one) => one.tier === tier)?.id ?? ""
}
async function names(text: string): Promise<void> {
    const products = patternsIn(text).map((one) => ({ vendor: one.vendor, name: one.product ?? "", fixedIn: null }))
    await its.acting(its.author, async (act) => {
        const { title, vulnerabilities: before, finder } = await caseFile(act, caseId)
        const vulnerabilities = before.map((one) => ({ ...one, products }))
        await reviseCase(act, caseId, { title, vulnerabilities, finder })
    })
}
/** All that follows from events, and the mail; of webhooks the calls are counted by `calls`. */
async function settle(): Promise<void> {
    while (await runNext(doors, flow));
    while (await mailing.next(doors));
}
const filter = (of: TestPartner, text: string) => its.acting(of.lead, (act) => replaceFilter(act, patternsIn(text)))
/** As its release has it on record. */
async function released(tier: "validate" | "publication" = "validate"): Promise<void> {
    wave = await waveOf(tier)
    its.clock.now = parseInstant(tier === "validate" ? "2025-06-24T17:00:00Z" : "2025-07-08T17:00:00Z")
    await fall(its, caseId, tier, [summary])
    const recipients = [first.id, second.id]
    await its.acting(system, (act) => record(act, { kind: "wave.released", case: caseId, wave, recipients }))
    await settle()
}
const told = async () => (await its.acting(its.manager, (act) => toldByWaves(act, caseId))).get(wave)
async function mailed(of: TestPartner): Promise<number> {
    const persons = [of.lead.person, of.analyst.person]
    const found = persons.map(async (id) => (await its.acting(system, (act) => personById(act, id)))?.mail ?? "")
    const addresses = await Promise.all(found)
    return sent.filter((to) => addresses.includes(to)).length
}
const calls = (of: TestPartner) =>
    its.database.db.transaction(async (tx) => {
        const rows = await tx.query(
            "select c.id from webhook_calls c join webhooks w on w.id = c.webhook_id where w.partner_id = $1",
            [of.id],
        )
        return rows.length
    })
const since = async (kind: string) =>
    (await recorded(its.database)).filter((one) => one.kind === kind && one.body["case"] === caseId)

describe("a wave", () => {
    test("is told, by mail and call, to whom its case concerns, and to whom has no filter", async () => {
        await filter(first, "Cisco\nMicrosoft; sharepoint")
        await released()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
        expect([await mailed(second), await calls(second)]).toEqual([2, 1])
        expect(await told()).toEqual({ done: true, recipients: 2, notified: 2, filtered: [], waiting: [] })
        expect(await since("notice.filtered")).toEqual([])
    })

    test("is not told, by mail or call, to whom it does not: not notified, not waited for, and able to read it", async () => {
        await filter(first, "Cisco\nMicrosoft; Exchange")
        await released()
        expect([await mailed(first), await calls(first)]).toEqual([0, 0])
        expect([await mailed(second), await calls(second)]).toEqual([2, 1])
        expect(await told()).toEqual({ done: true, recipients: 1, notified: 1, filtered: [first.id], waiting: [] })
        const { notified } = await its.acting(system, (act) => contactsBefore(act, caseId, its.clock.now + 1))
        expect(new Set(notified.map((one) => one.partner))).toEqual(new Set([second.id]))
        expect(await fetched(its, first, summary)).not.toBe("")
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
        await its.acting(system, (act) => tellOfWave(act, { case: caseId, wave }, [first.id, second.id]))
        const [event, ...more] = await since("notice.filtered")
        expect(more).toEqual([])
        expect(event?.body).toEqual({ case: caseId, wave, partners: 2, by: null, step: "notify" })
    })

    test("is judged by the filter of its own time: later ones of the case may be told, earlier ones stay as they were", async () => {
        await filter(first, "Cisco")
        await released()
        await filter(first, "")
        await its.acting(its.manager, (act) => tellAnew(act, wave))
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
        expect(await told()).toEqual({ done: true, recipients: 1, notified: 1, filtered: [second.id], waiting: [] })
        await names("Cisco; ASA")
        await settle()
        expect(await mailed(first)).toBe(2)
    })

    test("that could not be told is not told anew to whom wants it no more", async () => {
        its.clock.now = parseInstant("2025-06-24T17:00:00Z")
        await fall(its, caseId, "validate", [summary])
        await its.acting(system, (act) => makeNotices(act, { case: caseId, wave }, [first.id, second.id]))
        await its.database.db.transaction((tx) => tx.query("update notices set state = 'failed'"))
        await filter(first, "Cisco")
        await its.acting(its.manager, (act) => tellAnew(act, wave))
        await settle()
        expect([await mailed(first), await mailed(second)]).toEqual([0, 2])
        expect(await told()).toEqual({ done: true, recipients: 1, notified: 1, filtered: [first.id], waiting: [] })
        expect((await since("notice.resent"))[0]?.body["recipients"]).toEqual([second.id])
    })

    test("rehearsed, looks the same whatever anybody filters: nobody finds out by trying", async () => {
        const outcome = async () => {
            const { ms: _, at: __, ...rest } = await its.acting(its.manager, (act) => rehearse(act, wave))
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

    test("is told whatever the filter: a recall of what is held, and that something else is told of the case", async () => {
        expect(await mailed(first)).toBe(0)
        await fetched(its, first, summary)
        await its.acting(its.author, (act) => recallArtifact(act, summary, { version: null, reason: "It is wrong." }))
        await settle()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
        await its.acting(system, (act) =>
            record(act, { kind: "case.withdrawal_announced", case: caseId, recipients: [first.id] }),
        )
        await settle()
        expect(await mailed(first)).toBe(4)
    })

    test("is told whatever the filter: what is owed, and of no case", async () => {
        await its.acting(system, (act) => record(act, { kind: "requirement.reminded", partner: first.id }))
        await settle()
        expect([await mailed(first), await calls(first)]).toEqual([2, 1])
    })
})

describe("a filter", () => {
    const own = (of: TestPartner) => its.acting(of.analyst, (act) => filterOf(act, of.id))

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
        const rows = await its.database.db.transaction((tx) =>
            tx.query("select partner_id as partner from notice_filters where partner_id = $1", [first.id]),
        )
        expect(rows).toEqual([])
        const replaced = its.acting(first.analyst, (act) => replaceFilter(act, []))
        expect(await codeOf(replaced)).toBe("partner.leads_only")
    })

    test("K-11 is on record by its length, once a change, and in clear nowhere in the database", async () => {
        const name = "Quillfeather Gatehouse"
        await filter(first, `${name}; Turnstile\nCisco`)
        await filter(first, `${name}; Turnstile\nCisco`)
        await filter(first, "")
        const events = (await recorded(its.database)).filter(
            ({ kind, body }) => kind === "notice_filter.set" && body["partner"] === first.id,
        )
        expect(events.map(({ body }) => body)).toEqual([
            { partner: first.id, patterns: 2, by: first.lead.person },
            { partner: first.id, patterns: 0, by: first.lead.person },
        ])
        await filter(first, `${name}; Turnstile`)
        expect(foundIn(await dumpOf(its.database.db), [name, "Turnstile"])).toEqual([])
    })
})

/** Agreements and keys that expire are announced before. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    listEvents,
    testServices,
} from "../../../../../test/support/actors.ts"
import { storeAcceptance } from "../../../../../test/support/doubles/keys.ts"
import { type TestDatabase, createDatabase } from "../../../../../test/support/database.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Actor } from "../../../kernel/actor.ts"
import { acceptAgreement, addAgreement, previewExpiry } from "../agreements/actions/accept-agreement.ts"
import { addPartner } from "../actions/change-partner.ts"
import { listRequirements } from "./actions/list-requirements.ts"
import { loadPartnerFacts } from "../actions/load-facts.ts"
import { addKey, countUsableKeys, listRecipients } from "../keys/actions/manage-keys.ts"
import { listOpenProposals, createCheckRequirementsJob } from "./actions/check-requirements.ts"
import type { Tier } from "../partner.ts"

let database: TestDatabase
let clock: { now: number }
let acting: Acting
let olga: Actor
let early: string
let late: string
const leads = new Map<string, Actor>()

const leadOf = (id: string): Actor => leads.get(id) ?? olga
const newRecipient = async () => await identityToRecipient(await generateX25519Identity())
const accept = (id: string, version: number) => acting(leadOf(id), (ctx) => acceptAgreement(ctx, version))
const factsOf = (id: string, at = clock.now) => acting(olga, (ctx) => loadPartnerFacts(ctx, id, at))
const dueOf = async (id: string, kind = "agreement") =>
    (await acting(olga, (ctx) => listRequirements(ctx, id))).find((requirement) => requirement.kind === kind)
const add = (besides: Parameters<typeof addAgreement>[4] = {}, termDays: number | null = null) =>
    acting(olga, (ctx) => addAgreement(ctx, "Nothing offensive.", termDays, [], besides))

async function newPartner(name: string, tier: Tier = "entry"): Promise<string> {
    const details = { name, mail: "psirt@partner.example", tier, status: "active" } as const
    const id = await acting(olga, (ctx) => addPartner(ctx, details))
    leads.set(id, await createPartnerMember(acting, id, ["lead"]))
    return id
}

/** Two partners that accepted the first version, which has no term. */
beforeEach(async () => {
    database = await createDatabase()
    clock = { now: Date.parse("2025-06-01T08:00:00Z") }
    acting = actingOn(testServices(database, clock), clock)
    olga = await createStaffMember(acting, ["manager"])
    await add()
    early = await newPartner("Early")
    late = await newPartner("Late")
    for (const id of [early, late]) await accept(id, 1)
    clock.now += dayMs
})
afterEach(() => database.close())

/** The reminders that a partner got of a kind, looking every six hours until then. */
async function remindersUntil(until: number, partner: string, kind: string): Promise<unknown[]> {
    const services = testServices(database, clock)
    for (; clock.now < until; clock.now += 6 * hourMs)
        await createCheckRequirementsJob(async () => new Map()).run(services)
    clock.now = until
    await database.db.transaction((tx) => tx.query("delete from partner_last_run"))
    await createCheckRequirementsJob(async () => new Map()).run(services)
    const notified = (await listEvents(database)).filter(
        (item) => item.kind === "requirement.reminded" && item.body["due"] === kind,
    )
    return notified.filter(({ body }) => body["partner"] === partner).map(({ body }) => body["reminder"])
}

const addFor = async (id: string, end: number | null) => {
    const recipient = await newRecipient()
    const key = await acting(leadOf(id), (ctx) => addKey(ctx, recipient, end))
    if (key.usableFrom === null) await acting(olga, (ctx) => storeAcceptance(ctx, key))
    return recipient
}

describe("the agreement", () => {
    beforeEach(async () => {
        for (const id of [early, late]) await addFor(id, null)
    })

    test("announces a newer version; a partner accepts it in time or lapses, also in replay", async () => {
        expect(await dueOf(early)).toBeUndefined()

        const value = clock.now
        const version = await add({ longestEmbargoDays: 7 }, 100)
        const applies = value + 30 * dayMs
        expect(await dueOf(early)).toEqual({ kind: "agreement", dueAt: value, withheldFrom: applies, state: "due" })
        expect(await factsOf(early)).toMatchObject({ agreement: "accepted", overdue: [], longestEmbargoDays: 90 })
        clock.now += dayMs
        expect(await accept(early, version)).toMatchObject({ endsAt: applies + 100 * dayMs })
        expect(await dueOf(early)).toMatchObject({ withheldFrom: applies + 100 * dayMs, state: "met" })
        expect(await factsOf(early)).toMatchObject({ agreement: "accepted", longestEmbargoDays: 90 })
        const consented = async () => (await factsOf(early)).advanceConsents.map(({ longestDays }) => longestDays)
        expect(new Set(await consented())).toEqual(new Set([90]))

        clock.now = applies
        expect(await factsOf(early)).toMatchObject({ agreement: "accepted", longestEmbargoDays: 7 })
        expect(new Set(await consented())).toEqual(new Set([90, 7]))
        expect(await factsOf(late)).toMatchObject({
            agreement: "expired",
            overdue: ["agreement"],
            longestEmbargoDays: null,
        })
        expect(await factsOf(late, applies - 1)).toMatchObject({ agreement: "accepted", overdue: [] })
        expect(await awaitRefusalCode(accept(late, 1))).toBe("agreement.not_newest")
        await accept(late, version)
        expect(await factsOf(late)).toMatchObject({ agreement: "accepted", overdue: [], longestEmbargoDays: 7 })

        clock.now = applies + 100 * dayMs
        expect(await factsOf(early)).toMatchObject({ agreement: "expired", overdue: ["agreement"] })
        expect(await factsOf(early, clock.now - 1)).toMatchObject({ agreement: "accepted", overdue: [] })
    })

    test("with short notice lists the partners that lapse at once", async () => {
        const look = () => acting(olga, (ctx) => previewExpiry(ctx, "at_once"))
        for (const applies of ["at_once", clock.now + 30 * dayMs - 1] as const) {
            expect(await awaitRefusalCode(add({ applies }))).toBe("agreement.not_previewed")
            expect(await awaitRefusalCode(add({ applies, seen: "0".repeat(64) }))).toBe("agreement.not_previewed")
        }
        for (const applies of [clock.now, clock.now - 1, clock.now + 367 * dayMs]) {
            expect(await awaitRefusalCode(add({ applies }))).toBe("agreement.bad_start")
        }
        const before = await look()
        expect(before.partners).toEqual([early, late].toSorted())
        await accept(await newPartner("Another"), 1)
        expect(await awaitRefusalCode(add({ applies: "at_once", seen: before.seen }))).toBe("agreement.not_previewed")
        const later = await acting(olga, (ctx) => previewExpiry(ctx, clock.now + 29 * dayMs))
        expect(await awaitRefusalCode(add({ applies: "at_once", seen: later.seen }))).toBe("agreement.not_previewed")
        const { seen, version } = await look()
        expect(await awaitRefusalCode(add({ applies: "at_once", longestEmbargoDays: 7, seen }))).toBe(
            "agreement.not_previewed",
        )
        expect(await add({ applies: "at_once", seen })).toBe(version)
        expect((await factsOf(early)).agreement).toBe("expired")
    })

    test("keeps a partner without an acceptance, which may accept either version", async () => {
        const id = await newPartner("New")
        const version = await add()
        await accept(id, version)
        expect(await factsOf(id)).toMatchObject({ agreement: "accepted", overdue: [] })
        await accept(id, 1)
        expect(await factsOf(id)).toMatchObject({ agreement: "accepted", overdue: [] })
        // A third one that applies before the second: that one will never be in force.
        const { seen } = await acting(olga, (ctx) => previewExpiry(ctx, "at_once"))
        const third = await add({ applies: "at_once", seen })
        expect(await awaitRefusalCode(accept(late, version))).toBe("agreement.not_newest")
        clock.now += 40 * dayMs
        expect((await factsOf(id)).agreement).toBe("expired")
        await accept(id, third)
        expect((await factsOf(id)).agreement).toBe("accepted")
    })

    test("counts a missing key as overdue for the tier, and a lapsed agreement not", async () => {
        const [keyed, keyless] = [await newPartner("Keyed", "advance"), await newPartner("Keyless", "advance")]
        for (const id of [keyed, keyless]) await accept(id, 1)
        await addFor(keyed, null)
        const { seen } = await acting(olga, (ctx) => previewExpiry(ctx, "at_once"))
        await add({ applies: "at_once", seen })
        clock.now += 40 * dayMs
        expect((await factsOf(keyed)).overdue).toEqual(["agreement"])
        expect((await factsOf(keyless)).overdue).toEqual(["agreement", "key"])
        await createCheckRequirementsJob(async () => new Map()).run(testServices(database, clock))
        const proposals = new Map((await acting(olga, listOpenProposals)).map((row) => [row.partner, row.findings]))
        const overdueOf = (id: string) => proposals.get(id)?.find(({ criterion }) => criterion === "nothing-overdue")
        expect(overdueOf(keyed)).toMatchObject({ value: 0, met: true })
        expect(overdueOf(keyless)).toMatchObject({ value: 1, met: false })
    })

    test("reminds of a newer version and of the end of the term until it is accepted", async () => {
        const applies = clock.now + 30 * dayMs
        const version = await add({}, 60)
        expect(await remindersUntil(applies - 22 * dayMs, early, "agreement")).toEqual([])
        expect(await remindersUntil(applies - 5 * dayMs, early, "agreement")).toEqual([
            "21 days before",
            "7 days before",
        ])
        await accept(early, version)
        expect(await remindersUntil(applies, early, "agreement")).toHaveLength(2)
        expect(await remindersUntil(applies, late, "agreement")).toEqual([
            "21 days before",
            "7 days before",
            "2 days before",
            "lowered",
        ])
        expect((await remindersUntil(applies + 60 * dayMs, early, "agreement")).slice(2)).toEqual([
            "21 days before",
            "7 days before",
            "2 days before",
            "lowered",
        ])
    })
})

describe("keys", () => {
    const usable = (at = clock.now) => acting(olga, (ctx) => listRecipients(ctx, early, at))

    test("are announced before they expire, then not sealed to, then overdue; a new one restores access", async () => {
        const end = clock.now + 60 * dayMs
        const first = await addFor(early, end)
        expect(await usable(end - 1)).toEqual([first])
        expect(await usable(end)).toEqual([])
        expect(await dueOf(early, "key")).toEqual({
            kind: "key",
            dueAt: end,
            withheldFrom: end + 14 * dayMs,
            state: "met",
        })
        expect(await remindersUntil(end - 1, early, "key")).toEqual([
            "14 days before its end",
            "7 days before its end",
            "2 days before its end",
        ])
        expect(await remindersUntil(end + 14 * dayMs, early, "key")).toContain("lowered")
        expect((await acting(olga, countUsableKeys)).has(early)).toBe(false)
        expect((await factsOf(early)).overdue).toContain("key")
        expect((await factsOf(early, clock.now - 1)).overdue).not.toContain("key")
        expect(await awaitRefusalCode(acting(leadOf(early), (ctx) => addKey(ctx, first)))).toBe("key.already_added")
        const second = await addFor(early, null)
        clock.now += dayMs
        expect(await usable()).toEqual([second])
        expect((await factsOf(early)).overdue).not.toContain("key")
    })

    test("that have not expired are sealed to, and one valid key stops reminders", async () => {
        const first = await addFor(early, clock.now + 60 * dayMs)
        const second = await addFor(early, null)
        clock.now += dayMs
        expect((await usable()).toSorted()).toEqual([first, second].toSorted())
        const end = clock.now + 59 * dayMs
        expect(await remindersUntil(end, early, "key")).toEqual([])
        expect(await usable()).toEqual([second])
    })

    test("have a maximum lifetime; expired keys free their places", async () => {
        for (const end of [clock.now, clock.now + 730 * dayMs + 1]) {
            expect(await awaitRefusalCode(addFor(early, end))).toBe("key.bad_end")
        }
        await addFor(early, clock.now + dayMs)
        for (let n = 0; n < 3; n++) await addFor(early, clock.now + 2 * dayMs)
        expect(await awaitRefusalCode(addFor(early, null))).toBe("key.too_many")
        clock.now += dayMs
        expect(await awaitRefusalCode(addFor(early, null))).toBe("done")
    })
})

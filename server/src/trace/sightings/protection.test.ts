/** Protection reports on a real database: what is stored, and who sees it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createPartnerMember, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { hourMs, parseInstant } from "@tocsin/base/instant"
import { setAccessList } from "../../trust/partners/roster/actions/manage-access-lists.ts"
import { listProtectionsForPartner, listProtections, reportProtection } from "./actions/report-protection.ts"
import { type Protection, validateProtection, timeToProtection } from "./protection.ts"

const now = parseInstant("2025-06-25T17:00:00Z")
const safe: Protection = { state: "protected", since: now - hourMs, note: "" }

describe("a protection", () => {
    test.each<[string, Partial<Protection>, string]>([
        ["since now", { since: now }, "done"],
        ["since later", { since: now + 1 }, "protection.bad_instant"],
        ["since nobody knows when", { since: null }, "protection.bad_instant"],
        ["to come", { state: "in_progress", since: now + 1 }, "done"],
        ["to come some time", { state: "in_progress", since: null }, "done"],
        ["to come before now", { state: "in_progress", since: now }, "protection.bad_instant"],
        ["not_applicable", { state: "not_applicable", since: null }, "done"],
        ["not applicable since", { state: "not_applicable" }, "protection.bad_instant"],
        ["of which more is needed", { state: "needs_more", since: null, note: "The pattern." }, "done"],
        [
            "of which more is needed, of what nobody says",
            { state: "needs_more", since: null, note: " " },
            "protection.note_missing",
        ],
        ["with a long note", { note: "x".repeat(2001) }, "protection.too_long"],
    ])("%s", async (_, changed, code) => {
        expect(await awaitRefusalCode((async () => validateProtection({ ...safe, ...changed }, now))())).toBe(code)
    })

    test.each<[string, Protection, number | null, number | null]>([
        ["from when it was told", safe, now - 3 * hourMs, 2 * hourMs],
        ["none where it was protected before", safe, now, null],
        ["none where it was never told", safe, null, null],
        ["none while it is coming", { ...safe, state: "in_progress" }, now - 3 * hourMs, null],
    ])("takes an instant: %s", (_, protection, toldAt, took) => {
        expect(timeToProtection(protection, toldAt)).toBe(took)
    })
})

describe("protection reports", () => {
    let world: Program
    let partner: TestPartner
    let second: TestPartner
    let subject: string

    beforeAll(async () => {
        world = await createProgram()
        partner = await newPartner(world, "validate")
        second = await newPartner(world, "validate")
    }, 120_000)
    afterAll(() => world.database.close())
    beforeEach(async () => {
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        subject = await newCase(world, "toolshell")
        const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
        await releaseWaveNow(world, subject, "validate", [summary])
        await fetchCopyText(world, partner, summary)
        world.clock.now = now
    }, 120_000)

    const say = (changed: Partial<Protection> = {}, actor = partner.analyst) =>
        world.acting(actor, (ctx) => reportProtection(ctx, subject, { ...safe, ...changed }))
    const ofCase = () => world.acting(world.investigator, (ctx) => listProtections(ctx, subject))
    const own = (actor = partner.analyst) => world.acting(actor, (ctx) => listProtectionsForPartner(ctx, null))
    const events = async () =>
        (await listEvents(world.database)).filter(
            ({ kind, body }) => kind === "protection.reported" && body["case"] === subject,
        )

    test("are kept, newest first, with the time taken; a repetition adds nothing", async () => {
        await say({ state: "in_progress", since: null, note: "Tomorrow." })
        await say({ state: "in_progress", since: null, note: " Tomorrow. " })
        await say()
        expect(await ofCase()).toMatchObject([
            { partner: partner.id, name: "analyst", state: "protected", tookMs: 23 * hourMs },
            { partner: partner.id, state: "in_progress", note: "Tomorrow.", tookMs: null },
        ])
        expect(await events()).toHaveLength(2)
        await say({ state: "in_progress", since: null, note: "Tomorrow." })
        expect(await ofCase()).toHaveLength(3)
    })

    test("K-11 appear in no table in clear, nor in the audit log", async () => {
        await say({ state: "needs_more", since: null, note: "zqword for our proxy" })
        const [dump] = await world.database.db.transaction((tx) =>
            tx.query<{ all: string }>("select string_agg(p::text, '') as all from protection_statuses p"),
        )
        expect(dump?.all).not.toContain("zqword")
        expect(dump?.all).not.toContain(Buffer.from("zqword").toString("hex"))
        expect(Object.keys((await events())[0]?.body ?? {}).toSorted()).toEqual(["by", "case", "partner", "protection"])
    })

    test("A-13 A-15 are hidden from other partners, and outside the access list", async () => {
        const outsider = await createPartnerMember(world.acting, partner.id, ["analyst"])
        await world.acting(partner.lead, (ctx) =>
            setAccessList(ctx, subject, [partner.lead.person, partner.analyst.person]),
        )
        await say({ note: "ours" })
        const ours = (list: readonly { readonly note: string }[]) => list.filter(({ note }) => note === "ours")
        expect(ours(await own())).toHaveLength(1)
        expect(ours(await own(second.lead))).toEqual([])
        expect(ours(await own(outsider))).toEqual([])
    })
})

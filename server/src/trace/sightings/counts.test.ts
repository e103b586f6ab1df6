/** Aggregates of partners' reports, counted on a real database. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { silentLog } from "../../platform/log/log.ts"
import { requestApproval } from "../../trust/approvals/actions/request-approval.ts"
import { computeRulesEffects, setRules } from "../../trust/partners/actions/set-program-rules.ts"
import { reportTestResult } from "../../share/delivery/actions/report-test-result.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { loadAggregates, countAggregatesJob } from "./actions/count-aggregates.ts"
import { reportProtection } from "./actions/report-protection.ts"
import { reportSighting, withdrawReport } from "./actions/report-sighting.ts"

let world: Program
let partners: TestPartner[]
let subject: string
let other: string
let rule: string
const none = { exploitation: null, none_observed: null, protected: null, false_positives: null }
const rules = { notified: true, groupMin: 5 }

beforeAll(async () => {
    world = await createProgram()
    partners = []
    for (let n = 0; n < 13; n++) partners.push(await newPartner(world, "validate"))
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    subject = await newCase(world, "toolshell")
    rule = await newArtifact(world, subject, "rules", "toolshell/request.rules")
    await releaseWaveNow(world, subject, "validate", [rule])
    // The last partner has access and never fetches.
    for (const partner of partners.slice(0, 12)) await fetchCopyText(world, partner, rule)
}, 240_000)
afterAll(() => world.database.close())

const partner = (n: number) => partners[n] ?? partners[0]!
const report = (n: number, id = newId(), zeroReportSince: number | null = null) =>
    world.acting(partner(n).analyst, (ctx) =>
        reportSighting(ctx, subject, id, {
            observedAt: ctx.now,
            zeroReportSince,
            clock: "unknown",
            product: "",
            indicators: [],
            confidence: null,
            note: "",
        }),
    )
const describe = async () => {
    const { cells } = await world.acting(world.manager, (ctx) => loadAggregates(ctx, subject))
    return Object.fromEntries(cells.map(({ cell, partners: band }) => [cell, band]))
}
const count = () => countAggregatesJob.run(world.services)
async function nextDay(): Promise<void> {
    world.clock.now += dayMs - (world.clock.now % dayMs)
    await count()
}

test("counts and shows nothing until two people turn it on", async () => {
    for (let n = 0; n < 6; n++) await report(n)
    await nextDay()
    expect(await world.acting(world.manager, (ctx) => loadAggregates(ctx, subject))).toEqual({
        notified: false,
        groupMin: null,
        cells: [],
    })
    const set = (approval?: string, notified = rules) =>
        world.acting(world.manager, (ctx) => setRules(ctx, "aggregates", notified, approval))
    expect(await awaitRefusalCode(set())).toBe("partner.needs_two_people")
    const effects = await world.acting(world.manager, (ctx) => computeRulesEffects(ctx, "aggregates", rules))
    const approval = await world.acting(world.manager, (ctx) => requestApproval(ctx, effects!))
    await signAsApprover(world, approval)
    expect(await awaitRefusalCode(set(approval, { notified: true, groupMin: 6 }))).toBe("approval.effects_exceeded")
    await set(approval)
    expect(
        await world.acting(world.manager, (ctx) =>
            computeRulesEffects(ctx, "aggregates", { ...rules, notified: false }),
        ),
    ).toBe(null)
    expect(await describe()).toEqual(none)
    await count()
    expect(await describe()).toEqual({ ...none, exploitation: "5–9" })
})

test("A-13 counts only at midnight, and shows no change by one partner", async () => {
    const before = await describe()
    const id = newId()
    await report(7, id)
    await count()
    expect(await describe()).toEqual(before)
    await nextDay()
    expect(await describe()).toEqual(before)
    await world.acting(partner(7).lead, (ctx) => withdrawReport(ctx, id))
    await nextDay()
    expect(await describe()).toEqual(before)
})

test("counts no partner without a fetch, and counts a zero report as none seen", async () => {
    for (const n of [0, 1, 7, 8, 9, 10, 11, 12]) await report(n, newId(), world.clock.now - hourMs)
    await nextDay()
    // Five holders have seen none: at the edge, and therefore not shown.
    expect(await describe()).toEqual({ ...none, exploitation: "5–9" })
    const changed = (await listEvents(world.database)).filter(({ kind }) => kind === "aggregate.changed")
    expect(changed.map(({ body }) => body["cells"])).toEqual([["exploitation"]])
    await report(6, newId(), world.clock.now - hourMs)
    await nextDay()
    expect(await describe()).toEqual({ ...none, exploitation: "5–9", none_observed: "5–9" })
})

test("counts protection and false positives by the latest report", async () => {
    const since = world.clock.now
    for (let n = 0; n < 7; n++) {
        await world.acting(partner(n).lead, (ctx) =>
            reportProtection(ctx, subject, { state: "protected", since, note: "" }),
        )
    }
    await world.acting(partner(6).lead, (ctx) =>
        reportProtection(ctx, subject, { state: "needs_more", since: null, note: "It blocks our own." }),
    )
    for (let n = 4; n < 10; n++) {
        const name = aliasFor(world.services.keys, partner(n).id, "artifact", rule)
        const result = { verdict: "false_positives", hits: 3, falsePositives: 2, environment: "" } as const
        await world.acting(partner(n).analyst, (ctx) => reportTestResult(ctx, name, { version: 1, ...result }))
    }
    const before = await describe()
    world.clock.now += hourMs
    await count()
    expect(await describe()).toEqual(before)
    await nextDay()
    expect(await describe()).toEqual({
        exploitation: "5–9",
        none_observed: "5–9",
        protected: "5–9",
        false_positives: "5–9",
    })
})

test("A-13 counts test results of a case without other reports", async () => {
    other = await newCase(world, "bypass")
    const tested = await newArtifact(world, other, "rules", "toolshell/request.rules")
    await releaseWaveNow(world, other, "validate", [tested])
    for (const each of partners) await fetchCopyText(world, each, tested)
    for (let n = 0; n < 7; n++) {
        const name = aliasFor(world.services.keys, partner(n).id, "artifact", tested)
        const result = { verdict: "false_positives", hits: 3, falsePositives: 2, environment: "" } as const
        await world.acting(partner(n).analyst, (ctx) => reportTestResult(ctx, name, { version: 1, ...result }))
    }
    await nextDay()
    const aggregates = await world.acting(world.manager, (ctx) => loadAggregates(ctx, other))
    expect(aggregates.cells).toContainEqual({ cell: "false_positives", partners: "5–9" })
})

test("keeps the bands of a case that cannot be decrypted, logs it, and counts the others", async () => {
    const written = (change: string) =>
        world.database.db.transaction((tx) =>
            tx.query(`update test_results set result_ciphertext = ${change} where case_id = $1`, [subject]),
        )
    const before = await describe()
    const logged: unknown[] = []
    const log = { ...silentLog, error: (...line: unknown[]) => void logged.push(line) }
    const since = world.clock.now
    for (let n = 0; n < 7; n++) {
        await world.acting(partner(n).lead, (ctx) =>
            reportProtection(ctx, other, { state: "protected", since, note: "" }),
        )
    }
    await written("'\\x00'::bytea || result_ciphertext")
    world.clock.now += dayMs - (world.clock.now % dayMs)
    await countAggregatesJob.run({ ...world.services, log })
    await written("substring(result_ciphertext from 2)")
    expect(logged).toEqual([["case not counted", { id: subject, error: expect.stringContaining("cannot decrypt") }]])
    expect(await describe()).toEqual(before)
    const { cells } = await world.acting(world.manager, (ctx) => loadAggregates(ctx, other))
    expect(cells).toContainEqual({ cell: "protected", partners: "5–9" })
})

test("starts again with a new version of the rule", async () => {
    await world.acting(world.manager, (ctx) => setRules(ctx, "aggregates", { notified: true, groupMin: 6 }))
    expect(await describe()).toEqual(none)
    await nextDay()
    expect(await describe()).toEqual(none)
})

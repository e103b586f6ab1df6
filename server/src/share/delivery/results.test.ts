/** Tests test results on a real database: who reports them, what counts, and who sees them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
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
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { setRules } from "../../trust/partners/actions/set-program-rules.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { aliasFor } from "./actions/resolve-alias.ts"
import {
    isTester,
    listResultsForPartner,
    reportTestResult,
    listResultsWithReporters,
} from "./actions/report-test-result.ts"
import { type TestResult, isTestable, validateResult } from "./test-result.ts"

let world: Program
let caseId: string
let rules: string
let summary: string
let tester: TestPartner
let second: TestPartner
let entry: TestPartner

beforeAll(async () => {
    world = await createProgram()
    tester = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
    entry = await newPartner(world, "entry")
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(world, "toolshell")
    rules = await newArtifact(world, caseId, "rules", "toolshell/request-web-log.yml")
    world.clock.now += 1
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    await releaseWaveNow(world, caseId, "validate", [rules, summary])
    world.clock.now += 1000
}, 120_000)

const works: TestResult = { verdict: "works", hits: 12, falsePositives: 0, environment: "Proxy logs of a week." }
const nameOf = (artifact: string, partner: TestPartner) =>
    aliasFor(world.services.keys, partner.id, "artifact", artifact)
const report = (partner = tester, its_: Partial<TestResult & { version: number }> = {}, artifact = rules) =>
    world.acting(partner.analyst, (ctx) =>
        reportTestResult(ctx, nameOf(artifact, partner), { ...works, version: 1, ...its_ }),
    )
const listResults = () => world.acting(world.author, (ctx) => listResultsWithReporters(ctx, rules))
const listOwnResults = (partner = tester) =>
    world.acting(partner.analyst, (ctx) => listResultsForPartner(ctx, partner.id))
const countReports = async () =>
    (await listEvents(world.database)).filter(({ kind }) => kind === "test_result.reported").length

describe("a test result", () => {
    test("of each tester is shown next to the rule, with tester and time, newest first", async () => {
        for (const partner of [tester, second]) await fetchCopyText(world, partner, rules)
        await report()
        world.clock.now += 60_000
        await report(second, { verdict: "does_not_work", hits: null, falsePositives: null, environment: "" })
        expect(await listResults()).toEqual([
            {
                partner: second.id,
                person: second.analyst.person,
                name: "analyst",
                artifact: rules,
                version: 1,
                verdict: "does_not_work",
                hits: null,
                falsePositives: null,
                environment: "",
                at: world.clock.now,
                earlier: [],
            },
            {
                partner: tester.id,
                person: tester.analyst.person,
                name: "analyst",
                artifact: rules,
                version: 1,
                ...works,
                at: world.clock.now - 60_000,
                earlier: [],
            },
        ])
    })

    test("can be corrected, and keeps its history", async () => {
        await fetchCopyText(world, tester, rules)
        await report()
        world.clock.now += 60_000
        await report(tester, { verdict: "false_positives", falsePositives: 3 })
        const [now, ...others] = await listResults()
        expect(others).toEqual([])
        expect(now).toMatchObject({ verdict: "false_positives", falsePositives: 3, earlier: [{ verdict: "works" }] })
        const reported = (await listOwnResults()).filter((reported) => reported.artifact === nameOf(rules, tester))
        expect(reported).toMatchObject([{ verdict: "false_positives", version: 1 }])
        const last = (await listEvents(world.database)).findLast(({ kind }) => kind === "test_result.reported")
        expect(last?.body).toMatchObject({ artifact: rules, version: 1, partner: tester.id, corrects: true })
        for (let n = 2; n < 20; n++) await report()
        expect(await awaitRefusalCode(report())).toBe("test_result.too_many")
    })

    test("is visible only to its own partner", async () => {
        for (const partner of [tester, second]) await fetchCopyText(world, partner, rules)
        await report()
        const before = (await listOwnResults(second)).length
        expect((await listOwnResults()).length).toBeGreaterThan(0)
        await report(tester, { environment: "Again." })
        expect((await listOwnResults(second)).length).toBe(before)
    })

    test("is encrypted, and not in the audit log", async () => {
        await fetchCopyText(world, tester, rules)
        await report(tester, { environment: "The quiet warehouse." })
        const rows = await world.database.db.transaction((tx) => tx.query("select * from test_results"))
        expect(JSON.stringify([rows, await listEvents(world.database)])).not.toContain("warehouse")
        const boxes = (rows as { result_ciphertext: Buffer }[]).map((row) => row.result_ciphertext.toString("latin1"))
        expect(boxes.join("")).not.toContain("warehouse")
    })
})

describe("reporting a test result is refused", () => {
    test.each([
        ["for another tier", () => report(entry), "test_result.not_a_tester"],
        ["for a partner that has not fetched it", () => report(), "test_result.not_held"],
        [
            "for a version that was not fetched",
            async () => (await fetchCopyText(world, tester, rules), report(tester, { version: 2 })),
            "test_result.not_held",
        ],
        [
            "for another class",
            async () => (await fetchCopyText(world, tester, summary), report(tester, {}, summary)),
            "test_result.not_testable",
        ],
        ["for an unknown artifact", () => report(tester, {}, newId()), "request.not_found"],
        [
            "for another partner's alias",
            () =>
                world.acting(tester.analyst, (ctx) =>
                    reportTestResult(ctx, nameOf(rules, second), { ...works, version: 1 }),
                ),
            "request.not_found",
        ],
        [
            "for a recalled artifact",
            async () => {
                await fetchCopyText(world, tester, rules)
                await world.acting(world.author, (ctx) =>
                    recallArtifact(ctx, rules, { version: null, reason: "Wrong." }),
                )
                return await report()
            },
            "request.not_found",
        ],
    ])("%s", async (_, work, code) => {
        const before = await countReports()
        expect(await awaitRefusalCode(work())).toBe(code)
        expect(await countReports()).toBe(before)
    })

    test("by a program rule that counts at the next report", async () => {
        const set = (tiers: ("entry" | "advance" | "validate")[]) =>
            world.acting(world.manager, (ctx) => setRules(ctx, "testing", { tiers }))
        const may = (partner: TestPartner) => world.acting(partner.analyst, (ctx) => isTester(ctx, partner.id))
        expect([await may(tester), await may(entry)]).toEqual([true, false])
        world.clock.now += 1
        await set(["entry"])
        world.clock.now += 1
        expect([await may(tester), await may(entry)]).toEqual([false, true])
        expect(await awaitRefusalCode(report())).toBe("test_result.not_a_tester")
        await set([])
        world.clock.now += 1
        expect(await may(entry)).toBe(false)
        await set(["validate"])
    })
})

test.each([
    [{}, "done"],
    [{ hits: null, falsePositives: null }, "done"],
    [{ hits: 1_000_000_000 }, "done"],
    [{ hits: -1 }, "test_result.bad_count"],
    [{ hits: 1.5 }, "test_result.bad_count"],
    [{ falsePositives: 1_000_000_001 }, "test_result.bad_count"],
    [{ verdict: "false_positives", falsePositives: 1 }, "done"],
    [{ verdict: "false_positives" }, "test_result.count_missing"],
    [{ verdict: "false_positives", falsePositives: null }, "test_result.count_missing"],
    [{ environment: "x".repeat(2000) }, "done"],
    [{ environment: "x".repeat(2001) }, "test_result.too_long"],
] as const)("a test result with %j: %s", async (fields, code) => {
    expect(await awaitRefusalCode((async () => validateResult({ ...works, ...fields }))())).toBe(code)
})

test("testers report on rules, guidance and indicators", () => {
    expect((["guidance", "indicators", "rules", "poc", "summary", "patch"] as const).map(isTestable)).toEqual([
        true,
        true,
        true,
        false,
        false,
        false,
    ])
})

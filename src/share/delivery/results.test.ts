/** Results on a real database: who may report what, what counts, and who sees it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
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
import { setRules } from "../../trust/partners/actions/rules.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { nameFor } from "./actions/names.ts"
import { isTester, ownResults, reportResult, resultsOf } from "./actions/results.ts"
import { type Result, isTested, mustBeResult } from "./result.ts"

let its: Program
let caseId: string
let rules: string
let summary: string
let tester: TestPartner
let second: TestPartner
let entry: TestPartner

beforeAll(async () => {
    its = await program()
    tester = await newPartner(its, "validate")
    second = await newPartner(its, "validate")
    entry = await newPartner(its, "entry")
}, 120_000)
afterAll(() => its.database.close())
beforeEach(async () => {
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(its, "toolshell")
    rules = await newArtifact(its, caseId, "rules", "toolshell/request-web-log.yml")
    its.clock.now += 1
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    await fall(its, caseId, "validate", [rules, summary])
    its.clock.now += 1000
}, 120_000)

const works: Result = { verdict: "works", hits: 12, falsePositives: 0, environment: "Proxy logs of a week." }
const nameOf = (artifact: string, who: TestPartner) => nameFor(its.doors.keys, who.id, "artifact", artifact)
const report = (who = tester, its_: Partial<Result & { version: number }> = {}, artifact = rules) =>
    its.acting(who.analyst, (act) => reportResult(act, nameOf(artifact, who), { ...works, version: 1, ...its_ }))
const seen = () => its.acting(its.author, (act) => resultsOf(act, rules))
const own = (who = tester) => its.acting(who.analyst, (act) => ownResults(act, who.id))
const reports = async () => (await recorded(its.database)).filter(({ kind }) => kind === "test_result.reported").length

describe("a result", () => {
    test("of each tester stands beside the rule, with who and when, the newest first", async () => {
        for (const who of [tester, second]) await fetched(its, who, rules)
        await report()
        its.clock.now += 60_000
        await report(second, { verdict: "does not work", hits: null, falsePositives: null, environment: "" })
        expect(await seen()).toEqual([
            {
                ...{ partner: second.id, person: second.analyst.person, name: "analyst", artifact: rules, version: 1 },
                ...{ verdict: "does not work", hits: null, falsePositives: null, environment: "" },
                ...{ at: its.clock.now, earlier: [] },
            },
            {
                ...{ partner: tester.id, person: tester.analyst.person, name: "analyst", artifact: rules, version: 1 },
                ...{ ...works, at: its.clock.now - 60_000, earlier: [] },
            },
        ])
    })

    test("is corrected, and what it was is kept", async () => {
        await fetched(its, tester, rules)
        await report()
        its.clock.now += 60_000
        await report(tester, { verdict: "false positives", falsePositives: 3 })
        const [now, ...others] = await seen()
        expect(others).toEqual([])
        expect(now).toMatchObject({ verdict: "false positives", falsePositives: 3, earlier: [{ verdict: "works" }] })
        const mine = (await own()).filter((one) => one.artifact === nameOf(rules, tester))
        expect(mine).toMatchObject([{ verdict: "false positives", version: 1 }])
        const last = (await recorded(its.database)).findLast(({ kind }) => kind === "test_result.reported")
        expect(last?.body).toMatchObject({ artifact: rules, version: 1, partner: tester.id, corrects: true })
        for (let n = 2; n < 20; n++) await report()
        expect(await codeOf(report())).toBe("test_result.too_many")
    })

    test("is seen by its own partner alone", async () => {
        for (const who of [tester, second]) await fetched(its, who, rules)
        await report()
        const before = (await own(second)).length
        expect((await own()).length).toBeGreaterThan(0)
        await report(tester, { environment: "Again." })
        expect((await own(second)).length).toBe(before)
    })

    test("stands sealed, and not in the record", async () => {
        await fetched(its, tester, rules)
        await report(tester, { environment: "The quiet warehouse." })
        const rows = await its.database.db.transaction((tx) => tx.query("select * from test_results"))
        expect(JSON.stringify([rows, await recorded(its.database)])).not.toContain("warehouse")
        const boxes = (rows as { result_ciphertext: Buffer }[]).map((row) => row.result_ciphertext.toString("latin1"))
        expect(boxes.join("")).not.toContain("warehouse")
    })
})

describe("who may not report", () => {
    test.each([
        ["another tier", () => report(entry), "test_result.not_a_tester"],
        ["who has not fetched it", () => report(), "test_result.not_held"],
        [
            "on a version that was not fetched",
            async () => (await fetched(its, tester, rules), report(tester, { version: 2 })),
            "test_result.not_held",
        ],
        [
            "on another class",
            async () => (await fetched(its, tester, summary), report(tester, {}, summary)),
            "test_result.not_testable",
        ],
        ["on what is nowhere", () => report(tester, {}, newId()), "request.not_found"],
        [
            "by another's name of it",
            () =>
                its.acting(tester.analyst, (act) => reportResult(act, nameOf(rules, second), { ...works, version: 1 })),
            "request.not_found",
        ],
        [
            "on what is recalled",
            async () => {
                await fetched(its, tester, rules)
                await its.acting(its.author, (act) => recallArtifact(act, rules, { version: null, reason: "Wrong." }))
                return await report()
            },
            "request.not_found",
        ],
    ])("%s", async (_, work, code) => {
        const before = await reports()
        expect(await codeOf(work())).toBe(code)
        expect(await reports()).toBe(before)
    })

    test("is a rule of the program, and counts at the next report", async () => {
        const set = (tiers: ("entry" | "advance" | "validate")[]) =>
            its.acting(its.manager, (act) => setRules(act, "testing", { tiers }))
        const may = (who: TestPartner) => its.acting(who.analyst, (act) => isTester(act, who.id))
        expect([await may(tester), await may(entry)]).toEqual([true, false])
        its.clock.now += 1
        await set(["entry"])
        its.clock.now += 1
        expect([await may(tester), await may(entry)]).toEqual([false, true])
        expect(await codeOf(report())).toBe("test_result.not_a_tester")
        await set([])
        its.clock.now += 1
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
    [{ verdict: "false positives", falsePositives: 1 }, "done"],
    [{ verdict: "false positives" }, "test_result.count_missing"],
    [{ verdict: "false positives", falsePositives: null }, "test_result.count_missing"],
    [{ environment: "x".repeat(2000) }, "done"],
    [{ environment: "x".repeat(2001) }, "test_result.too_long"],
] as const)("a result with %j: %s", async (fields, code) => {
    expect(await codeOf((async () => mustBeResult({ ...works, ...fields }))())).toBe(code)
})

test("results are of rules, guidance and indicators", () => {
    expect((["guidance", "indicators", "rules", "poc", "summary", "patch"] as const).map(isTested)).toEqual([
        ...[true, true, true],
        ...[false, false, false],
    ])
})

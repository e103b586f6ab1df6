import fs from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { type PartnerMachine, createPartnerMachine } from "../../../../test/support/partner.ts"
import { type Fault, TestPortal, problem } from "../../../../test/support/doubles/portal.ts"
import { protectionNoteMax } from "../limits.ts"
import { type ReportProtectionOptions, reportProtection } from "./report-protection.ts"

let portal: TestPortal
let desk: PartnerMachine
let warning: string

beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = createPartnerMachine({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
    warning = portal.addWarning("ToolShell").id
    fs.writeFileSync(desk.at("note"), "A rule for our own proxy.\n")
    fs.writeFileSync(desk.at("long"), "x".repeat(protectionNoteMax * 4 + 1))
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

async function runReport(options: ReportProtectionOptions, subject = warning) {
    const exit = await reportProtection(subject, options, desk.world)
    return { exit, ...desk.take() }
}
const run = () => [...portal.protections.values()]

describe("tocsin report-protection", () => {
    test.each<[string, ReportProtectionOptions, object]>([
        [
            "protected, since when",
            { state: "protected", since: "2025-07-07T07:12:00+02:00" },
            { state: "protected", since: "2025-07-07T05:12:00.000Z", note: "" },
        ],
        ["in_progress", { state: "in_progress" }, { state: "in_progress", since: null, note: "" }],
        ["not_applicable", { state: "not_applicable" }, { state: "not_applicable", since: null, note: "" }],
    ])("reports the protection status: %s", async (_, options, input) => {
        const { exit, results } = await runReport({ ...options, json: true })
        expect(exit).toBe(0)
        expect(run()).toEqual([{ warning, ...input }])
        expect(results.map((line) => JSON.parse(line) as unknown)).toEqual(run())
    })

    test("reports missing parts from a file, and prints the report", async () => {
        const { exit, results, messages } = await runReport({ state: "needs_more", noteFile: desk.at("note") })
        expect([exit, results, messages]).toEqual([0, ["reported: needs more"], []])
        expect(run()).toMatchObject([{ state: "needs_more", note: "A rule for our own proxy." }])
    })

    test.each<[string, Fault]>([
        ["is lost", "lost"],
        ["is cut", "refused connection"],
        ["is an error", problem(503, "request.busy")],
    ])("retries, and reports once, when the answer %s", async (_, fault) => {
        portal.faults.set("POST protection-statuses", [fault, fault])
        expect((await runReport({ state: "in_progress" })).exit).toBe(0)
        expect([portal.count("POST protection-statuses"), run()]).toEqual([3, [expect.anything()]])
    })

    test("reports a refusal, and a missing answer", async () => {
        const hidden = await runReport({ state: "in_progress" }, newId())
        expect([hidden.exit, hidden.messages.join()]).toEqual([1, expect.stringContaining("request.not_found")])
        const bare = await runReport({ state: "protected" })
        expect([bare.exit, bare.messages.join()]).toEqual([1, expect.stringContaining("protection.bad_instant")])
        portal.faults.set("POST protection-statuses", Array<Fault>(5).fill("refused connection"))
        const silent = await runReport({ state: "in_progress" })
        expect([silent.exit, silent.messages.join()]).toEqual([1, expect.stringContaining("no answer")])
    })

    test.each<[string, () => ReportProtectionOptions, string?]>([
        ["no status", () => ({})],
        ["an invalid status", () => ({ state: "safe" })],
        ["an invalid instant", () => ({ state: "in_progress", since: "soon" })],
        ["an instant without an offset", () => ({ state: "protected", since: "2025-07-07T07:12" })],
        ["a missing note", () => ({ state: "needs_more", noteFile: desk.at("nothing") })],
        ["a note that is too long", () => ({ state: "needs_more", noteFile: desk.at("long") })],
        ["an invalid warning id", () => ({ state: "in_progress" }), "toolshell"],
    ])("rejects wrong usage: %s", async (_, options, subject) => {
        expect((await runReport(options(), subject)).exit).toBe(2)
        expect(portal.requests).toEqual([])
    })
})

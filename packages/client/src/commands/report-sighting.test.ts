import fs from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { type PartnerMachine, createPartnerMachine } from "../../../../test/support/partner.ts"
import { type Fault, TestPortal, problem } from "../../../../test/support/doubles/portal.ts"
import { type ReportSightingOptions, reportSighting } from "./report-sighting.ts"

let portal: TestPortal
let desk: PartnerMachine
let warning: string

beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = createPartnerMachine({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
    warning = portal.addWarning("ToolShell").id
    fs.writeFileSync(desk.at("note"), "Two servers of a customer.\n")
    fs.writeFileSync(desk.at("indicators"), "198.51.100.7\n\n  /_layouts/15/ToolPane.aspx  \n")
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

async function sighted(options: ReportSightingOptions = {}, subject: string | undefined = warning) {
    const exit = await reportSighting(subject, { observedAt: "2025-07-07T07:12:00+02:00", ...options }, desk.world)
    return { exit, ...desk.take() }
}
const run = (): ReportSightingOptions => ({
    clock: "synchronised",
    product: "SharePoint",
    confidence: "80",
    indicatorsFile: desk.at("indicators"),
    noteFile: desk.at("note"),
})
const call = () => [...portal.sightings.values()]

describe("tocsin report-sighting", () => {
    test("reports a sighting, and prints its id", async () => {
        const { exit, results } = await sighted({ ...run(), json: true })
        expect(exit).toBe(0)
        const report = {
            warning,
            observedAt: "2025-07-07T05:12:00.000Z",
            clock: "synchronised",
            product: "SharePoint",
            indicators: ["198.51.100.7", "/_layouts/15/ToolPane.aspx"],
            confidence: 80,
            note: "Two servers of a customer.",
        }
        expect(call()).toEqual([{ id: expect.any(String), ...report }])
        expect(JSON.parse(results[0] ?? "")).toEqual(call()[0])
    })

    test("repeated is one report; a different one is another", async () => {
        const first = await sighted(run())
        expect(first.results).toEqual([expect.stringMatching(/^reported: [0-9a-f]{8}-[0-9a-f]{4}-8/)])
        expect(await sighted(run())).toEqual(first)
        expect(call()).toHaveLength(1)
        await sighted({ ...run(), confidence: "81" })
        expect(call()).toHaveLength(2)
    })

    test("uses a given id, which is refused for another report", async () => {
        const id = newId()
        expect((await sighted({ id: id.toUpperCase() })).results).toEqual([`reported: ${id}`])
        const again = await sighted({ id, confidence: "1" })
        expect([again.exit, again.messages.join()]).toEqual([1, expect.stringContaining("sighting.id_taken")])
    })

    test.each<[string, Fault]>([
        ["is lost", "lost"],
        ["is cut", "refused connection"],
        ["is an error", problem(503, "request.busy")],
    ])("retries, and reports once, when the answer %s", async (_, fault) => {
        portal.faults.set("POST sightings", [fault, fault])
        expect((await sighted()).exit).toBe(0)
        expect([portal.count("POST sightings"), call()]).toEqual([3, [expect.anything()]])
    })

    test("reports a refusal, and a missing answer", async () => {
        const hidden = await sighted({}, newId())
        expect([hidden.exit, hidden.messages.join()]).toEqual([1, expect.stringContaining("request.not_found")])
        portal.faults.set("POST sightings", Array<Fault>(5).fill("refused connection"))
        const silent = await sighted()
        expect([silent.exit, silent.messages.join()]).toEqual([1, expect.stringContaining("no answer")])
    })

    test("sends a zero report with its time range", async () => {
        const { exit } = await sighted({ zeroReportSince: "2025-07-06T00:00:00Z" })
        expect(exit).toBe(0)
        expect(call()).toMatchObject([
            { zeroReportSince: "2025-07-06T00:00:00.000Z", observedAt: "2025-07-07T05:12:00.000Z", indicators: [] },
        ])
    })

    test("withdraws a report, and fails when there is none", async () => {
        const id = newId()
        await sighted({ id })
        const back = async () => {
            const exit = await reportSighting(undefined, { withdraw: id.toUpperCase() }, desk.world)
            return { exit, ...desk.take() }
        }
        expect(await back()).toEqual({ exit: 0, results: [`withdrawn: ${id}`], messages: [] })
        expect(call()).toEqual([])
        expect((await back()).exit).toBe(1)
    })

    test("rejects a withdrawal with a zero report", async () => {
        const options = { withdraw: newId(), zeroReportSince: "2025-07-06T00:00:00Z" }
        expect(await reportSighting(undefined, options, desk.world)).toBe(2)
        expect(portal.requests).toEqual([])
    })

    test.each<[string, ReportSightingOptions, (string | null)?]>([
        ["no instant", { observedAt: undefined }],
        ["an invalid start", { zeroReportSince: "yesterday" }],
        ["an invalid report to withdraw", { withdraw: "mine" }],
        ["a report to withdraw, with a warning", { withdraw: newId() }],
        ["an instant without an offset", { observedAt: "2025-07-07T07:12" }],
        ["an invalid clock", { clock: "atomic" }],
        ["a confidence of 101", { confidence: "101" }],
        ["a confidence that is not a number", { confidence: "high" }],
        ["an invalid id", { id: "mine" }],
        ["a missing note", { noteFile: "/nowhere/note" }],
        ["an invalid warning id", {}, "toolshell"],
    ])("rejects wrong usage: %s", async (_, options, subject) => {
        expect((await sighted(options, subject ?? warning)).exit).toBe(2)
        expect(portal.requests).toEqual([])
    })
})

describe("tocsin report-sighting --stix", () => {
    const object = { type: "sighting", id: `sighting--${newId()}` }
    const posted = async (content: unknown, options: ReportSightingOptions = {}) => {
        fs.writeFileSync(desk.at("stix"), typeof content === "string" ? content : JSON.stringify(content))
        const exit = await reportSighting(undefined, { stix: desk.at("stix"), ...options }, desk.world)
        return { exit, ...desk.take() }
    }

    test.each<[string, unknown]>([
        ["a bundle", { type: "bundle", id: `bundle--${newId()}`, objects: [object] }],
        ["an envelope", { objects: [object] }],
        ["a list", [object]],
        ["one object", object],
    ])("posts the objects of %s", async (_, content) => {
        expect(await posted(content)).toEqual({ exit: 0, results: ["accepted: 1 of 1 objects"], messages: [] })
        expect(portal.envelopes).toEqual([{ objects: [object] }])
        expect(portal.urls).toEqual(["/taxii2/api/collections/sightings/objects/"])
    })

    test("lists the objects that were not accepted, with reasons", async () => {
        const other = { type: "identity", id: `identity--${newId()}` }
        const { exit, results, messages } = await posted([object, other], { json: true })
        expect(exit).toBe(1)
        expect(JSON.parse(results[0] ?? "")).toMatchObject({ success_count: 1, failures: [{ id: other.id }] })
        expect(messages).toEqual([`refused: ${other.id}: not taken`])
    })

    test("retries after an outage, and prints the code of a TAXII refusal", async () => {
        portal.faults.set("POST sightings", ["lost"])
        expect((await posted(object)).exit).toBe(0)
        const headers = { "content-type": "application/taxii+json;version=2.1" }
        const body = { title: "No", http_status: "422", error_code: "taxii.bad_envelope", description: "an envelope" }
        portal.faults.set("POST sightings", [{ status: 422, headers, body }])
        const { exit, messages } = await posted(object)
        expect([exit, messages]).toEqual([1, ["refused: an envelope (taxii.bad_envelope)"]])
    })

    test.each<[string, unknown, number]>([
        ["invalid JSON", "{", 1],
        ["a repeated key", '{"id": "a", "id": "b"}', 1],
        ["nothing", { objects: [] }, 2],
        ["a text", '"sighting"', 2],
        ["a text among objects", [object, "sighting"], 2],
        ["a list in a list", [[object]], 2],
        ["too many objects", JSON.stringify({ ...object, description: "x".repeat(300_000) }), 2],
    ])("refuses a file with %s", async (_, content, exit) => {
        expect((await posted(content)).exit).toBe(exit)
        expect(portal.requests).toEqual([])
    })

    test.each<[string, ReportSightingOptions]>([
        ["a report to withdraw", { withdraw: newId() }],
        ["a zero report", { zeroReportSince: "2025-07-06T00:00:00Z" }],
    ])("rejects %s, and does nothing", async (_, options) => {
        expect((await posted(object, options)).exit).toBe(2)
        expect(portal.requests).toEqual([])
    })

    test("needs no warning, and an existing file", async () => {
        expect((await sighted({ stix: desk.at("note") })).exit).toBe(2)
        expect(await reportSighting(undefined, { stix: desk.at("nothing") }, desk.world)).toBe(2)
    })
})

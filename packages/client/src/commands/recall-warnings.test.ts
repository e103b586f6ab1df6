import fs from "node:fs"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { type PartnerMachine, createPartnerMachine } from "../../../../test/support/partner.ts"
import { TestPortal, problem } from "../../../../test/support/doubles/portal.ts"
import { confirmDeletion } from "./confirm-deletion.ts"
import { createKey } from "./keys.ts"
import { type PullOptions, pull } from "./pull.ts"
import { type ReportResultOptions, reportResult } from "./report-result.ts"

let portal: TestPortal
let desk: PartnerMachine

beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = createPartnerMachine({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
    await createKey({}, desk.world)
    desk.take()
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

async function runPull(options: Partial<PullOptions> = {}) {
    const exit = await pull({ out: desk.at("out"), ...options }, desk.world)
    return { exit, ...desk.take() }
}

async function deleted(id: string) {
    const exit = await confirmDeletion(id, { out: desk.at("out") }, desk.world)
    return { exit, ...desk.take() }
}

describe("a recall", () => {
    test("is shown at each pull with its copies, until a person confirms deletion", async () => {
        const warning = portal.addWarning("ToolShell", "request.rules", "summary.md")
        expect((await runPull()).exit).toBe(0)
        const recall = portal.recallArtifact(warning, "request.rules")
        const file = desk.at("out", warning.id, "request.rules.age")
        for (const _ of [1, 2]) {
            const { exit, messages } = await runPull()
            expect([exit, messages]).toEqual([3, [expect.stringContaining(`delete ${file}; after you deleted`)]])
            expect(messages[0]).toContain(`tocsin confirm-deletion ${recall.id}`)
        }
        const { results } = await runPull({ json: true })
        expect(JSON.parse(results[0]!)).toMatchObject({
            recalled: [{ id: recall.id, name: "request.rules", files: [file] }],
        })

        expect(await deleted(recall.id)).toMatchObject({ exit: 1, messages: [expect.stringContaining("copy_present")] })
        expect(portal.count("POST confirm-deletion")).toBe(0)
        fs.rmSync(file)
        expect((await runPull()).messages).toEqual([expect.stringContaining("this folder has no copy of it")])
        expect(await deleted(recall.id)).toMatchObject({ exit: 0, results: [expect.stringContaining("request.rules")] })
        expect(await runPull()).toMatchObject({ exit: 0, messages: ["nothing new (copies: 1)"] })
    })

    test("lists only the recalled versions", async () => {
        const warning = portal.addWarning("ToolShell", "a.md")
        await runPull()
        const next = { ...warning, artifacts: warning.artifacts.map((artifact) => ({ ...artifact, version: 2 })) }
        portal.warnings = [next]
        await runPull()
        portal.recallArtifact(next, "a.md")
        const { results } = await runPull({ json: true })
        const { recalled } = JSON.parse(results[0]!) as { recalled: { files: string[] }[] }
        expect(recalled.map(({ files }) => files.map((file) => path.basename(file)))).toEqual([["a.v2.md.age"]])
    })

    test("is shown before a refusal, and once while watching", async () => {
        const warning = portal.addWarning("ToolShell", "a.md", "b.md")
        portal.faults.set("GET copy", [problem(409, "delivery.no_key")])
        portal.recallArtifact(warning, "a.md")
        const { exit, messages } = await runPull()
        expect([exit, messages.length]).toEqual([3, 2])
        const stop = new AbortController()
        let looks = 0
        const sleep = async () => {
            if (++looks === 3) stop.abort()
        }
        expect(await pull({ out: desk.at("out"), watch: true }, { ...desk.world, sleep }, stop.signal)).toBe(0)
        expect(desk.take().messages.filter((line) => line.startsWith("recalled"))).toHaveLength(1)
    })

    test("is not requested for an invalid id or without a recall", async () => {
        expect((await deleted("request.rules")).exit).toBe(2)
        expect(portal.requests).not.toContain("GET recalls")
        expect(await deleted(newId())).toMatchObject({ exit: 1, messages: [expect.stringContaining("not_found")] })
    })
})

describe("tocsin report-result", () => {
    const report = async (file: string, options: ReportResultOptions) => {
        const exit = await reportResult(file, options, desk.world)
        return { exit, ...desk.take() }
    }

    test("reports on the copy in a file, by artifact and version", async () => {
        const warning = portal.addWarning("ToolShell", "request.rules")
        await runPull()
        const file = path.relative(process.cwd(), desk.at("out", warning.id, "request.rules.age"))
        fs.writeFileSync(desk.at("note"), "Two weeks of proxy logs.\n")
        const options = { verdict: "false_positives", hits: "40", falsePositives: "3", noteFile: desk.at("note") }
        const input = { exit: 0, results: ["reported: false positives, version 1"], messages: [] }
        expect(await report(file, options)).toEqual(input)
        const artifact = warning.artifacts[0]!.id
        const environment = "Two weeks of proxy logs."
        const sent = { verdict: "false_positives", hits: 40, falsePositives: 3, environment }
        expect(portal.results).toEqual([{ artifact, version: 1, ...sent }])
        expect((await report(file, { verdict: "works" })).exit).toBe(0)
        expect(portal.results[1]).toMatchObject({ hits: null, falsePositives: null, environment: "" })
    })

    test.each<[string, ReportResultOptions]>([
        ["no verdict", { verdict: "perfect" }],
        ["no count", { verdict: "works", hits: "many" }],
        ["a missing note", { verdict: "works", noteFile: "nowhere" }],
        ["a file without a pull entry", { verdict: "works" }],
    ])("sends nothing with %s", async (_, options) => {
        const file = desk.at("request.rules.age")
        fs.writeFileSync(file, "age")
        expect((await report(file, options)).exit).toBe(2)
        expect(portal.results).toEqual([])
    })
})

import fs from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { type PartnerMachine, createPartnerMachine } from "../../../../test/support/partner.ts"
import { TestPortal } from "../../../../test/support/doubles/portal.ts"
import { exportMisp } from "./export-misp.ts"

let portal: TestPortal
let desk: PartnerMachine
let warning: string

beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = createPartnerMachine({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
    warning = portal.addWarning("ToolShell").id
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

describe("tocsin export-misp", () => {
    test("prints the event of a warning, or writes it readable by its owner only", async () => {
        const event = { Event: { uuid: warning, info: "ToolShell" } }
        expect(await exportMisp(warning, {}, desk.world)).toBe(0)
        const printed = desk.take().results
        expect(printed.map((line) => JSON.parse(line))).toEqual([event])
        // A line break would be printed as an escape, which no JSON reader takes.
        expect(printed.join()).not.toContain("\n")
        expect(await exportMisp(warning, { out: desk.at("event.json") }, desk.world)).toBe(0)
        expect(desk.take().results).toEqual([])
        expect(JSON.parse(fs.readFileSync(desk.at("event.json"), "utf8"))).toEqual(event)
        expect(fs.statSync(desk.at("event.json")).mode & 0o777).toBe(0o600)
    })

    test("overwrites no file", async () => {
        fs.writeFileSync(desk.at("event.json"), "mine")
        expect(await exportMisp(warning, { out: desk.at("event.json") }, desk.world)).toBe(1)
        expect(desk.take().messages.join()).toContain("files.already_exists")
        expect(fs.readFileSync(desk.at("event.json"), "utf8")).toBe("mine")
    })

    test("reports a refusal, and rejects an invalid id", async () => {
        expect(await exportMisp(newId(), {}, desk.world)).toBe(1)
        expect(desk.take().messages.join()).toContain("request.not_found")
        expect(await exportMisp("../x", {}, desk.world)).toBe(2)
        expect(portal.count("GET misp")).toBe(1)
    })
})

/**
 * What a reader without an individual copy gets, on every channel: the first variant of each slot. The other variants
 * contain `zqother`, so that the test finds a channel that shows more.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { addArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import { loadMaster } from "../server/src/share/artifacts/actions/load-artifacts.ts"
import { validateVersion } from "../server/src/share/artifacts/actions/validate-artifact.ts"
import type { ArtifactClass } from "../server/src/share/artifacts/artifact.ts"
import { openCase } from "../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo, endEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { aliasFor } from "../server/src/share/delivery/actions/resolve-alias.ts"
import { readStaffCopy } from "../server/src/share/marking/actions/read-staff-copy.ts"
import { publishCase } from "../server/src/share/publication/actions/publish-case.ts"
import { createPublisherKey } from "../server/src/trust/publisher-keys/actions/publisher-key.ts"
import { comparableTextsOf } from "../server/src/share/publication/comparable-texts.ts"
import { planWaves } from "../server/src/share/waves/actions.ts"
import { system } from "./support/actors.ts"
import { type Portal, openPortal, createToken } from "./support/polled-pages.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newPartner,
    createProgram,
} from "./support/program.ts"

const text = "{{zqfirst|zqother|zqother two}}"
const port = "{{=port:20000-20255}}"
const prose = `The {{zqfirst|zqother}} ${text} waits on ${port}`
const texts: readonly [ArtifactClass, string, string][] = [
    [
        "summary",
        "summary.md",
        `# About ${text}\n\n${prose}{{zero-width}}, or \`port ${port}\`: CVE-2025-10001.\n\n- **one** ${text} ` +
            `thing\n- another\n\n> ${text} it said.\n`,
    ],
    ["guidance", "guidance.txt", `${prose}.\n\nInstall the ${text} update.\n`],
    [
        "rules",
        "request.yml",
        `title: A request\nlogsource:\n    category: webserver\ndescription: |\n    ${prose}.\ndetection:\n   ` +
            ` selection:\n        dst_port: ${port}\n    condition: selection\nfalsepositives:\n    - A ${text} edit\n`,
    ],
    [
        "rules",
        "request.rules",
        `alert tcp any any -> any ${port} (msg:"${prose}"; flow:to_server,established; sid:1000001; rev:1;)\n`,
    ],
    [
        "rules",
        "page.yar",
        `rule page {\n    meta:\n        description = "${prose}"\n    strings:\n        $a = "zqfirst ` +
            `${port}"\n    condition:\n        $a and filesize < ${port}KB\n}\n`,
    ],
    [
        "rules",
        "detect.py",
        "import socket\n\nPORT = {{=port:20000-20255}}\nnote = 'zqfirst'\nwait = 30  # mark: 20..60\n",
    ],
    [
        "indicators",
        "indicators.json",
        JSON.stringify({
            type: "bundle",
            id: "bundle--00000000-0000-4000-8000-000000000001",
            objects: [
                {
                    type: "indicator",
                    spec_version: "2.1",
                    id: "indicator--00000000-0000-4000-8000-000000000002",
                    created: "2025-06-01T00:00:00.000Z",
                    modified: "2025-06-01T00:00:00.000Z",
                    name: "zqfirst",
                    description: prose,
                    pattern_type: "stix",
                    indicator_types: ["malicious-activity"],
                    pattern: `[network-traffic:dst_port = ${port}]`,
                    valid_from: "2025-06-01T00:00:00.000Z",
                },
            ],
        }),
    ],
    ["indicators", "list.md", `${prose}.\n`],
    ["technical", "technical.md", `${prose}. It asks {{=port:20000-20255}} again.\n`],
    ["technical", "data.csv", "zqfirst,20000\n"],
    [
        "poc",
        "poc.py",
        "PORT = {{=port:20000-20255}}\nnote = 'zqfirst'\nwait = 30  # mark: 20..60\nprint(PORT, note, wait)\n",
    ],
]

let world: Program
let partner: TestPartner
let portal: Portal
let token: string
let caseId: string
const ids = new Map<string, string>()

beforeAll(async () => {
    world = await createProgram()
    await world.acting(system, createPublisherKey)
    partner = await newPartner(world, "validate")
    caseId = await world.acting(world.author, async (ctx) => {
        const products = [{ vendor: "Acme", name: "pkg:npm/server", fixedIn: "16.0.1" }]
        const weakness = { cwe: "CWE-94", score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }
        const vulnerabilities = [{ cve: "CVE-2025-10001", ...weakness, products }]
        const id = await openCase(ctx, { title: "Code injection", vulnerabilities, finder: "somebody" })
        await agreeEmbargo(ctx, id, world.clock.now + dayMs)
        await planWaves(ctx, id)
        return id
    })
    for (const [kind, name, content] of texts) {
        const labels = { tlp: "AMBER+STRICT", pap: "AMBER" } as const
        const input = { case: caseId, class: kind, ...labels, name, content }
        ids.set(name, await world.acting(world.author, (ctx) => addArtifact(ctx, input)))
    }
    await releaseWaveNow(world, caseId, "validate", [...ids.values()])
    portal = await openPortal(world)
    token = await createToken(world, partner)
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})

type Loose = ReturnType<typeof JSON.parse>

async function get(url: string): Promise<{ body: string; type: string }> {
    const { statusCode, body, headers } = await portal.app.inject({
        url,
        headers: { authorization: `Bearer ${token}` },
    })
    expect(`${url} ${statusCode}`).toBe(`${url} 200`)
    return { body, type: String(headers["content-type"]) }
}

/** Checks the content as bytes and as displayed: every text in JSON, and the visible text of a page. */
function mustBeResolved({ body, type }: { body: string; type: string }): string {
    const read = comparableTextsOf(type, body).join("\n")
    for (const item of [body, read]) {
        // Compact JSON closes two objects with the same characters as a slot.
        expect(item).not.toContain("{{")
        expect(item).not.toMatch(/zqother|zqfirst *\||\| *zqfirst/)
        expect(item).not.toMatch(/=port|20255|zero-width|mark:/)
    }
    return read
}

const sentence = "The zqfirst zqfirst waits on 20000"

describe("every text", () => {
    test.each(texts.map(([, name]) => name))(
        "%s is valid, although its master cannot be read by a tool",
        async (name) => {
            const { issues: findings, valid } = await world.acting(world.approver, (ctx) =>
                validateVersion(ctx, ids.get(name) ?? "", null),
            )
            expect(findings.filter(({ severity }) => severity === "error")).toEqual([])
            expect(valid).toBe(true)
        },
    )

    test.each(texts.map(([, name]) => name))("%s as a reader gets it who did not write it", async (name) => {
        const read = await world.acting(world.approver, (ctx) => readStaffCopy(ctx, ids.get(name) ?? ""))
        expect(read.textKind).not.toBe("master")
        expect(read.content).not.toMatch(/\{\{|\}\}|zqfirst\||=port|mark:/)
        expect(
            JSON.stringify(await world.acting(world.approver, (ctx) => loadMaster(ctx, ids.get(name) ?? "", null))),
        ).not.toContain("zqfirst")
    })

    test.each(texts.map(([, name]) => name))("%s as a partner fetches and opens it", async (name) => {
        const copy = await fetchCopyText(world, partner, ids.get(name) ?? "")
        expect(copy).toMatch(/zqfirst|zqother/)
        expect(copy).not.toMatch(/\{\{|\}\}|zqfirst\||=port|mark:|zero-width/)
    })
})

describe("before publication", () => {
    test("TAXII: every object, in a page and alone", async () => {
        const page = await get("/taxii2/api/collections/warnings/objects/")
        mustBeResolved(page)
        const { objects } = JSON.parse(page.body) as { objects: Loose[] }
        const pick = (type: string) => objects.filter((object) => object.type === type)
        expect(pick("note").map(({ content }) => content)).toEqual(
            expect.arrayContaining([
                expect.stringContaining(`# About zqfirst\n\n${sentence}, or \`port 20000\`: CVE-2025-10001.`),
            ]),
        )
        expect(pick("course-of-action")[0].description).toContain(`${sentence}.\n\nInstall the zqfirst update.`)
        const patterns = pick("indicator").map(({ pattern }) => pattern)
        expect(patterns).toEqual(
            expect.arrayContaining([
                "[network-traffic:dst_port = 20000]",
                expect.stringContaining("dst_port: 20000\n"),
                expect.stringContaining(`alert tcp any any -> any 20000 (msg:"${sentence}"`),
                expect.stringContaining("filesize < 20000KB"),
            ]),
        )
        for (const { id } of objects) {
            mustBeResolved(await get(`/taxii2/api/collections/warnings/objects/${id}/`))
        }
        mustBeResolved(await get("/taxii2/api/collections/warnings/manifest/"))
    })

    test("MISP: the event", async () => {
        const name = aliasFor(world.services.keys, partner.id, "warning", caseId)
        const event = await get(`/api/warnings/${name}/misp`)
        expect(mustBeResolved(event)).toContain(sentence)
        expect(JSON.parse(event.body).Event.Tag).toEqual([{ name: "tlp:amber+strict" }, { name: "PAP:AMBER" }])
        const { Attribute } = JSON.parse(event.body).Event as { Attribute: { type: string; value: string }[] }
        const rule = Attribute.find(({ value }) => value.startsWith("alert tcp"))
        expect(rule?.value).toContain(`any 20000 (msg:"${sentence}"`)
    })

    test.each(["/csaf/partner", "/csaf/partner/v2.1"])("CSAF under %s: documents, lists and feeds", async (folder) => {
        const label = folder.endsWith("2.1") ? "amber-strict" : "amber"
        const under = `${folder}/${label}`
        const index = (await get(`${under}/index.txt`)).body.trim().split("\n")
        expect(index).toHaveLength(2)
        const read: string[] = []
        for (const file of index) {
            for (const ending of ["", ".sha256", ".asc"])
                read.push(mustBeResolved(await get(`${under}/${file}${ending}`)))
        }
        expect(read.join("\n")).toContain(`# About zqfirst\n\n${sentence}, or \`port 20000\`: CVE-2025-10001.`)
        expect(read.join("\n")).toContain("Install the zqfirst update.")
        for (const list of [`feed-tlp-${label}.json`, `feed-${label}.json`, "changes.csv", "index.txt", ""]) {
            const { statusCode, body, headers } = await portal.app.inject({
                url: `${under}/${list}`,
                headers: { authorization: `Bearer ${token}` },
            })
            if (statusCode === 200) mustBeResolved({ body, type: String(headers["content-type"]) })
        }
    })

    test("the portal: warnings", async () => {
        const { warnings } = JSON.parse((await get("/api/warnings")).body) as { warnings: { id: string }[] }
        for (const { id } of warnings) mustBeResolved(await get(`/api/warnings/${id}`))
        expect(warnings).toHaveLength(1)
    })
})

describe("after publication", () => {
    beforeAll(async () => {
        await releaseWaveNow(world, caseId, "publication", [...ids.values()])
        world.clock.now += dayMs
        await world.acting(system, (ctx) => endEmbargo(ctx, caseId))
        await world.acting(system, (ctx) => publishCase(ctx, caseId))
    })

    test("the page, and all files that it names: CSAF 2.0 and 2.1, the CVE record, OSV", async () => {
        const page = await get("/advisories/nl-2025-0001")
        expect(mustBeResolved(page)).toContain("waits on 20000")
        const files = [...page.body.matchAll(/href="(\/[^"]+\.json)"/g)].map(([, path = ""]) => path)
        expect(files).toHaveLength(4)
        for (const path of files) {
            const read = mustBeResolved(await get(path))
            expect(read, path).toContain(sentence)
        }
    })

    test("lists and feeds", async () => {
        const lists = ["/advisories", "/advisories.atom", "/csaf/white/index.txt", "/csaf/white/changes.csv"]
        for (const path of [...lists, "/csaf/white/", "/csaf/v2.1/clear/"]) {
            expect(mustBeResolved(await get(path)), path).not.toBe("")
        }
    })

    test("TAXII and MISP continue", async () => {
        expect(mustBeResolved(await get("/taxii2/api/collections/warnings/objects/"))).toContain(sentence)
        mustBeResolved(await get(`/api/warnings/${aliasFor(world.services.keys, partner.id, "warning", caseId)}/misp`))
    })

    test("MISP: the event has no embargo label, and names the operator", async () => {
        const { body } = await get(`/api/warnings/${aliasFor(world.services.keys, partner.id, "warning", caseId)}/misp`)
        const { Event } = JSON.parse(body)
        expect(Event.Orgc.name).toBe("Northlight PSIRT")
        expect(Event.Tag).toEqual([{ name: "tlp:clear" }])
        expect(body).not.toMatch(/amber|PAP:|Embargo/i)
        // MISP updates an attribute only if it is newer.
        const published = String(Math.floor(world.clock.now / 1000))
        const times = Event.Attribute.map(({ timestamp }: { timestamp: string }) => timestamp)
        expect(new Set(times)).toEqual(new Set([published]))
        expect(Event.timestamp).toBe(published)
    })
})

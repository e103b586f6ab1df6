/** Each channel states for each CVE its affected products and fixed versions, and nothing about other products. */
import { writeRows } from "./support/change-notes.ts"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { detailsOf } from "../server/src/demo/seed.ts"
import { bypass, toolshell } from "../server/src/demo/toolshell.ts"
import { parseInstant } from "@tocsin/base/instant"
import { productLine } from "@tocsin/formats/advisory/product"
import { embargoExtension } from "@tocsin/formats/stix/embargo"
import { loadCaseFile, encryptForCase } from "../server/src/share/cases/actions/load-case.ts"
import { openCase, reviseCase } from "../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo, endEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { previewPublication } from "../server/src/share/publication/actions/preview-publication.ts"
import { correctAdvisory, publishCase } from "../server/src/share/publication/actions/publish-case.ts"
import { createPublisherKey } from "../server/src/trust/publisher-keys/actions/publisher-key.ts"
import { planWaves } from "../server/src/share/waves/actions.ts"
import { listEvents, system } from "./support/actors.ts"
import { readSharedData } from "./support/shared-data.ts"
import { type Portal, openPortal, createToken } from "./support/polled-pages.ts"
import { type Program, releaseWaveNow, newArtifact, newPartner, createProgram } from "./support/program.ts"

type Loose = ReturnType<typeof JSON.parse>

const publication = parseInstant("2025-07-08T17:00:00Z")
const server2016 = "Microsoft SharePoint Enterprise Server 2016, fixed in 16.0.5508.1000"
const server2019 = "Microsoft SharePoint Server 2019, fixed in 16.0.10417.20027"
const subscription = "Microsoft SharePoint Server Subscription Edition, fixed in 16.0.18526.20424"
const expected = {
    "CVE-2025-49704": [server2016, server2019],
    "CVE-2025-49706": [server2016, server2019, subscription],
}

/** Sorts lines by CVE id and by name. */
function sorted(list: readonly (readonly [cve: string, lines: readonly string[]])[]) {
    return Object.fromEntries(list.map(([cve, lines]) => [cve, lines.toSorted()]))
}

/** Lists what a CSAF document states for each CVE, by `known_affected` and remediations. */
function affectedInCsaf({ product_tree: tree, vulnerabilities }: Loose) {
    const leaves: Loose[] = tree.branches
        .flatMap((vendor: Loose) => vendor.branches)
        .flatMap((item: Loose) => item.branches)
    const name = (id: string): string => leaves.find(({ product }) => product.product_id === id).product.name
    return sorted(
        vulnerabilities.map(({ cve, product_status: status, remediations, scores, metrics }: Loose) => {
            const about: readonly string[] = remediations.flatMap((remediation: Loose) => remediation.product_ids)
            expect(about.toSorted()).toEqual(status.known_affected.toSorted())
            expect((scores ?? metrics)[0].products).toEqual(status.known_affected)
            expect(status.fixed.map(name).toSorted()).toEqual(
                status.known_affected.map((id: string) => name(id).replace("<", "")).toSorted(),
            )
            return [cve, status.known_affected.map((id: string) => name(id).replace(" <", ", fixed in "))]
        }),
    )
}

describe("a case with two CVEs", () => {
    let world: Program
    let portal: Portal
    let token: string
    let caseId: string
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = parseInstant("2025-07-04T17:00:00Z")
        await world.acting(system, createPublisherKey)
        const partner = await newPartner(world, "validate")
        caseId = await world.acting(world.author, async (ctx) => {
            const id = await openCase(ctx, detailsOf(toolshell))
            await agreeEmbargo(ctx, id, publication)
            await planWaves(ctx, id)
            return id
        })
        const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
        await releaseWaveNow(world, caseId, "validate", [summary])
        token = await createToken(world, partner)
        portal = await openPortal(world)
    }, 120_000)
    afterAll(async () => {
        await portal.app.close()
        await world.database.close()
    })

    async function get(url: string, accept = "*/*"): Promise<string> {
        const headers = { accept, authorization: `Bearer ${token}` }
        const { statusCode, body } = await portal.app.inject({ method: "GET", url, headers })
        expect([url, statusCode]).toEqual([url, 200])
        return body
    }
    const json = async (url: string, accept?: string): Promise<Loose> => JSON.parse(await get(url, accept))
    const warning = async (): Promise<Loose> => (await json("/api/warnings")).warnings[0]

    test("in the portal", async () => {
        const { vulnerabilities } = await warning()
        const lines = vulnerabilities.map(({ cve, products }: Loose) => [cve, products.map(productLine)])
        expect(sorted(lines)).toEqual(expected)
    })

    test("in TAXII, for people and for tools", async () => {
        const { objects } = await json(
            "/taxii2/api/collections/warnings/objects/",
            "application/taxii+json;version=2.1",
        )
        const list: Loose[] = objects.filter(({ type }: Loose) => type === "vulnerability")
        const read = list.map(({ name, description }) => {
            const lines = description.split("\n").filter((line: string) => line.startsWith("Affected: "))
            return [name, lines.map((line: string) => line.replace("Affected: ", ""))] as const
        })
        expect(sorted(read)).toEqual(expected)
        const stated = list.map(({ name, extensions }) => {
            const { affected } = extensions[embargoExtension]
            const line = (item: Loose) =>
                productLine({ vendor: item.vendor, name: item.product, fixedIn: item.fixed_in })
            return [name, affected.map(line)] as const
        })
        expect(sorted(stated)).toEqual(expected)
    })

    test("in MISP", async () => {
        const { Event: event } = await json(`/api/warnings/${(await warning()).id}/misp`)
        const read = event.Attribute.filter(({ comment }: Loose) => comment.startsWith("Affected by "))
        expect(
            sorted(read.map(({ comment, value }: Loose) => [comment.replace("Affected by ", ""), value.split("\n")])),
        ).toEqual(expected)
    })

    test.each(["/csaf/partner/red", "/csaf/partner/v2.1/red"])("in a partner's CSAF in %s", async (folder) => {
        const [file = ""] = (await get(`${folder}/index.txt`)).split("\n")
        expect(affectedInCsaf(await json(`${folder}/${file}`))).toEqual(expected)
    })

    describe("after publication", () => {
        beforeAll(async () => {
            world.clock.now = publication
            await world.acting(world.author, (ctx) => endEmbargo(ctx, caseId))
            await world.acting(system, (ctx) => publishCase(ctx, caseId))
        })

        test.each(["/csaf/white", "/csaf/v2.1/clear"])("in CSAF in %s", async (folder) => {
            const document = await json(`${folder}/2025/nl-2025-0001.json`)
            expect(affectedInCsaf(document)).toEqual(expected)
            expect(document.document.category).toBe("csaf_security_advisory")
        })

        test("in its CVE records", async () => {
            for (const [cve, lines] of Object.entries(expected)) {
                const record = await json(`/advisories/nl-2025-0001/${cve.toLowerCase()}.json`)
                const read = record.containers.cna.affected.map(({ vendor, product, versions }: Loose) =>
                    productLine({ vendor, name: product, fixedIn: versions[0].lessThan }),
                )
                expect([cve, read.toSorted()]).toEqual([cve, lines.toSorted()])
            }
        })

        test("on its page, which names no vendor twice", async () => {
            const page = await get("/advisories/nl-2025-0001")
            const rows = [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) => row)
            const row = rows.find((row) => row.includes("Subscription Edition") && row.includes("16.0.18526.20424"))
            expect(row).toContain("CVE-2025-49706")
            expect(row).not.toContain("CVE-2025-49704")
            expect(`${page}${await get("/advisories.atom")}`).not.toContain("Microsoft Microsoft")
        })

        test("is corrected by another fixed version for one CVE, and its history says that", async () => {
            const { vulnerabilities, finder, title } = await world.acting(world.author, (ctx) =>
                loadCaseFile(ctx, caseId),
            )
            const [first, second] = vulnerabilities
            const products = second?.products ?? []
            const changed = { title, vulnerabilities: [{ ...first, products }, second], finder }
            await world.acting(world.author, async (ctx) => {
                const box = await encryptForCase(ctx, caseId, "cases.details", JSON.stringify(changed))
                await writeRows(ctx.tx, "update cases set details_ciphertext = $2 where id = $1", [caseId, box])
            })
            world.clock.now += 1000
            await world.acting(system, (ctx) => correctAdvisory(ctx, caseId))
            const page = await get("/advisories/nl-2025-0001")
            expect(page).toContain("Corrected: products and fixed versions.")
            expect((await listEvents(world.database)).filter(({ kind }) => kind === "advisory.revised")).toHaveLength(1)
        })
    })
})

describe("a case without CVE ids, weakness and vector", () => {
    let world: Program
    let portal: Portal
    let token: string
    let caseId: string
    const bare = {
        cve: "",
        cwe: "",
        vector: "",
        score: null,
        products: detailsOf(toolshell).vulnerabilities[0]?.products ?? [],
    }
    const details = { title: "A flaw without a number", finder: "somebody" }
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = parseInstant("2025-07-04T17:00:00Z")
        await world.acting(system, createPublisherKey)
        const partner = await newPartner(world, "validate")
        caseId = await world.acting(world.author, async (ctx) => {
            const id = await openCase(ctx, { ...details, vulnerabilities: [bare] })
            await agreeEmbargo(ctx, id, publication)
            await planWaves(ctx, id)
            return id
        })
        const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
        await releaseWaveNow(world, caseId, "validate", [summary])
        token = await createToken(world, partner)
        portal = await openPortal(world)
    }, 120_000)
    afterAll(async () => {
        await portal.app.close()
        await world.database.close()
    })

    async function get(url: string, accept = "*/*"): Promise<string> {
        const headers = { accept, authorization: `Bearer ${token}` }
        const { statusCode, body } = await portal.app.inject({ method: "GET", url, headers })
        expect([url, statusCode]).toEqual([url, 200])
        expect(portal.faults).toEqual([])
        return body
    }
    const json = async (url: string, accept?: string): Promise<Loose> => JSON.parse(await get(url, accept))

    test("is readable on each channel, which says that no id is assigned", async () => {
        const [warning] = (await json("/api/warnings")).warnings
        expect(warning.vulnerabilities).toEqual([bare])
        const { objects } = await json(
            "/taxii2/api/collections/warnings/objects/",
            "application/taxii+json;version=2.1",
        )
        const flaw = objects.find(({ type }: Loose) => type === "vulnerability")
        expect(flaw.name).toBe("CVE id not assigned yet")
        expect(flaw.external_references).toBeUndefined()
        expect(flaw.description).toContain(`Affected: ${server2016}`)
        const { Event: event } = await json(`/api/warnings/${warning.id}/misp`)
        expect(event.Attribute.filter(({ type }: Loose) => type === "vulnerability")).toEqual([])
        expect(event.Attribute.map(({ comment }: Loose) => comment)).toContain("Affected by CVE id not assigned yet")
        for (const folder of ["/csaf/partner/red", "/csaf/partner/v2.1/red"]) {
            const [file = ""] = (await get(`${folder}/index.txt`)).split("\n")
            const { document, vulnerabilities } = await json(`${folder}/${file}`)
            expect(vulnerabilities[0].cve).toBeUndefined()
            expect(vulnerabilities[0].ids).toEqual([
                { system_name: "Northlight PSIRT", text: `${document.tracking.id}-1` },
            ])
        }
    })

    test("is not published without them: the preview names what is missing, and publication refuses", async () => {
        const says = ["vulnerability 1 has no CVE id, no CWE, no CVSS vector"]
        const look = async () => await world.acting(world.author, (ctx) => previewPublication(ctx, caseId))
        expect((await look()).faults.map((fault) => fault.says)).toEqual(says)
        world.clock.now = publication
        await world.acting(world.author, (ctx) => endEmbargo(ctx, caseId))
        const publishes = () => world.acting(system, (ctx) => publishCase(ctx, caseId))
        await expect(publishes()).rejects.toMatchObject({ code: "publication.incomplete" })
        await expect(publishes()).rejects.toThrow(says[0])
        expect(await look()).toMatchObject({ state: "due", advisory: null })
        const vulnerabilities = detailsOf(toolshell).vulnerabilities.slice(0, 1)
        await world.acting(world.author, (ctx) => reviseCase(ctx, caseId, { ...details, vulnerabilities }))
        expect((await look()).faults).toEqual([])
        await publishes()
        expect((await json("/csaf/white/2025/nl-2025-0001.json")).vulnerabilities[0].cve).toBe("CVE-2025-49704")
    })
})

/** Compares with the vendor's documents and records, if they are available. */
test("the demonstration matches the vendor's documents", () => {
    const records = readSharedData("cve", ".json").map(({ text }) => JSON.parse(text) as Loose)
    const cves = [toolshell, bypass].flatMap((demoCase) => detailsOf(demoCase).vulnerabilities)
    expect(records.length === 0 || records.length >= cves.length).toBe(true)
    for (const { cveMetadata, containers } of records) {
        const vulnerability = cves.find(({ cve }) => cve === cveMetadata.cveId)
        const affected = containers.cna.affected.map(({ vendor, product, versions }: Loose) =>
            productLine({ vendor, name: product, fixedIn: versions[0].lessThan }),
        )
        if (vulnerability)
            expect([vulnerability.cve, vulnerability.products.map(productLine).toSorted()]).toEqual([
                vulnerability.cve,
                affected.toSorted(),
            ])
    }
})

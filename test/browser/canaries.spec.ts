/**
 * Canaries from the author's braces to an inquiry's report: each copy has its own name. A client requests a copy's
 * name, and the console shows the likely source, the copy, and the rate without a leak.
 */
import { readFileSync } from "node:fs"
import http from "node:http"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Stage, type Visitor, axeFaults, goTo, openStage, openTab } from "./stage.ts"

interface Bundle {
    readonly evidence: readonly { readonly kind: string; readonly note: string }[]
    readonly leaves: readonly { readonly kind: string; readonly body: { readonly evidenceKind?: string } }[]
}

const zone = "names.northlight.example"
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
let stage: Stage
let aoife: Page
let host = ""
const visitors: Visitor[] = []

beforeAll(async () => {
    stage = await openStage({ canaryZone: zone })
})
afterAll(() => stage.close())

async function visit(person: string, scheme: "light" | "dark" = "light"): Promise<Page> {
    const visitor = await stage.visit(person, scheme)
    visitors.push(visitor)
    return visitor.page
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (page: Page) => page.getByRole("dialog")
const link = (page: Page, name: string) => page.getByRole("link", { name }).first()
const section = (page: Page, name: string) => page.getByRole("region", { name })
const waveRow = (page: Page, tier: string) =>
    page.getByRole("table", { name: "Waves of this case" }).getByRole("row").filter({ hasText: tier })

/** Requests a name like a reader of a leak. */
async function ask(name: string, agent: string): Promise<void> {
    const headers = { host: name, "user-agent": agent }
    await new Promise<void>((resolve, reject) => {
        const request = http.get(
            { host: "127.0.0.1", port: stage.canaryPort, path: "/", headers, agent: false },
            (answer) => {
                answer.resume().on("end", resolve)
            },
        )
        request.on("error", reject)
    })
}

/** Chooses an action in the inquiry's menu. */
async function choose(page: Page, action: string): Promise<void> {
    await button(page, "More actions").press("Enter")
    await page.getByRole("menuitem", { name: action }).press("Enter")
}

/** Reloads until it appears: requests are stored within seconds. */
async function untilThere(page: Page, locator: Locator): Promise<void> {
    await expect
        .poll(
            async () => {
                await button(page, "Reload").press("Enter")
                await page.waitForTimeout(500)
                return await locator.count()
            },
            { timeout: 60_000 },
        )
        .toBeGreaterThan(0)
}

describe("a name that only one copy contains", () => {
    test("is written as braces, and released with its wave after a new signature", async () => {
        const page = await visit("Ingrid Solheim")
        const versions = await page.evaluate(async () => {
            interface Listed {
                readonly id: string
                readonly name: string
                readonly content: string
            }
            const read = async <T>(path: string) => (await (await fetch(path)).json()) as T
            const { cases } = await read<{ cases: { id: string; title: string }[] }>("/api/cases")
            const subject = cases.find(({ title }) => title.startsWith("SharePoint Server: sign-in"))
            const { artifacts } = await read<{ artifacts: Listed[] }>(`/api/cases/${subject?.id}/artifacts`)
            const listed = artifacts.find(({ name }) => name === "technical.md")
            const { content } = await read<Listed>(`/api/artifacts/${listed?.id}`)
            const body = JSON.stringify({ content: `${content}\nA second stage is fetched from {{canary:host}}.\n` })
            const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }
            const answer = await fetch(`/api/artifacts/${listed?.id}`, { method: "PUT", headers, body })
            return ((await answer.json()) as { version: number }).version
        })
        expect(versions).toBe(2)
        await goTo(page, "Cases")
        await page
            .getByRole("main")
            .getByRole("link", { name: /^SharePoint Server: sign-in/ })
            .press("Enter")
        await openTab(page, "Case", "Release")
        const row = waveRow(page, "Validate")
        await button(row, "Request release").press("Enter")
        await row.getByText("waits for a signature").waitFor()
        const second = await visit("Kofi Boateng", "dark")
        await button(second, "Sign…").press("Enter")
        await dialog(second).getByText("technical.md").first().waitFor()
        await button(dialog(second), "Sign as Kofi Boateng").press("Enter")
        await second.getByText("No approvals wait for a signature").waitFor()
        await page.evaluate(async () => {
            const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }
            await fetch("/api/demo/clock", { method: "POST", headers, body: '{"to": "2025-06-24T17:10:00Z"}' })
        })
    })

    test("is in a partner's copy, which does not show what it is", async () => {
        const page = await visit("Jonas Wieland")
        await link(page, "SharePoint Server").press("Enter")
        await button(page, "Open technical.md").press("Enter")
        await dialog(page).getByLabel("Your age identity").fill(stage.identityOf("Halcyon Sensor Works"))
        await button(dialog(page), "Fetch and open").press("Enter")
        const text = (await dialog(page).getByRole("region", { name: "technical.md" }).textContent()) ?? ""
        host = /[a-z2-7]{20}\.names\.northlight\.example/.exec(text)?.[0] ?? ""
        expect(host).not.toBe("")
        expect(await page.locator("body").innerText()).not.toMatch(/canar/i)
        expect(await axeFaults(page)).toEqual([])
    })

    test("is also planted in decoys before the first request", async () => {
        aoife = await visit("Aoife Brannigan", "dark")
        await goTo(aoife, "Canaries")
        const planted = aoife.getByRole("table", { name: "Canaries by version and kind" })
        await planted.getByRole("row").filter({ hasText: "decoys" }).getByText("20", { exact: true }).waitFor()
        await planted.getByRole("row").filter({ hasText: "copies" }).getByText("technical.md, version 2").waitFor()
        await aoife.getByText("No canary was touched yet.").waitFor()
        expect(await axeFaults(aoife)).toEqual([])
    })

    test("shows requests of a tool and a browser with likely sources, and the rate of strangers", async () => {
        await ask(host, "curl/8.14.1")
        await ask(`nobody.${zone}`, "curl/8.14.1")
        const touched = aoife.getByRole("table", { name: "Touches of canaries, newest first" })
        const rowOf = (grade: string) => touched.getByRole("row").filter({ hasText: grade })
        await untilThere(aoife, rowOf("a tool"))
        await ask(host, firefox)
        await untilThere(aoife, rowOf("a browser"))
        for (const message of ["Halcyon Sensor Works", "technical.md, version 2", "127.0.0.1"]) {
            await rowOf("a browser").getByText(message).first().waitFor()
        }
        await section(aoife, "Unknown names").getByRole("row").filter({ hasText: "HTTP" }).waitFor()
        const learnt = section(aoife, "Touches without a leak").getByRole("row").filter({ hasText: "a browser" })
        await learnt.getByText("0 of 20").waitFor()
        await learnt.getByText("14%").waitFor()
        expect(await axeFaults(aoife)).toEqual([])
    })

    test("is evidence without an identified copy, and links to the requested name", async () => {
        await goTo(aoife, "Evidence")
        await aoife.getByRole("link", { name: "Canary touched" }).first().press("Enter")
        await aoife.getByRole("heading", { level: 1, name: "Canary touched" }).waitFor()
        const main = aoife.getByRole("main")
        await main.getByText("Tocsin", { exact: true }).first().waitFor()
        await main.getByRole("link", { name: "in Canaries" }).waitFor()
        expect(await main.innerText()).not.toContain("Halcyon")
        expect(await axeFaults(aoife)).toEqual([])
    })

    test("is part of an inquiry's report, as evidence with its chain of custody", async () => {
        await goTo(aoife, "Inquiries")
        await button(aoife, "Open an inquiry…").press("Enter")
        await dialog(aoife).getByLabel("Title").fill("Who asked for the second stage?")
        await button(dialog(aoife), "Open the inquiry").press("Enter")
        await choose(aoife, "Add evidence or members…")
        for (const locator of await dialog(aoife)
            .getByRole("checkbox", { name: /Canary touched/ })
            .all())
            await locator.press("Space")
        expect(await axeFaults(aoife)).toEqual([])
        await button(dialog(aoife), "Add").press("Enter")
        await dialog(aoife).waitFor({ state: "detached" })
        await choose(aoife, "Export the report…")
        await button(dialog(aoife), "Create the report").press("Enter")
        const saved = aoife.waitForEvent("download")
        await button(dialog(aoife), "Save the bundle").press("Enter")
        const { evidence, leaves } = JSON.parse(readFileSync(await (await saved).path(), "utf8")) as Bundle
        expect(evidence.map(({ kind }) => kind)).toEqual(["canary_touched", "canary_touched"])
        expect(evidence.every(({ note }) => note.includes("Of 20 names of decoys, 0 were touched in this way"))).toBe(
            true,
        )
        expect(leaves.filter(({ body }) => body.evidenceKind === "canary_touched").map(({ kind }) => kind)).toEqual([
            "evidence.added",
            "evidence.added",
        ])
    })
})

test("no page complains", () => {
    expect(visitors.flatMap((visitor) => visitor.faults)).toEqual([])
})

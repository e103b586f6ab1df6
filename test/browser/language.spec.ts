/** Console and portal in German, chosen in the menu under the person's name. Axe checks every page. */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readTable } from "../../scripts/messages.ts"
import { type Stage, type Visitor, atRest, axeFaults, openStage, readDrafts } from "./stage.ts"

let stage: Stage
const visitors: Visitor[] = []

beforeAll(async () => {
    stage = await openStage()
})
afterAll(async () => await stage.close())

async function visit(person: string): Promise<Page> {
    const visitor = await stage.visit(person)
    visitors.push(visitor)
    return visitor.page
}

async function speakGerman(page: Page, menu: RegExp): Promise<void> {
    await page.getByRole("button", { name: menu }).click()
    await page.getByRole("menuitem", { name: "Deutsch" }).click()
    await page.waitForFunction(() => document.documentElement.lang === "de")
    await atRest(page)
}

/** The messages of more than one word that stand in English in a region of the page. */
async function englishIn(page: Page): Promise<string[]> {
    const shown = await page.locator("body").innerText()
    const lines = new Set(shown.split("\n").map((line) => line.trim()))
    return Object.entries(readTable().messages)
        .filter(([english, german]) => english !== german && / /.test(english) && lines.has(english))
        .map(([english]) => english)
}

const headings = {
    "/": "Übersicht",
    "/cases": "Fälle",
    "/cases/access": "Wer bekommt was",
    "/schedule": "Zeitplan",
    "/schedule/clocks": "Meldefristen",
    "/partners": "Partner",
    "/partners/import": "Partner importieren",
    "/partners/requirements": "Anforderungen und Stufen",
    "/policy": "Richtlinie",
    "/leaks/measures": "Maßnahmen",
    "/statistics": "Statistik",
}

test("the console speaks German after a choice in the menu, and keeps it", async () => {
    const page = await visit("Ingrid Solheim")
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
    await speakGerman(page, /^Ingrid Solheim/)
    const base = new URL(page.url()).origin
    for (const [path, name] of Object.entries(headings)) {
        await page.goto(`${base}${path}`)
        await page.getByRole("heading", { level: 1, name, exact: true }).waitFor()
        await atRest(page)
        expect(await englishIn(page), path).toEqual([])
        expect(await axeFaults(page), path).toEqual([])
    }
})

test("the portal speaks German, and no page of it is wider than a small telephone", async () => {
    const page = await visit("Martin Achterberg")
    await speakGerman(page, /Martin Achterberg/)
    await page.setViewportSize({ width: 360, height: 740 })
    const base = new URL(page.url()).origin
    for (const path of ["/", "/to-do", "/messages", "/receipts", "/organisation", "/organisation/keys"]) {
        await page.goto(`${base}${path}`)
        await page.getByRole("heading", { level: 1 }).waitFor()
        await atRest(page)
        expect(await englishIn(page), path).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(360)
        expect(await axeFaults(page), path).toEqual([])
    }
})

test("text that is not sent is found again in the other language", async () => {
    const page = await visit("Ingrid Solheim")
    const title = (name: string) => page.getByRole("dialog").getByLabel(name).first()
    await page.goto(new URL("/cases", page.url()).href)
    await page.getByRole("button", { name: "Open a case…" }).click()
    await title("Title").fill("A case that is written in two languages")
    await expect.poll(async () => (await readDrafts(page)).records).toBe(1)
    await page.evaluate(() => window.localStorage.setItem("tocsin language", "de"))
    await page.reload()
    await page.getByRole("button", { name: "Fall eröffnen…" }).click()
    await expect.poll(() => title("Titel").inputValue()).toBe("A case that is written in two languages")
})

test("a refusal is in German with its values, or marked as English", async () => {
    // The browser logs each refused read, so that this page has faults.
    const { page } = await stage.visit("Ingrid Solheim")
    const refusal = { code: "embargo.too_long", detail: "it can last `90` days", values: { max: 90 } }
    const unknown = { code: "embargo.unheard_of", detail: "the embargo has never been heard of" }
    await speakGerman(page, /^Ingrid Solheim/)
    let problem: object = refusal
    await page.route("**/api/default-schedule", (route) => route.fulfill({ status: 409, json: problem }))
    await page.goto(new URL("/schedule/default", page.url()).href)
    await page.getByText("das Embargo ist zu lang: Es kann 90 Tage dauern").waitFor()
    problem = unknown
    await page.reload()
    const english = page.getByText(unknown.detail)
    await english.waitFor()
    expect(await english.getAttribute("lang")).toBe("en")
})

test("a caution of the server is a German sentence", async () => {
    const page = await visit("Aoife Brannigan")
    await speakGerman(page, /^Aoife Brannigan/)
    await page.goto(new URL("/leaks/cross-case", page.url()).href)
    await page.getByText("Das identifiziert eine Kopie, keine schuldige Person:").first().waitFor()
    expect(await englishIn(page)).toEqual([])
})

test("English comes back by the menu", async () => {
    const page = await visit("Ingrid Solheim")
    await speakGerman(page, /^Ingrid Solheim/)
    await page.getByRole("button", { name: /^Ingrid Solheim/ }).click()
    await page.getByRole("menuitem", { name: "English" }).click()
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("en")
    expect(visitors.flatMap(({ faults }) => faults)).toEqual([])
})

/** The pages that anyone can read, as a stranger sees them: light and dark, on a small telephone, and on paper. */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Stage, axeFaults, browserOf, openStage } from "./stage.ts"

let stage: Stage
let staff: Page
let portal: string
let advisory: string

beforeAll(async () => {
    stage = await openStage({ hasHistory: true })
    staff = (await stage.visit("Ingrid Solheim")).page
    const answer = await staff.request.get(new URL("/api/me", staff.url()).href)
    portal = ((await answer.json()) as { portal: string }).portal
    const list = await (await fetch(`${portal}/advisories`)).text()
    advisory = /href="(\/advisories\/[^"]+)"/.exec(list)?.[1] ?? ""
})
afterAll(async () => await stage.close())

async function open(path: string, colorScheme: "light" | "dark", width: number): Promise<Page> {
    const context = await browserOf(staff).newContext({ colorScheme, viewport: { width, height: 740 } })
    const page = await context.newPage()
    await page.goto(`${portal}${path}`)
    await page.getByRole("heading", { level: 1 }).waitFor()
    return page
}

const sections = ["Advisories", "Program", "Report", "Feed", "Apply to join"]
const paths = ["/advisories", "/program", "/annual-reports", "advisory", "/apply", "/application"]

describe.each(["light", "dark"] as const)("in %s", (scheme) => {
    test.each(paths)("%s has the same header, no fault, and fits a small telephone", async (path) => {
        const page = await open(path === "advisory" ? advisory : path, scheme, 1280)
        const header = page.getByRole("navigation", { name: "Public pages" })
        expect(await header.getByRole("link").allTextContents()).toEqual(sections)
        expect(await axeFaults(page)).toEqual([])
        await page.setViewportSize({ width: 320, height: 740 })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
        expect(await axeFaults(page)).toEqual([])
        await page.context().close()
    })
})

test("the report prints its tables, which are folded on the screen", async () => {
    const page = await open("/annual-reports", "light", 1280)
    const table = page.getByRole("columnheader", { name: "Three quarters within" })
    expect(await table.isVisible()).toBe(false)
    await page.getByText("Show as a table").first().press("Enter")
    expect(await table.isVisible()).toBe(true)
    await page.reload()
    await page.emulateMedia({ media: "print" })
    expect(await table.isVisible()).toBe(true)
    expect(await page.getByRole("navigation").isVisible()).toBe(false)
    await page.context().close()
})

test("an unsent application survives a reload, and each error leads to its field", async () => {
    const page = await open("/apply", "light", 1280)
    await page.getByLabel("Organisation", { exact: true }).fill("Harbour Light Defence")
    await page.reload()
    await expect.poll(() => page.getByLabel("Organisation", { exact: true }).inputValue()).toBe("Harbour Light Defence")
    await page.getByRole("button", { name: "Send application" }).click()
    await page.getByRole("alert").getByText("fields need attention").waitFor()
    await page.getByRole("alert").getByRole("button", { name: "Regions" }).click()
    expect(await page.getByLabel("Regions").evaluate((field) => field === document.activeElement)).toBe(true)
    await page.context().close()
})

test("staff preview the report of a year before they publish it", async () => {
    await staff.goto(new URL("/statistics", staff.url()).href)
    const [preview] = await Promise.all([
        staff.context().waitForEvent("page"),
        staff.getByRole("link", { name: /^Preview of the annual report of/ }).click(),
    ])
    await preview.getByText("Preview of the annual report, not published").waitFor()
    expect(await axeFaults(preview)).toEqual([])
    await preview.close()
})

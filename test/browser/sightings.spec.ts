/**
 * What a partner does with a warning: reports exploitation or none, reports its protection status, and exports to its
 * MISP; and which of its people may not. Also the operator's statistics of these. Axe checks every page.
 */
import fs from "node:fs"
import type { Locator, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { type Stage, type Visitor, axeFaults, goTo, openStage, openTab, walkTo } from "./stage.ts"

let stage: Stage
const open: Page[] = []

beforeAll(async () => {
    stage = await openStage()
    const { page } = await stage.visit("Ingrid Solheim")
    await page.evaluate(async () => {
        const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }
        await fetch("/api/demo/clock", { method: "POST", headers, body: '{"to": "2025-06-24T17:10:00Z"}' })
    })
    await page.context().close()
})
afterAll(async () => await stage.close())
afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close()
})

async function visit(person: string): Promise<Visitor> {
    const visitor = await stage.visit(person)
    open.push(visitor.page)
    return visitor
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (page: Page) => page.getByRole("dialog")
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true })
const openWarning = (page: Page) =>
    page
        .getByRole("link", { name: /^(Open warning )?SharePoint Server/ })
        .first()
        .click()
const openCaseReports = async (page: Page) => {
    await goTo(page, "Cases")
    await page.locator("main").getByRole("link", { name: "SharePoint Server" }).first().click()
    await openTab(page, "Case", "Reports")
}
const openReports = async (page: Page) => {
    await openWarning(page)
    await openTab(page, "Warning", "Reports")
}

test("follow-ups of a warning are found by keyboard, under requirements and at the warning", async () => {
    const { page } = await visit("Jonas Wieland")
    await walkTo(page.getByRole("link", { name: "To do" }).first())
    await page.keyboard.press("Enter")
    const row = section(page, "Follow-ups").getByRole("row").filter({ hasText: "SharePoint Server" })
    await row.getByText("due", { exact: true }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await walkTo(row.getByRole("link", { name: "SharePoint Server" }))
    await page.keyboard.press("Enter")
    await openTab(page, "Warning", "Reports")
    const owed = section(page, "Follow-ups").getByRole("row").nth(1)
    await owed.getByText("1 Jul 2025 17:00 UTC").waitFor()
    expect(await owed.getByText("not reported").count()).toBe(2)
    expect(await axeFaults(page)).toEqual([])
})

test("exploitation is reported by keyboard: a refusal is shown at its field, and the report is listed", async () => {
    const { page, faults } = await visit("Jonas Wieland")
    await openReports(page)
    const seen = section(page, "Exploitation reports")
    await seen.getByText("No reports yet.").waitFor()
    await walkTo(button(seen, "Report sighting…"))
    await page.keyboard.press("Enter")
    const at = dialog(page).getByRole("textbox", { name: "Seen at" })
    const send = async () => {
        await walkTo(button(dialog(page), "Report sighting"))
        await page.keyboard.press("Enter")
    }
    // The field offers the present instant.
    expect(await at.inputValue()).not.toBe("")
    await at.fill("")
    await send()
    await dialog(page).getByText("this is not filled in").waitFor()
    await at.fill("2025-06-25T09:00:00+02:00")
    await dialog(page).getByLabel("Confidence").fill("101")
    await send()
    await dialog(page).getByText("a confidence must be a whole number from 0 to 100").waitFor()
    expect(await dialog(page).getByLabel("Confidence").getAttribute("aria-invalid")).toBe("true")
    expect(await axeFaults(page)).toEqual([])
    await dialog(page).getByLabel("Confidence").fill("80")
    await dialog(page).getByLabel("Your clock").selectOption("synchronised")
    await button(dialog(page), "Microsoft SharePoint Server 2019").click()
    await dialog(page).getByLabel("Indicators").fill("198.51.100.7\n\n198.51.100.8\n198.51.100.9\n198.51.100.10\n")
    await dialog(page).getByLabel("Note").fill("Two servers of a customer.")
    await send()
    await dialog(page).getByText("the instant is in the future: check your clock").waitFor()
    expect(await at.evaluate((it) => it === document.activeElement)).toBe(true)
    expect(await dialog(page).getByRole("alert").count()).toBe(0)
    expect(await axeFaults(page)).toEqual([])
    expect(faults).toEqual([expect.stringContaining("400 (Bad Request)")])
    await at.fill("2025-06-24T19:05:00+02:00")
    expect(await dialog(page).getByText("the instant is in the future: check your clock").count()).toBe(0)
    await send()
    await dialog(page).waitFor({ state: "detached" })

    const row = seen.getByRole("row").filter({ hasText: "Two servers of a customer." })
    const notified = ["Jonas Wieland", "24 Jun 2025 17:05 UTC", "clock synchronised", "SharePoint Server 2019", "80 %"]
    for (const text of notified) await row.getByText(text).waitFor()
    expect(await row.getByText("198.51.100.10").count()).toBe(0)
    await button(row, /^All 4 indicators/).click()
    await dialog(page).getByRole("region", { name: "Indicators" }).getByText("198.51.100.10").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await page.emulateMedia({ colorScheme: "dark" })
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    expect(await axeFaults(page)).toEqual([])
    const { page: lead } = await visit("Beatrix Oyelaran")
    await openReports(lead)
    await section(lead, "Exploitation reports").getByText("Two servers of a customer.").waitFor()
})

test("a report with a lost answer is the same report when sent again", async () => {
    const { page, faults } = await visit("Jonas Wieland")
    await openReports(page)
    const rows = section(page, "Exploitation reports").getByRole("row")
    await rows.nth(1).waitFor()
    const before = await rows.count()
    await button(page, "Report sighting…").click()
    await dialog(page).getByRole("textbox", { name: "Seen at" }).fill("2025-06-24T17:01:00Z")
    await page.route(
        "**/api/sightings",
        async (route) => {
            await route.fetch()
            await route.abort()
        },
        { times: 1 },
    )
    await button(dialog(page), "Report sighting").click()
    await dialog(page).getByText("the server does not answer").waitFor()
    await button(dialog(page), "Report sighting").click()
    await dialog(page).waitFor({ state: "detached" })
    await rows.filter({ hasText: "no details" }).waitFor()
    expect(await rows.count()).toBe(before + 1)
    expect(faults).toEqual([expect.stringContaining("net::ERR_FAILED")])
})

test("a zero report is sent by keyboard, and a report is withdrawn", async () => {
    const { page, faults } = await visit("Jonas Wieland")
    await openReports(page)
    const seen = section(page, "Exploitation reports")
    await walkTo(button(seen, "Zero report with details…"))
    await page.keyboard.press("Enter")
    await dialog(page).getByRole("textbox", { name: "Searched since" }).fill("2025-06-24T17:03:00Z")
    await dialog(page).getByRole("textbox", { name: "Until" }).fill("2025-06-24T17:02:00Z")
    const send = async () => {
        await walkTo(button(dialog(page), "Send zero report"))
        await page.keyboard.press("Enter")
    }
    await send()
    await dialog(page).getByText("a zero report must begin before it ends").waitFor()
    expect(await axeFaults(page)).toEqual([])
    expect(faults).toEqual([expect.stringContaining("400 (Bad Request)")])
    await dialog(page).getByRole("textbox", { name: "Searched since" }).fill("2025-06-24T16:00:00Z")
    await send()
    await dialog(page).waitFor({ state: "detached" })
    const row = seen.getByRole("row").filter({ hasText: "nothing seen" })
    await row.getByText("24 Jun 2025 16:00 UTC").waitFor()
    await button(row, /^Withdraw…/).press("Enter")
    await dialog(page).getByText("The operator still sees the report").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Withdraw report").press("Enter")
    await row.getByText("withdrawn").waitFor()
    expect(await button(row, /^Withdraw…/).count()).toBe(0)
})

test("a partner's protection status is on its warning, and on the operator's case; others' is not shown", async () => {
    const { page } = await visit("Jonas Wieland")
    await openWarning(page)
    const panel = section(page, "Protection status")
    await walkTo(panel.getByRole("radio").first())
    for (let n = 0; n < 3; n++) await page.keyboard.press("ArrowDown")
    await walkTo(button(panel, "Report status"))
    await page.keyboard.press("Enter")
    await panel.getByText("write in the note what you need").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await panel.getByLabel("What you need").fill("A rule for our own proxy.")
    await button(panel, "Report status").press("Enter")
    await panel.getByText("Reported: needs more").waitFor()
    await openTab(page, "Warning", "Reports")
    const protection = section(page, "Protection reports")
    await protection.getByRole("row").filter({ hasText: "A rule for our own proxy." }).getByText("needs more").waitFor()
    expect(await section(page, "All partners").count()).toBe(0)
    expect(await axeFaults(page)).toEqual([])
    const { page: operator } = await visit("Ingrid Solheim")
    await openCaseReports(operator)
    await section(operator, "Partners").getByText("A rule for our own proxy.").waitFor()
    expect(await axeFaults(operator)).toEqual([])
})

test("reported follow-ups close; the operator reads by keyboard which are open, and sets the deadlines", async () => {
    const { page } = await visit("Jonas Wieland")
    await openReports(page)
    await section(page, "Follow-ups").getByText("reported", { exact: true }).waitFor()
    await goTo(page, "To do")
    await section(page, "Follow-ups").getByText("No open follow-ups.").waitFor()

    const { page: operator, faults } = await visit("Ingrid Solheim")
    await openCaseReports(operator)
    const rows = section(operator, "Partners")
    await rows.getByText("0 overdue, 2 due, 0 reported late, 1 in time.").waitFor()
    expect(await axeFaults(operator)).toEqual([])
    await openTab(operator, "Reports", "Sightings")
    await section(operator, "Sightings").getByText("Two servers of a customer.").waitFor()
    expect(await axeFaults(operator)).toEqual([])
    await openTab(operator, "Reports", "Test results")
    await operator.getByText("No test results yet.").waitFor()
    expect(await axeFaults(operator)).toEqual([])
    await openTab(operator, "Reports", "Protection")
    await walkTo(rows.getByRole("link", { name: "Halcyon" }))
    await operator.keyboard.press("Enter")
    await openTab(operator, "Partner", "Requirements")
    const owed = section(operator, "Follow-ups")
    await owed.getByText("0 overdue, 0 due, 0 reported late, 1 in time.").waitFor()
    await owed.getByRole("link", { name: "SharePoint Server" }).waitFor()
    expect(await axeFaults(operator)).toEqual([])

    await goTo(operator, "Program rules")
    const rule = section(operator, "Follow-ups after a wave")
    await walkTo(button(rule, "Change…"))
    await operator.keyboard.press("Enter")
    const days = (name: string) => dialog(operator).getByLabel(name)
    const write = async () => {
        await walkTo(button(dialog(operator), "Save as a new version"))
        await operator.keyboard.press("Enter")
    }
    await days("Reminder, in days before the due date").fill("8")
    await write()
    await dialog(operator).getByText("the reminder is earlier than the start").waitFor()
    expect(await axeFaults(operator)).toEqual([])
    expect(faults).toEqual([expect.stringContaining("400 (Bad Request)")])
    await days("Days until a follow-up is due").fill("10")
    await write()
    await rule.getByText("10 d after the wave").waitFor()
})

test("the operator reads the figures of a year, and exports them", async () => {
    const { page } = await visit("Ingrid Solheim")
    await goTo(page, "Statistics")
    const asTable = page.getByText("As a table", { exact: true })
    await walkTo(asTable)
    await page.keyboard.press("Enter")
    const figures = page.getByRole("table", { name: "Figures of published cases" })
    await figures.getByRole("row").filter({ hasText: "notice to protection" }).getByText("fewer than 5").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.getByLabel("Quarter").selectOption("2")
    await figures.getByRole("row").filter({ hasText: "notice to protection" }).waitFor({ state: "detached" })
    const saved = page.waitForEvent("download")
    await walkTo(button(page.locator("main"), "Actions"))
    await page.keyboard.press("Enter")
    await walkTo(page.getByRole("menuitem", { name: "Export as CSV" }))
    await page.keyboard.press("Enter")
    expect(fs.readFileSync(await (await saved).path(), "utf8")).toMatch(/^Figure,Of,Counted,Count,/)
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    // A year that is none shows the current one.
    await page.goto(new URL("/statistics?year=20", page.url()).href)
    await page.emulateMedia({ colorScheme: "dark" })
    await asTable.click()
    await figures.getByRole("row").filter({ hasText: "cases published" }).waitFor()
    expect(await page.getByLabel("Year").inputValue()).toBe("2025")
    expect(await axeFaults(page)).toEqual([])
    const { page: colleague } = await visit("Ingrid Solheim")
    await goTo(colleague, "Program rules")
    await section(colleague, "Aggregates for partners").getByText("no", { exact: true }).waitFor()
    expect(await axeFaults(colleague)).toEqual([])
})

test("a warning is saved as an event for the partner's MISP, after an explanation", async () => {
    const { page } = await visit("Jonas Wieland")
    await openWarning(page)
    await button(page, "More about the copies").click()
    await page.getByRole("menuitem", { name: "Save as MISP event…" }).click()
    await dialog(page).getByText("It has no marks for your organisation").waitFor()
    const saved = page.waitForEvent("download")
    await button(dialog(page), "Save MISP event").click()
    const { Event: event } = JSON.parse(fs.readFileSync(await (await saved).path(), "utf8")) as {
        Event: { distribution: string; info: string }
    }
    expect(event.distribution).toBe("0")
    expect(event.info).toContain("SharePoint Server")
})

test("A-15 a person who leaves a warning's access list loses its open form, and its reports", async () => {
    const [{ page: lead }, { page: outside }] = [await visit("Beatrix Oyelaran"), await visit("Jonas Wieland")]
    for (const item of [lead, outside]) await openReports(item)
    await section(outside, "Exploitation reports").getByText("Two servers of a customer.").waitFor()
    await button(outside, "Report sighting…").click()
    await dialog(outside).getByRole("textbox", { name: "Seen at" }).fill("2025-06-24T17:02:00Z")
    const address = outside.url()
    await openTab(lead, "Warning", "Access and embargo")
    await button(lead, "Limit people…").click()
    await dialog(lead).getByRole("checkbox", { name: "Jonas Wieland" }).uncheck()
    await button(dialog(lead), "Save access list").click()
    await outside.getByRole("heading", { name: "Nothing to show" }).waitFor()
    expect(await dialog(outside).count()).toBe(0)
    await outside.goto(address)
    await outside.getByRole("heading", { name: "Nothing to show" }).waitFor()
    expect(await outside.locator("body").textContent()).not.toMatch(/exploitation|MISP|Two servers/i)
    const answer = await outside.evaluate(async () => (await (await fetch("/api/sightings")).json()) as unknown)
    expect(answer).toEqual({ sightings: [] })
})

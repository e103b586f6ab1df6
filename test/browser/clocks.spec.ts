/**
 * Regulatory clocks on screen: exploitation is added, its clock runs, a draft is saved, and its submission is marked.
 */
import fs from "node:fs"
import type { Locator, Page, Route } from "playwright-core"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import {
    type Stage,
    areFewClicks,
    atRest,
    axeFaults,
    chooseFrom,
    countClicks,
    goTo,
    openStage,
    openTab,
    walkTo,
} from "./stage.ts"

let stage: Stage
beforeAll(async () => {
    stage = await openStage()
})
afterAll(async () => await stage.close())

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (page: Page) => page.getByRole("dialog")
const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true })

test("a manager adds a regime by its form, and deactivates a built-in one", async () => {
    const { page, faults } = await stage.visit("Ingrid Solheim")
    await goTo(page, "Regimes")
    const regimes = region(page, "Regimes")
    await regimes.getByText("CRA: actively exploited vulnerability").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    const incident = regimes.getByRole("article", { name: "CRA: severe incident" })
    await chooseFrom(incident, "CRA: severe incident: actions", "Does not apply…")
    await button(dialog(page), "Does not apply").press("Enter")
    await incident.getByText("not in force", { exact: true }).waitFor()
    await walkTo(button(page, "Add a regime…"))
    await page.keyboard.press("Enter")
    await dialog(page).getByLabel("Id").first().fill("a-law")
    await dialog(page).getByLabel("Title").fill("A law")
    await dialog(page).getByLabel("Legal basis").fill("Its article 1.")
    await dialog(page).getByLabel("Authority").fill("An office")
    await button(dialog(page), "Add a filing").press("Enter")
    const filing = dialog(page).getByRole("group", { name: "filing 1" })
    await filing.getByRole("textbox", { name: "Id" }).fill("first")
    await filing.getByRole("textbox", { name: "Filing" }).fill("First report")
    await filing.getByLabel("Within").fill("24")
    await filing.getByLabel("Starts after").fill("publication")
    await filing.getByLabel("Asks").fill("Who is concerned; since when")
    await button(dialog(page), "Add regime").press("Enter")
    await dialog(page).getByText("regime.bad_start").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await filing.getByLabel("Starts after").fill("awareness")
    await button(dialog(page), "Add regime").press("Enter")
    await dialog(page).waitFor({ state: "detached" })
    await regimes.getByText("First report: 24 hours after awareness").waitFor()
    expect(faults).toEqual([expect.stringContaining("400 (Bad Request)")])
    await page.context().close()
})

test("exploitation that staff adds starts a clock, and its first report is submitted from the overview", async () => {
    const { page: aoife } = await stage.visit("Aoife Brannigan")
    await goTo(aoife, "Evidence")
    await button(aoife, "Record exploitation…").press("Enter")
    await dialog(aoife).getByLabel("CVE id").fill("CVE-2025-49704")
    await dialog(aoife).getByLabel("Source").fill("A log")
    await button(dialog(aoife), "Record").press("Enter")
    await dialog(aoife).waitFor({ state: "detached" })
    await aoife.context().close()

    const { page, faults } = await stage.visit("Tomas Ferreira")
    const clicks = await countClicks(page)
    const task = region(page, "Your tasks").getByRole("listitem").filter({ hasText: "Submit a filing to an authority" })
    await task.first().getByRole("link", { name: "Open filing" }).click()
    const card = region(page, "Filings").getByRole("link", { name: /^First report/ })
    await card.getByText(/24 Jun 2025 00:0\d UTC/).waitFor()
    expect(await card.getAttribute("aria-current")).toBe("page")
    await button(draftIn(page), "Mark as submitted…").click()
    await dialog(page).getByLabel("Submitted at").fill("2025-07-24T00:00:00Z")
    await dialog(page).getByLabel("The authority's reference").fill("REF-7")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Mark as submitted").press("Enter")
    await dialog(page).getByText("the instant is in the future: check it").waitFor()
    await dialog(page).getByLabel("Submitted at").fill("2025-06-23T00:00:00Z")
    await button(dialog(page), "Mark as submitted").click()
    await dialog(page).waitFor({ state: "detached" })
    await draftIn(page).getByText("Reference REF-7.").waitFor()
    await card.getByText("submitted", { exact: true }).waitFor()
    expect(areFewClicks("submit the early warning", clicks(), 3)).toBe(true)
    expect(await axeFaults(page)).toEqual([])
    expect(faults).toEqual([expect.stringContaining("400 (Bad Request)")])
    await page.context().close()
})

const draftIn = (page: Page) => region(page, "Draft")

test("the facts name their source, and the draft is read as a form and as text, which is recorded once", async () => {
    const { page, faults } = await stage.visit("Tomas Ferreira")
    await goTo(page, "Regulatory clocks")
    await region(page, "Running clocks").getByRole("link", { name: "First report" }).waitFor({ state: "detached" })
    await goTo(page, "Cases")
    await page.locator("main").getByRole("link", { name: "SharePoint Server" }).first().click()
    await openTab(page, "Case", "Reports")
    await openTab(page, "Reports", "Filings")
    const facts = region(page, "Facts")
    await facts.getByText("exploitation that staff recorded").waitFor()
    await facts.getByRole("row").filter({ hasText: "since when" }).getByText("used in: First report").waitFor()
    await draftIn(page).getByText("To be answered by a person.").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    const recorded = page.waitForRequest(/\/draft$/)
    await walkTo(button(draftIn(page), "As text"))
    await page.keyboard.press("Enter")
    await recorded
    await draftIn(page).getByRole("heading", { name: "since when" }).waitFor()
    await draftIn(page).getByText("CVE-2025-49704").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    const saved = page.waitForEvent("download")
    await button(draftIn(page), "Download Markdown").press("Enter")
    expect(fs.readFileSync(await (await saved).path(), "utf8")).toContain("## since when")
    expect(faults).toEqual([])
    await page.context().close()
})

test("a submission is reopened, awareness is corrected, and the clock is closed, all from one menu", async () => {
    const { page, faults } = await stage.visit("Tomas Ferreira")
    await goTo(page, "Cases")
    await page.locator("main").getByRole("link", { name: "SharePoint Server" }).first().click()
    await openTab(page, "Case", "Reports")
    await openTab(page, "Reports", "Filings")
    const choose = (action: string) => chooseFrom(draftIn(page), "More actions for this filing", action)
    await choose("Reopen…")
    await dialog(page).getByLabel("Reason").fill("The portal refused it.")
    await button(dialog(page), "Reopen filing").press("Enter")
    await button(draftIn(page), "Mark as submitted…").waitFor()
    await choose("Correct awareness…")
    await dialog(page).getByLabel("Aware since").fill("2025-06-22T00:00:00Z")
    await dialog(page).getByLabel("Reason").fill("A partner reported it by phone.")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Correct awareness").press("Enter")
    await dialog(page).waitFor({ state: "detached" })
    await region(page, "Facts").getByText("entered by Tomas Ferreira").waitFor()
    await page.getByText("History of the clock").press("Enter")
    await page.getByText("A partner reported it by phone.").waitFor()
    await page.emulateMedia({ colorScheme: "dark" })
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    expect(await axeFaults(page)).toEqual([])
    await choose("Close clock…")
    await dialog(page).getByLabel("Reason").fill("The law does not apply.")
    await button(dialog(page), "Close clock").press("Enter")
    await draftIn(page).getByText("This clock is closed").waitFor()
    expect(faults).toEqual([])
    await page.context().close()
})

type Answer = (route: Route) => Promise<void>
const ended: Answer = (route) => route.fulfill({ contentType: "text/event-stream", body: "event: open\ndata: {}\n\n" })
const refused: Answer = (route) => route.fulfill({ status: 503 })

test.each<[string, readonly Answer[]]>([
    ["refused at first", [refused]],
    ["lost, and then refused", [ended, refused]],
])("what changed while the live stream was %s is on the screen once the stream is back", async (_, before) => {
    const { page, faults } = await stage.visit("Ingrid Solheim")
    const [isBack, isChanged] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const held: Answer = async (route) => {
        isBack.resolve()
        await isChanged.promise
        await route.continue()
    }
    const answers = [...before, held]
    await page.route("**/api/events", async (route) => await answers.shift()?.(route))
    await page.reload()
    await goTo(page, "Regimes")
    const incident = (at: Page) => region(at, "Regimes").getByRole("article", { name: "CRA: severe incident" })
    const offIn = (at: Page) => incident(at).getByText("not in force", { exact: true }).count()
    const { page: other } = await stage.visit("Ingrid Solheim")
    await goTo(other, "Regimes")
    await isBack.promise
    await atRest(page)
    const was = await offIn(page)
    const decision = was === 1 ? "Put in force" : "Does not apply"
    await chooseFrom(incident(other), "CRA: severe incident: actions", `${decision}…`)
    await button(dialog(other), decision).press("Enter")
    await vi.waitFor(async () => expect(await offIn(other)).toBe(1 - was), 60_000)
    expect(await offIn(page)).toBe(was)
    isChanged.resolve()
    await vi.waitFor(async () => expect(await offIn(page)).toBe(1 - was), 60_000)
    expect(faults).toEqual([expect.stringContaining("503 (Service Unavailable)")])
    await Promise.all([page.context().close(), other.context().close()])
})

/**
 * Releases as staff make them, named as a user would name them: an empty case to four signed waves, and a correction
 * after publication. Clicks are counted as a person makes them; typing is not a click.
 */
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Stage, atRest, axeFaults, goTo, openStage, openTab } from "./stage.ts"

let stage: Stage
let page: Page
let clicks = 0

beforeAll(async () => {
    stage = await openStage()
    page = (await stage.visit("Ingrid Solheim")).page
})
afterAll(async () => await stage.close())

const dialog = (at: Page) => at.getByRole("dialog")
const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })

async function press(target: Locator): Promise<void> {
    await target.click()
    clicks++
}

function counted(journey: string, most: number): void {
    console.log(`${journey}: ${clicks} clicks, at most ${most}`)
    expect(clicks).toBeLessThanOrEqual(most)
}

async function openNewCase(title: string): Promise<void> {
    await goTo(page, "Cases")
    clicks++
    await press(button(page, "Open a case…"))
    await dialog(page).getByLabel("Title").fill(title)
    await press(button(dialog(page), "Open it"))
    await page.getByRole("heading", { level: 1, name: title }).waitFor()
}

async function agreeEmbargo(end: string): Promise<void> {
    await press(page.getByRole("link", { name: /^Agree embargo/ }))
    await press(button(page, "Agree…"))
    await dialog(page).getByLabel("Ends at").fill(end)
    await dialog(page).getByText("12 Aug 2025 10:00 UTC").waitFor()
    await press(button(dialog(page), "Agree"))
    await dialog(page).waitFor({ state: "detached" })
}

test("release four waves of a new case", async () => {
    clicks = 0
    await openNewCase("Harborline: mail parsing")
    expect(await axeFaults(page)).toEqual([])
    await agreeEmbargo("12 Aug 10:00")
    await openTab(page, "Case", "Artifacts")
    clicks++
    await press(button(page, /^Add/))
    await dialog(page).getByLabel("File name").fill("summary.md")
    await dialog(page).getByLabel("Content").fill("A mail with a broken header stops the parser. Install the update.")
    await press(button(dialog(page), /^Add/))
    await dialog(page).waitFor({ state: "detached" })
    await openTab(page, "Case", "Release")
    clicks++
    await press(button(page, "Use the default schedule"))
    await press(button(page, "Request all 4"))
    await page.getByRole("row").filter({ hasText: "Publication" }).getByText("waits for a signature").waitFor()
    expect(await axeFaults(page)).toEqual([])

    const { page: second } = await stage.visit("Kofi Boateng", "dark")
    await press(button(second, "Sign all 4 waves…"))
    await dialog(second).getByRole("article", { name: "Publication wave" }).waitFor()
    expect(await axeFaults(second)).toEqual([])
    await press(button(dialog(second), "Sign all as Kofi Boateng"))
    await dialog(second).waitFor({ state: "detached" })
    await page.getByRole("row").filter({ hasText: "Publication" }).getByText("approved").waitFor()
    await expect.poll(async () => await page.getByRole("table").getByText("approved").count()).toBe(4)
    counted("release four waves of a new case", 20)
})

test("correct an advisory", async () => {
    const status = await page.evaluate(async () => {
        const headers = { "content-type": "application/json" }
        const body = JSON.stringify({ to: "2025-07-10T00:00:00Z" })
        const answer = await fetch("/api/demo/clock", { method: "POST", headers, body })
        // A request counts as running until its answer is read.
        await answer.text()
        return answer.status
    })
    expect(status).toBe(200)
    await goTo(page, "Cases")
    await page.getByRole("main").getByRole("link", { name: "SharePoint Server" }).first().click()
    const heading = page.getByRole("heading", { level: 1, name: "SharePoint Server" })
    await heading.waitFor()
    await atRest(page)
    const title = `${await heading.textContent()} (corrected)`
    clicks = 0
    await press(button(page, "More actions for this case"))
    await press(page.getByRole("menuitem", { name: "Change…" }))
    await dialog(page).getByLabel("Title").fill(title)
    await press(button(dialog(page), "Save changes"))
    await dialog(page).getByText("A second person must sign this first").waitFor()
    await page.keyboard.press("Escape")

    const { page: second } = await stage.visit("Kofi Boateng")
    await press(button(second.getByRole("article", { name: "Amend a case" }), "Sign…"))
    await dialog(second).getByText(`new: Title: ${title}`).waitFor()
    expect(await axeFaults(second)).toEqual([])
    await press(button(dialog(second), "Sign as Kofi Boateng"))
    await goTo(page, "Overview")
    await press(button(page.getByRole("article", { name: "Amend a case" }), "Apply"))
    await page.getByRole("article", { name: "Amend a case" }).waitFor({ state: "detached" })
    counted("correct an advisory", 6)
})

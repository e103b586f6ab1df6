/**
 * Releases as staff make them, named as a user would name them: an empty case to four signed waves, and a correction
 * after publication. Clicks are counted in the browser; typing is not a click.
 */
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Stage, areFewClicks, atRest, axeFaults, countClicks, goTo, openStage, openTab, paste } from "./stage.ts"

let stage: Stage
let page: Page
let second: Page

beforeAll(async () => {
    stage = await openStage()
    page = (await stage.visit("Ingrid Solheim")).page
    second = (await stage.visit("Meera Hartono", "dark")).page
})
afterAll(async () => await stage.close())

const dialog = (at: Page) => at.getByRole("dialog")
const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })

async function openNewCase(title: string): Promise<void> {
    await goTo(page, "Cases")
    await button(page, "Open a case…").click()
    await dialog(page).getByLabel("Title").fill(title)
    await button(dialog(page), "Open it").click()
    await page.getByRole("heading", { level: 1, name: title }).waitFor()
}

async function agreeEmbargo(end: string): Promise<void> {
    await page.getByRole("link", { name: /^Agree embargo/ }).click()
    await button(page, "Agree…").click()
    await dialog(page).getByLabel("Ends at").fill(end)
    await dialog(page).getByText("12 Aug 2025 10:00 UTC").waitFor()
    await button(dialog(page), "Agree").click()
    await dialog(page).waitFor({ state: "detached" })
}

test("run a Patch Tuesday", async () => {
    const clicks = await countClicks(page, second)
    await openNewCase("Wrenfield: mail parsing")
    expect(await axeFaults(page)).toEqual([])
    await agreeEmbargo("12 Aug 10:00")
    await openTab(page, "Case", "Artifacts")
    await button(page, /^Add/).click()
    await dialog(page).getByLabel("File name").fill("summary.md")
    await dialog(page).getByLabel("Content").fill("A mail with a broken header stops the parser. Install the update.")
    await button(dialog(page), /^Add/).click()
    await dialog(page).waitFor({ state: "detached" })
    await openTab(page, "Case", "Release")
    await button(page, "Use the default schedule").click()
    await button(page, "Request all 4").click()
    await page.getByRole("row").filter({ hasText: "Publication" }).getByText("waits for a signature").waitFor()
    expect(await axeFaults(page)).toEqual([])

    await button(second, "Sign all 4 waves…").click()
    await dialog(second).getByRole("article", { name: "Publication wave" }).waitFor()
    expect(await axeFaults(second)).toEqual([])
    await button(dialog(second), "Sign all as Meera Hartono").click()
    await dialog(second).waitFor({ state: "detached" })
    await page.getByRole("row").filter({ hasText: "Publication" }).getByText("approved").waitFor()
    await expect.poll(async () => await page.getByRole("table").getByText("approved").count()).toBe(4)
    expect(areFewClicks("an empty case to signed waves", clicks(), 20)).toBe(true)
})

test("hold three partners back until publication", async () => {
    const held = ["Copperline Networks", "Kestrel Ridge Hosting", "Tidewater Managed Defence"]
    const clicks = await countClicks(page)
    for (const name of held) {
        await goTo(page, "Partners")
        await page.getByRole("main").getByRole("link", { name }).click()
        await button(page, "Restrict…").click()
        await dialog(page).getByLabel("Nothing before publication").check()
        await dialog(page).getByLabel("Reason", { exact: true }).fill("Its fix is not ready before publication.")
        await button(dialog(page), "Restrict now").click()
        await dialog(page).waitFor({ state: "detached" })
    }
    await goTo(page, "Cases")
    await page.getByRole("main").getByRole("link", { name: "Wrenfield" }).first().click()
    await openTab(page, "Case", "Who gets what")
    for (const name of held) {
        await page.getByRole("gridcell", { name: new RegExp(`^${name}, summary.md: at publication`) }).waitFor()
    }
    expect(await axeFaults(page)).toEqual([])
    expect(areFewClicks("three partners held back until publication", clicks(), 20)).toBe(true)
})

const correction = "Install both updates. The first one can be bypassed."

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
    await page.getByRole("main").getByRole("link", { name: "SharePoint Server: sign-in bypass" }).click()
    await page.getByRole("heading", { level: 1, name: "SharePoint Server: sign-in bypass" }).waitFor()
    await atRest(page)

    const clicks = await countClicks(page, second)
    await openTab(page, "Case", "Release")
    await page.getByRole("link", { name: "Correct the advisory" }).click()
    await paste(page.getByRole("textbox", { name: "Text of summary.md" }), correction)
    const marked = page.getByRole("article", { name: "Public page with changes" })
    await marked.locator("ins", { hasText: "The first one can be bypassed." }).waitFor()
    expect(await page.locator("[aria-current=step]").textContent()).toBe("Difference")
    expect(await axeFaults(page)).toEqual([])
    await button(page, "Request correction").click()
    await page.locator("[aria-current=step]", { hasText: "Sign" }).waitFor()

    await second.getByRole("link", { name: "Review and sign" }).click()
    await second.getByRole("article", { name: "Public page with changes" }).getByText("can be bypassed").waitFor()
    expect(await axeFaults(second)).toEqual([])
    await button(second, "Sign and publish").click()
    await page.getByRole("heading", { name: "Revision 2 is public" }).waitFor()
    expect(areFewClicks("an advisory corrected", clicks(), 6)).toBe(true)
    expect(await axeFaults(page)).toEqual([])

    const published = await page.request.get(
        (await page.getByRole("link", { name: "Open the public page" }).getAttribute("href")) ?? "",
    )
    expect(await published.text()).toContain(correction)
})

test("find what I did last week", async () => {
    const clicks = await countClicks(page)
    await goTo(page, "Audit log")
    await page.getByLabel("Person").selectOption("Ingrid Solheim")
    await page.getByLabel("From").fill("2025-07-03")
    await page.getByRole("main").getByText("summary.md").first().waitFor()
    await page.getByLabel("Before").fill("2025-07-11")
    await page.getByRole("main").getByText("summary.md").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    expect(areFewClicks("what I did last week", clicks(), 3)).toBe(true)
})

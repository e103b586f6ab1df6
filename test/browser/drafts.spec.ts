/** Unsent text survives Escape, a click outside the dialog, a reload, and an expired session. */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Stage, atRest, axeFaults, chooseOwn, goTo, openStage, readDrafts } from "./stage.ts"

const text = "A finder told the world about it on a mailing list."

let stage: Stage
let page: Page

beforeAll(async () => {
    stage = await openStage()
    ;({ page } = await stage.visit("Ingrid Solheim"))
}, 240_000)
afterAll(() => stage?.close())

const dialog = () => page.getByRole("dialog")
const field = () => dialog().getByRole("textbox").last()
const press = (name: string) => page.getByRole("button", { name, exact: true }).click()

async function openForm(): Promise<void> {
    await goTo(page, "Cases")
    await page
        .getByRole("main")
        .getByRole("link", { name: /sign-in bypass and code injection/ })
        .click()
    await atRest(page)
    await press("More actions for this case")
    await page.getByRole("menuitem", { name: "Close…" }).click()
    await field().waitFor()
    await atRest(page)
}

const kept = async () => await readDrafts(page)

test("a dialog with text stays open at a click outside, and asks before Escape closes it", async () => {
    await openForm()
    await field().fill(text)
    await page.mouse.click(5, 5)
    expect(await field().inputValue()).toBe(text)
    // The click took the focus away for a frame.
    await expect.poll(() => dialog().evaluate((input) => input.contains(document.activeElement))).toBe(true)
    await page.keyboard.press("Escape")
    await dialog().getByText("Discard your text?").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await press("Keep writing")
    expect(await field().inputValue()).toBe(text)
})

test("a reload restores the text, and nothing is stored in clear", async () => {
    await expect.poll(async () => (await kept()).records).toBe(1)
    const { text: value } = await kept()
    for (const word of [text, "mailing list", "Close this case", "/cases/"]) expect(value).not.toContain(word)
    await page.reload()
    await openForm()
    await expect.poll(() => field().inputValue()).toBe(text)
})

test("the next session of the same person restores it too; another person does not see it", async () => {
    await page.context().clearCookies()
    await page.reload()
    await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
    await page.goto(stage.linkOf("Tomas Ferreira"))
    await page.waitForURL(({ pathname }) => pathname === "/")
    await openForm()
    expect(await field().inputValue()).toBe("")
    await page.keyboard.press("Escape")
    await dialog().waitFor({ state: "detached" })
    await page.context().clearCookies()
    await page.goto(stage.linkOf("Ingrid Solheim"))
    await page.waitForURL(({ pathname }) => pathname === "/")
    await openForm()
    await expect.poll(() => field().inputValue()).toBe(text)
})

test("two tabs keep the text of each", async () => {
    const other = await page.context().newPage()
    await other.goto(new URL("/cases", page.url()).href)
    const title = other.getByRole("dialog").getByLabel("Title").first()
    const openOther = async () => {
        await other.getByRole("button", { name: "Open a case…" }).click()
        await title.waitFor()
    }
    await openOther()
    await field().fill(`${text} Twice.`)
    await expect.poll(async () => (await kept()).records).toBe(1)
    const { text: before } = await kept()
    await title.fill("Another case")
    await expect.poll(async () => (await kept()).text).not.toBe(before)
    await page.reload()
    await openForm()
    await expect.poll(() => field().inputValue()).toBe(`${text} Twice.`)
    await other.reload()
    await openOther()
    await expect.poll(() => title.inputValue()).toBe("Another case")
    const { text: ofBoth } = await kept()
    await other.keyboard.press("Escape")
    await other.getByRole("button", { name: "Discard the text", exact: true }).click()
    // A closed tab deletes nothing more.
    await expect.poll(async () => (await kept()).text).not.toBe(ofBoth)
    await other.close()
})

test("discarded text does not return, and a form without text closes at once", async () => {
    await press("Close")
    await press("Discard the text")
    await dialog().waitFor({ state: "detached" })
    await expect.poll(async () => (await kept()).records).toBe(0)
    await page.reload()
    await openForm()
    expect(await field().inputValue()).toBe("")
    await page.mouse.click(5, 5)
    await dialog().waitFor({ state: "detached" })
})

test("signing out deletes the drafts", async () => {
    await openForm()
    await field().fill(text)
    await expect.poll(async () => (await kept()).records).toBe(1)
    await page.reload()
    await atRest(page)
    await chooseOwn(page, "Sign out")
    await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
    expect((await kept()).records).toBe(0)
})

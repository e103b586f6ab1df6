/**
 * Two people delete the content of a closed case on screen; a legal hold prevents it before. Then the page of the case,
 * the list and the palette show no content, and a legal hold still can be placed. Axe checks the pages.
 */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Stage, axeFaults, chooseFrom, goTo, openStage } from "./stage.ts"

let stage: Stage
let meera: Page
let kofi: Page
const menu = "More actions for this case"
const title = "Cinder Backup Agent: a restore writes outside its folder"

beforeAll(async () => {
    stage = await openStage({ hasHistory: true })
    meera = (await stage.visit("Meera Hartono")).page
    kofi = (await stage.visit("Kofi Boateng", "dark")).page
}, 600_000)
afterAll(async () => await stage.close())

const dialogOf = (page: Page) => page.getByRole("dialog")

async function fill(page: Page, reason: string, submit: string): Promise<void> {
    await dialogOf(page).getByLabel("Reason").fill(reason)
    await dialogOf(page).getByRole("button", { name: submit }).click()
}

/** Kofi signs the request with this name on the overview, and Meera applies it. */
async function signAndApply(name: string, reason: string): Promise<void> {
    const cardOf = (page: Page) => page.getByRole("article", { name, exact: true })
    await goTo(kofi, "Overview")
    await cardOf(kofi).getByRole("button", { name: "Sign…" }).click()
    await dialogOf(kofi).getByText(reason).waitFor()
    // A deletion gives no text out, so there are no alternatives to read.
    expect(await dialogOf(kofi).getByRole("heading", { name: "Alternatives" }).count()).toBe(0)
    expect(await axeFaults(kofi)).toEqual([])
    await dialogOf(kofi).getByRole("button", { name: "Sign as Kofi Boateng" }).click()
    await dialogOf(kofi).waitFor({ state: "detached" })
    await goTo(meera, "Overview")
    await cardOf(meera).getByRole("button", { name: "Apply", exact: true }).click()
    await cardOf(meera).waitFor({ state: "detached" })
}

/** After a request, the dialog stays and says that it waits for a second person. */
async function closeDialog(): Promise<void> {
    await dialogOf(meera).getByLabel("Reason").waitFor({ state: "detached" })
    await meera.keyboard.press("Escape")
    await dialogOf(meera).waitFor({ state: "detached" })
}

async function openCase(page: Page, name: string): Promise<void> {
    await goTo(page, "Cases")
    await page.locator("main").getByRole("link", { name }).first().click()
    await page.getByRole("heading", { level: 1, name }).waitFor()
}

test("one person places a legal hold, and two lift it", async () => {
    await openCase(meera, title)
    await chooseFrom(meera, menu, "Place a legal hold…")
    await fill(meera, "A court asks for it.", "Place the legal hold")
    await meera.getByText(/^Legal hold since .*A court asks for it\.$/).waitFor()
    expect(await axeFaults(meera)).toEqual([])
    await chooseFrom(meera, menu, "Lift the legal hold…")
    await fill(meera, "The court has decided.", "Request a second signature")
    await closeDialog()
    await signAndApply("Lift the legal hold of a case", "The court has decided.")
})

test("two people delete the content, and no screen shows its title", async () => {
    await openCase(meera, title)
    await chooseFrom(meera, menu, "Delete the content…")
    expect(await axeFaults(meera)).toEqual([])
    await fill(meera, "The retention period has ended.", "Request a second signature")
    await closeDialog()
    await signAndApply("Delete the content of a case", "The retention period has ended.")
    await openCase(meera, "Content deleted")
    await meera.getByText(/Content deleted by Meera Hartono and Kofi Boateng/).waitFor()
    await meera.getByRole("button", { name: menu }).click()
    expect(await meera.getByRole("menuitem").allInnerTexts()).toEqual(["Place a legal hold…"])
    await meera.keyboard.press("Escape")
    await chooseFrom(meera, menu, "Place a legal hold…")
    await fill(meera, "A court asks for the evidence.", "Place the legal hold")
    await meera.getByText(/^Legal hold since .*A court asks for the evidence\.$/).waitFor()
    await meera.getByText(/Content deleted by Meera Hartono and Kofi Boateng/).waitFor()
    expect(await axeFaults(meera)).toEqual([])
    await chooseFrom(meera, menu, "Lift the legal hold…")
    await fill(meera, "It was decided.", "Request a second signature")
    await closeDialog()
    await signAndApply("Lift the legal hold of a case", "It was decided.")
    await goTo(meera, "Cases")
    await meera.keyboard.press("Control+k")
    const search = meera.getByRole("searchbox")
    await search.fill("Lumen")
    await meera.getByRole("menuitem", { name: /Lumen/ }).first().waitFor()
    await search.fill("Cinder")
    await meera.getByRole("menuitem", { name: /Lumen/ }).first().waitFor({ state: "detached" })
    expect(await meera.getByRole("menuitem", { name: /Cinder/ }).count()).toBe(0)
})

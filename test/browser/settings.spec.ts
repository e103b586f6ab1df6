/** Settings: an admin finds why releases do not run; each role sees the tabs that it may read, and no more. */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Founded, type Stage, axeFaults, goTo, openFounded, openStage, openTab, walkTo } from "./stage.ts"

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true })
const tabs = (page: Page) => page.getByRole("navigation", { name: "Settings", exact: true }).getByRole("link")

async function expectSound(page: Page): Promise<void> {
    expect(await axeFaults(page)).toEqual([])
    for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 900 })
        expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true)
    }
}

describe("a program without a worker", () => {
    let program: Founded
    beforeAll(async () => {
        program = await openFounded(["Ada Lind", "Bo Karlsen"], ["--role", "console"])
    })
    afterAll(async () => await program.close())

    test("an admin finds why releases do not run", async () => {
        const { page, faults } = await program.enter(program.links[0])
        await goTo(page, "People and access")
        await openTab(page, "Settings", "Health")
        const band = region(page, "Releases")
        await band.getByRole("heading", { name: "Releases do not run" }).waitFor()
        await band.getByText("No worker has run yet: start one on the server.").waitFor()
        await region(page, "Jobs of the worker").getByRole("row").filter({ hasText: "never ran" }).first().waitFor()
        await expectSound(page)
        expect(faults).toEqual([])
    })
})

describe("the demonstration", () => {
    let stage: Stage
    beforeAll(async () => {
        stage = await openStage()
    })
    afterAll(async () => await stage.close())

    test("an auditor sees no keys", async () => {
        const { page } = await stage.visit("Daria Voss")
        await goTo(page, "People and access")
        expect(await tabs(page).allTextContents()).toEqual(["People and access", "Clocks", "Health", "Your access"])
        await page.goto(new URL("/settings/keys", page.url()).href)
        await page.getByText("Your roles do not include this.").waitFor()
        await page.getByText("It needs the role admin.").waitFor()
        expect(await region(page, "Keys of the server").count()).toBe(0)
        await page.goto(new URL("/settings/channels", page.url()).href)
        await page.getByText(/It needs the role manager, investigator,? or admin\./).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await page.context().close()
    })

    test("an admin reads every tab, reached by keyboard", async () => {
        const { page, faults } = await stage.visit("Kofi Boateng")
        await goTo(page, "People and access")
        await region(page, "People").getByRole("row").filter({ hasText: "Daria Voss" }).waitFor()
        await expectSound(page)
        for (const [tab, text] of [
            ["Keys", "signs the checkpoints of the audit log"],
            ["Channels", "partners fetch marked copies"],
            ["Regimes", "CRA: severe incident"],
            ["Clocks", "Clocks trusted"],
            ["Health", "Releases can run"],
        ] as const) {
            await walkTo(tabs(page).filter({ hasText: tab }))
            await page.keyboard.press("Enter")
            await page.getByText(text).first().waitFor()
            await expectSound(page)
        }
        expect(faults).toEqual([])
        await page.context().close()
    })
})

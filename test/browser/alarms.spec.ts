/** A console without a worker shows an alarm on every screen, until a worker has run. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Founded, axeFaults, goTo, openFounded } from "./stage.ts"

let program: Founded
beforeAll(async () => {
    program = await openFounded(["Ada Lind", "Bo Karlsen"], ["--role", "console"])
})
afterAll(async () => await program.close())

test("every screen says that releases are not running", async () => {
    const { page, faults } = await program.enter(program.links[0])
    for (const name of ["Overview", "Cases", "Audit log"]) {
        await goTo(page, name)
        await page.getByRole("alert").getByText("Releases are not running").waitFor()
        expect(await axeFaults(page)).toEqual([])
    }
    await page.getByText("No worker has run yet").waitFor()
    for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 })
        const shot = process.env["SHOTS"]
        if (shot !== undefined) await page.screenshot({ path: `${shot}/alarm-${width}.png` })
        expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true)
    }
    expect(faults).toEqual([])
})

/** Takes the pictures of README and guides from the demonstration: `npm run shots`. */
import fs from "node:fs"
import type { Page } from "playwright-core"
import { type Stage, goTo, openStage, openTab } from "../test/browser/stage.ts"

const folder = "docs/pictures"
const size = { width: 1440, height: 900 }
const bytesMax = 250_000

async function takePicture(page: Page, name: string): Promise<void> {
    await page.mouse.move(0, 0)
    await page.waitForTimeout(2000)
    const picture = await page.screenshot({ animations: "disabled", caret: "hide" })
    if (picture.length > bytesMax) throw new Error(`${name} has ${picture.length} bytes, more than ${bytesMax}`)
    fs.writeFileSync(`${folder}/${name}.png`, picture)
    console.log(`${folder}/${name}.png, ${picture.length} bytes`)
}

async function openSubject(page: Page, screen: string, name = /SharePoint/): Promise<void> {
    await page.setViewportSize(size)
    await goTo(page, screen)
    await page.getByRole("main").getByRole("link", { name }).first().click()
    await page.getByRole("heading", { level: 1, name }).waitFor()
    await page.waitForLoadState("networkidle", { timeout: 10_000 }).catch(() => undefined)
}

async function moveClock(page: Page, to: string): Promise<void> {
    const status = await page.evaluate(async (instant) => {
        const headers = { "content-type": "application/json" }
        const answer = await fetch("/api/demo/clock", {
            method: "POST",
            headers,
            body: JSON.stringify({ to: instant }),
        })
        // A request whose answer is not read never ends.
        await answer.text()
        return answer.status
    }, to)
    if (status !== 200) throw new Error(`the clock answered ${status}`)
}

async function takePictures(stage: Stage): Promise<void> {
    const { page: author } = await stage.visit("Ingrid Solheim")
    await moveClock(author, "2025-07-03T18:00:00Z")
    await openSubject(author, "Cases")
    await takePicture(author, "console-case")
    await openTab(author, "Case", "Who gets what")
    await author.getByRole("gridcell").first().waitFor()
    await takePicture(author, "console-access")
    await goTo(author, "Overview")
    await takePicture(author, "console-overview")
    const { page: investigator } = await stage.visit("Aoife Brannigan")
    await openSubject(investigator, "Inquiries", /Paste of/)
    await takePicture(investigator, "console-inquiry")
    const { page: lead } = await stage.visit("Harriet Lonsdale")
    await openSubject(lead, "Warnings")
    await takePicture(lead, "portal-warning")
    await goTo(lead, "Organisation")
    await openTab(lead, "Organisation", "Your access")
    await takePicture(lead, "portal-access")
    await lead.getByRole("button", { name: "Register a client…" }).click()
    await lead.getByRole("dialog").getByLabel("Name").fill("SIEM of the night shift")
    await takePicture(lead, "portal-machine-client")
    await lead.context().clearCookies()
    await lead.reload()
    await lead.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
    await takePicture(lead, "sign-in")
}

fs.mkdirSync(folder, { recursive: true })
const stage = await openStage({ hasHistory: true })
try {
    await takePictures(stage)
} finally {
    await stage.close()
}

/** Takes the pictures of README and guides from the demonstration: `node scripts/screenshots.ts`. */
import fs from "node:fs"
import type { Page } from "playwright-core"
import { type Stage, openStage } from "../test/browser/stage.ts"

const folder = "docs/pictures"
const size = { width: 1440, height: 900 }
const bytesMax = 200_000

async function takePicture(page: Page, name: string): Promise<void> {
    await page.mouse.move(0, 0)
    await page.waitForTimeout(2000)
    const picture = await page.screenshot({ animations: "disabled", caret: "hide" })
    if (picture.length > bytesMax) throw new Error(`${name} has ${picture.length} bytes, more than ${bytesMax}`)
    fs.writeFileSync(`${folder}/${name}.png`, picture)
    console.log(`${folder}/${name}.png, ${picture.length} bytes`)
}

async function openRow(page: Page, screen: string): Promise<void> {
    await page.setViewportSize(size)
    await page.getByRole("link", { name: screen, exact: true }).click()
    await page
        .getByRole("link", { name: /SharePoint/ })
        .first()
        .click()
    await page.getByRole("heading", { level: 1 }).waitFor()
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
        return answer.status
    }, to)
    if (status !== 200) throw new Error(`the clock answered ${status}`)
}

async function takePictures(stage: Stage): Promise<void> {
    const { page: author } = await stage.visit("Ingrid Solheim")
    await moveClock(author, "2025-07-03T18:00:00Z")
    await openRow(author, "Cases")
    await author
        .getByRole("grid")
        .first()
        .evaluate((grid) => {
            const top = (grid.closest("section") ?? grid).getBoundingClientRect().top
            window.scrollBy(0, top - 70)
        })
    await takePicture(author, "console-case")
    const { page: lead } = await stage.visit("Harriet Lonsdale")
    await openRow(lead, "Warnings")
    await takePicture(lead, "portal-warning")
}

fs.mkdirSync(folder, { recursive: true })
const stage = await openStage()
try {
    await takePictures(stage)
} finally {
    await stage.close()
}

/** Who gets what: the matrix by keyboard, at another instant, by another policy, and with a thousand partners. */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Stage, atRest, axeFaults, goTo, openStage, openTab, walkTo } from "./stage.ts"

let stage: Stage
let page: Page
const faults: (readonly string[])[] = []

beforeAll(async () => {
    stage = await openStage()
    const visitor = await stage.visit("Meera Hartono", "dark")
    page = visitor.page
    faults.push(visitor.faults)
    await page.setViewportSize({ width: 1440, height: 900 })
})
afterAll(() => stage.close())

async function openMatrix(): Promise<void> {
    await goTo(page, "Cases")
    await page
        .locator("main")
        .getByRole("link", { name: /SharePoint/ })
        .click()
    await openTab(page, "Case", "Who gets what")
}

const cell = (name: RegExp) => page.getByRole("gridcell", { name })
const panel = () => page.getByRole("complementary", { name: "Reasons" })
const focusedSpot = () => page.locator(":focus").getAttribute("data-spot")

test("the matrix works by keyboard, and explains a cell", async () => {
    await openMatrix()
    await cell(/^Fernwood Threat Lab, summary.md/).focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    expect(await focusedSpot()).toBe("2 1")
    await page.keyboard.press("Enter")
    await panel().getByText("come in the wave of the tier").first().waitFor()
    await panel().getByText("The partner fetched no copy.").waitFor()
    await panel().getByText("Rule in Cedar").click()
    await panel().getByText('@id("wave-of-tier")').waitFor()
    expect(page.url()).toContain("cell=")
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await panel().waitFor({ state: "detached" })
    expect(await focusedSpot()).toBe("2 1")
    await page.keyboard.press("Control+End")
    expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(/^Sundial Endpoint, updates.txt/)
    expect(await axeFaults(page)).toEqual([])
})

test("the matrix is filtered by name, tier, class and outcome", async () => {
    const names = () =>
        page
            .getByRole("row")
            .filter({ has: page.getByRole("gridcell") })
            .count()
    expect(await names()).toBe(12)
    await page.getByLabel("Tier").selectOption("Advance")
    expect(await names()).toBe(4)
    await page.getByRole("searchbox", { name: "Partner name" }).fill("kestrel")
    expect(await names()).toBe(1)
    await page.getByRole("searchbox", { name: "Partner name" }).fill("")
    await page.getByRole("button", { name: /^withheld/ }).click()
    expect(await names()).toBe(1)
    await cell(/^Oakhurst/)
        .first()
        .waitFor()
    await page.getByRole("button", { name: /^withheld/ }).click()
    await page.getByLabel("Class", { exact: true }).selectOption("patch")
    expect(await page.getByRole("grid").getByRole("columnheader").count()).toBe(2)
    await page.getByLabel("Class", { exact: true }).selectOption("")
    await page.getByLabel("Tier").selectOption("")
})

test("the matrix shows a planned instant and another policy", async () => {
    await cell(/^Kestrel Ridge Hosting, technical.md: full, .* not yet released/).click()
    await page.getByRole("slider", { name: "Instant of the matrix" }).focus()
    for (let n = 0; n < 2; n++) await page.keyboard.press("ArrowRight")
    await page.getByText("if all waves are released as planned").waitFor()
    await cell(/^Kestrel Ridge Hosting, technical.md: full, .* released by then if signed/).waitFor()
    await page.getByLabel("Policy").selectOption({ label: "Policy 2: three tiers, with the duty rule" })
    await panel().getByText("Reduced to the summary").waitFor()
    await panel().getByText("Policy 1, in force").waitFor()
    await page.getByRole("button", { name: /^Changes only/ }).click()
    await cell(/^Lantern Bay Distribution, .* changed: full by the policy in force/)
        .first()
        .waitFor()
    expect(await cell(/^Copperline/).count()).toBe(0)
    expect(await axeFaults(page)).toEqual([])
    await page.reload()
    await panel().getByText("Reduced to the summary").waitFor()
    expect(await cell(/^Copperline/).count()).toBe(0)
})

test("the matrix fits a phone and scrolls in its frame", async () => {
    await openMatrix()
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    const head = page.getByRole("rowheader", { name: /Copperline/ })
    const left = async () => (await head.boundingBox())?.x ?? 0
    const before = await left()
    await cell(/^Copperline Networks, summary.md/).focus()
    await page.keyboard.press("End")
    expect(await page.locator(".access-grid").evaluate((it) => it.scrollLeft)).toBeGreaterThan(100)
    expect(await left()).toBe(before)
    expect(await axeFaults(page)).toEqual([])
    await page.setViewportSize({ width: 1440, height: 900 })
})

/** Answers with a thousand partners and two hundred artifacts, whose decisions differ from cell to cell. */
async function enlarge(): Promise<void> {
    const idOf = (kind: number, n: number) => `0badcafe-000${kind}-4000-8000-${String(n).padStart(12, "0")}`
    const many = (count: number) => Array.from({ length: count }, (_, n) => n)
    const answer = async (path: string) => (await (await page.request.get(path)).json()) as Record<string, object[]>
    const base = new URL(page.url()).origin
    const [partner] = (await answer(`${base}/api/partners`))["partners"] ?? []
    const [artifact] = (await answer(`${base}/api/artifacts`))["artifacts"] ?? []
    const tiers = ["validate", "advance", "entry"]
    const outcomes = ["full", "reduced", "at_publication", "withheld"]
    await page.route("**/api/partners", (route) =>
        route.fulfill({
            json: {
                partners: many(1000).map((n) => ({ ...partner, id: idOf(1, n), name: `P ${n}`, tier: tiers[n % 3] })),
            },
        }),
    )
    await page.route("**/api/artifacts", (route) =>
        route.fulfill({
            json: { artifacts: many(200).map((n) => ({ ...artifact, id: idOf(2, n), name: `rule-${n}.yml` })) },
        }),
    )
    const decide = (n: number) => ({
        outcome: outcomes[(n % 7) % 4],
        grantedClass: "summary",
        from: "2025-07-03T17:00:00Z",
        waves: [],
        released: n % 5 === 0,
        available: n % 5 === 0,
        recalled: false,
        reasons: [],
    })
    await page.route("**/api/entitlements?**", (route) =>
        route.fulfill({
            json: {
                case: idOf(0, 1),
                at: "2025-07-06T00:00:00Z",
                policy: 1,
                exploited: false,
                artifacts: many(200).map((n) => ({ artifact: idOf(2, n), class: "rules", version: null })),
                decisions: many(35).map(decide),
                partners: many(1000).map((n) => ({
                    partner: idOf(1, n),
                    cells: many(200).map((column) => (200 * n + column + n) % 35),
                })),
            },
        }),
    )
}

test("a matrix of 1,000 partners and 200 artifacts draws a window of cells, and prints its frames", async () => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await openMatrix()
    await enlarge()
    await page.reload()
    await atRest(page)
    await cell(/^P 0, rule-0.yml/).waitFor()
    const frames = await page.locator(".access-grid").evaluate(async (grid) => {
        const spans: number[] = []
        let last = 0
        for (let n = 0; n < 120; n++) {
            grid.scrollBy(n % 3 === 0 ? 40 : 0, 150)
            const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
            if (last > 0) spans.push(now - last)
            last = now
        }
        return spans.toSorted((a, b) => a - b)
    })
    const at = (share: number) => frames[Math.floor((frames.length - 1) * share)]?.toFixed(1)
    process.stdout.write(`frames while scrolling, in ms: median ${at(0.5)}, 95 % ${at(0.95)}, longest ${at(1)}\n`)
    expect(await page.getByRole("gridcell").count()).toBeLessThan(2_500)
    // At rest, each row that was flung past has its cells.
    await expect.poll(() => page.locator(".access-row:not(.tier):not(:has(td))").count(), { timeout: 30_000 }).toBe(0)
    await cell(/^P \d+, rule-3\d.yml/)
        .first()
        .waitFor()
    await page.keyboard.press("Tab")
    await page.locator(".access-grid table").focus()
    await page.keyboard.press("Control+End")
    await cell(/^P 998, rule-199.yml/).waitFor()
    expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(/^P 998, rule-199.yml/)
})

test("an artifact is edited with its slots, checked and saved as a version", async () => {
    const { page: author, faults: more } = await stage.visit("Tomas Ferreira")
    faults.push(more)
    await goTo(author, "Cases")
    await author
        .locator("main")
        .getByRole("link", { name: /SharePoint/ })
        .click()
    await openTab(author, "Case", "Artifacts")
    await author.getByText("The audit log records each read").waitFor()
    const together = author.getByRole("region", { name: "Package strength" })
    await together.getByText(/^The marks identify one of \d colluders among \d+ partners/).waitFor()
    await author.getByRole("button", { name: /^technical.md/ }).click()
    await author
        .getByRole("region", { name: "Your copy" })
        .getByRole("heading", { name: /^Root cause/ })
        .waitFor()
    expect(await axeFaults(author)).toEqual([])
    await author.getByRole("button", { name: "Read the master to edit" }).click()
    const text = author.getByRole("textbox", { name: "Text of technical.md" })
    await text.getByText("{{document|paper}}").waitFor()
    await author.getByText(/^1\d\d slots$/).waitFor()
    await text.locator(".slot").first().waitFor()
    expect(await text.locator(".slot").count()).toBeGreaterThan(10)
    await text.click()
    await author.keyboard.press("Control+End")
    await author.keyboard.type("No word is lost.")
    await author.getByText("kept on this device").waitFor()
    expect(await axeFaults(author)).toEqual([])
    await previewAsReaders(author)
    await author.getByRole("button", { name: "Changes to 1" }).click()
    await author
        .getByRole("listitem")
        .filter({ hasText: /new: .*No word is lost\./ })
        .waitFor()
    expect(await axeFaults(author)).toEqual([])
    await author.getByRole("button", { name: "Master" }).click()
    await chooseForm(author)
    await author.getByRole("button", { name: "Save version 2" }).click()
    await author.getByText("version 2", { exact: true }).waitFor()
})

/** As a copy and as public text, no form is left open. */
async function previewAsReaders(author: Page): Promise<void> {
    await author.getByRole("button", { name: "As a copy" }).click()
    await author.getByText("Its codeword belongs to no partner").waitFor()
    const copy = author.getByRole("region", { name: "Example copy" })
    await copy.getByText("No word is lost.").waitFor()
    const text = await copy.innerText()
    expect(text).not.toMatch(/\{\{/)
    expect(await axeFaults(author)).toEqual([])
    await author.getByRole("button", { name: "As public text" }).click()
    const publicText = author.getByRole("region", { name: "Public text" })
    await publicText.getByText("This document explains").waitFor()
    expect(await publicText.innerText()).not.toMatch(/\{\{/)
    expect(await publicText.innerText()).not.toBe(text)
    expect(await axeFaults(author)).toEqual([])
}

/** A slot shows its forms, by pointer and by keyboard; another form becomes the text's own. */
async function chooseForm(author: Page): Promise<void> {
    const panel = author.getByRole("region", { name: "Slot 1", exact: true })
    await author.locator(".slot", { hasText: "{{document|paper}}" }).click()
    await panel.getByText("2 forms, 1 bit.").waitFor()
    expect(await axeFaults(author)).toEqual([])
    await author.keyboard.press("Escape")
    await panel.waitFor({ state: "detached" })
    await walkTo(author.getByRole("button", { name: "Forms of the slot…" }))
    await author.keyboard.press("Enter")
    await walkTo(panel.getByRole("radio", { name: /^document/ }))
    await author.keyboard.press("ArrowDown")
    await walkTo(panel.getByRole("button", { name: "Use this form" }))
    await author.keyboard.press("Enter")
    await author.locator(".slot", { hasText: "{{paper|document}}" }).waitFor()
}

test("no page had a fault", () => {
    expect(faults.flat()).toEqual([])
})

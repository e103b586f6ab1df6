/**
 * One story on screen: a wave is frozen and signed again, released, a partner opens its copy, the copy leaks, is
 * traced, and the partner is suspended. Axe checks every page.
 */
import fs from "node:fs"
import { type Locator, type Page, type Response } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { ExpertFile } from "@tocsin/marks/expert"
import {
    type Stage,
    type Visitor,
    areFewClicks,
    atRest,
    axeFaults,
    countClicks,
    goTo,
    openStage,
    openTab,
} from "./stage.ts"

let stage: Stage
const visitors: Visitor[] = []

beforeAll(async () => {
    stage = await openStage()
})

afterAll(async () => {
    await stage.close()
})

afterEach(async () => {
    for (const { page } of visitors) await page.context().close()
})

async function visit(person: string, scheme: "light" | "dark" = "light"): Promise<Visitor> {
    const visitor = await stage.visit(person, scheme)
    visitors.push(visitor)
    return visitor
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const link = (page: Page, name: string) => page.getByRole("link", { name }).first()
const dialog = (page: Page) => page.getByRole("dialog")

async function openCase(page: Page, tab?: string): Promise<void> {
    await goTo(page, "Cases")
    await page.getByRole("main").getByRole("link", { name: "SharePoint Server" }).first().click()
    await page.getByRole("heading", { level: 1, name: "SharePoint Server" }).waitFor()
    await atRest(page)
    if (tab !== undefined) await openTab(page, "Case", tab)
}

const waveRow = (page: Page, tier: string) =>
    page.getByRole("region", { name: "Waves of this case" }).getByRole("row").filter({ hasText: tier })

const attention = (page: Page) => page.getByRole("region", { name: "Needs attention" })

async function chooseFor(page: Page, menu: string, action: string): Promise<void> {
    await button(page, `More actions for ${menu}`).click()
    await page.getByRole("menuitem", { name: action }).click()
}

/** Opens the results of the rule from its page in the case. */
async function openResults(page: Page): Promise<void> {
    await openCase(page, "Artifacts")
    await button(page, new RegExp(`^${rule}`)).click()
    await atRest(page)
    await button(page, `View results… of ${rule}`).click()
}

const isSealedCopy = (answer: Response) => answer.url().endsWith("/copy") && answer.status() === 200

const rule = "request-web-log.yml"

describe("a release, a leak and its consequences", () => {
    let leaked = ""

    test("a sign-in link signs in, and its secret leaves the address", async () => {
        const { page, sent } = await visit("Ingrid Solheim")
        expect(new URL(page.url()).hash).toBe("")
        const [secret] = sent
            .filter((item) => item.includes("/api/session"))
            .map((item) => /"secret":"([^"]+)"/.exec(item)?.[1])
        expect(secret).toMatch(/^[\w-]{40,64}$/)
        const addresses = sent.map((item) => item.split(" ")[0])
        expect(addresses.filter((address) => address?.includes(secret ?? ""))).toEqual([])
        expect(await axeFaults(page)).toEqual([])
    })

    test("the matrix works by keyboard, and shows reasons", async () => {
        const { page } = await visit("Ingrid Solheim", "dark")
        await openCase(page, "Who gets what")
        const reasons = page.getByRole("complementary", { name: "Reasons" })
        await page.getByRole("gridcell").first().focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowRight")
        const second = page.locator(":focus")
        expect(await second.getAttribute("data-spot")).toBe("2 1")
        await page.keyboard.press("Enter")
        await reasons.getByText("come in the wave of the tier").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.press("Escape")
        await reasons.waitFor({ state: "detached" })
        expect(await page.locator(":focus").getAttribute("data-spot")).toBe("2 1")
        expect(await axeFaults(page)).toEqual([])
    })

    test("the requester of a frozen wave cannot sign it; a second person can", async () => {
        const { page } = await visit("Ingrid Solheim")
        await openCase(page, "Release")
        const row = waveRow(page, "Advance")
        await chooseFor(page, "the Advance wave", "Freeze…")
        await button(dialog(page), "Freeze wave").click()
        await row.getByText("frozen").waitFor()
        await openTab(page, "Case", "Overview")
        await attention(page).getByRole("link", { name: "The Advance wave is frozen", exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await openTab(page, "Case", "Release")
        await button(row, "Request release").click()
        await row.getByText("waits for a signature").waitFor()
        await goTo(page, "Overview")
        expect(await button(page, "Sign…").isDisabled()).toBe(true)
        expect(await axeFaults(page)).toEqual([])
        await page.getByRole("link", { name: /review all effects/ }).click()
        const recipients = page.getByRole("table", { name: "What each partner gets by this wave" })
        await recipients.getByRole("link", { name: "Copperline Networks" }).waitFor()
        await page.getByText("Vulnerability: CVE-2025-49704").first().waitFor()
        expect(await axeFaults(page)).toEqual([])

        const { page: second } = await visit("Kofi Boateng", "dark")
        await button(second, "Sign…").click()
        expect(await dialog(second).locator(".hash").textContent()).toMatch(/^[0-9a-f]{64}$/)
        expect(await axeFaults(second)).toEqual([])
        await button(dialog(second), "Sign as Kofi Boateng").press("Enter")
        await second.getByText("No approvals wait for a signature").waitFor()
    })

    test("the clock moves, and the wave is released", async () => {
        const { page } = await visit("Ingrid Solheim")
        await button(page, "Move on…").click()
        const step = dialog(page).getByRole("listitem").filter({ hasText: "3 Jul 2025 17:00 UTC" })
        await button(step, "Advance to here").click()
        await dialog(page).waitFor({ state: "detached", timeout: 120_000 })
        await openCase(page, "Release")
        const advance = waveRow(page, "Advance")
        await advance.getByText("released").first().waitFor()
        await advance.getByText("3 Jul 2025 17:00 UTC").waitFor()
        await openTab(page, "Case", "Overview")
        const next = page.getByRole("region", { name: "Next: the Entry wave" })
        await next.getByText("Gives 9 artifacts to 4 partners.").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("an amendment needs two people: requested, compared with the old text, applied", async () => {
        const { page } = await visit("Ingrid Solheim")
        await openCase(page)
        const facts = page.getByRole("region", { name: "Facts", exact: true })
        await facts.getByRole("link", { name: "Change…" }).click()
        await dialog(page).getByText("until a second person has signed").waitFor()
        const title = await dialog(page).getByLabel("Title").inputValue()
        await dialog(page).getByLabel("Title").fill(`${title} (corrected)`)
        await dialog(page).getByText(`new: Title: ${title} (corrected)`).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Save changes").click()
        await dialog(page).getByText("A second person must sign this first").waitFor()
        await page.keyboard.press("Escape")
        await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor()
        await chooseFor(page, "this case", "Before publication…")
        await dialog(page).getByText("until a second person has signed").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.press("Escape")

        const { page: second } = await visit("Kofi Boateng", "dark")
        const locator = second.getByRole("article", { name: "Amend a case" })
        await locator.getByText(`gone: Title: ${title}`).waitFor()
        await locator.getByText(`new: Title: ${title} (corrected)`).waitFor()
        await locator.getByText("Copperline Networks").first().waitFor()
        await button(locator, "Sign…").click()
        await dialog(second).getByText(`new: Title: ${title} (corrected)`).waitFor()
        expect(await axeFaults(second)).toEqual([])
        await button(dialog(second), "Sign as Kofi Boateng").press("Enter")
        await second.getByText("No approvals wait for a signature").waitFor()
        expect(await axeFaults(second)).toEqual([])

        await button(page.getByRole("region", { name: "Needs attention" }), "Apply").press("Enter")
        await button(page, "Apply").waitFor({ state: "detached" })
        await page.getByRole("heading", { level: 1, name: `${title} (corrected)` }).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("the timeline of waves is drawn with enough room, and is a list on a telephone", async () => {
        const { page } = await visit("Ingrid Solheim", "dark")
        await openCase(page)
        const drawing = page.getByRole("img", { name: "Waves in time." })
        const list = page.getByRole("list", { name: "The case in time" })
        await drawing.or(list).filter({ visible: true }).waitFor()
        for (const [width, isDrawn] of [
            [1400, true],
            [800, true],
            [400, false],
        ] as const) {
            await page.setViewportSize({ width, height: 900 })
            await (isDrawn ? drawing : list).waitFor()
            await (isDrawn ? list : drawing).waitFor({ state: "hidden" })
            const shown = isDrawn ? drawing.locator("text") : list.locator("b")
            const sizes = await shown.evaluateAll((list) => list.map((item) => item.getBoundingClientRect().height))
            expect(Math.min(...sizes), `${width}`).toBeGreaterThan(11)
            expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
        }
        expect(await list.getByRole("listitem").allTextContents()).toHaveLength(5)
        expect(await axeFaults(page)).toEqual([])
    })

    test("a tester reports a result for a rule, and its author reads it next to the rule", async () => {
        const { page } = await visit("Jonas Wieland")
        await link(page, "SharePoint Server").click()
        await openTab(page, "Warning", "Reports")
        const results = page.getByRole("region", { name: "Test results", exact: true })
        const row = results.getByRole("row").filter({ hasText: rule })
        await button(row, /Report…/).click()
        await dialog(page).getByLabel("Verdict").selectOption("false positives")
        await dialog(page).getByLabel("Hits").fill("many")
        await button(dialog(page), "Report result").click()
        await dialog(page).getByText("a whole number").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await dialog(page).getByLabel("Hits").fill("40")
        await dialog(page).getByLabel("False positives").fill("3")
        await dialog(page).getByLabel("How you tested").fill("Two weeks of proxy logs.")
        await button(dialog(page), "Report result").click()
        await row.getByText("false positives").waitFor()
        expect(await button(row, /Correct…/).count()).toBe(1)
        expect(await axeFaults(page)).toEqual([])

        const { page: author } = await visit("Tomas Ferreira", "dark")
        await openResults(author)
        await dialog(author).getByText("Two weeks of proxy logs.").waitFor()
        await dialog(author).getByText("Halcyon Sensor Works").waitFor()
        expect(await axeFaults(author)).toEqual([])
    })

    test("a partner's report of exploitation is on the case's screen", async () => {
        const { page } = await visit("Jonas Wieland")
        const status = await page.evaluate(async () => {
            const { warnings } = (await (await fetch("/api/warnings")).json()) as { warnings: { id: string }[] }
            const seen = {
                observedAt: "2025-07-03T16:00:00Z",
                clock: "synchronised",
                product: "SharePoint Server 2019",
            }
            const words = { indicators: ["198.51.100.7"], confidence: 80, note: "Two servers of a customer." }
            const body = JSON.stringify({ id: crypto.randomUUID(), warning: warnings[0]?.id, ...seen, ...words })
            const headers = { "content-type": "application/json" }
            return (await fetch("/api/sightings", { method: "POST", headers, body })).status
        })
        expect(status).toBe(200)
        const { page: author } = await visit("Tomas Ferreira", "dark")
        await openCase(author, "Reports")
        await openTab(author, "Reports", "Sightings")
        const row = author.getByRole("row").filter({ hasText: "Two servers of a customer." })
        for (const message of ["Halcyon Sensor Works", "Jonas Wieland", "198.51.100.7", "synchronised", "80"]) {
            await row.getByText(message).waitFor()
        }
        expect(await axeFaults(author)).toEqual([])
    })

    test("a rule is recalled, its holder confirms the deletion, and two people lift the recall", async () => {
        const { page } = await visit("Ingrid Solheim", "dark")
        await openResults(page)
        await button(dialog(page), "Recall…").click()
        const locator = page.getByRole("dialog", { name: `Recall ${rule}` })
        await locator.getByLabel("Reason").fill("It names a customer of ours.")
        expect(await axeFaults(page)).toEqual([])
        await button(locator, "Recall now").click()
        await locator.waitFor({ state: "detached" })
        const holder = dialog(page).getByRole("row").filter({ hasText: "Halcyon Sensor Works" }).last()
        await holder.getByText("not confirmed").waitFor()
        expect(await axeFaults(page)).toEqual([])

        const { page: partner } = await visit("Jonas Wieland", "dark")
        await partner.getByText("The operator recalled copies that you have.").waitFor()
        expect(await axeFaults(partner)).toEqual([])
        await link(partner, "SharePoint Server").click()
        const parts = partner.getByRole("region", { name: "Your copies", exact: true })
        await parts.waitFor()
        await atRest(partner)
        await partner.getByRole("heading", { name: "Recalled: delete your copies" }).waitFor()
        expect(await parts.getByText(rule).count()).toBe(0)
        await button(partner, /Confirm deletion…/).click()
        expect(await axeFaults(partner)).toEqual([])
        await button(dialog(partner), "Confirm deletion").click()
        await partner.getByRole("region", { name: "Recalled copies" }).getByText("confirmed").waitFor()
        expect(await axeFaults(partner)).toEqual([])
        await holder.getByText("not confirmed").waitFor({ state: "detached" })

        await button(dialog(page), "Request lifting").click()
        await dialog(page).getByText("A second person must sign this first").waitFor()
        const { page: second } = await visit("Kofi Boateng")
        await button(second, "Sign…").click()
        await dialog(second).getByText("Partners can read the recalled versions again").waitFor()
        expect(await axeFaults(second)).toEqual([])
        await button(dialog(second), "Sign as Kofi Boateng").press("Enter")
        await page.keyboard.press("Escape")
        await goTo(page, "Overview")
        await button(page, "Apply").press("Enter")
        await button(page, "Apply").waitFor({ state: "detached" })
        await parts.getByText(rule).first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("a partner opens its own copy in the browser, and its identity is never sent", async () => {
        const { page, sent } = await visit("Martin Achterberg")
        const identity = stage.identityOf("Copperline Networks")
        expect(await axeFaults(page)).toEqual([])
        await link(page, "SharePoint Server").click()
        const copies = page.getByRole("region", { name: "Your copies", exact: true })
        await button(copies, "Open technical.md").click()
        await dialog(page).getByLabel("Your age identity").fill(identity)
        const fetched = page.waitForResponse(isSealedCopy)
        await button(dialog(page), "Fetch and open").click()
        const sealed = await (await fetched).body()
        expect(sealed.subarray(0, 21).toString()).toBe("age-encryption.org/v1")
        await dialog(page)
            .getByRole("heading", { name: /^Root cause/ })
            .waitFor()
        const saved = page.waitForEvent("download")
        await button(dialog(page), "Save file").click()
        leaked = fs.readFileSync(await (await saved).path(), "utf8")
        expect(leaked.length).toBeGreaterThan(1000)
        expect(sent.join("\n")).not.toContain(identity)
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.press("Escape")
        const acknowledging = page.getByRole("region", { name: "Acknowledge", exact: true })
        await button(acknowledging, "Acknowledge").click()
        await acknowledging.getByText("Your last acknowledgement").waitFor()
    })

    test("the leak is traced to that copy, and the partner is suspended", async () => {
        const { page } = await visit("Aoife Brannigan")
        await goTo(page, "Evidence")
        expect(await axeFaults(page)).toEqual([])
        await button(page, "Add a leak…").click()
        await dialog(page).getByLabel("Name").fill("A paste")
        await dialog(page).getByLabel("Source").fill("a public paste site")
        await dialog(page).getByLabel("Content").fill(leaked)
        await button(dialog(page), "Add the leak").click()
        const claim = page.getByRole("heading", { name: /^The text matches the copy of Copperline Networks/ })
        await claim.waitFor({ timeout: 60_000 })
        await page.getByRole("img", { name: /Evidence per copy on a logarithmic scale/ }).waitFor()
        await page.getByText("identifies a copy, not a person").waitFor()
        await button(page, "Compare the texts").click()
        await page.getByRole("region", { name: "Parts of the master" }).locator("mark.read").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(page, "More actions").click()
        await page.getByRole("menuitem", { name: "Suspend Copperline Networks…" }).click()
        // Managers and approvers read the reason, which does not mention the attribution automatically.
        expect(await dialog(page).getByLabel("Reason").inputValue()).toBe("")
        await dialog(page).getByLabel("Reason").fill("A risk decision, to be reviewed.")
        await button(dialog(page), "Suspend now").click()
        await dialog(page).waitFor({ state: "detached" })
        await link(page, "Copperline Networks").click()
        await page.getByText("interim suspension").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("its key is disclosed to an expert: one person requests, another signs, and it is saved once", async () => {
        const { page } = await visit("Aoife Brannigan")
        await goTo(page, "Evidence")
        await link(page, "A paste").click()
        await button(page, "More actions").click()
        await page.getByRole("menuitem", { name: "Attribute again…" }).click()
        await dialog(page).getByLabel("Chance to identify an innocent recipient").selectOption("1e-3")
        await button(dialog(page), "Attribute again").click()
        await page.getByText("is identified is at most 1 in 1,000.").waitFor()
        await button(page, "More actions").click()
        await page.getByRole("menuitem", { name: "Disclose keys to an expert…" }).click()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Request a second signature").click()
        await dialog(page).waitFor({ state: "detached" })
        const signer = (await visit("Kofi Boateng")).page
        const card = (at: Page) => at.getByRole("article", { name: "Disclose mark keys to an expert" })
        await card(signer).waitFor()
        await card(signer).getByText("technical.md v1").waitFor()
        await button(card(signer), "Sign…").click()
        expect(await axeFaults(signer)).toEqual([])
        await button(dialog(signer), "Sign as Kofi Boateng").press("Enter")
        await dialog(signer).waitFor({ state: "detached" })
        await goTo(page, "Overview")
        const saved = page.waitForEvent("download")
        await button(card(page), "Save the expert file").click()
        const file = await (await saved).path()
        const { format, documents, recipients } = JSON.parse(fs.readFileSync(file, "utf8")) as ExpertFile
        const stated = documents[0]?.stated
        expect([format, stated?.verdict]).toEqual(["tocsin-expert-file/1", "traced"])
        const numbers = page.getByRole("table", { name: "Recipients by number" })
        expect(await numbers.getByRole("row").count()).toBe(recipients.length + 1)
        await numbers
            .getByRole("row")
            .filter({ hasText: "Copperline Networks" })
            .filter({ hasText: String(stated?.identified[0]) })
            .waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(page, "Close").click()
        await numbers.waitFor({ state: "detached" })
        await button(page, "Save the expert file").waitFor({ state: "detached" })
    })

    test("the suspended partner has its letter, and nothing else", async () => {
        const { page } = await visit("Martin Achterberg", "dark")
        const letter = page.getByRole("article", { name: /^Your access is suspended for now/ })
        await letter.waitFor()
        expect(await page.getByRole("link", { name: /^Warnings/ }).count()).toBe(0)
        expect(await axeFaults(page)).toEqual([])
        await letter.getByLabel("Your answer").fill("Two persons had access. We look into it.")
        await button(letter, "Send answer").click()
        await letter.getByRole("blockquote").getByText("Two persons had access").waitFor()
        await goTo(page, "Organisation")
        await page.getByText("suspended").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("find who held the code before the attack", async () => {
        const { page } = await visit("Aoife Brannigan", "dark")
        await goTo(page, "Inquiries")
        await button(page, "Open an inquiry…").click()
        await dialog(page).getByLabel("Title").fill("The paste of July")
        await button(dialog(page), "Open the inquiry").click()
        await page
            .getByRole("region", { name: "Competing hypotheses" })
            .getByText("Another person found it independently")
            .waitFor()
        expect(await axeFaults(page)).toEqual([])
        await goTo(page, "Exposure")
        const clicks = await countClicks(page)
        await page.getByLabel("Class").selectOption("technical")
        await page.getByLabel("Before").fill("7 Jul 2025 00:00")
        await button(page, "Show exposure").click()
        const holders = page.getByRole("region", { name: /^Holders: SharePoint Server/ }).first()
        await holders.getByText("Copperline Networks", { exact: true }).first().waitFor()
        await page.getByText("fetched, hold a copy").first().waitFor()
        expect(areFewClicks("who held the code before the attack", clicks(), 3)).toBe(true)
        expect(await axeFaults(page)).toEqual([])
    })

    test("an auditor recomputes the log", async () => {
        const { page } = await visit("Daria Voss")
        await goTo(page, "Audit log")
        await button(page, "Verify").click()
        await page.getByText("Verified in this browser").waitFor()
        await page.getByText("Signature valid").waitFor()
        await page.getByLabel("Case", { exact: true }).selectOption({ index: 1 })
        await atRest(page)
        const opening = page.getByRole("row").filter({ hasText: "opened the case" })
        // The first event of a case is on the last page.
        while ((await opening.count()) === 0) {
            await button(page, "Older").click()
            await atRest(page)
        }
        await opening.waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("no page complained", () => {
        expect(visitors.flatMap(({ faults }) => faults)).toEqual([])
    })
})

/**
 * One story through the screens: a wave is stopped and signed anew, falls, a partner opens its copy, the copy leaks, is
 * traced, and the partner is suspended. Every page on the way is held to axe, and none may complain.
 */
import { type Locator, type Page, type Response } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type Stage, type Visitor, axeFaults, openStage } from "./stage.ts"

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

async function openCase(page: Page): Promise<void> {
    await link(page, "Cases").click()
    await link(page, "SharePoint Server").click()
    await page.getByRole("grid").waitFor()
}

const waveRow = (page: Page, tier: string) =>
    page.getByRole("region", { name: "Waves of this case" }).getByRole("row").filter({ hasText: tier })

const isSealedCopy = (answer: Response) => answer.url().endsWith("/copy") && answer.status() === 200

describe("a release, a leak and what follows", () => {
    let leaked = ""

    test("a sign-in link signs in, and its secret leaves the address", async () => {
        const { page, sent } = await visit("Ingrid Solheim")
        expect(new URL(page.url()).hash).toBe("")
        const [secret] = sent
            .filter((one) => one.includes("/api/session"))
            .map((one) => /"secret":"([^"]+)"/.exec(one)?.[1])
        expect(secret).toMatch(/^[\w-]{40,64}$/)
        const addresses = sent.map((one) => one.split(" ")[0])
        expect(addresses.filter((address) => address?.includes(secret ?? ""))).toEqual([])
        expect(await axeFaults(page)).toEqual([])
    })

    test("the matrix is walked with the keyboard, and tells why", async () => {
        const { page } = await visit("Ingrid Solheim", "dark")
        await openCase(page)
        const first = page.getByRole("grid").locator("button").first()
        await first.focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowRight")
        const second = page.locator(":focus")
        expect(await second.getAttribute("data-spot")).toBe("1 1")
        await page.keyboard.press("Enter")
        await dialog(page).getByText("come in the wave of the tier").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.press("Escape")
        await dialog(page).waitFor({ state: "detached" })
        expect(await page.locator(":focus").getAttribute("data-spot")).toBe("1 1")
        expect(await axeFaults(page)).toEqual([])
    })

    test("whoever freezes a wave and asks again cannot sign; a second person can", async () => {
        const { page } = await visit("Ingrid Solheim")
        await openCase(page)
        const row = waveRow(page, "Advance")
        await button(row, "Freeze…").click()
        await button(dialog(page), "Freeze it").click()
        await row.getByText("frozen").waitFor()
        await button(row, "Request release").click()
        await row.getByText("waits for a signature").waitFor()
        await link(page, "Now").click()
        await page.getByText("Copperline Networks").first().waitFor()
        expect(await button(page, "Sign…").isDisabled()).toBe(true)
        expect(await axeFaults(page)).toEqual([])

        const { page: second } = await visit("Kofi Boateng", "dark")
        await button(second, "Sign…").click()
        expect(await dialog(second).locator(".hash").textContent()).toMatch(/^[0-9a-f]{64}$/)
        expect(await axeFaults(second)).toEqual([])
        await button(dialog(second), "Sign as Kofi Boateng").click()
        await second.getByText("Nothing waits for a signature").waitFor()
    })

    test("the clock moves on, and the wave falls", async () => {
        const { page } = await visit("Ingrid Solheim")
        await button(page, "Move on…").click()
        const step = dialog(page).getByRole("listitem").filter({ hasText: "03 Jul 2025 17:00 UTC" })
        await button(step, "Advance to here").click()
        await dialog(page).waitFor({ state: "detached", timeout: 120_000 })
        await openCase(page)
        await waveRow(page, "Advance").getByText("released").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("a partner opens its own copy in the browser, and its identity is never sent", async () => {
        const { page, sent } = await visit("Martin Achterberg")
        const identity = stage.identityOf("Copperline Networks")
        expect(await axeFaults(page)).toEqual([])
        await link(page, "SharePoint Server").click()
        const row = page.getByRole("row").filter({ hasText: "technical.md" })
        await button(row, /Open copy/).click()
        await dialog(page).getByLabel("Your age identity").fill(identity)
        const fetched = page.waitForResponse(isSealedCopy)
        await button(dialog(page), "Fetch and open").click()
        const sealed = await (await fetched).body()
        expect(sealed.subarray(0, 21).toString()).toBe("age-encryption.org/v1")
        leaked = (await dialog(page).locator("pre").textContent()) ?? ""
        expect(leaked.length).toBeGreaterThan(1000)
        expect(sent.join("\n")).not.toContain(identity)
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.press("Escape")
        await button(page, "Acknowledge what was fetched").click()
        await page.getByText("nothing fetched waits for it").waitFor()
    })

    test("the leak is traced to that copy, and the partner is suspended", async () => {
        const { page } = await visit("Aoife Brannigan")
        await link(page, "Evidence").click()
        expect(await axeFaults(page)).toEqual([])
        await button(page, "File a leak…").click()
        await dialog(page).getByLabel("Name").fill("A paste")
        await dialog(page).getByLabel("Where it was found, and who told").fill("a public paste site")
        await dialog(page).getByLabel("The text").fill(leaked)
        await button(dialog(page), "File it").click()
        await page.getByText("Traced to the copy of Copperline Networks.").waitFor({ timeout: 60_000 })
        expect(await page.getByRole("img", { name: /log10 e-values/ }).isVisible()).toBe(true)
        expect(await page.getByText("not a culprit").isVisible()).toBe(true)
        expect(await axeFaults(page)).toEqual([])
        await button(page, "Suspend…").click()
        await button(dialog(page), "Suspend now").click()
        await dialog(page).waitFor({ state: "detached" })
        await link(page, "Copperline Networks").click()
        await page.getByText("interim suspension").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("the suspended partner has its letter, and nothing else", async () => {
        const { page } = await visit("Martin Achterberg", "dark")
        await page.getByText("Your access is suspended for now").waitFor()
        expect(await page.getByRole("link", { name: "Warnings" }).count()).toBe(0)
        expect(await axeFaults(page)).toEqual([])
        await page.getByLabel("Your answer").fill("Two persons had access. We look into it.")
        await button(page, "Send the answer").click()
        await page.getByText("Two persons had access").waitFor()
        await link(page, "My organisation").click()
        await page.getByText("suspended").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("an inquiry opens with the rival explanations, and exposure tells holding from being told", async () => {
        const { page } = await visit("Aoife Brannigan", "dark")
        await link(page, "Inquiries").click()
        await button(page, "Open an inquiry…").click()
        await dialog(page).getByLabel("Title").fill("The paste of July")
        await button(dialog(page), "Open it").click()
        await page.getByText("Somebody found it independently").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await link(page, "Exposure").click()
        await button(page, "Ask").click()
        await page.getByText("could have had it").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("an auditor computes the record again", async () => {
        const { page } = await visit("Daria Voss")
        await link(page, "Record").click()
        await button(page, "Verify now").click()
        await page.getByText(/It holds: \d+ events/).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("no page complained", () => {
        expect(visitors.flatMap(({ faults }) => faults)).toEqual([])
    })
})

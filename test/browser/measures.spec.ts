/**
 * Measures on screen: by reporting duty, for one partner in part and in full; a finding that stays in its inquiry; and
 * invalid evidence. Axe checks every page.
 */
import type { Locator, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type Stage, type Visitor, atRest, axeFaults, chooseOwn, goTo, openStage, openTab } from "./stage.ts"

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

async function visit(person: string, scheme: "light" | "dark" = "light"): Promise<Page> {
    const visitor = await stage.visit(person, scheme)
    visitors.push(visitor)
    return visitor.page
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (page: Page) => page.getByRole("dialog")

/** Chooses an action in a menu. */
async function choose(at: Page | Locator, menu: string | RegExp, action: string): Promise<void> {
    await button(at, menu).first().click()
    const page = "page" in at ? at.page() : at
    await page.getByRole("menuitem", { name: action }).click()
}

async function openPartner(page: Page, name: string): Promise<void> {
    await goTo(page, "Partners")
    await page.getByRole("main").getByRole("link", { name }).click()
    await page.getByRole("heading", { level: 1, name }).waitFor()
    await atRest(page)
}

/** Fills in the reason, if the form asks for one, and sends the open dialog. */
async function send(page: Page, submit: string, reason: string | null = null): Promise<void> {
    if (reason !== null) await dialog(page).getByLabel("Reason").fill(reason)
    await button(dialog(page), submit).click()
    await dialog(page).waitFor({ state: "detached" })
}

/** Unfolds the approvals that are finished, on the overview. */
async function openFinished(page: Page): Promise<void> {
    await page.locator("summary", { hasText: "Finished approvals" }).click()
}

async function kofiSigns(): Promise<void> {
    const page = await visit("Kofi Boateng", "dark")
    await button(page, "Sign…").click()
    const changes = dialog(page).getByRole("region", { name: /^Effects/ })
    await changes
        .getByRole("table")
        .or(changes.getByText(/gains and loses nothing now|gains or loses anything now/))
        .waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Sign as Kofi Boateng").press("Enter")
    await page.getByText("No approvals wait for a signature").waitFor()
}

const duty = ["Saltmarsh Analytics", "Kestrel Ridge Hosting", "Lantern Bay Distribution"]

describe("restricted and restored", () => {
    test("a restriction by reporting duty is previewed, withholds from three partners, and sends letters", async () => {
        const page = await visit("Ingrid Solheim", "dark")
        await goTo(page, "Measures")
        expect(await axeFaults(page)).toEqual([])
        await button(page, "Restrict by duty…").click()
        await dialog(page).getByRole("table").waitFor()
        for (const name of duty) expect(await dialog(page).getByText(name).count()).toBeGreaterThan(0)
        expect(await dialog(page).getByText("Fernwood Threat Lab").count()).toBe(0)
        expect(await axeFaults(page)).toEqual([])
        await send(page, "Restrict by this version", "Reports would come before the correction.")
        await choose(page.getByRole("main"), /^More actions: restriction by duty/, "Letters…")
        for (const name of duty) await dialog(page).getByText(`to ${name}`).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("lifting it needs a second signature, and an unsigned request expires in a day", async () => {
        const page = await visit("Ingrid Solheim")
        const ask = async () => {
            await goTo(page, "Measures")
            await button(page, "Lift…").click()
            await button(dialog(page), "Request approval").click()
            await dialog(page).getByRole("link", { name: "Overview" }).click()
            await page.getByRole("article", { name: "Put a policy in force" }).waitFor()
        }
        await ask()
        expect(await button(page, "Sign…").isDisabled()).toBe(true)
        await button(page, "Move on…").click()
        const step = dialog(page).getByRole("listitem").filter({ hasText: "24 Jun 2025 17:00 UTC" })
        await button(step, /Advance/).click()
        await dialog(page).waitFor({ state: "detached", timeout: 120_000 })
        await openFinished(page)
        await page.getByRole("cell", { name: "not signed in time" }).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await ask()
    })

    test("meanwhile the partner has a letter, and no warning", async () => {
        const page = await visit("Vera Kowalczyk")
        await page.getByText("No warnings yet.").waitFor()
        await goTo(page, "Letters")
        await page.getByText("What you receive from us changes").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("after signature and application it ends, and the partner has its warning and another letter", async () => {
        await kofiSigns()
        const page = await visit("Ingrid Solheim")
        const apply = page.getByRole("button", { name: "Apply", exact: true })
        await apply.click()
        await apply.waitFor({ state: "detached" })
        await openFinished(page)
        await page.getByRole("cell", { name: "applied" }).first().waitFor()
        await goTo(page, "Measures")
        const row = page.getByRole("listitem").filter({ hasText: "restriction by duty" })
        await row.getByText("ended", { exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])
        const partner = await visit("Vera Kowalczyk", "dark")
        await partner.getByRole("link", { name: "SharePoint Server" }).first().waitFor()
        await goTo(partner, "Letters")
        await partner.getByText("What you receive from us changes again").first().waitFor()
    })

    test("one partner is restricted by one person, and restored by two", async () => {
        const page = await visit("Ingrid Solheim")
        await openPartner(page, "Halcyon Sensor Works")
        expect(await page.locator(":focus").getAttribute("id")).toBe("main")
        await page.keyboard.press("Tab")
        await button(page, "Restrict…").focus()
        await page.keyboard.press("Enter")
        await dialog(page).getByLabel("poc").focus()
        await page.keyboard.press("Space")
        expect(await axeFaults(page)).toEqual([])
        await send(page, "Restrict now", "Its lab was moved.")
        await page.getByText("without poc; in all cases").first().waitFor()
        await button(page, "Request the end of the restriction").click()
        await page.getByText("waits for a signature").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await kofiSigns()
        await button(page, "Apply…").click()
        await send(page, "Lift restriction", "Its lab is back.")
        await page.getByText("restriction lifted").first().waitFor()
    })

    test("an investigator suspends alone; a manager reinstates with a second person; each sends a letter", async () => {
        const page = await visit("Aoife Brannigan", "dark")
        await openPartner(page, "Halcyon Sensor Works")
        await button(page, "Suspend…").click()
        await send(page, "Suspend now", "Its copy was pasted.")
        await page.getByText("review by").first().waitFor()
        expect(await axeFaults(page)).toEqual([])
        const manager = await visit("Ingrid Solheim")
        await openPartner(manager, "Halcyon Sensor Works")
        await button(manager, "Request reinstatement").click()
        await kofiSigns()
        await button(manager, "Apply…").click()
        await send(manager, "Reinstate now", "It was answered for.")
        await manager.getByText("reinstatement").first().waitFor()
        const partner = await visit("Beatrix Oyelaran")
        await goTo(partner, "Letters")
        for (const subject of ["Your access is restored", "Your access is suspended", "A restriction has ended"]) {
            await partner.getByText(subject).first().waitFor()
        }
    })
})

describe("signed by two people", () => {
    test("the signer of a new person sees the person, and the link goes to that person's mailbox only", async () => {
        const page = await visit("Ingrid Solheim")
        await openPartner(page, "Copperline Networks")
        await openTab(page, "Partner", "Keys and people")
        await button(page, "Add a person…").click()
        await dialog(page).getByLabel("Name").fill("Wilma Ostrander")
        await dialog(page).getByLabel("Address").fill("wilma@copperline.example")
        await send(page, "Add person")
        const signer = await visit("Meera Hartono", "dark")
        const card = signer.getByRole("article", { name: "Add a person to a roster" })
        await card.getByText("Wilma Ostrander <wilma@copperline.example>, analyst").waitFor()
        expect(await axeFaults(signer)).toEqual([])
        await button(card, "Sign…").click()
        await button(dialog(signer), "Sign as Meera Hartono").press("Enter")
        await dialog(signer).waitFor({ state: "detached" })
        await goTo(page, "Overview")
        const apply = page.getByRole("button", { name: "Apply", exact: true })
        await apply.click()
        await apply.waitFor({ state: "detached" })
        expect(await stage.mailedLink("wilma@copperline.example")).toMatch(/\/sign-in#[\w-]{40,}$/)
        expect(await page.locator("body").textContent()).not.toContain("/sign-in#")
        expect(await axeFaults(page)).toEqual([])
    })

    test("a finding is read and signed by a member of its inquiry, and hidden from everyone else", async () => {
        const page = await visit("Aoife Brannigan")
        let letGo = (): void => undefined
        const opened = new Promise<void>((resolve) => (letGo = resolve))
        await page.route("**/api/cases*", async (route) => {
            await opened
            await route.continue()
        })
        await goTo(page, "Inquiries")
        await page.reload()
        await button(page, "Open an inquiry…").click()
        await dialog(page).getByLabel("Title").fill("Who knew of the header?")
        letGo()
        await dialog(page).locator("option").first().waitFor({ state: "attached" })
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Open the inquiry").click()
        await openTab(page, "Inquiry", "Finding")
        await page.getByText("no other member is an approver").waitFor()
        await choose(page, "More actions", "Add evidence or members…")
        await dialog(page)
            .getByRole("checkbox", { name: /Rafael Lindqvist/ })
            .check()
        await send(page, "Add")
        await button(page, "Propose a finding…").click()
        await dialog(page).getByLabel("Finding", { exact: true }).fill("It was read from the patch.")
        await send(page, "Request a second signature")
        expect(await axeFaults(page)).toEqual([])

        const outsider = await visit("Kofi Boateng")
        await outsider.getByText("No approvals wait for a signature").waitFor()
        await goTo(outsider, "Inquiries")
        await outsider.getByText("No inquiries yet.").waitFor()

        const member = await visit("Rafael Lindqvist", "dark")
        await member.getByRole("link", { name: "in its inquiry" }).click()
        await openTab(member, "Inquiry", "Finding")
        await member.getByText("It was read from the patch.").waitFor()
        await button(member, "Sign…").click()
        await button(dialog(member), "Sign as Rafael Lindqvist").press("Enter")
        await dialog(member).waitFor({ state: "detached" })
        expect(await axeFaults(member)).toEqual([])
        await button(page, "Confirm").click()
        await page.getByText("confirmed", { exact: true }).waitFor()
    })
})

/** Fills in the decision, reads the letter, and requests a second signature. */
async function decides(page: Page, outcome: string, terms: string | null = null): Promise<void> {
    await dialog(page).getByLabel("Decision").selectOption({ label: outcome })
    if (terms !== null) {
        await dialog(page).getByLabel("Return from").fill("2025-08-18T00:00:00Z")
        await dialog(page).getByLabel("Terms of return").fill(terms)
    }
    await dialog(page).getByLabel("Reason").fill("What was answered was weighed.")
    await button(dialog(page), "Continue to the letter").click()
    await dialog(page).getByRole("article", { name: "Preview for the partner" }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await send(page, "Request a second signature")
    await page.getByText("waits for a signature").first().waitFor()
}

async function signs(person: string, kind: string): Promise<void> {
    const page = await visit(person, "dark")
    const card = page.getByRole("article", { name: kind })
    await card.getByText("What was answered was weighed.").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(card, "Sign…").click()
    await button(dialog(page), `Sign as ${person}`).press("Enter")
    await dialog(page).waitFor({ state: "detached" })
}

describe("a sanction, with all required steps", () => {
    test("a confirmed breach of an obligation opens a procedure, with the letter that names it", async () => {
        const page = await visit("Aoife Brannigan")
        await goTo(page, "Inquiries")
        await page.getByRole("link", { name: "Who knew of the header?" }).click()
        await openTab(page, "Inquiry", "Finding")
        await button(page, "Propose a finding…").click()
        await dialog(page).getByLabel("Concerns").selectOption({ label: "Copperline Networks" })
        await dialog(page).getByLabel("Finding", { exact: true }).fill("Its copy was pasted by somebody.")
        await dialog(page).getByLabel("Breached obligation").selectOption("2.2")
        await send(page, "Request a second signature")
        const member = await visit("Rafael Lindqvist", "dark")
        await member.getByRole("link", { name: "in its inquiry" }).click()
        await openTab(member, "Inquiry", "Finding")
        await button(member, "Sign…").click()
        await button(dialog(member), "Sign as Rafael Lindqvist").press("Enter")
        await dialog(member).waitFor({ state: "detached" })
        await button(page, "Confirm").click()
        await button(page, "Open a procedure…").click()
        await dialog(page).getByLabel("Reason").fill("It was found.")
        await button(dialog(page), "Continue to the letter").click()
        const letter = dialog(page).getByRole("article", { name: "Preview for the partner" })
        await letter.getByText("2.2: Nothing of a warning leaves the people on the roster").waitFor()
        expect(await letter.textContent()).not.toContain("pasted")
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Open the procedure and send the letter").click()
        await page.getByText("answer awaited").waitFor()
        await page.getByText("the partner can still answer").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("the partner answers; two people decide; its lead appeals; two others decide the appeal", async () => {
        const lead = await visit("Martin Achterberg")
        await goTo(lead, "Letters")
        await lead.getByText("Answer by").first().waitFor()
        expect(await axeFaults(lead)).toEqual([])
        await lead.getByRole("textbox", { name: "Your answer" }).fill("It was stolen from us.")
        await button(lead, "Send answer").click()
        await lead.locator("blockquote").getByText("It was stolen from us.").waitFor()
        await lead.context().close()

        const page = await visit("Ingrid Solheim")
        const waits = page.getByRole("region", { name: "Your tasks" })
        await waits.getByText("Decide a procedure", { exact: true }).waitFor()
        await waits.getByText("there is no sanction until two people decide").waitFor()
        expect(await axeFaults(page)).toEqual([])
        const row = waits.getByRole("listitem").filter({ hasText: "Decide a procedure" })
        await row.getByRole("link", { name: /^Decide.*Copperline Networks/ }).click()
        await button(page, "Decide…").click()
        await decides(page, "suspension", "Its lab keeps an access log.")
        await signs("Kofi Boateng", "Decide a procedure")
        await button(page, "Apply").click()
        await page.getByText("open to appeal", { exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])

        const again = await visit("Martin Achterberg")
        await goTo(again, "Letters")
        await again.getByRole("textbox", { name: "Your appeal" }).fill("We had an intruder.")
        expect(await axeFaults(again)).toEqual([])
        await button(again, "Send appeal").click()
        await again.locator("blockquote").getByText("We had an intruder.").waitFor()

        const other = await visit("Meera Hartono", "dark")
        await other
            .getByRole("region", { name: "Your tasks" })
            .getByRole("link", { name: /^Decide ?: Decide an appeal.*Copperline Networks/ })
            .click()
        await button(other, "Decide the appeal…").click()
        await decides(other, "no sanction")
        await signs("Rafael Lindqvist", "Decide an appeal")
        await button(other, "Apply").click()
        await other.getByText("Appeal decided").first().waitFor()
        expect(await axeFaults(other)).toEqual([])
        await again.getByText("Your appeal: the decision is lifted").first().waitFor()
    })

    test("a letter is edited before sending, its template is changed, and a deputy is named", async () => {
        const page = await visit("Ingrid Solheim", "dark")
        await openPartner(page, "Fernwood Threat Lab")
        await button(page, "Restrict…").click()
        await dialog(page).getByLabel("poc").check()
        await dialog(page).getByText("Letter to the partner").click()
        await dialog(page).getByLabel("Subject").fill("For now, less")
        expect(await axeFaults(page)).toEqual([])
        await send(page, "Restrict now", "Its lab was moved.")
        await choose(page.getByRole("main"), /^More actions: restriction/, "Letters…")
        await dialog(page).getByText("For now, less").waitFor()
        await page.keyboard.press("Escape")
        await goTo(page, "Measures")
        await choose(page, "More actions", "Letter templates…")
        await button(dialog(page), "Change “What you receive from us changes”").click()
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.press("Escape")
        await dialog(page).waitFor({ state: "detached" })
        await chooseOwn(page, "Your access")
        await button(page, "Name a deputy…").click()
        await dialog(page).getByLabel("Deputy").selectOption({ label: "Meera Hartono (manager, approver)" })
        await send(page, "Name this deputy")
        await page.getByRole("region", { name: "Deputies" }).getByText("Meera Hartono").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })
})

test("empty or oversized input is refused before sending, and an event is added with its clock quality", async () => {
    const page = await visit("Aoife Brannigan")
    await goTo(page, "Evidence")
    await button(page, "Add a leak…").click()
    const choose = async (name: string, buffer: Buffer) =>
        await dialog(page).locator("input[type=file]").setInputFiles({ name, mimeType: "text/plain", buffer })
    await choose("dump.bin", Buffer.from([0xff, 0xfe, 0, 1]))
    await dialog(page).getByText("bytes, sent as it is.").waitFor()
    await choose("none.txt", Buffer.alloc(0))
    await dialog(page).getByText("none.txt is empty.").waitFor()
    await choose("large.txt", Buffer.alloc(10_000_001, "a"))
    await dialog(page).getByText("large.txt has 10.0 MB").waitFor()
    await choose("long.txt", Buffer.alloc(300_000, "a"))
    await dialog(page).getByText("300,000 characters").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await button(dialog(page), "Discard the text").click()
    await dialog(page).waitFor({ state: "detached" })
    await button(page, "Record exploitation…").click()
    await dialog(page).getByLabel("CVE id").fill("CVE-2025-49704")
    await dialog(page).getByLabel("Source").fill("a hoster, in its log")
    await dialog(page).getByLabel("Its clock was").selectOption({ label: "estimated: it may be some minutes off" })
    await button(dialog(page), "Record").click()
    await page.getByRole("heading", { level: 1, name: "First exploitation: CVE-2025-49704" }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await goTo(page, "Evidence")
    await button(page, "Import exploited CVE ids…").click()
    await dialog(page).getByLabel("Publisher and date of the catalogue").fill("a catalogue of what is exploited")
    await dialog(page).getByLabel("Catalogue", { exact: true }).fill("CVE-2025-49704")
    await button(dialog(page), "Record those of open cases").click()
    await dialog(page).getByText("line 1: write a date").waitFor()
    await dialog(page)
        .getByLabel("Catalogue", { exact: true })
        .fill("CVE-2025-49704 2025-06-01\nCVE-2020-0001 2020-01-01")
    await send(page, "Record those of open cases")
    await page.getByRole("link", { name: "Listed as exploited: CVE-2025-49704" }).waitFor()
    expect(await axeFaults(page)).toEqual([])
})

test("no page complained", () => {
    expect(visitors.flatMap(({ faults }) => faults)).toEqual([])
})

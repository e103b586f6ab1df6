/**
 * The circle around the cases, as its operator tends it: plan, applications, dues, rules, background, samples, clocks;
 * and a case that does not go as planned: other parties, proposed ends, a rehearsal, a freeze, a release at once, a closing.
 */
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { type Stage, type Visitor, atRest, axeFaults, goTo, openStage, walkTo } from "./stage.ts"

let stage: Stage
let manager: Visitor
let page: Page

beforeAll(async () => {
    stage = await openStage()
    manager = await stage.visit("Ingrid Solheim")
    page = manager.page
})
beforeEach(async () => void (await page.goto(new URL("/", page.url()).href)))
afterAll(async () => await stage.close())

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (subject: Page = page) => subject.getByRole("dialog").last()
const section = (name: string) => page.getByRole("region", { name, exact: true })
const closed = () => page.getByRole("dialog").first().waitFor({ state: "detached" })
const fill = (label: string, value: string) => dialog().getByLabel(label).first().fill(value)

/** Closes all open dialogs, wherever the focus moved. */
async function leave(): Promise<void> {
    await dialog().press("Escape")
    await closed()
}

async function openPartner(name: string): Promise<void> {
    await goTo(page, "Partners")
    await page.getByRole("link", { name }).click()
    await page.getByRole("heading", { name, level: 1 }).waitFor()
    await atRest(page)
}

async function openCase(subject: Page = page): Promise<void> {
    await goTo(subject, "Cases")
    await subject.getByRole("table").getByRole("link").first().click()
    await subject.getByRole("heading", { name: "Artifacts" }).waitFor()
    await atRest(subject)
}

test("a partner's gains and losses are shown with reason and number of signers before the request", async () => {
    await openPartner("Copperline Networks")
    await button(page, "Tier…").click()
    await dialog().getByText("That is how it is now").waitFor()
    await dialog().getByLabel("Tier").selectOption("validate")
    await dialog().getByText("It takes two people").waitFor()
    await dialog().getByText("earlier", { exact: true }).first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), /^Why/).first().click()
    await dialog().getByText("permits").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await dialog().getByLabel("Tier").selectOption("entry")
    await dialog().getByText("It takes two people").waitFor()
    await leave()
    await button(page, "Duties…").click()
    await dialog()
        .getByRole("checkbox", { name: /^RMSV \(/ })
        .check()
    await dialog().getByText("gains and loses nothing").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await leave()
})

test("schedule and calendar are set, and an embargo's end is picked from the next days", async () => {
    await goTo(page, "Schedule")
    await button(section("Days of publication"), "Change…").click()
    await button(dialog(), "Add a day").click()
    await fill("Name", "Patch day")
    await dialog().getByLabel("Which").selectOption("second")
    await dialog().getByLabel("Weekday").selectOption("Tuesday")
    await fill("Time of the clocks there", "10:00")
    await fill("Time zone", "America/Los_Angeles")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Set the calendar").click()
    await page.getByText("the second Tuesday of each month, 10:00 in America/Los_Angeles").waitFor()
    await button(section("Waves"), "Change…").click()
    await fill("Entry: hours before publication", "48")
    await button(dialog(), "Set the default schedule").click()
    await page.getByText("2 d before publication").waitFor()
    expect(await axeFaults(page)).toEqual([])
    const entry = section("Waves").getByRole("row").filter({ hasText: "Entry" })
    await button(entry, "Rehearse…").click()
    await button(dialog(), "Rehearse it").click()
    await dialog().getByText("Who would get which classes").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await openCase()
    await button(section("Embargo"), "Move…").click()
    await button(dialog(), /^Patch day, 12 Aug 2025/).click()
    expect(await dialog().getByRole("textbox", { name: "Ends at" }).inputValue()).toBe("2025-08-12T17:00:00Z")
    expect(await axeFaults(page)).toEqual([])
    await dialog().press("Escape")
    await button(dialog(), "Discard the text").click()
    await closed()
})

test("an application is read, scored by the criteria, and decided", async () => {
    const me = await page.request.get(new URL("/api/me", page.url()).href)
    const { portal } = (await me.json()) as { portal: string }
    const headers = { "content-type": "application/json" }
    const sent = await fetch(`${portal}/api/applications`, { method: "POST", headers, body: JSON.stringify(form) })
    expect(sent.status).toBe(200)
    await goTo(page, "Applications")
    await page.getByRole("link", { name: form.organisation }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("link", { name: form.organisation }).click()
    await page.getByText("It cannot be invited yet").waitFor()
    await button(page, /^Score…/)
        .first()
        .click()
    await dialog().getByLabel("Score", { exact: true }).selectOption("3")
    await fill("Why", "Three named persons, seen in a call.")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Give it").click()
    await closed()
    await page.getByText("3 of 4").waitFor()
    await button(page, "Decline…").click()
    await fill("Why", "It cannot say yet who reads its mailbox.")
    await fill("Word to the applicant", "Come back when two persons read it.")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Decline it").click()
    await section("Decision").getByText("Come back when two persons read it.").waitFor()
    expect(await axeFaults(page)).toEqual([])
})

test("requirements and rules are shown, and a longer grace period needs a second signature", async () => {
    await goTo(page, "Requirements and tiers")
    await section("Requirements of partners").getByText("mailbox", { exact: true }).first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await goTo(page, "Program rules")
    const dues = section("Requirements and grace periods")
    await button(dues, "Change…").click()
    await fill("key: days of grace", "60")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Write a version").click()
    await dues.getByText("A second person must sign this first").waitFor()
    const admission = section("What admission asks")
    await button(admission, "Change…").click()
    expect(await axeFaults(page)).toEqual([])
    await dialog().getByRole("group", { name: "criterion 1", exact: true }).getByLabel("Weight, 1 to 10").fill("5")
    await button(dialog(), "Write a version").click()
    await admission.getByText("Version 1, by Ingrid Solheim").waitFor()
    const testing = section("Who tests guidance")
    await button(testing, "Change…").click()
    await dialog().getByLabel("advance").check()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Write a version").click()
    await testing.getByText("Advance, Validate").waitFor()
    const length = section("Length of embargoes")
    await length.getByText("90 d at most").waitFor()
    await button(length, "Change…").click()
    await fill("Longest embargo, in days from its agreement", "60")
    await button(dialog(), "Write a version").click()
    await length.getByText("60 d at most").waitFor()
    expect(await axeFaults(page)).toEqual([])
    const meera = (await stage.visit("Meera Hartono", "dark")).page
    const card = meera.getByRole("article", { name: "Relax grace periods" })
    await card.getByText("Grace: key").waitFor()
    await button(card, "Sign…").click()
    expect(await axeFaults(meera)).toEqual([])
    await button(dialog(meera), "Sign as Meera Hartono").press("Enter")
    await goTo(page, "Overview")
    await button(page.getByRole("article", { name: "Relax grace periods" }), "Apply").click()
    await goTo(page, "Program rules")
    await dues.getByText("60 d").waitFor()
})

test("a partner's owners are entered with a source, and shown on its page", async () => {
    await openPartner("Copperline Networks")
    const background = section("Background")
    await button(background, "Write…").click()
    await button(dialog(), "Add an owner").click()
    const owner = dialog().getByRole("group", { name: "owner 1", exact: true })
    await owner.getByRole("textbox", { name: "Owner" }).fill("Copperline Holding")
    await owner.getByLabel("Share in %").fill("60")
    await owner.getByLabel("Seat").fill("no")
    await owner.getByLabel("Source").fill("company register, extract")
    await owner.getByLabel("Of the day").fill("2025-03-31")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Write it").click()
    await background.getByText("Copperline Holding").waitFor()
    await section("Requirements").getByText("proves that its mailbox is read").waitFor()
    expect(await axeFaults(page)).toEqual([])
})

test("a sample is added next to a rule, and removed again", async () => {
    await openCase()
    const samples = button(page, /^Samples…/).first()
    await samples.waitFor()
    expect(await axeFaults(page)).toEqual([])
    await samples.click()
    await button(dialog(), "Add a sample…").click()
    await fill("Name", "a hit")
    await dialog().getByLabel("Sample", { exact: true }).fill('{"cs-uri-stem": "/_layouts/15/ToolPane.aspx"}')
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Add it").click()
    await dialog().getByText("must hit it").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Remove a hit").click()
    await dialog().getByText("a hit", { exact: true }).first().waitFor({ state: "detached" })
    await leave()
})

test("a failed example of a policy is shown at its line; a passing one is shown on the policy's page", async () => {
    await goTo(page, "Policies")
    await button(page, "Write a version…").click()
    await fill("Name", "with examples")
    const examples = dialog().getByRole("textbox", { name: "Examples that it must bear out" })
    const shipped = await examples.inputValue()
    await examples.fill("# mine\nentry | poc | validate | full, open")
    await button(dialog(), "Keep it").click()
    await dialog()
        .getByText(/^Line 2: expected/)
        .waitFor()
    expect(await axeFaults(page)).toEqual([])
    await examples.fill("entry | patch | publication | at publication, open")
    await button(dialog(), "Keep it").click()
    await dialog().getByText("no example is decided by `wave-of-tier`").waitFor()
    await examples.fill(`${shipped}\nentry; consent lapsed | patch | entry; frozen | withheld`)
    await button(dialog(), "Try the examples").click()
    const tried = dialog().getByRole("table", { name: "The examples, and which rules decide each" })
    await tried.getByRole("row").filter({ hasText: "entry; consent lapsed | patch" }).getByText("no rule").waitFor()
    await tried.getByRole("row").filter({ hasText: "advance" }).getByText("repro-for-advance").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Keep it").click()
    await closed()
    await page.getByRole("heading", { name: /with examples/, level: 1 }).waitFor()
    await page.getByText("entry; consent lapsed | patch | entry; frozen").waitFor()
    expect(await axeFaults(page)).toEqual([])
})

test("obligations of the agreement are read and written", async () => {
    await goTo(page, "Agreement")
    await button(page, /^Read…/)
        .first()
        .click()
    await dialog().getByRole("region", { name: "Obligations of this version" }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await leave()
    await button(page, "Write a version…").click()
    await dialog().getByRole("group", { name: "obligation 1", exact: true }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await leave()
})

/** A second person signs the open request on her own screen of the case. */
async function signInCase(subject: Page): Promise<void> {
    await openCase(subject)
    await button(subject, "Sign…").click()
    await dialog(subject).getByText("Their hash, which goes on record").waitFor()
    expect(await axeFaults(subject)).toEqual([])
    await button(dialog(subject), "Sign as Meera Hartono").press("Enter")
    await subject.getByRole("dialog").first().waitFor({ state: "detached" })
}

const waveRow = (tier: string) => section("Waves of this case").getByRole("row").filter({ hasText: tier })

test("an external party is added and invited by keyboard only, and its secret is shown once", async () => {
    await openCase()
    const parties = section("Other parties")
    await page.locator("body").focus()
    await walkTo(button(parties, "Add a party…"))
    await page.keyboard.press("Enter")
    await walkTo(dialog().getByLabel("It is the case's"))
    await page.keyboard.type("finder")
    await walkTo(dialog().getByLabel("Name"))
    await page.keyboard.type("A contestant of Pwn2Own")
    await walkTo(dialog().getByLabel("Contact"))
    await page.keyboard.type("finder@zone.example")
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Enter")
    await closed()
    await parties.getByText("not asked", { exact: true }).waitFor()
    await walkTo(button(parties, "Invite…"))
    await page.keyboard.press("Enter")
    await walkTo(button(dialog(), "Ask it, and show its secret"))
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Enter")
    await closed()
    const secret = parties.locator(".hash")
    const first = (await secret.textContent()) ?? ""
    expect(first).toMatch(/^[\w-]{43}$/)
    await parties.getByText("asked", { exact: true }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(parties, "Put it away").click()
    expect(await secret.count()).toBe(0)
    await button(parties, "New secret…").click()
    await button(dialog(), "Make another secret").click()
    await closed()
    const second = (await secret.textContent()) ?? ""
    expect(second).not.toBe(first)
    await keepBySecret(first, second)
    await parties.getByText("signatory", { exact: true }).waitFor()
    await parties.getByText("yes, until", { exact: true }).waitFor()
})

/** The external party in a browser without sign-in, by the newest secret only. */
async function keepBySecret(old: string, secret: string): Promise<void> {
    const me = await page.request.get(new URL("/api/me", page.url()).href)
    const { portal } = (await me.json()) as { portal: string }
    const context = await page.context().browser()?.newContext({ colorScheme: "dark" })
    if (context === undefined) throw new Error("the page has no browser")
    const input = await context.newPage()
    await input.goto(portal)
    await input.getByRole("link", { name: "Open your invitation" }).click()
    await input.getByLabel("Your secret").fill(old)
    await button(input, "Open it").click()
    await input.getByText("no such party").waitFor()
    await input.getByLabel("Your secret").fill(secret)
    await button(input, "Open it").click()
    await input.getByText("waits for your answer").waitFor()
    expect(await axeFaults(input)).toEqual([])
    await button(input, "Propose another end…").click()
    await dialog(input).getByRole("textbox", { name: "Ends at" }).fill("2025-07-10T17:00:00Z")
    await button(dialog(input), "Propose it").click()
    await input.getByText("waits for a decision").waitFor()
    await button(input, "Keep it…").click()
    expect(await axeFaults(input)).toEqual([])
    await button(dialog(input), "Keep it").click()
    await input.getByText("you keep it").waitFor()
    expect(await axeFaults(input)).toEqual([])
    await input.setViewportSize({ width: 360, height: 740 })
    expect(await input.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    await context.close()
    await section("Proposed ends that wait for a decision").getByText("A contestant of Pwn2Own (finder)").waitFor()
}

test("the deployment permission is shown, and the matrix and its neighbours fit the window", async () => {
    await openCase()
    await page.setViewportSize({ width: 1300, height: 900 })
    await button(section("Details"), "Before publication…").click()
    await dialog().getByLabel("Fixes and mitigations").selectOption("hosted")
    await fill("Why, and what exactly", "The update of June, behind a proxy.")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Say it").click()
    await section("Details").getByText("The update of June, behind a proxy.").waitFor()
    await page
        .getByRole("gridcell", { name: /updates.txt/ })
        .first()
        .waitFor()
    const frames = page.locator(".table-frame")
    const cut = () => frames.evaluateAll((list) => list.filter((it) => it.scrollWidth > it.clientWidth).length)
    expect(await cut()).toBe(0)
    await page.setViewportSize({ width: 400, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400)
    const head = page.getByRole("rowheader", { name: /Copperline/ })
    const left = async () => (await head.boundingBox())?.x ?? 0
    const before = await left()
    await page.getByRole("grid").locator("button").first().focus()
    await page.keyboard.press("End")
    expect(await section("Who gets what").evaluate((it) => it.scrollLeft)).toBeGreaterThan(100)
    expect(await left()).toBe(before)
    expect(await axeFaults(page)).toEqual([])
    await page.setViewportSize({ width: 1280, height: 720 })
})

test("an early end and a later one are proposed: one is rejected, one accepted, and each shows what remains", async () => {
    await openCase()
    const embargo = section("Embargo")
    await button(embargo, "Propose an early end…").click()
    await dialog().getByLabel("Because").selectOption("public proof of concept")
    await fill("Hours for the decision", "two days")
    await button(dialog(), "Propose it").click()
    await dialog().getByText("a whole number of hours").waitFor()
    await fill("Hours for the decision", "72")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Propose it").click()
    await closed()
    await button(embargo, "Propose another end…").click()
    await dialog().getByRole("textbox", { name: "Ends at" }).fill("2025-07-09T17:00:00Z")
    await button(dialog(), "Propose another end").click()
    await closed()
    const proposals = section("Proposed ends that wait for a decision")
    await proposals.getByText("a proof of concept is public").waitFor()
    await proposals.getByText("09 Jul 2025 17:00 UTC").waitFor()
    expect(await proposals.getByText("it runs on until").count()).toBe(3)
    expect(await axeFaults(page)).toEqual([])
    await goTo(page, "Overview")
    await page.getByText("Proposed ends of embargoes").waitFor()
    const early = proposals.getByRole("row").filter({ hasText: "a proof of concept is public" })
    await walkTo(button(early, "Reject…"))
    await page.keyboard.press("Enter")
    await fill("Why", "It is no proof of this flaw.")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Reject it").click()
    await closed()
    await early.waitFor({ state: "detached" })
    const later = proposals.getByRole("row").filter({ hasText: "09 Jul 2025 17:00 UTC" })
    await button(later, "Accept…").click()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Accept it").click()
    await closed()
    await openCase()
    await embargo.getByText("It is no proof of this flaw.").waitFor()
    await section("Details").getByText("09 Jul 2025 17:00 UTC").waitFor()
})

test("a wave is rehearsed: its content, recipients, reasons, and blockers", async () => {
    await openCase()
    await button(waveRow("Advance"), "Freeze…").click()
    await button(dialog(), "Freeze it").click()
    await waveRow("Advance").getByText("frozen").waitFor()
    await button(waveRow("Advance"), "Rehearse…").click()
    await button(dialog(), "Rehearse it").click()
    await dialog().getByText("the wave is frozen: its release has to be asked for anew").waitFor()
    const copperline = dialog().getByRole("row").filter({ hasText: "Copperline Networks" })
    expect(await copperline.getByText("technical.md").count()).toBe(1)
    expect(await axeFaults(page)).toEqual([])
    await button(copperline, /^Why…/).click()
    await dialog().getByText("permits").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await dialog().getByText("Would fall").waitFor()
    await leave()
})

test("a released wave is frozen by one person and unfrozen by two; missing notices are resent", async () => {
    const meera = (await stage.visit("Meera Hartono", "dark")).page
    // The deployment permission was set after the signature.
    await openCase()
    await button(waveRow("Validate"), "Request release").click()
    await waveRow("Validate").getByText("waits for a signature").waitFor()
    await signs(meera, "Release a wave")
    await button(page, "Move on…").click()
    const step = dialog().getByRole("listitem").filter({ hasText: "wave: validate" })
    await button(step, /^Advance/).click()
    await page.getByRole("dialog").first().waitFor({ state: "detached", timeout: 120_000 })
    await openCase()
    await waveRow("Validate").getByText("3 of 3 told").waitFor()
    await button(waveRow("Validate"), "Freeze…").click()
    await dialog().getByText("it takes two to let it be read again").waitFor()
    await button(dialog(), "Freeze it").click()
    await button(waveRow("Validate"), "Unfreeze…").click()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Ask a second person to sign").click()
    await waveRow("Validate").getByText("asked by Ingrid Solheim").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await signInCase(meera)
    await button(waveRow("Validate"), "Apply").click()
    await waveRow("Validate").getByText("released").waitFor()
    await raiseCopperline(meera)
    await openCase()
    // Notices are history: the fourth changes none of them.
    await waveRow("Validate").getByText("3 of 3 told").waitFor()
    await button(waveRow("Validate"), "1 not told…").click()
    await dialog().getByText("entitled since the wave was released").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Resend notices").click()
    await closed()
    await waveRow("Validate").getByText("4 of 4 told").waitFor()
})

/** Meera signs the request under “Overview”. */
async function signs(meera: Page, act: string): Promise<void> {
    await goTo(meera, "Overview")
    await button(meera.getByRole("article", { name: act }), "Sign…").click()
    await button(dialog(meera), "Sign as Meera Hartono").press("Enter")
    await dialog(meera).waitFor({ state: "detached" })
}

/** By two people: a released wave entitles it. */
async function raiseCopperline(second: Page): Promise<void> {
    await openPartner("Copperline Networks")
    await button(page, "Tier…").click()
    await dialog().getByLabel("Tier").selectOption("validate")
    await button(dialog(), "Set the tier").press("Enter")
    await page.getByText("A second person must sign this first").waitFor()
    await signs(second, "Change a partner's tier")
    await goTo(page, "Overview")
    await button(page.getByRole("article", { name: "Change a partner's tier" }), "Apply").click()
    await page.getByRole("article", { name: "Change a partner's tier" }).waitFor({ state: "detached" })
}

test("an emergency release shows its effects with the frozen waves, is signed by another person, and applied", async () => {
    const meera = (await stage.visit("Meera Hartono")).page
    await openCase()
    const embargo = section("Embargo")
    await button(embargo, "Emergency release…").click()
    await dialog().getByText("Frozen now, and opened by it all the same: Advance.").waitFor()
    const opens = dialog().getByRole("row").filter({ hasText: "Publication" })
    await opens.getByText("Sundial Endpoint").waitFor()
    await fill("Why", "It is all over the net.")
    expect(await axeFaults(page)).toEqual([])
    await button(opens, /^Why…/).click()
    await dialog().getByLabel("Partner").selectOption({ label: "Sundial Endpoint" })
    await dialog().getByText("permits").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await button(dialog(), "Ask a second person to sign").click()
    await closed()
    await embargo.getByText("asked by Ingrid Solheim").waitFor()
    await meera.getByRole("article", { name: "Emergency release" }).waitFor()
    await meera.getByText("Frozen, and opened by it all the same: Advance.").waitFor()
    await meera.getByText("It is all over the net.").waitFor()
    await signInCase(meera)
    await button(embargo, "Emergency release…").click()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Release all of it now").click()
    await closed()
    await page.getByText("public", { exact: true }).waitFor()
    await embargo.getByText("It is all over the net.").waitFor()
    await waveRow("Publication").getByText("released").waitFor()
    expect(await axeFaults(page)).toEqual([])
})

const recordOfOthers = {
    dataType: "CVE_RECORD",
    dataVersion: "5.1",
    cveMetadata: { cveId: "CVE-2025-10001", state: "PUBLISHED" },
    containers: {
        cna: {
            title: "A flaw",
            affected: [{ vendor: "Northlight", product: "Beacon", defaultStatus: "affected" }],
            problemTypes: [{ descriptions: [{ cweId: "CWE-94" }] }],
            metrics: [{ cvssV3_1: { vectorString: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", baseScore: 9.8 } }],
        },
    },
}

test("a case without publication is closed, and accepts no changes", async () => {
    await goTo(page, "Cases")
    await button(page, "Open a case…").click()
    await dialog().getByText("Fill it in from a CVE record or a CSAF document…").press("Enter")
    await dialog().getByLabel("Document", { exact: true }).fill(JSON.stringify(recordOfOthers))
    await button(dialog(), "Fill the form in").click()
    await dialog().getByText("the score is written as `9.8`, and the vector gives `8.8`").waitFor()
    const row = dialog().getByRole("group", { name: "vulnerability 1" })
    expect(await row.getByLabel("CVE id").inputValue()).toBe("CVE-2025-10001")
    expect(await axeFaults(page)).toEqual([])
    await row.getByLabel("CVSS score").fill("8.8")
    const affected = dialog().getByRole("group", { name: "CVE-2025-10001 affects" })
    expect(await affected.getByRole("checkbox", { name: "Northlight Beacon" }).isChecked()).toBe(true)
    await affected.getByLabel("Fixed in").fill("2.0")
    await fill("Title", "No flaw after all")
    await button(dialog(), "Open it").click()
    await page.getByRole("heading", { name: "No flaw after all", level: 1 }).waitFor()
    await page.getByText("Northlight Beacon, fixed in 2.0").waitFor()
    await button(section("Embargo"), "Agree…").press("Enter")
    await dialog().getByRole("textbox", { name: "Ends at" }).fill("2025-07-20T17:00:00Z")
    await button(dialog(), "Agree").click()
    await closed()
    await button(page, "Use the default schedule").click()
    await waveRow("Entry").waitFor()
    await button(page, "Close…").press("Enter")
    await fill("Why", "It cannot be reached from outside.")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Close it for good").click()
    await page.getByText("This case was cancelled before anybody was warned of it").waitFor()
    expect(await section("Embargo").getByRole("button").count()).toBe(0)
    await waveRow("Entry").getByText("cancelled").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await goTo(page, "Overview")
    await section("Waves ahead").waitFor()
    expect(await section("Waves ahead").getByText("No flaw after all").count()).toBe(0)
})

test("paused releases are shown on every screen, with the reason", async () => {
    const reading = { application: "2025-06-23T03:00:00Z", database: "2025-06-23T00:00:00Z", apartMs: 10_800_000 }
    const frozen = {
        ...{ state: "frozen", doubt: "disagree", since: "2025-06-23T00:00:00Z" },
        ...{ agreedSince: null, highWater: "2025-06-23T00:00:00Z" },
        reading: { ...reading, isApart: true, isOneEnough: false, offByServiceMs: null },
    }
    await page.route("**/api/clock", async (route) => await route.fulfill({ json: frozen }))
    await page.reload()
    const notice = page.getByRole("alert")
    await notice.getByText("the clocks of the program and of its database do not agree").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(notice, "What they say…").click()
    await dialog().getByText("10800000 ms").waitFor()
    expect(await axeFaults(page)).toEqual([])
})

test("no page complained, but of the example that was wrong", () => {
    const unasked = (fault: string) => !(fault.includes("400 (Bad Request)") && fault.endsWith("/api/policies"))
    expect(manager.faults.filter(unasked)).toEqual([])
})

const story = "Seven analysts in two shifts write and ship detections for the hosts of our customers."
const form = {
    organisation: "Tern Island Monitoring",
    mail: "warnings@tern.example",
    contact: { name: "Odile Brandt", mail: "odile@tern.example" },
    productClasses: ["network detection"],
    products: ["Tern Sensor"],
    regions: ["Northern Europe"],
    inHouseProtection: story,
    workedExample: { cve: "CVE-2024-38094", text: story },
    dataUse: story,
    mailboxReaders: story,
    automation: "none",
}

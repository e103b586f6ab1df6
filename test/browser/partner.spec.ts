/**
 * A partner's administration by real clicks, from agreement to letters, and a suspension. Axe checks every page.
 */
import { execFileSync } from "node:child_process"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import type { Locator, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { filled } from "./applications.ts"
import { type Stage, type Visitor, axeFaults, browserOf, goTo, openStage, openTab, walkTo } from "./stage.ts"
import { makeToken } from "./tokens.ts"

let stage: Stage
let ingrid: Page
const visitors: Visitor[] = []
const open: Page[] = []
beforeAll(async () => {
    stage = await openStage()
    ingrid = (await stage.visit("Ingrid Solheim")).page
})
afterAll(async () => await stage.close())
afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close()
})

async function visit(person: string, scheme: "light" | "dark" = "light"): Promise<Page> {
    const visitor = await stage.visit(person, scheme)
    visitors.push(visitor)
    open.push(visitor.page)
    return visitor.page
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (page: Page) => page.getByRole("dialog")
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true })

/** Sends an operator's request from the console's page, where the screen is not under test. */
async function asIngrid<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { status, answer } = await ingrid.evaluate(
        async ([verb, to, kind]) => {
            const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }
            const response = await fetch(to, { method: verb, ...(kind !== null && { headers, body: kind }) })
            return { status: response.status, answer: (await response.json()) as unknown }
        },
        [method, path, body === undefined ? null : JSON.stringify(body)] as const,
    )
    expect(status, `${method} ${path}`).toBe(200)
    return answer as Answer
}

async function idOf(partner: string): Promise<string> {
    const { partners } = await asIngrid<{ partners: { id: string; name: string }[] }>("GET", "/api/partners")
    return partners.find(({ name }) => name === partner)?.id ?? ""
}

async function moveClock(to: string): Promise<void> {
    await asIngrid("POST", "/api/demo/clock", { to })
    await expect.poll(async () => await asIngrid("GET", "/api/demo/clock")).toMatchObject({ now: to })
}

/** Signs the open request as the second person. */
async function kofiSigns(action: string): Promise<void> {
    const kofi = await visit("Kofi Boateng")
    await kofi.getByRole("article", { name: action }).getByText("Sign…").click()
    expect(await axeFaults(kofi)).toEqual([])
    await button(dialog(kofi), "Sign as Kofi Boateng").press("Enter")
    await dialog(kofi).waitFor({ state: "detached" })
}

/** Presses Tab until the focused link or button has this name. */
async function tabTo(page: Page, text: string): Promise<void> {
    for (let n = 0; n < 60; n++) {
        await page.keyboard.press("Tab")
        const focused = page.locator(":focus")
        const message = await focused.evaluate((it) => (/^(A|BUTTON)$/.test(it.tagName) ? it.textContent : ""))
        if (message?.includes(text)) return
    }
    throw new Error(`no focus comes to ${text}`)
}

describe("a partner's administration", () => {
    test("everyone reads an expired agreement, and only a lead accepts it", async () => {
        const analyst = await visit("Owen Castellane", "dark")
        await analyst.getByText("The agreement is expired").waitFor()
        await goTo(analyst, "Agreement of Organisation")
        await button(analyst, "Read and accept…").click()
        expect(await button(dialog(analyst), "Accept version 1").isDisabled()).toBe(true)
        expect(await axeFaults(analyst)).toEqual([])

        const lead = await visit("Greta Nyström")
        await goTo(lead, "Organisation")
        await lead.getByRole("link", { name: "Review agreement" }).click()
        await lead.getByText("Your term has ended").waitFor()
        expect(await axeFaults(lead)).toEqual([])
        await button(lead, "Read and accept…").click()
        await dialog(lead).getByText("in your name").waitFor()
        await button(dialog(lead), "Accept version 1").click()
        await dialog(lead).waitFor({ state: "detached" })
        await section(lead, "Agreement").getByText("Your acceptance ends in").waitFor()
        expect(await lead.getByText("The agreement is expired").count()).toBe(0)
        await analyst.getByText("The agreement is expired").waitFor({ state: "detached" })
    })

    test("a key is checked at its field, waits for its confirmation, and can be revoked", async () => {
        const { page, sent } = await stage.visit("Greta Nyström", "dark")
        open.push(page)
        await goTo(page, "Keys")
        const [value, other] = [await generateX25519Identity(), await generateX25519Identity()]
        const recipient = await identityToRecipient(value)
        await button(page, "Add key…").click()
        const field = dialog(page).getByLabel("Public recipient")
        for (const [typed, wrong] of [
            [other, "this is a private identity"],
            [recipient.slice(0, -1), "not a recipient"],
        ] as const) {
            await field.fill(typed)
            await button(dialog(page), "Add key").click()
            await dialog(page).getByText(wrong).waitFor()
            expect(await field.getAttribute("aria-invalid")).toBe("true")
        }
        expect(await axeFaults(page)).toEqual([])
        await field.fill(recipient)
        await button(dialog(page), "Add key").click()
        await dialog(page).waitFor({ state: "detached" })
        expect(sent.join("\n")).not.toContain(other)
        const row = section(page, "Keys")
            .getByRole("row")
            .filter({ hasText: recipient.slice(0, 20) })
        await row.getByText("neither confirmed nor accepted yet").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(row, /Revoke/).click()
        await button(dialog(page), "Revoke key").click()
        await row.getByText("revoked").waitFor()
        expect(await button(row, /Revoke/).count()).toBe(0)
    })

    test("an analyst joins by a mailed link, and is removed at once", async () => {
        const lead = await visit("Greta Nyström")
        await goTo(lead, "People of Organisation")
        await button(lead, "Add person…").click()
        await dialog(lead).getByLabel("Name").fill("Ida Brandvold")
        await dialog(lead).getByLabel("Address").fill("ida@oakhurst.example")
        await button(dialog(lead), "Add person").click()
        const link = await stage.mailedLink("ida@oakhurst.example")
        await section(lead, "People").getByRole("cell", { name: "Ida Brandvold", exact: true }).waitFor()
        expect(await section(lead, "People").locator(".hash").count()).toBe(0)
        expect(await axeFaults(lead)).toEqual([])

        const ida = await browserOf(lead).newPage()
        open.push(ida)
        await ida.goto(link)
        await button(ida, /Ida Brandvold/).waitFor()
        const row = section(lead, "People").getByRole("row").filter({ hasText: "Ida Brandvold" })
        await button(row, "Actions for Ida Brandvold").click()
        await lead.getByRole("menuitem", { name: "Remove person…" }).click()
        await button(dialog(lead), "Remove person").click()
        await row.getByText("left", { exact: true }).waitFor()
        await ida.reload()
        await ida.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
        await ida.goto(link)
        await ida.getByText("not valid").waitFor()
        expect(await axeFaults(ida)).toEqual([])
    })

    test("a token is shown once, works, and ends", async () => {
        const page = await visit("Owen Castellane")
        await goTo(page, "Your access")
        const token = await makeToken(page, "scanner")
        expect(await axeFaults(page)).toEqual([])
        const asProgram = async () => {
            const headers = { authorization: `Bearer ${token}` }
            return (await fetch(new URL("/api/me", page.url()), { headers })).status
        }
        expect(await asProgram()).toBe(200)
        await page.reload()
        const rows = section(page, "Tokens").getByRole("row")
        await rows.nth(2).waitFor()
        expect(await page.locator("main").textContent()).not.toContain(token)
        await button(rows.last(), /Revoke/).click()
        await button(dialog(page), "Revoke token").click()
        await rows.nth(2).waitFor({ state: "detached" })
        expect(await asProgram()).toBe(401)
    })
})

const list = ["summary", "technical", "guidance", "indicators", "rules", "repro", "poc", "patch"]

describe("a partner's warnings", () => {
    test("an invitation to an embargo appears automatically; one lead accepts, another declines", async () => {
        const signs = await visit("Beatrix Oyelaran")
        const declines = await visit("Callum Drummond", "dark")
        await signs.getByText("No warnings yet.").waitFor()
        const { cases } = await asIngrid<{ cases: { id: string }[] }>("GET", "/api/cases")
        for (const name of ["Halcyon Sensor Works", "Fernwood Threat Lab"]) {
            await asIngrid("POST", `/api/cases/${cases[0]?.id}/invitations`, { partner: await idOf(name) })
        }
        await signs.getByRole("link", { name: "Answer an embargo invitation" }).click()
        await signs.getByText("30 Jun 2025 00:00 UTC").waitFor()
        await signs.getByRole("list", { name: "History of the embargo" }).getByText("agreed").waitFor()
        expect(await signs.locator("main").textContent()).not.toContain("SharePoint")
        expect(await axeFaults(signs)).toEqual([])
        await button(signs, "Accept…").click()
        expect(await axeFaults(signs)).toEqual([])
        await button(dialog(signs), "Accept embargo").click()
        await signs.getByText("accepted", { exact: true }).waitFor()

        const analyst = await visit("Priya Raghunathan")
        await goTo(analyst, "Embargoes")
        await analyst.getByText("only a lead of your organisation can do this").waitFor()
        await goTo(declines, "Embargoes")
        await button(declines, "Decline…").click()
        await button(dialog(declines), "Decline embargo").click()
        await declines.getByText("declined", { exact: true }).waitFor()
        expect(await axeFaults(declines)).toEqual([])
    })

    test("a warning is opened, read and acknowledged by keyboard only", async () => {
        await moveClock("2025-06-24T17:10:00Z")
        const page = await visit("Beatrix Oyelaran", "dark")
        await page.keyboard.press("Tab")
        expect(await page.locator(":focus").textContent()).toBe("Skip to the content")
        await page.keyboard.press("Enter")
        await tabTo(page, "SharePoint Server")
        await page.keyboard.press("Enter")
        await page.getByRole("heading", { name: "Your copies" }).waitFor()
        await tabTo(page, "Open technical.md")
        await page.keyboard.press("Enter")
        await dialog(page).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.type(stage.identityOf("Halcyon Sensor Works"))
        await page.keyboard.press("Enter")
        await dialog(page).getByRole("region", { name: "technical.md" }).getByRole("heading").first().waitFor()
        await page.keyboard.press("Escape")
        await dialog(page).waitFor({ state: "detached" })
        expect(await page.locator(":focus").textContent()).toContain("Open technical.md")
        await walkTo(button(section(page, "Acknowledge"), "Acknowledge"))
        await page.keyboard.press("Enter")
        await section(page, "Acknowledge").getByText("Your last acknowledgement").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("fetches and acknowledgements are listed, with proofs that verify offline", async () => {
        const page = await visit("Jonas Wieland")
        await goTo(page, "Receipts")
        const rows = page.getByRole("row").filter({ hasText: "technical.md" })
        await rows.nth(1).waitFor()
        expect(await axeFaults(page)).toEqual([])
        for (const n of [0, 1]) {
            const saved = page.waitForEvent("download")
            await expect
                .poll(
                    async () => {
                        await button(rows.nth(n), /Save/).click()
                        return await Promise.race([saved.then(() => true), page.waitForTimeout(250)])
                    },
                    { timeout: 60_000 },
                )
                .toBe(true)
            const file = await (await saved).path()
            const text = String(
                execFileSync(process.execPath, ["server/src/main.ts", "verify", "--any-key", "--json", file]),
            )
            expect(JSON.parse(text)).toMatchObject({ ok: true })
        }
    })

    test("a lead narrows an access list by keyboard: the warning leaves the screens of people outside", async () => {
        const [page, outside] = [await visit("Beatrix Oyelaran"), await visit("Jonas Wieland", "dark")]
        for (const item of [page, outside])
            await item
                .getByRole("link", { name: /SharePoint Server/ })
                .first()
                .click()
        await outside.getByRole("heading", { name: "Your copies" }).waitFor()
        for (const item of [page, outside]) await openTab(item, "Warning", "Access and embargo")
        await section(outside, "Embargo").waitFor()
        expect(await outside.getByRole("heading", { name: "Access list" }).count()).toBe(0)
        const locator = section(page, "Access list")
        await locator.getByText("All your people have access").waitFor()
        await tabTo(page, "Limit people…")
        await page.keyboard.press("Enter")
        await dialog(page).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await walkTo(dialog(page).getByRole("checkbox", { name: "Jonas Wieland" }))
        await page.keyboard.press("Space")
        await tabTo(page, "Save access list")
        await page.keyboard.press("Enter")
        await locator.getByText("Some of your people have access").waitFor()
        await locator.getByRole("row").filter({ hasText: "Jonas Wieland" }).getByText("no access").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await page.emulateMedia({ colorScheme: "dark" })
        expect(await axeFaults(page)).toEqual([])
        await outside.getByRole("heading", { name: "Nothing to show" }).waitFor()
        await goTo(outside, "Receipts")
        await outside.getByRole("heading", { level: 1, name: "Receipts" }).waitFor()
        expect(await outside.getByText("technical.md").count()).toBe(0)
        await button(locator, "Give everyone access").click()
        await goTo(outside, "Warnings")
        await outside
            .getByRole("link", { name: /SharePoint Server/ })
            .first()
            .waitFor()
    })

    test("a signatory proposes another end, and leaves by keyboard after seeing the consequences", async () => {
        const { cases } = await asIngrid<{ cases: { id: string }[] }>("GET", "/api/cases")
        const partner = await idOf("Fernwood Threat Lab")
        // It declined before the wave's release: content that it would now read at once needs two people.
        const path = `/api/cases/${cases[0]?.id}/invitations`
        const { approval } = await asIngrid<{ approval: string }>("POST", path, { partner })
        await kofiSigns("Invite a partner to an embargo")
        await asIngrid("POST", path, { partner, approval })
        const page = await visit("Callum Drummond", "dark")
        await goTo(page, "Embargoes")
        await button(page, "Accept…").click()
        await button(dialog(page), "Accept embargo").click()
        const embargo = page
            .getByRole("region")
            .filter({ has: page.getByRole("heading", { name: "SharePoint Server" }) })
        await embargo.getByText("accepted", { exact: true }).waitFor()

        await button(embargo, "Propose another end…").click()
        await dialog(page).getByLabel("Ends at").fill("2025-07-04T17:00:00Z")
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Propose end").click()
        await dialog(page).waitFor({ state: "detached" })
        const turn = embargo.getByRole("listitem").filter({ hasText: "by you" })
        await turn.getByText("4 Jul 2025 17:00 UTC").waitFor()
        await turn.getByText("not decided").waitFor()
        expect(await axeFaults(page)).toEqual([])

        await page.reload()
        await embargo.waitFor()
        await tabTo(page, "Leave embargo…")
        await page.keyboard.press("Enter")
        await dialog(page).getByText("copies that you have not fetched: ").getByText("technical.md").waitFor()
        await dialog(page).getByText("the warning “SharePoint Server").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await tabTo(page, "Leave embargo")
        await page.keyboard.press("Enter")
        await page.getByText("left", { exact: true }).waitFor()
        await page.locator("main").getByText("SharePoint").first().waitFor({ state: "detached" })
        expect(await button(page, "Propose another end…").count()).toBe(0)
        expect(await axeFaults(page)).toEqual([])
        await goTo(page, "Warnings")
        await page.getByText("No warnings yet.").waitFor()
    })

    test("the deployment permission is shown, and embargoes under advance consent are listed with others", async () => {
        const { cases } = await asIngrid<{ cases: { id: string }[] }>("GET", "/api/cases")
        const text = "Nothing that an outsider could see may change."
        const path = `/api/cases/${cases[0]?.id}`
        const permission = { deployment: "not_allowed", text }
        const input = await asIngrid<{ approval: string }>("PUT", `${path}/deployment-permission`, permission)
        await kofiSigns("Amend a case")
        await asIngrid("POST", `${path}/amend`, { approval: input.approval })
        const page = await visit("Vera Kowalczyk")
        await page.getByRole("link", { name: "SharePoint Server" }).first().click()
        const uses = section(page, "Permitted use")
        await uses
            .getByRole("listitem")
            .filter({ hasText: "Deploy fixes or mitigations" })
            .getByText("not allowed")
            .waitFor()
        await uses.getByText(text).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await openTab(page, "Warning", "Access and embargo")
        await section(page, "Embargo").getByText("by the advance consent in your agreement").waitFor()
        await button(section(page, "Embargo"), "Leave embargo…").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await goTo(page, "Embargoes")
        await page.getByText("advance consent", { exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("withdrawn content leaves an open page, a letter says why, and a draft answer is kept", async () => {
        const page = await visit("Beatrix Oyelaran")
        await page.getByRole("link", { name: "SharePoint Server" }).first().click()
        await button(page, "Open technical.md").click()
        await dialog(page).waitFor()
        const letter = { subject: "A restriction", text: "For now you receive nothing of any case." }
        const partner = await idOf("Halcyon Sensor Works")
        await asIngrid("POST", "/api/measures", { kind: "restrict", reason: "a risk", partner, withhold: list, letter })
        await page.getByText("Nothing to show").last().waitFor()
        expect(await dialog(page).count()).toBe(0)
        expect(await page.locator("body").textContent()).not.toContain("SharePoint")
        expect(await axeFaults(page)).toEqual([])
        // The partner can still report sightings of held copies. Otherwise the warning looks like a missing one.
        const held = section(page, "Exploitation reports")
        await held.getByText("No reports yet.").waitFor()
        const there = (await page.locator("main").textContent())?.replace((await held.textContent()) ?? "", "")
        await page.goto(new URL("/warnings/00000000-0000-4000-8000-000000000000", page.url()).href)
        await page.getByText("Nothing to show").last().waitFor()
        expect(await page.locator("main").textContent()).toBe(there)
        await goTo(page, "Letters")
        await page.getByText("For now you receive nothing").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await page.getByLabel("Your answer").fill("We have noted it.")
        await button(page, "Send answer").click()
        await page.locator("blockquote").getByText("We have noted it.").waitFor()
        await page.getByText("No letter needs an answer.").waitFor()
    })

    test("suspend and watch the feed die", async () => {
        const page = await visit("Vera Kowalczyk", "dark")
        await page.getByText("SharePoint Server").first().waitFor()
        const partner = await idOf("Saltmarsh Analytics")
        await goTo(page, "Your access")
        const token = await makeToken(page, "feed reader")
        const headers = { authorization: `Bearer ${token}`, accept: "application/taxii+json;version=2.1" }
        const feed = async () => (await fetch(new URL("/taxii2/api/collections/", page.url()), { headers })).status
        expect(await feed()).toBe(200)
        await goTo(page, "Warnings")
        await page.getByText("SharePoint Server").first().waitFor()
        await asIngrid("POST", "/api/measures", { kind: "interim_suspension", reason: "a suspicion", partner })
        await page.getByRole("heading", { name: "Your access is suspended for now" }).waitFor()
        expect(await feed()).toBe(404)
        expect(await page.locator("body").textContent()).not.toContain("SharePoint")
        const nav = page.getByRole("navigation", { name: "Main", exact: true }).locator("li").getByRole("link")
        expect((await nav.allTextContents()).map((name) => name.replace(/\d+$/, ""))).toEqual([
            "To do",
            "Messages",
            "Receipts",
            "Organisation",
        ])
        for (const place of ["/to-do/embargoes", "/warnings/00000000-0000-4000-8000-000000000000"]) {
            await page.goto(new URL(place, page.url()).href)
            await page.getByRole("heading", { name: "Your access is suspended for now" }).waitFor()
        }
        await page.getByLabel("Your answer").fill("We look into it.")
        await button(page, "Send answer").click()
        await page.locator("blockquote").getByText("We look into it.").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })
})

describe("a partner's requirements", () => {
    test("bounced mail requires a mailbox verification; a report without exceptions takes two clicks", async () => {
        const page = await visit("Martin Achterberg")
        await goTo(page, "Requirements")
        const mailbox = page.getByRole("article", { name: "Mailbox verification" })
        await mailbox.getByText("met", { exact: true }).waitFor()
        await asIngrid("POST", `/api/partners/${await idOf("Copperline Networks")}/bounces`, { person: null })
        await mailbox.getByText("Content is withheld from").waitFor()
        await page.getByRole("link", { name: /^Requirements ?1$/ }).waitFor()
        await button(mailbox, /Send code/).click()
        await mailbox.getByText("Code sent to").waitFor()
        await button(mailbox, "Enter code…").click()
        const code = dialog(page).getByLabel("Code")
        for (const [typed, message] of [
            ["AAAAA", "a code has 20 letters and digits; you entered 5"],
            ["AAAAA-AAAAA-AAAAA-AAAAA", "this is not the last code"],
        ] as const) {
            await code.fill(typed)
            await button(dialog(page), "Verify mailbox").click()
            await dialog(page).getByText(message).waitFor()
        }
        expect(await axeFaults(page)).toEqual([])
        await page.keyboard.press("Escape")
        await button(dialog(page), "Discard the text").click()
        const rows = section(page, "Past submissions").getByRole("row")
        const before = await rows.count()
        await button(page, "Nothing to report…").click()
        await button(dialog(page), "Submit report").click()
        await rows.nth(before).waitFor()
        expect(await rows.nth(1).textContent()).toContain("nothing to report")
        expect(await axeFaults(page)).toEqual([])
    })

    test("an attestation answers each obligation, and states exceptions", async () => {
        const analyst = await visit("Selma Rustad")
        await goTo(analyst, "Requirements")
        expect(await button(analyst, "Attest…").isDisabled()).toBe(true)
        const page = await visit("Martin Achterberg", "dark")
        await goTo(page, "Requirements")
        await button(page, "Attest…").click()
        const attest = button(dialog(page), "Submit attestation")
        await attest.click()
        const questions = dialog(page).getByRole("group")
        const count = await questions.count()
        expect(count).toBeGreaterThan(1)
        expect(await dialog(page).getByText("choose met or not met").count()).toBe(count)
        for (let n = 0; n < count; n++) {
            await questions
                .nth(n)
                .getByLabel(n === 0 ? "Not met" : "Met", { exact: true })
                .check()
        }
        await dialog(page).getByText("explain what was not met").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await dialog(page).getByLabel("What was not met").fill("A rule was shown to a customer in May.")
        await attest.click()
        await dialog(page).waitFor({ state: "detached" })
        await button(page, "1 not met…").click()
        await dialog(page).getByText("shown to a customer in May").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })
})

async function stranger(): Promise<Page> {
    const portal = await visit("Selma Rustad")
    const context = await browserOf(portal).newContext({ colorScheme: "dark" })
    const page = await context.newPage()
    open.push(page)
    await page.goto(new URL("/", portal.url()).href)
    return page
}

/** The console's part of an application: required scores, and the invitation. */
async function invite(organisation: string): Promise<void> {
    const { applications } = await asIngrid<{ applications: { partner: string; organisation: string }[] }>(
        "GET",
        "/api/applications",
    )
    const found = applications.find((application) => application.organisation === organisation)
    const at = `/api/applications/${found?.partner}`
    const { criteria, vouches } = await asIngrid<{ criteria: { id: string }[]; vouches: unknown[] }>("GET", at)
    expect(vouches).toHaveLength(1)
    const reason = "shown to us in a call"
    for (const { id: criterion } of criteria) await asIngrid("POST", `${at}/scores`, { criterion, score: 3, reason })
    await asIngrid("POST", `${at}/decide`, { decision: "invited", reason, message: "Be welcome." })
}

describe("an applicant", () => {
    test("applies, gets a voucher by its reference, asks by its secret, and joins after an invitation", async () => {
        const page = await stranger()
        await page.getByRole("link", { name: "Apply to become a partner" }).click()
        await button(page, "Send application").click()
        expect(await page.getByText("this is not filled in").count()).toBe(Object.keys(filled).length)
        expect(await page.locator(":focus").getAttribute("aria-invalid")).toBe("true")
        await page.setViewportSize({ width: 360, height: 740 })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
        expect(await axeFaults(page)).toEqual([])
        for (const [label, value] of Object.entries(filled)) await page.getByLabel(label, { exact: true }).fill(value)
        await page.getByLabel("endpoint protection").check()
        await button(page, "Send application").click()
        await page.getByRole("heading", { name: "Application sent" }).waitFor()
        const [secret = "", reference = ""] = await page.locator(".hash").allTextContents()
        expect(await axeFaults(page)).toEqual([])
        await button(page, "I saved both").click()
        expect(await page.locator("body").textContent()).not.toContain(secret)

        const lead = await visit("Martin Achterberg")
        await goTo(lead, "People of Organisation")
        await button(lead, "Vouch…").click()
        await dialog(lead).getByLabel("Reference").fill(reference)
        await dialog(lead).getByLabel("Why you vouch").fill("We know them.")
        await button(dialog(lead), "Vouch").click()
        await dialog(lead).getByText("write 20 characters or more").waitFor()
        expect(await axeFaults(lead)).toEqual([])
        await dialog(lead).getByLabel("Why you vouch").fill("We have known their analysts for six years.")
        await button(dialog(lead), "Vouch").click()
        await lead.getByText("Your vouch is saved").waitFor()

        await page.getByRole("link", { name: "status of your application" }).click()
        const ask = async (typed: string, message: string) => {
            await page.getByLabel("Your secret").fill(typed)
            await button(page, "Show status").click()
            await page.getByText(message).waitFor()
        }
        await ask(reference, "a secret has 43 letters")
        await ask("A".repeat(43), "no application with this secret or reference")
        await ask(secret, "Your application is not decided yet")
        await invite("Harbour Light Defence")
        await ask(secret, "Be welcome.")
        expect(await axeFaults(page)).toEqual([])
        await button(page, "Send sign-in link").click()
        await page.getByText("on its way to the contact person's mailbox").waitFor()
        await page.goto(await stage.mailedLink(filled["Address of the contact person"] ?? ""))
        await page.setViewportSize({ width: 1280, height: 740 })
        for (const text of ["not admitted yet", "Nadia Kessler, lead"]) await page.getByText(text).waitFor()
        await page.getByRole("heading", { level: 1 }).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })
})

const pages = (
    "Warnings, Embargoes, Receipts, Letters, Requirements, Organisation, People of Organisation, Keys, Machines, " +
    "Agreement of Organisation, Notices, Duties, Your access"
).split(", ")

describe("a partner's screens", () => {
    test.each(["light", "dark"] as const)("no page is wider than a small telephone, in %s", async (scheme) => {
        const page = await visit("Martin Achterberg", scheme)
        await page.setViewportSize({ width: 360, height: 740 })
        for (const name of pages) {
            await page.setViewportSize({ width: 1280, height: 740 })
            await goTo(page, name)
            await page.setViewportSize({ width: 360, height: 740 })
            await page.waitForFunction(() => document.querySelector("[aria-busy]") === null)
            expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(360)
            expect(await axeFaults(page)).toEqual([])
        }
    })

    test("no page complained about anything but a refusal", () => {
        const faults = visitors.flatMap((visitor) => visitor.faults)
        expect(faults.filter((fault) => !/status of 40[1349]/.test(fault))).toEqual([])
    })
})

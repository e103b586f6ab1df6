/**
 * The first hours of a program: from an empty database to a released wave, by real clicks. Two people found it, add a
 * third, write the agreement, invite and admit a partner, write a policy, open a case and release its first wave.
 */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { type Locator, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { dayMs, formatInstant, hourMs } from "@tocsin/base/instant"
import {
    type Founded,
    type Visitor,
    axeFaults,
    chooseAction,
    chooseFrom,
    chooseOwn,
    goTo,
    openFounded,
    openTab,
    paste,
    walkTo,
} from "./stage.ts"
import { makeToken } from "./tokens.ts"

let program: Founded
const visitors: Visitor[] = []
/** The founders' links were printed, the others mailed; each is used once. */
const links = { ada: "", bo: "", cleo: "", dora: "", lead: "" }

beforeAll(async () => {
    program = await openFounded(["Ada Lind", "Bo Karlsen"])
    ;[links.ada, links.bo] = program.links
})
afterAll(async () => await program.close())

/** One browser per person, from the first sign-in to the end. */
const open = new Map<string, Visitor>()
async function visit(person: keyof typeof links, scheme: "light" | "dark" = "light"): Promise<Page> {
    const before = open.get(person)
    if (before) return before.page
    const visitor = await program.enter(links[person], scheme)
    visitors.push(visitor)
    open.set(person, visitor)
    return visitor.page
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (page: Page) => page.getByRole("dialog")
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true })
const closed = (page: Page) => dialog(page).first().waitFor({ state: "detached" })
const fill = (page: Page, label: string, value: string) => dialog(page).getByLabel(label).fill(value)

/** Requests a new sign-in link for a staff member, now or a day later. */
async function restoreSignIn(page: Page, name: string, when: "now" | "later"): Promise<void> {
    await button(page, `${name}: actions`).click()
    await page.getByRole("menuitem", { name: "Restore sign-in…" }).click()
    await dialog(page).getByLabel("When is the link mailed?").selectOption(when)
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Request new link").click()
    await closed(page)
}

/** Bo signs the one open request. */
async function sign(): Promise<void> {
    const page = await visit("bo", "dark")
    await goTo(page, "Overview")
    await button(page, "Sign…").click()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Sign as Bo Karlsen").press("Enter")
    await page.getByText("No approvals wait for a signature").waitFor()
}

async function carryOut(page: Page): Promise<void> {
    await goTo(page, "Overview")
    await button(section(page, "Signed, to apply"), "Apply").click()
    await section(page, "Signed, to apply").waitFor({ state: "detached" })
}

describe("the first hours of a program", () => {
    test("a founder sees the first steps", async () => {
        const page = await visit("ada")
        await section(page, "First steps").waitFor()
        expect(await section(page, "First steps").getByText("open", { exact: true }).count()).toBe(5)
        expect(await axeFaults(page)).toEqual([])
        for (const name of ["Cases", "Partners", "Agreement", "Policy", "People and access"]) {
            await goTo(page, name)
            await page.getByRole("heading", { level: 1 }).waitFor()
            expect(await axeFaults(page)).toEqual([])
        }
    })

    test("both founders add a passkey, and sign in with it next time", async () => {
        for (const person of ["ada", "bo"] as const) {
            const page = await visit(person, person === "bo" ? "dark" : "light")
            await goTo(page, "Overview")
            await page.getByText("You have no passkey").waitFor()
            await page.getByRole("link", { name: "Add one" }).click()
            await button(page, "Add a passkey…").click()
            await fill(page, "Name", "Laptop")
            expect(await axeFaults(page)).toEqual([])
            await button(dialog(page), "Add passkey").click()
            await closed(page)
            await section(page, "Passkeys").getByRole("cell", { name: "Laptop", exact: true }).waitFor()
            await chooseOwn(page, "Sign out")
            await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
            expect(await axeFaults(page)).toEqual([])
            await button(page, "Continue with a passkey").click()
            await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor()
            expect(await page.getByText("You have no passkey").count()).toBe(0)
        }
    })

    test("a person is added, gets a role by two people and a new link by mail, and has a token", async () => {
        const page = await visit("ada")
        await goTo(page, "People and access")
        await button(page, "Add a person…").click()
        await fill(page, "Name", "Cleo Marsh")
        await fill(page, "Address", "cleo@operator.example")
        await dialog(page)
            .getByLabel(/^auditor/)
            .check()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Add person").click()
        await closed(page)
        expect(await page.locator("code.hash").count()).toBe(0)
        expect(await program.mailedLink("cleo@operator.example", 0)).toMatch(/\/sign-in#[\w-]{43}$/)
        const row = page.getByRole("row").filter({ hasText: "Cleo Marsh" })
        await button(row, "Cleo Marsh: actions").click()
        await page.getByRole("menuitem", { name: "Change roles…" }).click()
        await dialog(page)
            .getByLabel(/^author/)
            .check()
        await button(dialog(page), "Change roles").click()
        await page.getByText("A second person must sign this first").waitFor()
        await button(dialog(page), "Close").click()
        await sign()
        await carryOut(page)
        // The earlier link ended with the earlier roles.
        await goTo(page, "People and access")
        await restoreSignIn(page, "Cleo Marsh", "now")
        await section(page, "Waiting for a second person")
            .getByText("Cleo Marsh (author, auditor) gets a new sign-in link by mail now")
            .waitFor()
        await sign()
        await button(section(page, "Waiting for a second person"), "Apply").click()
        links.cleo = await program.mailedLink("cleo@operator.example", 1)
        const cleo = await visit("cleo")
        await cleo.getByText("author, auditor").waitFor()
        await chooseOwn(cleo, "Your access")
        expect(await makeToken(cleo, "ticket system")).toMatch(/^[\w-]{43}$/)
        expect(await axeFaults(cleo)).toEqual([])
        await cleo.getByRole("table").getByRole("cell", { name: "ticket system", exact: true }).waitFor()
    })

    test("a person with roles joins after the other's signature, and cancels a new link", async () => {
        const page = await visit("ada")
        await goTo(page, "People and access")
        await button(page, "Add a person…").click()
        await fill(page, "Name", "Dora Weiss")
        await fill(page, "Address", "dora@operator.example")
        await dialog(page)
            .getByLabel(/^author/)
            .check()
        await button(dialog(page), "Add person").click()
        await closed(page)
        const waiting = section(page, "Waiting for a second person")
        await waiting.getByText("Dora Weiss <dora@operator.example>, author").waitFor()
        expect(await page.getByRole("row").filter({ hasText: "Dora Weiss" }).count()).toBe(0)
        expect(await axeFaults(page)).toEqual([])
        await sign()
        await button(waiting, "Apply").click()
        await waiting.waitFor({ state: "detached" })
        links.dora = await program.mailedLink("dora@operator.example", 0)
        const dora = await visit("dora")
        await dora.getByText("author", { exact: true }).waitFor()
        await restoreSignIn(page, "Dora Weiss", "later")
        await waiting.getByText("Dora Weiss (author) gets a new sign-in link by mail a day later").waitFor()
        await sign()
        await button(waiting, "Apply").click()
        await waiting.waitFor({ state: "detached" })
        await page
            .getByRole("row")
            .filter({ hasText: "Dora Weiss" })
            .getByText(/^link is mailed/)
            .waitFor()
        await dora.reload()
        await dora.getByText("A new sign-in link was requested for you").waitFor()
        expect(await axeFaults(dora)).toEqual([])
        await button(dora, "Cancel new link").click()
        await dora.getByText("A new sign-in link was requested for you").waitFor({ state: "detached" })
    })

    test("the agreement is written", async () => {
        const page = await visit("ada")
        await goTo(page, "Agreement")
        await button(page, "New version…").click()
        await fill(page, "Text", "Keep it to yourselves until it is public. Report a leak within 24 hours.")
        await fill(page, "Days that an acceptance is valid", "365")
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Activate agreement").click()
        await dialog(page).waitFor({ state: "detached" })
        await page.getByText("365 days", { exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("join as a partner: by a link, with the agreement and a key", async () => {
        const page = await visit("ada")
        await goTo(page, "Partners")
        await button(page, "Add a partner…").click()
        await fill(page, "Name", "Harbour Sensors")
        await fill(page, "Address for warnings", "psirt@harbour.example")
        await dialog(page).getByLabel("Tier").selectOption("entry")
        await dialog(page).getByLabel("Status").selectOption("invited")
        await button(dialog(page), "Add partner").click()
        await page.getByRole("heading", { name: "Harbour Sensors" }).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await openTab(page, "Partner", "Keys and people")
        await button(section(page, "Roster"), "Add a person…").click()
        await fill(page, "Name", "Lea Holm")
        await fill(page, "Address", "lea@harbour.example")
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Add person").click()
        await page.getByText("A second person must sign this first").waitFor()
        await sign()
        await carryOut(page)
        links.lead = await program.mailedLink("lea@harbour.example", 0)

        const portal = await visit("lead", "dark")
        await goTo(portal, "Agreement of Organisation")
        await button(portal, "Read and accept…").click()
        await button(dialog(portal), /^Accept/).click()
        await portal.getByText("accepted", { exact: true }).first().waitFor()
        await goTo(portal, "Keys")
        await button(portal, "Add key…").click()
        const recipient = await identityToRecipient(await generateX25519Identity())
        await fill(portal, "Public recipient", recipient)
        await button(dialog(portal), "Add key").click()
        await closed(portal)
        await portal.getByText(recipient.slice(0, 12)).first().waitFor()
        expect(await axeFaults(portal)).toEqual([])
    })

    test("two people admit it and raise its tier", async () => {
        const page = await visit("ada")
        await goTo(page, "Partners")
        await page.getByRole("link", { name: "Harbour Sensors" }).click()
        await openTab(page, "Partner", "Keys and people")
        await section(page, "Keys").getByText("Lea Holm").waitFor()
        await chooseAction(page, "Change status…")
        await dialog(page).getByLabel("New status").selectOption("active")
        await dialog(page).getByText("Needs a second signature. It takes effect").waitFor()
        await button(dialog(page), "Change status").click()
        await page.getByText("A second person must sign this first").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Close").click()
        await sign()
        // The admission ends the lead's sign-in; its mailbox gets a new link.
        await open.get("lead")?.page.close()
        open.delete("lead")
        await carryOut(page)
        links.lead = await program.mailedLink("lea@harbour.example", 1)
        await goTo(page, "Partners")
        await page.getByRole("link", { name: "Harbour Sensors" }).click()
        await chooseAction(page, "Change tier…")
        await dialog(page).getByLabel("Tier").selectOption("validate")
        await dialog(page).getByText("Needs a second signature. It takes effect").waitFor()
        await button(dialog(page), "Change tier").click()
        await page.getByText("A second person must sign this first").waitFor()
        await button(dialog(page), "Close").click()
        await sign()
        await carryOut(page)
        await goTo(page, "Agreement")
        await section(page, "Acceptances").getByText("accepted", { exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("a person joins the roster by two people, and is removed by one", async () => {
        const page = await visit("ada")
        await goTo(page, "Partners")
        await page.getByRole("link", { name: "Harbour Sensors" }).click()
        await openTab(page, "Partner", "Keys and people")
        await button(section(page, "Roster"), "Add a person…").click()
        await fill(page, "Name", "Max Roth")
        await fill(page, "Address", "max@harbour.example")
        await button(dialog(page), "Add person").click()
        await page.getByText("A second person must sign this first").waitFor()
        const bo = await visit("bo")
        await goTo(bo, "Overview")
        await bo.getByText("Max Roth").waitFor()
        await sign()
        await carryOut(page)
        await program.mailedLink("max@harbour.example", 0)
        await goTo(page, "Partners")
        await page.getByRole("link", { name: "Harbour Sensors" }).click()
        await openTab(page, "Partner", "Keys and people")
        const row = section(page, "Roster").getByRole("row").filter({ hasText: "Max Roth" })
        await button(row, "Max Roth: actions").click()
        await page.getByRole("menuitem", { name: "Remove person…" }).click()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Remove Max Roth").click()
        await row.getByText("left", { exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("a policy is written, its error is shown at its line, and it is activated", async () => {
        const page = await visit("ada")
        await goTo(page, "Policy")
        await button(page, "New version…").click()
        await fill(page, "Name", "no proofs of concept")
        const rules = dialog(page).getByLabel("Rules, in Cedar")
        const text = await rules.inputValue()
        expect(text).toContain('@id("wave-of-tier")')
        const rule = `\n@id("no-poc")\n@title("No proof of concept goes out")\nforbid (principal, action, resource)\n`
        await rules.fill(`${text}${rule}when { resource.klass == Class::"poc" };\n`)
        await button(dialog(page), "Save draft").click()
        const line = `${text}${rule}`.split("\n").length
        await dialog(page).getByText(`Line ${line}:`).waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Go to the line").click()
        const chosen = await rules.evaluate((area: HTMLTextAreaElement) =>
            area.value.slice(area.selectionStart, area.selectionEnd),
        )
        expect(chosen).toBe('when { resource.klass == Class::"poc" };')
        await rules.fill(`${text}${rule}when { resource.class == Class::"poc" };\n`)
        await button(dialog(page), "Save draft").click()
        await dialog(page)
            .getByText(/^Line \d+: expected `full, open`, and it is `withheld` by `no-poc`/)
            .waitFor()
        const examples = dialog(page).getByLabel("Examples that must pass")
        await examples.fill((await examples.inputValue()).replace(/(\| poc .*\| )full, open/, "$1withheld"))
        await button(dialog(page), "Save draft").click()
        await page.getByText("person is enough, because no partner gains").waitFor()
        await page.getByText("No proof of concept goes out").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(page, "Activate").click()
        await page.getByText("active", { exact: true }).first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("a case is opened with two CVE ids, gets a third, and is linked to another", async () => {
        const page = await visit("cleo")
        await openCase(page, "The older flaw", ["CVE-2026-10001"])
        await openCase(page, "A flaw in the gateway", ["CVE-2026-10002", "CVE-2026-10003"])
        await chooseFrom(page, "More actions for this case", "Change…")
        await button(dialog(page), "Another vulnerability").press("Enter")
        await fillFlaw(page, 3, "CVE-2026-10004")
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Save changes").click()
        await section(page, "Facts").getByText("CVE-2026-10004").waitFor()
        await closed(page)
        await chooseFrom(page, "More actions for this case", "Link…")
        await dialog(page).getByLabel("This case is a").selectOption("bypass of")
        await button(dialog(page), "Link cases").click()
        await closed(page)
        await section(page, "Links").getByRole("link", { name: "The older flaw" }).waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("its embargo is agreed, a partner is invited, and its waves are scheduled and moved", async () => {
        const page = await visit("cleo")
        await openTab(page, "Case", "Embargo and parties")
        await button(page, "Agree…").click()
        await fill(page, "Ends at", formatInstant(Math.ceil((Date.now() + 10 * dayMs) / hourMs) * hourMs))
        await button(dialog(page), "Agree").click()
        await page.getByText("under embargo", { exact: true }).waitFor()
        await openTab(page, "Case", "Release")
        await button(page, "Use the default schedule").click()
        const entry = section(page, "Waves").getByRole("row").filter({ hasText: "Entry" })
        await chooseFrom(entry, "More actions for the Entry wave", "Move…")
        await fill(page, "Hours before publication", "two days")
        await button(dialog(page), "Move wave").click()
        await dialog(page).getByText("enter a whole number of hours").waitFor()
        await fill(page, "Hours before publication", "48")
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Move wave").click()
        await closed(page)
        await entry.getByText("in 7 d").or(entry.getByText("in 8 d")).waitFor()
        await openTab(page, "Case", "Embargo and parties")
        await button(page, "Invite partner…").click()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Invite partner").click()
        await section(page, "Consent to the embargo").getByText("asked", { exact: true }).waitFor()
        expect(await axeFaults(page)).toEqual([])
        const portal = await visit("lead")
        await portal.reload()
        await goTo(portal, "Embargoes")
        expect(await axeFaults(portal)).toEqual([])
    })

    test("an artifact of each class is pasted or read from a file, and one is revised", async () => {
        const page = await visit("cleo")
        await openTab(page, "Case", "Artifacts")
        await addArtifact(page, "summary.md", "summary", "# A flaw in the gateway\n\nUpdate it.")
        await button(page, "Add artifact…").click()
        await fill(page, "File name", "rule.yml")
        await dialog(page).getByLabel("Class").selectOption("rules")
        const draft = { name: "rule.yml", mimeType: "text/yaml", buffer: Buffer.from("title: Gateway\n") }
        await dialog(page)
            .getByLabel(/from a file/)
            .setInputFiles(draft)
        await dialog(page).getByText("title: Gateway").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(dialog(page), "Add artifact").click()
        await closed(page)
        await addByKeyboard(page)
        for (const kind of ["guidance", "indicators", "repro", "poc", "patch"]) {
            await addArtifact(page, `${kind}.md`, kind, `What is ${kind} here: ${"words ".repeat(20)}`)
        }
        const artifacts = section(page, "Artifacts")
        expect(await artifacts.getByRole("listitem").count()).toBe(8)
        await button(artifacts, /^rule.yml/).click()
        await page.getByText("The version cannot be released while it has an error").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await paste(page.getByRole("textbox", { name: "Text of rule.yml" }), rule)
        await page.getByText("kept on this device").waitFor()
        expect(await axeFaults(page)).toEqual([])
        await button(page, "Save version 2").click()
        await page.getByText("version 2", { exact: true }).waitFor()
        await page.getByText("level: high").waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("open the first copy, once its wave is signed and released", async () => {
        const page = await visit("ada")
        await goTo(page, "Cases")
        await page.getByRole("table").getByRole("link", { name: "A flaw in the gateway" }).click()
        await openTab(page, "Case", "Release")
        const validate = section(page, "Waves").getByRole("row").filter({ hasText: "Validate" })
        // Its one partner has not accepted the embargo yet, and still can: the signature covers it.
        await validate.getByText("overdue").waitFor()
        expect(await axeFaults(page)).toEqual([])
        const portal = await visit("lead")
        await button(portal, "Accept…").click()
        await button(dialog(portal), "Accept embargo").click()
        await portal.getByText("accepted", { exact: true }).waitFor()
        await button(validate, "Request release").click()
        await validate.getByText("waits for a signature").waitFor()
        await sign()
        await validate.getByText("released").first().waitFor({ timeout: 30_000 })
        expect(await axeFaults(page)).toEqual([])
        await goTo(portal, "Warnings")
        await portal.getByRole("link", { name: "Open warning A flaw in the gateway" }).click()
        await portal.getByText("summary.md", { exact: true }).first().waitFor()
        expect(await portal.getByText("poc.md", { exact: true }).count()).toBe(0)
        expect(await axeFaults(portal)).toEqual([])
    })

    test("a policy is replayed", async () => {
        const page = await visit("ada")
        await goTo(page, "Policy")
        await page.getByRole("link", { name: "three tiers", exact: true }).click()
        await section(page, "Replay").waitFor()
        await section(page, "Replay").getByLabel("Case").selectOption({ label: "A flaw in the gateway" })
        await button(section(page, "Replay"), "Replay case").click()
        const cell = page.getByRole("gridcell", { name: /poc.md/ })
        await cell.first().waitFor()
        expect(await axeFaults(page)).toEqual([])
    })

    test("no page complained, but of the mistake that was made", () => {
        const isSignedOut = (fault: string) => fault.includes("401 (Unauthorized)") && fault.endsWith("/api/me")
        const unasked = (fault: string) =>
            !isSignedOut(fault) && !(fault.includes("400 (Bad Request)") && fault.endsWith("/api/policies"))
        expect(visitors.flatMap(({ faults }) => faults.filter(unasked))).toEqual([])
    })
})

/** Without a pointer: the Tab key walks to what has the focus next, letters choose in lists, Enter presses. */
async function addByKeyboard(page: Page): Promise<void> {
    const { keyboard } = page
    await page.locator("body").focus()
    await walkTo(button(page, "Add artifact…"))
    await keyboard.press("Enter")
    await walkTo(dialog(page).getByLabel("File name"))
    await keyboard.type("technical.md")
    await walkTo(dialog(page).getByLabel("Class"))
    await keyboard.type("technical")
    await walkTo(dialog(page).getByLabel("Content"))
    await keyboard.type("What is technical here")
    await walkTo(button(dialog(page), "Add artifact"))
    await keyboard.press("Enter")
    await closed(page)
    await section(page, "Artifacts").getByText("technical.md", { exact: true }).waitFor()
    const hasFocus = () => button(page, "Add artifact…").evaluate((it) => it === document.activeElement)
    await expect.poll(hasFocus).toBe(true)
}

async function addArtifact(page: Page, name: string, kind: string, content: string): Promise<void> {
    await button(page, "Add artifact…").click()
    await fill(page, "File name", name)
    await dialog(page).getByLabel("Class").selectOption(kind)
    await fill(page, "Content", content)
    await button(dialog(page), "Add artifact").click()
    await closed(page)
    await section(page, "Artifacts").getByText(name, { exact: true }).waitFor()
}

const rule = `title: Requests that try the gateway's flaw
id: 5f0c9d3e-8a4b-4c62-9d5e-1a2b3c4d5e6f
status: experimental
description: A request with the parameter that the flaw is reached by
logsource:
    category: webserver
detection:
    selection:
        cs-uri-query|contains: gateway-flaw
    condition: selection
level: high
`

const fillFlaw = async (page: Page, n: number, cve: string) => {
    const row = dialog(page).getByRole("group", { name: `vulnerability ${n}` })
    await row.getByLabel("CVE id").fill(cve)
    await row.getByLabel("Weakness").fill("CWE-94")
    await row.getByLabel("CVSS score").fill("8.8")
    await row.getByLabel("CVSS vector").fill("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H")
}

async function openCase(page: Page, title: string, cves: readonly string[]): Promise<void> {
    await goTo(page, "Cases")
    await button(page, "Open a case…").click()
    await fill(page, "Title", title)
    for (const [n, cve] of cves.entries()) {
        if (n > 0) await button(dialog(page), "Another vulnerability").click()
        await fillFlaw(page, n + 1, cve)
    }
    await dialog(page).getByLabel("Vendor").fill("Harbour")
    await dialog(page).getByLabel("Product", { exact: true }).fill("Gateway")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Open it").click()
    await page.getByRole("heading", { name: title }).waitFor()
}

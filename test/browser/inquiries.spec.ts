/**
 * An inquiry on screen: an excluded person, a partner's question and answer, closure, report, and a member who leaves.
 * Axe checks every page. Buttons are pressed by key.
 */
import { readFileSync } from "node:fs"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readPdf } from "../support/pdf-reader.ts"
import { type Stage, type Visitor, axeFaults, goTo, openStage, openTab, walkTo } from "./stage.ts"

let stage: Stage
const visitors: Visitor[] = []
let aoife: Page

beforeAll(async () => {
    stage = await openStage()
    aoife = await visit("Aoife Brannigan")
})
afterAll(() => stage.close())

async function visit(person: string, scheme: "light" | "dark" = "light"): Promise<Page> {
    const visitor = await stage.visit(person, scheme)
    visitors.push(visitor)
    return visitor.page
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = (page: Page) => page.getByRole("dialog")
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true })

/** Chooses an action in the inquiry's menu. */
async function choose(page: Page, action: string) {
    await button(page, "More actions").press("Enter")
    await page.getByRole("menuitem", { name: action }).press("Enter")
}

/** Opens the dialog of a menu's action, fills it in and sends it. */
async function fillChosen(page: Page, action: string, submit: string, answers: Readonly<Record<string, string>>) {
    await choose(page, action)
    await answer(page, submit, answers)
}

/** Opens the button's dialog, checks it with axe, fills it in and sends it; it closes on success. */
async function fill(page: Page, opens: string, submit: string, answers: Readonly<Record<string, string>>) {
    await button(page, opens).press("Enter")
    await answer(page, submit, answers)
}

async function answer(page: Page, submit: string, answers: Readonly<Record<string, string>>) {
    for (const [label, value] of Object.entries(answers)) {
        const field = dialog(page).getByLabel(label, { exact: true })
        const isList = (await field.evaluate((it) => it.tagName)) === "SELECT"
        await (isList ? field.selectOption({ label: value }) : field.fill(value))
    }
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), submit).press("Enter")
    await dialog(page).waitFor({ state: "detached" })
}

describe("an inquiry", () => {
    test("opens, and admits no excluded person", async () => {
        await goTo(aoife, "Inquiries")
        await fill(aoife, "Open an inquiry…", "Open the inquiry", { Title: "Who knew of the header?" })
        await fillChosen(aoife, "Exclude a person…", "Exclude", {
            Person: "Kofi Boateng",
            Reason: "He read the draft.",
        })
        await openTab(aoife, "Inquiry", "History")
        await aoife.getByText("Person excluded: Kofi Boateng").waitFor()
        await aoife.getByText("He read the draft.").waitFor()
        await openTab(aoife, "Inquiry", "Board")
        await choose(aoife, "Add evidence or members…")
        await dialog(aoife)
            .getByRole("checkbox", { name: /Rafael Lindqvist/ })
            .press("Space")
        expect(
            await dialog(aoife)
                .getByRole("checkbox", { name: /Kofi Boateng/ })
                .count(),
        ).toBe(0)
        await button(dialog(aoife), "Add").press("Enter")
        await dialog(aoife).waitFor({ state: "detached" })
    })

    test("compares its hypotheses, and shows the timing evidence of each separately", async () => {
        const row = section(aoife, "Competing hypotheses").getByRole("listitem").filter({ hasText: "at the operator" })
        await button(row, "Assess…").press("Enter")
        await dialog(aoife).getByLabel("Prior weight, from 0 to 100").fill("101")
        await button(dialog(aoife), "Save the assessment").press("Enter")
        await dialog(aoife).getByText("a weight must be a whole number").first().waitFor()
        await dialog(aoife).getByLabel("Prior weight, from 0 to 100").fill("20")
        await button(dialog(aoife), "Save the assessment").press("Enter")
        await dialog(aoife).waitFor({ state: "detached" })
        await row.getByText("prior weight 20").waitFor()
        expect(await axeFaults(aoife)).toEqual([])
        await openTab(aoife, "Inquiry", "Exposure")
        const time = section(aoife, "Timing")
        await time.getByText("Timing identifies no partner.").waitFor()
        await time
            .getByRole("row", { name: /at the operator/ })
            .getByRole("cell", { name: "20", exact: true })
            .waitFor()
        expect(await axeFaults(aoife)).toEqual([])
    })

    test("changes nothing in the cross-case evidence", async () => {
        const inquiry = aoife.url()
        await goTo(aoife, "Cross-case evidence")
        await aoife.getByText("No leak fits a copy yet.").waitFor()
        await aoife.getByText("not a culprit").waitFor()
        expect(await axeFaults(aoife)).toEqual([])
        await aoife.goto(inquiry)
        await openTab(aoife, "Inquiry", "Next release")
    })

    test("plans the next release, chooses a design, and has it signed by another member", async () => {
        const tomas = await visit("Tomas Ferreira")
        const added = await tomas.evaluate(async () => {
            const { cases } = (await (await fetch("/api/cases")).json()) as { cases: { id: string }[] }
            const parts = Array.from({ length: 70 }, (_, n) => `Part ${n} {{runs after|comes behind}} part ${n + 1}.`)
            const body = {
                class: "technical",
                tlp: "RED",
                pap: "RED",
                name: "parts.md",
                content: parts.join(" "),
                colluders: 4,
            }
            const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }
            const path = `/api/cases/${cases[0]?.id}/artifacts`
            return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).status
        })
        expect(added).toBe(200)
        const next = section(aoife, "Next release")
        await button(next, "Compare designs").press("Enter")
        await next.getByText("The gains rest on assumptions, not on measurements.").waitFor()
        await next.getByText("Assumptions", { exact: true }).click()
        await next.getByText("These are assumptions, not measurements.").waitFor()
        expect(await next.innerText()).not.toContain("%")
        expect(await axeFaults(aoife)).toEqual([])
        await fill(aoife, "Choose…", "Request a second signature", { Reason: "One is suspected." })
        await next.getByText("waits for a signature").waitFor()
        const rafael = await visit("Rafael Lindqvist", "dark")
        await rafael.goto(aoife.url())
        const his = section(rafael, "Next release")
        await his.getByText("One is suspected.").waitFor()
        await button(his, "Sign…").press("Enter")
        expect(await axeFaults(rafael)).toEqual([])
        await button(dialog(rafael), /Sign as/).press("Enter")
        await dialog(rafael).waitFor({ state: "detached" })
        await button(next, "Activate").press("Enter")
        await next.getByText("active", { exact: true }).waitFor()
        expect(await axeFaults(aoife)).toEqual([])
    })

    test("requests an extension after closure, with an owner and a day, and has it signed", async () => {
        const next = section(aoife, "Next release")
        const input = { Reason: "The next release is near.", "Owner of the extension": "Rafael Lindqvist" }
        await fill(aoife, "Extend…", "Request a second signature", { ...input, Until: "2025-07-20T00:00:00Z" })
        await next.getByText("The next release is near.").waitFor()
        await next.getByText("waits for a signature").waitFor()
        expect(await axeFaults(aoife)).toEqual([])
        const rafael = await visit("Rafael Lindqvist", "dark")
        await rafael.goto(aoife.url())
        const his = section(rafael, "Next release")
        await button(his, "Sign…").press("Enter")
        await button(dialog(rafael), /Sign as/).press("Enter")
        await dialog(rafael).waitFor({ state: "detached" })
        await next.getByText("signed", { exact: true }).waitFor()
        await choose(aoife, "Close…")
        const goesOn = dialog(aoife).getByLabel(/^Codewords against up to/)
        expect(await goesOn.locator("option").allInnerTexts()).toEqual([
            "ends",
            "continues until 20 Jul 2025 00:00 UTC",
        ])
        expect(await axeFaults(aoife)).toEqual([])
        await aoife.keyboard.press("Escape")
        await dialog(aoife).waitFor({ state: "detached" })
    })

    test("asks a partner, whose lead alone reads the question, and answers by keyboard", async () => {
        const request = {
            "Request to the partner": "confirm that its copies are deleted",
            "Text for the partner": "Are they deleted?",
        }
        await openTab(aoife, "Inquiry", "Questions")
        await fill(aoife, "Ask a partner…", "Ask the partner", { Partner: "Halcyon Sensor Works", ...request })
        await section(aoife, "Questions to partners").getByText("Are they deleted?").waitFor()
        const lead = await visit("Beatrix Oyelaran", "dark")
        await goTo(lead, "Questions")
        await lead.getByText("Are they deleted?").waitFor()
        expect(await axeFaults(lead)).toEqual([])
        expect(await lead.getByRole("main").innerText()).not.toContain("header")
        await walkTo(lead.getByLabel("Your answer"))
        await lead.keyboard.type("On the third of July.")
        await walkTo(button(lead, "Send answer"))
        await lead.keyboard.press("Enter")
        await lead.getByText("Your answer: all copies deleted").waitFor()
        expect(await axeFaults(lead)).toEqual([])
    })

    test("makes the answer a task of its members, shows it with the attestation, and marks it as read", async () => {
        await goTo(aoife, "Overview")
        await aoife.reload()
        const task = section(aoife, "Your tasks")
            .getByRole("listitem")
            .filter({ hasText: "Read a partner's answer in an inquiry" })
        await task.getByText("Halcyon Sensor Works").first().waitFor()
        await task.getByRole("link", { name: /^Read/ }).press("Enter")
        await openTab(aoife, "Inquiry", "Questions")
        await section(aoife, "Questions to partners").getByText("On the third of July.").waitFor()
        await aoife.getByRole("table", { name: "Attestations of partners" }).waitFor()
        await button(aoife, "Mark as read").press("Enter")
        await button(aoife, "Mark as read").waitFor({ state: "detached" })
        expect(await axeFaults(aoife)).toEqual([])
    })

    test("exports its report as a PDF, a bundle and a page", async () => {
        await choose(aoife, "Export the report…")
        await button(dialog(aoife), "Create the report").press("Enter")
        const paper = aoife.waitForEvent("download")
        await button(dialog(aoife), "Save the PDF").press("Enter")
        const { title, texts: inputs } = await readPdf(readFileSync(await (await paper).path()))
        expect(title).toBe("Report: Who knew of the header?")
        expect(inputs.map(([, text]) => text).join()).toContain("On the third of July.")
        const saved = aoife.waitForEvent("download")
        await button(dialog(aoife), "Save the bundle").press("Enter")
        expect(readFileSync(await (await saved).path(), "utf8")).toContain('"format":"tocsin-inquiry-bundle/1"')
        expect(await axeFaults(aoife)).toEqual([])
        const page = aoife.waitForEvent("download")
        await button(dialog(aoife), "Save the page").press("Enter")
        const read = await aoife.context().newPage()
        await read.setContent(readFileSync(await (await page).path(), "utf8"))
        await read.getByText("On the third of July.").waitFor()
        expect(await axeFaults(read)).toEqual([])
        await read.close()
        await aoife.keyboard.press("Escape")
    })

    test("closes with an outcome, and accepts no changes until it is reopened", async () => {
        await fillChosen(aoife, "Close…", "Close the inquiry", { Reason: "Nothing more is to be found." })
        await openTab(aoife, "Inquiry", "History")
        await aoife.getByText("Nothing more is to be found.").waitFor()
        expect(await button(aoife, "Ask a partner…").isDisabled()).toBe(true)
        expect(await axeFaults(aoife)).toEqual([])
        await fillChosen(aoife, "Reopen…", "Reopen", { Reason: "Another paste." })
        await aoife.getByText("Another paste.").waitFor()
        expect(await button(aoife, "Ask a partner…").isDisabled()).toBe(false)
    })

    test("does not exist for a member who has a stake and leaves", async () => {
        const rafael = await visit("Rafael Lindqvist")
        await goTo(rafael, "Inquiries")
        await rafael.getByRole("link", { name: "Who knew of the header?" }).press("Enter")
        await fillChosen(rafael, "Exclude a person…", "Exclude", {
            Person: "Rafael Lindqvist (you)",
            Reason: "I vouched for them.",
        })
        await rafael.getByText("No inquiries yet.").waitFor()
        await rafael.getByText("You see only the inquiries of which you are a member.").waitFor()
        await rafael.goBack()
        await rafael.getByText("no such inquiry").waitFor()
        expect(await axeFaults(rafael)).toEqual([])
    })
})

test("no page complains, but for the inquiry that is none any more", () => {
    const faults = visitors
        .flatMap((visitor) => visitor.faults)
        .filter((fault) => !/404.*\/api\/inquiries\//.test(fault))
    expect(faults).toEqual([])
})

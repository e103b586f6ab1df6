/**
 * An advisory that fails validation, on the operator's screens: the case, its needs, the rehearsal of publication, the
 * emergency release, and “Overview” after the refusal. The demonstration's texts are valid, so the test replaces its
 * answers.
 */
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Stage, type Visitor, atRest, axeFaults, chooseFrom, goTo, openStage, openTab, walkTo } from "./stage.ts"

let stage: Stage
let author: Visitor
let page: Page

beforeAll(async () => {
    stage = await openStage()
    author = await stage.visit("Ingrid Solheim")
    page = author.page
})
afterAll(async () => await stage.close())

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = () => page.getByRole("dialog").last()
const section = (name: string) => page.getByRole("region", { name, exact: true })
const publicationRow = () => section("Waves of this case").getByRole("row").filter({ hasText: "Publication" })

const faults = [
    {
        test: "schema",
        where: "/document/publisher/name",
        says: 'must match pattern "\\S"',
        forms: ["CSAF 2.0", "CSAF 2.1"],
    },
    {
        test: "6.1.31",
        where: "/product_tree",
        says: "the version before 3 is a range",
        forms: ["CSAF 2.1"],
    },
]

async function showState(state: "planned" | "due", advisory: string | null = null): Promise<void> {
    await page.unroute("**/api/cases/*/publication")
    await page.route("**/api/cases/*/publication", (route) => route.fulfill({ json: { state, advisory, faults } }))
}

async function openCase(tab = "Overview"): Promise<string> {
    await goTo(page, "Cases")
    await page.getByRole("table").getByRole("link").first().click()
    await page.getByRole("navigation", { name: "Case", exact: true }).waitFor()
    await atRest(page)
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? ""
    await openTab(page, "Case", tab)
    return id
}

async function chooseFor(menu: string, action: string): Promise<void> {
    await walkTo(button(page, `More actions for ${menu}`))
    await page.keyboard.press("Enter")
    await page.getByRole("menuitem", { name: action }).press("Enter")
}

test("a case with a valid advisory shows no notice", async () => {
    await openCase()
    await section("Needs attention").waitFor()
    expect(await page.getByText("publication.not_valid").count()).toBe(0)
    expect(await page.getByText("The advisory", { exact: false }).count()).toBe(0)
})

test("an invalid advisory is shown in advance: the failed test, the place, and where to correct it", async () => {
    await showState("planned")
    await page.reload()
    await section("Needs attention")
        .getByRole("link", { name: "The advisory would be refused: it is not valid CSAF", exact: true })
        .waitFor()
    expect(await axeFaults(page)).toEqual([])
    await section("Needs attention")
        .getByRole("link", { name: /^View errors/ })
        .click()
    const table = section("What to correct")
    const first = table.getByRole("row").filter({ hasText: "/document/publisher/name" })
    await first.getByText("the publisher settings").waitFor()
    await first.getByText("CSAF 2.0, CSAF 2.1").waitFor()
    await table.getByRole("row").filter({ hasText: "6.1.31" }).getByText("the facts of the case").waitFor()
    expect(await axeFaults(page)).toEqual([])
})

test("its publication's rehearsal shows it too, by keyboard, and an earlier wave's does not", async () => {
    await chooseFor("the Publication wave", "Rehearse…")
    await walkTo(button(dialog(), "Rehearse"))
    await page.keyboard.press("Enter")
    await dialog().getByText("Released", { exact: true }).waitFor()
    await dialog().getByText("The wave would be released without a public advisory.", { exact: false }).waitFor()
    await dialog().getByText("the version before 3 is a range").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await dialog().waitFor({ state: "detached" })
    await chooseFor("the Advance wave", "Rehearse…")
    await button(dialog(), "Rehearse").click()
    await dialog().getByText("Released", { exact: true }).waitFor()
    expect(await dialog().getByText("publication.not_valid").count()).toBe(0)
    await page.keyboard.press("Escape")
    await dialog().waitFor({ state: "detached" })
})

test("the emergency release shows it too", async () => {
    await openTab(page, "Case", "Embargo and parties")
    await chooseFrom(section("Embargo"), "More actions for the embargo", "Emergency release…")
    await dialog().getByText("The advisory would be refused").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await dialog().waitFor({ state: "detached" })
})

test("a refused publication is shown at the case, and is a task under “Overview” with its fault", async () => {
    const id = await openCase("Release")
    await showState("due")
    await page.reload()
    await section("Waves").getByText("The advisory was refused: nothing is published").waitFor()
    await page.getByText("not published", { exact: true }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await showState("due", "NL-2025-0001")
    await page.reload()
    await section("Waves").getByText("The correction of NL-2025-0001 was refused").waitFor()
    const item = {
        key: `publication ${id} x`,
        kind: "publication",
        about: id,
        action: null,
        partner: null,
        case: id,
        since: "2025-06-23T00:00:00Z",
        until: null,
        deputyFor: null,
        reason: {
            code: "advisory_refused",
            lastSuccess: null,
            class: null,
            faults: ["schema /document/publisher/name: must match pattern"],
            faultCount: 2,
        },
    }
    await page.route("**/api/tasks", (route) => route.fulfill({ json: { now: "2025-06-23T00:00:00Z", tasks: [item] } }))
    await goTo(page, "Overview")
    await page.reload()
    const row = section("Your tasks").getByRole("listitem").filter({ hasText: "was refused" })
    await row.getByText("schema /document/publisher/name: must match pattern").waitFor()
    await row.getByText("the case is not published").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await row.getByRole("link").click()
    await section("Waves").waitFor()
    expect(author.faults).toEqual([])
})

test("the signer of a publication reads the public text, and its contradictions to recorded reports", async () => {
    await page.unrouteAll()
    await openCase("Release")
    await page.reload()
    await publicationRow().waitFor()
    await chooseFor("the Publication wave", "Freeze…")
    await button(dialog(), "Freeze wave").click()
    await publicationRow().getByText("frozen").waitFor()
    await button(publicationRow(), "Request release").click()
    await publicationRow().getByText("waits for a signature").waitFor()
    const { page: second, faults: complaints } = await stage.visit("Kofi Boateng")
    const signing = second.getByRole("dialog").last()
    const text = signing.getByRole("region", { name: "Public text" })
    const open = async () => {
        await button(second, "Sign…").click()
        await text.waitFor()
    }
    await open()
    const shown = await text.getByRole("region", { name: "Summary" }).innerText()
    expect(shown.length).toBeGreaterThan(100)
    expect(await text.innerText()).not.toMatch(/\{\{|mark:/)
    expect(await text.getByText("contradicts").count()).toBe(0)
    expect(await axeFaults(second)).toEqual([])
    await second.keyboard.press("Escape")
    await second.route("**/api/approvals/*/publication", async (route) => {
        const answer = (await (await route.fetch()).json()) as { text: object }
        const denials = ["There is no sign of exploitation."]
        await route.fulfill({ json: { text: { ...answer.text, exploited: true, denials } } })
    })
    await second.reload()
    await open()
    await text.getByText("The public text contradicts recorded reports.").waitFor()
    await text.getByText("There is no sign of exploitation.").waitFor()
    expect(await axeFaults(second)).toEqual([])
    for (const width of [1440, 390]) {
        await second.setViewportSize({ width, height: 900 })
        await text.getByText("The public text contradicts recorded reports.").scrollIntoViewIfNeeded()
        expect(await signing.evaluate((item) => item.scrollWidth <= item.clientWidth)).toBe(true)
    }
    expect(complaints).toEqual([])
})

test("the sign button keeps its place while the public text loads, and takes a click meanwhile", async () => {
    const { page: second, faults: complaints } = await stage.visit("Kofi Boateng")
    const signing = second.getByRole("dialog").last()
    const sign = button(signing, "Sign as Kofi Boateng")
    const text = signing.getByRole("region", { name: "Public text" })
    for (const width of [1440, 390]) {
        await second.setViewportSize({ width, height: 900 })
        const loading = Promise.withResolvers<void>()
        await second.route("**/api/approvals/*/publication", async (route) => {
            await loading.promise
            await route.continue()
        })
        await button(second, "Sign…").click()
        const before = await sign.boundingBox()
        expect(before).not.toBeNull()
        expect(await text.count()).toBe(0)
        loading.resolve()
        await text.waitFor()
        expect(await sign.boundingBox()).toEqual(before)
        await text.getByRole("region", { name: "Guidance" }).scrollIntoViewIfNeeded()
        expect(await sign.boundingBox()).toEqual(before)
        await walkTo(sign)
        expect(await axeFaults(second)).toEqual([])
        await second.keyboard.press("Escape")
        await signing.waitFor({ state: "detached" })
        await second.unrouteAll()
    }
    await second.route("**/api/approvals/*/publication", () => undefined)
    await button(second, "Sign…").click()
    await sign.click()
    await signing.waitFor({ state: "detached" })
    await second.unrouteAll({ behavior: "ignoreErrors" })
    await publicationRow().getByText("approved").waitFor()
    // A signed request has no text to sign: a running read of it ends with a conflict.
    expect(complaints.filter((complaint) => !/ 409 .*\/publication$/.test(complaint))).toEqual([])
})

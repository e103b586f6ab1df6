/**
 * Partners as staff work with them: the directory with its views, one partner's pages, and an applicant that is scored
 * and invited or declined. Clicks are counted in the browser; typing is not a click.
 */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { form } from "./applications.ts"
import { type Stage, areFewClicks, atRest, axeFaults, countClicks, goTo, openStage, openTab } from "./stage.ts"

let stage: Stage
let page: Page

beforeAll(async () => {
    stage = await openStage()
    page = (await stage.visit("Ingrid Solheim")).page
})
afterAll(async () => await stage.close())

const region = (name: string) => page.getByRole("region", { name, exact: true })
const names = () => page.getByRole("table", { name: "Partners" }).getByRole("link").allTextContents()

test("find partners in the directory", async () => {
    await goTo(page, "Partners")
    await page.getByRole("link", { name: "Copperline Networks" }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    const all = await names()
    await page.getByLabel("Search by name or address").fill("copper")
    await page.waitForURL(/q=copper/)
    await expect.poll(names).toEqual(["Copperline Networks"])
    await page.getByLabel("Search by name or address").fill("")
    await page.getByLabel("Sorted by").selectOption("name")
    await page.getByRole("link", { name: "Fernwood Threat Lab" }).waitFor()
    await page.getByRole("link", { name: /^Report before publication/ }).click()
    await page.waitForURL(/view=reporting/)
    await expect.poll(async () => (await names()).length).toBeLessThan(all.length)
    await page.getByRole("button", { name: "Save this view" }).click()
    await page.getByLabel("Name of the view").fill("Duties")
    await page.getByLabel("Name of the view").press("Enter")
    await page.getByRole("button", { name: "Duties", exact: true }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    const saved = page.waitForEvent("download")
    await page.getByRole("button", { name: "Export as CSV" }).click()
    expect((await saved).suggestedFilename()).toBe("partners.csv")
})

test("see what a partner gets, must do and did", async () => {
    await goTo(page, "Partners")
    await page.getByRole("link", { name: "Copperline Networks" }).click()
    await region("Access now").getByText("available now").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    for (const [tab, title] of [
        ["Requirements", "Requirements"],
        ["Keys and people", "Keys"],
        ["Copies and receipts", "Deliveries"],
        ["History", "History"],
    ] as const) {
        await openTab(page, "Partner", tab)
        await region(title).waitFor()
        expect(await axeFaults(page)).toEqual([])
    }
})

test("import partners and people from a file, with one signature for all", async () => {
    await goTo(page, "Partners")
    await page.getByRole("link", { name: "Import…" }).click()
    await page.getByRole("button", { name: "Request import" }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    const lines = [
        "name,mail,tier,person_name,person_mail,role",
        "Alder Net,a@alder.example,entry,Ada Alder,ada@alder.example,lead",
        "Alder Net,,,Ben Alder,ben@alder.example,",
        "Birch Net,b@birch.example,entry,,,",
        "No Mail,,entry,,,",
    ]
    await page.getByLabel("File", { exact: true }).fill(lines.join("\n"))
    await page.getByText("CSV: adds 2 partners and 2 people. 0 lines are known, and 1 line has an error.").waitFor()
    await page.getByText("1 new partner has no lead.").waitFor()
    await page.getByRole("button", { name: "Errors (1)" }).click()
    await page.getByText("this is not a mail address: enter one like name@example.org").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("button", { name: "Request import" }).click()
    await page.getByText("Requested by Ingrid Solheim. Needs a second signature.").waitFor()
    expect(await axeFaults(page)).toEqual([])
    const kofi = (await stage.visit("Kofi Boateng", "dark")).page
    const card = kofi.getByRole("article", { name: "Import partners and people" })
    await card.getByText("2 partners are added, and 2 people join and get a sign-in link by mail.").waitFor()
    await card.getByRole("link", { name: "Read every line" }).click()
    await kofi.getByRole("row", { name: /Ben Alder/ }).waitFor()
    expect(await axeFaults(kofi)).toEqual([])
    await kofi.getByRole("button", { name: "Sign…" }).click()
    await kofi.getByRole("button", { name: "Sign as Kofi Boateng" }).click()
    await page.getByRole("button", { name: "Apply" }).click()
    await page.getByText("This import was applied.").waitFor()
})

test("change the tier of three at once", async () => {
    const dialog = page.getByRole("dialog")
    await goTo(page, "Partners")
    await page.getByRole("link", { name: "Birch Net" }).waitFor()
    for (const name of ["Alder Net", "Birch Net", "Copperline Networks"]) {
        await page.getByRole("checkbox", { name: `Select ${name}` }).check()
    }
    await region("Selected partners").getByText("3 selected").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("button", { name: "Change tier…" }).click()
    await dialog.getByLabel("Tier").selectOption("validate")
    await dialog
        .getByRole("row", { name: /Copperline Networks/ })
        .getByText("earlier")
        .first()
        .waitFor()
    expect(await axeFaults(page)).toEqual([])
    await dialog.getByRole("button", { name: "Request 3 changes" }).click()
    await dialog.waitFor({ state: "detached" })
    const kofi = (await stage.visit("Kofi Boateng")).page
    await kofi.getByRole("button", { name: "Sign all 3 tier changes…" }).click()
    await kofi.getByRole("dialog").getByText("Birch Net gets the tier validate").waitFor()
    expect(await axeFaults(kofi)).toEqual([])
    await kofi.getByRole("button", { name: "Sign all as Kofi Boateng" }).click()
    await goTo(page, "Overview")
    await page.getByRole("button", { name: "Apply all 3 tier changes" }).click()
    await goTo(page, "Partners")
    await page
        .getByRole("row", { name: /Birch Net/ })
        .getByText("Validate")
        .waitFor()
})

async function apply(application: typeof form): Promise<void> {
    const { portal } = (await (await page.request.get(new URL("/api/me", page.url()).href)).json()) as {
        portal: string
    }
    const headers = { "content-type": "application/json" }
    const body = JSON.stringify(application)
    const sent = await fetch(`${portal}/api/applications`, { method: "POST", headers, body })
    expect(sent.status).toBe(200)
    await page.goto(new URL("/", page.url()).href)
}

test("score and admit an applicant", async () => {
    await apply(form)
    const clicks = await countClicks(page)
    await goTo(page, "Applications")
    await page.getByRole("link", { name: form.organisation }).click()
    await region("Criteria").waitFor()
    const required = region("Criteria").getByRole("group").filter({ hasText: "required" })
    expect(await required.count()).toBe(6)
    for (let n = 0; n < 6; n++) {
        await required.nth(n).getByRole("radio", { name: "3: most of it" }).click()
        await page.keyboard.press("Tab")
        await page.keyboard.type("Confirmed by public sources and a call.")
    }
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("radio", { name: /^Invite/ }).click()
    await page.keyboard.press("Tab")
    await page.keyboard.type("It meets every required criterion.")
    await page.getByRole("button", { name: "Submit scores and decision" }).click()
    await region("Decision").getByText("It meets every required criterion.").waitFor()
    expect(await axeFaults(page)).toEqual([])
    expect(areFewClicks("an applicant scored and admitted", clicks(), 12)).toBe(true)
})

test("score and decline an applicant", async () => {
    const other = { ...form, organisation: "Skerry Watch", mail: "warnings@skerry.example" }
    await apply(other)
    await goTo(page, "Applications")
    await page.getByRole("link", { name: other.organisation }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("link", { name: other.organisation }).click()
    await page.getByText("cannot be invited yet").waitFor()
    await page.getByRole("radio", { name: "3: most of it" }).first().check()
    await page
        .getByLabel(/^Reason for the score/)
        .first()
        .fill("Three named persons, seen in a call.")
    expect(await axeFaults(page)).toEqual([])
    // A choice made before the server has answered stays.
    const decline = page.getByRole("radio", { name: /^Decline/ })
    await page.route("**/scores", async (route) => {
        await decline.check()
        await route.continue()
    })
    const answered = page.waitForResponse("**/scores")
    await page.getByRole("button", { name: "Submit scores" }).click()
    await answered
    await page.getByText("5 required without a score").waitFor()
    await atRest(page)
    expect(await decline.isChecked()).toBe(true)
    await page.unroute("**/scores")
    await page.getByLabel("Reason", { exact: true }).fill("It cannot say yet who reads its mailbox.")
    await page.getByLabel(/^Message to the applicant/).fill("Come back when two persons read it.")
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("button", { name: "Submit scores and decision" }).click()
    await region("Decision").getByText("Come back when two persons read it.").waitFor()
    expect(await axeFaults(page)).toEqual([])
})

/**
 * Single sign-on of a partner's person, in a real browser with a real OpenID provider: the person connects its account,
 * signs out, signs in through the provider, confirms a new token with its passkey, and registers a machine client.
 */
import { once } from "node:events"
import fs from "node:fs"
import net, { type AddressInfo } from "node:net"
import os from "node:os"
import path from "node:path"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type TestProvider, openTestProvider } from "../support/doubles/identity-provider.ts"
import { type Founded, type Visitor, axeFaults, chooseOwn, goTo, openFounded, openTab, walkTo } from "./stage.ts"
import { makeToken } from "./tokens.ts"

const id = "4f1c9a27be60d385"
const secret = "s".repeat(40)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-sign-on-"))

let program: Founded
let provider: TestProvider
let portal: string
let lead: Visitor

beforeAll(async () => {
    // The provider knows the portal's address before the portal is open.
    const port = await freePort()
    portal = `http://localhost:${port}`
    const client = { client_id: "tocsin", client_secret: secret, redirect_uris: [`${portal}/sso/${id}`] }
    provider = await openTestProvider({ clients: [client] })
    provider.account = { sub: "lea" }
    program = await openFounded(
        ["Ada Lind", "Bo Karlsen"],
        ["--portal-port", String(port), "--identity-providers", writeProviders()],
    )
})
afterAll(async () => {
    await program.close()
    await provider.close()
    fs.rmSync(folder, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return port
}

function writeProviders(): string {
    fs.writeFileSync(path.join(folder, "harbour.secret"), secret, { mode: 0o600 })
    const harbour = {
        ...{ id, name: "Harbour SSO", issuer: provider.issuer, clientId: "tocsin", clientSecretFile: "harbour.secret" },
        for: { domains: ["harbour.example"] },
    }
    const file = path.join(folder, "providers.json")
    fs.writeFileSync(file, JSON.stringify([harbour]))
    return file
}

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true })
const dialog = (page: Page) => page.getByRole("dialog")
const withSso = (page: Page) => button(page, "Continue with Harbour SSO")

async function addPasskey(page: Page): Promise<void> {
    await chooseOwn(page, "Your access")
    await button(page, "Add a passkey…").click()
    await dialog(page).getByLabel("Name").fill("Laptop")
    await button(dialog(page), "Add passkey").click()
    await section(page, "Passkeys").getByRole("cell", { name: "Laptop", exact: true }).waitFor()
}

test("a partner's lead is added by two people, and adds a passkey", async () => {
    const { page } = await program.enter(program.links[0])
    await goTo(page, "Partners")
    await button(page, "Add a partner…").click()
    await dialog(page).getByLabel("Name").fill("Harbour Sensors")
    await dialog(page).getByLabel("Address for warnings").fill("psirt@harbour.example")
    await dialog(page).getByLabel("Status").selectOption("invited")
    await button(dialog(page), "Add partner").click()
    await page.getByRole("heading", { name: "Harbour Sensors" }).waitFor()
    await openTab(page, "Partner", "Keys and people")
    await button(section(page, "Roster"), "Add a person…").click()
    await dialog(page).getByLabel("Name").fill("Lea Holm")
    await dialog(page).getByLabel("Address").fill("lea@harbour.example")
    await button(dialog(page), "Add person").click()
    await page.getByText("A second person must sign this first").waitFor()
    const { page: second } = await program.enter(program.links[1])
    await addPasskey(second)
    await goTo(second, "Overview")
    await button(second, "Sign…").click()
    await button(dialog(second), "Sign as Bo Karlsen").click()
    await second.getByText("No approvals wait for a signature").waitFor()
    await goTo(page, "Overview")
    await button(section(page, "Signed, to apply"), "Apply").click()
    lead = await program.enter(await program.mailedLink("lea@harbour.example", 0))
    await addPasskey(lead.page)
    expect(new URL(lead.page.url()).origin).toBe(portal)
})

test("a person connects its account, which needs its passkey, and reads the address to sign in", async () => {
    const { page } = lead
    const accounts = section(page, "Single sign-on")
    await accounts.getByText(`${portal}/?provider=${id}`).waitFor()
    expect(await axeFaults(page)).toEqual([])
    const confirmed = page.waitForRequest("**/api/passkeys/change-options")
    await button(accounts, "Connect Harbour SSO").click()
    await confirmed
    await button(accounts, /^Disconnect…/).waitFor()
    expect(new URL(page.url()).pathname).toBe("/organisation/access")
    expect(await axeFaults(page)).toEqual([])
})

test("the sign-in page shows the provider to a browser that names it, and to no other", async () => {
    const context = await lead.page.context().browser()?.newContext()
    const stranger = await context?.newPage()
    if (stranger === undefined) throw new Error("no browser")
    await stranger.goto(portal)
    await button(stranger, "Continue with a passkey").waitFor()
    const named = stranger.waitForResponse("**/api/session/sso?provider=*")
    await stranger.goto(`${portal}/?provider=4f1c9a27be60d386`)
    expect(await (await named).json()).toEqual({ providers: [] })
    expect(await withSso(stranger).count()).toBe(0)
    await stranger.goto(`${portal}/?provider=${id}`)
    await withSso(stranger).waitFor()
    expect(await axeFaults(stranger)).toEqual([])
    await context?.close()
})

test("a person signs out, signs in through the provider, and confirms a new token with its passkey", async () => {
    const { page } = lead
    await chooseOwn(page, "Sign out")
    await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
    // The browser remembers the provider, without the name in the address.
    expect(new URL(page.url()).search).toBe("")
    await withSso(page).press("Enter")
    await page.getByRole("button", { name: /Lea Holm/ }).waitFor()
    await chooseOwn(page, "Your access")
    const confirmed = page.waitForResponse("**/api/session/confirmation")
    expect(await makeToken(page, "SIEM")).toMatch(/^[\w-]{43}$/)
    expect((await confirmed).status()).toBe(200)
    expect(await axeFaults(page)).toEqual([])
})

test("a person registers a machine client by keyboard; its private key is saved, and never sent", async () => {
    const { page, sent, faults } = lead
    const clients = section(page, "Machine clients")
    await walkTo(button(page, "Register a client…"))
    await page.keyboard.press("Enter")
    await dialog(page).getByLabel("Name").fill("SIEM, collector 2")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(page), "Register client").press("Enter")
    await clients.getByText("“SIEM, collector 2” is registered.").waitFor()
    expect(await axeFaults(page)).toEqual([])
    const saved = page.waitForEvent("download")
    await button(clients, "Save private key").press("Enter")
    const { d, x } = JSON.parse(fs.readFileSync(await (await saved).path(), "utf8")) as { d: string; x: string }
    const requests = sent.join("\n")
    expect([requests.includes(x), requests.includes(d)]).toEqual([true, false])
    await button(clients, "Hide").press("Enter")
    await button(clients, /^End…/).press("Enter")
    await button(dialog(page), "End client").press("Enter")
    await clients.getByText("You have no machine clients.").waitFor()
    expect(faults.filter((fault) => !fault.startsWith("Failed to load resource"))).toEqual([])
})

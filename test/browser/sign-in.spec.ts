/**
 * Everything between founding a program and recovering from a lost laptop, in a real browser with a virtual
 * authenticator, real mail and a real OpenID provider. Two founders add passkeys, and invite a colleague and a partner
 * by mail. The partner's lead signs in through the provider and by passkey, and connects machines: by tokens, one bound
 * to a key, and as a machine client. It loses its laptop, and two people restore its sign-in.
 */
import { execFile } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import net, { type AddressInfo } from "node:net"
import os from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type TestProvider, openTestProvider } from "../support/doubles/identity-provider.ts"
import {
    type Founded,
    type Visitor,
    atRest,
    axeFaults,
    chooseAction,
    chooseOwn,
    goTo,
    openFounded,
    openTab,
    walkTo,
} from "./stage.ts"
import { makeToken } from "./tokens.ts"

const root = path.join(import.meta.dirname, "../..")

const id = "4f1c9a27be60d385"
const secret = "s".repeat(40)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-sign-on-"))

let program: Founded
let provider: TestProvider
let portal: string
let ada: Visitor
let bo: Visitor
let lead: Visitor
/** The secret of the lead's token without a key. */
let plainToken = ""

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

async function addPasskey({ page }: Visitor): Promise<void> {
    await chooseOwn(page, "Your access")
    await button(page, "Add a passkey…").click()
    await dialog(page).getByLabel("Name").fill("Laptop")
    await button(dialog(page), "Add passkey").click()
    await section(page, "Passkeys").getByRole("cell", { name: "Laptop", exact: true }).waitFor()
}

/** Bo signs the one open request, and Ada applies it. */
async function signAndApply(): Promise<void> {
    await goTo(bo.page, "Overview")
    await button(bo.page, "Sign…").click()
    const signed = bo.page.waitForRequest("**/api/approvals/signature-options")
    await button(dialog(bo.page), "Sign as Bo Karlsen").click()
    await signed
    await bo.page.getByText("No approvals wait for a signature").waitFor()
    await goTo(ada.page, "Overview")
    await button(section(ada.page, "Signed, to apply"), "Apply").click()
    await section(ada.page, "Signed, to apply").waitFor({ state: "detached" })
}

async function openPartner(page: Page): Promise<void> {
    await goTo(page, "Partners")
    await page.getByRole("link", { name: "Harbour Sensors" }).click()
    await openTab(page, "Partner", "Keys and people")
}

/** The lead adds a key, opens its test copy with the identity, and confirms the code in it. */
async function openTestCopy(page: Page): Promise<void> {
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    await goTo(page, "Keys")
    await button(page, "Add key…").click()
    await dialog(page).getByLabel("Public recipient").fill(recipient)
    await button(dialog(page), "Add key").click()
    const row = page.getByRole("row").filter({ hasText: recipient.slice(0, 20) })
    await button(row, /Test/).click()
    const saved = page.waitForEvent("download")
    await button(dialog(page), "Save test copy").click()
    const age = new Decrypter()
    age.addIdentity(identity)
    const text = await age.decrypt(fs.readFileSync(await (await saved).path()), "text")
    await dialog(page)
        .getByLabel("Code in the test copy")
        .fill(/(?:[A-Z2-9]{5}-){3}[A-Z2-9]{5}/.exec(text)?.[0] ?? "")
    await button(dialog(page), "Confirm code").click()
    await row.getByText("tested").waitFor()
}

/** Runs `tocsin` as the partner's engineer does, with a home of its own. */
async function tocsin(args: readonly string[], input = ""): Promise<{ stdout: string; stderr: string }> {
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: path.join(folder, "config") }
    const running = promisify(execFile)(process.execPath, [path.join(root, "server/src/main.ts"), ...args], {
        cwd: folder,
        env,
    })
    running.child.stdin?.end(input)
    return await running
}

const poll = async (token: string) =>
    await fetch(`${portal}/taxii2/api/collections/`, {
        headers: { authorization: `Bearer ${token}`, accept: "application/taxii+json;version=2.1" },
    })

/** Signs out with a late answer. The page that goes away must not offer to sign in: the next page would undo it. */
async function signOutSlowly(page: Page): Promise<void> {
    const answers = Promise.withResolvers<void>()
    await page.route("**/api/session", async (route) => {
        const response = await route.fetch()
        await answers.promise
        await route.fulfill({ response })
    })
    await chooseOwn(page, "Sign out")
    await page.getByRole("heading", { name: /^Sign/ }).waitFor()
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Signing out")
    expect(await button(page, "Continue with a passkey").count()).toBe(0)
    answers.resolve()
    await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
    await page.unroute("**/api/session")
}

test("two founders add a passkey each", async () => {
    ada = await program.enter(program.links[0])
    bo = await program.enter(program.links[1])
    for (const founder of [ada, bo]) {
        await addPasskey(founder)
        expect(await axeFaults(founder.page)).toEqual([])
    }
})

test("a colleague is invited by mail, and signs in with a passkey afterwards", async () => {
    const { page } = ada
    await goTo(page, "People and access")
    await button(page, "Add a person…").click()
    await dialog(page).getByLabel("Name").fill("Cleo Marsh")
    await dialog(page).getByLabel("Address").fill("cleo@operator.example")
    await dialog(page)
        .getByLabel(/^author/)
        .check()
    await button(dialog(page), "Add person").click()
    await page.getByText("Cleo Marsh <cleo@operator.example>, author").waitFor()
    await signAndApply()
    const cleo = await program.enter(await program.mailedLink("cleo@operator.example", 0))
    await addPasskey(cleo)
    await signOutSlowly(cleo.page)
    await button(cleo.page, "Continue with a passkey").click()
    await cleo.page.getByRole("heading", { name: "Overview", level: 1 }).waitFor()
    expect(await axeFaults(cleo.page)).toEqual([])
    await cleo.page.context().close()
})

test("a partner's lead is added by two people, gets its link by mail, and opens the first test copy", async () => {
    const { page } = ada
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
    await signAndApply()
    lead = await program.enter(await program.mailedLink("lea@harbour.example", 0))
    expect(new URL(lead.page.url()).origin).toBe(portal)
    await openTestCopy(lead.page)
})

test("two people admit the partner, which ends the first sign-in; the lead adds a passkey", async () => {
    const { page } = ada
    await openPartner(page)
    await chooseAction(page, "Change status…")
    await dialog(page).getByLabel("New status").selectOption("active")
    await button(dialog(page), "Change status").click()
    await page.getByText("A second person must sign this first").waitFor()
    await button(dialog(page), "Close").click()
    await signAndApply()
    await lead.page.reload()
    await lead.page.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
    expect(await axeFaults(lead.page)).toEqual([])
    await lead.page.context().close()
    lead = await program.enter(await program.mailedLink("lea@harbour.example", 1))
    await addPasskey(lead)
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
    const named = stranger.waitForResponse("**/api/session/sso?provider=4f1c9a27be60d386")
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

test("a token that is bound to a key works with the key's file, and is useless without it", async () => {
    const { page } = lead
    const { stdout } = await tocsin(["keys", "dpop", "laptop.jwk"])
    const key = /\{[^}]+\}/.exec(stdout)?.[0] ?? ""
    await chooseOwn(page, "Your access")
    const token = await makeToken(page, "laptop", key)
    await section(page, "Tokens").getByText("with its key only").waitFor()
    expect(await axeFaults(page)).toEqual([])
    expect((await poll(token)).status).toBe(401)
    const at = ["--url", portal, "--allow-plain-http", "--dpop-key", "laptop.jwk"]
    await tocsin(["login", ...at], `${token}\n`)
    const pulled = await tocsin(["pull", "--out", "copies"])
    expect(pulled.stderr).toMatch(/your keys( \(the receipt is pending\))?: added: age1/)
})

test("a TAXII client polls with a token that is not bound", async () => {
    plainToken = await makeToken(lead.page, "TAXII poller")
    const answer = await poll(plainToken)
    expect(answer.status).toBe(200)
    const { collections } = (await answer.json()) as { collections: { id: string; can_read: boolean }[] }
    const { id: collection = "" } = collections.find(({ can_read: canRead }) => canRead) ?? {}
    expect(collection).toMatch(/^[\da-f]{8}-/)
})

test("the laptop is lost: two people restore the sign-in by mail, and everything on the laptop ends", async () => {
    const { page } = ada
    await openPartner(page)
    await button(section(page, "Roster"), "Lea Holm: actions").click()
    await page.getByRole("menuitem", { name: "Restore sign-in…" }).click()
    await dialog(page).getByLabel("When is the link mailed?").selectOption("now")
    await button(dialog(page), "Request new link").click()
    await dialog(page).first().waitFor({ state: "detached" })
    await signAndApply()
    const link = await program.mailedLink("lea@harbour.example", 2)
    const phone = await program.enter(link)
    expect((await poll(plainToken)).status).toBe(401)
    await expect(tocsin(["pull", "--out", "copies"])).rejects.toThrow("request.bad_proof")
    await lead.page.reload()
    await lead.page.getByRole("heading", { name: "Sign in", exact: true }).waitFor()
    await button(lead.page, "Continue with a passkey").click()
    // The refusal stays on the page.
    await lead.page.getByRole("alert").waitFor()
    await atRest(lead.page)
    expect(await lead.page.getByRole("alert").count()).toBe(1)
    expect(await axeFaults(lead.page)).toEqual([])
    await addPasskey(phone)
    await chooseOwn(phone.page, "Sign out")
    await button(phone.page, "Continue with a passkey").click()
    await phone.page.getByRole("button", { name: /Lea Holm/ }).waitFor()
    await chooseOwn(phone.page, "Your access")
    await button(section(phone.page, "Single sign-on"), "Connect Harbour SSO").waitFor()
})

/**
 * A partner's lead makes a key that a passkey holds, and opens copies with it. The identity leaves the browser only as
 * the file that the lead saves.
 */
import fs from "node:fs"
import { Decrypter } from "age-encryption"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Authenticator, type Stage, type Visitor, addAuthenticator, atRest, axeFaults } from "./stage.ts"
import { goTo, openStage } from "./stage.ts"

let stage: Stage
let martin: Visitor
let page: Page
let holder: Authenticator
let identity = ""
let recipient = ""
beforeAll(async () => {
    stage = await openStage()
    martin = await stage.visit("Martin Achterberg")
    page = martin.page
    await goTo(page, "Keys")
})
afterAll(async () => await stage.close())

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = () => page.getByRole("dialog")
const ended = () => dialog().waitFor({ state: "detached" })
const keyRows = () => page.getByRole("region", { name: "Keys", exact: true }).getByRole("row")
const keyRow = () => keyRows().filter({ hasText: recipient.slice(0, 20) })
const open = () => button(page, "Make a key held by a passkey…").click()

/** Moves the demonstration's clock, so that the wave is released. */
async function moveClock(to: string): Promise<void> {
    const ingrid = (await stage.visit("Ingrid Solheim")).page
    const at = await ingrid.evaluate(async (instant) => {
        const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }
        const body = JSON.stringify({ to: instant })
        return (await fetch("/api/demo/clock", { method: "POST", headers, body })).status
    }, to)
    expect(at).toBe(200)
}

async function openTechnical(): Promise<void> {
    await goTo(page, "Warnings")
    await page.getByRole("main").getByRole("link", { name: "SharePoint Server" }).first().click()
    await atRest(page)
    await button(page.getByRole("region", { name: "Your copies", exact: true }), "Open technical.md").click()
    await button(dialog(), "Open with a passkey").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Open with a passkey").click()
}

test("an authenticator without a pseudo-random function makes no key, and the page says so", async () => {
    const before = await keyRows().count()
    await open()
    await dialog().getByText("This passkey does not sign you in.").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Make passkey").click()
    await dialog().getByText("this passkey cannot hold a key").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await ended()
    expect(await keyRows().count()).toBe(before)
})

test("a lead makes a key that a passkey holds, and saves its identity as a file", async () => {
    await martin.authenticator.remove()
    holder = await addAuthenticator(page, { hasPrf: true, isSynced: true })
    await open()
    await button(dialog(), "Make passkey").click()
    await dialog().getByText("The key is registered.").waitFor()
    await dialog().getByText("This passkey may be synced.").waitFor()
    await dialog().getByText("Save the identity as a file").click()
    expect(await axeFaults(page)).toEqual([])
    const saved = page.waitForEvent("download")
    await button(dialog(), "Save identity file").click()
    const file = fs.readFileSync(await (await saved).path(), "utf8")
    identity = /AGE-SECRET-KEY-1\w+/.exec(file)?.[0] ?? ""
    recipient = /age1\w+/.exec(file)?.[0] ?? ""
    expect(await dialog().locator(".hash").textContent()).toBe(recipient)
    await button(dialog(), "Done").click()
    await ended()
    await keyRow().getByText("waiting", { exact: true }).waitFor()
})

test("the passkey opens the test copy of its key, and of no other", async () => {
    await button(keyRow(), /Test/).click()
    await button(dialog(), "Open with a passkey").click()
    await ended()
    await keyRow().getByText("tested").waitFor()
    // The passkey gives the same key each time.
    await open()
    await button(dialog(), "Use an existing passkey").click()
    await dialog().getByText("already").waitFor()
    await page.keyboard.press("Escape")
    await ended()
    expect(await keyRow().count()).toBe(1)
})

test("the old key confirms the new one, which is usable at once", async () => {
    await button(keyRow(), /Confirm with your old key/).click()
    const saved = page.waitForEvent("download")
    await button(dialog(), "Save confirmation copy").click()
    const age = new Decrypter()
    age.addIdentity(stage.identityOf("Copperline Networks"))
    const text = await age.decrypt(fs.readFileSync(await (await saved).path()), "text")
    expect(text).toContain(recipient)
    await dialog()
        .getByLabel("Code in the confirmation copy")
        .fill(/(?:[A-Z2-9]{5}-){3}[A-Z2-9]{5}/.exec(text)?.[0] ?? "")
    await button(dialog(), "Confirm key").click()
    await ended()
    await keyRow().getByText("usable").waitFor()
})

test("the passkey opens a real copy of a released wave, and again after a reload", async () => {
    await moveClock("2025-07-04T18:00:00Z")
    await page.reload()
    for (const count of [1, 2]) {
        await openTechnical()
        await dialog()
            .getByRole("heading", { name: /^Root cause/ })
            .waitFor()
        expect(martin.sent.filter((item) => item.includes("/copy "))).toHaveLength(count)
        await page.reload()
        await page.getByRole("heading", { level: 1 }).waitFor()
    }
})

/** Makes a passkey like those of sign-in, with the hash of a person as its handle. */
async function makeSignInPasskey(): Promise<void> {
    await page.evaluate(async () => {
        const random = () => crypto.getRandomValues(new Uint8Array(32))
        await navigator.credentials.create({
            publicKey: {
                rp: { id: location.hostname, name: "Tocsin" },
                user: { id: random(), name: "martin", displayName: "Martin" },
                challenge: random(),
                pubKeyCredParams: [{ type: "public-key", alg: -7 }],
                authenticatorSelection: { residentKey: "required", userVerification: "required" },
                extensions: { prf: {} },
            },
        })
    })
}

test("without the passkey, or with one that signs in, the page says so and fetches nothing", async () => {
    await holder.remove()
    const fetched = martin.sent.filter((item) => item.includes("/copy")).length
    await addAuthenticator(page, { hasPrf: true })
    await openTechnical()
    await dialog().getByText("no passkey was used").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await makeSignInPasskey()
    await button(dialog(), "Open with a passkey").click()
    await dialog().getByText("this passkey signs you in").waitFor()
    expect(martin.sent.filter((item) => item.includes("/copy"))).toHaveLength(fetched)
})

test("the identity and the passkey never leave the browser", async () => {
    expect(identity).toMatch(/^AGE-SECRET-KEY-1\w{58}$/)
    const sent = martin.sent.join("\n")
    expect(sent).not.toContain(identity)
    expect(sent).not.toMatch(/clientDataJSON|attestationObject|authenticatorData/)
    expect(martin.faults.filter((fault) => !/status of 40[1349]/.test(fault))).toEqual([])
})

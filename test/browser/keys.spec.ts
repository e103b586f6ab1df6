/**
 * A partner tests its keys, an age key and an OpenPGP key for mail, and sets its notice filter. Axe checks every page.
 */
import fs from "node:fs"
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { generateKey } from "openpgp"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { formatCheckpoint, formatVerifierKey, signNote } from "@tocsin/audit-log/checkpoint"
import { signingNoteKey } from "@tocsin/audit-log/commands/node-keys"
import { parseTestCode } from "@tocsin/client/test-copy"
import { openOpenPgp, testCertificate, testRecipient } from "../support/doubles/openpgp.ts"
import { type Stage, type Visitor, axeFaults, goTo, openStage, openTab } from "./stage.ts"

let stage: Stage
let greta: Visitor
let page: Page
/** The recipient of the key that waits until staff accept it. */
let waiting: string
beforeAll(async () => {
    stage = await openStage()
    greta = await stage.visit("Greta Nyström")
    page = greta.page
    await goTo(page, "Keys")
})
afterAll(async () => await stage.close())

const button = (at: Page | Locator, name: string | RegExp) => at.getByRole("button", { name })
const dialog = () => page.getByRole("dialog")
const section = (on: Page, name: string) => on.getByRole("region", { name, exact: true })
const ended = () => dialog().waitFor({ state: "detached" })

test("a new key opens a test copy while it waits, and the page says so", async () => {
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    waiting = recipient
    await button(page, "Add key…").click()
    await dialog().getByLabel("Public recipient").fill(recipient)
    await button(dialog(), "Add key").click()
    await ended()
    const row = section(page, "Keys")
        .getByRole("row")
        .filter({ hasText: recipient.slice(0, 20) })
    await button(row, /Test/).click()
    const saved = page.waitForEvent("download")
    await button(dialog(), "Save test copy").click()
    const file = await saved
    expect(file.suggestedFilename()).toBe("test-copy.txt.age")
    const age = new Decrypter()
    age.addIdentity(identity)
    const text = await age.decrypt(fs.readFileSync(await file.path()), "text")
    const field = dialog().getByLabel("Code in the test copy")
    await field.fill("AAAAA-AAAAA-AAAAA-AAAAA")
    await button(dialog(), "Confirm code").click()
    await dialog().getByText("not the code").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await field.fill(/(?:[A-Z2-9]{5}-){3}[A-Z2-9]{5}/.exec(text)?.[0] ?? "")
    await button(dialog(), "Confirm code").click()
    await ended()
    await row.getByText("tested").waitFor()
    await row.getByText("waiting", { exact: true }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    expect(greta.sent.join("\n")).not.toContain(identity)
})

test("a usable key confirms a new one by the code in a copy that only its identity opens", async () => {
    const recipient = await identityToRecipient(await generateX25519Identity())
    await button(page, "Add key…").click()
    await dialog().getByLabel("Public recipient").fill(recipient)
    await button(dialog(), "Add key").click()
    await ended()
    const row = section(page, "Keys")
        .getByRole("row")
        .filter({ hasText: recipient.slice(0, 20) })
    await button(row, /Confirm with your old key/).click()
    await dialog().getByText(recipient).waitFor()
    expect(await axeFaults(page)).toEqual([])
    const saved = page.waitForEvent("download")
    await button(dialog(), "Save confirmation copy").click()
    const age = new Decrypter()
    age.addIdentity(stage.identityOf("Oakhurst Mail Filtering"))
    const text = await age.decrypt(fs.readFileSync(await (await saved).path()), "text")
    expect(text).toContain(`Recipient: ${recipient}`)
    const field = dialog().getByLabel("Code in the confirmation copy")
    await field.fill("AAAAA-AAAAA-AAAAA-AAAAA")
    await button(dialog(), "Confirm key").click()
    await dialog().getByText("not the code").waitFor()
    await field.fill(/(?:[A-Z2-9]{5}-){3}[A-Z2-9]{5}/.exec(text)?.[0] ?? "")
    await button(dialog(), "Confirm key").click()
    await ended()
    await row.getByText("usable", { exact: true }).waitFor()
    await button(row, /Revoke/).click()
    await button(dialog(), "Revoke key").click()
    await row.getByText("revoked").waitFor()
})

test("an OpenPGP key for copies is added from its armour, and opens its test copy outside the browser", async () => {
    await button(page, "Add key…").click()
    const field = dialog().getByLabel("Public recipient")
    await field.fill("-----BEGIN PGP PRIVATE KEY BLOCK-----")
    await button(dialog(), "Add key").click()
    await dialog().getByText("this is a private key").waitFor()
    await field.fill(await testCertificate())
    await button(dialog(), "Add key").click()
    await ended()
    const row = section(page, "Keys")
        .getByRole("row")
        .filter({ hasText: testRecipient.slice(0, 20) })
    await row.getByText("OpenPGP", { exact: true }).waitFor()
    await button(row, /Test/).click()
    await dialog().getByText("gpg --decrypt").waitFor()
    expect(await button(dialog(), "Open with a passkey").count()).toBe(0)
    const saved = page.waitForEvent("download")
    await button(dialog(), "Save test copy").click()
    const file = await saved
    expect(file.suggestedFilename()).toBe("test-copy.txt.pgp")
    const text = await openOpenPgp(fs.readFileSync(await file.path()))
    await dialog()
        .getByLabel("Code in the test copy")
        .fill(parseTestCode(text) ?? "")
    expect(await axeFaults(page)).toEqual([])
    await button(dialog(), "Confirm code").click()
    await ended()
    await row.getByText("tested").waitFor()
    await button(row, /Confirm with your old key/).click()
    await dialog().getByText(testRecipient).waitFor()
    await button(dialog(), "Save confirmation copy").waitFor()
    await page.keyboard.press("Escape")
    await ended()
    await button(row, /Revoke/).click()
    await button(dialog(), "Revoke key").click()
    await row.getByText("revoked").waitFor()
})

test("a key for mail is checked at its field, usable at once, visible to staff, and revocable", async () => {
    const locator = section(page, "Mail keys")
    await locator.getByText("No mail keys yet").waitFor()
    const { privateKey, publicKey } = await generateKey({
        type: "ecc",
        curve: "ed25519Legacy",
        userIDs: [{ name: "PSIRT" }],
        format: "armored",
        date: new Date("2025-01-01T00:00:00Z"),
    })
    await button(page, "Add mail key…").click()
    const field = dialog().getByLabel("Public key")
    await field.fill(privateKey)
    await button(dialog(), "Add mail key").click()
    await dialog().getByText("this is a private key").waitFor()
    expect(await axeFaults(page)).toEqual([])
    expect(greta.sent.join("\n")).not.toContain("PRIVATE KEY")
    await field.fill(publicKey)
    await button(dialog(), "Add mail key").click()
    await ended()
    const row = locator.getByRole("row").last()
    await row.getByText("usable").waitFor()
    expect(await axeFaults(page)).toEqual([])

    const ingrid = (await stage.visit("Ingrid Solheim")).page
    await goTo(ingrid, "Partners")
    await ingrid.getByRole("row").filter({ hasText: "Sundial" }).getByText("untested").waitFor()
    await ingrid.getByRole("link", { name: "Oakhurst Mail Filtering" }).click()
    await openTab(ingrid, "Partner", "Keys and people")
    await section(ingrid, "Keys").getByText("OpenPGP key for mail").first().waitFor()
    expect(await axeFaults(ingrid)).toEqual([])

    await button(row, /Revoke/).click()
    await button(dialog(), "Revoke key").click()
    await row.getByText("revoked").waitFor()
})

test("the notice filter is set by keyboard, checked at its field, and hidden from staff", async () => {
    await goTo(page, "Notices")
    const locator = section(page, "Notice filter")
    await locator.getByText("No products listed").waitFor()
    const change = button(locator, "Change products…")
    await change.focus()
    await page.keyboard.press("Enter")
    await dialog().waitFor()
    for (const _ of ["Close", "Products"]) await page.keyboard.press("Tab")
    await page.keyboard.type("Quillfeather\nMicrosoft;")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await dialog().getByText("a product needs a letter or a digit").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Control+End")
    await page.keyboard.type(" SharePoint\n quill-feather")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await ended()
    const rows = locator.getByRole("row")
    await rows.filter({ hasText: "Microsoft" }).getByText("SharePoint").waitFor()
    await rows.filter({ hasText: "Quillfeather" }).getByText("all products").waitFor()
    expect(await rows.count()).toBe(3)
    expect(await axeFaults(page)).toEqual([])

    const ingrid = (await stage.visit("Ingrid Solheim")).page
    await goTo(ingrid, "Partners")
    await ingrid.getByRole("link", { name: "Oakhurst Mail Filtering" }).click()
    await openTab(ingrid, "Partner", "Keys and people")
    await section(ingrid, "Keys").waitFor()
    expect(await ingrid.getByText("Quillfeather").count()).toBe(0)

    await change.click()
    await dialog().getByLabel("Products").fill("")
    await button(dialog(), "Save").click()
    await ended()
    await locator.getByText("No products listed").waitFor()
})

test("a partner loses its only key: a manager requests, another signs, and the new key is active at once", async () => {
    await goTo(page, "Keys")
    const keys = section(page, "Keys")
    const rows = keys.getByRole("row")
    const [old, added] = [rows.nth(1), rows.filter({ hasText: waiting.slice(0, 20) })]
    const ingrid = (await stage.visit("Ingrid Solheim")).page
    await goTo(ingrid, "Partners")
    await ingrid.getByRole("link", { name: "Oakhurst Mail Filtering" }).click()
    await openTab(ingrid, "Partner", "Keys and people")
    const locator = section(ingrid, "Keys")
    await locator.waitFor()
    await button(old, /Revoke/).click()
    await dialog().getByText("until the operator accepts one").waitFor()
    await button(dialog(), "Revoke key").click()
    await old.getByText("revoked").waitFor()
    await added.getByText("waiting", { exact: true }).waitFor()
    await ingrid.reload()
    await button(locator, "Accept key…").press("Enter")
    await ingrid.getByRole("dialog").getByText("have it read the key aloud").waitFor()
    expect(await axeFaults(ingrid)).toEqual([])
    await button(ingrid.getByRole("dialog"), "Request approval").press("Enter")
    await ingrid.getByRole("dialog").waitFor({ state: "detached" })

    const kofi = (await stage.visit("Kofi Boateng", "dark")).page
    const request = kofi.getByRole("article", { name: "Accept a partner's new key" })
    await request.getByText(/age1/).first().waitFor()
    expect(await axeFaults(kofi)).toEqual([])
    await button(request, "Sign…").press("Enter")
    await button(kofi.getByRole("dialog"), "Sign as Kofi Boateng").press("Enter")
    await kofi.getByRole("dialog").waitFor({ state: "detached" })

    await goTo(ingrid, "Overview")
    await button(ingrid.getByRole("article", { name: "Accept a partner's new key" }), "Apply").click()
    await goTo(ingrid, "Partners")
    await ingrid.getByRole("link", { name: "Oakhurst Mail Filtering" }).click()
    await openTab(ingrid, "Partner", "Keys and people")
    await locator.getByText("accepted", { exact: true }).waitFor()
    expect(await axeFaults(ingrid)).toEqual([])
    await page.reload()
    await added.getByText("usable", { exact: true }).waitFor()
})

test("the receipt log is compared with the one that this browser has seen", async () => {
    const martin = (await stage.visit("Martin Achterberg")).page
    await goTo(martin, "Receipts")
    const known = /^(This browser now knows the receipt log|The receipt log only grew)$/
    const band = martin.getByRole("status", { name: "Verification" })
    await band.getByText(known).waitFor()
    await martin.reload()
    await band.getByText(/^Contains the \d+ (batch|batches) that this browser has seen$/).waitFor()
    const memory = "tocsin receipt log"
    const other = signingNoteKey("ed25519", new Uint8Array(32), () => "tocsin.example/receipts")
    const text = formatCheckpoint({ origin: other.name, size: 1, root: new Uint8Array(32) })
    const kept = { verifierKey: formatVerifierKey(other), checkpoint: signNote(text, other, other.sign) }
    await martin.evaluate(([name, stored]) => localStorage.setItem(name, stored), [
        memory,
        JSON.stringify({ kept }),
    ] as const)
    await martin.reload()
    const alarm = martin.getByRole("alert", { name: "Verification" })
    await alarm.getByText("The receipt log has another key").waitFor()
    await martin.route("**/api/receipt-log/**", (route) => route.abort())
    await martin.reload()
    await alarm.getByText("The receipt log has another key").waitFor()
    await martin.unroute("**/api/receipt-log/**")
    expect(await axeFaults(martin)).toEqual([])
    expect(await button(alarm, "Forget the earlier log").count()).toBe(0)
    const [file] = await Promise.all([martin.waitForEvent("download"), button(alarm, "Save both checkpoints").click()])
    expect(file.suggestedFilename()).toBe("receipt-log-checkpoints.json")
    await button(alarm, "Forget the earlier log").click()
    await band.getByText(known).waitFor()
})

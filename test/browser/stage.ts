/** A program in a separate process, and a browser that records every fault of a page. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { type Browser, type CDPSession, type Locator, type Page, type Request, chromium } from "playwright-core"
import { findChromium } from "../../scripts/chromium.ts"
import { buildIfStale } from "../../scripts/web.ts"
import { openPostOffice } from "../support/doubles/post-office.ts"

const root = path.join(import.meta.dirname, "../..")
const axeSource = fs.readFileSync(path.join(root, "node_modules/axe-core/axe.min.js"), "utf8")

export interface Visitor {
    readonly page: Page
    /** The page's faults: script errors, refused sources, failed requests. */
    readonly faults: readonly string[]
    /** Everything that the page sent: addresses, headers and bodies. */
    readonly sent: readonly string[]
    /** Makes sign-in passkeys only. */
    readonly authenticator: Authenticator
}

export interface Stage {
    /** Opens a browser, signed in by the link of this person. */
    visit(person: string, scheme?: "light" | "dark"): Promise<Visitor>
    /** Returns the last sign-in link that the demonstration printed for this address. */
    mailedLink(to: string): Promise<string>
    /** Returns a reusable token of this person. */
    linkOf(person: string): string
    /** Returns a partner's age identity. */
    identityOf(partner: string): string
    /** The port of the canaries' HTTP listener; 0 without a zone. */
    readonly canaryPort: number
    close(): Promise<void>
}

interface StageOptions {
    readonly canaryZone?: string
    /** With the year before the start, which takes longer. */
    readonly hasHistory?: boolean
}

export async function openStage({ canaryZone, hasHistory = false }: StageOptions = {}): Promise<Stage> {
    const zone = canaryZone === undefined ? [] : ["--canary-zone", canaryZone]
    const history = hasHistory ? [] : ["--no-history"]
    const demonstration = ["demo", ...history, "--console-port", "0", "--portal-port", "0", ...zone]
    const browser = await openBrowser()
    const { program, notified: printed } = await start(demonstration, "Stop with Ctrl-C")
    const message = printed()
    const lineOf = (start: string) => message.split("\n").find((line) => line.trim().startsWith(start)) ?? ""
    const linkOf = (person: string) => {
        const link = /http:\S+/.exec(lineOf(person))?.[0]
        if (link === undefined) throw new Error(`the demonstration has no link for ${person}`)
        return link
    }
    return {
        visit: async (person, scheme = "light") => await signedIn(browser, linkOf(person), scheme),
        linkOf,
        mailedLink: (to) => soon(() => linesAfter(printed(), `Mail to ${to}: `).at(-1)),
        identityOf: (partner) => /AGE-SECRET-KEY-1\w+/.exec(lineOf(partner))?.[0] ?? "",
        canaryPort: Number(/HTTP on (\d+)/.exec(lineOf("Canaries"))?.[1] ?? 0),
        close: async () => {
            await browser.close()
            await stop(program)
        },
    }
}

/** Starts a program that was just founded, and is empty. */
export interface Founded {
    /** The sign-in links of the two founders: the requester and the signer. */
    readonly links: readonly [string, string]
    enter(link: string, scheme?: "light" | "dark"): Promise<Visitor>
    /** Returns the `n`th mailed sign-in link for this address. */
    mailedLink(to: string, n: number): Promise<string>
    close(): Promise<void>
}

export async function openFounded(names: readonly [string, string], more: readonly string[] = []): Promise<Founded> {
    const browser = await openBrowser()
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-founded-"))
    const at = ["--data", path.join(folder, "data"), "--key-file", path.join(folder, "key")]
    const operators = names.flatMap((name, n) => ["--operator", `${name} <${n}@operator.example>`])
    const init = ["server/src/main.ts", "init", ...at, ...operators, "--json"]
    const founded = JSON.parse(execFileSync(process.execPath, init, { cwd: root, encoding: "utf8" })) as {
        operators: { link: string }[]
    }
    const office = await openPostOffice()
    const mail = ["--smtp-url", office.url, "--mail-from", "notices@operator.example"]
    const ports = ["--console-port", "0", "--portal-port", "0"]
    const { program, notified: describe } = await start(
        ["serve", ...at, ...ports, ...mail, ...more, "--json", "--log-level", "error"],
        "}\n",
    )
    const { console: side } = JSON.parse(describe()) as { console: { address: string } }
    const [first = "", second = ""] = founded.operators.map(
        ({ link }) => `${side.address}/sign-in${new URL(link).hash}`,
    )
    return {
        links: [first, second],
        enter: (link, scheme = "light") => signedIn(browser, link, scheme),
        mailedLink: (to, n) =>
            soon(() => {
                const texts = office.delivered
                    .filter((delivered) => delivered.to === to)
                    .map(({ parsed }) => parsed.text ?? "")
                return texts.flatMap((text) => /http\S+\/sign-in#\S+/.exec(text)?.[0] ?? [])[n]
            }),
        close: async () => {
            await browser.close()
            await stop(program)
            await office.close()
            fs.rmSync(folder, { recursive: true, force: true })
        },
    }
}

async function openBrowser(): Promise<Browser> {
    const executablePath = findChromium()
    if (executablePath === null) throw new Error("no chromium here")
    return await chromium.launch({ executablePath, args: ["--no-sandbox"] })
}

const linesAfter = (text: string, start: string): string[] =>
    text.split("\n").flatMap((line) => (line.startsWith(start) ? line.slice(start.length) : []))

/** Waits until there is a result. */
async function soon(found: () => string | undefined): Promise<string> {
    for (let n = 0; n < 600; n++) {
        const text = found()
        if (text !== undefined) return text
        await wait(100)
    }
    throw new Error("no mail came")
}

/** Runs until the output is complete; `told` is the output so far. */
async function start(
    args: readonly string[],
    until: string,
): Promise<{ program: ChildProcess; notified: () => string }> {
    await buildIfStale()
    const program = spawn(process.execPath, ["server/src/main.ts", ...args], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
    })
    // A run that is stopped leaves no program behind.
    process.once("exit", () => program.kill("SIGKILL"))
    let message = ""
    await new Promise<void>((resolve, reject) => {
        program.stdout.on("data", (piece: Buffer) => {
            message += piece.toString()
            if (message.includes(until)) resolve()
        })
        program.once("exit", (code) => reject(new Error(`the program ended with ${code}`)))
    })
    return { program, notified: () => message }
}

async function stop(program: ChildProcess): Promise<void> {
    program.kill("SIGTERM")
    await new Promise((resolve) => program.once("exit", resolve))
}

const devtoolsByPage = new WeakMap<Page, CDPSession>()

/** One session for each page: if another one detached, the authenticator would be gone. */
async function devtoolsOf(page: Page): Promise<CDPSession> {
    const devtools = devtoolsByPage.get(page) ?? (await page.context().newCDPSession(page))
    devtoolsByPage.set(page, devtools)
    return devtools
}

interface AuthenticatorOptions {
    /** Passkeys have a pseudo-random function. */
    readonly hasPrf: boolean
    readonly isSynced?: boolean
}

export interface Authenticator {
    remove(): Promise<void>
}

/** Gives the browser an authenticator that always verifies its user. */
export async function addAuthenticator(
    page: Page,
    { hasPrf, isSynced = false }: AuthenticatorOptions,
): Promise<Authenticator> {
    const devtools = await devtoolsOf(page)
    await devtools.send("WebAuthn.enable")
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
        options: {
            protocol: "ctap2",
            ctap2Version: "ctap2_1",
            transport: "internal",
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            automaticPresenceSimulation: true,
            hasPrf,
            defaultBackupEligibility: isSynced,
            defaultBackupState: isSynced,
        },
    })
    return {
        remove: async () => {
            await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId })
        },
    }
}

async function signedIn(browser: Browser, link: string, colorScheme: "light" | "dark"): Promise<Visitor> {
    const context = await browser.newContext({ colorScheme, timezoneId: "Europe/Oslo" })
    // A loaded machine answers slowly.
    context.setDefaultTimeout(90_000)
    const page = await context.newPage()
    const authenticator = await addAuthenticator(page, { hasPrf: false })
    const faults: string[] = []
    const sent: string[] = []
    page.on("console", (line) => {
        if (line.type() === "error") faults.push(`${line.text()} ${line.location().url}`)
    })
    page.on("pageerror", (error) => faults.push(error.message))
    countAsked(page)
    page.on("request", (item) => sent.push(`${item.url()} ${JSON.stringify(item.headers())} ${item.postData() ?? ""}`))
    await page.goto(link)
    await page.waitForURL(({ pathname }) => pathname === "/")
    await page.getByRole("heading", { level: 1 }).waitFor()
    await atRest(page)
    return { page, faults, sent, authenticator }
}

const underWay = new WeakMap<Page, Set<Request>>()

function countAsked(page: Page): void {
    const requests = new Set<Request>()
    underWay.set(page, requests)
    page.on("request", (item) => item.resourceType() === "fetch" && requests.add(item))
    page.on("requestfinished", (item) => requests.delete(item))
    page.on("requestfailed", (item) => requests.delete(item))
}

/** Pages that are tabs of a part of the app. */
const partOf: Readonly<Record<string, string>> = {
    "Regulatory clocks": "Schedule",
    "Default schedule": "Schedule",
    Applications: "Partners",
    "Requirements and tiers": "Partners",
    Agreement: "Partners",
    "Program rules": "Policy",
    Inquiries: "Leaks",
    Evidence: "Leaks",
    Exposure: "Leaks",
    Canaries: "Leaks",
    "Cross-case evidence": "Leaks",
    Measures: "Leaks",
    "People and access": "Settings",
    Regimes: "Settings",
    Clocks: "Settings",
    Embargoes: "To do",
    Questions: "Messages",
    Letters: "Messages",
    Requirements: "To do",
    "People of Organisation": "Organisation",
    "Agreement of Organisation": "Organisation",
    Keys: "Organisation",
    Machines: "Organisation",
    Notices: "Organisation",
    Duties: "Organisation",
    "Your access": "Organisation",
}

/** Goes to a page by the navigation, and by the tab of its part. A count may follow a name. */
export async function goTo(page: Page, name: string): Promise<void> {
    const part = partOf[name]
    // Both apps have a tab of this name: the part distinguishes them.
    const tabName = part === undefined ? name : name.replace(` of ${part}`, "")
    if (part !== undefined) {
        await linkIn(page.getByRole("navigation", { name: /^(Main|Program)$/ }), part).click()
        const tab = linkIn(page.getByRole("navigation", { name: part, exact: true }), tabName)
        // A viewer who may see one page of a part gets no tabs.
        const hasTabs = await tab.waitFor({ timeout: 5000 }).then(
            () => true,
            () => false,
        )
        if (hasTabs) await tab.click()
    } else await linkIn(page.getByRole("navigation", { name: /^(Main|Program)$/ }), name).click()
    await atRest(page)
}

const linkIn = (subject: Locator, name: string): Locator =>
    subject.getByRole("link", { name: new RegExp(`^${name}( ?\\d+)?$`) })

/** Replaces an editor's text: selects all and pastes. */
export async function paste(field: Locator, text: string): Promise<void> {
    // A field that cannot be changed is there until the editor has loaded.
    const editor = field.and(field.page().locator("[contenteditable=true]"))
    await editor.click()
    await editor.press("ControlOrMeta+a")
    await editor.evaluate((element, value) => {
        const clipboardData = new DataTransfer()
        clipboardData.setData("text/plain", value)
        element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
    }, text)
}

/** Opens a tab of the open case, inquiry or warning. */
export async function openTab(page: Page, label: string, name: string): Promise<void> {
    await linkIn(page.getByRole("navigation", { name: label, exact: true }), name).click()
    await atRest(page)
}

/** Opens the page's menu of rare actions and chooses one. */
export async function chooseAction(page: Page, action: string): Promise<void> {
    await chooseFrom(page, "Actions", action)
}

/** Opens the menu of this name and chooses an action. */
export async function chooseFrom(at: Page | Locator, menu: string, action: string): Promise<void> {
    await at.getByRole("button", { name: menu, exact: true }).click()
    await ("page" in at ? at.page() : at).getByRole("menuitem", { name: action }).click()
}

/** Opens the viewer's menu and chooses an action. */
export async function chooseOwn(page: Page, action: string): Promise<void> {
    await page.getByRole("button", { name: /: your account$/ }).click()
    await page.getByRole("menuitem", { name: action }).click()
}

const pressed = new WeakMap<Page, { count: number }>()

/** Counts the clicks on these pages from now on, as a person makes them. Typing and keys are not clicks. */
export async function countClicks(...pages: readonly Page[]): Promise<() => number> {
    const counters: { count: number }[] = []
    for (const page of pages) {
        const counter = pressed.get(page) ?? { count: 0 }
        counters.push(counter)
        if (pressed.has(page)) continue
        pressed.set(page, counter)
        await page.exposeFunction("countClick", () => counter.count++)
        const listen = () => {
            const { countClick } = globalThis as unknown as { countClick: () => Promise<void> }
            addEventListener("pointerdown", ({ isTrusted }) => isTrusted && void countClick(), { capture: true })
        }
        await page.addInitScript(listen)
        await page.evaluate(listen)
    }
    const total = () => counters.reduce((sum, { count }) => sum + count, 0)
    const before = total()
    return () => total() - before
}

/** Prints the clicks of a journey, and returns whether they are few enough. */
export function areFewClicks(journey: string, clicks: number, most: number): boolean {
    console.log(`${journey}: ${clicks} clicks, at most ${most}`)
    return clicks <= most
}

/** Waits until the page has sent no request for a moment, because late content moves buttons. */
export async function atRest(page: Page): Promise<void> {
    const request = underWay.get(page)
    if (request === undefined) throw new Error("nobody counts what this page asks for")
    for (let quiet = 0; quiet < 8; quiet = request.size === 0 ? quiet + 1 : 0) await wait(25)
}

/** Presses the Tab key until the focus is there. */
export async function walkTo(goal: Locator): Promise<void> {
    await goal.waitFor()
    for (let steps = 0; steps < 120; steps++) {
        if (await goal.evaluate((it) => it === document.activeElement)) return
        await goal.page().keyboard.press("Tab")
    }
    throw new Error("the Tab key does not lead there")
}

let looks = 0

/** Returns axe's violations on the page, each with its elements. `PICTURES` names a folder for screenshots. */
export async function axeFaults(page: Page): Promise<string[]> {
    const folder = process.env["PICTURES"]
    if (folder !== undefined) await page.screenshot({ path: path.join(folder, `${++looks}.png`), fullPage: true })
    const devtools = await devtoolsOf(page)
    const there = await devtools.send("Runtime.evaluate", { expression: "typeof axe" })
    if (there.result.value === "undefined") await devtools.send("Runtime.evaluate", { expression: axeSource })
    // Colours in a transition fail the contrast check, so finite animations are awaited.
    const settled = `Promise.allSettled(document.getAnimations()
        .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
        .map((one) => one.finished))`
    const expression = `${settled}.then(() => axe.run()).then(({ violations }) => violations.map((one) =>
        one.id + ": " + one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")))`
    const run = { expression, awaitPromise: true, returnByValue: true }
    const { result } = await devtools.send("Runtime.evaluate", run)
    return result.value as string[]
}

export function browserOf(page: Page): Browser {
    const browser = page.context().browser()
    if (browser === null) throw new Error("the page has no browser")
    return browser
}

/** Everything that this browser stores for the page, as text. */
export async function readDrafts(page: Page): Promise<{ readonly records: number; readonly text: string }> {
    return await page.evaluate(async () => {
        const answered = <T>(request: IDBRequest<T>) =>
            new Promise<T>((resolve, reject) => {
                request.addEventListener("success", () => resolve(request.result))
                request.addEventListener("error", () => reject(request.error ?? new Error("no answer")))
            })
        const opening = indexedDB.open("tocsin", 1)
        opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("drafts"))
        const database = await answered(opening)
        const drafts = database.transaction("drafts").objectStore("drafts")
        const [keys, records] = [await answered(drafts.getAllKeys()), await answered(drafts.getAll())]
        database.close()
        const bytes = (records as { iv: Uint8Array; box: ArrayBuffer }[]).flatMap(({ iv, box }) => [
            new TextDecoder("latin1").decode(iv),
            new TextDecoder("latin1").decode(box),
        ])
        const others = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
        return { records: records.length, text: [...keys.map(String), ...bytes, ...others].join("\n") }
    })
}

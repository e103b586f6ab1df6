/** The demonstration in a process of its own, and a browser in front of it that notes whatever goes wrong in a page. */
import { type ChildProcess, spawn } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { type Browser, type Page, chromium } from "playwright-core"
import { findChromium } from "../../scripts/chromium.ts"

const root = path.join(import.meta.dirname, "../..")
const axeSource = fs.readFileSync(path.join(root, "node_modules/axe-core/axe.min.js"), "utf8")

export interface Visitor {
    readonly page: Page
    /** What the page complained about: errors of scripts, refused sources, failed requests. */
    readonly faults: readonly string[]
    /** Everything that the page sent: addresses, headers and bodies. */
    readonly sent: readonly string[]
}

export interface Stage {
    /** A browser of one's own, signed in by the link of this person. */
    visit(person: string, scheme?: "light" | "dark"): Promise<Visitor>
    /** The age identity of a partner. */
    identityOf(partner: string): string
    close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
    const { program, told } = await startDemonstration()
    const executablePath = findChromium()
    if (executablePath === null) throw new Error("no chromium here")
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
    const lineOf = (start: string) => told.split("\n").find((line) => line.trim().startsWith(start)) ?? ""
    return {
        visit: async (person, scheme = "light") => {
            const link = /http:\S+/.exec(lineOf(person))?.[0]
            if (link === undefined) throw new Error(`the demonstration has no link for ${person}`)
            return await signedIn(browser, link, scheme)
        },
        identityOf: (partner) => /AGE-SECRET-KEY-1\w+/.exec(lineOf(partner))?.[0] ?? "",
        close: async () => {
            await browser.close()
            program.kill("SIGTERM")
            await new Promise((resolve) => program.once("exit", resolve))
        },
    }
}

async function startDemonstration(): Promise<{ program: ChildProcess; told: string }> {
    const args = ["src/main.ts", "demo", "--console-port", "0", "--portal-port", "0"]
    const program = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] })
    let told = ""
    await new Promise<void>((resolve, reject) => {
        program.stdout.on("data", (piece: Buffer) => {
            told += piece.toString()
            if (told.includes("Stop with Ctrl-C")) resolve()
        })
        program.once("exit", (code) => reject(new Error(`the demonstration ended with ${code}`)))
    })
    return { program, told }
}

async function signedIn(browser: Browser, link: string, colorScheme: "light" | "dark"): Promise<Visitor> {
    const context = await browser.newContext({ colorScheme, timezoneId: "Europe/Oslo" })
    const page = await context.newPage()
    const faults: string[] = []
    const sent: string[] = []
    page.on("console", (line) => {
        if (line.type() === "error") faults.push(`${line.text()} ${line.location().url}`)
    })
    page.on("pageerror", (error) => faults.push(error.message))
    page.on("request", (one) => sent.push(`${one.url()} ${JSON.stringify(one.headers())} ${one.postData() ?? ""}`))
    await page.goto(link)
    await page.waitForURL(({ pathname }) => pathname === "/")
    await page.getByRole("heading", { level: 1 }).waitFor()
    return { page, faults, sent }
}

/** What axe finds wrong with the page as it stands, each with the elements. */
export async function axeFaults(page: Page): Promise<string[]> {
    const devtools = await page.context().newCDPSession(page)
    await devtools.send("Runtime.evaluate", { expression: axeSource })
    const expression = `axe.run().then(({ violations }) => violations.map((one) =>
        one.id + ": " + one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")))`
    const run = { expression, awaitPromise: true, returnByValue: true }
    const { result } = await devtools.send("Runtime.evaluate", run)
    await devtools.detach()
    return result.value as string[]
}

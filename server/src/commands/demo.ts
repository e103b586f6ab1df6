/**
 * Runs `tocsin demo`: the ToolShell program on a private PostgreSQL with its own clock, console and portal. It makes
 * keys and reusable sign-in links, so it refuses the folder of any other program.
 */
import { setTimeout as pause } from "node:timers/promises"
import fs from "node:fs"
import path from "node:path"
import type { Command } from "commander"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { setDemoTarget, demoClock, findDemoTarget, realNow } from "../platform/time/clock.ts"
import { highWaterPath, openHighWater } from "../kernel/high-water.ts"
import { createKeyFile, readKeyFile } from "../platform/crypto/keys.ts"
import { type Log, openLog } from "../platform/log/log.ts"
import type { Mail } from "../platform/mail/mail.ts"
import { startPostgres } from "../platform/postgres/postgres.ts"
import { defaultPublisher } from "../platform/config/publisher.ts"
import { machineSources } from "../platform/time/clock-sources.ts"
import { refuse } from "@tocsin/base/refusal"
import { historyUntil } from "../demo/history/history.ts"
import { makeClockJob } from "../demo/move-clock.ts"
import { routes as demoRoutes } from "../demo/routes.ts"
import { type SeededProgram, seed } from "../demo/seed.ts"
import { demoStart } from "../demo/toolshell.ts"
import { isZone } from "@tocsin/marks/canary"
import { spoolTouches } from "../share/canaries/actions/record-touches.ts"
import { listCaseFiles } from "../share/cases/actions/load-case.ts"
import { dataName, makeDemoFolder, removeDemoFolder, removeLeftovers } from "./demo-folder.ts"
import { buildServices, openMigrated } from "./services.ts"
import { type CanaryListeners, openCanaryListeners } from "./canary-listeners.ts"
import { openListeners } from "./listeners.ts"
import { assertWritable } from "./output.ts"
import { untilStopped } from "./stop.ts"
import { hasAnyEvent } from "../kernel/action-context.ts"
import { guardDatabase } from "../trust/continuity/actions/guard-database.ts"

interface Flags {
    readonly data?: string
    readonly consolePort: string
    readonly portalPort: string
    readonly credentials?: string
    readonly clock?: string
    readonly canaryZone?: string
    readonly history: boolean
}

/** Shorter than in service, so that receipts come at once. */
const receiptsIntervalMs = 5000
/** Northlight is an invented publisher that assigns CVE ids in the story only. */
const publisherSettings = {
    ...defaultPublisher,
    name: "Northlight PSIRT",
    contact: "psirt@northlight.example",
    cna: { orgId: "6a1f1bd2-6d3c-4a52-9d27-0c5d8e1f2a3b", shortName: "northlight" },
}
/** People are invented, so mail counts as delivered. Sign-in links are printed. */
const demoMail: Mail = {
    send: async ({ to, text }) => {
        const link = /^ +(http\S+\/sign-in#\S+)$/m.exec(text)?.[1]
        if (link !== undefined) process.stdout.write(`Mail to ${to}: ${link}\n`)
    },
}

/** Adds `tocsin demo` to the program. */
export function demoCommand(program: Command): void {
    program
        .command("demo")
        .description("Run the ToolShell demonstration in one process, in a temporary folder")
        .option("--data <dir>", "keep the data in this folder (default: a temporary one, removed at the end)")
        .option("--console-port <n>", "port of the operator's console", "8440")
        .option("--portal-port <n>", "port of the partners' portal", "8441")
        .option("--credentials <file>", "write addresses, tokens and identities as JSON once the server answers")
        .option("--clock <instant>", "the instant at which the demonstration's clock starts")
        .option("--canary-zone <domain>", "a domain for canaries, with their listener on this machine")
        .option("--no-history", "start sooner, with twelve partners and one case")
        .action(runDemo)
}

async function runDemo(flags: Flags): Promise<void> {
    validateZone(flags.canaryZone)
    if (flags.credentials !== undefined) assertWritable(flags.credentials)
    const untilStopSignal = untilStopped()
    const log = openLog("warn")
    await removeLeftovers(log)
    if (flags.data !== undefined) {
        const folder = path.resolve(flags.data)
        return await runIn(folder, `${folder}-secrets`, flags, log, untilStopSignal)
    }
    const temporary = makeDemoFolder()
    try {
        await runIn(path.join(temporary, dataName), temporary, flags, log, untilStopSignal)
    } finally {
        removeDemoFolder(temporary)
    }
}

/** Runs the demonstration. `secretsFolder` is next to the data, and contains the key and the people file. */
async function runIn(
    folder: string,
    secretsFolder: string,
    flags: Flags,
    log: Log,
    untilStopSignal: Promise<void>,
): Promise<void> {
    fs.mkdirSync(secretsFolder, { recursive: true, mode: 0o700 })
    const postgres = await startPostgres(folder, { log })
    try {
        const keyFile = path.join(secretsFolder, "key")
        if (!fs.existsSync(keyFile)) createKeyFile(keyFile, folder)
        const { db, keys } = await openMigrated(postgres.url, readKeyFile(keyFile, folder), log)
        const clockSources = machineSources("one_clock")
        const highWater = openHighWater(keyFile, keys)
        const parts = {
            keys,
            highWater,
            clock: demoClock,
            clockSources,
            mail: demoMail,
            log,
            receiptsIntervalMs,
            publisherSettings,
            signsWithPasskeys: false,
        }
        const canaryZone = flags.canaryZone ?? null
        const services = buildServices(db, { ...parts, canaryZone })
        // A folder whose data was removed starts again, without the checkpoints of the earlier demonstration.
        if (!(await services.db.transaction(hasAnyEvent))) fs.rmSync(highWaterPath(keyFile), { force: true })
        const connection = { url: postgres.url, peopleFile: path.join(secretsFolder, "people.json") }
        await serveDemo(services, flags, connection, Promise.race([untilStopSignal, postgres.lost]))
        await services.db.close()
    } finally {
        await postgres.stop()
    }
}

interface DemoConnection {
    readonly url: string
    readonly peopleFile: string
}

async function serveDemo(
    services: DemoServices,
    flags: Flags,
    { url, peopleFile }: DemoConnection,
    untilEnded: Promise<unknown>,
): Promise<void> {
    const start = flags.clock === undefined ? demoStart : parseInstant(flags.clock)
    const seeded = await loadOrSeed(
        { ...services, portalOrigin: `http://localhost:${port(flags.portalPort)}` },
        peopleFile,
        Math.min(start, demoStart),
        flags.history,
    )
    await guardDatabase(services)
    const listening = await openListeners({
        services,
        databaseUrl: url,
        role: "all" as const,
        host: "127.0.0.1",
        secureCookies: true,
        requestsPerMinuteMax: 6000,
        ports: { console: port(flags.consolePort), portal: port(flags.portalPort) },
        extraRoutes: demoRoutes,
        extraJobs: [makeClockJob(seeded)],
    })
    await moveClockTo(services, start)
    const ports = { console: listening.ports.console ?? 0, portal: listening.ports.portal ?? 0 }
    if (flags.credentials !== undefined) await writeCredentials(services, flags.credentials, seeded, ports)
    const canaries = await openDemoCanaries(services)
    printAddresses(
        seeded,
        { ...ports, canaries },
        formatInstant(await services.db.transaction((tx) => services.clock.now(tx))),
    )
    await untilEnded
    await canaries?.stop()
    await listening.stop()
}

/** Opens the listeners on local ports, because the demonstration's zone is not delegated. */
async function openDemoCanaries({ db, canaryZone: zone, log }: DemoServices): Promise<CanaryListeners | null> {
    if (zone === null) return null
    return await openCanaryListeners({
        zone,
        addresses: ["127.0.0.1"],
        host: "127.0.0.1",
        ports: { dns: 0, http: 0 },
        realNow,
        log,
        save: (entries) => spoolTouches({ db }, entries),
    })
}

function validateZone(zone: string | undefined): void {
    if (zone === undefined || isZone(zone)) return
    refuse("invalid", "demo.bad_zone", "`--canary-zone` must be a domain like `canary.example.org`, in lower case")
}

/** Seeds the folder's program on the first start, and continues it later. */
async function loadOrSeed(
    services: DemoServices,
    peopleFile: string,
    start: Instant,
    hasHistory: boolean,
): Promise<SeededProgram> {
    if (!(await services.db.transaction(hasAnyEvent))) {
        const seeded = await seed(services, start, hasHistory ? historyUntil(start) : undefined)
        fs.writeFileSync(peopleFile, JSON.stringify(seeded), { mode: 0o600 })
        return seeded
    }
    if (!fs.existsSync(peopleFile)) {
        refuse("conflict", "demo.not_a_demo", "this folder holds another program: choose another folder")
    }
    return JSON.parse(fs.readFileSync(peopleFile, "utf8")) as SeededProgram
}

async function moveClockTo(services: DemoServices, start: Instant): Promise<void> {
    await services.db.transaction(async (tx) => {
        if (start > (await services.clock.now(tx))) await setDemoTarget(tx, start)
    })
    while ((await services.db.transaction(findDemoTarget)) !== null) await pause(50)
}

function port(text: string): number {
    const number = Number(text)
    if (!(Number.isInteger(number) && number >= 0 && number <= 65_535)) {
        refuse("invalid", "demo.bad_port", `\`${text.slice(0, 20)}\` is not a port`)
    }
    return number
}

const demonstration = { kind: "system", component: "demonstration" } as const

type DemoServices = ReturnType<typeof buildServices>

interface Ports {
    readonly console: number
    readonly portal: number
}

/** Writes the credentials file of `demo --credentials`, which lets its reader act as any person. */
async function writeCredentials(
    services: DemoServices,
    file: string,
    seeded: SeededProgram,
    ports: Ports,
): Promise<void> {
    const cases = await services.db.transaction(async (tx) => {
        const files = await listCaseFiles(
            { tx, services, now: await services.clock.now(tx), actor: demonstration },
            null,
        )
        return files.map(({ id, vulnerabilities, publication }) => ({
            id,
            cves: vulnerabilities.flatMap(({ cve }) => (cve === "" ? [] : [cve])),
            publication: publication === null ? null : formatInstant(publication),
        }))
    })
    const content = {
        console: `http://127.0.0.1:${ports.console}`,
        portal: `http://127.0.0.1:${ports.portal}`,
        operators: seeded.operators.map(({ name, roles, token }) => ({ person: name, roles, token })),
        partners: seeded.partners.flatMap(({ cast, identity, people }) =>
            people.map(({ name, roles, token }) => ({
                partner: cast.name,
                tier: cast.tier,
                dutyRegimes: cast.duties.map((duty) => duty.regime),
                person: name,
                roles,
                token,
                identity,
            })),
        ),
        cases,
    }
    const draft = `${file}.part`
    fs.writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
    fs.renameSync(draft, file)
}

function printAddresses(
    seeded: SeededProgram,
    ports: Ports & { readonly canaries: CanaryListeners | null },
    start: string,
): void {
    const lines = [
        `Tocsin, demonstration. The clock is at ${start}: move it in the console.`,
        "",
        `Console  http://localhost:${ports.console}`,
        ...seeded.operators.map((person) =>
            signInLine(ports.console, person.link, person.name, person.roles.join(", ")),
        ),
        "",
        `Portal   http://localhost:${ports.portal}`,
        ...seeded.partners.flatMap(({ cast, identity, people }) => [
            `  ${cast.name} (${cast.tier}${cast.duties.length > 0 ? "; reports by duty" : ""})  age identity: ` +
                `${identity}`,
            ...people.map((person) => signInLine(ports.portal, person.link, person.name, person.roles.join(", "))),
        ]),
        ...(ports.canaries === null
            ? []
            : ["", `Canaries  DNS on port ${ports.canaries.ports.dns}, HTTP on ${ports.canaries.ports.http}, here`]),
        "",
        "Stop with Ctrl-C.",
    ]
    process.stdout.write(`${lines.join("\n")}\n`)
}

function signInLine(portNumber: number, secret: string, name: string, description: string): string {
    return `  ${`${name} (${description})`.padEnd(48)} http://localhost:${portNumber}/sign-in#${secret}`
}

/**
 * Runs `tocsin demo`: the ToolShell program on a private PostgreSQL with its own clock, console and portal. It makes
 * keys and reusable sign-in links, so it refuses the folder of any other program.
 */
import { setTimeout as pause } from "node:timers/promises"
import fs from "node:fs"
import path from "node:path"
import type { Command } from "commander"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { aimDemoClock, demoClock, findDemoTarget, realNow } from "../platform/time/clock.ts"
import { highWaterPath, openHighWater } from "../kernel/high-water.ts"
import { createKeyFile, readKeyFile } from "../platform/crypto/keys.ts"
import { type Log, openLog } from "../platform/log/log.ts"
import type { Mail } from "../platform/mail/mail.ts"
import { startPostgres } from "../platform/postgres/postgres.ts"
import { shippedPublishing } from "../platform/config/publisher.ts"
import { machineSources } from "../platform/time/clock-sources.ts"
import { refuse } from "@tocsin/base/refusal"
import { ticking } from "../demo/play.ts"
import { routes as demoRoutes } from "../demo/routes.ts"
import { type Seeded, seed } from "../demo/seed.ts"
import { demoStart } from "../demo/toolshell.ts"
import { isZone } from "@tocsin/marks/canary"
import { spool } from "../share/canaries/actions/record-touches.ts"
import { caseFiles } from "../share/cases/actions.ts"
import { dataName, makeDemoFolder, removeDemoFolder, removeLeftovers } from "./demo-folder.ts"
import { openDoors } from "./services.ts"
import { type Heard, hear } from "./canary-listeners.ts"
import { listen } from "./listeners.ts"
import { assertTakes } from "./output.ts"
import { untilStopped } from "./stop.ts"
import { isFounded } from "../kernel/action-context.ts"
import { guardDatabase } from "../trust/continuity/actions/guard-database.ts"

interface Flags {
    readonly data?: string
    readonly consolePort: string
    readonly portalPort: string
    readonly credentials?: string
    readonly clock?: string
    readonly canaryZone?: string
}

/** Shorter than in service, so that receipts come at once. */
const receiptsIntervalMs = 5000
/** Northlight is an invented publisher that assigns CVE ids in the story only. */
const publishing = {
    ...shippedPublishing,
    name: "Northlight PSIRT",
    contact: "psirt@northlight.example",
    cna: { orgId: "6a1f1bd2-6d3c-4a52-9d27-0c5d8e1f2a3b", shortName: "northlight" },
}
/** People are invented, so mail counts as delivered. Sign-in links are printed. */
const playedMail: Mail = {
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
        .option("--clock <instant>", "where the demonstration's clock stands at the start")
        .option("--canary-zone <domain>", "a domain for canaries, which are heard of on this machine")
        .action(runDemo)
}

async function runDemo(flags: Flags): Promise<void> {
    validateZone(flags.canaryZone)
    if (flags.credentials !== undefined) assertTakes(flags.credentials)
    const stopped = untilStopped()
    const log = openLog("warn")
    await removeLeftovers(log)
    if (flags.data !== undefined) {
        const folder = path.resolve(flags.data)
        return await runIn(folder, `${folder}-secrets`, flags, log, stopped)
    }
    const temporary = makeDemoFolder()
    try {
        await runIn(path.join(temporary, dataName), temporary, flags, log, stopped)
    } finally {
        removeDemoFolder(temporary)
    }
}

/** `beside` is the folder next to the data, with the key and what signs people in again. */
async function runIn(folder: string, beside: string, flags: Flags, log: Log, stopped: Promise<void>): Promise<void> {
    fs.mkdirSync(beside, { recursive: true, mode: 0o700 })
    const postgres = await startPostgres(folder, { log })
    try {
        const keyFile = path.join(beside, "key")
        if (!fs.existsSync(keyFile)) createKeyFile(keyFile, folder)
        const keys = readKeyFile(keyFile, folder)
        const sources = machineSources("one_clock")
        const highWater = openHighWater(keyFile, keys)
        const parts = {
            keys,
            highWater,
            clock: demoClock,
            sources,
            mail: playedMail,
            log,
            receiptsIntervalMs,
            publishing,
        }
        const canaryZone = flags.canaryZone ?? null
        const services = await openDoors({ databaseUrl: postgres.url, ...parts, canaryZone })
        // A folder whose data was removed starts again, without the checkpoints of the earlier demonstration.
        if (!(await services.db.transaction(isFounded))) fs.rmSync(highWaterPath(keyFile), { force: true })
        const at = { url: postgres.url, peopleFile: path.join(beside, "people.json") }
        await play(services, flags, at, Promise.race([stopped, postgres.lost]))
        await services.db.close()
    } finally {
        await postgres.stop()
    }
}

interface At {
    readonly url: string
    readonly peopleFile: string
}

async function play(services: Doors, flags: Flags, { url, peopleFile }: At, end: Promise<unknown>): Promise<void> {
    const start = flags.clock === undefined ? demoStart : parseInstant(flags.clock)
    const seeded = await seededOnce(services, peopleFile, Math.min(start, demoStart))
    await guardDatabase(services)
    const listening = await listen({
        services,
        databaseUrl: url,
        role: "all" as const,
        host: "127.0.0.1",
        secureCookies: true,
        requestsPerMinuteMax: 6000,
        ports: { console: port(flags.consolePort), portal: port(flags.portalPort) },
        extraRoutes: demoRoutes,
        extraChores: [ticking(seeded)],
    })
    await startAt(services, start)
    const at = { console: listening.ports.console ?? 0, portal: listening.ports.portal ?? 0 }
    if (flags.credentials !== undefined) await writeCredentials(services, flags.credentials, seeded, at)
    const heard = await hearOf(services)
    tell(seeded, { ...at, heard }, formatInstant(await services.db.transaction((tx) => services.clock.now(tx))))
    await end
    await heard?.stop()
    await listening.stop()
}

/** Opens the listeners on local ports, because the demonstration's zone is not delegated. */
async function hearOf({ db, canaryZone: zone, log }: Doors): Promise<Heard | null> {
    if (zone === null) return null
    return await hear({
        zone,
        addresses: ["127.0.0.1"],
        host: "127.0.0.1",
        ports: { dns: 0, http: 0 },
        realNow,
        log,
        put: (entries) => spool({ db }, entries),
    })
}

function validateZone(zone: string | undefined): void {
    if (zone === undefined || isZone(zone)) return
    refuse("invalid", "demo.bad_zone", "`--canary-zone` must be a domain like `canary.example.org`, in lower case")
}

/** Seeds the folder's program on the first start, and continues it later. */
async function seededOnce(services: Doors, peopleFile: string, start: Instant): Promise<Seeded> {
    if (!(await services.db.transaction(isFounded))) {
        const seeded = await seed(services, start)
        fs.writeFileSync(peopleFile, JSON.stringify(seeded), { mode: 0o600 })
        return seeded
    }
    if (!fs.existsSync(peopleFile)) {
        refuse("conflict", "demo.not_a_demo", "this folder holds another program: choose another folder")
    }
    return JSON.parse(fs.readFileSync(peopleFile, "utf8")) as Seeded
}

async function startAt(services: Doors, start: Instant): Promise<void> {
    await services.db.transaction(async (tx) => {
        if (start > (await services.clock.now(tx))) await aimDemoClock(tx, start)
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

const demonstration = { kind: "system", step: "demonstration" } as const

type Doors = Awaited<ReturnType<typeof openDoors>>

interface Ports {
    readonly console: number
    readonly portal: number
}

/** Writes the credentials file of `demo --credentials`, which lets its reader act as any person. */
async function writeCredentials(services: Doors, file: string, seeded: Seeded, at: Ports): Promise<void> {
    const cases = await services.db.transaction(async (tx) => {
        const files = await caseFiles({ tx, services, now: await services.clock.now(tx), actor: demonstration }, null)
        return files.map(({ id, vulnerabilities, publication }) => ({
            id,
            cves: vulnerabilities.flatMap(({ cve }) => (cve === "" ? [] : [cve])),
            publication: publication === null ? null : formatInstant(publication),
        }))
    })
    const written = {
        console: `http://127.0.0.1:${at.console}`,
        portal: `http://127.0.0.1:${at.portal}`,
        operators: seeded.operators.map(({ name, roles, token }) => ({ person: name, roles, token })),
        partners: seeded.partners.flatMap(({ cast, identity, persons }) =>
            persons.map(({ name, roles, token }) => ({
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
    const whole = `${file}.part`
    fs.writeFileSync(whole, `${JSON.stringify(written, null, 2)}\n`, { mode: 0o600 })
    fs.renameSync(whole, file)
}

function tell(seeded: Seeded, at: Ports & { readonly heard: Heard | null }, start: string): void {
    const lines = [
        `Tocsin, demonstration. The clock stands at ${start}; move it in the console.`,
        "",
        `Console  http://localhost:${at.console}`,
        ...seeded.operators.map((seededPerson) =>
            link(at.console, seededPerson.link, seededPerson.name, seededPerson.roles.join(", ")),
        ),
        "",
        `Portal   http://localhost:${at.portal}`,
        ...seeded.partners.flatMap(({ cast, identity, persons }) => [
            `  ${cast.name} (${cast.tier}${cast.duties.length > 0 ? "; reports by duty" : ""})  age identity: ` +
                `${identity}`,
            ...persons.map((seededPerson) =>
                link(at.portal, seededPerson.link, seededPerson.name, seededPerson.roles.join(", ")),
            ),
        ]),
        ...(at.heard === null
            ? []
            : ["", `Canaries DNS on port ${at.heard.ports.dns}, HTTP on port ${at.heard.ports.http}, of this machine`]),
        "",
        "Stop with Ctrl-C.",
    ]
    process.stdout.write(`${lines.join("\n")}\n`)
}

function link(value: number, secret: string, name: string, kind: string): string {
    return `  ${`${name} (${kind})`.padEnd(48)} http://localhost:${value}/sign-in#${secret}`
}

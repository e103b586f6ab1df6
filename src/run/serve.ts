/**
 * `tocsin serve`: runs a program that was founded, whole or one part of it, until it is told to stop.
 *
 * Only the worker writes to anybody outside: console and portal alone are handed no mail server and no way out.
 */
import type { Command } from "commander"
import { refuse } from "../lib/refusal.ts"
import type { Side } from "../platform/http.ts"
import { type Log, openLog } from "../platform/log.ts"
import { type Mail, noMail, openMail } from "../platform/mail.ts"
import { noOutgoing, openOutgoing } from "../platform/outgoing.ts"
import type { Settings } from "../platform/settings.ts"
import { type Listening, listen } from "./listening.ts"
import {
    type ProgramFlags,
    mustHoldCluster,
    onDatabase,
    openProgram,
    settingsFrom,
    withProgramFlags,
} from "./program.ts"
import { untilStopped } from "./stopping.ts"

const sides: readonly Side[] = ["console", "portal"]
/** Of one session, token, or address without either. A screen of the console asks a dozen things at once. */
const requestsPerMinuteMax = { console: 3_000, portal: 600 }

interface Flags extends ProgramFlags {
    readonly json?: boolean
}

export function serveCommand(program: Command): void {
    const command = program.command("serve").description("run the program, until SIGTERM or Ctrl-C")
    withProgramFlags(command)
        .option("--role <role>", "all, console, portal, worker")
        .option("--host <address>", "the address to listen on (127.0.0.1)")
        .option("--console-port <n>", "port of the operator's console (8440)")
        .option("--portal-port <n>", "port of the partners' portal (8441)")
        .option("--console-origin <url>", "where operators reach the console")
        .option("--portal-origin <url>", "where partners reach the portal")
        .option("--smtp-url <url>", "the mail server for notices")
        .option("--mail-from <address>", "the address that notices come from")
        .option("--receipts-interval <seconds>", "from one batch of receipts to the next (60)")
        .option("--json", "the addresses as one JSON object")
        .action(runServe)
}

async function runServe({ json = false, ...flags }: Flags): Promise<void> {
    const stopped = untilStopped()
    const settings = settingsFrom(flags)
    mustHoldCluster(settings)
    const log = openLog(settings.logLevel)
    await onDatabase(settings, log, async ({ url, lost }) => {
        const doors = await openProgram(settings, {
            ...{ url, log, mail: mailOf(settings, log) },
            outgoing: goesOut(settings) ? openOutgoing() : noOutgoing,
        })
        try {
            const listening = await listen({
                ...{ doors, role: settings.role, host: settings.host, requestsPerMinuteMax },
                ports: { console: settings.consolePort, portal: settings.portalPort },
                portalOrigin: (port) => addressOf(settings, "portal", port),
                secureCookies: { console: isSecure(settings.consoleOrigin), portal: isSecure(settings.portalOrigin) },
            })
            tell(settings, listening, log, json)
            const reason = await Promise.race([stopped, lost])
            await listening.stop()
            if (typeof reason === "string") refuse("conflict", "serve.database_lost", `stopped: ${reason}`)
        } finally {
            await doors.db.close()
        }
    })
    log.info("stopped")
}

const goesOut = ({ role }: Settings): boolean => role === "all" || role === "worker"

function mailOf(settings: Settings, log: Log): Mail {
    const { smtpUrl, mailFrom } = settings
    if (!goesOut(settings)) return noMail
    if (smtpUrl !== null && mailFrom !== null) return openMail(smtpUrl, mailFrom)
    log.warn("no mail server is set: nobody is told that there is something to fetch")
    return noMail
}

/** Where browsers keep a cookie that is marked `Secure`. */
function isSecure(origin: string): boolean {
    const { protocol, hostname } = new URL(origin)
    return protocol === "https:" || hostname === "localhost"
}

function tell(settings: Settings, { ports }: Listening, log: Log, json: boolean): void {
    const { role, host } = settings
    const open = sides.flatMap((side) => {
        const port = ports[side]
        return port === undefined ? [] : [{ side, address: addressOf(settings, side, port), host, port }]
    })
    for (const { side, port } of open) {
        log.info("listening", { kind: side, port, role })
        if (!isSecure(settings[`${side}Origin`])) log.warn("people sign in without https", { kind: side })
    }
    if (open.length === 0) log.info("working", { role })
    if (json) process.stdout.write(`${JSON.stringify(Object.fromEntries(open.map(({ side, ...at }) => [side, at])))}\n`)
    else for (const { side, address, port } of open) process.stdout.write(lineOf(side, address, `${host}:${port}`))
}

function lineOf(side: Side, address: string, at: string): string {
    return `${side === "console" ? "Console" : "Portal "}  ${address}  (listening on ${at})\n`
}

/** Port 0 becomes some port, and so part of the address, where nobody said another. */
function addressOf(settings: Settings, side: Side, port: number): string {
    const origin = settings[`${side}Origin`]
    return origin === `http://localhost:${settings[`${side}Port`]}` ? `http://localhost:${port}` : origin
}

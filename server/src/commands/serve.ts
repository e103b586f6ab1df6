/**
 * Runs `tocsin serve`: a program, whole or one role, until it is stopped. Only the worker connects to the outside;
 * console and portal get no mail server, and connect to identity providers only.
 */
import path from "node:path"
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import { type Db, openDb } from "../platform/postgres/db.ts"
import type { Side } from "../kernel/route.ts"
import type { Services } from "../kernel/services.ts"
import { type Log, openLog } from "../platform/log/log.ts"
import { type Mail, noMail, openMail } from "../platform/mail/mail.ts"
import { noOutgoing, openOutgoing } from "../platform/outgoing/outgoing.ts"
import { type IdentityProvider, openIdentityProvider } from "../platform/single-sign-on/identity-provider.ts"
import { readProviders } from "../trust/identity/single-sign-on/actions/read-providers.ts"
import { type Settings, publisherSettingsOf } from "../platform/config/settings.ts"
import { isSecureOrigin, validatePublisher } from "../share/publication/actions/validate-publisher.ts"
import { type KeyAnswers, answersFrom } from "./answer-keys.ts"
import { listenForRoles, makeSocketFolders } from "../platform/key-process/listen.ts"
import { readAlarmReceiver } from "./alarm-receiver.ts"
import { type CanaryListeners, openConfiguredListeners } from "./canary-listeners.ts"
import { type Listeners, openListeners } from "./listeners.ts"
import {
    type ProgramFlags,
    assertHasCluster,
    withDatabase,
    openProgram,
    settingsFrom,
    withProgramFlags,
} from "./processes.ts"
import { refuseNewer } from "../platform/postgres/migrate.ts"
import { watchSchema } from "../platform/postgres/watch-schema.ts"
import { untilStopped } from "./stop.ts"
import { unlockAtSocket } from "./unlock.ts"

const sides: readonly Side[] = ["console", "portal"]
/** Per session, token, or address without either. A console screen sends a dozen requests at once. */
const requestsPerMinuteMax = { console: 3_000, portal: 3_000 }

interface Flags extends ProgramFlags {
    readonly json?: boolean
}

/** Adds `tocsin serve` to the program. */
export function serveCommand(program: Command): void {
    const command = program.command("serve").description("Run the server, until SIGTERM or Ctrl-C")
    withProgramFlags(command)
        .option("--role <role>", "all, console, portal, worker, keys, canary")
        .option("--key-process <dir>", "the folder with the sockets of the role keys, in place of a key file")
        .option("--host <address>", "the address to listen on (127.0.0.1)")
        .option("--console-port <n>", "port of the operator's console (8440)")
        .option("--portal-port <n>", "port of the partners' portal (8441)")
        .option("--console-origin <url>", "where operators reach the console")
        .option("--portal-origin <url>", "where partners reach the portal")
        .option("--canary-zone <domain>", "the domain of canaries, delegated to this listener")
        .option("--canary-addresses <list>", "the addresses of the canary listener, to which all canary names resolve")
        .option("--canary-host <address>", "the address that it listens on (as --host)")
        .option("--canary-dns-port <n>", "its port for DNS, by UDP and TCP (8453)")
        .option("--canary-http-port <n>", "its port for HTTP (8442)")
        .option("--identity-providers <file>", "the providers of single sign-on, as JSON")
        .option("--trusted-proxy <list>", "proxies whose X-Forwarded-For counts: addresses, networks")
        .option("--client-certificate-header <name>", "the header in which these proxies send a client's certificate")
        .option("--smtp-url <url>", "the mail server for notices")
        .option("--mail-from <address>", "the address that notices come from")
        .option("--bounce-address <address>", "the address for returned mail, for `tocsin receive-bounce`")
        .option("--receipts-interval <seconds>", "the time between two batches of receipts (60)")
        .option("--receipt-log-tiles <readers>", "who can follow the receipt log: off, partners, public (off)")
        .option("--witness-policy <file>", "the witnesses of the receipt log (C2SP tlog-policy)")
        .option("--alarm-webhook <url>", "the receiver of alarms, for staff on call (none)")
        .option("--alarm-secret-file <file>", "the secret that signs calls to it: `whsec_…`")
        .option(
            "--worker-age-max <seconds>",
            "the age of the last release run after which releases count as stopped (60)",
        )
        .option(
            "--disk-free-min <MiB>",
            "the free space on the data folder's disk below which Tocsin is not ready (512)",
        )
        .option("--backup-folder <dir>", "the folder for scheduled backups (none)")
        .option("--backup-recipients <list>", "the age recipients whose identities open the backups")
        .option("--backup-interval <hours>", "the time between two backups (24); 0: you make your own")
        .option("--backup-keep <n>", "how many backups the folder keeps (14)")
        .option("--metrics-port <n>", "open /metrics, /readyz and /healthz at this port, without sign-in (closed)")
        .option("--metrics-host <address>", "the address that the metrics port listens on (127.0.0.1)")
        .option("--json", "print the addresses as one JSON object")
        .action(runServe)
}

async function runServe({ json = false, ...flags }: Flags): Promise<void> {
    const untilStopSignal = untilStopped()
    const settings = settingsFrom(flags)
    const log = openLog(settings.logLevel)
    if (settings.role === "canary") return await serveCanaries(settings, log, untilStopSignal, json)
    assertPublisherSettings(settings, log)
    assertHasCluster(settings)
    if (settings.role === "keys") makeSocketFolders(settings.keyProcess ?? "")
    const providers = providersOf(settings)
    const alarmReceiver = connectsOut(settings) ? readAlarmReceiver(settings) : null
    await withDatabase(settings, log, async ({ url, lost }) => {
        const services = await openProgram(settings, {
            url,
            log,
            mail: mailOf(settings, log),
            mayMigrate: true,
            outgoing: connectsOut(settings) ? openOutgoing() : noOutgoing,
            identityProviders: providers,
            alarmReceiver,
            unlock: unlockAtSocket(settings.keyFile, log, Promise.race([untilStopSignal, lost])),
            stopped: Promise.race([untilStopSignal, lost]),
        })
        const keyAnswers = settings.role === "keys" ? answersFrom(services) : null
        let closeSockets = () => {}
        const watching = new AbortController()
        const newer = watchSchema(services.db, watching.signal).then((name) => ({ newer: name }))
        try {
            const listening = await openListeners({
                services,
                ...(keyAnswers !== null && { keyRefusals: keyAnswers.refusals }),
                databaseUrl: url,
                role: settings.role,
                host: settings.host,
                requestsPerMinuteMax,
                trustedProxies: settings.trustedProxy === "" ? [] : settings.trustedProxy.split(","),
                clientCertificateHeader: settings.clientCertificateHeader ?? "",
                ports: { console: settings.consolePort, portal: settings.portalPort },
                disk: diskOf(settings),
                metrics:
                    settings.metricsPort === null ? null : { host: settings.metricsHost, port: settings.metricsPort },
                consoleOrigin: (port) => addressOf(settings, "console", port),
                portalOrigin: (port) => addressOf(settings, "portal", port),
                secureCookies: { console: isSecure(settings.consoleOrigin), portal: isSecure(settings.portalOrigin) },
            })
            if (keyAnswers !== null) closeSockets = await openSockets(settings, keyAnswers, services, listening)
            const canaries = listensForCanaries(settings)
                ? await openCanariesOrStop(settings, services.db, log, listening)
                : null
            printAddresses(settings, listening, log, json)
            if (canaries !== null) logCanaries(canaries, log)
            const reason = await Promise.race([untilStopSignal, lost, newer])
            await canaries?.stop()
            await listening.stop()
            if (typeof reason === "string") refuse("conflict", "serve.database_lost", `stopped: ${reason}`)
            if (typeof reason === "object") refuseNewer(reason.newer)
        } finally {
            watching.abort()
            closeSockets()
            await services.db.close()
        }
    })
    log.info("stopped")
}

async function openSockets(
    settings: Settings,
    { answer }: KeyAnswers,
    services: Services,
    listening: Listeners,
): Promise<() => void> {
    try {
        return await listenForRoles(settings.keyProcess ?? "", answer, services)
    } catch (error) {
        await listening.stop()
        throw error
    }
}

/** A private PostgreSQL can be on another disk than the folder that links to it. */
function diskOf({ dataDir, databaseUrl, diskFreeMin }: Settings) {
    const cluster = path.join(dataDir, "postgres", "cluster")
    return { folders: databaseUrl === null ? [dataDir, cluster] : [dataDir], diskFreeMin: diskFreeMin * 1024 * 1024 }
}

/** Checks publishing on each node, because each shows what another publishes. */
function assertPublisherSettings(settings: Settings, log: Log): void {
    validatePublisher(publisherSettingsOf(settings), settings.portalOrigin)
    if (!isSecureOrigin(settings.portalOrigin)) {
        log.warn("CSAF requires https: set `portalOrigin` to an https address", { kind: "portal" })
    }
}

/**
 * Runs the canary listeners with one database statement and no key, so that their database user needs no other right.
 */
async function serveCanaries(
    settings: Settings,
    log: Log,
    untilStopSignal: Promise<void>,
    json: boolean,
): Promise<void> {
    const { databaseUrl } = settings
    if (databaseUrl === null) {
        refuse(
            "invalid",
            "serve.canary_needs_url",
            "separate canary listeners need `--database-url` with a database user of their own",
        )
    }
    const db = openDb(databaseUrl, { connectionsMax: 2, statementMsMax: 5_000 })
    try {
        const canaries = await openConfiguredListeners(settings, db, log)
        logCanaries(canaries, log)
        if (json) process.stdout.write(`${JSON.stringify({ canary: canaries.ports })}\n`)
        else process.stdout.write(`Canaries  DNS on port ${canaries.ports.dns}, HTTP on ${canaries.ports.http}\n`)
        await untilStopSignal
        await canaries.stop()
    } finally {
        await db.close()
    }
    log.info("stopped")
}

async function openCanariesOrStop(
    settings: Settings,
    db: Db,
    log: Log,
    listening: Listeners,
): Promise<CanaryListeners> {
    try {
        return await openConfiguredListeners(settings, db, log)
    } catch (error) {
        await listening.stop()
        throw error
    }
}

const listensForCanaries = ({ role, canaryZone }: Settings): boolean => role === "all" && canaryZone !== null

function logCanaries({ ports }: CanaryListeners, log: Log): void {
    log.info("listening", { kind: "canary dns", port: ports.dns })
    log.info("listening", { kind: "canary http", port: ports.http })
}

const connectsOut = ({ role }: Settings): boolean => role === "all" || role === "worker"

function providersOf({ identityProviders: file }: Settings): IdentityProvider[] {
    return file === null ? [] : readProviders(file).map((provider) => openIdentityProvider(provider))
}

function mailOf(settings: Settings, log: Log): Mail {
    const { smtpUrl, mailFrom, bounceAddress } = settings
    if (!connectsOut(settings)) return noMail
    if (smtpUrl !== null && mailFrom !== null) return openMail(smtpUrl, mailFrom, bounceAddress)
    log.warn("no mail server is set: partners and staff get no notices")
    return noMail
}

/** Tells whether browsers keep a `Secure` cookie at this origin. */
function isSecure(origin: string): boolean {
    const { protocol, hostname } = new URL(origin)
    return protocol === "https:" || hostname === "localhost"
}

function printAddresses(settings: Settings, { ports }: Listeners, log: Log, json: boolean): void {
    const { role, host } = settings
    const open = sides.flatMap((side) => {
        const port = ports[side]
        return port === undefined ? [] : [{ side, address: addressOf(settings, side, port), host, port }]
    })
    for (const { side, port } of open) {
        log.info("listening", { kind: side, port, role })
        if (!isSecure(settings[`${side}Origin`])) log.warn("people sign in without https", { kind: side })
    }
    const { metrics } = ports
    if (metrics !== undefined) log.info("listening", { kind: "metrics", port: metrics, role })
    if (open.length === 0) log.info("working", { role })
    const addresses = Object.fromEntries(open.map(({ side, ...rest }) => [side, rest]))
    const values =
        metrics === undefined ? addresses : { ...addresses, metrics: { host: settings.metricsHost, port: metrics } }
    if (json) process.stdout.write(`${JSON.stringify(values)}\n`)
    else for (const { side, address, port } of open) process.stdout.write(lineOf(side, address, `${host}:${port}`))
}

function lineOf(side: Side, address: string, at: string): string {
    return `${side === "console" ? "Console" : "Portal "}  ${address}  (listening on ${at})\n`
}

/** Returns a side's address. With port 0, the assigned port becomes part of it. */
function addressOf(settings: Settings, side: Side, port: number): string {
    const origin = settings[`${side}Origin`]
    return origin === `http://localhost:${settings[`${side}Port`]}` ? `http://localhost:${port}` : origin
}

/**
 * Reads the settings: from a flag, else the environment (`TOCSIN_…`), else a JSON file, else a default. One table
 * defines all of them.
 *
 * An unknown key in the file is refused by its name. A refusal never repeats a value that may contain a password.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { publisherCategories } from "@tocsin/formats/advisory/advisory"
import { isZone } from "@tocsin/marks/canary"
import { refuse } from "@tocsin/base/refusal"
import { type PublisherSettings, defaultPublisher } from "./publisher.ts"
import {
    oneOf,
    readAddresses,
    readAge,
    readContact,
    readCount,
    readDisk,
    readHost,
    readInterval,
    readMemory,
    readName,
    readNetworks,
    readOrigin,
    readPath,
    readPort,
    readSecureUrl,
    readUrl,
} from "./setting-forms.ts"

export const roles = ["all", "console", "portal", "worker", "keys", "canary"] as const
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const
const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
/** The readers of the receipt log's tiles. */
export const tileReaders = ["off", "partners", "public"] as const
export const postgresSources = ["any", "machine", "package"] as const

export interface Settings {
    /** Folder for the private PostgreSQL and its files. */
    readonly dataDir: string
    /** Your own PostgreSQL. Without it, Tocsin runs a private one in the data folder. */
    readonly databaseUrl: string | null
    /** The source of the private PostgreSQL: this machine or the npm package. */
    readonly postgres: (typeof postgresSources)[number]
    /** File with the key-encryption key. Keep it outside the data folder. */
    readonly keyFile: string
    /** An executable that prints the key, in place of reading the key file. */
    readonly keyCommand: string | null
    /** Folder with the sockets of the key process. Console, portal and worker then read no key file. */
    readonly keyProcess: string | null
    /** Address that console and portal listen on. A proxy in front of them adds TLS. */
    readonly host: string
    /** Port of the console. */
    readonly consolePort: number
    /** Port of the portal. */
    readonly portalPort: number
    /** Address at which staff reach the console. */
    readonly consoleOrigin: string
    /** Address at which partners reach the portal. Published documents contain it. */
    readonly portalOrigin: string
    /** File with the providers of single sign-on. Without it, people sign in with passkeys and links. */
    readonly identityProviders: string | null
    /** Proxies whose `X-Forwarded-For` header gives the address of the client. */
    readonly trustedProxy: string
    /** Header in which these proxies send the verified client certificate. Without it, no token is bound to one. */
    readonly clientCertificateHeader: string | null
    /** Mail server. Without it, Tocsin sends no mail. */
    readonly smtpUrl: string | null
    /** Sender of mail. Required with `smtpUrl`. */
    readonly mailFrom: string | null
    /** Address for returned mail. Without it, returned mail goes to `mailFrom` and is not recorded. */
    readonly bounceAddress: string | null
    /** Seconds between two batches of receipts. Use the same value on all nodes. */
    readonly receiptsInterval: number
    /** Serves the receipt log as C2SP tiles: to no one, to partners, or to the public. */
    readonly receiptLogTiles: (typeof tileReaders)[number]
    /** File with the witnesses of the receipt log and their quorum (C2SP tlog-policy). Without it, no witness signs. */
    readonly witnessPolicy: string | null
    /** Name of the publisher in advisories. Without it, the host name of the portal. */
    readonly publisherName: string | null
    /** Category of the publisher in CSAF documents. */
    readonly publisherCategory: (typeof publisherCategories)[number]
    /** Mail address or page of the publisher. */
    readonly publisherContact: string | null
    /** First part of the id of each advisory. */
    readonly advisoryPrefix: string
    /** Your UUID in the CVE program. Without it, Tocsin publishes no CVE records. */
    readonly cnaOrgId: string | null
    /** Your short name in the CVE program. Set it together with `cnaOrgId`. */
    readonly cnaShortName: string | null
    /** Whether TAXII gives each partner its own marked texts. */
    readonly taxiiMarks: "on" | "off"
    /** Memory of each process for polled objects, in MiB. */
    readonly taxiiMemory: number
    /** Domain of canary names, delegated to the canary listener. Without it, there is no listener. */
    readonly canaryZone: string | null
    /** Addresses of the canary listener. All canary names resolve to them. */
    readonly canaryAddresses: string
    /** Address that the canary listener listens on. */
    readonly canaryHost: string
    /** Port of the canary listener for DNS, by UDP and TCP. */
    readonly canaryDnsPort: number
    /** Port of the canary listener for HTTP. */
    readonly canaryHttpPort: number
    /** Receiver of alarms, by Standard Webhooks. Without it, alarms are in the console, in mail and in metrics. */
    readonly alarmWebhook: string | null
    /** File with the secret that signs the calls. Required with `alarmWebhook`. */
    readonly alarmSecretFile: string | null
    /** Seconds since the last successful release job after which releases count as stopped. */
    readonly workerAgeMax: number
    /** Free MiB on the disk of the data folder below which Tocsin is not ready. */
    readonly diskFreeMin: number
    /** Folder for scheduled backups, on a disk or share that outlives this machine. Without it, there are none. */
    readonly backupFolder: string | null
    /** age recipients of the operators. Their identities open the backups. */
    readonly backupRecipients: string | null
    /** Hours between two backups, and the age from which a missing one is a task. 0: you make your own. */
    readonly backupInterval: number
    /** How many backups the folder keeps. */
    readonly backupKeep: number
    /** Port for `/metrics`, `/readyz` and `/healthz`, without sign-in. Without it, the port is closed. */
    readonly metricsPort: number | null
    /** Address that the metrics port listens on. */
    readonly metricsHost: string
    /** Parts of Tocsin that this process runs. */
    readonly role: (typeof roles)[number]
    /** Least important log lines that are written. */
    readonly logLevel: (typeof logLevels)[number]
}

export type SettingName = keyof Settings
export type Flags = Readonly<Partial<Record<SettingName, string | undefined>>>

type ParseSetting<T> = (text: string) => T | null

/** The form of each setting, and whether a refusal may show the wrong value. */
const settingForms: {
    readonly [Name in SettingName]: readonly [ParseSetting<NonNullable<Settings[Name]>>, string, "shown" | "hidden"]
} = {
    dataDir: [readPath, "a path", "shown"],
    databaseUrl: [(text) => readUrl(text, ["postgres:", "postgresql:"]), "like `postgresql://host/name`", "hidden"],
    postgres: [(text) => oneOf(postgresSources, text), postgresSources.join(", "), "shown"],
    keyFile: [readPath, "a path", "shown"],
    keyCommand: [readPath, "a path", "shown"],
    keyProcess: [readPath, "a path", "shown"],
    host: [readHost, "an IP address of this machine", "shown"],
    consolePort: [readPort, "a port, 0 to 65535", "shown"],
    portalPort: [readPort, "a port, 0 to 65535", "shown"],
    consoleOrigin: [readOrigin, "like `https://console.example.org`, without a path", "shown"],
    portalOrigin: [readOrigin, "like `https://portal.example.org`, without a path", "shown"],
    clientCertificateHeader: [
        (text) => (/^[A-Za-z][A-Za-z0-9-]{1,63}$/.test(text) ? text : null),
        "a header name, like `Client-Cert`; needs `trustedProxy`",
        "shown",
    ],
    identityProviders: [readPath, "a path", "shown"],
    trustedProxy: [readNetworks, "IP addresses and networks, 16 at most, separated by commas", "shown"],
    smtpUrl: [(text) => readUrl(text, ["smtp:", "smtps:"]), "like `smtps://name:password@host`", "hidden"],
    mailFrom: [(text) => (/^[^\s<>"]+@[^\s<>"]+$/.test(text) ? text : null), "like `name@example.org`", "shown"],
    bounceAddress: [
        (text) => (/^[^\s<>"@+]{1,15}@[^\s<>"@]+$/.test(text) ? text : null),
        "like `bounces@example.org`, with 15 characters before the `@` at most and no plus",
        "shown",
    ],
    receiptsInterval: [readInterval, "1 to 3600 seconds", "shown"],
    receiptLogTiles: [(text) => oneOf(tileReaders, text), tileReaders.join(", "), "shown"],
    witnessPolicy: [readPath, "a path", "shown"],
    publisherName: [readName, "1 to 100 characters, in one line", "shown"],
    publisherCategory: [(text) => oneOf(publisherCategories, text), publisherCategories.join(", "), "shown"],
    publisherContact: [readContact, "like `psirt@example.org` or `https://example.org/contact`", "shown"],
    advisoryPrefix: [(text) => (/^[A-Za-z0-9]{1,20}$/.test(text) ? text : null), "1 to 20 letters and digits", "shown"],
    cnaOrgId: [(text) => (uuid4.test(text) ? text : null), "the UUID that the CVE program gave", "shown"],
    cnaShortName: [(text) => (/^[\w.-]{2,32}$/.test(text) ? text : null), "the CVE program's short name", "shown"],
    taxiiMarks: [(text) => oneOf(["on", "off"] as const, text), "on, off", "shown"],
    taxiiMemory: [readMemory, "16 to 65536 MiB", "shown"],
    canaryZone: [(text) => (isZone(text) ? text : null), "like `canary.example.org`, in lower case", "shown"],
    canaryAddresses: [readAddresses, "IP addresses, 4 at most, separated by commas", "shown"],
    canaryHost: [readHost, "an IP address of this machine", "shown"],
    canaryDnsPort: [readPort, "a port, 0 to 65535", "shown"],
    canaryHttpPort: [readPort, "a port, 0 to 65535", "shown"],
    alarmWebhook: [readSecureUrl, "like `https://alarms.example.org/in`; `http://` only on this machine", "hidden"],
    alarmSecretFile: [readPath, "a path", "shown"],
    workerAgeMax: [readAge, "30 to 3600 seconds", "shown"],
    diskFreeMin: [readDisk, "0 to 1048576 MiB", "shown"],
    backupFolder: [readPath, "a path", "shown"],
    backupRecipients: [
        (text) => (/^age1[a-z0-9]+( *, *age1[a-z0-9]+){0,7}$/.test(text) ? text.replaceAll(" ", "") : null),
        "`age1…` or `age1pq1…`, 8 at most, separated by commas",
        "shown",
    ],
    backupInterval: [(text) => readCount(text, 0, 168), "0 to 168 hours", "shown"],
    backupKeep: [(text) => readCount(text, 1, 1000), "1 to 1000", "shown"],
    metricsPort: [readPort, "a port, 0 to 65535", "shown"],
    metricsHost: [readHost, "an IP address of this machine", "shown"],
    role: [(text) => oneOf(roles, text), roles.join(", "), "shown"],
    logLevel: [(text) => oneOf(logLevels, text), logLevels.join(", "), "shown"],
}

export const settingNames = Object.keys(settingForms) as SettingName[]

/** Returns the form of this setting's value. */
export const formOf = (name: SettingName): string => settingForms[name][1]

/** Returns the environment variable of a setting, such as `TOCSIN_DATA_DIR` for `dataDir`. */
export function variableOf(name: SettingName): string {
    return `TOCSIN_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/**
 * Reads all settings. `file` is the path of the JSON file; null for none. `DATABASE_URL` is used where no other source
 * sets the database. Refuses `settings.file_missing`, `settings.file_damaged`, `settings.not_found`,
 * `settings.invalid`, `settings.incomplete`.
 */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv = process.env, file: string | null = null): Settings {
    const fileTexts = file === null ? {} : readFile(file)
    const textOf = (name: SettingName): string | undefined =>
        nonEmpty(flags[name]) ?? nonEmpty(env[variableOf(name)]) ?? nonEmpty(fileTexts[name])
    const dataDir = parseSetting("dataDir", textOf("dataDir")) ?? defaultDataDir(env)
    const consolePort = parseSetting("consolePort", textOf("consolePort")) ?? 8440
    const host = parseSetting("host", textOf("host")) ?? "127.0.0.1"
    const portalPort = parseSetting("portalPort", textOf("portalPort")) ?? 8441
    const settings: Settings = {
        dataDir,
        databaseUrl: parseSetting("databaseUrl", textOf("databaseUrl") ?? nonEmpty(env["DATABASE_URL"])),
        postgres: parseSetting("postgres", textOf("postgres")) ?? "any",
        keyFile: parseSetting("keyFile", textOf("keyFile")) ?? defaultKeyFile(dataDir, env),
        keyCommand: parseSetting("keyCommand", textOf("keyCommand")),
        keyProcess: parseSetting("keyProcess", textOf("keyProcess")),
        host,
        consolePort,
        portalPort,
        consoleOrigin: parseSetting("consoleOrigin", textOf("consoleOrigin")) ?? `http://localhost:${consolePort}`,
        portalOrigin: parseSetting("portalOrigin", textOf("portalOrigin")) ?? `http://localhost:${portalPort}`,
        identityProviders: parseSetting("identityProviders", textOf("identityProviders")),
        trustedProxy: parseSetting("trustedProxy", textOf("trustedProxy")) ?? "",
        clientCertificateHeader: parseSetting("clientCertificateHeader", textOf("clientCertificateHeader")),
        smtpUrl: parseSetting("smtpUrl", textOf("smtpUrl")),
        mailFrom: parseSetting("mailFrom", textOf("mailFrom")),
        bounceAddress: parseSetting("bounceAddress", textOf("bounceAddress")),
        receiptsInterval: parseSetting("receiptsInterval", textOf("receiptsInterval")) ?? 60,
        receiptLogTiles: parseSetting("receiptLogTiles", textOf("receiptLogTiles")) ?? "off",
        witnessPolicy: parseSetting("witnessPolicy", textOf("witnessPolicy")),
        publisherName: parseSetting("publisherName", textOf("publisherName")),
        publisherCategory: parseSetting("publisherCategory", textOf("publisherCategory")) ?? defaultPublisher.category,
        publisherContact: parseSetting("publisherContact", textOf("publisherContact")),
        advisoryPrefix: parseSetting("advisoryPrefix", textOf("advisoryPrefix")) ?? defaultPublisher.prefix,
        cnaOrgId: parseSetting("cnaOrgId", textOf("cnaOrgId")),
        cnaShortName: parseSetting("cnaShortName", textOf("cnaShortName")),
        taxiiMarks: parseSetting("taxiiMarks", textOf("taxiiMarks")) ?? "off",
        taxiiMemory: parseSetting("taxiiMemory", textOf("taxiiMemory")) ?? 256,
        canaryZone: parseSetting("canaryZone", textOf("canaryZone")),
        canaryAddresses: parseSetting("canaryAddresses", textOf("canaryAddresses")) ?? "",
        canaryHost: parseSetting("canaryHost", textOf("canaryHost")) ?? host,
        canaryDnsPort: parseSetting("canaryDnsPort", textOf("canaryDnsPort")) ?? 8453,
        canaryHttpPort: parseSetting("canaryHttpPort", textOf("canaryHttpPort")) ?? 8442,
        alarmWebhook: parseSetting("alarmWebhook", textOf("alarmWebhook")),
        alarmSecretFile: parseSetting("alarmSecretFile", textOf("alarmSecretFile")),
        workerAgeMax: parseSetting("workerAgeMax", textOf("workerAgeMax")) ?? 60,
        diskFreeMin: parseSetting("diskFreeMin", textOf("diskFreeMin")) ?? 512,
        backupFolder: parseSetting("backupFolder", textOf("backupFolder")),
        backupRecipients: parseSetting("backupRecipients", textOf("backupRecipients")),
        backupInterval: parseSetting("backupInterval", textOf("backupInterval")) ?? 24,
        backupKeep: parseSetting("backupKeep", textOf("backupKeep")) ?? 14,
        metricsPort: parseSetting("metricsPort", textOf("metricsPort")),
        metricsHost: parseSetting("metricsHost", textOf("metricsHost")) ?? "127.0.0.1",
        role: parseSetting("role", textOf("role")) ?? "all",
        logLevel: parseSetting("logLevel", textOf("logLevel")) ?? "info",
    }
    assertComplete(settings)
    return settings
}

/** Refuses a setting without the other one that it needs. */
function assertComplete(settings: Settings): void {
    if (settings.role === "keys" && settings.keyProcess === null) {
        refuse(
            "invalid",
            "settings.key_process_missing",
            "the role `keys` needs `keyProcess`, the folder of its sockets",
        )
    }
    if (settings.smtpUrl !== null && settings.mailFrom === null) {
        refuse("invalid", "settings.incomplete", "`smtpUrl` needs `mailFrom`, the address that mail comes from")
    }
    if (settings.clientCertificateHeader !== null && settings.trustedProxy === "") {
        refuse(
            "invalid",
            "settings.proxy_missing",
            "`clientCertificateHeader` needs `trustedProxy`, the proxy that verifies the certificates",
        )
    }
    if (settings.alarmWebhook !== null && settings.alarmSecretFile === null) {
        refuse(
            "invalid",
            "settings.alarm_incomplete",
            "`alarmWebhook` needs `alarmSecretFile`, the secret that signs the calls",
        )
    }
    if (settings.backupFolder !== null && settings.backupRecipients === null) {
        refuse(
            "invalid",
            "settings.backup_incomplete",
            "`backupFolder` needs `backupRecipients`, whose identities open the backups",
        )
    }
    if ((settings.cnaOrgId === null) !== (settings.cnaShortName === null)) {
        refuse("invalid", "settings.cna_incomplete", "`cnaOrgId` and `cnaShortName` are set together, or neither")
    }
}

export function publisherSettingsOf(settings: Settings): PublisherSettings {
    const { publisherName: name, publisherCategory: category, publisherContact: contact } = settings
    const { advisoryPrefix: prefix, cnaOrgId: orgId, cnaShortName: shortName } = settings
    return { name, category, contact, prefix, cna: orgId === null || shortName === null ? null : { orgId, shortName } }
}

function parseSetting<Name extends SettingName>(
    name: Name,
    text: string | undefined,
): NonNullable<Settings[Name]> | null {
    if (text === undefined) return null
    const [read, form, visibility] = settingForms[name]
    const result = read(text)
    if (result !== null) return result
    const quotedText = visibility === "shown" ? ` \`${text.slice(0, 100).replaceAll(/\p{C}/gu, "?")}\`` : ""
    return refuse("invalid", "settings.invalid", `setting \`${name}\` cannot be${quotedText}: it is written ${form}`)
}

function readFile(file: string): Partial<Record<SettingName, string>> {
    let text: string
    try {
        text = fs.readFileSync(file, "utf8")
    } catch {
        return refuse("missing", "settings.file_missing", `the settings file \`${file}\` cannot be read`)
    }
    let parsed: unknown
    try {
        parsed = JSON.parse(text)
    } catch {
        parsed = null
    }
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
        return refuse("invalid", "settings.file_damaged", `the settings file \`${file}\` is not one JSON object`)
    }
    return Object.fromEntries(Object.entries(parsed).map(([name, raw]) => [settingNamed(name), textOfRaw(name, raw)]))
}

function settingNamed(name: string): SettingName {
    const found = settingNames.find((settingName) => settingName === name)
    return (
        found ??
        refuse(
            "invalid",
            "settings.not_found",
            `there is no setting \`${name.slice(0, 60)}\`: compare the name with docs/reference/settings.md`,
        )
    )
}

/** Settings with several values. The file can have them as a list. */
const listNames: readonly string[] = ["trustedProxy", "canaryAddresses", "backupRecipients"]

function textOfRaw(name: string, raw: unknown): string {
    if (typeof raw === "string" || typeof raw === "number") return String(raw)
    const isList = listNames.includes(name)
    if (isList && Array.isArray(raw) && raw.every((value) => typeof value === "string")) return raw.join(",")
    const forms = isList ? "a text or a list of texts" : "a text or a number"
    return refuse("invalid", "settings.invalid", `setting \`${name}\` is written as ${forms}`)
}

function defaultDataDir(env: NodeJS.ProcessEnv): string {
    return path.join(nonEmpty(env["XDG_DATA_HOME"]) ?? path.join(os.homedir(), ".local", "share"), "tocsin")
}

/**
 * Returns the default path: outside the data folder, and one for each data folder, since each program has its own key.
 */
function defaultKeyFile(dataDir: string, env: NodeJS.ProcessEnv): string {
    const folder = nonEmpty(env["XDG_CONFIG_HOME"]) ?? path.join(os.homedir(), ".config")
    const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 12)
    return path.join(folder, "tocsin", `${name}.key`)
}

function nonEmpty(text: string | undefined): string | undefined {
    return text === "" ? undefined : text
}

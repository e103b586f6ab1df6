/**
 * Settings: by flag, else by environment (`TOCSIN_…`), else by a JSON file, else a default. One table says them all.
 *
 * Nothing is ignored: a key in the file that is not in the table is refused by its name. A refusal never repeats a
 * value that may hold a password.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import { isIP } from "node:net"
import os from "node:os"
import path from "node:path"
import { refuse } from "../lib/refusal.ts"

export const roles = ["all", "console", "portal", "worker"] as const
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const
export const postgresSources = ["any", "machine", "package"] as const

export interface Settings {
    readonly dataDir: string
    /** Null: a private PostgreSQL in the data folder. */
    readonly databaseUrl: string | null
    /** Where that PostgreSQL comes from. */
    readonly postgres: (typeof postgresSources)[number]
    readonly keyFile: string
    /** Where both listen; TLS is for whoever stands before them. */
    readonly host: string
    readonly consolePort: number
    readonly portalPort: number
    readonly consoleOrigin: string
    readonly portalOrigin: string
    /** Null: no mail is sent. */
    readonly smtpUrl: string | null
    readonly mailFrom: string | null
    /** Seconds from one batch of receipts to the next; the same on all nodes. */
    readonly receiptsInterval: number
    readonly role: (typeof roles)[number]
    readonly logLevel: (typeof logLevels)[number]
}

export type SettingName = keyof Settings
export type Flags = Readonly<Partial<Record<SettingName, string | undefined>>>

type Read<T> = (text: string) => T | null

/** How each setting is written, and whether a refusal may show what was written instead. */
const table: {
    readonly [Name in SettingName]: readonly [Read<NonNullable<Settings[Name]>>, string, "shown" | "hidden"]
} = {
    dataDir: [readPath, "a path", "shown"],
    databaseUrl: [(text) => readUrl(text, ["postgres:", "postgresql:"]), "like `postgresql://host/name`", "hidden"],
    postgres: [(text) => oneOf(postgresSources, text), postgresSources.join(", "), "shown"],
    keyFile: [readPath, "a path", "shown"],
    host: [(text) => (isIP(text) > 0 || text === "localhost" ? text : null), "an IP address of this machine", "shown"],
    consolePort: [readPort, "a port, 0 to 65535", "shown"],
    portalPort: [readPort, "a port, 0 to 65535", "shown"],
    consoleOrigin: [readOrigin, "like `https://console.example.org`, without a path", "shown"],
    portalOrigin: [readOrigin, "like `https://portal.example.org`, without a path", "shown"],
    smtpUrl: [(text) => readUrl(text, ["smtp:", "smtps:"]), "like `smtps://name:password@host`", "hidden"],
    mailFrom: [(text) => (/^[^\s<>"]+@[^\s<>"]+$/.test(text) ? text : null), "like `name@example.org`", "shown"],
    receiptsInterval: [readInterval, "1 to 3600 seconds", "shown"],
    role: [(text) => oneOf(roles, text), roles.join(", "), "shown"],
    logLevel: [(text) => oneOf(logLevels, text), logLevels.join(", "), "shown"],
}

export const settingNames = Object.keys(table) as SettingName[]

/** `dataDir` is `TOCSIN_DATA_DIR`. */
export function variableOf(name: SettingName): string {
    return `TOCSIN_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/**
 * Reads all settings. `file` is the JSON file, null for none. `DATABASE_URL` counts where no other says the database.
 * Throws `settings.file_missing`, `settings.file_damaged`, `settings.unknown`, `settings.invalid`, `settings.incomplete`.
 */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv = process.env, file: string | null = null): Settings {
    const written = file === null ? {} : readFile(file)
    const sourced = (name: SettingName): string | undefined =>
        filled(flags[name]) ?? filled(env[variableOf(name)]) ?? filled(written[name])
    const dataDir = value("dataDir", sourced("dataDir")) ?? defaultDataDir(env)
    const consolePort = value("consolePort", sourced("consolePort")) ?? 8440
    const portalPort = value("portalPort", sourced("portalPort")) ?? 8441
    const settings: Settings = {
        dataDir,
        databaseUrl: value("databaseUrl", sourced("databaseUrl") ?? filled(env["DATABASE_URL"])),
        postgres: value("postgres", sourced("postgres")) ?? "any",
        keyFile: value("keyFile", sourced("keyFile")) ?? defaultKeyFile(dataDir, env),
        host: value("host", sourced("host")) ?? "127.0.0.1",
        consolePort,
        portalPort,
        consoleOrigin: value("consoleOrigin", sourced("consoleOrigin")) ?? `http://localhost:${consolePort}`,
        portalOrigin: value("portalOrigin", sourced("portalOrigin")) ?? `http://localhost:${portalPort}`,
        smtpUrl: value("smtpUrl", sourced("smtpUrl")),
        mailFrom: value("mailFrom", sourced("mailFrom")),
        receiptsInterval: value("receiptsInterval", sourced("receiptsInterval")) ?? 60,
        role: value("role", sourced("role")) ?? "all",
        logLevel: value("logLevel", sourced("logLevel")) ?? "info",
    }
    if (settings.smtpUrl !== null && settings.mailFrom === null) {
        refuse("invalid", "settings.incomplete", "`smtpUrl` needs `mailFrom`, the address that mail comes from")
    }
    return settings
}

function value<Name extends SettingName>(name: Name, text: string | undefined): NonNullable<Settings[Name]> | null {
    if (text === undefined) return null
    const [read, form, showing] = table[name]
    const result = read(text)
    if (result !== null) return result
    const shown = showing === "shown" ? ` \`${text.slice(0, 100).replaceAll(/\p{C}/gu, "?")}\`` : ""
    return refuse("invalid", "settings.invalid", `setting \`${name}\` cannot be${shown}: it is written ${form}`)
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
    return Object.fromEntries(Object.entries(parsed).map(([name, given]) => [known(name), written(name, given)]))
}

function known(name: string): SettingName {
    const found = settingNames.find((one) => one === name)
    return found ?? refuse("invalid", "settings.unknown", `there is no setting \`${name.slice(0, 60)}\``)
}

function written(name: string, given: unknown): string {
    if (typeof given === "string" || typeof given === "number") return String(given)
    return refuse("invalid", "settings.invalid", `setting \`${name}\` is written as a text or a number`)
}

function defaultDataDir(env: NodeJS.ProcessEnv): string {
    return path.join(filled(env["XDG_DATA_HOME"]) ?? path.join(os.homedir(), ".local", "share"), "tocsin")
}

/** Outside the data folder, and one for each: a program's key opens no other program. */
function defaultKeyFile(dataDir: string, env: NodeJS.ProcessEnv): string {
    const folder = filled(env["XDG_CONFIG_HOME"]) ?? path.join(os.homedir(), ".config")
    const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 12)
    return path.join(folder, "tocsin", `${name}.key`)
}

function filled(text: string | undefined): string | undefined {
    return text === "" ? undefined : text
}

function readPath(text: string): string | null {
    return text.includes("\0") ? null : path.resolve(text)
}

function readPort(text: string): number | null {
    return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null
}

function readInterval(text: string): number | null {
    return /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 3600 ? Number(text) : null
}

function readUrl(text: string, schemes: readonly string[]): string | null {
    return schemes.includes(URL.parse(text)?.protocol ?? "") ? text : null
}

function readOrigin(text: string): string | null {
    const url = URL.parse(text)
    const plain = url && ["http:", "https:"].includes(url.protocol) && text.replace(/\/$/, "") === url.origin
    return plain ? url.origin : null
}

function oneOf<T extends string>(words: readonly T[], text: string): T | null {
    return words.find((word) => word === text) ?? null
}

/** Provides commands with settings, the database, the key and orderly closing. */
import { receiptLogKey } from "../trust/signing-keys/actions/load-log-keys.ts"
import { readWitnessPolicy } from "./witness-policy.ts"
import type { Command } from "commander"
import { hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { databaseClock } from "../platform/time/clock.ts"
import { type Db, openDb } from "../platform/postgres/db.ts"
import type { AlarmReceiver, BackupPlan, Services } from "../kernel/services.ts"
import { openHighWater } from "../kernel/high-water.ts"
import { remoteHighWater } from "../kernel/remote-high-water.ts"
import { type KeyProcess, openKeyProcess } from "../platform/key-process/remote-keys.ts"
import { type Unlock, keyReader, openKey } from "./key.ts"
import type { Keys } from "../platform/crypto/keys.ts"
import type { Log } from "../platform/log/log.ts"
import { type Mail, noMail } from "../platform/mail/mail.ts"
import { openRootKey } from "../platform/crypto/root-key.ts"
import { assertCurrent, isMigrated } from "../platform/postgres/migrate.ts"
import type { IdentityProvider } from "../platform/single-sign-on/identity-provider.ts"
import { type Outgoing, noOutgoing } from "../platform/outgoing/outgoing.ts"
import { hasCluster } from "../platform/postgres/postgres-home.ts"
import { findRunning, startPostgres } from "../platform/postgres/postgres.ts"
import {
    type Settings,
    type Flags as SettingFlags,
    publisherSettingsOf,
    readSettings,
} from "../platform/config/settings.ts"
import { hasAnyEvent } from "../kernel/action-context.ts"
import { guardDatabase } from "../trust/continuity/actions/guard-database.ts"
import { buildServices, openMigrated } from "./services.ts"

/** Flags of every such command, as commander returns them. */
export interface ProgramFlags extends Omit<SettingFlags, "dataDir"> {
    readonly data?: string
    readonly settings?: string
}

/** Adds the flags of every command on a program. */
export function withProgramFlags(command: Command): Command {
    return command
        .option("--data <dir>", "the data folder; without --database-url it contains a private PostgreSQL")
        .option("--database-url <url>", "a PostgreSQL of your own")
        .option("--postgres <source>", "where the private PostgreSQL comes from: any, machine, package")
        .option("--key-file <file>", "the key-encryption key, outside the data folder")
        .option("--key-command <file>", "an executable that prints the key, in place of reading the key file")
        .option("--settings <file>", "settings as JSON; flags and TOCSIN_… in the environment go before it")
        .option("--log-level <level>", "debug, info, warn, error, silent")
}

/** Reads the settings. `--data` names the database too, so DATABASE_URL is ignored with it. */
export function settingsFrom(flags: ProgramFlags, env: NodeJS.ProcessEnv = process.env): Settings {
    const { data, settings, ...rest } = flags
    const { DATABASE_URL: databaseUrl, ...others } = env
    const visibleEnv =
        data === undefined && databaseUrl !== undefined ? { ...others, DATABASE_URL: databaseUrl } : others
    return readSettings({ ...rest, dataDir: data }, visibleEnv, settings ?? env["TOCSIN_SETTINGS"] ?? null)
}

export interface ProgramDatabase {
    readonly url: string
    /** Resolves with the reason when a private PostgreSQL ends. */
    readonly lost: Promise<string>
}

/** Runs work on the named database, or on a private one that stops afterwards. */
export async function withDatabase<T>(
    settings: Settings,
    log: Log,
    work: (database: ProgramDatabase) => Promise<T>,
): Promise<T> {
    const { databaseUrl, dataDir, postgres: source } = settings
    if (databaseUrl !== null) return await work({ url: databaseUrl, lost: new Promise(() => undefined) })
    const postgres = await startPostgres(dataDir, { log, from: source })
    try {
        return await work(postgres)
    } finally {
        await postgres.stop()
    }
}

/** Runs work on the database while a server may use it. A private one is started only if it does not run. */
export async function withRunningDatabase<T>(
    settings: Settings,
    log: Log,
    work: (url: string) => Promise<T>,
): Promise<T> {
    const running = settings.databaseUrl === null ? await findRunning(settings.dataDir) : null
    return running === null ? await withDatabase(settings, log, ({ url }) => work(url)) : await work(running)
}

/** Connects to a database. Refuses `serve.no_database`. */
export async function connectTo(url: string): Promise<Db> {
    const db = openDb(url)
    try {
        await db.transaction((tx) => tx.query("select 1"))
        return db
    } catch (error) {
        await db.close()
        const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given"
        return refuse("missing", "serve.no_database", `the database does not answer: \`${code}\``)
    }
}

/** Refuses a data folder without a program, before anything starts. */
export function assertHasCluster({ databaseUrl, dataDir }: Settings): void {
    if (databaseUrl === null && !hasCluster(dataDir)) refuseNoProgram()
}

interface ProgramOptions {
    readonly url: string
    readonly log: Log
    readonly mail?: Mail
    readonly outgoing?: Outgoing
    readonly identityProviders?: readonly IdentityProvider[]
    readonly alarmReceiver?: AlarmReceiver | null
    /** Only a server may migrate: other commands refuse another version's database. */
    readonly mayMigrate?: boolean
    /** Opens a locked key file. Default: asks at the terminal. */
    readonly unlock?: Unlock
    /** Ends the wait for a key process. */
    readonly stopped?: Promise<unknown>
    /** The key-encryption key, where the caller has opened it. */
    readonly key?: Uint8Array
    /** False where the key file can be a copy: without a high-water file next to it, a quarantine would open. */
    readonly isGuarded?: boolean
}

/**
 * Opens the services of a program; the caller closes `db`. Refuses `serve.no_program`, `serve.key_mismatch`, and what
 * `openKey`, `migrate` and `assertCurrent` refuse.
 */
export async function openProgram(
    settings: Settings,
    {
        url,
        log,
        mail = noMail,
        outgoing = noOutgoing,
        identityProviders = [],
        alarmReceiver = null,
        mayMigrate = false,
        unlock,
        stopped = new Promise(() => undefined),
        key: openedKey,
        isGuarded = true,
    }: ProgramOptions,
): Promise<Services> {
    const db = await connectTo(url)
    try {
        if (!(await db.transaction(async (tx) => (await isMigrated(tx)) && (await hasAnyEvent(tx))))) refuseNoProgram()
    } finally {
        await db.close()
    }
    const keyProcess = mayMigrate ? await findKeyProcess(settings, log, stopped) : null
    const { db: database, keys } =
        keyProcess === null
            ? await openWithKey(settings, { url, log, mayMigrate, key: openedKey ?? (await openKey(settings, unlock)) })
            : { db: await openCurrent(url), keys: keyProcess.keys }
    const parts = {
        keys,
        areKeysUp: keyProcess?.isUp ?? null,
        clock: databaseClock,
        mail,
        outgoing,
        identityProviders,
        alarmReceiver,
        log,
        highWater: keyProcess === null ? openHighWater(settings.keyFile, keys) : remoteHighWater(keyProcess),
        receiptsIntervalMs: settings.receiptsInterval * 1000,
        tileReaders: settings.receiptLogTiles,
        witnessing: readWitnessPolicy(settings.witnessPolicy, receiptLogKey(keys).name),
        workerAgeMaxMs: settings.workerAgeMax * 1000,
        publisherSettings: publisherSettingsOf(settings),
        marksTaxiiTexts: settings.taxiiMarks === "on",
        taxiiCacheBytesMax: settings.taxiiMemory * 1024 * 1024,
        canaryZone: settings.canaryZone,
        backupPlan: backupPlanOf(settings, url),
        backupIntervalMs: settings.backupInterval * hourMs,
    }
    try {
        const services = buildServices(database, parts)
        if (isGuarded) await guardDatabase(services)
        return services
    } catch (error) {
        await database.close()
        throw error
    }
}

/**
 * Waits for the key process, where a server has one. Null: this process opens the key itself. Refuses
 * `serve.key_process_apart` and `serve.stopped_waiting`.
 */
async function findKeyProcess(
    { keyProcess: folder, role }: Settings,
    log: Log,
    stopped: Promise<unknown>,
): Promise<KeyProcess | null> {
    if (folder === null || role === "keys" || role === "canary") return null
    if (role === "all") {
        refuse("invalid", "serve.key_process_apart", "`keyProcess` is for roles apart: set `role`, or no `keyProcess`")
    }
    const found = await openKeyProcess({ folder, role, log }, stopped)
    return found ?? refuse("conflict", "serve.stopped_waiting", "stopped before the key process answered: start again")
}

async function openWithKey(
    settings: Settings,
    {
        url,
        log,
        mayMigrate,
        key,
    }: { readonly url: string; readonly log: Log; readonly mayMigrate: boolean; readonly key: Uint8Array },
): Promise<{ readonly db: Db; readonly keys: Keys }> {
    const readAgain = keyReader(settings, log)
    if (mayMigrate) return await openMigrated(url, key, log, readAgain)
    const db = await openCurrent(url)
    try {
        return { db, keys: await db.transaction((tx) => openRootKey(tx, key, readAgain)) }
    } catch (error) {
        await db.close()
        throw error
    }
}

/** Opens a database of this version. */
async function openCurrent(url: string): Promise<Db> {
    const db = openDb(url)
    try {
        await db.transaction(assertCurrent)
        return db
    } catch (error) {
        await db.close()
        throw error
    }
}

function backupPlanOf(settings: Settings, databaseUrl: string): BackupPlan | null {
    const { backupFolder: folder, backupRecipients: recipients, backupInterval, backupKeep: keep } = settings
    if (folder === null || recipients === null || backupInterval === 0) return null
    return { databaseUrl, folder, recipients: recipients.split(","), intervalMs: backupInterval * hourMs, keep }
}

function refuseNoProgram(): never {
    refuse("missing", "serve.no_program", "no program here: run `tocsin init` first")
}

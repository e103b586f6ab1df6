/**
 * Runs a private PostgreSQL for operators that provide none: in the data folder, on a unix socket, for one server at
 * a time.
 *
 * The server holds an advisory lock in the database by a connection that ends with the process. After a kill -9, the
 * lock is free. The next start finds the orphaned PostgreSQL by its socket, stops it and starts its own.
 *
 * PostgreSQL has its own process group, so that Ctrl-C reaches the server first. It never outlives a clean exit.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import pg from "pg"
import { refuse } from "@tocsin/base/refusal"
import { type Log, silentLog } from "../log/log.ts"
import { type Home, findSocketFolder, openHome, superuser } from "./postgres-home.ts"
import { childEnvironment, type ProgramSource } from "./postgres-program.ts"

export interface Postgres {
    /**
     * For `openDb`: the database `tocsin`. Its role owns the database, may create others, and has no further rights.
     */
    readonly url: string
    /** `15.14` */
    readonly version: string
    /** Resolves with the reason when PostgreSQL or the folder's lock was lost, without `stop`: end the program then. */
    readonly lost: Promise<string>
    /** A fast shutdown: transactions under way are rolled back. */
    stop(): Promise<void>
}

export interface PostgresOptions {
    readonly log?: Log
    readonly from?: ProgramSource
    /** Without fsync: a power cut may destroy the folder. For tests. */
    readonly fast?: boolean
}

const lockKey = 7_286_150
const role = "tocsin"
const startMsMax = 60_000
/** How long the connections of a killed server may stay open. */
const handoverMsMax = 1_500
/** Messages of PostgreSQL when another one still or already runs, or when it stops. */
const transientMessage = /lock file|shared memory|shutdown request/

/**
 * Starts the cluster in `dataDir`, creating it where there is none.
 * Throws `postgres.folder_in_use`, `postgres.version_mismatch`, `postgres.not_found`, `postgres.no_user`.
 */
export async function startPostgres(dataDir: string, options: PostgresOptions = {}): Promise<Postgres> {
    const { log = silentLog, from = "any", fast = false } = options
    if (fast) log.warn("postgres runs without fsync: a power cut may destroy the folder", { folder: dataDir })
    const home = openHome(dataDir, from, fast)
    const { child, lock } = await takeFolder(home, fast, log)
    try {
        await createDatabase(lock)
        const { rows } = await lock.query<{ server_version: string }>("show server_version")
        const version = rows[0]?.server_version.split(" ")[0] ?? ""
        log.info("postgres runs", { version, folder: home.cluster, pid: child.pid })
        return supervise(home, child, lock, version)
    } catch (error) {
        await shutDown(child, lock)
        throw error
    }
}

/** Returns the URL of the PostgreSQL that a server runs on this data folder; null where none runs. */
export async function findRunning(dataDir: string): Promise<string | null> {
    const socket = findSocketFolder(dataDir)
    if (socket === null) return null
    const connection = await tryConnect({ socket })
    if (typeof connection === "string") return null
    await connection.end()
    return urlOf({ socket })
}

interface RunningPostgres {
    readonly child: ChildProcess
    readonly lock: pg.Client
}

/** Every start takes the lock. A start that does not get it begins again. */
async function takeFolder(home: Home, fast: boolean, log: Log): Promise<RunningPostgres> {
    const giveUpAt = Date.now() + startMsMax
    let message = ""
    while (Date.now() < giveUpAt) {
        const connection = await tryConnect(home)
        if (connection === "busy") {
            await pause(50)
        } else if (connection !== "nobody") {
            if (!(await isAbandoned(connection))) {
                await connection.end().catch(() => undefined)
                refuse("conflict", "postgres.folder_in_use", "another server is running on this data folder")
            }
            log.warn("stopping the postgres that a killed server left behind", { folder: home.cluster })
            await stopOrphan(home, connection)
        } else {
            const started = await launch(home, fast, log)
            if (typeof started !== "string") return started
            message = started
            if (!transientMessage.test(message)) break
            removeStalePidFile(home.cluster)
            await pause(100)
        }
    }
    throw new Error(`postgres did not start: ${message.slice(-500)}`)
}

/** Starts PostgreSQL and takes the lock. Returns PostgreSQL's message where it ended first. */
async function launch(home: Home, fast: boolean, log: Log): Promise<RunningPostgres | string> {
    const child = spawn(path.join(home.program.bin, "postgres"), serverArguments(home, fast), {
        ...home.runAs,
        cwd: "/",
        env: childEnvironment,
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
    })
    let output = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-2000)
        for (const line of text.split("\n")) if (line.trim() !== "") log.debug("postgres", { text: line.trim() })
    })
    let ended = false
    const end = once(child, "close").then(
        () => (ended = true),
        (error: unknown) => {
            output += String(error)
            ended = true
        },
    )
    const giveUpAt = Date.now() + startMsMax
    while (!ended && Date.now() < giveUpAt) {
        const connection = await tryConnect(home)
        if (typeof connection !== "string") {
            if (pidIn(home.cluster) === child.pid && (await tryLock(connection, handoverMsMax))) {
                return { child, lock: connection }
            }
            await connection.end().catch(() => undefined)
            await Promise.race([end, pause(handoverMsMax)])
            break
        }
        await Promise.race([end, pause(10)])
    }
    if (!ended) child.kill("SIGINT")
    await end
    return output
}

function serverArguments(home: Home, fast: boolean): string[] {
    const settings: Record<string, string> = {
        listen_addresses: "",
        unix_socket_directories: home.socket,
        unix_socket_permissions: "0700",
        timezone: "UTC",
        log_timezone: "UTC",
        logging_collector: "off",
        log_destination: "stderr",
        log_checkpoints: "off",
        // Messages and statements of errors contain values. They go to the caller, never to a log.
        log_min_messages: "log",
        log_min_error_statement: "panic",
        log_error_verbosity: "terse",
        ...(fast ? { fsync: "off", full_page_writes: "off" } : {}),
    }
    return ["-D", home.cluster, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])]
}

/** Returns a connection; `nobody` where no server listens; `busy` where a server listens and does not answer yet. */
async function tryConnect(home: Pick<Home, "socket">): Promise<pg.Client | "nobody" | "busy"> {
    const client = new pg.Client({
        host: home.socket,
        user: superuser,
        database: "postgres",
        connectionTimeoutMillis: 5_000,
        application_name: "tocsin: holds the data folder",
    })
    client.on("error", () => undefined)
    try {
        await client.connect()
        return client
    } catch (error) {
        await client.end().catch(() => undefined)
        const code = error instanceof Error && "code" in error ? error.code : undefined
        return code === "ENOENT" || code === "ECONNREFUSED" ? "nobody" : "busy"
    }
}

async function tryLock(client: pg.Client, msMax: number): Promise<boolean> {
    const giveUpAt = Date.now() + msMax
    for (;;) {
        try {
            const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_lock($1) as got", [lockKey])
            if (rows[0]?.got === true) return true
        } catch {
            return false
        }
        if (Date.now() >= giveUpAt) return false
        await pause(50)
    }
}

/**
 * Whether the lock stays free. A running server that lost its lock in a crash of PostgreSQL takes it again within
 * moments.
 */
async function isAbandoned(client: pg.Client): Promise<boolean> {
    if (!(await tryLock(client, handoverMsMax))) return false
    await client.query("select pg_advisory_unlock($1)", [lockKey]).catch(() => undefined)
    await pause(handoverMsMax / 2)
    return tryLock(client, 0)
}

/** Under the lock, no server uses the folder. The pid file is right, because this PostgreSQL answers. */
async function stopOrphan(home: Home, lock: pg.Client): Promise<void> {
    const pid = pidIn(home.cluster)
    if (pid === null || !isUsedByProcess(home.cluster, [pid])) {
        await lock.end()
        refuse(
            "conflict",
            "postgres.folder_in_use",
            "another PostgreSQL, not visible from here, runs on this data folder",
        )
    }
    process.kill(pid, "SIGINT")
    await lock.end().catch(() => undefined)
    const giveUpAt = Date.now() + startMsMax
    while (isAlive(pid) && isUsedByProcess(home.cluster, [pid])) {
        if (Date.now() > giveUpAt) throw new Error(`the postgres left behind, process ${pid}, does not stop`)
        await pause(20)
    }
}

/**
 * After a reboot or in a new container, an old pid file may name another program's pid, and PostgreSQL refuses to
 * start. Deletes the file where no PostgreSQL works in the folder.
 */
function removeStalePidFile(cluster: string): void {
    const pid = pidIn(cluster)
    if (pid === null || !isAlive(pid) || isUsedByProcess(cluster)) return
    if (pidIn(cluster) === pid) fs.rmSync(path.join(cluster, "postmaster.pid"), { force: true })
}

/** Whether one of the processes uses the folder; true where the system does not tell. */
function isUsedByProcess(cluster: string, pids: readonly (number | string)[] = listProcesses()): boolean {
    if (!fs.existsSync("/proc/self/cwd")) return true
    return pids.some((pid) => {
        try {
            return fs.readlinkSync(`/proc/${pid}/cwd`) === cluster
        } catch {
            return false
        }
    })
}

function listProcesses(): string[] {
    return fs.existsSync("/proc") ? fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : []
}

function pidIn(cluster: string): number | null {
    try {
        const pid = Number.parseInt(fs.readFileSync(path.join(cluster, "postmaster.pid"), "latin1"), 10)
        return pid > 1 ? pid : null
    } catch {
        return null
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return true
    } catch {
        return false
    }
}

async function createDatabase(lock: pg.Client): Promise<void> {
    const roles = await lock.query("select from pg_roles where rolname = $1", [role])
    if (roles.rowCount === 0) await lock.query(`create role ${role} login createdb`)
    const bases = await lock.query("select from pg_database where datname = $1", [role])
    if (bases.rowCount === 0) await lock.query(`create database ${role} owner ${role}`)
}

function supervise(home: Home, child: ChildProcess, first: pg.Client, version: string): Postgres {
    let lock = first
    let stopping: Promise<void> | undefined
    const stopOnExit = () => child.kill("SIGINT")
    process.once("exit", stopOnExit)
    const isOver = () => stopping !== undefined || child.exitCode !== null || child.signalCode !== null
    const lost = new Promise<string>((resolve) => {
        child.once("exit", () => {
            process.off("exit", stopOnExit)
            if (!stopping) resolve("postgres has ended unexpectedly")
        })
        // When one of its processes crashes, PostgreSQL drops all connections and continues.
        const regain = async () => {
            const newLock = await relock(home, isOver)
            if (newLock) watchLock((lock = newLock))
            else if (!isOver()) resolve("the lock on the data folder is lost")
        }
        const watchLock = (client: pg.Client) => {
            client.once("end", () => void regain())
        }
        watchLock(first)
    })
    const stop = () => (stopping ??= shutDown(child, lock))
    return { url: urlOf(home), version, lost, stop }
}

async function relock(home: Home, isOver: () => boolean): Promise<pg.Client | null> {
    const giveUpAt = Date.now() + 10_000
    while (!isOver() && Date.now() < giveUpAt) {
        const connection = await tryConnect(home)
        if (typeof connection !== "string") {
            if (!isOver() && (await tryLock(connection, handoverMsMax))) return connection
            await connection.end().catch(() => undefined)
        }
        await pause(50)
    }
    return null
}

async function shutDown(child: ChildProcess, lock: pg.Client): Promise<void> {
    const ended = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, "exit")
    child.ref()
    child.kill("SIGINT")
    await lock.end().catch(() => undefined)
    // SIGQUIT: at once, with recovery at the next start.
    const killTimers = [
        setTimeout(() => child.kill("SIGQUIT"), 30_000),
        setTimeout(() => child.kill("SIGKILL"), 40_000),
    ]
    await ended
    killTimers.forEach(clearTimeout)
}

/** The query names the socket's folder, so that a caller changes only the path for another database. */
function urlOf(home: Pick<Home, "socket">): string {
    return `postgresql://${role}@localhost/${role}?host=${encodeURIComponent(home.socket)}`
}

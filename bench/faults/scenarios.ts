/** One fault each: where a process dies, stops or finds no space, and what must be true afterwards. */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import net from "node:net"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import type { RunningCommand } from "../../test/support/command.ts"
import { readKeyFile } from "../../server/src/platform/crypto/keys.ts"
import { findRootKey } from "../../server/src/platform/crypto/root-key.ts"
import { checkAgain, folderIn, lateIn, signalInside } from "./commands.ts"
import { killRenewal, killRotation } from "./rotations.ts"
import { cutUpgrade } from "./upgrades.ts"
import { checkBackup } from "../../server/src/trust/continuity/backups/actions/read-backup.ts"
import {
    type Server,
    type World,
    endServer,
    ensureServer,
    postgresPid,
    run,
    serve,
    startLoad,
    suspendNext,
    untilLoaded,
} from "./world.ts"

/** One round. `random` gives numbers from 0 to 1. Returns what is wrong. */
export interface Scenario {
    readonly name: string
    /** The most rounds: some faults take a minute. */
    readonly roundsMax?: number
    /** Whether it mounts a small disk. */
    readonly needsRoot?: boolean
    readonly run: (world: World, random: () => number) => Promise<readonly string[]>
}

const endMsMax = 30_000

/** Whether the process ended in time. */
async function endsInTime(running: RunningCommand): Promise<boolean> {
    const late = pause(endMsMax).then(() => false)
    return await Promise.race([running.ended.then(() => true), late])
}

/** Runs a fault in the middle of the load, which ends the server. A partner is suspended at the same time. */
async function underLoad(
    world: World,
    fault: (server: Server) => Promise<void>,
    random: () => number,
): Promise<string[]> {
    const server = await ensureServer(world)
    const load = startLoad(world, server)
    await untilLoaded(world)
    const suspension = pause(random() * 200).then(() => suspendNext(world, server))
    await pause(random() * 1200)
    await fault(server)
    world.current.server = null
    await suspension
    await load.stop()
    return [...load.faults]
}

const kill = async ({ running }: Server) => void (await running.end("SIGKILL"))

async function killPostgres(world: World, { running }: Server): Promise<string[]> {
    process.kill(postgresPid(world), "SIGKILL")
    if (await endsInTime(running)) return []
    await running.end("SIGKILL")
    return ["the server continues without PostgreSQL"]
}

/** Kills one of PostgreSQL's processes: it then drops all connections, and recovers. */
function killBackend(world: World, random: () => number): void {
    const children = execFileSync("ps", ["-o", "pid=", "--ppid", String(postgresPid(world))], { encoding: "utf8" })
    const pids = children.trim().split(/\s+/).map(Number)
    const pid = pids[Math.floor(random() * pids.length)]
    if (pid !== undefined) process.kill(pid, "SIGKILL")
}

// --- Backups

const backupsIn = (folder: string): string[] => fs.readdirSync(folder).map((name) => path.join(folder, name))

/** Each file with the name of a backup must be whole. */
async function checkBackups({ home, identityFile }: World, folder: string): Promise<string[]> {
    const faults: string[] = []
    const key = readKeyFile(path.join(home, "keys/key"), path.join(home, "data"))
    const identity = fs.readFileSync(identityFile, "utf8").trim()
    for (const file of backupsIn(folder)) {
        const isGood = await checkBackup(file, [identity], (rows) => findRootKey(rows, key)).then(
            () => true,
            () => false,
        )
        if (file.endsWith(".age") && !isGood) faults.push("a finished backup does not verify")
        fs.rmSync(file)
    }
    return faults
}

/** How long a backup takes, found out once. */
const backupMs = new WeakMap<World, number>()
async function timeOfBackup(world: World, file: string): Promise<number> {
    const known = backupMs.get(world)
    if (known !== undefined) return known
    const start = performance.now()
    const { code, err } = await run(world, "backup", "--recipient", world.recipient, "--out", file)
    if (code !== 0) throw new Error(`a backup fails without a fault: ${err}`)
    const ms = performance.now() - start
    backupMs.set(world, ms)
    return ms
}

const backupArgs = ({ flags, recipient }: World, file: string): string[] => [
    "backup",
    ...flags,
    ...["--recipient", recipient, "--out", file],
]

const killBackup =
    (signal: NodeJS.Signals): Scenario["run"] =>
    async (world, random) => {
        const folder = folderIn(world, "by-hand")
        // With a server and without one: the command then starts PostgreSQL itself.
        if (random() < 0.5) await ensureServer(world)
        else await endServer(world, "SIGTERM")
        const afterMs = lateIn(await timeOfBackup(world, path.join(folder, "a.age")), random)
        await signalInside(world, backupArgs(world, path.join(folder, "b.age")), signal, afterMs)
        const drafts = backupsIn(folder).filter((file) => file.endsWith(".part"))
        const faults = signal === "SIGTERM" && drafts.length > 0 ? ["a stopped backup leaves a draft"] : []
        faults.push(...(await checkBackups(world, folder)))
        if (random() < 0.75) return faults
        const again = await run(world, "backup", "--recipient", world.recipient, "--out", path.join(folder, "c.age"))
        if (again.code !== 0) faults.push(`the next backup fails: ${again.err.slice(0, 200)}`)
        return [...faults, ...(await checkBackups(world, folder)), ...(await checkAgain(world))]
    }

async function killScheduledBackup(world: World, random: () => number): Promise<string[]> {
    await endServer(world, "SIGTERM")
    const folder = folderIn(world, "scheduled")
    const plan = ["--backup-folder", folder, "--backup-recipients", world.recipient, "--backup-interval", "1"]
    const server = await serve(world, ...plan)
    await pause(random() * 4000)
    await kill(server)
    return [...(await checkBackups(world, folder)), ...(await checkAgain(world))]
}

// --- Restores

/** The backup that is restored, with its program as it was then. */
const backups = new WeakMap<World, string>()
async function backupOf(world: World): Promise<string> {
    const known = backups.get(world)
    if (known !== undefined) return known
    const file = path.join(folderIn(world, "to-restore"), "b.age")
    const { code, err } = await run(world, "backup", "--recipient", world.recipient, "--out", file)
    if (code !== 0) throw new Error(`a backup fails without a fault: ${err}`)
    backups.set(world, file)
    return file
}

const restored = (world: World, home: string): World => ({
    ...world,
    home,
    flags: ["--data", path.join(home, "data"), "--key-file", path.join(home, "keys/key")],
    current: { server: null },
})

const killRestore =
    (signal: NodeJS.Signals): Scenario["run"] =>
    async (world, random) => {
        const target = restored(world, path.join(world.home, "restored"))
        fs.rmSync(target.home, { recursive: true, force: true })
        fs.mkdirSync(target.home, { mode: 0o755 })
        const args = ["restore", await backupOf(world), "--identity", world.identityFile]
        fs.cpSync(path.join(world.home, "keys"), path.join(target.home, "keys"), { recursive: true })
        await signalInside(target, [...args, ...target.flags], signal, lateIn(9000, random))
        const isFirst = random() < 0.3
        if (isFirst && (await run(target, "export", "--out", path.join(target.home, "log.jsonl"))).code === 0)
            return await checkQuarantine(target)
        const again = await run(target, ...args)
        if (again.code !== 0 && !again.err.includes("restore.not_empty"))
            return [`an interrupted restore cannot be repeated: ${again.err.slice(0, 300)}`]
        return again.code !== 0 || random() < 0.3 ? await checkQuarantine(target) : []
    }

/** Serves a restored program: it has all rows of the backup, and serves no partner. */
async function checkQuarantine(target: World): Promise<string[]> {
    const server = await serve(target)
    try {
        const [partner] = target.fetchers.slice(-1)
        const headers = { authorization: `Bearer ${partner?.token}` }
        const { status } = await fetch(server.portal + partner?.copy, { headers })
        const log = await fetch(`${server.console}/api/audit-log/verify`, {
            headers: { authorization: `Bearer ${target.tokens.manager}` },
        })
        const text = await log.text()
        // The high-water file is newer than the backup: that is what the quarantine is for. A backup right after the
        // start can have no checkpoint.
        const isAsSigned = ['"ok":true', "unsigned_leaves", "audit_log.no_checkpoint"].some((part) =>
            text.includes(part),
        )
        return [
            ...(status === 503 ? [] : [`a restored program answers a partner with ${status}`]),
            ...(isAsSigned ? [] : [`the restored audit log does not verify: ${text.slice(0, 200)}`]),
        ]
    } finally {
        await server.running.end("SIGTERM")
    }
}

// --- Disks and receivers

/** Runs work with a small disk at a folder, if the system allows. */
async function withSmallDisk(folder: string, MiB: number, work: () => Promise<string[]>): Promise<string[]> {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${MiB}m`, "tmpfs", folder])
    try {
        return await work()
    } finally {
        execFileSync("umount", ["-l", folder])
    }
}

async function fillBackupDisk(world: World, random: () => number): Promise<string[]> {
    const folder = folderIn(world, "small")
    return await withSmallDisk(folder, 1, async () => {
        fs.writeFileSync(path.join(folder, "ballast"), Buffer.alloc(Math.floor((0.93 + 0.07 * random()) * 1024 * 1024)))
        const full = await run(world, "backup", "--recipient", world.recipient, "--out", path.join(folder, "b.age"))
        fs.rmSync(path.join(folder, "ballast"))
        const files = backupsIn(folder)
        const left = full.code !== 0 && files.length > 0 ? ["a backup without space leaves a file"] : []
        return [...left, ...(await checkBackups(world, folder))]
    })
}

/** Fills the disk of the high-water file: no end of access may be acknowledged that the file lacks. */
async function fillKeyDisk(world: World, random: () => number): Promise<string[]> {
    await endServer(world, "SIGTERM")
    const keys = path.join(world.home, "keys")
    const kept = fs.mkdtempSync(path.join(world.home, "kept-"))
    fs.cpSync(keys, kept, { recursive: true })
    const faults = await withSmallDisk(keys, 1, async () => {
        fs.cpSync(kept, keys, { recursive: true })
        fs.chmodSync(keys, 0o700)
        const ballast = path.join(keys, "ballast")
        const fill = () => {
            try {
                fs.writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024))
            } catch {
                return
            }
        }
        const found = await underLoad(
            world,
            async (server) => {
                fill()
                await pause(1000 + random() * 1000)
                fs.rmSync(ballast)
                await pause(1500)
                await kill(server)
            },
            random,
        )
        fs.cpSync(keys, kept, { recursive: true })
        return found
    })
    fs.cpSync(kept, keys, { recursive: true })
    fs.rmSync(kept, { recursive: true })
    return [...faults, ...(await checkAgain(world))]
}

async function suspendProcess(world: World, seconds: number, random: () => number): Promise<string[]> {
    const faults = await underLoad(
        world,
        async ({ running }) => {
            running.child.kill("SIGSTOP")
            await pause(seconds * 1000)
            running.child.kill("SIGCONT")
            await pause(1000)
            await running.end("SIGTERM")
        },
        random,
    )
    return [...faults, ...(await checkAgain(world))]
}

/** A mail server that accepts connections and never answers. */
async function hangMail(world: World, random: () => number): Promise<string[]> {
    await endServer(world, "SIGTERM")
    const sockets = new Set<net.Socket>()
    const receiver = net.createServer((socket) => void sockets.add(socket.on("error", () => undefined)))
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve))
    const { port } = receiver.address() as AddressInfo
    const mail = ["--smtp-url", `smtp://127.0.0.1:${port}`, "--mail-from", "tocsin@operator.example"]
    try {
        world.current.server = await serve(world, ...mail)
        const late: string[] = []
        const faults = await underLoad(
            world,
            async ({ running }) => {
                await pause(2000)
                running.child.kill("SIGTERM")
                if (!(await endsInTime(running))) late.push("the server does not stop while mail hangs")
                running.child.kill("SIGKILL")
            },
            random,
        )
        return [...faults, ...late, ...(await checkAgain(world))]
    } finally {
        for (const socket of sockets) socket.destroy()
        receiver.close()
    }
}

export const scenarios: readonly Scenario[] = [
    {
        name: "kill -9 of the server under load",
        run: async (world, random) => [...(await underLoad(world, kill, random)), ...(await checkAgain(world))],
    },
    {
        name: "kill -9 of the server at rest",
        run: async (world, random) => {
            const server = await ensureServer(world)
            await pause(random() * 500)
            await kill(server)
            world.current.server = null
            return await checkAgain(world)
        },
    },
    {
        name: "kill -9 of PostgreSQL under load",
        run: async (world, random) => {
            const faults: string[] = []
            const fault = async (server: Server) => void faults.push(...(await killPostgres(world, server)))
            faults.push(...(await underLoad(world, fault, random)))
            return [...faults, ...(await checkAgain(world))]
        },
    },
    {
        name: "kill -9 of a process of PostgreSQL under load",
        run: async (world, random) => {
            const fault = async ({ running }: Server) => {
                killBackend(world, random)
                await pause(2000)
                await running.end("SIGTERM")
            }
            return [...(await underLoad(world, fault, random)), ...(await checkAgain(world))]
        },
    },
    {
        name: "kill -9 of PostgreSQL at rest",
        run: async (world) => {
            const faults = await killPostgres(world, await ensureServer(world))
            world.current.server = null
            return [...faults, ...(await checkAgain(world))]
        },
    },
    { name: "kill -9 in the middle of a backup", run: killBackup("SIGKILL") },
    { name: "SIGTERM in the middle of a backup", run: killBackup("SIGTERM") },
    { name: "kill -9 in the middle of a scheduled backup", run: killScheduledBackup },
    { name: "kill -9 in the middle of a restore", run: killRestore("SIGKILL") },
    { name: "SIGTERM in the middle of a restore", run: killRestore("SIGTERM") },
    { name: "kill -9 in the middle of a key rotation", run: killRotation },
    { name: "kill -9 in the middle of a renewal of data keys", run: killRenewal },
    { name: "kill -9 or SIGSTOP in the middle of an upgrade", run: cutUpgrade },
    { name: "no space for a backup", needsRoot: true, run: fillBackupDisk },
    { name: "no space for the high-water file", needsRoot: true, run: fillKeyDisk },
    {
        name: "SIGSTOP of the server for 60 s",
        roundsMax: 2,
        run: async (world, random) => await suspendProcess(world, 60, random),
    },
    { name: "a mail server that hangs", run: hangMail },
]

/** An upgrade that is cut off while an older server runs: it is there whole or not at all, and can be repeated. */
import { once } from "node:events"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import pg from "pg"
import { migrationLock } from "../../server/src/platform/postgres/migrate.ts"
import { findRunning, startPostgres } from "../../server/src/platform/postgres/postgres.ts"
import { startProcess } from "../../test/support/command.ts"
import { makeNewerVersion } from "../../test/faults/newer-version.ts"
import { lateIn } from "./commands.ts"
import {
    type World,
    check,
    countOf,
    endServer,
    ensureServer,
    envOf,
    postgresPid,
    serve,
    startLoad,
    suspendNext,
    untilLoaded,
} from "./world.ts"

/** Both rewrite tables, and neither is additive. */
const migrations = {
    "9001-first.sql":
        "alter table deliveries add column first timestamptz not null default clock_timestamp();\n" +
        "update ballast set text = reverse(text);\n",
    "9002-second.sql":
        "update ballast set text = reverse(text);\nalter table persons add column second int default 2;\n",
}
const undo = `alter table deliveries drop column first; alter table persons drop column second;
    delete from migrations where name > '9'`

/** A round of a process that starts, migrates and listens takes about as long. */
const upgradeMs = 5_000
const endMsMax = 30_000

const newerVersions = new WeakMap<World, World>()

function newerOf(world: World): World {
    const known = newerVersions.get(world)
    if (known !== undefined) return known
    const program = makeNewerVersion(path.join(world.home, "newer"), migrations)
    const newer = { ...world, program, current: { server: null } }
    newerVersions.set(world, newer)
    return newer
}

async function query<Row extends object>(url: string, ...texts: readonly string[]): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
        let rows: Row[] = []
        for (const text of texts) ({ rows } = await client.query<Row>(text))
        return rows
    } finally {
        await client.end()
    }
}

/** How much of the upgrade is there, once no process migrates. */
async function countApplied(url: string): Promise<{ readonly migrations: number; readonly columns: number }> {
    const [row] = await query<{ migrations: number; columns: number }>(
        url,
        `select pg_advisory_lock(${migrationLock})`,
        `select (select count(*)::int from migrations where name > '9') as migrations,
         (select count(*)::int from pg_attribute where attname in ('first', 'second') and not attisdropped
          and attrelid in ('deliveries'::regclass, 'persons'::regclass)) as columns`,
    )
    return row ?? { migrations: NaN, columns: NaN }
}

/** Whether the upgrade is there. Adds a fault where half of it is. */
async function isUpgraded(url: string, faults: string[]): Promise<boolean> {
    const applied = await countApplied(url)
    if (applied.migrations !== applied.columns || applied.migrations === 1)
        faults.push(`an upgrade is half there: ${JSON.stringify(applied)}`)
    return applied.migrations === 2
}

type Fault = "kill" | "stop" | "kill PostgreSQL" | "none"

const faultFrom = (random: number): Fault =>
    random < 0.4 ? "kill" : random < 0.6 ? "stop" : random < 0.9 ? "kill PostgreSQL" : "none"

/** Starts the newer version next to the older one, and disturbs it. */
async function disturbUpgrade(world: World, url: string, fault: Fault, random: () => number): Promise<void> {
    const keyFile = path.join(world.home, "keys/key")
    const args = ["serve", "--role", "portal", "--portal-port", "0", "--database-url", url, "--key-file", keyFile]
    const child = startProcess(world.home, args, envOf(world.home), newerOf(world).program)
    child.stdout?.resume()
    child.stderr?.resume()
    const ended = once(child, "close")
    await pause(fault === "none" ? 2 * upgradeMs : lateIn(upgradeMs, random))
    if (fault === "kill PostgreSQL") process.kill(postgresPid(world), "SIGKILL")
    if (fault === "stop") {
        child.kill("SIGSTOP")
        await pause(random() * 6_000)
        if (random() < 0.5) {
            child.kill("SIGCONT")
            await pause(upgradeMs)
        }
    }
    child.kill("SIGKILL")
    await ended
}

/** The older server ends if the upgrade is there or PostgreSQL is gone, and continues otherwise. */
async function awaitOlder(world: World, url: string, fault: Fault): Promise<string[]> {
    const { server } = world.current
    if (server === null) return ["the older server does not run"]
    const faults: string[] = []
    const mustEnd = fault === "kill PostgreSQL" || (await isUpgraded(url, faults).catch(() => true))
    if (!mustEnd) {
        const before = countOf(world.ledger)
        await untilLoaded(world)
        if (countOf(world.ledger) === before) faults.push("the older server serves no copy after a failed upgrade")
        if ((await server.running.end("SIGTERM")) !== 0) faults.push("the older server does not stop in order")
    } else {
        const code = await Promise.race([server.running.ended, pause(endMsMax, "late" as const)])
        const hasReason = /\((platform\.newer_database|serve\.database_lost)\)/.test(server.running.log())
        if (code !== 1 || !hasReason)
            faults.push(`the older server ends with ${code}: ${server.running.log().slice(-300)}`)
        await server.running.end("SIGKILL")
    }
    world.current.server = null
    return faults
}

export async function cutUpgrade(world: World, random: () => number): Promise<string[]> {
    const server = await ensureServer(world)
    const data = path.join(world.home, "data")
    const url = (await findRunning(data)) ?? ""
    const load = startLoad(world, server)
    await untilLoaded(world)
    const suspension = pause(random() * upgradeMs).then(() => suspendNext(world, server))
    const fault = faultFrom(random())
    await disturbUpgrade(world, url, fault, random)
    const faults = await awaitOlder(world, url, fault)
    await suspension
    await load.stop()
    faults.push(...load.faults, ...(await finishUpgrade(newerOf(world))))
    await endServer(newerOf(world), "SIGTERM")
    const postgres = await startPostgres(data)
    try {
        await query(postgres.url, undo)
    } finally {
        await postgres.stop()
    }
    return faults
}

/** Starts the newer version: it finishes the upgrade, and everything is there. */
async function finishUpgrade(newer: World): Promise<string[]> {
    const server = await serve(newer)
    newer.current.server = server
    const faults = await check(newer, server)
    const url = (await findRunning(path.join(newer.home, "data"))) ?? ""
    if (!(await isUpgraded(url, faults))) faults.push("the newer version runs on an older schema")
    return faults
}

/** Makes backups: on request, and by schedule. The audit log and a table keep which were made. */
import fs from "node:fs/promises"
import path from "node:path"
import type { BackgroundJob } from "../../../../kernel/worker.ts"
import type { BackupPlan, Services } from "../../../../kernel/services.ts"
import { record } from "../../../../kernel/action-context.ts"
import { causeOf } from "../../../../platform/log/log.ts"
import { isHybrid } from "@tocsin/client/recipient"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { connectForLong } from "../../../../platform/postgres/whole-tables.ts"
import { parseRecipient } from "../../../../platform/crypto/seal.ts"
import { type FileAge, abandonedDrafts, fileNameAt, namesToDelete } from "../plan.ts"
import * as store from "../store.ts"
import { type BackupSource, type WrittenBackup, writeBackup } from "./write-backup.ts"

/** Refuses `backup.no_recipient` and `seal.bad_recipient`. */
export async function assertRecipients(recipients: readonly string[]): Promise<void> {
    if (recipients.length === 0) {
        refuse(
            "invalid",
            "backup.no_recipient",
            "the backup needs a recipient who can open it: give `--recipient`, or set `backupRecipients`",
        )
    }
    for (const recipient of recipients) if (!isHybrid(recipient)) parseRecipient(recipient)
}

/** Writes a backup and records it. Refuses `backup.already_running` and what `writeBackup` refuses. */
export async function makeBackup(
    services: Services,
    source: Omit<BackupSource, "keys">,
    file: string,
    { signal, isScheduled = false }: { readonly signal?: AbortSignal; readonly isScheduled?: boolean } = {},
): Promise<WrittenBackup> {
    return await runAlone(source.databaseUrl, async () => {
        const written = await writeBackup({ ...source, keys: services.keys }, file, signal)
        try {
            await recordBackup(services, written, isScheduled)
            return written
        } catch (error) {
            await fs.rm(file, { force: true })
            throw error
        }
    })
}

const lockClass = 13

/** Lets one backup of a database run at a time, until it is recorded. Refuses `backup.already_running`. */
async function runAlone<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
    const client = await connectForLong(databaseUrl)
    try {
        const { rows } = await client.query<{ got: boolean }>(`select pg_try_advisory_lock(${lockClass}, 0) as got`)
        if (rows[0]?.got !== true) {
            refuse("conflict", "backup.already_running", "another backup runs: wait until it has ended")
        }
        return await work()
    } finally {
        await client.end()
    }
}

async function recordBackup(services: Services, written: WrittenBackup, isScheduled: boolean): Promise<void> {
    const { takenAt, bytes, sha256, auditLog } = written
    await services.db.transaction(async (tx) => {
        const now = await services.clock.now(tx)
        const ctx = { tx, now, services, actor: { kind: "system", component: "backup" } } as const
        const id = services.newId()
        await store.insertBackup(tx, { id, takenAt, bytes, sha256: Buffer.from(sha256, "hex"), isScheduled })
        await record(ctx, { kind: "backup.written", backup: id, bytes, sha256, auditLog })
    })
}

/** After a failure, the next attempt. */
const retryMs = 10 * 60_000

interface Running {
    readonly work: Promise<void>
    readonly stopping: AbortController
    readonly startedAt: number
    isOver: boolean
}

const runningByServices = new WeakMap<Services, Running>()

/** Makes a backup whenever the newest is older than the interval, next to the other work of the worker. */
export const makeBackupsJob: BackgroundJob = {
    name: "backups",
    runsSeldom: true,
    run: async (services) => {
        const { backupPlan } = services
        const last = runningByServices.get(services)
        if (backupPlan === null || (last && (!last.isOver || services.realNow() - last.startedAt < retryMs)))
            return false
        if (await isDue(services, backupPlan)) runningByServices.set(services, start(services, backupPlan))
        return false
    },
    finish: async (services) => {
        runningByServices.get(services)?.stopping.abort()
        await runningByServices.get(services)?.work
    },
}

async function isDue(services: Services, { intervalMs }: BackupPlan): Promise<boolean> {
    const newest = await services.db.transaction((tx) => store.findNewestBackup(tx, services.realNow()))
    return newest === null || services.realNow() >= newest.takenAt + intervalMs
}

function start(services: Services, plan: BackupPlan): Running {
    const stopping = new AbortController()
    const running: Running = { startedAt: services.realNow(), isOver: false, stopping, work: Promise.resolve() }
    const work = backUp(services, plan, stopping.signal)
        .catch((error: unknown) => {
            const isOther = error instanceof Refusal && error.code === "backup.already_running"
            if (!stopping.signal.aborted && !isOther) services.log.error("the backup failed", { error: causeOf(error) })
        })
        .finally(() => (running.isOver = true))
    return Object.assign(running, { work })
}

async function backUp(services: Services, { folder, keep, ...source }: BackupPlan, signal: AbortSignal): Promise<void> {
    const newest = fileNameAt(services.realNow())
    await makeBackup(services, source, path.join(folder, newest), { signal, isScheduled: true })
    const files: FileAge[] = []
    for (const name of await fs.readdir(folder)) {
        const { mtimeMs } = await fs.stat(path.join(folder, name)).catch(() => ({ mtimeMs: Infinity }))
        files.push({ name, changedAt: mtimeMs })
    }
    const names = files.map(({ name }) => name)
    for (const name of [...namesToDelete(names, newest, keep), ...abandonedDrafts(files, services.realNow())]) {
        await fs.rm(path.join(folder, name), { force: true })
    }
}

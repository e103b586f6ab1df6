/**
 * Compares the database with the high-water file at the start and once a second, and updates the file. A database that
 * is behind the file, or has another history, is quarantined until two people reconcile it.
 */
import {
    type AccessEnd,
    type Difference,
    type HighWater,
    type ObservedDatabase,
    advance,
    differencesOf,
    emptyHighWater,
    hasEndedKey,
    mergeEnds,
} from "../../../models/high-water.ts"
import type { Services } from "../../../kernel/services.ts"
import type { GuardResult, HighWaterFile } from "../../../kernel/high-water.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type FileSummary, type Quarantine, summaryOf } from "../quarantine.ts"
import * as store from "../store.ts"
import { observeDatabase } from "./observe-database.ts"
import { reapplyEnds } from "./reapply-ends.ts"

/** Time between two comparisons, in milliseconds. */
export const guardIntervalMs = 1_000

/** Runs in every serving process, also in quarantine, so that the process learns of its end. */
export const guardDatabaseJob: BackgroundJob = {
    name: "guarding",
    run: async (services) => {
        await guardDatabase(services)
        return false
    },
}

/** Compares the database with the file. Returns whether the database is now quarantined. */
export async function guardDatabase(services: Services): Promise<boolean> {
    return (await guardAndFollow(services)).reasons !== null
}

/** Does the same, and returns what other processes follow too. */
export async function guardAndFollow(services: Services): Promise<GuardResult> {
    const { guardElsewhere } = services.highWater
    const result = guardElsewhere === null ? await guardHere(services) : await guardElsewhere()
    const { reasons, saved } = result
    savedNumbers.set(services.highWater, saved)
    const isQuarantined = reasons !== null
    const wasQuarantined = services.highWater.isQuarantined()
    services.highWater.setQuarantined(isQuarantined)
    if (isQuarantined && !wasQuarantined) {
        const text = reasons.join(", ")
        services.log.error("quarantine: the database differs from the signed history; no partner is served", { text })
    }
    if (wasQuarantined && !isQuarantined) services.log.warn("the quarantine has ended: partners are served")
    return result
}

/** Compares the database with the file that this process keeps. */
async function guardHere(services: Services): Promise<GuardResult> {
    await numberChanges(services)
    const reasons = await runAsGuard(services, async (ctx) => {
        await store.lockGuard(ctx.tx)
        return await compareWithFile(ctx)
    })
    return { reasons, saved: savedNumbers.get(services.highWater) ?? 0 }
}

/**
 * Saves ended access in the file before the request is answered. Throws where the file cannot be written; the change
 * is committed by then, and the caller must retry.
 */
export async function saveAccessChanges(services: Services): Promise<void> {
    const number = savedNumbers.get(services.highWater) ?? 0
    const isDue =
        services.highWater.isQuarantined() || (await services.db.transaction((tx) => store.hasChangesAfter(tx, number)))
    if (isDue) await guardDatabase(services)
}

/** The newest access change that this process has saved in the file. */
const savedNumbers = new WeakMap<HighWaterFile, number>()

/** Numbers changes of access. Commits the numbers before the file may hold them. */
async function numberChanges(services: Services): Promise<void> {
    await services.db.transaction(async (tx) => {
        if (!(await store.hasUnnumberedChanges(tx))) return
        await store.lockGuard(tx)
        await store.numberChanges(tx)
        await store.deleteExpiredChanges(tx, services.realNow())
    })
}

async function runAsGuard<T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> {
    return await services.db.transaction(async (tx) =>
        work({
            tx,
            now: await services.clock.now(tx),
            services,
            actor: { kind: "system", component: "guard-database" },
        }),
    )
}

/** The reasons for a quarantine; null where there is none. */
async function compareWithFile(ctx: ActionContext): Promise<readonly Difference[] | null> {
    const { mark, fileFault } = await loadMark(ctx)
    const current = await store.findOpenQuarantine(ctx.tx)
    const observed = await observeDatabase(ctx, mark)
    const differences = fileFault === null ? differencesOf(mark, observed) : [fileFault]
    if (current === null && (await store.isReconciled(ctx.tx, mark.id))) {
        await startNewFile(ctx, mark, observed)
        return null
    }
    if (differences.length === 0) {
        const isNewlyRestored = current?.reasons.includes("restored") === true && current.files[mark.id] === undefined
        if (isNewlyRestored) await quarantineFile(ctx, current, mark, { observed, differences: ["restored"] })
        else await saveFile(ctx, mark, observed, current)
        return current && current.reasons
    }
    const isDue = isNewerThan(mark, current?.files[mark.id]) || hasEndedKey(mark, observed.signingKeys)
    if (current === null || isDue) await quarantineFile(ctx, current, mark, { observed, differences })
    else await saveFile(ctx, mark, observed, current)
    return [...new Set([...(current?.reasons ?? []), ...differences])]
}

/** Whether the file was not compared yet, or was replaced by a newer copy. */
function isNewerThan({ auditLog, epoch }: HighWater, compared: FileSummary | undefined): boolean {
    if (compared === undefined) return true
    return (auditLog?.size ?? 0) > compared.file.auditLog || (epoch?.number ?? 0) > compared.file.changes
}

/**
 * Loads the file, or creates it for a database that never had one. `fileFault`: the database had a file, and it is
 * missing or damaged.
 */
async function loadMark(ctx: ActionContext): Promise<{ mark: HighWater; fileFault: Difference | null }> {
    const { tx, services, now } = ctx
    const file = await services.highWater.read()
    const isKnown = await store.isFileKnown(tx)
    if (file.state === "sound") {
        if (!isKnown) await store.markFileKnown(tx, now)
        return { mark: file.mark, fileFault: null }
    }
    const isFirst = file.state === "missing" && !isKnown
    const mark = emptyHighWater(services.newId(), isFirst)
    if (file.state === "damaged") await services.highWater.renameDamaged()
    await services.highWater.change((contents) => (contents.state === "missing" ? mark : null))
    const created = await services.highWater.read()
    if (created.state !== "sound") throw new Error("the high-water file was written but cannot be read")
    if (isFirst) await store.markFileKnown(tx, now)
    return {
        mark: created.mark,
        fileFault: isFirst ? null : file.state === "missing" ? "file_missing" : "file_damaged",
    }
}

/** A later clock alone updates the file once a minute. */
const clockMsMin = 60_000

async function saveFile(
    { tx, services }: ActionContext,
    mark: HighWater,
    observed: ObservedDatabase,
    current: Quarantine | null,
): Promise<void> {
    if (current !== null) {
        const ends = mergeEnds([], await store.listChangesAfter(tx, current.number), observed.clock.wall)
        if (includesEnds(mark, ends)) return
        await changeSameFile(services, mark, (fileMark) => ({
            ...fileMark,
            ends: mergeEnds(fileMark.ends, ends, observed.clock.wall),
        }))
        return
    }
    const ends = await store.listChangesAfter(tx, mark.epoch?.number ?? 0)
    const next = advance(mark, observed, ends)
    const isChanged =
        next.auditLog?.size !== mark.auditLog?.size ||
        next.receiptLog?.size !== mark.receiptLog?.size ||
        next.epoch?.number !== mark.epoch?.number ||
        next.clock?.confirmations !== mark.clock?.confirmations ||
        (next.clock?.wall ?? 0) - (mark.clock?.wall ?? 0) >= clockMsMin ||
        (next.clock?.program ?? 0) - (mark.clock?.program ?? 0) >= clockMsMin
    if (isChanged) await changeSameFile(services, mark, (fileMark) => advance(fileMark, observed, ends))
    savedNumbers.set(services.highWater, observed.epoch?.number ?? 0)
}

const includesEnds = ({ ends }: HighWater, wanted: readonly AccessEnd[]): boolean =>
    wanted.every((end) =>
        ends.some(
            ({ kind, id, status, from }) =>
                kind === end.kind && id === end.id && status === end.status && from === end.from,
        ),
    )

/** Changes the file only if it is still the one that was compared. */
async function changeSameFile(
    services: Services,
    mark: HighWater,
    next: (fileMark: HighWater) => HighWater,
): Promise<void> {
    await services.highWater.change((file) =>
        file.state === "sound" && file.mark.id === mark.id ? next(file.mark) : null,
    )
}

/** Starts a new file after two people accepted the database's history. The new file still lists ended access. */
async function startNewFile(
    { tx, services }: ActionContext,
    mark: HighWater,
    observed: ObservedDatabase,
): Promise<void> {
    const ends = mergeEnds(mark.ends, await store.listChangesAfter(tx, 0), observed.clock.wall)
    const id = services.newId()
    await changeSameFile(services, mark, () => advance(emptyHighWater(id, true), observed, ends))
}

async function quarantineFile(
    ctx: ActionContext,
    current: Quarantine | null,
    mark: HighWater,
    { observed, differences }: { readonly observed: ObservedDatabase; readonly differences: readonly Difference[] },
): Promise<void> {
    const { auditLog, receiptLog, epoch, clock } = observed
    const number = epoch?.number ?? 0
    const database = {
        auditLog: auditLog?.size ?? 0,
        receiptLog: receiptLog?.size ?? 0,
        changes: number,
        program: clock.program,
    }
    const files = { [mark.id]: summaryOf(mark, database) }
    const id = current?.id ?? ctx.services.newId()
    if (current === null) {
        await store.insertQuarantine(ctx.tx, { id, since: ctx.now, reasons: differences, files, applied: [], number })
    }
    const applied = await reapplyEnds(ctx, mark)
    await store.addToQuarantine(ctx.tx, id, { reasons: differences, files, applied })
    await record(ctx, {
        kind: "quarantine.opened",
        quarantine: id,
        file: mark.id,
        reasons: [...differences],
        fileSize: mark.auditLog?.size ?? 0,
        databaseSize: auditLog?.size ?? 0,
        applied: applied.length,
    })
}

/**
 * Compares the database with the high-water file at the start and once a second, and updates the file. A database that
 * is behind the file, or has another history, is quarantined until two people reconcile it.
 */
import {
    type AccessEnd,
    type Difference,
    type HighWater,
    type Observed,
    advanced,
    differencesOf,
    emptyHighWater,
    merged,
} from "../../../models/high-water.ts"
import type { Services } from "../../../kernel/services.ts"
import type { HighWaterFile } from "../../../kernel/high-water.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Quarantine, summaryOf } from "../quarantine.ts"
import * as store from "../store.ts"
import { observeDatabase } from "./observe-database.ts"
import { reapplyEnds } from "./reapply-ends.ts"

/** Time between two comparisons, in milliseconds. */
export const guardMs = 1_000

/** Runs in every serving process, also in quarantine, so that the process learns of its end. */
export const guarding: BackgroundJob = {
    name: "guarding",
    run: async (services) => {
        await guardDatabase(services)
        return false
    },
}

/** Compares the database with the file. Returns whether the database is now quarantined. */
export async function guardDatabase(services: Services): Promise<boolean> {
    await numberChanges(services)
    const reasons = await inStep(services, async (ctx) => {
        await store.lockGuard(ctx.tx)
        return await compare(ctx)
    })
    const isQuarantined = reasons !== null
    const was = services.highWater.isQuarantined()
    services.highWater.setQuarantined(isQuarantined)
    if (isQuarantined && !was) {
        const text = reasons.join(", ")
        services.log.error("quarantine: the database does not continue what was signed; no partner is served", { text })
    }
    if (was && !isQuarantined) services.log.warn("the quarantine has ended: partners are served")
    return isQuarantined
}

/**
 * Saves ended access in the file before the request is answered. Throws where the file cannot be written; the change
 * is committed by then, and the caller must retry.
 */
export async function saveAccessChanges(services: Services): Promise<void> {
    const number = saved.get(services.highWater) ?? 0
    const isDue =
        services.highWater.isQuarantined() || (await services.db.transaction((tx) => store.hasChangesAfter(tx, number)))
    if (isDue) await guardDatabase(services)
}

/** The newest change of access that this process has saved in the file. */
const saved = new WeakMap<HighWaterFile, number>()

/** Numbers changes of access. Commits the numbers before the file may hold them. */
async function numberChanges(services: Services): Promise<void> {
    await services.db.transaction(async (tx) => {
        if (!(await store.hasUnnumbered(tx))) return
        await store.lockGuard(tx)
        await store.numberChanges(tx)
        await store.dropExpired(tx, services.realNow())
    })
}

async function inStep<T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> {
    return await services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", step: "guard-database" } }),
    )
}

/** The reasons for a quarantine; null where there is none. */
async function compare(ctx: ActionContext): Promise<readonly Difference[] | null> {
    const { mark, lost } = await loadMark(ctx)
    const open = await store.openQuarantine(ctx.tx)
    const seen = await observeDatabase(ctx, mark)
    const found = lost === null ? differencesOf(mark, seen) : [lost]
    if (found.length === 0) {
        await saveFile(ctx, mark, seen, open)
        return open && open.reasons
    }
    if (open === null && (await store.isReconciled(ctx.tx, mark.id))) {
        await beginAnew(ctx, mark, seen)
        return null
    }
    if (open === null || open.files[mark.id] === undefined) await quarantine(ctx, open, mark, { seen, found })
    else await saveFile(ctx, mark, seen, open)
    return [...new Set([...(open?.reasons ?? []), ...found])]
}

/**
 * Loads the file, or creates it for a database that never had one. `lost`: the database had a file, and it is missing
 * or damaged.
 */
async function loadMark(ctx: ActionContext): Promise<{ mark: HighWater; lost: Difference | null }> {
    const { tx, services, now } = ctx
    const file = await services.highWater.read()
    const isKnown = await store.isFileKnown(tx)
    if (file.state === "sound") {
        if (!isKnown) await store.markFileKnown(tx, now)
        return { mark: file.mark, lost: null }
    }
    const isFirst = file.state === "missing" && !isKnown
    const mark = emptyHighWater(services.newId(), isFirst)
    if (file.state === "damaged") await services.highWater.setAside()
    await services.highWater.change((given) => (given.state === "missing" ? mark : null))
    const made = await services.highWater.read()
    if (made.state !== "sound") throw new Error("the high-water file was written but cannot be read")
    if (isFirst) await store.markFileKnown(tx, now)
    return { mark: made.mark, lost: isFirst ? null : file.state === "missing" ? "file_missing" : "file_damaged" }
}

/** A later clock alone updates the file once a minute. */
const clockMsMin = 60_000

async function saveFile(
    { tx, services }: ActionContext,
    mark: HighWater,
    seen: Observed,
    open: Quarantine | null,
): Promise<void> {
    if (open !== null) {
        const ends = await store.listChangesAfter(tx, open.number)
        if (isIn(mark, ends)) return
        await changeOwn(services, mark, (own) => ({ ...own, ends: merged(own.ends, ends, seen.clock.wall) }))
        return
    }
    const ends = await store.listChangesAfter(tx, mark.epoch?.number ?? 0)
    const next = advanced(mark, seen, ends)
    const isMoved =
        next.auditLog?.size !== mark.auditLog?.size ||
        next.receiptLog?.size !== mark.receiptLog?.size ||
        next.epoch?.number !== mark.epoch?.number ||
        next.clock?.confirmations !== mark.clock?.confirmations ||
        (next.clock?.wall ?? 0) - (mark.clock?.wall ?? 0) >= clockMsMin ||
        (next.clock?.program ?? 0) - (mark.clock?.program ?? 0) >= clockMsMin
    if (isMoved) await changeOwn(services, mark, (own) => advanced(own, seen, ends))
    saved.set(services.highWater, seen.epoch?.number ?? 0)
}

const isIn = ({ ends }: HighWater, more: readonly AccessEnd[]): boolean =>
    more.every((end) =>
        ends.some((accessEnd) => accessEnd.kind === end.kind && accessEnd.id === end.id && accessEnd.from === end.from),
    )

/** Changes the file only if it is still the one that was compared. */
async function changeOwn(services: Services, mark: HighWater, next: (own: HighWater) => HighWater): Promise<void> {
    await services.highWater.change((now) => (now.state === "sound" && now.mark.id === mark.id ? next(now.mark) : null))
}

/** Starts a new file after two people accepted the database's history. It keeps whose access ended. */
async function beginAnew({ tx, services }: ActionContext, mark: HighWater, seen: Observed): Promise<void> {
    const ends = merged(mark.ends, await store.listChangesAfter(tx, 0), seen.clock.wall)
    const id = services.newId()
    await changeOwn(services, mark, () => advanced(emptyHighWater(id, true), seen, ends))
}

async function quarantine(
    ctx: ActionContext,
    open: Quarantine | null,
    mark: HighWater,
    { seen, found }: { readonly seen: Observed; readonly found: readonly Difference[] },
): Promise<void> {
    const { auditLog, receiptLog, epoch, clock } = seen
    const number = epoch?.number ?? 0
    const database = {
        auditLog: auditLog?.size ?? 0,
        receiptLog: receiptLog?.size ?? 0,
        changes: number,
        program: clock.program,
    }
    const files = { [mark.id]: summaryOf(mark, database) }
    const id = open?.id ?? ctx.services.newId()
    if (open === null) {
        await store.insertQuarantine(ctx.tx, { id, since: ctx.now, reasons: found, files, applied: [], number })
    }
    const applied = await reapplyEnds(ctx, mark)
    await store.addToQuarantine(ctx.tx, id, { reasons: found, files, applied })
    await record(ctx, {
        kind: "quarantine.opened",
        quarantine: id,
        file: mark.id,
        reasons: [...found],
        fileSize: mark.auditLog?.size ?? 0,
        databaseSize: auditLog?.size ?? 0,
        applied: applied.length,
    })
}

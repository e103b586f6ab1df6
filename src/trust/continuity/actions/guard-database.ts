/**
 * Compares the database with the high-water file, at the start and then once a second, and advances the file. A database
 * that is behind the file, or has another past, is quarantined until two people have reconciled it.
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
} from "../../../lib/high-water.ts"
import type { Doors } from "../../../platform/doors.ts"
import type { HighWaterFile } from "../../../platform/high-water.ts"
import type { Chore } from "../../../platform/worker.ts"
import { type Act, record } from "../../audit/actions.ts"
import { type Quarantine, summaryOf } from "../quarantine.ts"
import * as store from "../store.ts"
import { observeDatabase } from "./observe-database.ts"
import { reapplyEnds } from "./reapply-ends.ts"

/** How long from one comparison to the next. */
export const guardMs = 1_000

/** For every process that serves: in quarantine as well, so that it learns of its end. */
export const guarding: Chore = {
    name: "guarding",
    run: async (doors) => {
        await guardDatabase(doors)
        return false
    },
}

/** Whether the database is quarantined afterwards. */
export async function guardDatabase(doors: Doors): Promise<boolean> {
    await numberChanges(doors)
    const reasons = await inStep(doors, async (act) => {
        await store.lockGuard(act.tx)
        return await compare(act)
    })
    const isQuarantined = reasons !== null
    const was = doors.highWater.isQuarantined()
    doors.highWater.setQuarantined(isQuarantined)
    if (isQuarantined && !was) {
        const text = reasons.join(", ")
        doors.log.error("quarantine: the database does not continue what was signed; no partner is served", { text })
    }
    if (was && !isQuarantined) doors.log.warn("the quarantine has ended: partners are served")
    return isQuarantined
}

/**
 * After a change that may have ended somebody's access, before its answer: the file knows of it. Throws where it cannot be
 * written; the change is committed then, and the caller asks again.
 */
export async function saveAccessChanges(doors: Doors): Promise<void> {
    const number = saved.get(doors.highWater) ?? 0
    const isDue =
        doors.highWater.isQuarantined() || (await doors.db.transaction((tx) => store.hasChangesAfter(tx, number)))
    if (isDue) await guardDatabase(doors)
}

/** The number of the newest change that this process knows to be in the file. */
const saved = new WeakMap<HighWaterFile, number>()

/** Numbers are committed before a file may hold them. */
async function numberChanges(doors: Doors): Promise<void> {
    await doors.db.transaction(async (tx) => {
        if (!(await store.hasUnnumbered(tx))) return
        await store.lockGuard(tx)
        await store.numberChanges(tx)
        await store.dropExpired(tx, doors.realNow())
    })
}

async function inStep<T>(doors: Doors, work: (act: Act) => Promise<T>): Promise<T> {
    return await doors.db.transaction(async (tx) =>
        work({ tx, now: await doors.clock.now(tx), doors, actor: { kind: "system", step: "guard-database" } }),
    )
}

/** Why the database is quarantined; null where it is not. */
async function compare(act: Act): Promise<readonly Difference[] | null> {
    const { mark, lost } = await loadMark(act)
    const open = await store.openQuarantine(act.tx)
    const seen = await observeDatabase(act, mark)
    const found = lost === null ? differencesOf(mark, seen) : [lost]
    if (found.length === 0) {
        await keepFile(act, mark, seen, open)
        return open && open.reasons
    }
    if (open === null && (await store.isReconciled(act.tx, mark.id))) {
        await beginAnew(act, mark, seen)
        return null
    }
    if (open === null || open.files[mark.id] === undefined) await quarantine(act, open, mark, { seen, found })
    else await keepFile(act, mark, seen, open)
    return [...new Set([...(open?.reasons ?? []), ...found])]
}

/** The file, made where this database has never had one; `lost` where it had one, and it is not there or not ours. */
async function loadMark(act: Act): Promise<{ mark: HighWater; lost: Difference | null }> {
    const { tx, doors, now } = act
    const file = await doors.highWater.read()
    const isKnown = await store.isFileKnown(tx)
    if (file.state === "sound") {
        if (!isKnown) await store.markFileKnown(tx, now)
        return { mark: file.mark, lost: null }
    }
    const isFirst = file.state === "missing" && !isKnown
    const mark = emptyHighWater(doors.newId(), isFirst)
    if (file.state === "damaged") await doors.highWater.setAside()
    await doors.highWater.change((given) => (given.state === "missing" ? mark : null))
    const made = await doors.highWater.read()
    if (made.state !== "sound") throw new Error("the high-water file was written, and cannot be read")
    if (isFirst) await store.markFileKnown(tx, now)
    return { mark: made.mark, lost: isFirst ? null : file.state === "missing" ? "file_missing" : "file_damaged" }
}

/** A clock alone moves the file once a minute. */
const clockMsMin = 60_000

async function keepFile({ tx, doors }: Act, mark: HighWater, seen: Observed, open: Quarantine | null): Promise<void> {
    if (open !== null) {
        const ends = await store.changesAfter(tx, open.number)
        if (isIn(mark, ends)) return
        await changeOwn(doors, mark, (own) => ({ ...own, ends: merged(own.ends, ends, seen.clock.wall) }))
        return
    }
    const ends = await store.changesAfter(tx, mark.epoch?.number ?? 0)
    const next = advanced(mark, seen, ends)
    const isMoved =
        next.auditLog?.size !== mark.auditLog?.size ||
        next.receiptLog?.size !== mark.receiptLog?.size ||
        next.epoch?.number !== mark.epoch?.number ||
        next.clock?.confirmations !== mark.clock?.confirmations ||
        (next.clock?.wall ?? 0) - (mark.clock?.wall ?? 0) >= clockMsMin ||
        (next.clock?.program ?? 0) - (mark.clock?.program ?? 0) >= clockMsMin
    if (isMoved) await changeOwn(doors, mark, (own) => advanced(own, seen, ends))
    saved.set(doors.highWater, seen.epoch?.number ?? 0)
}

const isIn = ({ ends }: HighWater, more: readonly AccessEnd[]): boolean =>
    more.every((end) => ends.some((one) => one.kind === end.kind && one.id === end.id && one.from === end.from))

/** Another file than the one that was compared is not touched. */
async function changeOwn(doors: Doors, mark: HighWater, next: (own: HighWater) => HighWater): Promise<void> {
    await doors.highWater.change((now) => (now.state === "sound" && now.mark.id === mark.id ? next(now.mark) : null))
}

/** Two people have accepted the database's past: a new file of this past, which still knows whose access ended. */
async function beginAnew({ tx, doors }: Act, mark: HighWater, seen: Observed): Promise<void> {
    const ends = merged(mark.ends, await store.changesAfter(tx, 0), seen.clock.wall)
    const id = doors.newId()
    await changeOwn(doors, mark, () => advanced(emptyHighWater(id, true), seen, ends))
}

async function quarantine(
    act: Act,
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
    const id = open?.id ?? act.doors.newId()
    if (open === null) {
        await store.insertQuarantine(act.tx, { id, since: act.now, reasons: found, files, applied: [], number })
    }
    const applied = await reapplyEnds(act, mark)
    await store.addToQuarantine(act.tx, id, { reasons: found, files, applied })
    await record(act, {
        kind: "quarantine.opened",
        ...{ quarantine: id, file: mark.id, reasons: [...found] },
        ...{ fileSize: mark.auditLog?.size ?? 0, databaseSize: auditLog?.size ?? 0, applied: applied.length },
    })
}

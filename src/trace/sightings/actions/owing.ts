/**
 * Begins and ends the clocks of owed reports, and reminds of them: when a wave falls, and once an hour of the program's time,
 * so that whoever is let in late has a clock of its own, and nobody is waited for who can have nothing.
 */
import { dayMs, hourMs } from "../../../lib/instant.ts"
import type { Chore } from "../../../platform/worker.ts"
import { closedCases } from "../../../share/cases/actions.ts"
import { matrixOf } from "../../../share/entitlement/actions/entitlements.ts"
import { openedBy, wavesOf } from "../../../share/waves/actions.ts"
import type { Wave } from "../../../share/waves/wave.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import type { Rules } from "../../../trust/partners/rules.ts"
import { answeredAt, reminderOf } from "../owed.ts"
import * as store from "../store/owed.ts"
import { reachedBy, saidIn } from "./owed.ts"

const step = "owing"

export const owing: Chore = {
    name: step,
    run: async (doors) =>
        await doors.db.transaction(async (tx) => {
            const now = await doors.clock.now(tx)
            if (!(await store.takeOwedLook(tx, now, now - hourMs))) return false
            await lookOver({ tx, now, doors, actor: { kind: "system", step } })
            return false
        }),
}

/** The wave has fallen: the clocks of whom it reached begin. */
export async function owe(act: Act, caseId: string): Promise<void> {
    await settle(act, caseId, await wavesOf(act, caseId), await closedCases(act))
}

/** Of what was published long ago nothing new is owed, and what is past its reminders is looked at no more. */
async function lookOver(act: Act): Promise<void> {
    const [waves, closed] = [Map.groupBy(await wavesOf(act, null), (wave) => wave.case), await closedCases(act)]
    const { rules } = await rulesNow(act, "reporting")
    const live = [...waves].flatMap(([of, its]) => (!closed.has(of) && isFresh(act, its, rules) ? [of] : []))
    for (const of of new Set([...(await store.casesOwed(act.tx)), ...live])) {
        await settle(act, of, waves.get(of) ?? [], closed)
        await remind(act, of)
    }
}

/** A wave has fallen, and whoever comes to the case now still hears of it in time. */
function isFresh({ now }: Act, waves: readonly Wave[], { days }: Rules["reporting"]): boolean {
    const fallen = waves.filter(({ releasedAt }) => releasedAt !== null)
    const publishedAt = fallen.find(({ tier }) => tier === "publication")?.releasedAt ?? Infinity
    return fallen.length > 0 && now < publishedAt + days * dayMs
}

/** Begins and ends clocks by who has something of the case now. */
async function settle(act: Act, of: string, waves: readonly Wave[], closed: ReadonlySet<string>): Promise<void> {
    const { rules } = await rulesNow(act, "reporting")
    const opened = await openedBy(act, of)
    const isOver = closed.has(of) || rules.days === 0
    const { entitlements } = isOver ? { entitlements: [] } : await matrixOf(act, of)
    const reached = reachedBy(waves, opened, entitlements)
    const running = (await store.owedReports(act.tx, { partner: null, case: of })).filter((one) => one.endedAt === null)
    const gone = running.filter((one) => store.canEnd(one) && !reached.has(store.clockKey(one)))
    if (gone.length > 0) await end(act, of, gone)
    if (isOver || !isFresh(act, waves, rules)) return
    const known = new Set(running.map(store.clockKey))
    const begun: string[] = []
    for (const wave of waves) {
        for (const partner of entitlements.map((one) => one.partner)) {
            const key = store.clockKey({ partner, wave: wave.id })
            if (!reached.has(key) || known.has(key)) continue
            known.add(key)
            if (await begin(act, wave, partner, rules)) begun.push(partner)
        }
    }
    if (begun.length > 0) await record(act, { kind: "owed_report.began", case: of, partners: begun.toSorted() }, true)
}

async function begin(
    act: Act,
    wave: Wave,
    partner: string,
    { days, remindDays }: Rules["reporting"],
): Promise<boolean> {
    const dueAt = act.now + days * dayMs
    return await store.insertOwed(act.tx, {
        ...{ id: act.doors.newId(), partner, case: wave.case, wave: wave.id },
        ...{ since: act.now, dueAt, remindAt: dueAt - remindDays * dayMs },
    })
}

async function end(act: Act, of: string, rows: readonly store.OwedRow[]): Promise<void> {
    await store.endOwed(
        act.tx,
        rows.map(({ id }) => id),
        act.now,
    )
    const partners = rows.map(({ partner }) => partner).toSorted()
    await record(act, { kind: "owed_report.ended", case: of, partners }, true)
}

/** One notice for all that a partner owes of one case. The clocks of whoever can have nothing now have ended before. */
async function remind(act: Act, of: string): Promise<void> {
    const rows = (await store.owedReports(act.tx, { partner: null, case: of })).filter(
        (one) => one.endedAt === null && store.canEnd(one),
    )
    const said = await saidIn(act, { partner: null, case: of }, act.now)
    for (const [partner, its] of Map.groupBy(rows, (one) => one.partner)) {
        let isTold = false
        for (const row of its) {
            const due = reminderOf(row, answeredAt(row, said(row), act.now), act.now)
            isTold ||= due !== null
            const next = act.now >= row.dueAt ? "after" : (due ?? row.reminded)
            if (next !== row.reminded) await store.setReminded(act.tx, row.id, next)
        }
        if (isTold) await record(act, { kind: "owed_report.reminded", case: of, partner }, true)
    }
}

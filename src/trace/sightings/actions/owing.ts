/**
 * Begins and ends the clocks of owed reports, and reminds of them: when a wave falls, and once an hour of the program's time,
 * so that whoever is let in late has a clock of its own, and nobody is waited for who can have nothing.
 */
import { type Instant, hourMs } from "../../../lib/instant.ts"
import type { Chore } from "../../../platform/worker.ts"
import { closedCases } from "../../../share/cases/actions.ts"
import { matrixOf } from "../../../share/entitlement/actions/entitlements.ts"
import { plannedAndOpenAt, wavesOf } from "../../../share/waves/actions.ts"
import type { Wave } from "../../../share/waves/wave.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import type { PastFacts } from "../../../trust/partners/actions/facts.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import type { Rules } from "../../../trust/partners/rules.ts"
import { type Deadline, msFor, remindAt } from "../deadline.ts"
import { answeredAt, reminderOf } from "../owed.ts"
import { deadlines } from "../store/deadlines.ts"
import * as store from "../store/owed.ts"
import { saidIn } from "./owed.ts"
import { endsUntil, pastOf, reachedBy } from "./reaching.ts"

const step = "owing"

export const owing: Chore = {
    name: step,
    isUnhurried: true,
    run: async (doors) =>
        await doors.db.transaction(async (tx) => {
            const now = await doors.clock.now(tx)
            const last = await store.lastOwedLook(tx, now)
            if (!(await store.takeOwedLook(tx, now, now - hourMs))) return false
            await lookOver({ tx, now, doors, actor: { kind: "system", step } }, last)
            return false
        }),
}

/** The wave has fallen: the clocks of whom it reached begin. */
export async function owe(act: Act, caseId: string): Promise<void> {
    const look = {
        last: await store.lastOwedLook(act.tx, act.now),
        past: await pastOf(act),
        closed: await closedCases(act),
    }
    await settle(act, caseId, await wavesOf(act, caseId), look)
}

/** Of what was published long ago nothing new is owed, and what is past its reminders is looked at no more. */
async function lookOver(act: Act, last: Instant | null): Promise<void> {
    const [waves, closed] = [Map.groupBy(await wavesOf(act, null), (wave) => wave.case), await closedCases(act)]
    const look: Look = { last, past: await pastOf(act), closed }
    const { rules } = await rulesNow(act, "reporting")
    const live: string[] = []
    for (const [of, its] of waves) {
        if (!closed.has(of) && isFresh(act, its, rules, await deadlines(act.tx, of))) live.push(of)
    }
    for (const of of new Set([...(await store.casesOwed(act.tx)), ...live])) {
        await settle(act, of, waves.get(of) ?? [], look)
        await remind(act, of)
    }
}

/** A wave has fallen, and whoever comes to the case now still hears of it in time. */
function isFresh({ now }: Act, waves: readonly Wave[], rules: Rules["reporting"], set: readonly Deadline[]): boolean {
    const fallen = waves.filter(({ releasedAt }) => releasedAt !== null)
    const published = fallen.find(({ tier }) => tier === "publication")
    const until = published ? (published.releasedAt ?? 0) + msFor(published, set, rules).ms : Infinity
    return fallen.length > 0 && now < until
}

/** What every case is looked at with. */
interface Look {
    /** The look before. */
    readonly last: Instant | null
    readonly past: PastFacts
    readonly closed: ReadonlySet<string>
}

/** Begins and ends clocks by who has something of the case now, and who at some instant since the last look had nothing. */
async function settle(act: Act, of: string, waves: readonly Wave[], look: Look): Promise<void> {
    const { rules } = await rulesNow(act, "reporting")
    const isOver = look.closed.has(of) || rules.days === 0
    const all = await store.owedReports(act.tx, { partner: null, case: of })
    const ends = await endsUntil(
        act,
        look.past,
        all.filter((one) => one.endedAt === null && store.canEnd(one)),
        { last: look.last, until: act.now },
    )
    if (ends.size > 0) await end(act, of, all, ends)
    const set = await deadlines(act.tx, of)
    if (isOver || !isFresh(act, waves, rules, set)) return
    const running = all.filter((one) => one.endedAt === null && !ends.has(one.id))
    const { entitlements } = await matrixOf(act, of)
    const reached = reachedBy((await plannedAndOpenAt(act, of, act.now)).opened, entitlements)
    const known = new Set(running.map(store.clockKey))
    const partners = new Set(entitlements.map(({ partner }) => partner))
    const owed = waves.flatMap((wave) => {
        const missing = [...partners]
            .map((partner) => ({ partner, wave: wave.id }))
            .filter((one) => {
                const key = store.clockKey(one)
                return reached.has(key) && !known.has(key)
            })
        const { ms } = msFor(wave, set, rules)
        return missing.map((one) => ({
            ...{ id: act.doors.newId(), ...one, case: of, since: act.now },
            ...{ dueAt: act.now + ms, remindAt: remindAt(act.now, ms, rules.remindDays) },
        }))
    })
    const begun = owed.length === 0 ? [] : await store.insertOwed(act.tx, owed)
    if (begun.length > 0) await record(act, { kind: "follow_up.opened", case: of, partners: begun.toSorted() }, true)
}

async function end(
    act: Act,
    of: string,
    rows: readonly store.OwedRow[],
    ends: ReadonlyMap<string, Instant>,
): Promise<void> {
    await store.endOwed(act.tx, ends)
    const partners = rows.flatMap(({ id, partner }) => (ends.has(id) ? [partner] : []))
    await record(act, { kind: "follow_up.ended", case: of, partners: partners.toSorted() }, true)
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
        if (isTold) await record(act, { kind: "follow_up.reminded", case: of, partner }, true)
    }
}

/**
 * Starts and ends the clocks of follow-ups, and sends reminders. Runs when a wave is released and once an hour of
 * program time. A late recipient gets a clock of its own, and a clock ends with access.
 */
import { type Instant, hourMs } from "@tocsin/base/instant"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { closedCases } from "../../../share/cases/actions.ts"
import { matrixOf } from "../../../share/entitlement/actions/decide-access.ts"
import { plannedAndOpenAt, wavesOf } from "../../../share/waves/actions.ts"
import type { Wave } from "../../../share/waves/wave.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { PastFacts } from "../../../trust/partners/actions/load-facts.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import type { Rules } from "../../../trust/partners/program-rules.ts"
import { type Deadline, msFor, remindAt } from "../deadline.ts"
import { answeredAt, reminderOf } from "../follow-up.ts"
import { listDeadlines } from "../store/deadlines.ts"
import * as store from "../store/follow-ups.ts"
import { saidIn } from "./list-follow-ups.ts"
import { endsUntil, pastOf, reachedBy } from "./find-recipients.ts"

const step = "owing"

export const trackFollowUpsJob: BackgroundJob = {
    name: step,
    isUnhurried: true,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const last = await store.findLastOwedLook(tx, now)
            if (!(await store.claimFollowUpRun(tx, now, now - hourMs))) return false
            await lookOver({ tx, now, services, actor: { kind: "system", step } }, last)
            return false
        }),
}

/** Starts the clocks of the partners that a released wave reaches. */
export async function openFollowUps(ctx: ActionContext, caseId: string): Promise<void> {
    const look = {
        last: await store.findLastOwedLook(ctx.tx, ctx.now),
        past: await pastOf(ctx),
        closed: await closedCases(ctx),
    }
    await settle(ctx, caseId, await wavesOf(ctx, caseId), look)
}

/** Skips cases published long ago, and clocks after their last reminder. */
async function lookOver(ctx: ActionContext, last: Instant | null): Promise<void> {
    const [waves, closed] = [Map.groupBy(await wavesOf(ctx, null), (wave) => wave.case), await closedCases(ctx)]
    const look: Look = { last, past: await pastOf(ctx), closed }
    const { rules } = await rulesNow(ctx, "reporting")
    const live: string[] = []
    for (const [subject, entries] of waves) {
        if (!closed.has(subject) && isFresh(ctx, entries, rules, await listDeadlines(ctx.tx, subject)))
            live.push(subject)
    }
    for (const subject of new Set([...(await store.listCasesOwed(ctx.tx)), ...live])) {
        await settle(ctx, subject, waves.get(subject) ?? [], look)
        await remind(ctx, subject)
    }
}

/** Tells whether a wave was released recently enough to start new clocks. */
function isFresh(
    { now }: ActionContext,
    waves: readonly Wave[],
    rules: Rules["reporting"],
    set: readonly Deadline[],
): boolean {
    const fallen = waves.filter(({ releasedAt }) => releasedAt !== null)
    const published = fallen.find(({ tier }) => tier === "publication")
    const until = published ? (published.releasedAt ?? 0) + msFor(published, set, rules).ms : Infinity
    return fallen.length > 0 && now < until
}

/** Facts for all cases of a run. */
interface Look {
    /** The run before. */
    readonly last: Instant | null
    readonly past: PastFacts
    readonly closed: ReadonlySet<string>
}

/** Starts and ends clocks by who has access now, and who lost it since the last run. */
async function settle(ctx: ActionContext, subject: string, waves: readonly Wave[], look: Look): Promise<void> {
    const { rules } = await rulesNow(ctx, "reporting")
    const isOver = look.closed.has(subject) || rules.days === 0
    const rows = await store.listOwedReports(ctx.tx, { partner: null, case: subject })
    const ends = await endsUntil(
        ctx,
        look.past,
        rows.filter((row) => row.endedAt === null && store.canEnd(row)),
        { last: look.last, until: ctx.now },
    )
    if (ends.size > 0) await end(ctx, subject, rows, ends)
    const set = await listDeadlines(ctx.tx, subject)
    if (isOver || !isFresh(ctx, waves, rules, set)) return
    const running = rows.filter((row) => row.endedAt === null && !ends.has(row.id))
    const { entitlements } = await matrixOf(ctx, subject)
    const reached = reachedBy((await plannedAndOpenAt(ctx, subject, ctx.now)).opened, entitlements)
    const known = new Set(running.map(store.clockKey))
    const partners = new Set(entitlements.map(({ partner }) => partner))
    const owed = waves.flatMap((wave) => {
        const missing = [...partners]
            .map((partner) => ({ partner, wave: wave.id }))
            .filter((item) => {
                const key = store.clockKey(item)
                return reached.has(key) && !known.has(key)
            })
        const { ms } = msFor(wave, set, rules)
        return missing.map((item) => ({
            id: ctx.services.newId(),
            ...item,
            case: subject,
            since: ctx.now,
            dueAt: ctx.now + ms,
            remindAt: remindAt(ctx.now, ms, rules.remindDays),
        }))
    })
    const begun = owed.length === 0 ? [] : await store.insertOwed(ctx.tx, owed)
    if (begun.length > 0)
        await record(ctx, { kind: "follow_up.opened", case: subject, partners: begun.toSorted() }, true)
}

async function end(
    ctx: ActionContext,
    subject: string,
    rows: readonly store.OwedRow[],
    ends: ReadonlyMap<string, Instant>,
): Promise<void> {
    await store.endOwed(ctx.tx, ends)
    const partners = rows.flatMap(({ id, partner }) => (ends.has(id) ? [partner] : []))
    await record(ctx, { kind: "follow_up.ended", case: subject, partners: partners.toSorted() }, true)
}

/** Sends one notice for all follow-ups of a partner in one case. Clocks without access have ended before. */
async function remind(ctx: ActionContext, subject: string): Promise<void> {
    const rows = (await store.listOwedReports(ctx.tx, { partner: null, case: subject })).filter(
        (owedReport) => owedReport.endedAt === null && store.canEnd(owedReport),
    )
    const report = await saidIn(ctx, { partner: null, case: subject }, ctx.now)
    for (const [partner, entries] of Map.groupBy(rows, (row) => row.partner)) {
        let isTold = false
        for (const row of entries) {
            const due = reminderOf(row, answeredAt(row, report(row), ctx.now), ctx.now)
            isTold ||= due !== null
            const next = ctx.now >= row.dueAt ? "after" : (due ?? row.reminded)
            if (next !== row.reminded) await store.setReminded(ctx.tx, row.id, next)
        }
        if (isTold) await record(ctx, { kind: "follow_up.reminded", case: subject, partner }, true)
    }
}

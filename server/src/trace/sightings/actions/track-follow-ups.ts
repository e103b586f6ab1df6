/**
 * Starts and ends the clocks of follow-ups, and sends reminders. Runs when a wave is released and once an hour of
 * program time. A late recipient gets a clock of its own, and a clock ends with access.
 */
import { type Instant, hourMs } from "@tocsin/base/instant"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { listClosedCases } from "../../../share/cases/actions/load-case.ts"
import { loadMatrix } from "../../../share/entitlement/actions/decide-access.ts"
import { loadWaveContents, listWaves } from "../../../share/waves/actions.ts"
import type { Wave } from "../../../share/waves/wave.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { PastFacts } from "../../../trust/partners/actions/load-facts.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import type { Rules } from "../../../trust/partners/program-rules.ts"
import { type Deadline, deadlineOfWave, remindAt } from "../follow-up-deadline.ts"
import { followUpStatusAt, nextReminder } from "../follow-up.ts"
import { listDeadlines } from "../store/deadlines.ts"
import * as store from "../store/follow-ups.ts"
import { loadCaseReports } from "./list-follow-ups.ts"
import { loadAccessEnds, loadPastFacts, clockKeysReached } from "./find-recipients.ts"

const job = "follow-ups"

export const trackFollowUpsJob: BackgroundJob = {
    name: job,
    runsSeldom: true,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const last = await store.findLastRun(tx, now)
            if (!(await store.claimRun(tx, now, now - hourMs))) return false
            await checkAllCases({ tx, now, services, actor: { kind: "system", component: job } }, last)
            return false
        }),
}

/** Starts the clocks of the partners that a released wave reaches. */
export async function openFollowUps(ctx: ActionContext, caseId: string): Promise<void> {
    const run = {
        last: await store.findLastRun(ctx.tx, ctx.now),
        past: await loadPastFacts(ctx),
        closed: await listClosedCases(ctx),
    }
    await updateClocks(ctx, caseId, await listWaves(ctx, caseId), run)
}

/** Skips cases published long ago, and clocks after their last reminder. */
async function checkAllCases(ctx: ActionContext, last: Instant | null): Promise<void> {
    const [waves, closed] = [Map.groupBy(await listWaves(ctx, null), (wave) => wave.case), await listClosedCases(ctx)]
    const run: RunFacts = { last, past: await loadPastFacts(ctx), closed }
    const { rules } = await loadRules(ctx, "reporting")
    const fresh: string[] = []
    for (const [caseId, entries] of waves) {
        if (!closed.has(caseId) && canStartClocks(ctx, entries, rules, await listDeadlines(ctx.tx, caseId)))
            fresh.push(caseId)
    }
    for (const caseId of new Set([...(await store.listCasesWithRunningClock(ctx.tx)), ...fresh])) {
        await updateClocks(ctx, caseId, waves.get(caseId) ?? [], run)
        await remindPartners(ctx, caseId)
    }
}

/** Tells whether a wave was released recently enough to start new clocks. */
function canStartClocks(
    { now }: ActionContext,
    waves: readonly Wave[],
    rules: Rules["reporting"],
    deadlines: readonly Deadline[],
): boolean {
    const released = waves.filter(({ releasedAt }) => releasedAt !== null)
    const published = released.find(({ tier }) => tier === "publication")
    const until = published ? (published.releasedAt ?? 0) + deadlineOfWave(published, deadlines, rules).ms : Infinity
    return released.length > 0 && now < until
}

/** Facts for all cases of a run. */
interface RunFacts {
    /** The run before. */
    readonly last: Instant | null
    readonly past: PastFacts
    readonly closed: ReadonlySet<string>
}

/** Starts and ends clocks by who has access now, and who lost it since the last run. */
async function updateClocks(ctx: ActionContext, caseId: string, waves: readonly Wave[], run: RunFacts): Promise<void> {
    const { rules } = await loadRules(ctx, "reporting")
    const isOver = run.closed.has(caseId) || rules.days === 0
    const rows = await store.listFollowUps(ctx.tx, { partner: null, case: caseId })
    const ends = await loadAccessEnds(
        ctx,
        run.past,
        rows.filter((row) => row.endedAt === null && store.canEnd(row)),
        { last: run.last, until: ctx.now },
    )
    if (ends.size > 0) await endClocks(ctx, caseId, rows, ends)
    const deadlines = await listDeadlines(ctx.tx, caseId)
    if (isOver || !canStartClocks(ctx, waves, rules, deadlines)) return
    const running = rows.filter((row) => row.endedAt === null && !ends.has(row.id))
    const { entitlements } = await loadMatrix(ctx, caseId)
    const reached = clockKeysReached((await loadWaveContents(ctx, caseId, ctx.now)).opened, entitlements)
    const known = new Set(running.map(store.clockKey))
    const partners = new Set(entitlements.map(({ partner }) => partner))
    const newClocks = waves.flatMap((wave) => {
        const missing = [...partners]
            .map((partner) => ({ partner, wave: wave.id }))
            .filter((item) => {
                const key = store.clockKey(item)
                return reached.has(key) && !known.has(key)
            })
        const { ms } = deadlineOfWave(wave, deadlines, rules)
        return missing.map((item) => ({
            id: ctx.services.newId(),
            ...item,
            case: caseId,
            since: ctx.now,
            dueAt: ctx.now + ms,
            remindAt: remindAt(ctx.now, ms, rules.remindDays),
        }))
    })
    const started = newClocks.length === 0 ? [] : await store.insertFollowUps(ctx.tx, newClocks)
    if (started.length > 0)
        await record(ctx, { kind: "follow_up.opened", case: caseId, partners: started.toSorted() }, true)
}

async function endClocks(
    ctx: ActionContext,
    caseId: string,
    rows: readonly store.FollowUpRow[],
    ends: ReadonlyMap<string, Instant>,
): Promise<void> {
    await store.endFollowUps(ctx.tx, ends)
    const partners = rows.flatMap(({ id, partner }) => (ends.has(id) ? [partner] : []))
    await record(ctx, { kind: "follow_up.ended", case: caseId, partners: partners.toSorted() }, true)
}

/** Sends one notice for all follow-ups of a partner in one case. Clocks without access have ended before. */
async function remindPartners(ctx: ActionContext, caseId: string): Promise<void> {
    const rows = (await store.listFollowUps(ctx.tx, { partner: null, case: caseId })).filter(
        (followUp) => followUp.endedAt === null && store.canEnd(followUp),
    )
    const reportsOf = await loadCaseReports(ctx, { partner: null, case: caseId }, ctx.now)
    for (const [partner, entries] of Map.groupBy(rows, (row) => row.partner)) {
        let isReminded = false
        for (const row of entries) {
            const reminder = nextReminder(row, followUpStatusAt(row, reportsOf(row), ctx.now), ctx.now)
            isReminded ||= reminder !== null
            const next = ctx.now >= row.dueAt ? "after" : (reminder ?? row.reminded)
            if (next !== row.reminded) await store.setReminded(ctx.tx, row.id, next)
        }
        if (isReminded) await record(ctx, { kind: "follow_up.reminded", case: caseId, partner }, true)
    }
}

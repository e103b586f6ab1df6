/**
 * Calls the operator's receiver when an alarm begins and when it ends.
 *
 * A call is a row first. It is made outside of transactions, so that a slow receiver holds nothing. Each begin and each
 * end is called until the receiver accepts it. The id of its message is always the same, because an answer can be lost.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { AlarmReceiver, Services } from "../../../kernel/services.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { releaseJob } from "../../../share/release/actions/release-due.ts"
import { loadHealth } from "../../installation/actions/load-health.ts"
import { type CalledAlarm, calledAlarms, requestOf, retryAt } from "../alarm-call.ts"
import * as store from "../store.ts"

/** Between two looks at the alarms. The first comes so long after the start that a worker's jobs have run. */
const lookEveryMs = 10_000
/** Longer than any call takes. */
const leaseMs = 30_000

const lastLooks = new WeakMap<Services, Instant>()

export const callAlarmsJob: BackgroundJob = {
    name: "alarm-calls",
    runsSeldom: true,
    runsInQuarantine: true,
    run: async (services) => {
        const { alarmReceiver } = services
        if (alarmReceiver === null) return false
        const now = services.realNow()
        const last = lastLooks.get(services)
        if (last === undefined || Math.abs(now - last) >= lookEveryMs) {
            lastLooks.set(services, now)
            if (last !== undefined) await runAsSystem(services, noteAlarms)
        }
        return await makeNextCall(services, alarmReceiver)
    },
}

const runAsSystem = <T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", component: "alarm-calls" } }),
    )

/** Compares the alarms that are on with those that the receiver knows. */
export async function noteAlarms(ctx: ActionContext): Promise<void> {
    const { tx, services } = ctx
    const on = await listCurrentAlarms(ctx)
    const known = new Map((await store.lockAlarms(tx)).map((alarm) => [alarm.code, alarm]))
    const now = services.realNow()
    for (const code of calledAlarms) {
        const alarm = known.get(code)
        if (!on.has(code)) {
            if (alarm?.clearedAt === null) await store.clearAlarm(tx, code, now)
        } else if (alarm === undefined) {
            await store.insertAlarm(tx, services.newId(), code, now)
        } else if (alarm.clearedAt !== null) {
            await store.reopenAlarm(tx, code, now)
        }
    }
}

async function listCurrentAlarms(ctx: ActionContext): Promise<ReadonlySet<CalledAlarm>> {
    const health = await loadHealth(ctx)
    const fails = (name: string) => health.conditions.some(({ condition, isMet }) => condition === name && !isMet)
    const isOn: Readonly<Record<CalledAlarm, boolean>> = {
        quarantine: fails("quarantine"),
        clocks_distrusted: fails("clocks"),
        releases_stopped: fails("worker"),
        // Distrusted clocks pause releases, and have an alarm of their own.
        wave_overdue: fails("overdue") && !fails("clocks"),
        jobs_late: health.jobs.some(({ job, state }) => job !== releaseJob && state === "late"),
        notices_unsent: health.unsentNotices.partners + health.unsentNotices.staff > 0,
        audit_log_damaged: health.auditLog.damagedSince !== null,
        backup_old: health.backups.overdueSince !== null,
        witnesses_late: health.witnessing.lateSince !== null,
    }
    return new Set(calledAlarms.filter((code) => isOn[code]))
}

/** Counts the attempts of the call that was tried most; 0 while the receiver has accepted all. */
export const countCallAttempts = ({ tx }: ActionContext): Promise<number> => store.countAttempts(tx)

/** Makes the next call that is due. False: there is none, or it failed. */
async function makeNextCall(services: Services, receiver: AlarmReceiver): Promise<boolean> {
    const claimedAt = services.realNow()
    const call = await services.db.transaction((tx) => store.claimCall(tx, claimedAt, claimedAt + leaseMs))
    if (call === undefined) return false
    const { headers, body } = requestOf(call, services.consoleOrigin, receiver.secret, services.realNow())
    const status = await receiver.post(headers, body)
    const isAccepted = status !== null && status >= 200 && status < 300
    const now = services.realNow()
    await services.db.transaction((tx) =>
        isAccepted ? store.acceptCall(tx, call, now) : store.postponeCall(tx, call, retryAt(call.attempts, now)),
    )
    if (!isAccepted) {
        services.log.error("the receiver of alarms does not accept a call", {
            code: call.code,
            status: status ?? "no answer",
            tries: call.attempts,
        })
    }
    return isAccepted
}

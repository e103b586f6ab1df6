/** Reads and writes the alarms that the receiver of alarm calls must learn of. */
import type { Instant } from "@tocsin/base/instant"
import { isDueSql } from "../../kernel/retry-time.ts"
import type { Tx } from "../../platform/postgres/db.ts"
import { type AlarmCall, type CalledAlarm, firstCallAt, retryMsMax } from "./alarm-call.ts"

const columns = `id, code, since, cleared_at as "clearedAt", call, attempts`

/** Lists all alarms, and locks them until the transaction ends. */
export async function lockAlarms(tx: Tx): Promise<AlarmCall[]> {
    return await tx.query<AlarmCall>(`select ${columns} from alarm_calls order by code for update`)
}

export async function insertAlarm(tx: Tx, id: string, code: CalledAlarm, now: Instant): Promise<void> {
    await tx.query(
        `insert into alarm_calls (id, code, since, call, attempts, next_at) values ($1, $2, $3, 1, 0, $4)
         on conflict (code) do nothing`,
        [id, code, new Date(now), new Date(firstCallAt(code, now))],
    )
}

/** Notes that an alarm ended. Deletes it where its first call is not due yet. */
export async function clearAlarm(tx: Tx, code: CalledAlarm, now: Instant): Promise<void> {
    await tx.query("delete from alarm_calls where code = $1 and call = 1 and attempts = 0 and next_at > $2", [
        code,
        new Date(now),
    ])
    await tx.query("update alarm_calls set cleared_at = $2 where code = $1", [code, new Date(now)])
}

/** Notes that an alarm is on again. If the receiver can know of its end, its begin is called again. */
export async function reopenAlarm(tx: Tx, code: CalledAlarm, now: Instant): Promise<void> {
    await tx.query(
        `update alarm_calls set call = call + 1, attempts = 0, next_at = $2
         where code = $1 and call % 2 = 0 and attempts > 0`,
        [code, new Date(now)],
    )
    await tx.query("update alarm_calls set cleared_at = null where code = $1", [code])
}

/** Claims the next call until an instant, and counts the attempt. A begin comes before its end. */
export async function claimCall(tx: Tx, now: Instant, until: Instant): Promise<AlarmCall | undefined> {
    const rows = await tx.query<AlarmCall>(
        `update alarm_calls set attempts = attempts + 1, next_at = $2
         where code = (select code from alarm_calls
            where (call % 2 = 1 or cleared_at is not null) and ${isDueSql("next_at", "$1", retryMsMax)}
            order by attempts > 0, next_at limit 1 for update skip locked)
         returning ${columns}`,
        [new Date(now), new Date(until)],
    )
    return rows[0]
}

/** Counts the attempts of the call that was tried most. */
export async function countAttempts(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>("select coalesce(max(attempts), 0)::int as count from alarm_calls")
    return row?.count ?? 0
}

/** Notes that the receiver accepted a call. After its end, an alarm is deleted. */
export async function acceptCall(tx: Tx, { id, call }: AlarmCall, now: Instant): Promise<void> {
    await tx.query("delete from alarm_calls where id = $1 and call = $2 and call % 2 = 0", [id, call])
    await tx.query(`update alarm_calls set call = call + 1, attempts = 0, next_at = $3 where id = $1 and call = $2`, [
        id,
        call,
        new Date(now),
    ])
}

export async function postponeCall(tx: Tx, { id, call }: AlarmCall, nextAt: Instant): Promise<void> {
    await tx.query("update alarm_calls set next_at = $3 where id = $1 and call = $2", [id, call, new Date(nextAt)])
}

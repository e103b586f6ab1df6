/**
 * An alarm call: tells the operator's receiver that an alarm of the installation begins or ends.
 *
 * It has a code and instants, and names no case, partner or person.
 */
import { type Instant, formatInstant, hourMs } from "@tocsin/base/instant"
import { headersOf } from "@tocsin/formats/standard-webhooks"

export const calledAlarms = [
    "quarantine",
    "clocks_distrusted",
    "releases_stopped",
    "wave_overdue",
    "jobs_late",
    "notices_unsent",
    "audit_log_damaged",
    "backup_old",
    "witnesses_late",
] as const

export type CalledAlarm = (typeof calledAlarms)[number]

const secondMs = 1_000
const minuteMs = 60 * secondMs

/** How long an alarm must be on before it is called. The others begin after limits of their own. */
const delays: Readonly<Partial<Record<CalledAlarm, number>>> = { notices_unsent: 15 * minuteMs }

/** Returns when a new alarm is called. */
export const firstCallAt = (code: CalledAlarm, since: Instant): Instant => since + (delays[code] ?? 0)

const backOffMs = [10 * secondMs, 30 * secondMs, minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs]
/** The longest delay between two attempts. */
export const retryMsMax = hourMs

/** Returns when a call is retried after so many attempts. Calls are retried until the receiver accepts them. */
export function retryAt(attempts: number, now: Instant): Instant {
    return now + (backOffMs[Math.min(attempts, backOffMs.length) - 1] ?? 0)
}

/** An alarm that the receiver must still learn of, or that is on. All instants are wall-clock times. */
export interface AlarmCall {
    /** Of the alarm: the same for its begin and its end. */
    readonly id: string
    readonly code: CalledAlarm
    readonly since: Instant
    /** Null: it is on. */
    readonly clearedAt: Instant | null
    /** The number of the next call. Odd calls tell that it began, even ones that it ended. */
    readonly call: number
    readonly attempts: number
}

/** An alarm of a command that tries the receiver. */
export type TestedAlarm = Pick<AlarmCall, "id" | "since" | "clearedAt" | "call"> & { readonly code: "test" }

type Call = Omit<AlarmCall, "attempts"> | TestedAlarm

const tellsBegin = ({ call }: Call): boolean => call % 2 === 1

/** The id of the message: the same at each attempt. */
const messageIdOf = ({ id, call }: Call): string => `${id}-${call}`

/** Builds the body of a call, in the form that Standard Webhooks proposes. */
function bodyOf(call: Call, consoleOrigin: string): string {
    const { id, code, since, clearedAt } = call
    const [state, at] = tellsBegin(call) ? (["raised", since] as const) : (["cleared", clearedAt ?? since] as const)
    return JSON.stringify({
        type: `alarm.${state}`,
        timestamp: formatInstant(at),
        data: { alarm: id, code, state, console: `${consoleOrigin}/` },
    })
}

/** Builds and signs the request of a call. */
export function requestOf(call: Call, consoleOrigin: string, secret: Uint8Array, now: Instant) {
    const body = bodyOf(call, consoleOrigin)
    const message = { id: messageIdOf(call), timestamp: Math.floor(now / secondMs), body: Buffer.from(body) }
    return { headers: headersOf(message, { secrets: [secret], signers: [] }), body }
}

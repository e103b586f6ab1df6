/** Alarms that all staff must see at once, on every screen. Each kind has one code. */
import type { Instant } from "@tocsin/base/instant"

export const alarmCodes = ["releases_stopped"] as const

/** The cause of an alarm. */
export type AlarmCode = (typeof alarmCodes)[number]

export const alarmCauses = ["quarantine", "worker_never_ran", "worker_late", "release_overdue"] as const

/** Why a background job raises an alarm. */
export type AlarmCause = (typeof alarmCauses)[number]

/** An alarm that is on. */
export interface Alarm {
    readonly code: AlarmCode
    readonly cause: AlarmCause
    /** Null where it never ran. */
    readonly since: Instant | null
}

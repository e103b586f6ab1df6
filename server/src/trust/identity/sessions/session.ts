/** Defines how long sessions last, when a person must confirm with a passkey, and how a device is named. */
import { hourMs } from "@tocsin/base/instant"
import type { OperatorRole } from "../../../kernel/actor.ts"

/** Milliseconds of wall-clock time: from the sign-in, and without use by a person. */
export interface SessionLimits {
    readonly lifetimeMs: number
    readonly idleMs: number
}

/** Staff that sign, administer or trace. */
const powerful: readonly OperatorRole[] = ["approver", "admin", "investigator"]

/** The limits of a session with these roles. */
export function sessionLimitsOf(roles: readonly string[]): SessionLimits {
    if (powerful.some((role) => roles.includes(role))) return { lifetimeMs: 10 * hourMs, idleMs: hourMs }
    return { lifetimeMs: 12 * hourMs, idleMs: 2 * hourMs }
}

/** Time for which a sign-in or an assertion counts as a confirmation. */
export const confirmedMs = hourMs / 4

/** A screen that refreshes itself sends this header: such a request does not keep its session in use. */
export const backgroundHeader = "tocsin-background"

/** The first match counts, because user agents contain the names of other browsers. */
const browsers: readonly (readonly [pattern: RegExp, name: string])[] = [
    [/\bEdg/, "Edge"],
    [/\bOPR\//, "Opera"],
    [/\bFirefox\//, "Firefox"],
    [/\b(?:Headless)?Chrome\//, "Chrome"],
    [/\bSafari\//, "Safari"],
]
const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
    [/\bAndroid\b/, "Android"],
    [/\biPhone\b|\biPad\b/, "iOS"],
    [/\bWindows\b/, "Windows"],
    [/\bMac OS X\b/, "macOS"],
    [/\bCrOS\b/, "ChromeOS"],
    [/\bLinux\b/, "Linux"],
]

/** Names browser and system of a `User-Agent`, such as `Firefox, Linux`; null where neither is known. */
export function deviceOf(userAgent: string): string | null {
    const nameIn = (names: typeof browsers) => names.find(([pattern]) => pattern.test(userAgent))?.[1]
    const known = [nameIn(browsers), nameIn(systems)].filter((name) => name !== undefined)
    return known.length === 0 ? null : known.join(", ")
}

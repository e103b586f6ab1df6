/**
 * The notification status of a wave: which partners were notified, and which were not.
 *
 * The notified partners follow from recorded notices alone, so later decisions do not change them. The other partners
 * follow at each read from current entitlements. So a suspended partner is left out, and a newly entitled one is
 * included.
 */

export type NoticeState = "due" | "sent" | "dropped" | "failed" | "bounced" | "filtered"

/** The state of one notice to a partner, with the number of attempts. */
export interface NoticeStatus {
    readonly partner: string
    readonly state: NoticeState
    readonly attempts: number
}

/**
 * Why a partner is not notified yet.
 *
 * `not_created`: entitled since the release, or the wave was released just now. `no_address`: its roster is empty.
 * `dropped`: it had no access, or its person had left, at the time of sending.
 */
export type UnnotifiedReason =
    | "not_created"
    | "no_address"
    | "not_sent"
    | "frozen"
    | "retrying"
    | "failed"
    | "bounced"
    | "dropped"

/** How far the notification of a wave is. */
export interface NotificationStatus {
    /** Whether every entitled partner is notified. */
    readonly done: boolean
    /** How many partners a notice was created for. */
    readonly recipients: number
    /** How many of them were notified: at least one person of each. */
    readonly notified: number
    /** Partners whose own filters kept the notice back. The operator may see only their number. */
    readonly filtered: readonly string[]
    readonly unnotified: readonly { readonly partner: string; readonly reason: UnnotifiedReason }[]
}

/** The status of a wave that is not released. */
export const statusBeforeRelease: NotificationStatus = {
    done: false,
    recipients: 0,
    notified: 0,
    filtered: [],
    unnotified: [],
}

/** Which partners a wave must notify. */
export interface NotificationScope {
    /** Partners that can have an artifact by the wave now. */
    readonly entitled: readonly string[]
    /** Those of them with an empty roster. */
    readonly withoutPeople: ReadonlySet<string>
    readonly isFrozen: boolean
}

/** Returns the notification status from current entitlements and recorded notices. */
export function notificationStatusOf(scope: NotificationScope, notices: readonly NoticeStatus[]): NotificationStatus {
    const byPartner = Map.groupBy(notices, (notice) => notice.partner)
    const unnotified: { partner: string; reason: UnnotifiedReason }[] = []
    for (const partner of scope.entitled) {
        const reason = unnotifiedReasonOf(partner, scope, byPartner.get(partner) ?? [])
        if (reason !== null && reason !== "filtered") unnotified.push({ partner, reason })
    }
    const has = (partner: string, state: NoticeState) =>
        byPartner.get(partner)?.some((notice) => notice.state === state)
    const notified = [...byPartner.keys()].filter((partner) => has(partner, "sent"))
    const filtered = [...byPartner.keys()].filter((partner) => !has(partner, "sent") && has(partner, "filtered"))
    const recipients = byPartner.size - filtered.length
    return { done: unnotified.length === 0, recipients, notified: notified.length, filtered, unnotified }
}

/**
 * Returns why a partner is not notified; null where it is. If its notices differ, a notice that can still be sent
 * decides.
 */
function unnotifiedReasonOf(
    partner: string,
    { withoutPeople, isFrozen }: NotificationScope,
    notices: readonly NoticeStatus[],
): UnnotifiedReason | "filtered" | null {
    if (notices.some(({ state }) => state === "sent")) return null
    if (notices.some(({ state }) => state === "filtered")) return "filtered"
    if (withoutPeople.has(partner)) return "no_address"
    const due = notices.filter(({ state }) => state === "due")
    if (due.length > 0) {
        if (isFrozen) return "frozen"
        return due.some(({ attempts }) => attempts === 0) ? "not_sent" : "retrying"
    }
    for (const state of ["failed", "bounced", "dropped"] as const) {
        if (notices.some((notices) => notices.state === state)) return state
    }
    return "not_created"
}

/**
 * The notification status of a wave: which partners were notified, and which still wait.
 *
 * The notified partners follow from recorded notices alone, so later decisions do not change them. The waiting partners
 * follow at each read from current entitlements. A suspended partner no longer waits, and a newly entitled one does.
 */

export type NoticeState = "due" | "sent" | "dropped" | "failed" | "bounced" | "filtered"

/** The state of one notice to a partner, with the number of attempts. */
export interface Noticed {
    readonly partner: string
    readonly state: NoticeState
    readonly tries: number
}

/**
 * Why a partner still waits.
 *
 * `not_created`: entitled since the release, or the wave was released this moment. `no_address`: its roster is empty.
 * `dropped`: it had no access, or its person had left, at the time of sending.
 */
export type WhyWaiting =
    | "not_created"
    | "no_address"
    | "not_sent"
    | "frozen"
    | "retrying"
    | "failed"
    | "bounced"
    | "dropped"

/** How far the notification of a wave is. */
export interface Told {
    /** Whether no entitled partner waits for its notice. */
    readonly done: boolean
    /** How many partners a notice was created for. */
    readonly recipients: number
    /** How many of them were notified: at least one person of each. */
    readonly notified: number
    /** Partners whose own filters kept the notice back. The operator may see only their number. */
    readonly filtered: readonly string[]
    readonly waiting: readonly { readonly partner: string; readonly why: WhyWaiting }[]
}

/** The status of a wave that is not released. */
export const nobodyYet: Told = { done: false, recipients: 0, notified: 0, filtered: [], waiting: [] }

/** Which partners a wave must notify. */
export interface Wanted {
    /** Partners that may have something by the wave now. */
    readonly entitled: readonly string[]
    /** Those of them with an empty roster. */
    readonly withoutPersons: ReadonlySet<string>
    readonly isFrozen: boolean
}

/** Returns the notification status from current entitlements and recorded notices. */
export function toldOf(wanted: Wanted, notices: readonly Noticed[]): Told {
    const byPartner = Map.groupBy(notices, (noticed) => noticed.partner)
    const waiting: { partner: string; why: WhyWaiting }[] = []
    for (const partner of wanted.entitled) {
        const why = whyOf(partner, wanted, byPartner.get(partner) ?? [])
        if (why !== null && why !== "filtered") waiting.push({ partner, why })
    }
    const has = (partner: string, state: NoticeState) =>
        byPartner.get(partner)?.some((noticed) => noticed.state === state)
    const notified = [...byPartner.keys()].filter((partner) => has(partner, "sent"))
    const filtered = [...byPartner.keys()].filter((partner) => !has(partner, "sent") && has(partner, "filtered"))
    const recipients = byPartner.size - filtered.length
    return { done: waiting.length === 0, recipients, notified: notified.length, filtered, waiting }
}

/** Returns why a partner waits; null where it was notified. The person who may still be reached decides. */
function whyOf(
    partner: string,
    { withoutPersons, isFrozen }: Wanted,
    noticed: readonly Noticed[],
): WhyWaiting | "filtered" | null {
    if (noticed.some(({ state }) => state === "sent")) return null
    if (noticed.some(({ state }) => state === "filtered")) return "filtered"
    if (withoutPersons.has(partner)) return "no_address"
    const due = noticed.filter(({ state }) => state === "due")
    if (due.length > 0) {
        if (isFrozen) return "frozen"
        return due.some(({ tries }) => tries === 0) ? "not_sent" : "retrying"
    }
    for (const state of ["failed", "bounced", "dropped"] as const) {
        if (noticed.some((noticed) => noticed.state === state)) return state
    }
    return "not_created"
}

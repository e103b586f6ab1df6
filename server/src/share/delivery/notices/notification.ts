/**
 * Who was notified of a wave, and who still has to be.
 *
 * The first is history: it follows from the recorded notices alone, so that a later policy, admission or suspension changes
 * nothing of it. The second follows at each look from who is entitled at that moment: a partner that is suspended waits no
 * longer, and a partner that became entitled since waits.
 */

export type NoticeState = "due" | "sent" | "dropped" | "failed" | "bounced" | "filtered"

export interface Noticed {
    readonly partner: string
    readonly state: NoticeState
    readonly tries: number
}

/**
 * `not made`: entitled since the wave fell, or it fell this moment. `no address`: nobody is on the roster. `dropped`: it
 * had no access, or its person had left, when it was to be sent.
 */
export type WhyWaiting =
    | "not made"
    | "no address"
    | "not sent"
    | "frozen"
    | "tried again"
    | "failed"
    | "bounced"
    | "dropped"

export interface Told {
    /** No partner that is entitled now waits for its notice. */
    readonly done: boolean
    /** How many partners a notice was made for. */
    readonly recipients: number
    /** How many of them were notified: at least one person of each. */
    readonly notified: number
    /** Partners that were not notified, by their own filters. Which they are is theirs: it is counted alone. */
    readonly filtered: readonly string[]
    readonly waiting: readonly { readonly partner: string; readonly why: WhyWaiting }[]
}

/** Of a wave that has not fallen. */
export const nobodyYet: Told = { done: false, recipients: 0, notified: 0, filtered: [], waiting: [] }

export interface Wanted {
    /** Partners that may have something by the wave now. */
    readonly entitled: readonly string[]
    /** Those of them of whom nobody is on the roster. */
    readonly withoutPersons: ReadonlySet<string>
    readonly isFrozen: boolean
}

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

/** Null: it was told. Of several persons, the one who may still be reached says what it waits for. */
function whyOf(
    partner: string,
    { withoutPersons, isFrozen }: Wanted,
    noticed: readonly Noticed[],
): WhyWaiting | "filtered" | null {
    if (noticed.some(({ state }) => state === "sent")) return null
    if (noticed.some(({ state }) => state === "filtered")) return "filtered"
    if (withoutPersons.has(partner)) return "no address"
    const due = noticed.filter(({ state }) => state === "due")
    if (due.length > 0) {
        if (isFrozen) return "frozen"
        return due.some(({ tries }) => tries === 0) ? "not sent" : "tried again"
    }
    for (const state of ["failed", "bounced", "dropped"] as const) {
        if (noticed.some((noticed) => noticed.state === state)) return state
    }
    return "not made"
}

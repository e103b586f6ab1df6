/** The filings of a case's regulatory clocks: which is shown, how much of its time is used, and its letter. Pure. */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { ClockRow, FilingRow } from "../../clocks/clock-answers.ts"
import { spanText } from "../../../kit/instant.tsx"
import type { Tone } from "../../../kit/notice.tsx"
import { t } from "../../../messages/message.ts"

/** A filing with its clock. Two clocks can have filings of one id. */
export interface ClockFiling {
    readonly clock: ClockRow
    readonly filing: FilingRow
}

/** Lists the filings, those of running clocks first. */
export function filingsIn(clocks: readonly ClockRow[]): readonly ClockFiling[] {
    return clocks
        .toSorted((a, b) => Number(a.closed) - Number(b.closed))
        .flatMap((clock) => clock.filings.map((filing) => ({ clock, filing })))
}

/** Lists the filings that are not submitted, by deadline; those whose time has not started come last. */
export function filingsToSubmit(clocks: readonly ClockRow[]): readonly ClockFiling[] {
    const last = "9999"
    return filingsIn(clocks)
        .filter(({ clock, filing }) => !clock.closed && filing.submittedAt === null)
        .toSorted((a, b) => (a.filing.dueAt ?? last).localeCompare(b.filing.dueAt ?? last))
}

/** A filing whose time runs. */
export interface DueFiling extends ClockFiling {
    readonly filing: FilingRow & { readonly from: string; readonly dueAt: string }
}

const isDue = (item: ClockFiling): item is DueFiling => item.filing.from !== null && item.filing.dueAt !== null

/** Lists the filings that have a deadline and are not submitted, by deadline. */
export const dueFilings = (clocks: readonly ClockRow[]): readonly DueFiling[] => filingsToSubmit(clocks).filter(isDue)

export const addressOf = ({ clock, filing }: ClockFiling): string =>
    `/cases/${clock.case}/reports/filings/${clock.id}/${filing.id}`

export const isSame = (a: ClockFiling | null, b: ClockFiling): boolean =>
    a !== null && a.clock.id === b.clock.id && a.filing.id === b.filing.id

/** Returns the filing of an address; without one, the next due, or the first. Null: there is no such filing. */
export function shownFiling(clocks: readonly ClockRow[], clockId: string, filingId: string): ClockFiling | null {
    const filings = filingsIn(clocks)
    const found =
        clockId === ""
            ? (dueFilings(clocks)[0] ?? filings[0])
            : filings.find(({ clock, filing }) => clock.id === clockId && filing.id === filingId)
    return found ?? null
}

/** Lists the other filings that are not submitted. */
export const filingsAfter = (clocks: readonly ClockRow[], shown: ClockFiling): readonly ClockFiling[] =>
    filingsToSubmit(clocks).filter((item) => !isSame(shown, item))

/** Returns the authority's reference of a filing's last submission; empty: there is none. */
export const referenceOf = ({ history }: ClockRow, filingId: string): string =>
    history.findLast(({ kind, filing }) => kind === "submitted" && filing === filingId)?.reference ?? ""

/** The share of a filing's time that is used, from 0 to 1. */
export function timeUsed({ filing: { from, dueAt, submittedAt } }: ClockFiling, now: Instant): number {
    if (submittedAt !== null) return 1
    if (from === null || dueAt === null) return 0
    const [start, end] = [parseInstant(from), parseInstant(dueAt)]
    return end <= start ? 1 : Math.min(1, Math.max(0, (now - start) / (end - start)))
}

interface FilingStatus {
    /** The time left or over, or the state. */
    readonly figure: string
    readonly badge: string
    readonly tone: Tone
}

export function statusOf(item: ClockFiling, now: Instant): FilingStatus {
    const { state, dueAt } = item.filing
    if (state === "submitted") return { figure: t("submitted"), badge: t("in time"), tone: "good" }
    if (state === "submitted_late") return { figure: t("submitted"), badge: t("late"), tone: "bad" }
    if (item.clock.closed) return { figure: t("not submitted"), badge: t("closed"), tone: "plain" }
    if (state === "waiting" || dueAt === null)
        return { figure: t("not running yet"), badge: t("waiting"), tone: "plain" }
    const left = parseInstant(dueAt) - now
    if (state === "overdue") return { figure: spanText(-left) || t("now"), badge: t("overdue"), tone: "bad" }
    return {
        figure: spanText(left) || t("now"),
        badge: t("open"),
        tone: timeUsed(item, now) > dueSoonShare ? "due" : "plain",
    }
}

/** Three quarters of the time are used. */
export const dueSoonShare = 0.75

/** Gives each title a letter of its own: its first that is free, else a number. */
export function lettersOf(titles: readonly string[]): readonly string[] {
    const taken = new Set<string>()
    return titles.map((title, n) => {
        const initials = title.toUpperCase().match(/\p{L}/gu) ?? []
        const letter = initials.find((initial) => !taken.has(initial)) ?? String(n + 1)
        taken.add(letter)
        return letter
    })
}

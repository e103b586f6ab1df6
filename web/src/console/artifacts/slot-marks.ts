/** How slots are drawn in the editor, and described for the one under the cursor. Pure. */
import { t } from "../../messages/message.ts"

interface DraftSlot {
    readonly kind: string
    readonly robustness: "typography" | "fragile" | "order" | "wording" | "value"
    readonly ranges: readonly { readonly start: number; readonly end: number }[]
    readonly forms: readonly string[]
}

const looks = {
    value: "slot",
    wording: "slot",
    order: "slot-order",
    fragile: "slot-fragile",
    typography: "slot-fragile",
} as const

const survives = {
    value: t("survives rewriting"),
    wording: t("survives editing, not rewording"),
    order: t("survives editing, not sorting"),
    fragile: t("does not survive a formatter"),
    typography: t("does not survive retyping"),
} as const

/** A moved range may contain other slots: only ranges of one line are drawn, or the page would be one slot. */
const drawnMax = 160

export function slotMarks(slots: readonly DraftSlot[]) {
    return slots.flatMap(({ ranges, robustness }) =>
        ranges
            .filter(({ start, end }) => end - start <= drawnMax)
            .map(({ start, end }) => ({ start, end, look: looks[robustness] })),
    )
}

/** The smallest slot at the offset; null: there is none. */
export function slotAt<Found extends DraftSlot>(slots: readonly Found[], offset: number): Found | null {
    const found = slots.flatMap((slot) =>
        slot.ranges
            .filter(({ start, end }) => start <= offset && offset <= end)
            .map(({ start, end }) => ({ slot, size: end - start })),
    )
    return found.toSorted((a, b) => a.size - b.size)[0]?.slot ?? null
}

/** Like "Slot: before | earlier than (survives editing, not rewording)". */
export function slotSentence({ forms, robustness }: DraftSlot): string {
    const list = forms.map((form) => (form.length > 40 ? `${form.slice(0, 39)}…` : form)).join(" | ")
    return t("Slot: {forms} ({survives})", { forms: list.replaceAll(/\s+/g, " "), survives: survives[robustness] })
}

/** The one change that makes `after` of `before`. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
    const most = Math.min(before.length, after.length)
    let [head, tail] = [0, 0]
    while (head < most && before[head] === after[head]) head++
    while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
    return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) }
}

/** Offers an alternative for the selected words: the author replaces the second form. */
export function withAlternative(
    text: string,
    { start, end }: { readonly start: number; readonly end: number },
): string {
    const words = text.slice(start, end)
    return `${text.slice(0, start)}{{${words}|${words}}}${text.slice(end)}`
}

/** Why the selected words cannot get an alternative; null: they can. */
export function whyNoAlternative(text: string, { start, end }: { readonly start: number; readonly end: number }) {
    const words = text.slice(start, end)
    if (words.trim() === "") return t("select the words first")
    return /[{}|\n]/.test(words) ? t("select words of one line without a slot") : null
}

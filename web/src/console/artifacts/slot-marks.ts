/** How slots are drawn in the editor, and described for the one under the cursor. Pure. */
import type { DraftSlot } from "./draft-check.ts"
import { t } from "../../messages/message.ts"

const looks = {
    value: "slot",
    wording: "slot",
    order: "slot-order",
    fragile: "slot-fragile",
    typography: "slot-fragile",
} as const

/** The changes of a text that a slot survives. */
export const survives = {
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

const shownMax = 40

/** A form on one line, shortened. */
export function formText(form: string): string {
    const line = form.replaceAll(/\s+/g, " ")
    return line.length > shownMax ? `${line.slice(0, shownMax - 1)}…` : line
}

/** Like "Slot: before | earlier than (survives editing, not rewording)". */
export function slotSentence({ forms, robustness }: DraftSlot): string {
    return t("Slot: {forms} ({survives})", {
        forms: forms.map(formText).join(" | "),
        survives: survives[robustness],
    })
}

/** Like "3 forms, 1.6 bits.": how much one slot tells of a copy. */
export function sizeSentence(size: number): string {
    const bits = Math.round(Math.log2(Math.max(1, size)) * 10) / 10
    return t("{size, plural, one {# form} other {# forms}}, {bits, number} {bits, plural, one {bit} other {bits}}.", {
        size,
        bits,
    })
}

/** Texts of a case are never marked, so they may not have slots. */
import { refuse } from "@tocsin/base/refusal"
import { findLeftoverNotation } from "@tocsin/marks/carriers/notation"

/** Refuses `case.contains_slots`: these texts are not marked, so readers would see the slot notation. */
export function assertNoSlots(texts: readonly string[]): void {
    const [left] = texts.flatMap((text) => findLeftoverNotation("text.txt", text))
    if (left === undefined) return
    const text = left.text.slice(0, 40)
    refuse(
        "invalid",
        "case.contains_slots",
        `\`${text}\` is a slot, which only artifacts may contain: write one form`,
        { text },
    )
}

/** Finds the slots of a version without copies. */
import { type Slot, applyCodeword } from "@tocsin/marks/carriers/carrier"
import type { MarkFormat } from "@tocsin/marks/carriers/registry"
import { isWithoutNotation } from "@tocsin/marks/carriers/notation"
import { rawText, resolveSlots } from "@tocsin/marks/carriers/resolved-text"
import { refuse } from "@tocsin/base/refusal"
import { locateSlots } from "../../../platform/sandbox/slots.ts"
import type { Master } from "../../artifacts/actions/load-artifacts.ts"
import type { CanaryText } from "../../artifacts/canary-use.ts"
import { withoutCanarySlots } from "../copy-canaries.ts"

/**
 * Finds the slots. Refuses `mark.not_replaced` where copies would keep the author's notation: in code or rules that do
 * not parse, or where nothing can be exchanged.
 */
export async function findVersionSlots(pen: MarkFormat, master: Master): Promise<readonly Slot[]> {
    return await findTextSlots(pen, documentOf(master))
}

/** Finds the slots of a text whose reader wrote it, by the same rules. */
export async function findTextSlots(pen: MarkFormat, document: CanaryText): Promise<readonly Slot[]> {
    const { name, content } = document
    const slots = withoutCanarySlots(await locateSlots(pen.carrier, name, content), document)
    const first = slots.map(() => 0)
    const resolved = resolveSlots(name, content)
    if (applyCodeword(content, slots, first) === resolved && isWithoutNotation(name, resolved)) return slots
    refuse("conflict", "mark.not_replaced", `\`${name}\` has slots that no copy can replace: correct or remove them`, {
        name,
    })
}

export const documentOf = ({ class: kind, name, content }: Master): CanaryText => {
    return { class: kind, name, content: rawText(content) }
}

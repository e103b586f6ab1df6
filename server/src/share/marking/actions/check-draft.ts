/**
 * Checks a text before it is saved: its issues, the slots that copies of it would have, and an example of a copy.
 * Stores nothing.
 */
import { type Slot, isCounted } from "@tocsin/marks/carriers/carrier"
import { loadMarkFormat } from "@tocsin/marks/carriers/registry"
import { resolveSlots } from "@tocsin/marks/carriers/resolved-text"
import { loadParser } from "@tocsin/marks/grammars"
import { type Issue, type Place, error, hasError, placesOf, textStart } from "@tocsin/base/issue"
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { validateDraft } from "../../artifacts/actions/validate-artifact.ts"
import type { Draft } from "../../artifacts/rule-issues.ts"
import { findTextSlots } from "./find-slots.ts"
import { writeExampleCopy } from "./write-example.ts"

/** A place of the text with several forms. */
export interface DraftSlot {
    readonly kind: string
    readonly robustness: Slot["robustness"]
    /** In the text as written, in UTF-16 units. */
    readonly ranges: readonly { readonly start: number; readonly end: number }[]
    /** The forms at the first range, at most 12; the first is the text as written. */
    readonly forms: readonly string[]
    /** The number of all forms. */
    readonly size: number
}

export interface CheckedDraft {
    readonly issues: readonly Issue[]
    /** Whether it may be released as it is. */
    readonly valid: boolean
    readonly slots: readonly DraftSlot[]
    /** The text without marks: each slot in its first form. */
    readonly unmarked: string
    /** The text as a recipient would read it. The codeword is an example and belongs to no recipient. */
    readonly exampleCopy: string
}

/** Samples are not run: they belong to a saved artifact. */
export async function checkDraftText(ctx: ActionContext, draft: Draft): Promise<CheckedDraft> {
    const issues = [...(await validateDraft(draft, [], ctx.services.canaryZone !== null))]
    const unmarked = resolveSlots(draft.name, draft.content)
    try {
        const slots = await slotsOfDraft(draft)
        const exampleCopy = slots === null ? unmarked : writeExampleCopy(draft, slots)
        const shown = (slots ?? []).filter(isCounted).map((slot) => presentSlot(slot, draft.content))
        return { issues, valid: !hasError(issues), slots: shown, unmarked, exampleCopy }
    } catch (refused) {
        if (!(refused instanceof Refusal)) throw refused
        issues.push(error(placeOfQuote(draft.content, refused.message), refused.code, refused.message))
        return { issues, valid: false, slots: [], unmarked, exampleCopy: unmarked }
    }
}

/** The place of the text that a message begins with in backticks; else the start. */
function placeOfQuote(content: string, message: string): Place {
    const quoted = /^`([^`]+)`/.exec(message)?.[1]
    const at = quoted === undefined ? -1 : content.indexOf(quoted)
    return at < 0 ? textStart : placesOf(content)(at)
}

/** Null where copies of such a file carry no marks. */
async function slotsOfDraft(draft: Draft): Promise<readonly Slot[] | null> {
    const pen = await loadMarkFormat(draft.name, loadParser)
    return pen && (await findTextSlots(pen, draft))
}

const formsMax = 12

function presentSlot({ kind, robustness, variants }: Slot, text: string): DraftSlot {
    const edits = variants.flat().toSorted((a, b) => a.start - b.start)
    const ranges = [...new Map(edits.map(({ start, end }) => [`${start} ${end}`, { start, end }])).values()]
    const first = ranges[0]
    const size = variants.length
    if (first === undefined) return { kind, robustness, ranges, forms: [], size }
    const written = text.slice(first.start, first.end)
    const forms = variants.map((variant) => variant.find(({ start }) => start === first.start)?.text ?? written)
    return { kind, robustness, ranges, forms: [...new Set(forms)].slice(0, formsMax), size }
}

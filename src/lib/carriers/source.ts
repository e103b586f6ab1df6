/**
 * Source code as a carrier: names of locals, equal forms, free order, values that the author marked as free.
 *
 * Python, JavaScript and TypeScript carry all of it. Other languages carry what the author marked, and the wording of
 * comments: what is not certain to keep a program's behaviour is left out.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { refuse } from "../refusal.ts"
import { type Carrier, type Edit, type Slot, applyWord } from "./carrier.ts"
import { type Wording, commentDrafts, plainWording } from "./source/comments.ts"
import { type Draft, type Source, editsOf } from "./source/draft.ts"
import { javascriptForms } from "./source/forms-javascript.ts"
import { pythonForms } from "./source/forms-python.ts"
import { markedDrafts } from "./source/markers.ts"
import { nameDrafts } from "./source/names.ts"
import { orderDrafts } from "./source/order.ts"
import { javascriptScopes } from "./source/scopes-javascript.ts"
import { pythonScopes } from "./source/scopes-python.ts"
import type { Parse } from "./syntax.ts"

/**
 * The carrier of one language. Its `slots` refuses `mark.not_parsed` where the text is not that language, and
 * `mark.marker_unclear` where the author's markers do not fit.
 */
export function sourceCarrier(language: string, parse: Parse, wording: Wording = plainWording): Carrier {
    return {
        name: `source:${language}`,
        slots(text) {
            const root = parse(text)
            if (root.hasError) refuse("invalid", "mark.not_parsed", `this is not \`${language}\` that can be parsed`)
            const source = { language, text, root }
            const found = [...certainDrafts(source), ...commentDrafts(source, wording)]
            const kept = withoutConflicts(source, [...markedDrafts(source, found), ...found])
            return withoutErrors(text, inOrder(kept), parse)
        },
    }
}

function certainDrafts(source: Source): Draft[] {
    if (source.language === "python") {
        return [...nameDrafts(source, pythonScopes(source)), ...pythonForms(source), ...orderDrafts(source)]
    }
    if (!/^(javascript|typescript|tsx)$/.test(source.language)) return []
    const table = javascriptScopes(source)
    return [...nameDrafts(source, table), ...javascriptForms(source, table), ...orderDrafts(source)]
}

/** Where two drafts would touch the same characters, the higher rank stays, then the one with more variants. */
function withoutConflicts(source: Source, drafts: readonly Draft[]): Draft[] {
    const byRank = drafts.toSorted((a, b) => b.rank - a.rank || b.variants.length - a.variants.length)
    const taken = new Uint8Array(source.text.length + 1)
    return byRank.filter((draft) => {
        const edits = editsOf(draft)
        if (edits.some((edit) => taken.subarray(edit.start, edit.end).includes(1))) {
            if (draft.rank >= 4) refuse("invalid", "mark.marker_unclear", "two markers are about the same text")
            return false
        }
        for (const edit of edits) taken.fill(1, edit.start, edit.end)
        return true
    })
}

function inOrder(drafts: readonly Draft[]): Slot[] {
    const seen = new Map<string, number>()
    const sorted = drafts.toSorted((a, b) => firstEdit(a) - firstEdit(b))
    return sorted.map(({ kind, scope, about, robustness, variants }) => {
        const content = bytesToHex(sha256(utf8ToBytes([kind, scope, about].join("\0")))).slice(0, 16)
        const nth = seen.get(content) ?? 0
        seen.set(content, nth + 1)
        return { id: `${kind}/${content}${nth === 0 ? "" : `/${nth}`}`, kind, robustness, variants }
    })
}

function firstEdit(draft: Draft): number {
    return Math.min(...editsOf(draft).map((edit: Edit) => edit.start))
}

/** Proves each variant by parsing: all slots turn together, and one that breaks the text goes. */
function withoutErrors(text: string, slots: readonly Slot[], parse: Parse): Slot[] {
    const rounds = Math.min(16, Math.max(0, ...slots.map((slot) => slot.variants.length)))
    let kept = [...slots]
    for (let round = 0; round < rounds; round++) {
        const turned = (all: readonly Slot[]): number[] => all.map((slot) => round % slot.variants.length)
        if (!parse(applyWord(text, kept, turned(kept))).hasError) continue
        kept = kept.filter((slot) => {
            const isSound = !parse(applyWord(text, [slot], turned([slot]))).hasError
            if (!isSound && slot.kind.startsWith("marked-")) {
                refuse("invalid", "mark.marker_unclear", "a marked value, once changed, can no longer be parsed")
            }
            return isSound
        })
        if (parse(applyWord(text, kept, turned(kept))).hasError)
            throw new Error("slots that are sound alone break together")
    }
    return kept
}

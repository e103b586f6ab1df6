/** Changes of a text that the author makes at a slot or a selection. Pure. */
import type { DraftSlot } from "./draft-check.ts"
import { t } from "../../messages/message.ts"

/** A part of a text, in UTF-16 units. */
export interface Range {
    readonly start: number
    readonly end: number
}

type EditableSlot = Pick<DraftSlot, "kind" | "ranges" | "forms">

/** A new text, and what is selected in it then. */
export interface TextEdit {
    readonly text: string
    readonly select: Range
}

/** Longer forms, like whole lists, are not exchanged one by one. */
const formMax = 160

/** The slot's only place; null where it has several, or where its forms are numbers. */
function placeOf({ kind, ranges: [range, second] }: EditableSlot): Range | null {
    if (range === undefined || second !== undefined || kind === "value") return null
    return range.end - range.start > formMax ? null : range
}

const isAuthored = ({ kind }: EditableSlot): boolean => kind === "alternative"

/** All forms, of which the answer has the first ones. */
function allForms(text: string, slot: EditableSlot): readonly string[] {
    const place = placeOf(slot)
    return place === null || !isAuthored(slot) ? slot.forms : text.slice(place.start + 2, place.end - 2).split("|")
}

/** Whether another form can become the text's own. */
export const canChooseForm = (slot: EditableSlot): boolean => placeOf(slot) !== null && slot.forms.length > 1

/** Makes a form the text's own: the one that is published. */
export function withForm(text: string, slot: EditableSlot, form: string): TextEdit | null {
    const otherForms = allForms(text, slot).filter((other) => other !== form)
    return replaced(text, slot, isAuthored(slot) ? notationOf([form, ...otherForms]) : form)
}

/** Writes the forms into the text, where the author changes them. Selects the forms after the first. */
export function withForms(text: string, slot: EditableSlot): TextEdit | null {
    const edit = replaced(text, slot, notationOf(allForms(text, slot)))
    if (edit === null) return null
    const { start, end } = edit.select
    return { ...edit, select: { start: start + 2 + (slot.forms[0]?.length ?? 0) + 1, end: end - 2 } }
}

/** Why the forms cannot be changed; null: they can. Only prose has a notation for them. */
export function whyNoForms(name: string, slot: EditableSlot): string | null {
    if (placeOf(slot) === null) return t("the slot has several places")
    return isAuthored(slot) || /\.(md|markdown|txt)$/i.test(name) ? null : t("only in prose")
}

/**
 * Makes the slot's words fixed. The author's own notation becomes its first form. Words that Tocsin found get the
 * notation for kept words. Null where that notation cannot enclose them.
 */
export function withoutSlot(text: string, slot: EditableSlot): TextEdit | null {
    if (isAuthored(slot)) return replaced(text, slot, slot.forms[0] ?? "")
    const places = slot.ranges.toSorted((a, b) => a.start - b.start)
    const [first] = places
    if (first === undefined || !places.every((place) => canKeep(text.slice(place.start, place.end)))) return null
    let [kept, at] = ["", 0]
    for (const { start, end } of places) {
        kept += `${text.slice(at, start)}{{=keep:${text.slice(start, end)}}}`
        at = end
    }
    return { text: kept + text.slice(at), select: { start: first.start, end: first.end + "{{=keep:}}".length } }
}

const canKeep = (words: string): boolean => /^[^{}\r\n]+$/.test(words) && words.length <= formMax

function replaced(text: string, slot: EditableSlot, by: string): TextEdit | null {
    const place = placeOf(slot)
    if (place === null) return null
    const { start, end } = place
    return { text: text.slice(0, start) + by + text.slice(end), select: { start, end: start + by.length } }
}

const notationOf = (forms: readonly string[]): string => `{{${forms.join("|")}}}`

/** Offers an alternative for the selected words, and selects it: the author replaces it. */
export function withAlternative(text: string, { start, end }: Range): TextEdit {
    const words = text.slice(start, end)
    const second = start + 2 + words.length + 1
    return {
        text: text.slice(0, start) + notationOf([words, words]) + text.slice(end),
        select: { start: second, end: second + words.length },
    }
}

/** Why the selected words cannot get an alternative; null: they can. */
export function whyNoAlternative(text: string, { start, end }: Range): string | null {
    const words = text.slice(start, end)
    if (words.trim() === "") return t("select words to add an alternative")
    return /[{}|\n]/.test(words) ? t("select words of one line without a slot") : null
}

/** The one change that makes `after` of `before`. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
    const most = Math.min(before.length, after.length)
    let [head, tail] = [0, 0]
    while (head < most && before[head] === after[head]) head++
    while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
    return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) }
}

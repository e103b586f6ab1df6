/**
 * Carries marks in YARA rules: names of strings, equal forms of strings, sizes and counts, order of modifiers and
 * operands, wording and order of metadata.
 */
import { refuse } from "@tocsin/base/refusal"
import { yaraCharsMax } from "@tocsin/rules/yara"
import type { Carrier, Edit, Slot } from "../carrier.ts"
import { type Draft, orders, rank } from "../source/drafts.ts"
import { type Piece, formDraft, isFreeIn, orderDrafts, proseSlotsIn, ruleSlots } from "./drafts.ts"
import { findRenamings } from "./names.ts"
import { regexForms } from "./regex-forms.ts"
import { withValues } from "../values.ts"
import { type YaraRule, type YaraString, type YaraToken, yaraRules } from "./yara-syntax.ts"

export const yara: Carrier = withValues({ name: "yara", slots: yaraSlots })

/** Returns the parts where alternatives are allowed: the texts of a rule for people. */
export const proseOfYara = (text: string): Piece[] => {
    return text.length <= yaraCharsMax ? yaraRules(text).flatMap(prosePlaces) : []
}

/** Throws `mark.not_parsed` where there is no rule, or more than the engine is given. */
function yaraSlots(text: string): Slot[] {
    const rules = text.length <= yaraCharsMax ? yaraRules(text) : []
    if (rules.length === 0) refuse("invalid", "mark.not_parsed", "the text contains no YARA rule that can be parsed")
    const prose = proseSlotsIn(text, rules.flatMap(prosePlaces))
    const isFree = isFreeIn(text.length, prose)
    const drafts = rules.flatMap((rule) => [
        ...nameDrafts(rule),
        ...rule.strings.flatMap((yaraString) => stringForms(text, rule.name, yaraString)),
        ...conditionDrafts(text, rule),
        ...orderDrafts(
            { text, kind: "meta-order", scope: rule.name },
            rule.meta.filter(isFree).filter(hasOwnLine(text)),
        ),
        ...orderDrafts({ text, kind: "tag-order", scope: rule.name }, rule.tags),
    ])
    const shape = shapeOf(rules)
    return ruleSlots(text, prose, drafts, (copy) => shapeOf(yaraRules(copy)) === shape)
}

function shapeOf(rules: readonly YaraRule[]): string {
    return JSON.stringify(
        rules.map((yaraRule) => [yaraRule.name, yaraRule.tags.length, yaraRule.meta.length, yaraRule.strings.length]),
    )
}

const proseKeys = /^(?:description|desc|info|comment|note|summary|details)$/

function prosePlaces({ meta }: YaraRule): Piece[] {
    return meta.flatMap(({ key, value }): Piece[] => {
        if (!proseKeys.test(key) || value.kind !== "text" || value.text.includes("\\")) return []
        return [{ start: value.start + 1, end: value.end - 1 }]
    })
}

/** Returns whether a piece has its line alone. A comment next to it would stay behind. */
function hasOwnLine(text: string): (piece: Piece) => boolean {
    return ({ start, end }) => {
        const ends = text.indexOf("\n", end)
        const before = text.slice(text.lastIndexOf("\n", start) + 1, start)
        return before.trim() === "" && text.slice(end, ends === -1 ? text.length : ends).trim() === ""
    }
}

/**
 * Returns slots for `$name` with every `#name`, `@name` and `!name`. Wildcards keep their meaning, and so do `them`
 * and `$`.
 */
function nameDrafts({ name: scope, strings, condition, comments }: YaraRule): Draft[] {
    const uses = condition.filter((token) => token.kind === "name" && token.text.length > 1)
    const patterns = uses.filter((token) => token.text.endsWith("*")).map((token) => token.text.slice(1, -1))
    const defined = strings.map((yaraString) => yaraString.name)
    const wordsInComments = new Set(comments.match(/\w+/g))
    const names = defined
        .map((token) => token.text.slice(1))
        .filter((item) => item !== "" && !wordsInComments.has(item))
    const mayBecome = (name: string, other: string) =>
        /^\w+$/.test(other) && patterns.every((pattern) => name.startsWith(pattern) === other.startsWith(pattern))
    return findRenamings("string", names, new Set(defined.map((token) => token.text.slice(1))), mayBecome).map(
        ({ members, variants }) => ({
            kind: "string-name",
            robustness: "wording",
            scope,
            about: members.join(" "),
            rank: rank.name,
            variants: variants.map((newNames) =>
                members.flatMap((name, i): Edit[] => {
                    const other = newNames[i] ?? name
                    const places = [...defined, ...uses].filter((token) => token.text.slice(1) === name)
                    return other === name
                        ? []
                        : places.map(({ start, end }) => ({ start: start + 1, end, text: other }))
                }),
            ),
        }),
    )
}

const reorderableModifiers = new Set(["ascii", "wide", "nocase", "fullword", "private"])
const bytesMax = 64
const formsMax = 12

function stringForms(text: string, scope: string, yaraString: YaraString): Draft[] {
    const { value, modifiers, plain, start, end } = yaraString
    const words = modifiers.map((modifier) => modifier.text)
    const about = `${value.text} ${words.join(" ")}`
    const inner =
        value.kind === "regex" ? { start: value.start + 1, end: value.start + value.text.lastIndexOf("/") } : null
    const inside = inner === null ? [] : regexForms(text, scope, inner)
    if (
        !plain ||
        !words.every((word) => reorderableModifiers.has(word)) ||
        /\/[/*]|\n/.test(text.slice(value.end, end))
    )
        return inside
    if (start > end) return inside
    const written = text.slice(value.end, end)
    const lists = new Set(modifierLists(words).map((list) => list.map((word) => ` ${word}`).join("")))
    if (inner !== null) {
        const forms = [...lists].filter((form) => form !== written).slice(0, formsMax)
        const edit = tailEdit(text, value, end)
        return [
            ...inside,
            ...formDraft(
                { kind: "string-form", scope },
                about,
                forms.map((form) => edit(form)),
            ),
        ]
    }
    const values = [value.text, ...(words.every((word) => word === "ascii") ? otherValue(value) : [])]
    const forms = values.flatMap((value) => (value.startsWith("{") ? [value] : [...lists].map((list) => value + list)))
    const others = forms.filter((form) => form !== text.slice(value.start, end)).slice(0, formsMax)
    return formDraft(
        { kind: "string-form", scope },
        about,
        others.map((form) => [{ start: value.start, end, text: form }]),
    )
}

/** Returns an edit after a value. It replaces the value's last character too, so that no two insertions meet. */
function tailEdit(text: string, value: YaraToken, end: number): (form: string) => Edit[] {
    const last = value.end - 1
    return (form) => [{ start: last, end, text: text.charAt(last) + form }]
}

/** Returns every order of the modifiers, with and without the default `ascii`. */
function modifierLists(words: readonly string[]): string[][] {
    const sets = [words]
    if (!words.includes("wide")) {
        sets.push(words.includes("ascii") ? words.filter((word) => word !== "ascii") : [...words, "ascii"])
    }
    return sets.flatMap((set) => orders(set.length, formsMax).map((order) => order.map((from) => set[from] ?? "")))
}

/** Bytes for a text, and a text for bytes that are one: exactly the same where no modifier says more. */
function otherValue({ kind, text }: YaraToken): string[] {
    if (kind === "text") {
        const bytes = bytesOf(text.slice(1, -1))
        if (bytes === null || bytes.length === 0 || bytes.length > bytesMax) return []
        return [`{ ${bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ")} }`]
    }
    const digits = text.slice(1, -1).replaceAll(/\s/g, "")
    if (kind !== "hex" || !/^(?:[2-7][0-9a-fA-F])+$/.test(digits)) return []
    const chars = (digits.match(/../g) ?? []).map((pair) => String.fromCharCode(parseInt(pair, 16))).join("")
    return chars.length > bytesMax || chars.includes("\x7f") ? [] : [`"${chars.replaceAll(/["\\]/g, "\\$&")}"`]
}

const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, '"': 34, "\\": 92 }

function bytesOf(written: string): number[] | null {
    const bytes: number[] = []
    for (const [, hex, escaped, plain] of written.matchAll(/\\x([0-9a-fA-F]{2})|\\(.)|([^\\])/gu)) {
        const special = escaped === undefined ? undefined : escapes[escaped]
        if (hex !== undefined) bytes.push(parseInt(hex, 16))
        else if (special !== undefined) bytes.push(special)
        else if (plain !== undefined) bytes.push(...new TextEncoder().encode(plain))
        else return null
    }
    return bytes
}

function conditionDrafts(text: string, { name: scope, condition }: YaraRule): Draft[] {
    return [...countForms(scope, condition), ...sizeForms(scope, condition), ...operandDrafts(text, scope, condition)]
}

/** `any of` and `1 of`: one decision for the whole rule. */
function countForms(scope: string, condition: readonly YaraToken[]): Draft[] {
    const found = condition.filter((token, at) => /^(?:any|1)$/.test(token.text) && condition[at + 1]?.text === "of")
    const counts = found.filter(
        (token) => token.text === found[0]?.text && (token.text === "1" || !isLoop(condition, token)),
    )
    if (counts.length === 0) return []
    const other = counts[0]?.text === "any" ? "1" : "any"
    const edits = counts.map(({ start, end }) => ({ start, end, text: other }))
    return formDraft({ kind: "count-form", scope }, counts.map((token) => token.text).join(" "), [edits])
}

function isLoop(condition: readonly YaraToken[], token: YaraToken): boolean {
    return condition[condition.indexOf(token) - 1]?.text === "for"
}

/** `64KB` and `65536`: one decision for the whole rule. */
function sizeForms(scope: string, condition: readonly YaraToken[]): Draft[] {
    const units: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 * 1024 }
    const sizes = condition.filter((token) => token.kind === "number" && /^\d{1,6}[KM]B$/.test(token.text))
    const edits = sizes.map(({ start, end, text }) => {
        return { start, end, text: String(Number(text.slice(0, -2)) * (units[text.slice(-2)] ?? 1)) }
    })
    return edits.length === 0
        ? []
        : formDraft({ kind: "size-form", scope }, sizes.map((token) => token.text).join(" "), [edits])
}

/**
 * What `and` alone, or `or` alone, joins at the top, where it names no string. Nothing in a condition has an effect.
 */
function operandDrafts(text: string, scope: string, condition: readonly YaraToken[]): Draft[] {
    let depth = 0
    const operands: YaraToken[][] = [[]]
    const joints = new Set<string>()
    for (const token of condition) {
        if (/^[([]$/.test(token.text)) depth++
        if (/^[)\]]$/.test(token.text)) depth--
        if (depth === 0 && /^(?:and|or)$/.test(token.text) && token.kind === "word") {
            joints.add(token.text)
            operands.push([])
        } else operands.at(-1)?.push(token)
    }
    if (joints.size !== 1) return []
    const pieces = operands.flatMap((words): Piece[] => {
        const [first, last] = [words[0], words.at(-1)]
        const named = words.some((token) => token.kind === "name" || /^(?:of|for|with|matches|not)$/.test(token.text))
        if (first === undefined || last === undefined || named) return []
        const piece = { start: first.start, end: last.end }
        return /\/[/*]|\n/.test(text.slice(piece.start, piece.end)) ? [] : [piece]
    })
    return orderDrafts({ text, kind: "condition-order", scope, robustness: "wording" }, pieces)
}

/** Finds equal ways to write the test of a field: a modifier or wildcards, one value or a list of one. */
import { type YAMLMap, isScalar, isSeq } from "yaml"
import { type Anchor, withAnchor, patternOf } from "@tocsin/rules/sigma/pattern"
import type { Edit } from "../carrier.ts"
import type { Draft } from "../source/drafts.ts"
import { formDraft } from "./drafts.ts"
import { type Entry, entriesOf, isBare, oneLine } from "./sigma-entries.ts"

interface FormContext {
    readonly text: string
    readonly scope: string
    /** Blanks by which a level is set in. */
    readonly step: number
}

/** Modifiers with which a value means the same alone and in a list. */
const simple = new Set(["contains", "startswith", "endswith", "cased", "windash", "re", "cidr"])
const stars: Readonly<Record<Anchor, readonly [before: string, behind: string]>> = {
    contains: ["*", "*"],
    startswith: ["", "*"],
    endswith: ["*", ""],
}

/** Returns other ways to write a field's value with the same matches, such as another modifier. */
export function valueForms(context: FormContext, map: YAMLMap): Draft[] {
    const { text, scope } = context
    const entries = entriesOf(text, map)
    const keys = new Set(entries.map(({ key }) => key))
    return entries.flatMap((entry) => {
        const [field = "", ...modifiers] = entry.key.split("|")
        const single = singleValueOf(text, entry)
        if (field === "" || entry.quoted || single === null || !modifiers.every((modifier) => simple.has(modifier)))
            return []
        const { value, end, written } = single
        const others: (readonly [key: string, value: string])[] = []
        for (const [key, other] of otherAnchors(field, modifiers, value)) {
            if (keys.has(key)) continue
            keys.add(key)
            others.push([key, `'${other.replaceAll("'", "''")}'`])
        }
        const below = `\n${" ".repeat(entry.start - text.lastIndexOf("\n", entry.start) - 1 + context.step)}- `
        const isList = single.below !== null
        const forms = [[entry.key, written] as const, ...others].flatMap(([key, value]) => {
            const spellings = [`${key}: ${value}`, `${key}:${single.below ?? below}${value}`]
            return isList ? spellings.toReversed() : spellings
        })
        const edits = forms.slice(1).map((form): Edit[] => [{ start: entry.start, end, text: form }])
        return formDraft({ kind: "value-form", scope }, `${entry.key} ${written}`, edits)
    })
}

interface SingleValue {
    readonly value: string | null
    /** The value as written. */
    readonly written: string
    readonly end: number
    /** The text before the value where it is the only item of a list; null otherwise. */
    readonly below: string | null
}

/** Returns the only value of an entry, in the line of its key or as the only item of a list below. */
function singleValueOf(text: string, { end: keyEnds, value }: Entry): SingleValue | null {
    const listed = isSeq(value) && value.items.length === 1 && value.flow !== true
    const node: unknown = listed ? value.items[0] : value
    const span = oneLine(text, node)
    if (span === null || !isScalar(node) || (typeof node.value !== "string" && typeof node.value !== "number"))
        return null
    const gap = text.slice(keyEnds, span.start)
    if (!(listed ? /^: *\n *- $/ : /^: +$/).test(gap) || !isBare(text, span.end)) return null
    return {
        value: typeof node.value === "string" ? node.value : null,
        written: text.slice(span.start, span.end),
        end: span.end,
        below: listed ? gap.slice(gap.indexOf("\n")) : null,
    }
}

/** The same test with its place written the other way, where both mean exactly the same pattern. */
function otherAnchors(field: string, modifiers: readonly string[], value: string | null): [string, string][] {
    if (value === null || value === "" || /[\n\r\t]/.test(value)) return []
    const anchors = modifiers.filter((modifier): modifier is Anchor => Object.hasOwn(stars, modifier))
    const others = modifiers.filter((modifier) => !Object.hasOwn(stars, modifier))
    if (others.some((item) => item !== "cased")) return []
    const key = (more: readonly string[]) => [field, ...more].join("|")
    const [anchor] = anchors
    if (anchor !== undefined) {
        const [before, behind] = stars[anchor]
        const wild = before + value + behind
        return isSame(patternOf(wild), withAnchor(patternOf(value), anchor)) ? [[key(others), wild]] : []
    }
    for (const item of ["contains", "startswith", "endswith"] as const) {
        const [before, behind] = stars[item]
        const inner: string = value.slice(before.length, value.length - behind.length)
        if (inner === "" || before + inner + behind !== value || /^\*|\*$/.test(inner)) continue
        if (isSame(withAnchor(patternOf(inner), item), patternOf(value))) return [[key([item, ...others]), inner]]
    }
    return []
}

function isSame(entry: readonly unknown[], other: readonly unknown[]): boolean {
    return entry.length === other.length && entry.every((unit, i) => unit === other[i])
}

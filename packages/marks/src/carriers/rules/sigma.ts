/**
 * Carries marks in Sigma rules: order of lists, equal forms of tests, names of selections, wording of descriptions.
 *
 * A copy is the text as written with edits at the slots. Comments, quotes and all else stay byte for byte.
 */
import { Scalar, type YAMLMap, type YAMLSeq, isMap, isScalar, isSeq, parseAllDocuments } from "yaml"
import { hasError } from "@tocsin/base/issue"
import { refuse } from "@tocsin/base/refusal"
import { isFault, mentions, selectionsMatching, parseCondition } from "@tocsin/rules/sigma/condition"
import { readSigma } from "@tocsin/rules/sigma"
import type { Carrier, Slot } from "../carrier.ts"
import { type Draft, rank } from "../source/drafts.ts"
import { type Piece, isFreeIn, orderDrafts, proseSlotsIn, ruleSlots } from "./drafts.ts"
import { findRenamings } from "./names.ts"
import { type Entry, entriesOf, isBare, oneLine, spanOf } from "./sigma-entries.ts"
import { valueForms } from "./sigma-forms.ts"
import { withValues } from "../values.ts"

export const sigma: Carrier = withValues({ name: "sigma", slots: sigmaSlots })

/** Returns the parts where alternatives are allowed: the texts of a rule for people. Returns none in other YAML. */
export function proseOfSigma(text: string): Piece[] {
    if (hasError(readSigma(text).issues)) return []
    return rulesIn(text).flatMap((rule) => prosePlaces(text, rule))
}

function rulesIn(text: string): YAMLMap[] {
    const documents = parseAllDocuments(text, { version: "1.2", schema: "core" })
    return documents.map((document) => document.contents).filter((item) => isMap(item))
}

/** YAML that does not mean to be Sigma has no slots. Throws `mark.not_parsed` for what does, and has errors. */
function sigmaSlots(text: string): Slot[] {
    if (hasError(readSigma(text).issues)) {
        if (!/^detection:/m.test(text) || !/^logsource:/m.test(text)) return []
        refuse("invalid", "mark.not_parsed", "the Sigma rule has errors: correct them first")
    }
    const rules = rulesIn(text)
    const prose = proseSlotsIn(
        text,
        rules.flatMap((rule) => prosePlaces(text, rule)),
    )
    const isFree = isFreeIn(text.length, prose)
    const drafts = rules.flatMap((rule) => [
        ...listDrafts(text, rule, isFree),
        ...keyDrafts(text, rule),
        ...detectionDrafts(text, rule),
    ])
    return ruleSlots(text, prose, drafts, (copy) => !hasError(readSigma(copy).issues))
}

/** Returns the description and the false positives of a rule. */
function prosePlaces(text: string, rule: YAMLMap): Piece[] {
    return entriesOf(text, rule).flatMap(({ key, value }): Piece[] => {
        if (key === "falsepositives" && isSeq(value)) return value.items.flatMap((item) => proseOf(text, item))
        return key === "description" || key === "falsepositives" ? proseOf(text, value) : []
    })
}

/** Returns the text of a node without quotes and block header. Skips texts with escapes. */
function proseOf(text: string, node: unknown): Piece[] {
    const span = isScalar(node) && typeof node.value === "string" ? spanOf(node) : null
    if (span === null || !isScalar(node)) return []
    const { start, end } = span
    const written = text.slice(start, end)
    if (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED) {
        return [{ start: start + written.indexOf("\n") + 1, end }]
    }
    if (node.type === Scalar.PLAIN) return [{ start, end }]
    return /\\|''/.test(written) ? [] : [{ start: start + 1, end: end - 1 }]
}

const lists = new Set(["tags", "references", "falsepositives", "fields"])

function listDrafts(text: string, rule: YAMLMap, isFree: (piece: Piece) => boolean): Draft[] {
    return entriesOf(text, rule).flatMap(({ key, value }) => {
        if (!lists.has(key) || !isSeq(value)) return []
        return orderDrafts({ text, kind: `${key}-order`, scope: scopeOf(rule) }, itemsOf(text, value).filter(isFree))
    })
}

/** Returns the items of a list if each is one line and no comment is among them. */
function itemsOf(text: string, list: YAMLSeq): Piece[] {
    const pieces = list.items.map((item) => oneLine(text, item))
    const known = pieces.filter((piece) => piece !== null)
    const last = known.at(-1)
    if (known.length < pieces.length || last === undefined) return []
    const between = known.slice(1).map(({ start }, i) => text.slice(known[i]?.end ?? start, start))
    return between.every((gap) => /^[\s,-]*$/.test(gap)) && isBare(text, last.end) ? known : []
}

/** Returns the title as the scope. An id may be missing, and no author chooses it. */
function scopeOf(rule: YAMLMap): string {
    const title = rule.get("title")
    return typeof title === "string" ? title : ""
}

const shuffledKeys = new Set(["author", "date", "modified", "status", "level", "license"])

/**
 * Returns slots for the order of neighbouring fields of one line each. A program that rewrites the rule removes them.
 */
function keyDrafts(text: string, rule: YAMLMap): Draft[] {
    const source = rule.get("logsource")
    const groups = [runOf(text, entriesOf(text, rule), shuffledKeys)]
    if (isMap(source)) groups.push(runOf(text, entriesOf(text, source), new Set(["category", "product", "service"])))
    const order = { text, kind: "key-order", scope: scopeOf(rule), robustness: "fragile" } as const
    return groups.flatMap((run) => orderDrafts(order, run))
}

/** The first run of neighbours with these keys. */
function runOf(text: string, entries: readonly Entry[], keys: ReadonlySet<string>): Piece[] {
    const run: Piece[] = []
    for (const { key, start, value } of entries) {
        const valuePiece = keys.has(key) ? oneLine(text, value) : null
        const piece = valuePiece !== null && isBare(text, valuePiece.end) ? { start, end: valuePiece.end } : null
        const last = run.at(-1)
        const isNext = last === undefined || (piece !== null && text.slice(last.end, start).trim() === "")
        if (piece !== null && isNext) run.push(piece)
        else if (run.length > 1) break
        else run.splice(0, 1, ...(piece === null ? [] : [piece]))
    }
    return run.length > 1 ? run : []
}

function detectionDrafts(text: string, rule: YAMLMap): Draft[] {
    const detection = rule.get("detection")
    if (!isMap(detection)) return []
    const scope = scopeOf(rule)
    const entries = entriesOf(text, detection)
    const selections = entries.filter(({ key }) => key !== "condition")
    const step = Math.max(2, columnOf(text, selections[0]?.start ?? 0) - columnOf(text, spanOf(rule)?.start ?? 0))
    const maps = selections.flatMap(({ value }) => (isSeq(value) ? value.items : [value])).filter((item) => isMap(item))
    const keywords = selections.flatMap(({ value }) => (isSeq(value) ? itemsOf(text, value) : []))
    return [
        ...maps.flatMap((map) => [
            ...entriesOf(text, map).flatMap(({ value }) => {
                return isSeq(value) ? orderDrafts({ text, kind: "value-order", scope }, itemsOf(text, value)) : []
            }),
            ...valueForms({ text, scope, step }, map),
        ]),
        ...orderDrafts({ text, kind: "value-order", scope }, keywords),
        ...nameDrafts(text, scope, entries),
        ...conditionDrafts(text, scope, entries),
    ]
}

function columnOf(text: string, at: number): number {
    return at - (text.lastIndexOf("\n", at - 1) + 1)
}

/** Returns each condition as written. */
function conditionsOf(entries: readonly Entry[]): Piece[] {
    const value = entries.find(({ key }) => key === "condition")?.value
    const items: unknown[] = isSeq(value) ? value.items : [value]
    return items.flatMap((item) => (isScalar(item) && spanOf(item) !== null ? [spanOf(item) as Piece] : []))
}

/** Names of selections, wherever conditions say them. A name that a comment speaks of stays. */
function nameDrafts(text: string, scope: string, entries: readonly Entry[]): Draft[] {
    const conditions = conditionsOf(entries)
    const words = conditions.flatMap(({ start, end }) =>
        [...text.slice(start, end).matchAll(/[^\s()'"]+/g)].map((word) => ({
            word: word[0],
            start: start + word.index,
        })),
    )
    const patterns = words.map(({ word }) => word).filter((word) => word.includes("*") || word === "them")
    const comments = text.match(/#[^\n]*/g)?.join("\n") ?? ""
    const keys = entries.filter(({ key, quoted }) => key !== "condition" && !quoted && /^[A-Za-z][\w-]*$/.test(key))
    const names = keys.map(({ key }) => key).filter((key) => !comments.includes(key))
    const takenNames = new Set([...entries.map(({ key }) => key), ...words.map(({ word }) => word)])
    const mayBecome = (name: string, other: string) =>
        patterns.every(
            (pattern) => selectionsMatching(pattern, [name]).length === selectionsMatching(pattern, [other]).length,
        )
    return findRenamings("selection", names, takenNames, mayBecome).map(({ members, variants }) => ({
        kind: "selection-name",
        robustness: "wording",
        scope,
        about: members.join(" "),
        rank: rank.name,
        variants: variants.map((newNames) =>
            members.flatMap((name, i) => {
                const other = newNames[i] ?? name
                const places = words.filter(({ word }) => word === name).map(({ start }) => start)
                const key = keys.find((entry) => entry.key === name)?.start
                if (other === name || key === undefined) return []
                return [key, ...places].map((start) => ({ start, end: start + name.length, text: other }))
            }),
        ),
    }))
}

/** What `and`, or `or`, joins at the top of a condition, where it has no name that changes. */
function conditionDrafts(text: string, scope: string, entries: readonly Entry[]): Draft[] {
    return conditionsOf(entries).flatMap(({ start, end }) => {
        const written = text.slice(start, end)
        const read = parseCondition(written)
        if (isFault(read) || (read.kind !== "and" && read.kind !== "or")) return []
        const joints = [...written.matchAll(/\s(and|or)\s/g)]
        if (/[()\n'"]/.test(written) || joints.some((joint) => joint[1] !== read.kind)) return []
        const froms = [0, ...joints.map((joint) => joint.index + joint[0].length)]
        const pieces = froms.map((from, i) => ({
            start: start + from,
            end: start + (joints[i]?.index ?? written.length),
        }))
        const unmovable = pieces.filter((piece) => text.slice(piece.start, piece.end).includes(" of "))
        return mentions(read).length === pieces.length
            ? orderDrafts(
                  { text, kind: "condition-order", scope, robustness: "wording" },
                  unmovable.length > 1 ? unmovable : pieces,
              )
            : []
    })
}

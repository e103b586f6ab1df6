/**
 * Carries marks in rules of Suricata and Snort: wording of messages, order and form of metadata, equal forms of
 * contents and directions, names of flow bits. Options that inspect packets keep their order.
 */
import { type Issue, hasError } from "@tocsin/base/issue"
import { refuse } from "@tocsin/base/refusal"
import { readHeader } from "@tocsin/rules/suricata/header"
import { type Option, readOptions, unquoted } from "@tocsin/rules/suricata/options"
import { readSnort } from "@tocsin/rules/snort"
import { readSuricata, ruleLines } from "@tocsin/rules/suricata"
import type { Carrier, Edit, Slot } from "../carrier.ts"
import { type Draft, rank } from "../source/drafts.ts"
import { contentForms } from "./content-forms.ts"
import { type Piece, formDraft, isFreeIn, orderDrafts, proseSlotsIn, ruleSlots } from "./drafts.ts"
import { findRenamings } from "./names.ts"
import { regexForms } from "./regex-forms.ts"
import { withValues } from "../values.ts"

interface Language {
    readonly name: string
    readonly read: (text: string) => { readonly issues: readonly Issue[] }
    /** Kinds of slots that some versions of the language may not read. They are left out. */
    readonly unsupportedKinds: readonly string[]
}

const suricataLanguage: Language = { name: "Suricata", read: readSuricata, unsupportedKinds: [] }
const snortLanguage: Language = { name: "Snort", read: readSnort, unsupportedKinds: ["metadata-form"] }

export const suricata: Carrier = withValues({ name: "suricata", slots: (text) => slotsOf(suricataLanguage, text) })
/** Leaves rules of several lines, as in Snort 3, unchanged. */
export const snort: Carrier = withValues({ name: "snort", slots: (text) => slotsOf(snortLanguage, text) })

/** Returns the parts where alternatives are allowed: the messages of rules. */
export const proseOfSuricata = (text: string): Piece[] => proseOf(suricataLanguage, text)

/** Returns the parts of Snort rules that people read: messages and comments. */
export const proseOfSnort = (text: string): Piece[] => proseOf(snortLanguage, text)

function proseOf({ read }: Language, text: string): Piece[] {
    return hasError(read(text).issues) ? [] : messagesIn(rulesOf(text))
}

function messagesIn(rules: readonly Rule[]): Piece[] {
    return rules.flatMap(({ options }) => options.filter(({ name }) => name === "msg").flatMap(messageText))
}

/** One option, with its `;`, and its value. */
interface PlacedOption extends Piece {
    readonly name: string
    readonly value: Piece & { readonly text: string }
}

interface Rule {
    readonly id: string
    readonly options: readonly PlacedOption[]
}

/** Throws `mark.not_parsed` for rules that have errors. */
function slotsOf({ name: language, read, unsupportedKinds }: Language, text: string): Slot[] {
    if (hasError(read(text).issues)) {
        refuse("invalid", "mark.not_parsed", `the rules have \`${language}\` errors: correct them first`)
    }
    const rules = rulesOf(text)
    const prose = proseSlotsIn(text, messagesIn(rules))
    const isFree = isFreeIn(text.length, prose)
    const drafts = [...rules.flatMap((rule) => ruleDrafts(text, rule, isFree)), ...bitDrafts(rules)]
    const supported = drafts.filter(({ kind }) => !unsupportedKinds.includes(kind))
    return ruleSlots(text, prose, supported, (copy) => !hasError(read(copy).issues))
}

/** Returns rules of one line each. Rules that continue in the next line have no slots. */
function rulesOf(text: string): Rule[] {
    return ruleLines(text).flatMap(({ text: line, from }): Rule[] => {
        if (/^\s*(?:#|$)/.test(line) || text.slice(from, from + line.length) !== line) return []
        const { opens } = readHeader(line, () => ({ line: 1, column: 1 }))
        if (opens === null) return []
        const { options, fault } = readOptions(line, opens)
        if (fault !== null) return []
        const placed = options.map((option, n) => placeOption(line, from, option, options[n + 1]))
        const sid = options.find(({ name }) => name === "sid")?.value ?? ""
        return [{ id: `sid ${sid}`, options: placed }]
    })
}

function placeOption(line: string, from: number, { name, at, value }: Option, next: Option | undefined): PlacedOption {
    const end = line.lastIndexOf(";", (next?.at ?? line.length) - 1)
    const item = value ?? ""
    const start = value === null ? end : line.indexOf(item, line.indexOf(":", at) + 1)
    return {
        name,
        start: from + at,
        end: from + end + 1,
        value: { text: item, start: from + start, end: from + start + item.length },
    }
}

function messageText({ value }: PlacedOption): Piece[] {
    return unquoted(value.text) === null || /\\/.test(value.text)
        ? []
        : [{ start: value.start + 1, end: value.end - 1 }]
}

/** Options whose position means nothing. A class sets a priority, so the order of the two means something. */
const placeless = new Set(["sid", "rev", "gid", "classtype"])

function ruleDrafts(text: string, { id: scope, options }: Rule, isFree: (piece: Piece) => boolean): Draft[] {
    const optionsNamed = (name: string) => options.filter((option) => option.name === name)
    const references = optionsNamed("reference").filter(isFree)
    const pieces = options.filter(({ name }) => placeless.has(name))
    return [
        ...orderDrafts({ text, kind: "option-order", scope }, optionsNamed("priority").length > 0 ? [] : pieces),
        ...(references.length > 1
            ? orderDrafts({ text, kind: "reference-order", scope }, references)
            : references.flatMap((placed) => referenceForms(scope, placed))),
        ...optionsNamed("metadata").flatMap((placed) => metadataDrafts(text, scope, placed)),
        ...optionsNamed("flow").flatMap((placed) => flowDrafts(text, scope, placed)),
        ...contentForms(
            scope,
            optionsNamed("content").map(({ value }) => value),
        ),
        ...optionsNamed("pcre").flatMap(({ value }) => patternForms(text, scope, value)),
    ]
}

/** `cve,2025-1` and `cve,CVE-2025-1` */
function referenceForms(scope: string, { value }: PlacedOption): Draft[] {
    const [, head = "", prefix = "", number] = /^(cve,\s*)(CVE-)?(\d{4}-\d{4,})$/.exec(value.text) ?? []
    if (number === undefined) return []
    const other = head + (prefix === "" ? "CVE-" : "") + number
    return formDraft({ kind: "reference-form", scope }, value.text, [[{ ...value, text: other }]])
}

/** Returns slots for the order of keys with values, and for one option for all keys or one for each. */
function metadataDrafts(text: string, scope: string, { value }: PlacedOption): Draft[] {
    const items = [...value.text.matchAll(/[^,]+/g)].map((item) => {
        const trimmed = item[0].trim()
        const start = value.start + item.index + item[0].indexOf(trimmed)
        return { start, end: start + trimmed.length }
    })
    const gaps = items.slice(1).map(({ start }, n) => ({ start: items[n]?.end ?? start, end: start }))
    const split = gaps.map((gap) => ({ ...gap, text: "; metadata:" }))
    return [
        ...orderDrafts({ text, kind: "metadata-order", scope }, items),
        ...(split.length === 0 ? [] : formDraft({ kind: "metadata-form", scope }, value.text, [split])),
    ]
}

const directions: Readonly<Record<string, string>> = {
    to_server: "from_client",
    from_client: "to_server",
    to_client: "from_server",
    from_server: "to_client",
}

/**
 * Returns slots for `to_server` and `from_client`, which are equal, and for the order of states. The state moves
 * across the direction.
 */
function flowDrafts(text: string, scope: string, { value }: PlacedOption): Draft[] {
    const words = value.text.split(",").map((word) => word.trim())
    const [first = "", second = "", ...more] = words
    const at = words.findIndex((word) => Object.hasOwn(directions, word))
    const word = words[at]
    if (word === undefined) return []
    const start = value.start + value.text.indexOf(word)
    const others = [[{ start, end: start + word.length, text: directions[word] ?? word }]]
    const drafts = formDraft({ kind: "flow-form", scope }, value.text, others)
    if (more.length > 0 || second === "") return drafts
    const behind = { start: value.end, end: value.end + 1 }
    const colon = { start: value.start - 1, end: value.start }
    const moved =
        at === 1
            ? [
                  { start: value.start, end: start, text: "" },
                  { ...behind, text: `,${first}${text.slice(behind.start, behind.end)}` },
              ]
            : [
                  { ...colon, text: `${text.slice(colon.start, colon.end)}${second},` },
                  { start: start + word.length, end: value.end, text: "" },
              ]
    return [
        ...drafts,
        { kind: "flow-order", robustness: "order", scope, about: value.text, variants: [[], moved], rank: rank.order },
    ]
}

function patternForms(text: string, scope: string, { text: written, start }: PlacedOption["value"]): Draft[] {
    const [, head = "", flags = ""] = /^(!?\s*"\/).*\/(\w*)"$/s.exec(written) ?? []
    const end = start + written.lastIndexOf("/")
    return head === "" || flags.includes("x") ? [] : regexForms(text, scope, { start: start + head.length, end })
}

/** Returns slots for names of flow bits that the file both sets and tests, so that other files do not need them. */
function bitDrafts(rules: readonly Rule[]): Draft[] {
    const uses = rules
        .flatMap(({ options }) => options.filter(({ name }) => name === "flowbits"))
        .flatMap(({ value }) => {
            const [, verb, gap = "", name = ""] = /^(\w+)(\s*,\s*)([\w.-]+)$/.exec(value.text) ?? []
            return verb === undefined ? [] : [{ verb, name, start: value.start + verb.length + gap.length }]
        })
    const verbs = Map.groupBy(uses, ({ name }) => name)
    const closed = [...verbs].filter(([, list]) => {
        const entries = new Set(list.map(({ verb }) => verb))
        return (entries.has("set") || entries.has("toggle")) && (entries.has("isset") || entries.has("isnotset"))
    })
    const items = new Set(rules.flatMap(({ options }) => options.flatMap(({ value }) => value.text.split(/[\s,|]+/))))
    return closed.flatMap(([name, places]) => {
        const cut = name.lastIndexOf(".") + 1
        const [head, tail] = [name.slice(0, cut), name.slice(cut)]
        return findRenamings("bit", [tail], new Set(), (_, other) => !items.has(head + other)).map(({ variants }) => ({
            kind: "flowbit-name",
            robustness: "wording" as const,
            scope: "",
            about: name,
            rank: rank.name,
            variants: variants.map(([other = tail]): Edit[] =>
                other === tail
                    ? []
                    : places.map(({ start }) => ({ start: start + cut, end: start + name.length, text: other })),
            ),
        }))
    })
}

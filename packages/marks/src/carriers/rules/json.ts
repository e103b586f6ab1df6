/**
 * Carries marks in JSON, including STIX: wording of texts for people, order of sets, and order of keys.
 *
 * Identifiers, instants, patterns and all other values that programs compare stay. Text that must be the same for all
 * readers must not be marked at all.
 */
import { hasError } from "@tocsin/base/issue"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { isStix, readStix } from "@tocsin/formats/stix/validate"
import { parseStrictJson } from "@tocsin/base/strict-json"
import type { Carrier, Edit, Slot } from "../carrier.ts"
import { withIds, withoutConflicts } from "../../lexicon/fixed-terms.ts"
import { type Draft, rank } from "../source/drafts.ts"
import { type Piece, isFreeIn, orderDrafts, proseSlotsIn, ruleSlots } from "./drafts.ts"
import { withValues } from "../values.ts"
import { type JsonList, type JsonMap, type JsonNode, jsonTree } from "./json-tree.ts"

export const json: Carrier = withValues({ name: "json", slots: jsonSlots })

/** Returns the parts where alternatives are allowed: the texts of an object for people. */
export function proseOfJson(text: string): Piece[] {
    if (!isJson(text)) return []
    const fields = fieldsOf(text)
    return mapsIn(text, jsonTree(text)).flatMap(({ map }) => prosePlaces(text, fields, map))
}

/**
 * Returns the slots of a text. Refuses `mark.not_parsed` where it is not JSON, or where two readers could read it
 * differently.
 */
function jsonSlots(text: string): Slot[] {
    if (!isJson(text)) refuse("invalid", "mark.not_parsed", "the text is not JSON that all parsers read the same way")
    const [maps, fields] = [mapsIn(text, jsonTree(text)), fieldsOf(text)]
    const prose = proseSlotsIn(
        text,
        maps.flatMap(({ map }) => prosePlaces(text, fields, map)),
    )
    const isFree = isFreeIn(text.length, prose)
    const ordered = maps.flatMap((scoped) => setDrafts(text, fields.sets, scoped, isFree))
    const orderSlots = withIds(withoutConflicts(text.length, ordered))
    const isUntouched = isFreeIn(text.length, [...prose, ...orderSlots])
    const drafts = [...ordered, ...keyDrafts(text, maps, isUntouched)]
    const isValid = hasStixErrors(text) ? isJson : (copy: string) => isJson(copy) && !hasStixErrors(copy)
    return ruleSlots(text, prose, drafts, isValid)
}

function isJson(text: string): boolean {
    try {
        parseStrictJson(text)
        return true
    } catch (fault) {
        if (fault instanceof Refusal) return false
        throw fault
    }
}

function hasStixErrors(text: string): boolean {
    return isStix(text) && hasError(readStix(text).issues)
}

interface ScopedMap {
    readonly map: JsonMap
    /** The id of it, or around it, and the way from there. */
    readonly scope: string
}

function mapsIn(text: string, root: JsonNode): ScopedMap[] {
    const found: ScopedMap[] = []
    const enter = (node: JsonNode, around: string): void => {
        if (node.kind === "list") for (const item of node.items) enter(item, around)
        if (node.kind !== "map") return
        const id = node.entries.find(({ key, value }) => key === "id" && value.kind === "leaf")?.value
        const scope = id === undefined ? around : text.slice(id.start, id.end)
        found.push({ map: node, scope })
        for (const { key, value } of node.entries) enter(value, `${scope}/${key}`)
    }
    enter(root, "")
    return found
}

/** What a format's fields are, by their names: read by people alone, or lists that are sets. */
interface Fields {
    readonly prose: ReadonlySet<string>
    readonly sets: ReadonlySet<string>
}

const fieldNames = (prose: string, sets: string): Fields => ({
    prose: new Set(prose.split(/\s+/)),
    sets: new Set(sets.split(/\s+/)),
})
const stixFields = fieldNames(
    "description abstract content explanation",
    `objects object_refs object_marking_refs labels external_references indicator_types malware_types tool_types
    threat_actor_types infrastructure_types report_types aliases roles sectors goals kill_chain_phases`,
)
const csafFields = fieldNames(
    "text details summary",
    `references known_affected known_not_affected fixed first_fixed last_affected under_investigation first_affected
    recommended`,
)
/** Fields of an unknown format whose names are unambiguous. */
const otherFields = fieldNames("description summary abstract remarks recommendation", "tags labels keywords cves cwes")

function fieldsOf(text: string): Fields {
    if (isStix(text)) return stixFields
    return /"csaf_version"\s*:/.test(text) ? csafFields : otherFields
}

/** Nothing of an object that says what the law wants said. */
function prosePlaces(text: string, { prose }: Fields, { entries }: JsonMap): Piece[] {
    if (entries.some(({ value }) => text.slice(value.start, value.end) === '"legal_disclaimer"')) return []
    return entries.flatMap(({ key, value: { kind, start, end } }) => {
        return kind === "leaf" && prose.has(key) && text.charAt(start) === '"' ? linesOf(text, start + 1, end - 1) : []
    })
}

/** Returns the lines of a quoted text whose written form is the text itself. */
function linesOf(text: string, start: number, end: number): Piece[] {
    const lines: Piece[] = []
    let [from, plain] = [start, true]
    for (let at = start; at <= end; at++) {
        const breaks = at === end || text.startsWith("\\n", at)
        if (breaks) {
            if (plain && at > from) lines.push({ start: from, end: at })
            ;[from, plain] = [at + 2, true]
        } else if (text.charAt(at) === "\\") plain = false
        if (text.charAt(at) === "\\") at++
    }
    return lines
}

/** An object with selectors counts the items of its lists: there they stay. */
function setDrafts(
    text: string,
    sets: Fields["sets"],
    { map, scope }: ScopedMap,
    isFree: (piece: Piece) => boolean,
): Draft[] {
    if (map.entries.some(({ key }) => key === "granular_markings")) return []
    return map.entries.flatMap(({ key, value }) => {
        if (value.kind !== "list" || !sets.has(key)) return []
        return orderDrafts({ text, kind: `${key}-order`, scope }, movable(value).filter(isFree))
    })
}

const movedCharsMax = 20_000

function movable({ items }: JsonList): readonly JsonNode[] {
    return items.filter(({ kind, start, end }) => kind !== "list" && end - start <= movedCharsMax)
}

/**
 * Returns one slot for the order of two keys in all objects that have both. Takes the most frequent pair that is
 * adjacent wherever both occur.
 */
function keyDrafts(text: string, maps: readonly ScopedMap[], isFree: (piece: Piece) => boolean): Draft[] {
    const pairs = maps.flatMap(({ map: { entries } }) =>
        entries.slice(1).flatMap((second, i) => {
            const first = entries[i]
            return first === undefined ? [] : [{ keys: [first.key, second.key] as const, first, second }]
        }),
    )
    const groups = Map.groupBy(pairs, ({ keys }) => keys.join("\n"))
    const bearers = maps.map(({ map: { entries } }) => new Set(entries.map(({ key }) => key)))
    const plain = (places: typeof pairs): boolean =>
        places.every(({ first, second }) =>
            [first, second].every((jsonEntry) => jsonEntry.value.kind === "leaf" && isFree(jsonEntry)),
        )
    const common = [...groups.values()]
        .toSorted((a, b) => b.length - a.length)
        .slice(0, comparedMax)
        .find((places) => {
            const [item = "", other = ""] = places[0]?.keys ?? []
            return plain(places) && bearers.filter((keys) => keys.has(item) && keys.has(other)).length === places.length
        })
    if (common === undefined) return []
    const swapped = common.flatMap(({ first, second }): Edit[] => [
        { start: first.start, end: first.end, text: text.slice(second.start, second.end) },
        { start: second.start, end: second.end, text: text.slice(first.start, first.end) },
    ])
    const about = common[0]?.keys.join(" ") ?? ""
    return [{ kind: "key-order", robustness: "fragile", scope: "", about, variants: [[], swapped], rank: rank.comment }]
}

const comparedMax = 20

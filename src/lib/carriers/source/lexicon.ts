/**
 * Other names for the things that programs name: words that a reader takes for one another inside an identifier.
 *
 * A name is taken apart (`rawReply` → raw, reply), parts are exchanged, and it is put together in its own style.
 */
import { groups } from "./words.ts"

/** Words that go before or after: of one thing, and of several. */
const besideOne = ["the _", "this _", "_ value", "cur _", "my _", "_ val", "given _"]
const besideMany = ["the _", "all _", "these _", "my _", "_ list", "given _", "known _"]

/** A word's own group speaks for it; a word that heads none takes what the groups that mention it say. */
const others = new Map<string, Set<string>>()
for (const group of groups) {
    const [head = "", ...rest] = group.split(" ")
    others.set(head, new Set([...(others.get(head) ?? []), ...rest]))
}
const mentioned = new Map<string, Set<string>>()
for (const group of groups) {
    const words = group.split(" ")
    for (const word of words.slice(1)) {
        if (others.has(word)) continue
        mentioned.set(word, new Set([...(mentioned.get(word) ?? []), ...words.filter((other) => other !== word)]))
    }
}

function alternatives(word: string): ReadonlySet<string> {
    return others.get(word) ?? mentioned.get(word) ?? new Set<string>()
}

/** Words that no local may be called, whatever the language: keywords, and names that mean something already. */
const reserved = new Set(
    `and as assert async await bool break byte bytes call case catch char chr class const continue debugger def default del delete dict dir do
    double elif else enum eval except exec export extends false False file filter final finally float for format from
    function get global globals goto hash help id if implements import in input instanceof int interface is iter
    lambda len let list locals long map match max min name native new next None nonlocal not null object of open or
    ord package pass pow print private process protected public raise range repr require return round self set
    short slice sorted static str string sum super super switch synchronized test this throw throws transient true True try tuple type
    typeof undefined var vars void volatile when where while with yield zip NaN Infinity arguments module exports
    console window document event location top parent status history screen origin`.split(/\s+/),
)

/**
 * Up to `limit` other names for the same thing, the most natural first. None is a keyword, none is in `taken`.
 * `snake` says how a name of one part grows a second.
 */
export function otherNames(name: string, snake: boolean, taken: ReadonlySet<string>, limit: number): string[] {
    const joined = name.includes("_") || (snake && !/[A-Z]/.test(name)) ? joinSnake : joinCamel
    const words = name.includes("_") ? name.split("_") : name.split(/(?=[A-Z])/).map((word) => word.toLowerCase())
    if (words.some((word) => word === "")) return []
    const found: string[] = []
    const offer = (candidate: readonly string[], most: number): void => {
        const text = joined(candidate)
        const isFree = text !== name && !reserved.has(text) && !taken.has(text) && !found.includes(text)
        if (isFree && text.length <= 28 && found.length < most) found.push(text)
    }
    for (const candidate of candidates(words)) offer(candidate, limit)
    for (const candidate of widened(words)) offer(candidate, Math.min(limit, plainMax - 1))
    return found
}

/** Names that only an added word tells apart are fewer: they are plain, and many of them would be a pattern. */
const plainMax = 8

function* candidates(words: readonly string[]): Generator<string[]> {
    const choices = words.map((word) => [word, ...alternatives(word)])
    for (const [i, forms] of choices.entries()) {
        for (const form of forms) yield words.with(i, form)
    }
    if (words.length === 2) {
        for (const first of choices[0] ?? []) for (const second of choices[1] ?? []) yield [first, second]
    }
}

function* widened(words: readonly string[]): Generator<string[]> {
    const last = words.at(-1) ?? ""
    if (words.length === 1 && last.length < 3) return
    const isMany = /[^su]s$/.test(last)
    for (const pattern of isMany ? besideMany : besideOne) {
        const added = pattern.split(" ")
        if (!added.includes(last)) yield added.flatMap((word) => (word === "_" ? words : [word]))
    }
}

function joinSnake(words: readonly string[]): string {
    return words.join("_")
}

function joinCamel(words: readonly string[]): string {
    const flat = words.flatMap((word) => word.split("_"))
    return flat.map((word, i) => (i === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1))).join("")
}

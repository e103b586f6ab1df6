/**
 * Other names for the things that programs name: synonyms inside an identifier.
 *
 * A name is split (`rawReply` into raw and reply), parts are exchanged, and the name is joined in its own style.
 */
import { reserved } from "./reserved.ts"
import { groups } from "./words.ts"

/** Words that go before or after: of one thing, and of several. */
const additionsToSingular = ["_ val", "cur _", "_ value", "this _"]
const additionsToPlural = ["all _", "_ list", "the _", "these _"]
/** First words of names that ask or command, instead of naming a thing. No word is added next to them. */
const commandWords =
    /^(?:is|has|have|had|can|could|should|must|may|was|were|are|do|did|does|no|not|to|in|on|of|for|by|with|without)$/

/** A word's own group speaks for it; a word that heads none takes what the groups that mention it say. */
const ownGroups = new Map<string, Set<string>>()
for (const group of groups) {
    const [head = "", ...rest] = group.split(" ")
    ownGroups.set(head, new Set([...(ownGroups.get(head) ?? []), ...rest]))
}
const mentioningGroups = new Map<string, Set<string>>()
for (const group of groups) {
    const words = group.split(" ")
    for (const word of words.slice(1)) {
        if (ownGroups.has(word)) continue
        mentioningGroups.set(
            word,
            new Set([...(mentioningGroups.get(word) ?? []), ...words.filter((other) => other !== word)]),
        )
    }
}

function synonymsOf(word: string): ReadonlySet<string> {
    return ownGroups.get(word) ?? mentioningGroups.get(word) ?? new Set<string>()
}

/** How names are written in a program. */
export interface NameStyle {
    /** How a name of one part grows a second. */
    readonly snake: boolean
    /** Whether a name means something already, or may not be one. */
    readonly isTaken: (name: string) => boolean
}

/** Up to `limit` other names for the same thing, the most natural first. None is a keyword, none is taken. */
export function otherNames(name: string, { snake, isTaken }: NameStyle, limit: number): string[] {
    const plain = name.includes("_") || (snake && !/[A-Z]/.test(name)) ? joinSnake : joinCamel
    const isPascal = /^[A-Z]/.test(name)
    const joined = (parts: readonly string[]): string => (isPascal ? capital(plain(parts)) : plain(parts))
    const words = name.includes("_") ? name.split("_") : name.split(/(?=[A-Z])/).map((word) => word.toLowerCase())
    if (words.some((word) => word === "")) return []
    const found: string[] = []
    const addName = (candidate: readonly string[], most: number): void => {
        const text = joined(candidate)
        const isFree = text !== name && !reserved.has(text) && !isTaken(text) && !found.includes(text)
        if (isFree && text.length <= 28 && found.length < most) found.push(text)
    }
    for (const candidate of candidates(words)) addName(candidate, limit)
    for (const candidate of withAddedWords(words)) addName(candidate, Math.min(limit, plainMax - 1))
    return found
}

/** The number of synonyms from which no word is added. A text with many added words looks generated. */
const plainMax = 4

function* candidates(words: readonly string[]): Generator<string[]> {
    const choices = words.map((word) => [word, ...synonymsOf(word)])
    for (const [i, forms] of choices.entries()) {
        for (const form of forms) yield words.with(i, form)
    }
    if (words.length === 2) {
        for (const first of choices[0] ?? []) for (const second of choices[1] ?? []) yield [first, second]
    }
}

function* withAddedWords(words: readonly string[]): Generator<string[]> {
    const last = words.at(-1) ?? ""
    if ((words.length === 1 && last.length < 3) || commandWords.test(words[0] ?? "")) return
    const isMany = /[^su]s$/.test(last)
    for (const pattern of isMany ? additionsToPlural : additionsToSingular) {
        const added = pattern.split(" ")
        if (!added.includes(last)) yield added.flatMap((word) => (word === "_" ? words : [word]))
    }
}

function capital(word: string): string {
    return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function joinSnake(words: readonly string[]): string {
    return words.join("_")
}

function joinCamel(words: readonly string[]): string {
    const flat = words.flatMap((word) => word.split("_"))
    return flat.map((word, i) => (i === 0 ? word : capital(word))).join("")
}

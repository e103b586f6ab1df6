/**
 * The condition of a Sigma rule (specification 2.0): selections by name, `1 of` and `all of` with patterns or `them`,
 * `not` before `and` before `or`, and brackets.
 */
import { quote } from "@tocsin/base/issue"

/** A condition of Sigma as a tree. `at` is an offset in the condition's text. */
export type Condition =
    | { readonly is: "selection"; readonly name: string; readonly at: number }
    | { readonly is: "of"; readonly all: boolean; readonly pattern: string; readonly at: number }
    | { readonly is: "not"; readonly of: Condition }
    | { readonly is: "and"; readonly of: readonly Condition[] }
    | { readonly is: "or"; readonly of: readonly Condition[] }

/** A fault of a condition. */
export interface ConditionFault {
    /** Offset in the condition's text, from 0. */
    readonly at: number
    readonly code: "sigma.bad_condition" | "sigma.aggregation"
    readonly message: string
}

const charsMax = 4096
const depthMax = 50

interface Word {
    readonly text: string
    readonly at: number
}

/** A tree, or the first thing that is wrong. */
export function parseCondition(text: string): Condition | ConditionFault {
    if (!(text.length <= charsMax)) return fault(0, `a condition may have \`${charsMax}\` characters at most`)
    const pipe = text.indexOf("|")
    if (pipe !== -1) {
        return {
            at: pipe,
            code: "sigma.aggregation",
            message: "aggregations are not part of Sigma 2: use a correlation",
        }
    }
    const words = [...text.matchAll(/[()]|[^\s()]+/g)].map((item) => ({ text: item[0], at: item.index }))
    const reading = new ConditionReader(words, text.length)
    try {
        return reading.whole()
    } catch (thrown) {
        if (thrown instanceof Unread) return fault(thrown.at, thrown.message)
        throw thrown
    }
}

/** Returns whether a condition could not be read. */
export function isFault(read: Condition | ConditionFault): read is ConditionFault {
    return "code" in read
}

function fault(at: number, message: string): ConditionFault {
    return { at, code: "sigma.bad_condition", message }
}

class Unread extends Error {
    readonly at: number

    constructor(at: number, message: string) {
        super(message)
        this.at = at
    }
}

const kept = new Set(["and", "or", "not", "of", "them", "1", "all", "(", ")"])

class ConditionReader {
    readonly #words: readonly Word[]
    readonly #end: number
    #next = 0
    #depth = 0

    constructor(words: readonly Word[], end: number) {
        this.#words = words
        this.#end = end
    }

    whole(): Condition {
        const read = this.#either()
        const rest = this.#words[this.#next]
        if (rest !== undefined) throw new Unread(rest.at, `${quote(rest.text)} was not expected here`)
        return read
    }

    #take(text: string): boolean {
        if (this.#words[this.#next]?.text !== text) return false
        this.#next++
        return true
    }

    #either(): Condition {
        if (++this.#depth > depthMax)
            throw new Unread(this.#at(), `brackets may be nested \`${depthMax}\` deep at most`)
        const conditions = [this.#both()]
        while (this.#take("or")) conditions.push(this.#both())
        this.#depth--
        return conditions.length === 1 && conditions[0] !== undefined ? conditions[0] : { is: "or", of: conditions }
    }

    #both(): Condition {
        const conditions = [this.#negated()]
        while (this.#take("and")) conditions.push(this.#negated())
        return conditions.length === 1 && conditions[0] !== undefined ? conditions[0] : { is: "and", of: conditions }
    }

    #negated(): Condition {
        let negations = 0
        while (this.#take("not")) negations++
        let read = this.#single()
        for (; negations > 0; negations--) read = { is: "not", of: read }
        return read
    }

    #single(): Condition {
        const word = this.#words[this.#next]
        if (word === undefined) throw new Unread(this.#end, "the condition ends too early")
        this.#next++
        if (word.text === "(") {
            const read = this.#either()
            if (!this.#take(")")) throw new Unread(this.#at(), "a `(` is never closed")
            return read
        }
        if (this.#words[this.#next]?.text === "of" || word.text === "1" || word.text === "all") return this.#of(word)
        if (kept.has(word.text)) throw new Unread(word.at, `${quote(word.text)} was not expected here`)
        if (kept.has(word.text.toLowerCase())) throw new Unread(word.at, `write ${quote(word.text)} in small letters`)
        if (!/^[\w.-]+$/.test(word.text)) throw new Unread(word.at, `${quote(word.text)} is no selection's name`)
        return { is: "selection", name: word.text, at: word.at }
    }

    #of(count: Word): Condition {
        if (count.text !== "1" && count.text !== "all") {
            throw new Unread(count.at, `${quote(count.text)}: \`1 of\` or \`all of\` can be asked for`)
        }
        if (!this.#take("of")) throw new Unread(this.#at(), "an `of` was expected here")
        const pattern = this.#words[this.#next]
        if (pattern === undefined) throw new Unread(this.#end, "the condition ends too early")
        this.#next++
        if (!/^[\w*.-]+$/.test(pattern.text) || (kept.has(pattern.text) && pattern.text !== "them")) {
            throw new Unread(pattern.at, `${quote(pattern.text)} is no pattern for selections`)
        }
        return { is: "of", all: count.text === "all", pattern: pattern.text, at: pattern.at }
    }

    #at(): number {
        return this.#words[this.#next]?.at ?? this.#end
    }
}

/** The selections that a pattern names; `them` are all but those that begin with `_`. */
export function namedBy(pattern: string, names: readonly string[]): string[] {
    if (pattern === "them") return names.filter((item) => !item.startsWith("_"))
    const parts = pattern.split("*")
    return names.filter((item) => fits(item, parts))
}

function fits(name: string, parts: readonly string[]): boolean {
    const [first = "", ...rest] = parts
    if (rest.length === 0) return name === first
    const last = rest.pop() ?? ""
    if (!name.startsWith(first)) return false
    let from = first.length
    for (const part of rest) {
        const at = name.indexOf(part, from)
        if (at === -1) return false
        from = at + part.length
    }
    return name.length - last.length >= from && name.endsWith(last)
}

/** Each name or pattern in the condition, with its place. */
export function mentions(condition: Condition): (Condition & { readonly is: "selection" | "of" })[] {
    if (condition.is === "selection" || condition.is === "of") return [condition]
    return condition.is === "not" ? mentions(condition.of) : condition.of.flatMap(mentions)
}

/** Decides by what each selection decided. */
export function holds(condition: Condition, names: readonly string[], hit: (name: string) => boolean): boolean {
    if (condition.is === "selection") return hit(condition.name)
    if (condition.is === "not") return !holds(condition.of, names, hit)
    if (condition.is === "and") return condition.of.every((condition) => holds(condition, names, hit))
    if (condition.is === "or") return condition.of.some((condition) => holds(condition, names, hit))
    const named = namedBy(condition.pattern, names)
    return condition.all ? named.every(hit) : named.some(hit)
}

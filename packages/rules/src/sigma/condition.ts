/**
 * The condition of a Sigma rule (specification 2.0): selections by name, `1 of` and `all of` with patterns or `them`,
 * `not` before `and` before `or`, and brackets.
 */
import { quote } from "@tocsin/base/issue"

/** A condition of Sigma as a tree. `at` is an offset in the condition's text. */
export type Condition =
    | { readonly kind: "selection"; readonly name: string; readonly at: number }
    | { readonly kind: "of"; readonly all: boolean; readonly pattern: string; readonly at: number }
    | { readonly kind: "not"; readonly inner: Condition }
    | { readonly kind: "and"; readonly inner: readonly Condition[] }
    | { readonly kind: "or"; readonly inner: readonly Condition[] }

/** A fault of a condition. */
export interface ConditionFault {
    /** Offset in the condition's text, from 0. */
    readonly at: number
    readonly code: "sigma.bad_condition" | "sigma.aggregation"
    readonly message: string
}

const charsMax = 4096
const depthMax = 50

interface ConditionWord {
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
    const reader = new ConditionReader(words, text.length)
    try {
        return reader.read()
    } catch (thrown) {
        if (thrown instanceof ConditionError) return fault(thrown.at, thrown.message)
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

class ConditionError extends Error {
    readonly at: number

    constructor(at: number, message: string) {
        super(message)
        this.at = at
    }
}

const keywords = new Set(["and", "or", "not", "of", "them", "1", "all", "(", ")"])

class ConditionReader {
    readonly #words: readonly ConditionWord[]
    readonly #end: number
    #next = 0
    #depth = 0

    constructor(words: readonly ConditionWord[], end: number) {
        this.#words = words
        this.#end = end
    }

    read(): Condition {
        const read = this.#either()
        const rest = this.#words[this.#next]
        if (rest !== undefined) throw new ConditionError(rest.at, `${quote(rest.text)} was not expected here`)
        return read
    }

    #take(text: string): boolean {
        if (this.#words[this.#next]?.text !== text) return false
        this.#next++
        return true
    }

    #either(): Condition {
        if (++this.#depth > depthMax)
            throw new ConditionError(this.#at(), `brackets may be nested \`${depthMax}\` deep at most`)
        const conditions = [this.#both()]
        while (this.#take("or")) conditions.push(this.#both())
        this.#depth--
        return conditions.length === 1 && conditions[0] !== undefined
            ? conditions[0]
            : { kind: "or", inner: conditions }
    }

    #both(): Condition {
        const conditions = [this.#negated()]
        while (this.#take("and")) conditions.push(this.#negated())
        return conditions.length === 1 && conditions[0] !== undefined
            ? conditions[0]
            : { kind: "and", inner: conditions }
    }

    #negated(): Condition {
        let negations = 0
        while (this.#take("not")) negations++
        let read = this.#single()
        for (; negations > 0; negations--) read = { kind: "not", inner: read }
        return read
    }

    #single(): Condition {
        const word = this.#words[this.#next]
        if (word === undefined) throw new ConditionError(this.#end, "the condition ends too early")
        this.#next++
        if (word.text === "(") {
            const read = this.#either()
            if (!this.#take(")")) throw new ConditionError(this.#at(), "a `(` is never closed")
            return read
        }
        if (this.#words[this.#next]?.text === "of" || word.text === "1" || word.text === "all") return this.#of(word)
        if (keywords.has(word.text)) throw new ConditionError(word.at, `${quote(word.text)} was not expected here`)
        if (keywords.has(word.text.toLowerCase()))
            throw new ConditionError(word.at, `write ${quote(word.text)} in small letters`)
        if (!/^[\w.-]+$/.test(word.text))
            throw new ConditionError(word.at, `${quote(word.text)} is no selection's name`)
        return { kind: "selection", name: word.text, at: word.at }
    }

    #of(count: ConditionWord): Condition {
        if (count.text !== "1" && count.text !== "all") {
            throw new ConditionError(count.at, `${quote(count.text)}: \`1 of\` or \`all of\` can be asked for`)
        }
        if (!this.#take("of")) throw new ConditionError(this.#at(), "an `of` was expected here")
        const pattern = this.#words[this.#next]
        if (pattern === undefined) throw new ConditionError(this.#end, "the condition ends too early")
        this.#next++
        if (!/^[\w*.-]+$/.test(pattern.text) || (keywords.has(pattern.text) && pattern.text !== "them")) {
            throw new ConditionError(pattern.at, `${quote(pattern.text)} is no pattern for selections`)
        }
        return { kind: "of", all: count.text === "all", pattern: pattern.text, at: pattern.at }
    }

    #at(): number {
        return this.#words[this.#next]?.at ?? this.#end
    }
}

/** The selections that a pattern names; `them` are all but those that begin with `_`. */
export function selectionsMatching(pattern: string, names: readonly string[]): string[] {
    if (pattern === "them") return names.filter((item) => !item.startsWith("_"))
    const parts = pattern.split("*")
    return names.filter((item) => matchesParts(item, parts))
}

function matchesParts(name: string, parts: readonly string[]): boolean {
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
export function mentions(condition: Condition): (Condition & { readonly kind: "selection" | "of" })[] {
    if (condition.kind === "selection" || condition.kind === "of") return [condition]
    return condition.kind === "not" ? mentions(condition.inner) : condition.inner.flatMap(mentions)
}

/** Decides by what each selection decided. */
export function evaluate(condition: Condition, names: readonly string[], hit: (name: string) => boolean): boolean {
    if (condition.kind === "selection") return hit(condition.name)
    if (condition.kind === "not") return !evaluate(condition.inner, names, hit)
    if (condition.kind === "and") return condition.inner.every((condition) => evaluate(condition, names, hit))
    if (condition.kind === "or") return condition.inner.some((condition) => evaluate(condition, names, hit))
    const named = selectionsMatching(condition.pattern, names)
    return condition.all ? named.every(hit) : named.some(hit)
}

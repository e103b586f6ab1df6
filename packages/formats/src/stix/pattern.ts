/**
 * The pattern language of STIX 2.1 (part 9): observations in square brackets, joined and qualified; in them comparisons
 * of one object's properties. Read, never run.
 */
import { quote } from "@tocsin/base/issue"
import { regexFault } from "@tocsin/rules/linear-regex"

/** A fault of a STIX pattern. */
export interface PatternFault {
    /** Offset in the pattern, from 0. */
    readonly at: number
    readonly message: string
}

const charsMax = 20_000
const depthMax = 40

const token = /[tbh]?'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?(?![\w-])|[A-Za-z_][\w-]*|<>|[<>=!]=|[=<>]|\[|\]|[():.,*]|\S/gs

interface PatternWord {
    readonly text: string
    readonly at: number
}

/** The first thing that is wrong; null where the pattern is well. */
export function patternFault(text: string): PatternFault | null {
    if (!(text.length <= charsMax)) return { at: 0, message: `a pattern may have \`${charsMax}\` characters at most` }
    const words = [...text.matchAll(token)].map((item) => ({ text: item[0], at: item.index }))
    try {
        new PatternReader(words, text.length).check()
        return null
    } catch (thrown) {
        if (thrown instanceof PatternError) return { at: thrown.at, message: thrown.message }
        throw thrown
    }
}

class PatternError extends Error {
    readonly at: number

    constructor(at: number, message: string) {
        super(message)
        this.at = at
    }
}

class PatternReader {
    readonly #words: readonly PatternWord[]
    readonly #end: number
    #next = 0
    #depth = 0

    constructor(words: readonly PatternWord[], end: number) {
        this.#words = words
        this.#end = end
    }

    check(): void {
        this.#observations()
        if (this.#next < this.#words.length) this.#unexpected()
    }

    #observations(): void {
        this.#deeper()
        do this.#observation()
        while (this.#take("AND") || this.#take("OR") || this.#take("FOLLOWEDBY"))
        this.#depth--
    }

    #observation(): void {
        if (this.#take("(")) {
            this.#observations()
            this.#must(")")
        } else {
            this.#must("[")
            this.#either()
            this.#must("]")
        }
        const seen = new Set<string>()
        for (let item = this.#qualifier(); item !== null; item = this.#qualifier()) {
            if (seen.has(item)) throw new PatternError(this.#at(), `\`${item}\` stands twice`)
            seen.add(item)
        }
    }

    #qualifier(): string | null {
        if (this.#take("WITHIN")) {
            this.#number()
            this.#must("SECONDS")
            return "WITHIN"
        }
        if (this.#take("REPEATS")) {
            this.#number()
            this.#must("TIMES")
            return "REPEATS"
        }
        if (!this.#take("START")) return null
        const from = this.#instant()
        this.#must("STOP")
        const at = this.#at()
        if (this.#instant() <= from) throw new PatternError(at, "`STOP` lies before `START`")
        return "START"
    }

    #number(): void {
        if (!/^[1-9]\d{0,8}$|^\d+\.\d+$/.test(this.#word()))
            throw new PatternError(this.#at(), "a number was expected here")
        this.#next++
    }

    #instant(): string {
        const word = this.#word()
        if (!/^t'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z'$/.test(word)) {
            throw new PatternError(this.#at(), "an instant such as `t'2025-07-08T17:00:00Z'` was expected here")
        }
        this.#next++
        return word
    }

    /** The kinds of objects that the comparisons are about. */
    #either(): Set<string> {
        this.#deeper()
        const types = this.#both()
        while (this.#take("OR")) for (const item of this.#both()) types.add(item)
        this.#depth--
        return types
    }

    #both(): Set<string> {
        let types = this.#comparison()
        while (this.#word() === "AND") {
            const at = this.#at()
            this.#next++
            const more = this.#comparison()
            const shared = new Set([...types].filter((item) => more.has(item)))
            if (shared.size === 0) {
                throw new PatternError(at, "`AND` joins what is said of one object: here are several kinds of them")
            }
            types = shared
        }
        return types
    }

    #comparison(): Set<string> {
        if (this.#take("(")) {
            const types = this.#either()
            this.#must(")")
            return types
        }
        const negated = this.#take("NOT")
        if (this.#take("EXISTS")) return new Set([this.#path()])
        if (negated) this.#unexpected()
        const type = this.#path()
        this.#take("NOT")
        const operator = this.#word()
        const at = this.#at()
        this.#next++
        if (["=", "==", "!=", "<>", "<", ">", "<=", ">="].includes(operator)) this.#literal()
        else if (operator === "IN") this.#set()
        else if (["LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"].includes(operator)) this.#text(operator)
        else throw new PatternError(at, `${quote(operator)} compares nothing`)
        return new Set([type])
    }

    #text(operator: string): void {
        const word = this.#word()
        if (!word.startsWith("'")) throw new PatternError(this.#at(), `\`${operator}\` needs a text`)
        const fault = operator === "MATCHES" ? regexFault(word.slice(1, -1).replaceAll(/\\([\\'])/g, "$1")) : null
        if (fault !== null) throw new PatternError(this.#at(), `${quote(word)}: ${fault}`)
        this.#literal()
    }

    #set(): void {
        this.#must("(")
        do this.#literal()
        while (this.#take(","))
        this.#must(")")
    }

    #literal(): void {
        const word = this.#word()
        const known =
            /^'(?:[^'\\]|\\[\\'])*'$/.test(word) ||
            /^t'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z'$/.test(word) ||
            /^h'([0-9a-fA-F]{2})*'$/.test(word) ||
            /^b'(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'$/.test(word) ||
            /^-?\d+(\.\d+)?$/.test(word) ||
            word === "true" ||
            word === "false"
        if (!known) throw new PatternError(this.#at(), `${quote(word)} is no value`)
        this.#next++
    }

    /** `file:hashes.'SHA-256'`, `network-traffic:dst_ref.value`, `x:list[*].y`: answers the type. */
    #path(): string {
        const type = this.#word()
        if (!/^[a-z][a-z0-9-]{2,249}$/.test(type)) this.#unexpected()
        this.#next++
        this.#must(":")
        this.#step()
        while (this.#take(".")) this.#step()
        return type
    }

    #step(): void {
        if (!/^(?:[A-Za-z_][\w-]*|'[^'\\]+')$/.test(this.#word())) this.#unexpected()
        this.#next++
        while (this.#word() === "[") {
            this.#next++
            if (!/^(?:\*|-?\d+)$/.test(this.#word())) this.#unexpected()
            this.#next++
            this.#must("]")
        }
    }

    #deeper(): void {
        if (++this.#depth > depthMax)
            throw new PatternError(this.#at(), `a pattern may be nested \`${depthMax}\` deep at most`)
    }

    #word(): string {
        return this.#words[this.#next]?.text ?? ""
    }

    #at(): number {
        return this.#words[this.#next]?.at ?? this.#end
    }

    #take(text: string): boolean {
        if (this.#word() !== text) return false
        this.#next++
        return true
    }

    #must(text: string): void {
        if (!this.#take(text)) throw new PatternError(this.#at(), `a \`${text}\` was expected here`)
    }

    #unexpected(): never {
        const word = this.#word()
        throw new PatternError(
            this.#at(),
            word === "" ? "the pattern ends too early" : `${quote(word)} was not expected here`,
        )
    }
}

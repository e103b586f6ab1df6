/** The syntax of `linear-regex.ts`: from an expression to a tree of what it may match. Recursion is bounded. */
import { quoted } from "./finding.ts"

/** Case, lines and dots, as in PCRE. */
export interface RegexFlags {
    readonly i?: boolean
    readonly m?: boolean
    readonly s?: boolean
}

export type Sort =
    | { readonly is: "char"; readonly matches: (code: number) => boolean }
    | { readonly is: "assert"; readonly what: "start" | "end" | "word" | "unword" | "lineStart" | "lineEnd" }
    | { readonly is: "all"; readonly of: readonly Sort[] }
    | { readonly is: "any"; readonly of: readonly Sort[] }
    | { readonly is: "repeat"; readonly of: Sort; readonly min: number; readonly max: number | null }

const charsMax = 4096
const depthMax = 40
const repeatMax = 1000

/** A tree, or one lower-case line on what is not understood or not run. */
export function parseRegex(pattern: string, flags: RegexFlags): Sort | string {
    if (!(pattern.length <= charsMax)) return `an expression may have \`${charsMax}\` characters at most`
    try {
        return new RegexReader(pattern, flags).whole()
    } catch (fault) {
        if (fault instanceof Unread) return fault.message
        throw fault
    }
}

class Unread extends Error {}

type Codes = (code: number) => boolean

const one =
    (code: number): Codes =>
    (other) =>
        other === code
const between =
    (low: number, high: number): Codes =>
    (code) =>
        code >= low && code <= high
const either =
    (...of: Codes[]): Codes =>
    (code) =>
        of.some((each) => each(code))
const but =
    (of: Codes): Codes =>
    (code) =>
        !of(code)
const codeOf = (char: string): number => char.codePointAt(0) ?? 0

const digit = between(48, 57)
const word = either(digit, between(65, 90), between(97, 122), one(95))
const space = either(one(32), between(9, 13))
const classes: Readonly<Record<string, Codes>> = {
    d: digit,
    D: but(digit),
    w: word,
    W: but(word),
    s: space,
    S: but(space),
    h: either(one(9), one(32), one(0xa0)),
    R: between(10, 13),
}
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7, e: 27, "0": 0 }
const posix: Readonly<Record<string, Codes>> = {
    alnum: either(digit, between(65, 90), between(97, 122)),
    alpha: either(between(65, 90), between(97, 122)),
    digit,
    lower: between(97, 122),
    upper: between(65, 90),
    space,
    word,
    xdigit: either(digit, between(65, 70), between(97, 102)),
    punct: either(between(33, 47), between(58, 64), between(91, 96), between(123, 126)),
}

class RegexReader {
    readonly #chars: readonly string[]
    #at = 0
    #depth = 0
    #i: boolean
    #m: boolean
    #s: boolean

    constructor(pattern: string, flags: RegexFlags) {
        this.#chars = [...pattern]
        this.#i = flags.i === true
        this.#m = flags.m === true
        this.#s = flags.s === true
    }

    whole(): Sort {
        this.#flagsAtStart()
        const sort = this.#choice()
        if (this.#at < this.#chars.length) throw new Unread("a `)` closes nothing")
        return sort
    }

    #flagsAtStart(): void {
        const found = /^\(\?([imsU]+)\)/.exec(this.#chars.slice(0, 8).join(""))
        if (found === null) return
        this.#at += found[0].length
        this.#i ||= found[1]?.includes("i") === true
        this.#m ||= found[1]?.includes("m") === true
        this.#s ||= found[1]?.includes("s") === true
    }

    #next(): string | undefined {
        return this.#chars[this.#at]
    }

    #take(text: string): boolean {
        if (
            !this.#chars
                .slice(this.#at, this.#at + text.length)
                .join("")
                .startsWith(text)
        )
            return false
        this.#at += text.length
        return true
    }

    #choice(): Sort {
        if (++this.#depth > depthMax) throw new Unread(`an expression may be nested \`${depthMax}\` deep at most`)
        const of = [this.#row()]
        while (this.#take("|")) of.push(this.#row())
        this.#depth--
        return of.length === 1 && of[0] !== undefined ? of[0] : { is: "any", of }
    }

    #row(): Sort {
        const of: Sort[] = []
        for (let char = this.#next(); char !== undefined && char !== "|" && char !== ")"; char = this.#next()) {
            of.push(this.#repeated(this.#atom()))
        }
        return { is: "all", of }
    }

    #repeated(of: Sort): Sort {
        const bounds = this.#bounds()
        if (bounds === null) return of
        const [min, max] = bounds
        if (this.#take("+")) throw new Unread("possessive quantifiers are not run")
        this.#take("?")
        if (this.#bounds() !== null) throw new Unread("a quantifier follows a quantifier")
        return { is: "repeat", of, min, max }
    }

    #bounds(): readonly [number, number | null] | null {
        if (this.#take("*")) return [0, null]
        if (this.#take("+")) return [1, null]
        if (this.#take("?")) return [0, 1]
        const found = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 16).join(""))
        if (found === null) return null
        const min = Number(found[1])
        const max = found[2] === undefined ? min : found[3] === "" ? null : Number(found[3])
        if (!(min <= repeatMax && (max ?? 0) <= repeatMax)) throw new Unread(`\`${found[0]}\` repeats too often`)
        if (max !== null && max < min) throw new Unread(`\`${found[0]}\` ends before it begins`)
        this.#at += found[0].length
        return [min, max]
    }

    #atom(): Sort {
        const char = this.#next() ?? ""
        this.#at++
        if (char === "(") return this.#group()
        if (char === "[") return this.#char(this.#set())
        if (char === ".") return { is: "char", matches: this.#s ? () => true : but(one(10)) }
        if (char === "^") return { is: "assert", what: this.#m ? "lineStart" : "start" }
        if (char === "$") return { is: "assert", what: this.#m ? "lineEnd" : "end" }
        if (char === "\\") return this.#escape()
        if (char === "*" || char === "+" || char === "?") throw new Unread(`the quantifier \`${char}\` follows nothing`)
        return this.#char(one(codeOf(char)))
    }

    #char(matches: Codes): Sort {
        if (!this.#i) return { is: "char", matches }
        return { is: "char", matches: (code) => variantsOf(code).some(matches) }
    }

    #group(): Sort {
        const before = { i: this.#i, m: this.#m, s: this.#s }
        if (this.#take("?")) this.#kind()
        else if (this.#next() === "*") throw new Unread("verbs such as `(*SKIP)` are not run")
        const inner = this.#choice()
        if (!this.#take(")")) throw new Unread("a `(` is never closed")
        this.#i = before.i
        this.#m = before.m
        this.#s = before.s
        return inner
    }

    #kind(): void {
        const rest = this.#chars.slice(this.#at, this.#at + 80).join("")
        const name = /^(?:P?<[A-Za-z_]\w{0,31}>|'[A-Za-z_]\w{0,31}'|:)/.exec(rest)
        if (name !== null) this.#at += name[0].length
        else if (/^(=|!|<=|<!)/.test(rest)) throw new Unread("look-around is not run")
        else if (rest.startsWith(">")) throw new Unread("atomic groups are not run")
        else {
            const flags = /^([ims]*)(?:-([ims]*))?:/.exec(rest)
            if (flags === null) throw new Unread(`the group ${quoted(`(?${rest.slice(0, 4)}`)} is not run`)
            this.#at += flags[0].length
            this.#i = (this.#i || flags[1]?.includes("i") === true) && flags[2]?.includes("i") !== true
            this.#m = (this.#m || flags[1]?.includes("m") === true) && flags[2]?.includes("m") !== true
            this.#s = (this.#s || flags[1]?.includes("s") === true) && flags[2]?.includes("s") !== true
        }
    }

    #escape(): Sort {
        const char = this.#next()
        if (char === "b" || char === "B" || char === "A" || char === "z" || char === "Z") {
            this.#at++
            if (char === "b" || char === "B") return { is: "assert", what: char === "b" ? "word" : "unword" }
            return { is: "assert", what: char === "A" ? "start" : "end" }
        }
        return this.#char(this.#escaped())
    }

    /** What stands after a backslash, in a class or out of it. */
    #escaped(): Codes {
        const char = this.#next()
        if (char === undefined) throw new Unread("a `\\` stands at the end")
        this.#at++
        const known = Object.hasOwn(classes, char) ? classes[char] : undefined
        if (known !== undefined) return known
        if (char === "x" || char === "u") return one(this.#hex(char))
        const control = Object.hasOwn(controls, char) ? controls[char] : undefined
        if (control !== undefined) return one(control)
        if (/[1-9]|[gkKpPXQEGCN]/.test(char)) throw new Unread(`\`\\${char}\` is not run`)
        if (/[A-Za-z]/.test(char)) throw new Unread(`\`\\${char}\` is not known`)
        return one(codeOf(char))
    }

    #hex(char: string): number {
        const rest = this.#chars.slice(this.#at, this.#at + 10).join("")
        const form = char === "u" ? /^([0-9A-Fa-f]{4})/ : /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/
        const found = form.exec(rest)
        if (found === null) throw new Unread(`\`\\${char}\` is not followed by a number`)
        this.#at += found[0].length
        return Number.parseInt(found[1] ?? found[2] ?? "0", 16)
    }

    #set(): Codes {
        const negated = this.#take("^")
        const of: Codes[] = []
        for (let first = true; ; first = false) {
            const char = this.#next()
            if (char === undefined) throw new Unread("a `[` is never closed")
            if (char === "]" && !first) break
            of.push(this.#range())
        }
        this.#at++
        const all = either(...of)
        return negated ? (this.#i ? (code) => !variantsOf(code).some(all) : but(all)) : all
    }

    #range(): Codes {
        const named = /^\[:(\^?)([a-z]{1,8}):\]/.exec(this.#chars.slice(this.#at, this.#at + 16).join(""))
        if (named !== null) {
            const known = Object.hasOwn(posix, named[2] ?? "") ? posix[named[2] ?? ""] : undefined
            if (known === undefined) throw new Unread(`the class \`${named[0]}\` is not known`)
            this.#at += named[0].length
            return named[1] === "^" ? but(known) : known
        }
        const low = this.#member()
        const end = this.#chars[this.#at + 1]
        if (typeof low !== "number") return low
        if (this.#next() !== "-" || end === undefined || end === "]") return one(low)
        this.#at++
        const high = this.#member()
        if (typeof high !== "number") throw new Unread("a range in a class has no such end")
        if (high < low) throw new Unread("a range in a class ends before it begins")
        return between(low, high)
    }

    /** One character of a class, or a class within it. */
    #member(): number | Codes {
        const char = this.#next() ?? ""
        this.#at++
        if (char !== "\\") return codeOf(char)
        const after = this.#next()
        if (after === "b") {
            this.#at++
            return 8
        }
        const codes = this.#escaped()
        if (after !== undefined && Object.hasOwn(classes, after)) return codes
        const written = this.#chars[this.#at - 1] ?? ""
        if (after === "x" || after === "u") return hexBefore(this.#chars, this.#at)
        return after !== undefined && Object.hasOwn(controls, after) ? (controls[after] ?? 0) : codeOf(written)
    }
}

function hexBefore(chars: readonly string[], at: number): number {
    const found = /(?:\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\x\{([0-9A-Fa-f]{1,6})\})$/.exec(
        chars.slice(0, at).join(""),
    )
    return Number.parseInt(found?.[1] ?? found?.[2] ?? found?.[3] ?? "0", 16)
}

/** A character in both cases. */
function variantsOf(code: number): number[] {
    if (code > 0x10ffff) return [code]
    const char = String.fromCodePoint(code)
    const all = [char, char.toLowerCase(), char.toUpperCase()].filter((each) => [...each].length === 1)
    return [...new Set(all.map(codeOf))]
}

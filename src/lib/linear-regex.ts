/**
 * Regular expressions that others wrote, run in linear time: no backtracking, so no text makes a match explode.
 *
 * The language is the part of PCRE that a finite automaton can follow: characters, classes, `.`, groups, `|`, the
 * quantifiers, `^ $ \A \z \b \B`, and `(?i)`, `(?s)`, `(?m)` at the start. Back references, look-around, and atomic or possessive
 * parts are refused by name. A match is asked for, never where it lies; so greed is read and makes no difference.
 * Runs by Thompson's construction: time grows with the length of the text times the size of the expression.
 */
import { type RegexFlags, type Sort, parseRegex } from "./regex-syntax.ts"

/** What is left of the work that may be done: shared by all that one question asks. */
export interface Steps {
    left: number
}

/** Instructions: `(a{1000}){1000}` is small to write and large to run. */
const programMax = 4000

type Step =
    | { readonly do: "char"; readonly is: (code: number) => boolean }
    | { readonly do: "split"; to: number; or: number }
    | { readonly do: "assert"; readonly what: "start" | "end" | "word" | "unword" | "lineStart" | "lineEnd" }
    | { readonly do: "match" }

export interface LinearRegex {
    /** Whether the expression matches anywhere in the text; null where finding out takes more than is left. */
    test(text: string, steps: Steps): boolean | null
}

/** A compiled expression, or, as a string, one lower-case line on why it cannot be run. */
export function linearRegex(pattern: string, flags: RegexFlags = {}): LinearRegex | string {
    const parsed = parseRegex(pattern, flags)
    if (typeof parsed === "string") return parsed
    const program: Step[] = []
    if (!emit(program, parsed) || program.length >= programMax) return "the expression is too large to run"
    program.push({ do: "match" })
    return { test: (text, steps) => run(program, text, steps) }
}

/** Appends what matches `sort`; false where the program grew too large. */
function emit(program: Step[], sort: Sort): boolean {
    if (program.length > programMax) return false
    if (sort.is === "char") program.push({ do: "char", is: sort.matches })
    else if (sort.is === "assert") program.push({ do: "assert", what: sort.what })
    else if (sort.is === "all") return sort.of.every((one) => emit(program, one))
    else if (sort.is === "any") return emitChoice(program, sort.of)
    else return emitRepeat(program, sort)
    return true
}

function emitChoice(program: Step[], of: readonly Sort[]): boolean {
    const ends: { to: number; or: number }[] = []
    for (const [n, one] of of.entries()) {
        const split = { do: "split" as const, to: program.length + 1, or: -1 }
        const last = n === of.length - 1
        if (!last) program.push(split)
        if (!emit(program, one)) return false
        if (last) break
        const jump = { do: "split" as const, to: -1, or: -1 }
        program.push(jump)
        ends.push(jump)
        split.or = program.length
    }
    for (const jump of ends) jump.to = jump.or = program.length
    return true
}

function emitRepeat(program: Step[], { of, min, max }: Sort & { is: "repeat" }): boolean {
    for (let n = 0; n < min; n++) if (!emit(program, of)) return false
    if (max === null) {
        const again = program.length
        const split = { do: "split" as const, to: again + 1, or: -1 }
        program.push(split)
        if (!emit(program, of)) return false
        program.push({ do: "split", to: again, or: again })
        split.or = program.length
        return true
    }
    const splits: { or: number }[] = []
    for (let n = min; n < max; n++) {
        const split = { do: "split" as const, to: program.length + 1, or: -1 }
        program.push(split)
        splits.push(split)
        if (!emit(program, of)) return false
    }
    for (const split of splits) split.or = program.length
    return true
}

/** All ways at once: the set of places in the program that are alive after each character. */
function run(program: readonly Step[], text: string, steps: Steps): boolean | null {
    const codes = Uint32Array.from(text, (one) => one.codePointAt(0) ?? 0)
    const seen = new Int32Array(program.length).fill(-1)
    let alive: number[] = []
    for (let at = 0; at <= codes.length; at++) {
        const here: number[] = []
        const waiting = [0, ...alive.toReversed()]
        for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
            if (seen[place] === at) continue
            seen[place] = at
            if (--steps.left < 0) return null
            const step = program[place]
            if (step === undefined) continue
            if (step.do === "match") return true
            if (step.do === "char") here.push(place)
            else if (step.do === "split") waiting.push(step.to, step.or)
            else if (holds(step.what, codes, at)) waiting.push(place + 1)
        }
        const code = codes[at]
        if (code === undefined) break
        alive = []
        for (const place of here) {
            const step = program[place]
            if (step?.do === "char" && step.is(code)) alive.push(place + 1)
        }
    }
    return false
}

function holds(what: (Step & { do: "assert" })["what"], codes: Uint32Array, at: number): boolean {
    const [before, after] = [codes[at - 1], codes[at]]
    if (what === "start") return before === undefined
    if (what === "end") return after === undefined || (after === newline && at === codes.length - 1)
    if (what === "lineStart") return before === undefined || before === newline
    if (what === "lineEnd") return after === undefined || after === newline
    return (isWord(before) !== isWord(after)) === (what === "word")
}

const newline = 10

function isWord(code: number | undefined): boolean {
    return code !== undefined && /[0-9A-Za-z_]/.test(String.fromCodePoint(code))
}

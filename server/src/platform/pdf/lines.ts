/** Lines of a text: where they break, and in which order what stands in one is drawn. */
import { type Atom, type Atoms, unseen } from "./runs.ts"
import type { Sign } from "./typeface.ts"

/** `width` in thousandths of the font's size, of at least one sign. A word that is longer is cut anywhere. */
export function linesOf(text: string, atoms: Atoms, width: number): (readonly Atom[])[] {
    const lines = text.split(breaks)
    // Where a line ends by itself, a space tells those who read without seeing.
    return lines.flatMap((line, n) => broken(atoms.of(n < lines.length - 1 ? `${line} ` : line), width))
}

const breaks = /\r\n?|\n/

function broken(atoms: readonly Atom[], width: number): (readonly Atom[])[] {
    const lines: (readonly Atom[])[] = []
    let [start, good, filled, sinceGood] = [0, 0, 0, 0]
    for (const [n, { text, width: value, isCode }] of atoms.entries()) {
        const isSpace = text === " "
        if (!isSpace && filled + value > width && n > start) {
            const end = good > start ? good : n
            lines.push(atoms.slice(start, end))
            filled = good > start ? sinceGood : 0
            start = end
            if (filled + value > width && n > start) {
                lines.push(atoms.slice(start, n))
                ;[start, filled] = [n, 0]
            }
            sinceGood = filled
        }
        filled += value
        sinceGood += value
        if (isSpace || isCode) [good, sinceGood] = [n + 1, 0]
    }
    return [...lines, atoms.slice(start)]
}

/** As wide as it is without a break that is not its own, and as its longest word. */
export function widthsOf(text: string, atoms: Atoms): { readonly whole: number; readonly word: number } {
    let [whole, word] = [0, 0]
    for (const line of text.split(breaks)) {
        let [total, value] = [0, 0]
        for (const { text, width, isCode } of atoms.of(line)) {
            total += width
            value = text === " " || isCode ? 0 : value + width
            word = Math.max(word, value, isCode ? width : 0)
        }
        whole = Math.max(whole, total)
    }
    return { whole, word }
}

/** What is drawn in one go. */
export interface Run {
    readonly signs: readonly Sign[]
    /** How far from where the line begins, in thousandths of the font's size. */
    readonly at: number
    readonly width: number
    readonly isCode: boolean
    /** Of code points for what the font does not have: what they stand for, where anybody can see that. */
    readonly instead: string | null
}

/**
 * In the order in which it is read, wherever it stands. What is read from the right stands from the right, each sign by itself (of UAX #9,
 * as much as names and sentences need).
 */
export function runsOf(line: readonly Atom[], atoms: Atoms): Run[] {
    const levels = levelsOf(line)
    const runs: Run[] = []
    let at = 0
    for (const part of partsOf(line, (_, n) => (levels[n] ?? 0) > 0)) {
        const isTurned = (levels[part.from] ?? 0) > 0
        const width = widthOf(part.atoms)
        let done = 0
        for (const { atoms: some, from } of partsOf(part.atoms, (atom, n) => lookOf(atom, n, levels[part.from + n]))) {
            const isOne = levels[part.from + from] === 1
            const value = widthOf(some)
            runs.push({
                ...{ at: isTurned ? at + width - done - value : at + done, width: value },
                signs: some.flatMap((atom) => (isOne ? mirrored(atom, atoms) : atom).signs),
                ...codeIn(some),
            })
            done += value
        }
        at += width
    }
    return runs
}

const widthOf = (atoms: readonly Atom[]): number => atoms.reduce((sum, atom) => sum + atom.width, 0)

/** Of what is read from the right, another for each; of what is drawn as its code point, of what can be seen one, and of what cannot. */
const lookOf = ({ isCode, text }: Atom, n: number, level = 0): number => {
    if (isCode) return unseen.test(text) ? -2 : -1
    return level === 1 ? n + 1 : 0
}

function codeIn(atoms: readonly Atom[]): Pick<Run, "isCode" | "instead"> {
    if (atoms[0]?.isCode !== true) return { isCode: false, instead: null }
    const text = atoms.map((atom) => atom.text).join("")
    return { isCode: true, instead: unseen.test(text) ? null : text }
}

/** Neighbours of which the same is told. */
function partsOf(atoms: readonly Atom[], tell: (atom: Atom, n: number) => unknown) {
    const parts: { readonly from: number; readonly atoms: Atom[] }[] = []
    let before: unknown
    for (const [n, atom] of atoms.entries()) {
        const input = tell(atom, n)
        if (n === 0 || input !== before) parts.push({ from: n, atoms: [] })
        parts.at(-1)?.atoms.push(atom)
        before = input
    }
    return parts
}

/** What opens, and what closes. */
const mirrors = new Map([..."()[]{}<>«»‹›"].map((sign, n, list) => [sign, list[n % 2 === 0 ? n + 1 : n - 1] ?? sign]))

function mirrored(atom: Atom, atoms: Atoms): Atom {
    const other = mirrors.get(atom.text)
    return other === undefined ? atom : atoms.as(atom.text, other)
}

/** 0 from left to right, 1 from right to left, 2 a number in there. */
function levelsOf(line: readonly Atom[]): number[] {
    const levels: number[] = []
    let last: Atom["kind"] = "left"
    for (const [n, { kind, text }] of line.entries()) {
        if (kind === "left" || kind === "right") last = kind
        const isInNumber = /^[.,:/-]$/.test(text) && line[n - 1]?.kind === "digit" && line[n + 1]?.kind === "digit"
        const inRight = kind === "digit" || isInNumber ? 2 : kind === "right" ? 1 : -1
        levels.push(last === "left" ? 0 : inRight)
    }
    // What stands between two of them goes with them; what only follows them does not.
    let isBetween = false
    for (let n = levels.length - 1; n >= 0; n--) {
        if (levels[n] === -1) levels[n] = isBetween ? 1 : 0
        else isBetween = (levels[n] ?? 0) > 0
    }
    return levels
}

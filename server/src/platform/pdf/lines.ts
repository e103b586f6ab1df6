/** Breaks a text into lines, and puts the parts of a line in drawing order. */
import { type Atom, type Atoms, invisible } from "./runs.ts"

/**
 * Breaks a text into lines. `width` is in thousandths of the font size, at least one character. A longer word is cut
 * anywhere.
 */
export function linesOf(text: string, atoms: Atoms, width: number): (readonly Atom[])[] {
    const lines = text.split(breaks)
    // Where the text breaks a line, a space separates the words for screen readers.
    return lines.flatMap((line, n) => breakLine(atoms.split(n < lines.length - 1 ? `${line} ` : line), width))
}

const breaks = /\r\n?|\n/

function breakLine(atoms: readonly Atom[], width: number): (readonly Atom[])[] {
    const lines: (readonly Atom[])[] = []
    let [start, breakPoint, lineWidth, widthSinceBreak] = [0, 0, 0, 0]
    for (const [n, { text, width: value, isCode }] of atoms.entries()) {
        const isSpace = text === " "
        if (!isSpace && lineWidth + value > width && n > start) {
            const end = breakPoint > start ? breakPoint : n
            lines.push(atoms.slice(start, end))
            lineWidth = breakPoint > start ? widthSinceBreak : 0
            start = end
            if (lineWidth + value > width && n > start) {
                lines.push(atoms.slice(start, n))
                ;[start, lineWidth] = [n, 0]
            }
            widthSinceBreak = lineWidth
        }
        lineWidth += value
        widthSinceBreak += value
        if (isSpace || isCode) [breakPoint, widthSinceBreak] = [n + 1, 0]
    }
    return [...lines, atoms.slice(start)]
}

/** Returns the width of the longest line without wrapping, and of the longest word. */
export function widthsOf(text: string, atoms: Atoms): { readonly whole: number; readonly word: number } {
    let [whole, word] = [0, 0]
    for (const line of text.split(breaks)) {
        let [total, value] = [0, 0]
        for (const { text, width, isCode } of atoms.split(line)) {
            total += width
            value = text === " " || isCode ? 0 : value + width
            word = Math.max(word, value, isCode ? width : 0)
        }
        whole = Math.max(whole, total)
    }
    return { whole, word }
}

/** A part of a line that is drawn by one operation. */
export interface Run {
    readonly shown: string
    /** Distance from the start of the line, in thousandths of the font size. */
    readonly at: number
    readonly width: number
    readonly isCode: boolean
    readonly isRightToLeft: boolean
    /** The text that the glyphs represent; null where a PDF reader finds it from the glyphs. */
    readonly actualText: string | null
}

/**
 * Returns the runs of a line in reading order, each at its place. Text from right to left is one run, which the font
 * shapes and turns (of UAX #9, as much as names and sentences need).
 */
export function runsOf(line: readonly Atom[], atoms: Atoms): Run[] {
    const levels = levelsOf(line)
    const runs: Run[] = []
    let at = 0
    for (const part of groupsOf(line, (_, n) => (levels[n] ?? 0) > 0)) {
        const isRightToLeft = (levels[part.from] ?? 0) > 0
        const pieces = groupsOf(part.atoms, (atom, n) => runKindOf(atom, levels[part.from + n])).map(
            ({ atoms: pieceAtoms, from }) => runOf(pieceAtoms, levels[part.from + from] === 1, atoms),
        )
        const width = pieces.reduce((sum, piece) => sum + piece.width, 0)
        let doneWidth = 0
        for (const piece of pieces) {
            runs.push({ ...piece, at: isRightToLeft ? at + width - doneWidth - piece.width : at + doneWidth })
            doneWidth += piece.width
        }
        at += width
    }
    return runs
}

function runOf(part: readonly Atom[], isRightToLeft: boolean, { face }: Atoms): Omit<Run, "at"> {
    const text = part.map((atom) => atom.text).join("")
    const shown = part.map((atom) => (isRightToLeft ? mirrored(atom) : atom.shown)).join("")
    const isCode = part[0]?.isCode === true
    const isReadable = isCode ? invisible.test(text) : !isRightToLeft && part.every(isPlain)
    return { shown, width: face.widthOf(shown), isCode, isRightToLeft, actualText: isReadable ? null : text }
}

/** Whether the glyphs alone give the text. */
const isPlain = ({ text, shown, kind }: Atom): boolean => text === shown && kind !== "right" && !/.\p{M}/u.test(text)

/**
 * Separates code points that are visible, those that are not, text from the right, and text that its glyphs do not
 * give.
 */
const runKindOf = (atom: Atom, level = 0): number => {
    if (atom.isCode) return invisible.test(atom.text) ? -2 : -1
    return level === 1 || isPlain(atom) ? level : 3
}

/** Groups neighbouring atoms of the same kind. */
function groupsOf(atoms: readonly Atom[], kindOf: (atom: Atom, n: number) => unknown) {
    const parts: { readonly from: number; readonly atoms: Atom[] }[] = []
    let previous: unknown
    for (const [n, atom] of atoms.entries()) {
        const kind = kindOf(atom, n)
        if (n === 0 || kind !== previous) parts.push({ from: n, atoms: [] })
        parts.at(-1)?.atoms.push(atom)
        previous = kind
    }
    return parts
}

/** Pairs of opening and closing signs. */
const mirroredSigns = new Map(
    [..."()[]{}<>«»‹›"].map((sign, n, list) => [sign, list[n % 2 === 0 ? n + 1 : n - 1] ?? sign]),
)

const mirrored = ({ text, shown }: Atom): string => mirroredSigns.get(text) ?? shown

/** Returns the level of each atom: 0 from left to right, 1 from right to left, 2 a number inside such text. */
function levelsOf(line: readonly Atom[]): number[] {
    const levels: number[] = []
    let last: Atom["kind"] = "left"
    for (const [n, { kind, text }] of line.entries()) {
        if (kind === "left" || kind === "right") last = kind
        const isInNumber = /^[.,:/-]$/.test(text) && line[n - 1]?.kind === "digit" && line[n + 1]?.kind === "digit"
        const inRight = kind === "digit" || isInNumber ? 2 : kind === "right" ? 1 : -1
        levels.push(last === "left" ? 0 : inRight)
    }
    // Neutral characters between two such atoms belong to them; those only after one do not.
    let isBetween = false
    for (let n = levels.length - 1; n >= 0; n--) {
        if (levels[n] === -1) levels[n] = isBetween ? 1 : 0
        else isBetween = (levels[n] ?? 0) > 0
    }
    return levels
}

/** A paper set on sheets of A4: its words broken into lines, its tables into columns. */
import type { Block, Paper } from "../../models/report-document.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Atoms, atomsIn } from "./runs.ts"
import { columnsOf } from "./columns.ts"
import type { Face } from "./typeface.ts"
import { type Run, linesOf, runsOf } from "./lines.ts"
import { type Look, type Sheets, paper as sheet, drawnLine, ruled, sheetsOf, textWidth } from "./pages.ts"
import { type Tag, tagIn } from "./tags.ts"

export interface PdfLimits {
    /** Of UTF-16, over all of it. */
    readonly charsMax: number
    readonly pagesMax: number
}

export interface Heading {
    readonly title: string
    readonly level: 1 | 2 | 3
    readonly page: number
    readonly y: number
}

export interface SetPaper {
    readonly sheets: Sheets
    readonly headings: readonly Heading[]
    readonly tag: Tag
}

const looks = {
    ...{ H1: { font: "bold", size: 16, leading: 21 }, H2: { font: "bold", size: 12, leading: 16 } },
    ...{ H3: { font: "bold", size: 9.5, leading: 13 }, P: { font: "regular", size: 9, leading: 13 } },
    ...{ TD: { font: "regular", size: 7.8, leading: 10.8 }, TH: { font: "bold", size: 7.8, leading: 10.8 } },
    foot: { font: "regular", size: 7.5, leading: 10 },
} as const satisfies Readonly<Record<string, Look>>

/** Above each, in points. */
const spaces = { H1: 0, H2: 16, H3: 9, P: 4, table: 6 } as const

interface Setting {
    readonly sheets: Sheets
    readonly headings: Heading[]
    readonly atoms: Readonly<Record<Look["font"], Atoms>>
    /** How far from the left the words begin, in points. */
    readonly inset: number
}

/** Refuses `pdf.too_long`. */
export function setPaper(paper: Paper, faces: Readonly<Record<Look["font"], Face>>, limits: PdfLimits): SetPaper {
    validateShort(paper, limits)
    const atoms = { regular: atomsIn(faces.regular), bold: atomsIn(faces.bold) }
    const setting: Setting = { sheets: sheetsOf(limits.pagesMax), headings: [], atoms, inset: 0 }
    const tag: Tag = { kind: "Document", kids: [] }
    setHeading(setting, tag, "H1", paper.title)
    for (const block of paper.content) setBlock(setting, tag, block)
    setFeet(setting, paper.name)
    return { sheets: setting.sheets, headings: setting.headings, tag }
}

function validateShort({ name, title, content }: Paper, { charsMax }: PdfLimits): void {
    const lengthOf = (block: Block): number => {
        if (block.kind === "words") return block.text.length
        const lengths =
            block.kind === "table"
                ? [block.heads, ...block.rows].flat().map(({ length }) => length)
                : [block.title.length, ...block.content.map(lengthOf)]
        return lengths.reduce((sum, value) => sum + value, 0)
    }
    if (name.length + title.length + content.reduce((sum, block) => sum + lengthOf(block), 0) <= charsMax) return
    refuse("conflict", "pdf.too_long", `this has more than \`${charsMax}\` characters`)
}

function setBlock(setting: Setting, parent: Tag, block: Block): void {
    if (block.kind === "words") setText(setting, tagIn(parent, "P"), block.text, "P")
    else if (block.kind === "table") setTable(setting, tagIn(parent, "Table"), block)
    else {
        const tag = tagIn(parent, block.kind === "article" ? "Art" : "Sect")
        const inside = block.kind === "caution" ? { ...setting, inset: cautionInset } : setting
        setHeading(inside, tag, block.kind === "article" ? "H3" : "H2", block.title)
        for (const item of block.content) setBlock(inside, tag, item)
    }
}

/** Of what is to be read first: a bar runs beside it. */
const cautionInset = 12

const levels = { H1: 1, H2: 2, H3: 3 } as const

/** What follows a heading begins on the same page. */
const followingMin = 48

function setHeading(setting: Setting, parent: Tag, kind: keyof typeof levels, title: string): void {
    const { sheets, headings } = setting
    if (!sheets.isFresh()) {
        if (sheets.left() < spaces[kind] + 2 * looks[kind].leading + followingMin) sheets.turn()
        else sheets.skip(spaces[kind])
    }
    headings.push({ title, level: levels[kind], ...sheets.place() })
    setText(setting, tagIn(parent, kind), title, kind)
}

function linesIn(setting: Setting, text: string, look: Look, points: number): Run[][] {
    const atoms = setting.atoms[look.font]
    return linesOf(text, atoms, (points * 1000) / look.size).map((line) => runsOf(line, atoms))
}

function setText(setting: Setting, tag: Tag, text: string, kind: "H1" | "H2" | "H3" | "P"): void {
    const { sheets, inset } = setting
    const look = looks[kind]
    const lines = linesIn(setting, text, look, textWidth - inset)
    if (kind === "P" && !sheets.isFresh()) sheets.skip(spaces.P)
    while (lines.length > 0) {
        if (sheets.left() < look.leading) sheets.turn()
        const some = lines.splice(0, Math.max(1, Math.floor(sheets.left() / look.leading)))
        const x = sheet.left + inset
        sheets.put(
            tag,
            some.map((runs) => ({ x, runs })),
            look,
            0,
        )
        const { y } = sheets.place()
        const height = some.length * look.leading
        if (inset > 0) sheets.ornament(ruled([sheet.left + 2, y + spaces.P], [sheet.left + 2, y - height - 2], 2))
        sheets.skip(height)
    }
}

type Table = Extract<Block, { kind: "table" }>

interface Columns {
    readonly xs: readonly number[]
    readonly widths: readonly number[]
}

const cellSpace = { between: 8, above: 3, below: 4 } as const

function setTable(setting: Setting, tag: Tag, { heads, rows }: Table): void {
    const { sheets, atoms } = setting
    const space = { points: textWidth, between: cellSpace.between, size: looks.TD.size }
    const widths = columnsOf([heads, ...rows], atoms.regular, space)
    const xs = widths.map((_, n) =>
        widths.slice(0, n).reduce((sum, value) => sum + value + cellSpace.between, sheet.left),
    )
    const columns = { xs, widths }
    const head = heads.map((head, n) => linesIn(setting, head, looks.TH, widths[n] ?? 0))
    const repeated = head.every(({ length }) => length <= headLinesMax) ? head : []
    const [first = []] = rows
    const firstCells = first.map((item, n) => linesIn(setting, item, looks.TD, widths[n] ?? 0))
    const beginning = heightOf(head, looks.TH) + heightOf(firstCells, looks.TD)
    sheets.skip(spaces.table)
    // A head stands on no page without its first row.
    const isTall = beginning > sheets.left() && beginning <= pageHeight && !sheets.isFresh()
    if (sheets.left() < followingMin || isTall) sheets.turn()
    if (heads.length > 0) setRow(setting, tagIn(tag, "TR"), { cells: head, kind: "TH", columns, head: [] })
    for (const row of rows) {
        const cells = row.map((item, n) => linesIn(setting, item, looks.TD, widths[n] ?? 0))
        setRow(setting, tagIn(tag, "TR"), { cells, kind: "TD", columns, head: repeated })
    }
}

/** A longer head stands above the first row alone. */
const headLinesMax = 4

interface Row {
    /** Of each, its lines. */
    readonly cells: readonly (readonly Run[][])[]
    readonly kind: "TH" | "TD"
    readonly columns: Columns
    /** Repeated on each page. */
    readonly head: readonly (readonly Run[][])[]
}

const pageHeight = sheet.height - sheet.above - sheet.below

/** Of a row, in points. */
function heightOf(cells: readonly (readonly Run[][])[], look: Look): number {
    if (cells.length === 0) return 0
    return Math.max(1, ...cells.map(({ length }) => length)) * look.leading + cellSpace.above + cellSpace.below
}

/** On one page where it fits on one under its head; else it continues on the next. */
function setRow({ sheets }: Setting, tag: Tag, { cells, kind, columns, head }: Row): void {
    const look = looks[kind]
    const tags = cells.map(() => tagIn(tag, kind))
    const count = Math.max(1, ...cells.map(({ length }) => length))
    const room = () => Math.floor((sheets.left() - cellSpace.above - cellSpace.below) / look.leading)
    const turn = () => {
        sheets.turn()
        repeatHead(sheets, head, columns)
    }
    const fits = heightOf(cells, look) + heightOf(head, looks.TH) <= pageHeight
    if (room() < (fits ? count : Math.min(count, rowLinesMin))) turn()
    for (let from = 0; from < count;) {
        if (room() < 1) turn()
        const some = Math.min(count - from, room())
        for (const [n, lines] of cells.entries()) {
            const x = columns.xs[n] ?? 0
            const entries = lines.slice(from, from + some).map((runs) => ({ x, runs }))
            sheets.put(tags[n] ?? tag, entries, look, cellSpace.above)
        }
        from += some
        endRow(sheets, some * look.leading, from < count ? 0 : 0.5)
    }
}

/** A row that is longer than a page is cut, but not after fewer lines. */
const rowLinesMin = 12

function endRow(sheets: Sheets, height: number, weight: number): void {
    sheets.skip(height + cellSpace.above + cellSpace.below)
    const { y } = sheets.place()
    if (weight > 0) sheets.ornament(ruled([sheet.left, y + 1], [sheet.left + textWidth, y + 1], weight))
}

function repeatHead(sheets: Sheets, head: Row["head"], { xs }: Columns): void {
    if (head.length === 0) return
    const { y } = sheets.place()
    const { leading, size } = looks.TH
    const drawn = head.flatMap((lines, n) =>
        lines.flatMap((runs, line) => {
            const at = y - cellSpace.above - line * leading - size
            return drawnLine({ x: xs[n] ?? 0, runs }, at, looks.TH, false)
        }),
    )
    sheets.ornament(drawn.join("\n"))
    endRow(sheets, Math.max(...head.map(({ length }) => length)) * leading, 0.5)
}

/** On each sheet, what it is of, and which it is of how many. */
function setFeet(setting: Setting, name: string): void {
    const { all: sheets } = setting.sheets
    const [runs = []] = linesIn(setting, name.replaceAll(/\s+/g, " "), looks.foot, textWidth - footRight)
    for (const [n, { drawn }] of sheets.entries()) {
        const [which = []] = linesIn(setting, `Page ${n + 1} of ${sheets.length}`, looks.foot, textWidth)
        const width = which.reduce((sum, run) => sum + (run.width * looks.foot.size) / 1000, 0)
        drawn.push(
            "/Artifact << /Type /Pagination /Subtype /Footer >> BDC",
            ...drawnLine({ x: sheet.left, runs }, footAt, looks.foot, false),
            ...drawnLine({ x: sheet.left + textWidth - width, runs: which }, footAt, looks.foot, false),
            "EMC",
        )
    }
}

const footAt = 34
/** Kept free for the number of the page. */
const footRight = 100

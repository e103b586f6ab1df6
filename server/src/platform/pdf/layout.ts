/** A paper set on sheets of A4: its words broken into lines, its tables into columns. */
import type { Block, Paper } from "../../models/report-document.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Atoms, atomsIn, seenIn } from "./runs.ts"
import { columnsOf } from "./columns.ts"
import { type Run, linesOf, runsOf } from "./lines.ts"
import {
    type Document,
    type Look,
    type Sheets,
    type Tag,
    drawArtifact,
    drawRule,
    drawUntagged,
    paper as sheet,
    sheetsOf,
    textWidth,
} from "./pages.ts"
import type { Face } from "./typeface.ts"

export interface PdfLimits {
    /** Of UTF-16, over all of it. */
    readonly charsMax: number
    readonly pagesMax: number
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
    /** The headings that the next one may belong to, outermost first. */
    readonly outline: { readonly level: number; readonly item: PDFKit.PDFOutline }[]
    readonly atoms: Readonly<Record<Look["font"], Atoms>>
    /** How far from the left the words begin, in points. */
    readonly inset: number
}

/** Sets the whole paper. Refuses `pdf.too_long`. */
export function setPaper(
    paper: Paper,
    document: Document,
    faces: Readonly<Record<Look["font"], Face>>,
    limits: PdfLimits,
): void {
    validateShort(paper, limits)
    const atoms = { regular: atomsIn(faces.regular), bold: atomsIn(faces.bold) }
    const sheets = sheetsOf(document, limits.pagesMax)
    const outline = [{ level: 0, item: document.outline }]
    const setting: Setting = { sheets, outline, atoms, inset: 0 }
    const tag = document.struct("Document", { title: seenIn(paper.name) })
    document.addStructure(tag)
    setHeading(setting, tag, "H1", paper.title)
    for (const block of paper.content) setBlock(setting, tag, block)
    tag.end()
    setFeet(setting, paper.name)
}

/** The library's types do not know the scope. */
const columnHead: Parameters<Document["struct"]>[1] & { scope: string } = { scope: "Column" }

/** Adds a tag inside another. */
function tagIn({ sheets: { document } }: Setting, parent: Tag, kind: string): Tag {
    const tag = document.struct(kind, kind === "TH" ? columnHead : {})
    parent.add(tag)
    return tag
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
    if (block.kind === "words") setText(setting, tagIn(setting, parent, "P"), block.text, "P")
    else if (block.kind === "table") setTable(setting, tagIn(setting, parent, "Table"), block)
    else {
        const tag = tagIn(setting, parent, block.kind === "article" ? "Art" : "Sect")
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
    const { sheets, outline } = setting
    if (!sheets.isFresh()) {
        if (sheets.left() < spaces[kind] + 2 * looks[kind].leading + followingMin) sheets.turn()
        else sheets.skip(spaces[kind])
    }
    while ((outline.at(-1)?.level ?? 0) >= levels[kind]) outline.pop()
    const place = { expanded: true, top: sheets.place().y - 4, left: sheet.width }
    const item = outline.at(-1)?.item.addItem(seenIn(title), place)
    if (item) outline.push({ level: levels[kind], item })
    setText(setting, tagIn(setting, parent, kind), title, kind)
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
        const bar = sheet.left + 2
        if (inset > 0) drawRule(sheets.document, [bar, y - spaces.P], [bar, y + height + 2], 2)
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
    if (heads.length > 0) setRow(setting, tagIn(setting, tag, "TR"), { cells: head, kind: "TH", columns, head: [] })
    for (const row of rows) {
        const cells = row.map((item, n) => linesIn(setting, item, looks.TD, widths[n] ?? 0))
        setRow(setting, tagIn(setting, tag, "TR"), { cells, kind: "TD", columns, head: repeated })
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
function setRow(setting: Setting, tag: Tag, { cells, kind, columns, head }: Row): void {
    const { sheets } = setting
    const look = looks[kind]
    const tags = cells.map(() => tagIn(setting, tag, kind))
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
    const y = sheets.place().y - 1
    if (weight > 0) drawRule(sheets.document, [sheet.left, y], [sheet.left + textWidth, y], weight)
}

function repeatHead(sheets: Sheets, head: Row["head"], { xs }: Columns): void {
    if (head.length === 0) return
    const { y } = sheets.place()
    drawArtifact(sheets.document, "Layout", () => {
        for (const [n, lines] of head.entries()) {
            for (const [line, runs] of lines.entries()) {
                const top = y + cellSpace.above + line * looks.TH.leading
                drawUntagged(sheets.document, { x: xs[n] ?? 0, runs }, top, looks.TH)
            }
        }
    })
    const { leading } = looks.TH
    endRow(sheets, Math.max(...head.map(({ length }) => length)) * leading, 0.5)
}

/** On each sheet, what it is of, and which it is of how many. */
function setFeet(setting: Setting, name: string): void {
    const { document } = setting.sheets
    const { count } = document.bufferedPageRange()
    const [runs = []] = linesIn(setting, name.replaceAll(/\s+/g, " "), looks.foot, textWidth - footRight)
    for (let n = 0; n < count; n++) {
        document.switchToPage(n)
        const [which = []] = linesIn(setting, `Page ${n + 1} of ${count}`, looks.foot, textWidth)
        const width = which.reduce((sum, run) => sum + (run.width * looks.foot.size) / 1000, 0)
        drawArtifact(document, "Pagination", () => {
            drawUntagged(document, { x: sheet.left, runs }, footTop, looks.foot)
            drawUntagged(document, { x: sheet.left + textWidth - width, runs: which }, footTop, looks.foot)
        })
    }
}

const footTop = sheet.height - 34 - looks.foot.size
/** Kept free for the number of the page. */
const footRight = 100

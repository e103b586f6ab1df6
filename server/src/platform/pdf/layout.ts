/** Lays out a report document on A4 pages: texts as lines, tables as columns. */
import type { Block, ReportDocument } from "../../models/report-document.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Atoms, makeAtoms, visibleText } from "./runs.ts"
import { columnsOf } from "./columns.ts"
import { type Run, linesOf, runsOf } from "./lines.ts"
import {
    type Document,
    type TextStyle,
    type Pages,
    type Tag,
    drawArtifact,
    drawRule,
    drawUntagged,
    pageSize as sheet,
    makePages,
    textWidth,
} from "./pages.ts"
import type { Typeface } from "./typeface.ts"

export interface PdfLimits {
    /** The limit for the whole document, in UTF-16 code units. */
    readonly charsMax: number
    readonly pagesMax: number
}

const textStyles = {
    ...{ H1: { font: "bold", size: 16, leading: 21 }, H2: { font: "bold", size: 12, leading: 16 } },
    ...{ H3: { font: "bold", size: 9.5, leading: 13 }, P: { font: "regular", size: 9, leading: 13 } },
    ...{ TD: { font: "regular", size: 7.8, leading: 10.8 }, TH: { font: "bold", size: 7.8, leading: 10.8 } },
    foot: { font: "regular", size: 7.5, leading: 10 },
} as const satisfies Readonly<Record<string, TextStyle>>

/** The space above each, in points. */
const spaces = { H1: 0, H2: 16, H3: 9, P: 4, table: 6 } as const

interface Layout {
    readonly pages: Pages
    /** The headings that may contain the next one, outermost first. */
    readonly outline: { readonly level: number; readonly item: PDFKit.PDFOutline }[]
    readonly atoms: Readonly<Record<TextStyle["font"], Atoms>>
    /** The distance of the text from the left, in points. */
    readonly inset: number
}

/** Lays out the whole document. Refuses `pdf.too_long`. */
export function layOutReport(
    report: ReportDocument,
    document: Document,
    faces: Readonly<Record<TextStyle["font"], Typeface>>,
    limits: PdfLimits,
): void {
    validateLength(report, limits)
    const atoms = { regular: makeAtoms(faces.regular), bold: makeAtoms(faces.bold) }
    const pages = makePages(document, limits.pagesMax)
    const outline = [{ level: 0, item: document.outline }]
    const layout: Layout = { pages, outline, atoms, inset: 0 }
    const tag = document.struct("Document", { title: visibleText(report.name) })
    document.addStructure(tag)
    layOutHeading(layout, tag, "H1", report.title)
    for (const block of report.content) layOutBlock(layout, tag, block)
    tag.end()
    layOutFooters(layout, report.name)
}

/** The library's types do not know the scope. */
const columnHeadAttributes: Parameters<Document["struct"]>[1] & { scope: string } = { scope: "Column" }

/** Adds a tag inside another. */
function tagIn({ pages: { document } }: Layout, parent: Tag, kind: string): Tag {
    const tag = document.struct(kind, kind === "TH" ? columnHeadAttributes : {})
    parent.add(tag)
    return tag
}

function validateLength({ name, title, content }: ReportDocument, { charsMax }: PdfLimits): void {
    const lengthOf = (block: Block): number => {
        if (block.kind === "text") return block.text.length
        const lengths =
            block.kind === "table"
                ? [block.headings, ...block.rows].flat().map(({ length }) => length)
                : [block.title.length, ...block.content.map(lengthOf)]
        return lengths.reduce((sum, value) => sum + value, 0)
    }
    if (name.length + title.length + content.reduce((sum, block) => sum + lengthOf(block), 0) <= charsMax) return
    refuse("conflict", "pdf.too_long", `this has more than \`${charsMax}\` characters`)
}

function layOutBlock(layout: Layout, parent: Tag, block: Block): void {
    if (block.kind === "text") layOutText(layout, tagIn(layout, parent, "P"), block.text, "P")
    else if (block.kind === "table") layOutTable(layout, tagIn(layout, parent, "Table"), block)
    else {
        const tag = tagIn(layout, parent, block.kind === "article" ? "Art" : "Sect")
        const inside = block.kind === "caution" ? { ...layout, inset: cautionInset } : layout
        layOutHeading(inside, tag, block.kind === "article" ? "H3" : "H2", block.title)
        for (const item of block.content) layOutBlock(inside, tag, item)
    }
}

/** The inset of a caution, which has a bar next to it. */
const cautionInset = 12

const levels = { H1: 1, H2: 2, H3: 3 } as const

/** The space that must remain below a heading, so that its content begins on the same page. */
const followingMin = 48

function layOutHeading(layout: Layout, parent: Tag, kind: keyof typeof levels, title: string): void {
    const { pages, outline } = layout
    if (!pages.isFresh()) {
        if (pages.pointsLeft() < spaces[kind] + 2 * textStyles[kind].leading + followingMin) pages.newPage()
        else pages.skip(spaces[kind])
    }
    while ((outline.at(-1)?.level ?? 0) >= levels[kind]) outline.pop()
    const place = { expanded: true, top: pages.position().y - 4, left: sheet.width }
    const item = outline.at(-1)?.item.addItem(visibleText(title), place)
    if (item) outline.push({ level: levels[kind], item })
    layOutText(layout, tagIn(layout, parent, kind), title, kind)
}

function linesIn(layout: Layout, text: string, style: TextStyle, points: number): Run[][] {
    const atoms = layout.atoms[style.font]
    return linesOf(text, atoms, (points * 1000) / style.size).map((line) => runsOf(line, atoms))
}

function layOutText(layout: Layout, tag: Tag, text: string, kind: "H1" | "H2" | "H3" | "P"): void {
    const { pages, inset } = layout
    const style = textStyles[kind]
    const lines = linesIn(layout, text, style, textWidth - inset)
    if (kind === "P" && !pages.isFresh()) pages.skip(spaces.P)
    while (lines.length > 0) {
        if (pages.pointsLeft() < style.leading) pages.newPage()
        const fitting = lines.splice(0, Math.max(1, Math.floor(pages.pointsLeft() / style.leading)))
        const x = sheet.left + inset
        pages.drawLines(
            tag,
            fitting.map((runs) => ({ x, runs })),
            style,
            0,
        )
        const { y } = pages.position()
        const height = fitting.length * style.leading
        const threshold = sheet.left + 2
        if (inset > 0) drawRule(pages.document, [threshold, y - spaces.P], [threshold, y + height + 2], 2)
        pages.skip(height)
    }
}

type Table = Extract<Block, { kind: "table" }>

interface Columns {
    readonly xs: readonly number[]
    readonly widths: readonly number[]
}

const cellSpace = { gap: 8, above: 3, below: 4 } as const

function layOutTable(layout: Layout, tag: Tag, { headings, rows }: Table): void {
    const { pages, atoms } = layout
    const space = { points: textWidth, gap: cellSpace.gap, size: textStyles.TD.size }
    const widths = columnsOf([headings, ...rows], atoms.regular, space)
    const xs = widths.map((_, n) => widths.slice(0, n).reduce((sum, value) => sum + value + cellSpace.gap, sheet.left))
    const columns = { xs, widths }
    const head = headings.map((head, n) => linesIn(layout, head, textStyles.TH, widths[n] ?? 0))
    const repeated = head.every(({ length }) => length <= headLinesMax) ? head : []
    const [first = []] = rows
    const firstCells = first.map((item, n) => linesIn(layout, item, textStyles.TD, widths[n] ?? 0))
    const beginning = heightOf(head, textStyles.TH) + heightOf(firstCells, textStyles.TD)
    pages.skip(spaces.table)
    // A head is never on a page without its first row.
    const mustTurn = beginning > pages.pointsLeft() && beginning <= pageHeight && !pages.isFresh()
    if (pages.pointsLeft() < followingMin || mustTurn) pages.newPage()
    if (headings.length > 0)
        layOutRow(layout, tagIn(layout, tag, "TR"), { cells: head, kind: "TH", columns, repeatedHead: [] })
    for (const row of rows) {
        const cells = row.map((item, n) => linesIn(layout, item, textStyles.TD, widths[n] ?? 0))
        layOutRow(layout, tagIn(layout, tag, "TR"), { cells, kind: "TD", columns, repeatedHead: repeated })
    }
}

/** A longer head is not repeated on later pages. */
const headLinesMax = 4

interface Row {
    /** The lines of each cell. */
    readonly cells: readonly (readonly Run[][])[]
    readonly kind: "TH" | "TD"
    readonly columns: Columns
    /** The head, which each page repeats. */
    readonly repeatedHead: readonly (readonly Run[][])[]
}

const pageHeight = sheet.height - sheet.above - sheet.below

/** Returns the height of a row, in points. */
function heightOf(cells: readonly (readonly Run[][])[], style: TextStyle): number {
    if (cells.length === 0) return 0
    return Math.max(1, ...cells.map(({ length }) => length)) * style.leading + cellSpace.above + cellSpace.below
}

/** Lays out a row: on one page where it fits below the head, else over several pages. */
function layOutRow(layout: Layout, tag: Tag, { cells, kind, columns, repeatedHead }: Row): void {
    const { pages } = layout
    const style = textStyles[kind]
    const tags = cells.map(() => tagIn(layout, tag, kind))
    const count = Math.max(1, ...cells.map(({ length }) => length))
    const room = () => Math.floor((pages.pointsLeft() - cellSpace.above - cellSpace.below) / style.leading)
    const newPage = () => {
        pages.newPage()
        repeatHead(pages, repeatedHead, columns)
    }
    const fits = heightOf(cells, style) + heightOf(repeatedHead, textStyles.TH) <= pageHeight
    if (room() < (fits ? count : Math.min(count, rowLinesMin))) newPage()
    for (let from = 0; from < count;) {
        if (room() < 1) newPage()
        const fitting = Math.min(count - from, room())
        for (const [n, lines] of cells.entries()) {
            const x = columns.xs[n] ?? 0
            const entries = lines.slice(from, from + fitting).map((runs) => ({ x, runs }))
            pages.drawLines(tags[n] ?? tag, entries, style, cellSpace.above)
        }
        from += fitting
        endRow(pages, fitting * style.leading, from < count ? 0 : 0.5)
    }
}

/** The minimum number of lines before a row longer than a page is split. */
const rowLinesMin = 12

function endRow(pages: Pages, height: number, weight: number): void {
    pages.skip(height + cellSpace.above + cellSpace.below)
    const y = pages.position().y - 1
    if (weight > 0) drawRule(pages.document, [sheet.left, y], [sheet.left + textWidth, y], weight)
}

function repeatHead(pages: Pages, head: Row["repeatedHead"], { xs }: Columns): void {
    if (head.length === 0) return
    const { y } = pages.position()
    drawArtifact(pages.document, "Layout", () => {
        for (const [n, lines] of head.entries()) {
            for (const [line, runs] of lines.entries()) {
                const top = y + cellSpace.above + line * textStyles.TH.leading
                drawUntagged(pages.document, { x: xs[n] ?? 0, runs }, top, textStyles.TH)
            }
        }
    })
    const { leading } = textStyles.TH
    endRow(pages, Math.max(...head.map(({ length }) => length)) * leading, 0.5)
}

/** Draws the footer of each page: the report's name and the page number. */
function layOutFooters(layout: Layout, name: string): void {
    const { document } = layout.pages
    const { count } = document.bufferedPageRange()
    const [runs = []] = linesIn(layout, name.replaceAll(/\s+/g, " "), textStyles.foot, textWidth - footRight)
    for (let n = 0; n < count; n++) {
        document.switchToPage(n)
        const [pageNumber = []] = linesIn(layout, `Page ${n + 1} of ${count}`, textStyles.foot, textWidth)
        const width = pageNumber.reduce((sum, run) => sum + (run.width * textStyles.foot.size) / 1000, 0)
        drawArtifact(document, "Pagination", () => {
            drawUntagged(document, { x: sheet.left, runs }, footTop, textStyles.foot)
            drawUntagged(document, { x: sheet.left + textWidth - width, runs: pageNumber }, footTop, textStyles.foot)
        })
    }
}

const footTop = sheet.height - 34 - textStyles.foot.size
/** The space for the page number. */
const footRight = 100

/** Fills A4 pages from the top: where the next line is drawn, and to which tag each part belongs. */
import type PDFDocument from "pdfkit"
import { refuse } from "@tocsin/base/refusal"
import type { Run } from "./lines.ts"

/** In points. */
export const pageSize = { width: 595.28, height: 841.89, left: 48, right: 48, above: 52, below: 60 } as const
export const textWidth = pageSize.width - pageSize.left - pageSize.right

export type Document = PDFKit.PDFDocument
export type Tag = PDFKit.PDFStructureElement

export interface TextStyle {
    readonly font: "regular" | "bold"
    /** In points. */
    readonly size: number
    readonly leading: number
}

/** A line that is drawn from `x`. */
export interface Line {
    readonly x: number
    readonly runs: readonly Run[]
}

export interface Pages {
    readonly document: Document
    /** Points above the lower edge of the page. */
    readonly pointsLeft: () => number
    readonly isFresh: () => boolean
    readonly skip: (points: number) => void
    readonly newPage: () => void
    /** Draws the lines of a tag below each other, at the next place. */
    readonly drawLines: (tag: Tag, lines: readonly Line[], style: TextStyle, from: number) => void
    readonly position: () => { readonly page: number; readonly y: number }
}

export function makePages(document: InstanceType<typeof PDFDocument>, pagesMax: number): Pages {
    const lower = pageSize.height - pageSize.below
    let page = 0
    let y: number = pageSize.above
    return {
        document,
        pointsLeft: () => lower - y,
        isFresh: () => y === pageSize.above,
        skip: (points) => {
            y += points
        },
        newPage: () => {
            if (page + 1 >= pagesMax) {
                refuse("conflict", "pdf.too_long", `this would have more than \`${pagesMax}\` pages`)
            }
            document.addPage()
            page++
            y = pageSize.above
        },
        drawLines: (tag, lines, style, from) => {
            const top = y + from + style.size
            if (lines.length > 0) drawTagged(document, tag, lines, { style, top })
        },
        position: () => ({ page, y }),
    }
}

/**
 * Draws the runs with their tags. Text that its glyphs do not give has a tag of its own with that text. A code point is
 * copied as the character that it shows.
 */
function drawTagged(
    document: Document,
    tag: Tag,
    lines: readonly Line[],
    { style, top }: { readonly style: TextStyle; readonly top: number },
): void {
    let isOpen = false
    const close = () => {
        if (isOpen) document.endMarkedContent()
        isOpen = false
    }
    const open = () => {
        if (!isOpen) tag.add(document.markStructureContent("Span"))
        isOpen = true
    }
    open()
    for (const [n, { x, runs }] of lines.entries()) {
        for (const run of runs) {
            const place = { x, y: top + n * style.leading }
            if (run.actualText === null) {
                open()
                drawRun(document, run, style, place)
                continue
            }
            close()
            const content = document.markStructureContent("Span", run.isCode ? { actual: run.actualText } : {})
            drawRun(document, run, style, place)
            document.endMarkedContent()
            tag.add(document.struct("Span", { actual: run.actualText }, [content]))
        }
    }
    close()
}

/** Text is black and a code point is grey, so that no text can imitate a code point. */
const colours = { text: "#000000", code: "#737373" }

function drawRun(
    document: Document,
    run: Run,
    style: TextStyle,
    { x, y }: { readonly x: number; readonly y: number },
): void {
    if (run.shown === "") return
    document
        .font(style.font)
        .fontSize(style.size)
        .fillColor(run.isCode ? colours.code : colours.text)
        .text(run.shown, x + (run.at * style.size) / 1000, y, {
            lineBreak: false,
            baseline: "alphabetic",
            // With features, the text is shaped as a whole and not word by word.
            ...(run.isRightToLeft && { features: [] }),
        })
}

/** Draws parts outside of the text: lines of a table, repeated headings, the footer of a page. */
export function drawArtifact(document: Document, type: "Layout" | "Pagination", draw: () => void): void {
    document.markContent("Artifact", { type })
    draw()
    document.endMarkedContent()
}

/** Draws a line outside the tagged text. */
export function drawUntagged(document: Document, { x, runs }: Line, y: number, style: TextStyle): void {
    for (const run of runs) drawRun(document, run, style, { x, y: y + style.size })
}

type Point = readonly [x: number, y: number]

/** Draws a rule, `weight` points thick. */
export function drawRule(document: Document, from: Point, to: Point, weight: number): void {
    drawArtifact(document, "Layout", () => {
        document
            .lineWidth(weight)
            .strokeColor("#999999")
            .moveTo(...from)
            .lineTo(...to)
            .stroke()
    })
}

/** Sheets of A4, filled from above: where the next line goes, what is drawn there, and what each piece of it is. */
import { refuse } from "@tocsin/base/refusal"
import type { Run } from "./lines.ts"
import { hexOf, numberOf, textOf } from "./objects.ts"
import type { Tag } from "./tags.ts"

/** In points, from below. */
export const paper = { width: 595.28, height: 841.89, left: 48, right: 48, above: 52, below: 60 } as const
export const textWidth = paper.width - paper.left - paper.right

export interface Look {
    readonly font: "regular" | "bold"
    /** In points. */
    readonly size: number
    readonly leading: number
}

/** A line that is to be drawn from `x` on. */
export interface Line {
    readonly x: number
    readonly runs: readonly Run[]
}

export interface Sheet {
    readonly drawn: string[]
    marks: number
}

export interface Sheets {
    readonly all: readonly Sheet[]
    /** Of how many points there are above its lower edge. */
    readonly left: () => number
    readonly isFresh: () => boolean
    readonly skip: (points: number) => void
    readonly turn: () => void
    /** Lines of a tag at the next place, one below the other; each is a list of what stands side by side. */
    readonly put: (tag: Tag, lines: readonly Line[], look: Look, from: number) => void
    /** Drawn, and no part of what is read. */
    readonly ornament: (drawn: string) => void
    readonly place: () => { readonly page: number; readonly y: number }
}

export function sheetsOf(pagesMax: number): Sheets {
    const first: Sheet = { drawn: [], marks: 0 }
    const sheets = [first]
    let sheet = first
    let y: number = paper.height - paper.above
    const top = y
    const piece = (tag: Tag, draw: () => void) => {
        const mark = sheet.marks++
        tag.kids.push({ page: sheets.length - 1, mark })
        sheet.drawn.push(`/${tag.kind} << /MCID ${mark} >> BDC`)
        draw()
        sheet.drawn.push("EMC")
    }
    return {
        all: sheets,
        left: () => y - paper.below,
        isFresh: () => y === top,
        skip: (points) => {
            y -= points
        },
        turn: () => {
            if (sheets.length >= pagesMax) {
                refuse("conflict", "pdf.too_long", `this would have more than \`${pagesMax}\` pages`)
            }
            sheet = { drawn: [], marks: 0 }
            sheets.push(sheet)
            y = top
        },
        put: (tag, lines, look, from) => {
            if (lines.length === 0) return
            piece(tag, () => {
                for (const [n, line] of lines.entries()) {
                    sheet.drawn.push(...drawnLine(line, y - from - n * look.leading - look.size, look))
                }
            })
        },
        ornament: (drawn) => void sheet.drawn.push("/Artifact BMC", drawn, "EMC"),
        place: () => ({ page: sheets.length - 1, y }),
    }
}

/** What is drawn of the font's signs is black, a code point grey: nobody types one that looks like it. */
const grey = "0.45 g"

export function drawnLine({ x, runs }: Line, y: number, look: Look, isRead = true): string[] {
    const font = `/${look.font === "bold" ? "B" : "R"} ${numberOf(look.size)} Tf`
    return runs.flatMap((run) => {
        if (run.signs.length === 0) return []
        const codes = run.signs.map(({ code }) => hexOf(String.fromCharCode(code))).join("")
        const at = x + (run.at * look.size) / 1000
        const text = `BT ${font} ${numberOf(at)} ${numberOf(y)} Td <${codes}> Tj ET`
        const drawn = run.isCode ? `q ${grey} ${text} Q` : text
        if (!isRead || run.instead === null) return [drawn]
        return [`/Span << /ActualText ${textOf(run.instead)} >> BDC`, drawn, "EMC"]
    })
}

/** A line of a drawing: `weight` points thick. */
export function ruled(
    from: readonly [x: number, y: number],
    to: readonly [x: number, y: number],
    weight: number,
): string {
    const [a, b, c, d] = [...from, ...to].map(numberOf)
    return `q 0.6 G ${weight} w ${a} ${b} m ${c} ${d} l S Q`
}

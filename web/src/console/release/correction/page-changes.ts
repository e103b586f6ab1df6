/** The changes of an advisory's page as short lines, and aligned rows of its tables. Pure. */
import type { AnswerTo } from "../../api.ts"
import { type Line, differenceIn } from "../../../kit/markdown/line-diff.ts"
import { t } from "../../../messages/message.ts"

export type Correction = NonNullable<NonNullable<AnswerTo<"/api/approvals/{id}/publication">["text"]>["correction"]>

/** The content of the page. What is drawn may also be a text of a test. */
export type PageParts = Omit<Correction["before"], "summary" | "guidance"> & {
    readonly summary: string | null
    readonly guidance: string | null
}

/** Lists what is new and what is gone, part by part. The dates and the history are left out. */
export function changesBetween(before: PageParts, after: PageParts): readonly Line[] {
    const [was, is] = [partsOf(before), partsOf(after)]
    const names = new Set([...is.keys(), ...was.keys()])
    const lines = [...names].flatMap((name) => differenceIn(was.get(name) ?? [], is.get(name) ?? []))
    return lines.filter(({ kind }) => kind !== "same")
}

/** The lines of the page by part. */
function partsOf({ title, summary, guidance, tables, acknowledgement }: PageParts): ReadonlyMap<string, string[]> {
    return new Map([
        ["title", [t("Title: {title}", { title })]],
        ["summary", textLines(summary)],
        ["guidance", textLines(guidance)],
        ...tables.map(({ name, rows }): [string, string[]] => [
            `table:${name}`,
            rows.map((cells) => cells.filter((cell) => cell !== "").join(" · ")),
        ]),
        ["acknowledgement", acknowledgement === null ? [] : [acknowledgement]],
    ])
}

/** The lines of a Markdown text without their notation for blocks. */
function textLines(text: string | null): string[] {
    const lines = (text ?? "").split("\n").map((line) => line.replace(/^\s*(?:#{1,6}|[-*+]|\d+[.)]|>)\s+/, "").trim())
    return lines.filter((line) => line !== "")
}

/** A row of a table: in both texts, changed, or in one of them. */
export interface RowPair {
    readonly before: readonly string[] | null
    readonly after: readonly string[] | null
}

/** Aligns the rows of two tables. Rows that changed stand in pairs. */
export function rowPairs(was: readonly (readonly string[])[], is: readonly (readonly string[])[]): readonly RowPair[] {
    const pairs: RowPair[] = []
    let [i, j] = [0, 0]
    let gone: (readonly string[])[] = []
    const flush = () => {
        for (const row of gone) pairs.push({ before: row, after: null })
        gone = []
    }
    for (const { kind } of differenceIn(was.map(keyOf), is.map(keyOf))) {
        if (kind === "gone") {
            gone.push(was[i++] ?? [])
            continue
        }
        const row = is[j++] ?? []
        if (kind === "new") {
            pairs.push({ before: gone.shift() ?? null, after: row })
            continue
        }
        flush()
        i++
        pairs.push({ before: row, after: row })
    }
    flush()
    return pairs
}

const keyOf = (cells: readonly string[]): string => JSON.stringify(cells)

/**
 * A paper: what is handed to a reader, before it is a page or a PDF. Both are made of it and say the same, for
 * neither has words of its own.
 */
export interface ReportDocument {
    /** The title of the file, which windows and lists of files show. */
    readonly name: string
    readonly title: string
    readonly content: readonly Block[]
}

/** A part of a report document. */
export type Block =
    | { readonly kind: "words"; readonly text: string }
    | Table
    /** A section contains articles. A caution contains what readers must read first. */
    | {
          readonly kind: "section" | "article" | "caution"
          readonly title: string
          readonly content: readonly Block[]
      }

interface Table {
    readonly kind: "table"
    /** Empty where the first column says what each row is. */
    readonly headings: readonly string[]
    readonly rows: readonly (readonly string[])[]
}

/** Its lines break where the text does. */
export const textBlock = (text: string): Block => ({ kind: "words", text })

/** Returns a table; where it has no rows, the word `none`. */
export const tableOf = (headings: Table["headings"], rows: Table["rows"]): Block =>
    rows.length === 0 ? textBlock("none") : { kind: "table", headings, rows }

/** Returns a section with a title. */
export const section = (title: string, ...content: readonly Block[]): Block => ({ kind: "section", title, content })

/** Returns an article, for use in a section. */
export const article = (title: string, ...content: readonly Block[]): Block => ({ kind: "article", title, content })

/** The content of a report, from which the page and the PDF are rendered. Both have the same text. */
export interface ReportDocument {
    /** The title of the file, shown by windows and lists of files. */
    readonly name: string
    readonly title: string
    readonly content: readonly Block[]
}

/** A part of a report document. */
export type Block =
    | { readonly kind: "text"; readonly text: string }
    | Table
    /** A section contains articles. A caution contains what readers must read first. */
    | {
          readonly kind: "section" | "article" | "caution"
          readonly title: string
          readonly content: readonly Block[]
      }

interface Table {
    readonly kind: "table"
    /** Empty where the first column describes each row. */
    readonly headings: readonly string[]
    readonly rows: readonly (readonly string[])[]
}

/** Returns a text block. Its lines break where the text does. */
export const textBlock = (text: string): Block => ({ kind: "text", text })

/** Returns a table; where it has no rows, the word `none`. */
export const tableOf = (headings: Table["headings"], rows: Table["rows"]): Block =>
    rows.length === 0 ? textBlock("none") : { kind: "table", headings, rows }

/** Returns a section with a title. */
export const section = (title: string, ...content: readonly Block[]): Block => ({ kind: "section", title, content })

/** Returns an article, for use in a section. */
export const article = (title: string, ...content: readonly Block[]): Block => ({ kind: "article", title, content })

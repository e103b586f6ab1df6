/** Markdown for the generated pages of the reference. */

/** A table; cells are escaped, so that a value never ends its cell or becomes HTML. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |\n`
    return `${line(head)}|${"---|".repeat(head.length)}\n${rows.map(line).join("")}`
}

function cell(text: string): string {
    return text
        .replaceAll("|", "\\|")
        .replaceAll("\n", " ")
        .split(/(`[^`]*`)/)
        .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "&lt;")))
        .join("")
}

export const generatedNote = "<!-- Written by `npm run fix`. -->\n"

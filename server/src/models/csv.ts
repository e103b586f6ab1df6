/**
 * Writes CSV (RFC 4180) that is safe to open: no cell begins like a formula of a spreadsheet, whichever separator the
 * reader uses.
 */

/** Half width and full width: programs accept both at the beginning of a formula. */
const starts = "=+\\-@＝＋－＠"
const formulaStart = new RegExp(`(?<=^|[;|\\t\\r\\n])(?=[^\\S\\t\\r\\n]*[${starts}]|[\\t\\r])`, "g")

/** Puts an apostrophe before a text that could be a formula. Programs show the text without it. */
export function escapeFormula(cell: string): string {
    return cell.replace(formulaStart, "'")
}

/** Writes CSV. Lines end with CR LF. Quotes cells with a comma, a quote, a semicolon or a line break. */
export function csvOf(rows: readonly (readonly string[])[]): string {
    return rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("")
}

function cellOf(cell: string): string {
    const text = escapeFormula(cell.toWellFormed().replaceAll("\0", "\ufffd"))
    return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

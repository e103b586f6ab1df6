/**
 * CSV by RFC 4180, safe to open: no cell begins with what a spreadsheet takes for a formula, not even where another
 * separator than the comma parts the cells.
 */

/** In half and in full width: programs take either for the begin of a formula. */
const starts = "=+\\-@＝＋－＠"
const begins = new RegExp(`(?<=^|[;|\\t\\r\\n])(?=[^\\S\\t\\r\\n]*[${starts}]|[\\t\\r])`, "g")

/** An apostrophe stands before whatever could be taken for a formula: programs show the text behind it. */
export function harmless(cell: string): string {
    return cell.replace(begins, "'")
}

/** Lines end with CR LF. A cell that has a comma, a quote, a semicolon or a line break in it is quoted. */
export function csvOf(rows: readonly (readonly string[])[]): string {
    return rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("")
}

function cellOf(cell: string): string {
    const text = harmless(cell.toWellFormed().replaceAll("\0", "\ufffd"))
    return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

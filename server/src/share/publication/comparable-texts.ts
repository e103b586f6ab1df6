/**
 * The text of a public document as people copy it: the raw body, and the visible text of a page or the strings of a
 * record.
 */

/** Returns the comparable texts of a document: the body, and where useful a version without parts for tools. */
export function comparableTextsOf(type: string, body: string): string[] {
    if (type.includes("html")) return [body, visibleText(body)]
    return type.includes("json") ? [body, stringsIn(JSON.parse(body)).join("\n")] : [body]
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' }

function visibleText(page: string): string {
    return page
        .replace(/<(style|script)\b[^]*?<\/\1>/g, " ")
        .replace(/<[^>]*>/g, " ")
        .replace(
            /&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|(\w{1,8}));/gi,
            (whole, decimal?: string, hex?: string, name = "") => {
                const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal)
                return Number.isNaN(code)
                    ? (entities[String(name)] ?? whole)
                    : String.fromCodePoint(Math.min(code, 0x10ffff))
            },
        )
}

function stringsIn(json: unknown): string[] {
    if (typeof json === "string") return [json]
    if (typeof json !== "object" || json === null) return []
    return Object.values(json).flatMap(stringsIn)
}

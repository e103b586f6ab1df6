/** Reads Tocsin's PDFs with pdf.js: the tagged text, the outline, and what each page draws. */
import { inflateSync } from "node:zlib"
import { OPS, getDocument } from "pdfjs-dist/legacy/build/pdf.mjs"

export interface Heading {
    readonly depth: number
    readonly title: string
    readonly page: number
}

export interface PdfContent {
    readonly title: string
    /** The fields of the document information that the file itself holds. */
    readonly info: Readonly<Record<string, unknown>>
    readonly language: string | null
    /** The tagged content in tree order: kind and text. */
    readonly texts: readonly (readonly [kind: string, text: string])[]
    readonly pages: readonly { readonly foot: string; readonly lines: readonly string[] }[]
    readonly outline: readonly Heading[]
    /** Every object without its stream, as text. */
    readonly objects: string
    readonly fonts: readonly Buffer[]
}

type PdfValue = ReturnType<typeof JSON.parse>

interface DrawnText {
    /** Text by mark. */
    readonly marked: ReadonlyMap<number, string>
    readonly untagged: readonly string[]
    readonly lines: readonly string[]
}

/** Returns the text that a page draws, by marked content, and its lines by their place. */
async function readDrawnText(page: PdfValue): Promise<DrawnText> {
    const { fnArray, argsArray }: { fnArray: number[]; argsArray: PdfValue[] } = await page.getOperatorList()
    const marked = new Map<number, string>()
    const untagged: string[] = []
    const lines = new Map<number, string>()
    const marks: (number | null)[] = []
    let y = 0
    for (const [n, operation] of fnArray.entries()) {
        const args = argsArray[n]
        if (operation === OPS.beginMarkedContentProps) {
            marks.push(args[1])
            if (args[1] !== null) marked.set(args[1], "")
        } else if (operation === OPS.endMarkedContent) marks.pop()
        else if (operation === OPS.setTextMatrix) y = Math.round(args[0][5] ?? args[5])
        else if (operation === OPS.showText || operation === OPS.showSpacedText) {
            const text = args[0].map((glyph: PdfValue) => glyph.unicode ?? "").join("")
            const mark = marks.at(-1) ?? null
            if (mark === null) untagged.push(text)
            else marked.set(mark, (marked.get(mark) ?? "") + text)
            if (mark !== null) lines.set(y, (lines.get(y) ?? "") + text)
        }
    }
    if (marks.length > 0) throw new Error("marked content that does not end")
    return { marked, untagged, lines: [...lines.values()] }
}

/** Lists the tags of a page that hold text, in tree order: kind, text and the first mark. */
function tagsIn(node: PdfValue, textOf: (mark: number) => string): { kind: string; text: string; mark: number }[] {
    const children: PdfValue[] = node.children ?? []
    if (!/^(?:H\d|P|TH|TD)$/.test(node.role)) return children.flatMap((child) => tagsIn(child, textOf))
    const marks: number[] = []
    const read = (item: PdfValue): string => {
        const mark = Number(/_mc(\d+)$/.exec(item.id)?.[1])
        if (item.type === "content") marks.push(mark)
        if (item.type === "content") return textOf(mark)
        const text = item.children.map(read).join("")
        return item.alt ?? text
    }
    const text = children.map(read).join("")
    return marks.length === 0 ? [] : [{ kind: node.role, text, mark: marks[0] ?? 0 }]
}

/**
 * Returns the number of the tag that owns each mark of each page: pdf.js does not show that a tag continues on the next
 * page.
 */
function ownersIn(file: string): string[][] {
    const [, numbers = ""] = /\/Nums \[([^]*?)\]\s*>>/.exec(file) ?? []
    return [...numbers.matchAll(/\d+ \[([^\]]*)\]/g)].map(([, owners = ""]) => owners.match(/\d+(?= 0 R)/g) ?? [])
}

export async function readPdf(bytes: Buffer): Promise<PdfContent> {
    const file = bytes.toString("latin1")
    const loading = getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, verbosity: 0 })
    const pdf: PdfValue = await loading.promise
    const { info } = await pdf.getMetadata()
    const parents = parentsIn(file)
    const owners = ownersIn(file)
    const texts = new Map<string, [kind: string, text: string]>()
    const pages: { foot: string; lines: readonly string[] }[] = []
    for (let n = 0; n < pdf.numPages; n++) {
        const page = await pdf.getPage(n + 1)
        const { marked, untagged, lines } = await readDrawnText(page)
        for (const { kind, text, mark } of tagsIn(await page.getStructTree(), (mark) => marked.get(mark) ?? "\0")) {
            const owner = ownerOf(owners[n]?.[mark] ?? "", parents)
            const known = texts.get(owner)
            if (known) known[1] += text
            else texts.set(owner, [kind, text])
        }
        pages.push({ foot: untagged.slice(-2).join(" "), lines })
    }
    const outline = await readOutline(pdf, (await pdf.getOutline()) ?? [], 1)
    const streams = /stream\r?\n[^]*?endstream/g
    await loading.destroy()
    return {
        title: info.Title,
        info: Object.fromEntries(
            Object.entries(info).filter(([name]) => /^(?:Title|Author|Creator|Producer|.*Date)$/.test(name)),
        ),
        language: info.Language ?? null,
        texts: [...texts.values()],
        pages,
        outline,
        objects: file.replaceAll(streams, ""),
        fonts: fontsIn(bytes, file),
    }
}

/** Returns the parent of each tag. */
function parentsIn(file: string): ReadonlyMap<string, { kind: string; parent: string }> {
    const tags = file.matchAll(/(\d+) 0 obj\n<<\n\/S \/(\w+)\n[^]*?\/P (\d+) 0 R\n[^]*?endobj/g)
    return new Map([...tags].map(([, id = "", kind = "", parent = ""]) => [id, { kind, parent }]))
}

/** A span belongs to the tag around it. */
function ownerOf(tag: string, parents: ReadonlyMap<string, { kind: string; parent: string }>): string {
    const found = parents.get(tag)
    return found?.kind === "Span" ? ownerOf(found.parent, parents) : tag
}

async function readOutline(pdf: PdfValue, items: readonly PdfValue[], depth: number): Promise<Heading[]> {
    const headings: Heading[] = []
    for (const { title, dest, items: inside } of items) {
        const page = await pdf.getPageIndex(dest[0])
        headings.push({ depth, title, page }, ...(await readOutline(pdf, inside, depth + 1)))
    }
    return headings
}

function fontsIn(bytes: Buffer, file: string): Buffer[] {
    return [...file.matchAll(/\/FontFile2 (\d+) 0 R/g)].map(([, id]) => {
        const at = file.indexOf(`\n${id} 0 obj`)
        const from = file.indexOf("stream\n", at) + "stream\n".length
        const length = Number(/\/Length (\d+)/.exec(file.slice(at, from))?.[1])
        return inflateSync(bytes.subarray(from, from + length))
    })
}

const invisible = /[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu

/** Normalises text as PDF readers show it: drops invisible code points, and turns line breaks into spaces. */
export function normaliseAsRead(text: string): string {
    return text
        .toWellFormed()
        .replaceAll(/\r\n?|\n|\t/g, " ")
        .normalize("NFC")
        .replaceAll(
            invisible,
            (sign) => `[U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
        )
}

/**
 * A paper as a PDF (ISO 32000-1, version 1.7): A4, with its font in it, text that can be searched, copied and read by ear, and an outline.
 * It holds what the paper says and its date, and nothing of who made it, on what, or with what; the same paper makes the same bytes.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Paper } from "../../models/report-document.ts"
import { seenIn } from "./runs.ts"
import { faceOf } from "./typeface.ts"
import type { Font } from "./font.ts"
import { type Objects, type Ref, numberOf, pdfObjects, textOf } from "./objects.ts"
import { type Heading, type PdfLimits, setPaper } from "./layout.ts"
import { paper as sheet } from "./pages.ts"
import { addTags } from "./tags.ts"

export const pdfLimits: PdfLimits = { charsMax: 4_000_000, pagesMax: 2000 }

export interface PdfMaking {
    readonly fonts: { readonly regular: Font; readonly bold: Font }
    /** As zlib does it. */
    readonly deflate: (bytes: Uint8Array) => Uint8Array
    readonly limits: PdfLimits
}

/** Refuses `pdf.too_long`. */
export function writePdf(paper: Paper, madeAt: Instant, { fonts, deflate, limits }: PdfMaking): Uint8Array {
    const faces = { regular: faceOf(fonts.regular, "DejaVuSans"), bold: faceOf(fonts.bold, "DejaVuSans-Bold") }
    const { sheets, headings, tag } = setPaper(paper, faces, limits)
    const objects = pdfObjects(deflate)
    const name = seenIn(paper.name)
    const tree = objects.reserve()
    const resources = objects.add(
        `<< /Font << /R ${faces.regular.addTo(objects)} /B ${faces.bold.addTo(objects)} >> >>`,
    )
    const pages = sheets.all.map(({ drawn }, n) => {
        const contents = objects.addStream("", new TextEncoder().encode(`${drawn.join("\n")}\n`))
        return objects.add(
            `<< /Type /Page /Parent ${tree} /MediaBox [0 0 ${sheet.width} ${sheet.height}] /Resources ${resources} ` +
                `/Contents ${contents} /StructParents ${n} /Tabs /S >>`,
        )
    })
    objects.add(`<< /Type /Pages /Kids [${pages.join(" ")}] /Count ${pages.length} >>`, tree)
    const root = objects.add(
        `<< /Type /Catalog /Pages ${tree} /Lang (en) /MarkInfo << /Marked true >> /PageMode /UseOutlines ` +
            `/ViewerPreferences << /DisplayDocTitle true >> /StructTreeRoot ${addTags(objects, tag, name, pages)} ` +
            `/Outlines ${addOutline(objects, headings, pages)} >>`,
    )
    const date = formatInstant(madeAt)
        .replaceAll(/[^\dZ.]|\.\d+/g, "")
        .replace("Z", "+00'00'")
    const info = objects.add(`<< /Title ${textOf(name)} /CreationDate (D:${date}) >>`)
    return objects.file(root, info)
}

interface Entry {
    readonly heading: Heading
    readonly inside: Entry[]
}

/** Each heading, under the last one of a higher level. */
function addOutline(objects: Objects, headings: readonly Heading[], pages: readonly Ref[]): Ref {
    const top: Entry[] = []
    const path: Entry[] = []
    for (const heading of headings) {
        while ((path.at(-1)?.heading.level ?? 0) >= heading.level) path.pop()
        const entry = { heading, inside: [] }
        ;(path.at(-1)?.inside ?? top).push(entry)
        path.push(entry)
    }
    const root = objects.reserve()
    const add = (entries: readonly Entry[], parent: Ref): string => {
        const refs = entries.map(() => objects.reserve())
        for (const [n, { heading, inside }] of entries.entries()) {
            const [value = parent, before, after] = [refs[n], refs[n - 1], refs[n + 1]]
            const place = `/Dest [${pages[heading.page]} /XYZ 0 ${numberOf(heading.y + 4)} null]`
            const beside = `${before ? `/Prev ${before} ` : ""}${after ? `/Next ${after} ` : ""}`
            const title = textOf(seenIn(heading.title))
            objects.add(`<< /Title ${title} /Parent ${parent} ${beside}${place} ${add(inside, value)}>>`, value)
        }
        return refs.length === 0 ? "" : `/First ${refs[0]} /Last ${refs.at(-1)} /Count ${countOf(entries)} `
    }
    return objects.add(`<< /Type /Outlines ${add(top, root)}>>`, root)
}

/** All that is shown when it is opened. */
const countOf = (entries: readonly Entry[]): number => entries.reduce((sum, { inside }) => sum + 1 + countOf(inside), 0)

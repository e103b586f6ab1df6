/**
 * What each thing on the pages is, for whoever reads a PDF by ear or turns it back into text (ISO 32000-1, 14.8): a tree of
 * headings, paragraphs and tables, whose leaves are pieces of pages.
 */
import { type Objects, type Ref, textOf } from "./objects.ts"

export interface Tag {
    readonly kind: "Document" | "Sect" | "Art" | "H1" | "H2" | "H3" | "P" | "Table" | "TR" | "TH" | "TD"
    readonly kids: (Tag | Piece)[]
}

/** Marked content: the `mark`th of a page, counted from 0. */
export interface Piece {
    readonly page: number
    readonly mark: number
}

export function tagIn(parent: Tag, kind: Tag["kind"]): Tag {
    const tag: Tag = { kind, kids: [] }
    parent.kids.push(tag)
    return tag
}

/** `pages` are what the pages are named by. */
export function addTags(objects: Objects, whole: Tag, title: string, pages: readonly Ref[]): Ref {
    const root = objects.reserve()
    const owners: string[][] = pages.map(() => [])
    const add = (tag: Tag, parent: Ref): Ref => {
        const reserve = objects.reserve()
        const first = tag.kids.find((kid) => "mark" in kid)?.page
        const kids = tag.kids.map((kid) => {
            if (!("mark" in kid)) return add(kid, reserve)
            const on = owners[kid.page]
            if (on) on[kid.mark] = reserve
            if (kid.page === first) return String(kid.mark)
            return `<< /Type /MCR /Pg ${pages[kid.page]} /MCID ${kid.mark} >>`
        })
        const page = first === undefined ? "" : `/Pg ${pages[first]} `
        const more = tag.kind === "TH" ? "/A << /O /Table /Scope /Column >> " : ""
        const named = tag.kind === "Document" ? `/T ${textOf(title)} ` : ""
        const text = `<< /Type /StructElem /S /${tag.kind} /P ${parent} ${page}${more}${named}/K [${kids.join(" ")}] >>`
        return objects.add(text, reserve)
    }
    const document = add(whole, root)
    const numbers = owners.map((marks, n) => `${n} [${marks.join(" ")}]`).join(" ")
    const parents = objects.add(`<< /Nums [${numbers}] >>`)
    return objects.add(
        `<< /Type /StructTreeRoot /K ${document} /ParentTree ${parents} /ParentTreeNextKey ${pages.length} >>`,
        root,
    )
}

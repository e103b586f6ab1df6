/** Of what the page of a report is made. */
import { type Markup, element } from "../../lib/markup.ts"
import { whose } from "../../lib/recipient.ts"

export type NameOf = (id: string) => string

export function named(recipient: string, name: NameOf): string {
    const { partner, person } = whose(recipient)
    return name(person ?? partner ?? "")
}

export function section(title: string, ...content: readonly Markup[]): Markup {
    return element("section", {}, element("h2", {}, title), ...content)
}

export const paragraph = (words: string): Markup => element("p", { class: "words" }, words)

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): Markup {
    if (rows.length === 0) return paragraph("none")
    const cells = (row: readonly string[]) =>
        element("tr", {}, ...row.map((one) => element("td", { class: "words" }, one)))
    const head = element("thead", {}, element("tr", {}, ...heads.map((one) => element("th", { scope: "col" }, one))))
    const isTitled = heads.some((one) => one !== "")
    return element("table", {}, ...(isTitled ? [head] : []), element("tbody", {}, ...rows.map(cells)))
}

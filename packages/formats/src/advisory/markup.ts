/**
 * Builds elements of HTML and XML as text. Texts of a case become text or attribute values, and are escaped here. So
 * no text becomes markup.
 */

export interface Markup {
    readonly markup: string
}

type Attributes = Readonly<Record<string, string>>

/** Children that are plain texts are escaped. */
export function element(name: string, attributes: Attributes, ...children: readonly (Markup | string)[]): Markup {
    const inside = children.map((child) => (typeof child === "string" ? escape(child) : child.markup)).join("")
    return { markup: `<${name}${attributeText(attributes)}>${inside}</${name}>` }
}

/** One that HTML does not close. */
export function voidElement(name: string, attributes: Attributes): Markup {
    return { markup: `<${name}${attributeText(attributes)}>` }
}

function attributeText(attributes: Attributes): string {
    return Object.entries(attributes)
        .map(([name, value]) => ` ${name}="${escape(value)}"`)
        .join("")
}

const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
}

/** What neither HTML nor XML can hold becomes U+FFFD. */
function escape(text: string): string {
    return text
        .toWellFormed()
        .replaceAll(/[\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{7f}-\u{9f}\u{fffe}\u{ffff}]/gu, "\u{fffd}")
        .replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? "")
}

/**
 * Reads labels of the Traffic Light Protocol 2.0 (FIRST), which say with whom to share, and of the Permissible Actions
 * Protocol (MISP), which say how to act.
 *
 * A label counts if it is alone, as the standard asks of documents (at the head and foot) and of structured data. A
 * label inside a sentence marks nothing.
 */
import { type Issue, type Place, error, placesOf, quote, warning } from "@tocsin/base/issue"

/** The TLP labels, from the widest to the narrowest. */
export const tlpLabels = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"] as const

/** A label of the Traffic Light Protocol 2.0, without the prefix `TLP:`. */
export type Tlp = (typeof tlpLabels)[number]

/** The PAP labels, from the least to the most restrictive. `WHITE` is read as `CLEAR`. */
export const papLabels = ["CLEAR", "GREEN", "AMBER", "RED"] as const

/** A label of the Permissible Actions Protocol, without the prefix `PAP:`. */
export type Pap = (typeof papLabels)[number]

/** The labels of an artifact. */
export interface Labels {
    readonly tlp: Tlp
    readonly pap: Pap
}

/** Reads `TLP:AMBER+STRICT` in any case; null if it is not a label of TLP 2.0. `TLP:WHITE` is not one. */
export function parseTlp(text: string): Tlp | null {
    const word = /^tlp:(\S+)$/i.exec(text)?.[1]?.toUpperCase().replace("AMBER-STRICT", "AMBER+STRICT")
    return tlpLabels.find((tlpLabel) => tlpLabel === word) ?? null
}

/** Reads a PAP label; null if it is not one. */
export function parsePap(text: string): Pap | null {
    const word = /^pap:(\S+)$/i.exec(text)?.[1]?.toUpperCase().replace("WHITE", "CLEAR")
    return papLabels.find((papLabel) => papLabel === word) ?? null
}

/** Compares two labels; below 0 if the first permits wider sharing. */
export function compareTlp(item: Tlp, other: Tlp): number {
    return tlpLabels.indexOf(item) - tlpLabels.indexOf(other)
}

/**
 * Finds a contradiction between the labels; null if both can be followed, otherwise one lower-case line. Unlimited use
 * means public use, which labels from AMBER on forbid. Content for individual people (RED) cannot be acted on where
 * others see it.
 */
export function contradiction({ tlp, pap }: Labels): string | null {
    if (pap === "CLEAR" && compareTlp(tlp, "AMBER") >= 0) {
        return `\`PAP:CLEAR\` allows use in public, and \`TLP:${tlp}\` does not`
    }
    if (pap === "GREEN" && tlp === "RED") return "`PAP:GREEN` allows acting in sight of others, and `TLP:RED` does not"
    return null
}

/** A label in a text, with its place. */
export interface WrittenLabel {
    readonly place: Place
    /** The label as written: `TLP:AMBER`. */
    readonly text: string
}

const label = /\b(?:TLP|PAP)[ \t]{0,2}:[ \t]{0,2}[A-Za-z][A-Za-z+-]{0,20}/gi
/** What may surround a label on a line of its own: comment signs, emphasis, brackets, a key, quotes and blanks. */
const labelSurroundings = /^[\s#>*_`"'/([{<!;,:=|\-–—)\]}]*$/
const linesMax = 20_000

/** A label as a tag of a Sigma rule. */
const tag = /^\s*-\s*["']?(tlp|pap)\.([a-z][a-z+-]{0,20})/

/** Lists labels on lines of their own, in a text of any kind. */
export function labelsIn(text: string): WrittenLabel[] {
    const at = placesOf(text)
    const labels: WrittenLabel[] = []
    let from = 0
    for (const line of text.split("\n").slice(0, linesMax)) {
        const tagged = tag.exec(line)
        if (tagged !== null) {
            const text = `${tagged[1]}:${tagged[2]}`.toUpperCase().replace("AMBER-STRICT", "AMBER+STRICT")
            labels.push({ place: at(from + line.indexOf("-") + 2), text })
        }
        const found = [...line.matchAll(label)]
        const rest = line.replaceAll(label, "").replace(/(?:^|\s)(?:label|marking|tlp|pap|classification)\s*[:=]/gi, "")
        if (found.length > 0 && labelSurroundings.test(rest)) {
            for (const item of found)
                labels.push({ place: at(from + item.index), text: item[0].replaceAll(/[ \t]/g, "") })
        }
        from += line.length + 1
    }
    return labels
}

/**
 * Checks labels in a text against the artifact's. Codes: `tlp.unknown_label`, `tlp.several_labels`,
 * `tlp.label_mismatch`, and the same with `pap.`.
 */
export function labelIssues(written: readonly WrittenLabel[], labels: Labels): Issue[] {
    return [
        ...checkProtocol(written, "tlp", parseTlp, labels.tlp),
        ...checkProtocol(written, "pap", parsePap, labels.pap),
    ]
}

function checkProtocol(
    writtenLabels: readonly WrittenLabel[],
    kind: "tlp" | "pap",
    parse: (text: string) => string | null,
    expected: string,
): Issue[] {
    const [protocol, issues] = [kind.toUpperCase(), new Array<Issue>()]
    let first: string | null = null
    for (const { place, text } of writtenLabels.filter((writtenLabel) =>
        writtenLabel.text.toLowerCase().startsWith(kind),
    )) {
        const read = parse(text)
        if (read === null) {
            issues.push(error(place, `${kind}.unknown_label`, `${quote(text)} is no label of ${protocol}`))
            continue
        }
        const written = `${protocol}:${read}`
        if (first !== null && read !== first) {
            const message = `a document has one label, and this one has \`${protocol}:${first}\` and \`${written}\``
            issues.push(error(place, `${kind}.several_labels`, message))
        }
        first ??= read
        if (read !== expected) {
            const message = `the text says \`${written}\`, and the artifact is \`${protocol}:${expected}\``
            issues.push(error(place, `${kind}.label_mismatch`, message))
        } else if (text !== written) issues.push(warning(place, `${kind}.form`, `a label is written \`${written}\``))
    }
    return issues
}

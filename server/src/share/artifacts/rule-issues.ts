/**
 * Finds the issues of an artifact's text alone: labels against its markings, scores against vectors, and its grammar.
 *
 * Drafts may have issues; a version with an error cannot be released.
 */
import { leftNotation } from "@tocsin/marks/carriers/notation"
import { resolveSlots } from "@tocsin/marks/carriers/resolved-text"
import { parseCvss, scoreFault } from "@tocsin/formats/advisory/cvss"
import { type Finding, error, placesOf, quoted, start, warning } from "@tocsin/base/issue"
import { jsonPlaces } from "@tocsin/formats/json-positions"
import { Refusal } from "@tocsin/base/refusal"
import { type SigmaRule, readSigma } from "@tocsin/rules/sigma"
import { readSnort } from "@tocsin/rules/snort"
import { readSuricata } from "@tocsin/rules/suricata"
import { type Embedded, readStix, stixLabelFindings } from "@tocsin/formats/stix/validate"
import { parseStrictJson } from "@tocsin/base/strict-json"
import { type Pap, type Tlp, labelFindings, labelsIn } from "@tocsin/formats/stix/tlp"
import type { ArtifactClass } from "./artifact.ts"
import { type Format, formatOf } from "./format.ts"

/** An artifact as an author writes it, before it is checked. */
export interface Draft {
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name: string
    readonly content: string
}

/** What the check of a draft found. */
export interface Judged {
    readonly format: Format
    readonly findings: readonly Finding[]
    /** The Sigma rules that can run. */
    readonly rules: readonly SigmaRule[]
    /** YARA rules for the engine: the text itself, or the rules embedded in it. */
    readonly yara: readonly Embedded[]
}

/** Judges a draft. Grammar and scores are checked in the unmarked text, labels in all forms that the author wrote. */
export function judge(draft: Draft): Judged {
    const content = resolveSlots(draft.name, draft.content)
    const format = formatOf({ ...draft, content })
    const shared = [
        ...labelFindings(labelsIn(draft.content), draft),
        ...vectorFindings(content),
        ...bracesLeft(draft.name, content),
    ]
    const judged = { format, rules: [], yara: [] }
    if (format === "sigma") {
        const { rules, findings } = readSigma(content)
        return { ...judged, findings: [...shared, ...findings], rules }
    }
    if (format === "suricata") return { ...judged, findings: [...shared, ...readSuricata(content).findings] }
    if (format === "snort") return { ...judged, findings: [...shared, ...readSnort(content).findings] }
    if (format === "yara") return { ...judged, findings: shared, yara: [{ place: start, text: content }] }
    if (format === "stix") {
        const read = readStix(content)
        const findings = [...shared, ...read.findings, ...stixLabelFindings(read, draft.tlp), ...scoreFindings(content)]
        return { ...judged, findings, yara: read.yara }
    }
    if (format === "json") return { ...judged, findings: [...shared, ...jsonFindings(content)] }
    const unchecked = draft.class === "rules" ? [warning(start, "artifact.not_checked", unknownRules)] : []
    return { ...judged, findings: [...shared, ...unchecked] }
}

/**
 * Finds slot notation that no copy replaces. An error, since readers would see every form; in code a warning for the
 * first, since braces may be code. Code: `artifact.braces_left`.
 */
function bracesLeft(name: string, content: string): Finding[] {
    const left = leftNotation(name, content)
    const at = placesOf(content)
    const escape = /\.json$/i.test(name) ? "`\\u007b{`" : "`\\{{`"
    const firstInCode = left.find(({ isCode }) => isCode)
    return left.flatMap((item) => {
        const why = `${quoted(item.text)} is not a slot here, and every reader would see it`
        if (!item.isCode) {
            return [error(at(item.start), code, `${why}: write one form, or ${escape} where you mean two braces`)]
        }
        return item === firstInCode ? [warning(at(item.start), code, `${why}: make sure that it is code`)] : []
    })
}

const code = "artifact.braces_left"

const unknownRules = "no grammar for rules with this ending is known here: they go out as they are"

/** Finds invalid CVSS vectors in the text. Code: `cvss.bad_vector`. */
function vectorFindings(text: string): Finding[] {
    const at = placesOf(text)
    return [...text.matchAll(/CVSS:\d\.\d\/[A-Za-z0-9:/]{1,300}/g)].flatMap((item) => {
        const read = parseCvss(item[0].replace(/\/$/, ""))
        return typeof read === "string" ? [error(at(item.index), "cvss.bad_vector", read)] : []
    })
}

function jsonFindings(text: string): Finding[] {
    try {
        parseStrictJson(text)
        return scoreFindings(text)
    } catch (fault) {
        if (fault instanceof Refusal) return [error(start, fault.code, fault.message)]
        throw fault
    }
}

/** Finds scores that differ from the vector next to them, as in CSAF and CVE records. Code: `cvss.score_mismatch`. */
function scoreFindings(text: string): Finding[] {
    if (!text.includes("vectorString")) return []
    const root = jsonOf(text)
    const findings: Finding[] = []
    const offset = jsonPlaces(text)
    const at = placesOf(text)
    const waiting: { value: unknown; way: readonly string[] }[] = [{ value: root, way: [] }]
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
        const { value, way } = item
        if (typeof value !== "object" || value === null) continue
        const { vectorString: vector, baseScore: score } = value as Record<string, unknown>
        if (typeof vector === "string" && typeof score === "number" && vector.startsWith("CVSS:")) {
            const fault = scoreFault(vector, score)
            const place = at(offset([...way, "baseScore"]))
            if (fault !== null) findings.push(error(place, "cvss.score_mismatch", fault))
        }
        for (const [key, inner] of Object.entries(value)) waiting.push({ value: inner, way: [...way, key] })
    }
    return findings
}

/** Null where the text is not JSON; another issue reports that. */
function jsonOf(text: string): unknown {
    try {
        return parseStrictJson(text)
    } catch {
        return null
    }
}

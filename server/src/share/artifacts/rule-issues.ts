/**
 * Finds the issues of an artifact's text alone: labels against its markings, scores against vectors, and its grammar.
 *
 * Drafts may have issues; a version with an error cannot be released.
 */
import { findLeftoverNotation } from "@tocsin/marks/carriers/notation"
import { resolveSlots } from "@tocsin/marks/carriers/resolved-text"
import { parseCvss, scoreFault } from "@tocsin/formats/advisory/cvss"
import { type Issue, error, placesOf, quote, textStart, warning } from "@tocsin/base/issue"
import { jsonPositions } from "@tocsin/formats/json-positions"
import { Refusal } from "@tocsin/base/refusal"
import { type SigmaRule, readSigma } from "@tocsin/rules/sigma"
import { readSnort } from "@tocsin/rules/snort"
import { readSuricata } from "@tocsin/rules/suricata"
import { type EmbeddedRule, readStix, stixLabelIssues } from "@tocsin/formats/stix/validate"
import { parseStrictJson } from "@tocsin/base/strict-json"
import { type Pap, type Tlp, labelIssues, labelsIn } from "@tocsin/formats/stix/tlp"
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
export interface DraftCheck {
    readonly format: Format
    readonly issues: readonly Issue[]
    /** The Sigma rules that can run. */
    readonly rules: readonly SigmaRule[]
    /** YARA rules for the engine: the text itself, or the rules embedded in it. */
    readonly yara: readonly EmbeddedRule[]
}

/** Judges a draft. Grammar and scores are checked in the unmarked text, labels in all forms that the author wrote. */
export function checkDraft(draft: Draft): DraftCheck {
    const content = resolveSlots(draft.name, draft.content)
    const format = formatOf({ ...draft, content })
    const shared = [
        ...labelIssues(labelsIn(draft.content), draft),
        ...vectorIssues(content),
        ...slotNotationIssues(draft.name, content),
    ]
    const base = { format, rules: [], yara: [] }
    if (format === "sigma") {
        const { rules, issues } = readSigma(content)
        return { ...base, issues: [...shared, ...issues], rules }
    }
    if (format === "suricata") return { ...base, issues: [...shared, ...readSuricata(content).issues] }
    if (format === "snort") return { ...base, issues: [...shared, ...readSnort(content).issues] }
    if (format === "yara") return { ...base, issues: shared, yara: [{ place: textStart, text: content }] }
    if (format === "stix") {
        const read = readStix(content)
        const issues = [...shared, ...read.issues, ...stixLabelIssues(read, draft.tlp), ...scoreIssues(content)]
        return { ...base, issues, yara: read.yara }
    }
    if (format === "json") return { ...base, issues: [...shared, ...jsonIssues(content)] }
    const unchecked = draft.class === "rules" ? [warning(textStart, "artifact.not_checked", unknownRules)] : []
    return { ...base, issues: [...shared, ...unchecked] }
}

/**
 * Finds slot notation that no copy replaces. An error, since readers would see every form; in code a warning for the
 * first, since braces may be code. Code: `artifact.braces_left`.
 */
function slotNotationIssues(name: string, content: string): Issue[] {
    const remaining = findLeftoverNotation(name, content)
    const at = placesOf(content)
    const escape = /\.json$/i.test(name) ? "`\\u007b{`" : "`\\{{`"
    const firstInCode = remaining.find(({ isCode }) => isCode)
    return remaining.flatMap((item) => {
        const message = `${quote(item.text)} is not a slot here, and every reader would see it`
        if (!item.isCode) {
            return [error(at(item.start), bracesLeftCode, `${message}: write one form, or ${escape} for two braces`)]
        }
        return item === firstInCode
            ? [warning(at(item.start), bracesLeftCode, `${message}: make sure that it is code`)]
            : []
    })
}

const bracesLeftCode = "artifact.braces_left"

const unknownRules = "no grammar for rules with this ending: they are not checked"

/** Finds invalid CVSS vectors in the text. Code: `cvss.bad_vector`. */
function vectorIssues(text: string): Issue[] {
    const at = placesOf(text)
    return [...text.matchAll(/CVSS:\d\.\d\/[A-Za-z0-9:/]{1,300}/g)].flatMap((item) => {
        const read = parseCvss(item[0].replace(/\/$/, ""))
        return typeof read === "string" ? [error(at(item.index), "cvss.bad_vector", read)] : []
    })
}

function jsonIssues(text: string): Issue[] {
    try {
        parseStrictJson(text)
        return scoreIssues(text)
    } catch (fault) {
        if (fault instanceof Refusal) return [error(textStart, fault.code, fault.message)]
        throw fault
    }
}

/** Finds scores that differ from the vector next to them, as in CSAF and CVE records. Code: `cvss.score_mismatch`. */
function scoreIssues(text: string): Issue[] {
    if (!text.includes("vectorString")) return []
    const root = jsonOf(text)
    const issues: Issue[] = []
    const offset = jsonPositions(text)
    const at = placesOf(text)
    const pending: { value: unknown; path: readonly string[] }[] = [{ value: root, path: [] }]
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
        const { value, path } = item
        if (typeof value !== "object" || value === null) continue
        const { vectorString: vector, baseScore: score } = value as Record<string, unknown>
        if (typeof vector === "string" && typeof score === "number" && vector.startsWith("CVSS:")) {
            const fault = scoreFault(vector, score)
            const place = at(offset([...path, "baseScore"]))
            if (fault !== null) issues.push(error(place, "cvss.score_mismatch", fault))
        }
        for (const [key, inner] of Object.entries(value)) pending.push({ value: inner, path: [...path, key] })
    }
    return issues
}

/** Null where the text is not JSON; another issue reports that. */
function jsonOf(text: string): unknown {
    try {
        return parseStrictJson(text)
    } catch {
        return null
    }
}

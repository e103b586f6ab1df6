/** The change that cures an issue of a text, where one is known. Pure. */
import type { TextEdit } from "./slot-edits.ts"
import { t } from "../../messages/message.ts"

/** An issue as validation reports it. */
export interface TextIssue {
    readonly severity: "error" | "warning"
    readonly line: number
    readonly column: number
    readonly code: string
    readonly message: string
}

/** The labels of the artifact, with which those of the text must agree. */
export interface Labels {
    readonly tlp: string
    readonly pap: string
}

export interface IssueFix {
    /** The label of the button. */
    readonly name: string
    readonly edit: TextEdit
}

/** A part of a line to replace, in UTF-16 units of that line. */
interface LineEdit {
    readonly name: string
    readonly at: number
    readonly length: number
    readonly by: string
}

type FindFix = (line: string, issue: TextIssue, labels: Labels) => LineEdit | null

/** Null: the author has to decide. `newId` becomes the id of a rule that has none. */
export function fixFor(text: string, issue: TextIssue, labels: Labels, newId: () => string): IssueFix | null {
    const start = lineStart(text, issue.line)
    if (start === null) return null
    const end = text.indexOf("\n", start)
    const line = text.slice(start, end < 0 ? text.length : end)
    const found =
        issue.code === "sigma.no_id" ? ruleId(line, newId()) : (fixes[issue.code]?.(line, issue, labels) ?? null)
    if (found === null) return null
    const from = start + found.at
    return {
        name: found.name,
        edit: {
            text: text.slice(0, from) + found.by + text.slice(from + found.length),
            select: { start: from, end: from + found.by.length },
        },
    }
}

function lineStart(text: string, line: number): number | null {
    let start = 0
    for (let n = 1; n < line; n++) {
        const end = text.indexOf("\n", start)
        if (end < 0) return null
        start = end + 1
    }
    return start
}

const labelAt = /^(?:(?:TLP|PAP)[ \t]{0,2}:[ \t]{0,2}[A-Za-z][A-Za-z+-]*|["']?(?:tlp|pap)\.[a-z][a-z+-]*["']?)/i

/** Writes the artifact's own label, as a tag where the text has a tag. */
const writeLabel: FindFix = (line, { code, column }, labels) => {
    const written = labelAt.exec(line.slice(column - 1))?.[0]
    if (written === undefined) return null
    const protocol = code.startsWith("tlp") ? "TLP" : "PAP"
    const value = protocol === "TLP" ? labels.tlp : labels.pap
    const isTag = /^["']?(?:tlp|pap)\./.test(written)
    const by = isTag ? `${protocol}.${value}`.toLowerCase() : `${protocol}:${value}`
    return { name: t("Write {text}", { text: by }), at: column - 1, length: written.length, by }
}

/** The texts in backticks in a message. */
const quotesOf = (message: string): readonly string[] =>
    [...message.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text)

/** Writes two literal braces. Columns are those of the text without slots, so the notation is looked for. */
const escapeBraces: FindFix = (line, { severity, message }) => {
    const [notation = "", escape] = quotesOf(message)
    const at = line.indexOf(notation)
    if (severity !== "error" || escape !== "\\{{" || at < 0 || !notation.startsWith("{{")) return null
    return { name: t("Keep the braces as text"), at, length: 0, by: "\\" }
}

/** Removes braces around the only form. */
const removeBraces: FindFix = (line, { message }) => {
    const [notation = ""] = quotesOf(message)
    const at = line.indexOf(notation)
    const form = /^\{\{([^{}|=]+)\}\}$/.exec(notation)?.[1]
    if (at < 0 || form === undefined) return null
    return { name: t("Remove the braces"), at, length: notation.length, by: form }
}

/** Writes the score that follows from the vector. */
const writeScore: FindFix = (line, { message }) => {
    const [score, written = ""] = quotesOf(message).filter((text) => /^\d{1,2}(?:\.\d)?$/.test(text))
    const found = /("baseScore"\s*:\s*)(\d{1,2}(?:\.\d+)?)/.exec(line)
    if (found === null || score === undefined || Number(found[2]) !== Number(written)) return null
    const at = found.index + (found[1]?.length ?? 0)
    return { name: t("Write {text}", { text: score }), at, length: found[2]?.length ?? 0, by: score }
}

/** Writes the value of a log source in small letters. */
const writeLogSource: FindFix = (line) => {
    const found = /^(\s*(?:category|product|service)\s*:\s*)(["']?)([\w .-]+?)\2\s*$/.exec(line)
    if (found === null) return null
    const [, key = "", quote = "", value = ""] = found
    const by = value.trim().toLowerCase().replaceAll(/\s+/g, "_")
    return { name: t("Write {text}", { text: by }), at: key.length, length: value.length + 2 * quote.length, by }
}

/** Gives a rule an id, on a line after its title. */
function ruleId(line: string, id: string): LineEdit | null {
    if (!/^title\s*:/.test(line)) return null
    return { name: t("Add an id"), at: line.length, length: 0, by: ["\nid:", id].join(" ") }
}

const fixes: Readonly<Record<string, FindFix>> = {
    "tlp.label_mismatch": writeLabel,
    "tlp.unknown_label": writeLabel,
    "tlp.form": writeLabel,
    "pap.label_mismatch": writeLabel,
    "pap.unknown_label": writeLabel,
    "pap.form": writeLabel,
    "artifact.braces_left": escapeBraces,
    "mark.bad_alternative": removeBraces,
    "cvss.score_mismatch": writeScore,
    "sigma.logsource_form": writeLogSource,
}

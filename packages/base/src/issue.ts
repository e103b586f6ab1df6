/**
 * Describes what is wrong with a text, and where. Validators do not throw, because an author wants all issues at once.
 */
/** Whether an issue prevents a release. */
export type Severity = "error" | "warning"

/** One issue in a text. */
export interface Finding {
    /**
     * A text with an error may be saved as a draft and is not released. A warning leaves the decision to the author.
     */
    readonly severity: Severity
    /** The line, from 1. */
    readonly line: number
    /** The column, from 1, in UTF-16 code units. */
    readonly column: number
    /** A stable, dotted code, such as `sigma.unknown_selection`. */
    readonly code: string
    /** One lower-case line, with quotes of the text in backticks. */
    readonly message: string
}

/** A place in a text. */
export interface Place {
    readonly line: number
    readonly column: number
}

/** The first place of a text. */
export const start: Place = { line: 1, column: 1 }

/** The most issues reported for one text; people do not read more. */
export const findingsMax = 200
const quotedMax = 80

/** Converts offsets in `text` to places. Each call takes O(log lines). */
export function placesOf(text: string): (offset: number) => Place {
    const lines = [0]
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines.push(at + 1)
    return (offset) => {
        let [low, high] = [0, lines.length - 1]
        while (low < high) {
            const middle = (low + high + 1) >> 1
            if ((lines[middle] ?? 0) <= offset) low = middle
            else high = middle - 1
        }
        return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 }
    }
}

/** Quotes the author's text in a message: one line in backticks, shortened. */
export function quoted(text: string): string {
    const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069`]/g, "·")
    return plain.length > quotedMax ? `\`${plain.slice(0, quotedMax)}…\`` : `\`${plain}\``
}

/** Makes an error. */
export function error(place: Place, code: string, message: string): Finding {
    return { severity: "error", line: place.line, column: place.column, code, message }
}

/** Makes a warning. */
export function warning(place: Place, code: string, message: string): Finding {
    return { severity: "warning", line: place.line, column: place.column, code, message }
}

/** Checks whether any issue is an error. */
export function hasError(findings: readonly Finding[]): boolean {
    return findings.some((finding) => finding.severity === "error")
}

/** Sorts issues by place and drops duplicates. Keeps at most `findingsMax`, errors first. */
export function inOrder(findings: readonly Finding[]): Finding[] {
    const once = new Map(findings.map((finding) => [JSON.stringify(finding), finding]))
    const byWeight = [...once.values()].toSorted((a, b) => weight(a) - weight(b)).slice(0, findingsMax)
    return byWeight.toSorted((a, b) => a.line - b.line || a.column - b.column)
}

function weight(finding: Finding): number {
    return finding.severity === "error" ? 0 : 1
}

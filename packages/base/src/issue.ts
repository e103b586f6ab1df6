/**
 * What is wrong with a text, and where. Validators do not throw: an author wants all faults of a draft at once.
 */
export type Severity = "error" | "warning"

export interface Finding {
    /** What has an error may be kept as a draft and is not released; a warning is for the author to judge. */
    readonly severity: Severity
    /** From 1. */
    readonly line: number
    /** From 1, in UTF-16 code units. */
    readonly column: number
    /** Stable, dotted: `sigma.unknown_selection`. */
    readonly code: string
    /** One lower-case line; what the author wrote stands in backticks. */
    readonly message: string
}

export interface Place {
    readonly line: number
    readonly column: number
}

export const start: Place = { line: 1, column: 1 }

/** How many faults of one text are told: more than anybody reads. */
export const findingsMax = 200
const quotedMax = 80

/** From an offset into `text` to its place. O(log lines) for each question. */
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

/** The author's own words in a message: one line, in backticks, no longer than a line. */
export function quoted(text: string): string {
    const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069`]/g, "·")
    return plain.length > quotedMax ? `\`${plain.slice(0, quotedMax)}…\`` : `\`${plain}\``
}

export function error(place: Place, code: string, message: string): Finding {
    return { severity: "error", line: place.line, column: place.column, code, message }
}

export function warning(place: Place, code: string, message: string): Finding {
    return { severity: "warning", line: place.line, column: place.column, code, message }
}

export function hasError(findings: readonly Finding[]): boolean {
    return findings.some((finding) => finding.severity === "error")
}

/** By place, each said once, and no more than `findingsMax`, errors first kept. */
export function inOrder(findings: readonly Finding[]): Finding[] {
    const once = new Map(findings.map((finding) => [JSON.stringify(finding), finding]))
    const byWeight = [...once.values()].toSorted((a, b) => weight(a) - weight(b)).slice(0, findingsMax)
    return byWeight.toSorted((a, b) => a.line - b.line || a.column - b.column)
}

function weight(finding: Finding): number {
    return finding.severity === "error" ? 0 : 1
}

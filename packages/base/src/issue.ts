/**
 * Describes what is wrong with a text, and where. Validators do not throw, because an author wants all issues at once.
 */
/** Whether an issue prevents a release. */
export type Severity = "error" | "warning"

/** One issue in a text. */
export interface Issue {
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
export const textStart: Place = { line: 1, column: 1 }

/** The most issues reported for one text; people do not read more. */
export const issuesMax = 200
const quotedMax = 80

/** Converts offsets in `text` to places. Each call takes O(log lines). */
export function placesOf(text: string): (offset: number) => Place {
    const lines = [0]
    for (let position = text.indexOf("\n"); position !== -1; position = text.indexOf("\n", position + 1))
        lines.push(position + 1)
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
export function quote(text: string): string {
    const visible = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069`]/g, "·")
    return visible.length > quotedMax ? `\`${visible.slice(0, quotedMax)}…\`` : `\`${visible}\``
}

/** Makes an error. */
export function error(place: Place, code: string, message: string): Issue {
    return { severity: "error", line: place.line, column: place.column, code, message }
}

/** Makes a warning. */
export function warning(place: Place, code: string, message: string): Issue {
    return { severity: "warning", line: place.line, column: place.column, code, message }
}

/** Checks whether any issue is an error. */
export function hasError(issues: readonly Issue[]): boolean {
    return issues.some((issue) => issue.severity === "error")
}

/** Sorts issues by place and drops duplicates. Keeps at most `issuesMax`, errors first. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
    const unique = new Map(issues.map((issue) => [JSON.stringify(issue), issue]))
    const worst = [...unique.values()].toSorted((a, b) => weight(a) - weight(b)).slice(0, issuesMax)
    return worst.toSorted((a, b) => a.line - b.line || a.column - b.column)
}

function weight(issue: Issue): number {
    return issue.severity === "error" ? 0 : 1
}

/** The difference of two texts, line by line: kept, removed and added lines. */

export interface Line {
    readonly kind: "same" | "gone" | "new"
    readonly text: string
}

export const differenceOf = (before: string, after: string): Line[] =>
    differenceIn(before.split("\n"), after.split("\n"))

/** Finds the smallest number of changed items by the longest common subsequence. Quadratic: for some thousand items. */
export function differenceIn(was: readonly string[], is: readonly string[]): Line[] {
    const longest = commonOf(was, is)
    const lines: Line[] = []
    let [i, j] = [0, 0]
    while (i < was.length || j < is.length) {
        const [old, now] = [was[i], is[j]]
        if (old !== undefined && old === now) {
            lines.push({ kind: "same", text: old })
            i++
            j++
        } else if (now === undefined || (old !== undefined && at(longest, i + 1, j) >= at(longest, i, j + 1))) {
            lines.push({ kind: "gone", text: old ?? "" })
            i++
        } else {
            lines.push({ kind: "new", text: now })
            j++
        }
    }
    return lines
}

/** Counts the common lines of the rests that start at (i, j). */
function commonOf(was: readonly string[], is: readonly string[]): Uint32Array[] {
    const table = Array.from({ length: was.length + 1 }, () => new Uint32Array(is.length + 1))
    for (let i = was.length - 1; i >= 0; i--) {
        for (let j = is.length - 1; j >= 0; j--) {
            const row = table[i]
            if (!row) throw new Error("a row is missing")
            row[j] = was[i] === is[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1))
        }
    }
    return table
}

const at = (table: readonly Uint32Array[], i: number, j: number): number => table[i]?.[j] ?? 0

/** Splits a text into words, each with the spaces after it, so that equal spaces align no unrelated words. */
export const splitWords = (text: string): string[] => text.match(/\s+|\S+\s*/g) ?? []

/**
 * Decides from its characters alone whether a Markdown document can be parsed in a short time.
 *
 * The parser's time grows with the square of openers in one paragraph, and with the square of nested lists and
 * quotations. Both have a limit that no document for readers reaches.
 */

/** Lists and quotations, one in the other. */
const depthMax = 32
/** The maximum sum of the squares of all segments' scores: about one second. */
const costMax = 16_000_000

const containers = /^((?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)))*)([ \t]*)/
const item = /^(?:[-*+]|(\d{1,9}[.)])) +\S/

/** The document is cut at lines that surely begin a paragraph of their own. */
export function isCheapToParse(text: string): boolean {
    let [cost, score, isFresh, isNumbered] = [0, 0, true, false]
    for (const [line] of text.matchAll(/[^\r\n]*(?:\r\n?|\n)|[^\r\n]+$/g)) {
        if (depthOf(line) > depthMax) return false
        const [match, number] = item.exec(line) ?? []
        const begins = isFresh ? /^\S/.test(line) : match !== undefined && (number === undefined || isNumbered)
        if (begins) {
            cost += score ** 2
            ;[score, isNumbered] = [0, number !== undefined]
        }
        score += scoreOf(line)
        isFresh = line.trim() === ""
        if (cost + score ** 2 > costMax) return false
    }
    return true
}

/**
 * Returns how deep a line can be nested, by the characters before its text. Two columns before a marker count as one
 * more list.
 */
function depthOf(line: string): number {
    const [, markers = ""] = containers.exec(line) ?? []
    const plain = markers.replaceAll(/[ \t]/g, "").replaceAll(/\d+/g, "").length
    const columns = /^[ \t]*/.exec(markers)?.[0].replaceAll("\t", "    ").length ?? 0
    return plain === 0 ? 0 : plain + columns / 2
}

/**
 * Returns the score of a segment. Emphasis, brackets and table rows count fully; characters that the parser only
 * looks at count little.
 */
function scoreOf(line: string): number {
    const runs = line.match(/\*+|_+|~+|[[\]]/g)?.length ?? 0
    const markers = line.match(/[*_~[\]`<>&!\\:@|(){}]/g)?.length ?? 0
    return (line.includes("|") ? 1 : 0.3) + runs + markers / 10
}

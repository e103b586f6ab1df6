/**
 * Whether a Markdown document can be parsed in a short time, told from its characters alone.
 *
 * The parser's time grows with the square of what opens something in one paragraph, and with the square of how deep lists and
 * quotations are nested. So both have a bound that no document reaches which is written to be read.
 */

/** Lists and quotations, one in the other. */
const depthMax = 32
/** Of the squares of all segments' scores: about a second. */
const costMax = 16_000_000

const containers = /^((?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)))*)([ \t]*)/
const item = /^(?:[-*+]|(\d{1,9}[.)])) +\S/

/** The document is cut at lines that surely begin a paragraph of their own. */
export function isParsedSoon(text: string): boolean {
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

/** By what stands before the text of a line; two columns before a marker may be one list more. */
function depthOf(line: string): number {
    const [, markers = ""] = containers.exec(line) ?? []
    const plain = markers.replaceAll(/[ \t]/g, "").replaceAll(/\d+/g, "").length
    const columns = /^[ \t]*/.exec(markers)?.[0].replaceAll("\t", "    ").length ?? 0
    return plain === 0 ? 0 : plain + columns / 2
}

/** What may begin or end something counts whole: emphasis, brackets, a table's row; what is only looked at counts little. */
function scoreOf(line: string): number {
    const runs = line.match(/\*+|_+|~+|[[\]]/g)?.length ?? 0
    const looked = line.match(/[*_~[\]`<>&!\\:@|(){}]/g)?.length ?? 0
    return (line.includes("|") ? 1 : 0.3) + runs + looked / 10
}

/** The mandatory tests of CSAF (section 6.1) on a document's versions, their numbers and their dates. */

interface Tracking {
    readonly status: string
    readonly version: string
    readonly revision_history: readonly { readonly date: string; readonly number: string }[]
}

interface Numbered {
    readonly text: string
    /** Major, minor, patch; of a whole number, that alone. */
    readonly parts: readonly number[]
    readonly isWhole: boolean
    /** What stands after the `-`: written before its release. */
    readonly before: string
}

/** Returns the failed tests of a revision history (CSAF 6.1.14, 6.1.16 to 6.1.22, 6.1.30), each with its number. */
export function historyTests({ status, version, revision_history: history }: Tracking): string[] {
    const dated = history
        .map(({ date, number }, n) => ({ n, at: secondsOf(date), number: numbered(number) }))
        .toSorted((a, b) => a.at - b.at || compared(a.number, b.number) || a.n - b.n)
    const numbers = dated.map(({ number }) => number)
    const input = numbered(version)
    const texts = numbers.map(({ text }) => withoutBuild(text))
    const isReleased = status === "final" || status === "interim"
    return [
        ...(isAscending(numbers) ? [] : ["6.1.14: out of order"]),
        ...(isNewest(input, numbers.at(-1), status) ? [] : ["6.1.16: the version is not the newest revision"]),
        ...(isReleased && (input.parts[0] === 0 || input.before !== "") ? ["6.1.17: this version is a draft"] : []),
        ...(isReleased && numbers.some(({ parts }) => parts[0] === 0) ? ["6.1.18: a revision was no release"] : []),
        ...(numbers.some(({ before }) => before !== "") ? ["6.1.19: a revision was written before its release"] : []),
        ...(isReleased && input.before !== "" ? ["6.1.20: the version was written before its release"] : []),
        ...(hasGap(numbers) ? ["6.1.21: a revision is missing"] : []),
        ...texts.filter((text, n) => texts.indexOf(text) !== n).map((text) => `6.1.22: two revisions ${text}`),
        ...(new Set([input, ...numbers].map(({ isWhole }) => isWhole)).size > 1
            ? ["6.1.30: numbers of two kinds"]
            : []),
    ]
}

/** Since 1970, with all of a fraction, which may be finer than milliseconds. */
function secondsOf(date: string): number {
    const [, fraction = ""] = /:\d\d(\.\d+)/.exec(date) ?? []
    return Date.parse(date.replace(fraction, "")) / 1000 + Number(`0${fraction}`)
}

const withoutBuild = (text: string): string => text.replace(/\+.*$/, "")

function numbered(text: string): Numbered {
    const [number = "", ...before] = withoutBuild(text).split("-")
    const parts = number.split(".").map(Number)
    return { text, parts, isWhole: parts.length === 1, before: before.join("-") }
}

/** By precedence (Semantic Versioning 2.0); what stands before a release is compared as text, and is refused anyway. */
function compared(a: Numbered, b: Numbered): number {
    for (const n of [0, 1, 2]) {
        const difference = (a.parts[n] ?? 0) - (b.parts[n] ?? 0)
        if (difference !== 0) return difference
    }
    if (a.before === b.before) return 0
    if (a.before === "" || b.before === "") return a.before === "" ? 1 : -1
    return a.before < b.before ? -1 : 1
}

function isAscending(numbers: readonly Numbered[]): boolean {
    return numbers.every((number, n) => n === 0 || compared(numbers[n - 1] ?? number, number) <= 0)
}

function isNewest(version: Numbered, newest: Numbered | undefined, status: string): boolean {
    if (newest === undefined) return false
    const plain = (numbered: Numbered) => (status === "draft" ? numbered.parts.join(".") : withoutBuild(numbered.text))
    return plain(version) === plain(newest)
}

/** From 0 or 1, and one after the other: whole numbers, and the first part of others. */
function hasGap(numbers: readonly Numbered[]): boolean {
    const majors = numbers.map(({ parts }) => parts[0] ?? 0)
    const inOrder = majors.toSorted((a, b) => a - b)
    return (majors[0] ?? 0) > 1 || inOrder.some((major, n) => n > 0 && major - (inOrder[n - 1] ?? 0) > 1)
}

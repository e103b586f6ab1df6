/** A leak weighed like on the server, from the reading on: compared with versions, weighed, and the best result. */
import type { Dice } from "../../bench/tracing/dice.ts"
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import { noncesOf } from "@tocsin/marks/code"
import { weigh } from "@tocsin/marks/evidence/typography"
import type { Instant } from "@tocsin/base/instant"
import { type AttributionResult, resultOf } from "../../server/src/trace/attribution/attribution.ts"
import type { Marks, Version } from "./program.ts"

export interface Filed {
    /** Its version, or the best candidate. */
    readonly version: Version
    readonly at: Instant
    readonly symbols: readonly Symbol[]
    /** The recipients of its copies; none if it comes from no copy. */
    readonly sources: readonly string[]
}

/** Every recipient with a copy by then is a candidate, including former partners. */
export function attributed(
    { version, at, symbols }: Filed,
    against: readonly Version[],
    alpha: number,
    by: Dice,
): AttributionResult {
    const marked = against.flatMap((version) => {
        const recipients = [...version.held].filter(([, since]) => since < at).map(([name]) => name)
        return version.marks !== null && recipients.length > 0
            ? [{ one: version, recipients, marks: version.marks() }]
            : []
    })
    const tested = marked.map(({ one: item, recipients, marks }) => {
        const read = item === version ? symbols : strayIn(marks, by)
        const { coins, bits, rowsFor } = marks.book
        const held = { coins, bits, symbols: read, recipients, rows: rowsFor(read, noncesOf(recipients)) }
        const findings = weigh(marks.slots, held, alpha / marked.length)
        return { artifact: item.artifact, version: 1, symbols: read, findings }
    })
    return { ...resultOf(tested, alpha, against.length - marked.length, null), polled: [] }
}

/** The random matches in a text from another source. */
function strayIn({ book: { coins } }: Marks, by: Dice): Symbol[] {
    const found = new Set(Array.from({ length: by.below(5) }, () => by.below(coins.length)))
    return coins.map((coin, i) => (found.has(i) ? by.below(coin.length) : null))
}

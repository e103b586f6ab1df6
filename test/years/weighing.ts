/** A leak weighed as the server does it, from what was read on: held against versions, weighed, the best one told. */
import type { Dice } from "../../bench/tracing/dice.ts"
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import { noncesOf } from "@tocsin/marks/code"
import { weigh } from "@tocsin/marks/evidence/typography"
import type { Instant } from "@tocsin/base/instant"
import { type Result, resultOf } from "../../server/src/trace/attribution/attribution.ts"
import type { Marks, Version } from "./program.ts"

export interface Filed {
    /** What it is from, or would be if it were from anything. */
    readonly version: Version
    readonly at: Instant
    readonly symbols: readonly Symbol[]
    /** Whose copies it is from; nobody's where no copy made it. */
    readonly sources: readonly string[]
}

/** Whoever had a copy by then is a suspect, whether or not it is a partner still. */
export function attributed(
    { version, at, symbols }: Filed,
    against: readonly Version[],
    alpha: number,
    by: Dice,
): Result {
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

/** What is recognised by accident in a text that is from something else. */
function strayIn({ book: { coins } }: Marks, by: Dice): Symbol[] {
    const found = new Set(Array.from({ length: by.below(5) }, () => by.below(coins.length)))
    return coins.map((coin, i) => (found.has(i) ? by.below(coin.length) : null))
}

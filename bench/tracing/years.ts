/** Years of programs, as the tests run them: false identifications, and how soon leakers are identified. */
import {
    accusations,
    namedWhereAllAreAlike,
    powersAlone,
    powersTogether,
    raised,
    shipped,
} from "../../test/years/counting.ts"

/** Prints each count next to its bound; returns whether none exceeds it by more than chance. */
export function printYears(programs: number): boolean {
    process.stdout.write(`${programs} programs of years, looked at after each leak: anybody named who had no part\n`)
    const atRaised = printIdentifications(programs, raised)
    process.stdout.write(`  and ${Math.ceil(programs / 10)} by what ships\n`)
    const atShipped = printIdentifications(Math.ceil(programs / 10), shipped)
    const { leaks, named } = namedWhereAllAreAlike(programs)
    process.stdout.write(`  everyone gets the same: ${leaks} leaks, named ${named}; allowed 0\n`)
    process.stdout.write("of leaks with slots enough by the design, those that name a source by themselves, at 1e-6\n")
    for (const power of powersAlone(Math.min(300, programs))) {
        process.stdout.write(`  ${power.title.padEnd(42)} ${power.named} of ${power.leaks}; target 99 %\n`)
    }
    process.stdout.write("leaks till the ledger that ships names a source, a leak every other case\n")
    for (const adding of powersTogether(Math.min(200, programs))) {
        process.stdout.write(
            `  ${adding.title.padEnd(42)} half within ${adding.half} (case ${adding.cases}), nine tenths ` +
                `within ${adding.most}, ` +
                `of ${adding.runs} programs; no less than ${adding.floor.toFixed(1)} at best\n`,
        )
    }
    const isKept = atRaised && atShipped && named === 0
    process.stdout.write(`  none above what is allowed: ${isKept ? "kept" : "MISSED"}\n\n`)
    return isKept
}

function printIdentifications(programs: number, rules: typeof raised): boolean {
    const rows = accusations(programs, rules)
    for (const { title, cells } of rows) {
        const cellTexts = cells.map(
            ({ by, wrongly, of: total, allowed }) => `${by} ${wrongly} of ${total} (${round(allowed)})`,
        )
        process.stdout.write(`  ${title.padEnd(40)} ${cellTexts.join(", ")}\n`)
    }
    return rows.every(({ cells }) => cells.every((cell) => cell.isKept))
}

const round = (count: number): string => (count < 1 ? count.toPrecision(1) : count.toFixed(1))

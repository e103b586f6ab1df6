/** How often an innocent recipient is identified: for every strategy, at three errors, with erasures and noise. */
import { sumRows } from "@tocsin/marks/code/codewords"
import { accomplicesOf } from "@tocsin/marks/evidence/colluders"
import { eValue, readingOf, scoringOf } from "@tocsin/marks/evidence/scores"
import { dice, isSurprising } from "./dice.ts"
import { type Strategy, simulateLeak, strategies } from "./leaks.ts"

const errors = [0.1, 0.01, 0.001]
const recipients = 100
const colluders = 3

interface SlotSetting {
    readonly slots: number
    /** Variants of each slot. */
    readonly q: number
    readonly strategies: readonly Strategy[]
}

/** With many variants none is special, so `zero` equals `interleave` and `one` equals `coin`. */
const slotSettings: readonly SlotSetting[] = [
    ...[60, 300].map((slots) => ({ slots, q: 2, strategies: [...strategies, "erase what differs" as const] })),
    ...[24, 80].map((slots) => ({
        slots,
        q: 8,
        strategies: ["interleave", "majority", "minority", "coin", "erase what differs"] as const,
    })),
]

interface IdentifiedCounts {
    /** By error: leaks in which an innocent was identified, by the whole document and given accomplices. */
    readonly whole: readonly number[]
    readonly joint: readonly number[]
}

function countIdentified(strategy: Strategy, { slots, q }: SlotSetting, leaks: number, seed: number): IdentifiedCounts {
    const by = dice(seed)
    const innocents = Array.from({ length: recipients - colluders }, (_, i) => colluders + i)
    const [whole, joint] = [errors.map(() => 0), errors.map(() => 0)]
    for (let n = 0; n < leaks; n++) {
        const setting = { recipients, slots, q, colluders, strategy, design: n % 2 === 0 ? 4 : 8 } as const
        const { coins, symbols, rows } = simulateLeak({ ...setting, erased: 0.3, noise: 0.02 }, by)
        const reading = readingOf(coins, symbols)
        const scoring = scoringOf(reading, rows)
        const scores = sumRows(rows, scoring.fits, scoring.others)
        const { logFor } = accomplicesOf(reading, rows, scores)
        errors.forEach((error, i) => {
            const goal = Math.log(recipients / error)
            const e = eValue(scoring, goal)
            const logOf = logFor(goal)
            if (innocents.some((j) => e(scores[j] ?? 0) >= goal)) whole[i] = (whole[i] ?? 0) + 1
            if (innocents.some((j) => logOf(j) >= goal)) joint[i] = (joint[i] ?? 0) + 1
        })
    }
    return { whole, joint }
}

/** Prints each cell whose title contains `filter`; returns whether none exceeds its error by more than chance. */
export function printCalibration(leaks: number, filter: string): boolean {
    process.stdout.write(
        `anybody innocent named, of ${leaks} leaks by ${colluders} of ${recipients}, 30 % erased, 2 % noise\n`,
    )
    let isMet = true
    for (const slotSetting of slotSettings) {
        for (const [n, strategy] of slotSetting.strategies.entries()) {
            const title = `${slotSetting.slots} slots of ${slotSetting.q}, ${strategy}`
            if (!title.includes(filter)) continue
            const { whole, joint } = countIdentified(strategy, slotSetting, leaks, 1000 * slotSetting.slots + n)
            const pick = (counts: readonly number[]) => counts.map((count) => (count / leaks).toFixed(5)).join(" / ")
            isMet &&= [whole, joint].every((counts) =>
                counts.every((count, i) => !isSurprising(count, (errors[i] ?? 0) * leaks)),
            )
            process.stdout.write(`  ${title.padEnd(32)} whole ${pick(whole)}   joint ${pick(joint)}\n`)
        }
    }
    process.stdout.write(`  none above ${errors.join(" / ")}: ${isMet ? "kept" : "MISSED"}\n\n`)
    return isMet
}

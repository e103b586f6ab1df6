/** The number of surviving slots that identifies a colluder 99 times of 100, by three rules. */
import { sumRows } from "@tocsin/marks/code/codewords"
import { rankRecipients } from "@tocsin/marks/evidence"
import { accomplicesOf } from "@tocsin/marks/evidence/colluders"
import { logTail } from "@tocsin/marks/evidence/tail"
import { eValue, readingOf, scoringOf } from "@tocsin/marks/evidence/scores"
import { dice } from "./dice.ts"
import { type Setting, type Strategy, simulateLeak, strategies } from "./leaks.ts"

export interface Hits {
    readonly trials: number
    /**
     * Identified by the approximate tail, which ranks, and by the exact one, which accuses; alone, given accomplices,
     * and by all tests.
     */
    readonly ranked: number
    readonly identified: number
    readonly rankedWithAccomplices: number
    readonly identifiedWithAccomplices: number
    readonly all: number
}

const alpha = 1e-3

/** Counts the leaks of `trials` in which a colluder is identified, optionally with accomplices. */
export function countHits(setting: Setting, trials: number, withJoint: boolean, seed: number): Hits {
    const by = dice(seed)
    const goal = Math.log(setting.recipients / alpha)
    const hits = { trials, ranked: 0, identified: 0, rankedWithAccomplices: 0, identifiedWithAccomplices: 0, all: 0 }
    const guilty = Array.from({ length: setting.colluders }, (_, j) => j)
    const recipients = Array.from({ length: setting.recipients }, (_, i) => `${i}`)
    for (let n = 0; n < trials; n++) {
        const { coins, symbols, rows } = simulateLeak(
            withJoint ? setting : { ...setting, recipients: setting.colluders },
            by,
        )
        const reading = readingOf(coins, symbols)
        const scoring = scoringOf(reading, rows)
        const scores = sumRows(rows, scoring.fits, scoring.others)
        const e = eValue(scoring, goal)
        if (guilty.some((j) => logTail(scoring.cells, scores[j] ?? 0) <= -goal)) hits.ranked++
        if (guilty.some((j) => e(scores[j] ?? 0) >= goal)) hits.identified++
        if (!withJoint) continue
        const { logFor, tail } = accomplicesOf(reading, rows, scores)
        const logOf = logFor(goal)
        if (guilty.some((j) => tail(j) <= -goal)) hits.rankedWithAccomplices++
        if (guilty.some((j) => logOf(j) >= goal)) hits.identifiedWithAccomplices++
        const { identified } = rankRecipients({ coins, symbols, recipients, rows }, alpha)
        if (identified.some((name) => Number(name) < setting.colluders)) hits.all++
    }
    return hits
}

interface Row extends Omit<Setting, "recipients" | "slots" | "strategy"> {
    readonly strategies: readonly Strategy[]
    readonly withJoint: boolean
    /** The number of slots at which the rule must reach 99 %. */
    readonly goal: number
    readonly rule: "ranked" | "identified" | "identifiedWithAccomplices"
}

const each = (colluders: number, design: Setting["design"], goal: number): Row[] => [
    { colluders, design, goal, rule: "ranked", strategies, withJoint: false },
    { colluders, design, goal: Math.ceil(goal * 1.23), rule: "identified", strategies, withJoint: false },
]
const merged = (colluders: number, design: Setting["design"], goal: number): Row[] => {
    return [{ colluders, design, strategies: ["interleave"], withJoint: true, goal, rule: "identifiedWithAccomplices" }]
}
/** Slots of eight forms. Differing ones may be rewritten and unreadable. */
const ofEight = (colluders: number, goal: number, strategies: readonly Strategy[]): Row[] => [
    { colluders, design: 2, q: 8, goal, rule: "ranked", strategies, withJoint: true },
    { colluders, design: 2, q: 8, goal: Math.ceil(goal * 1.23), rule: "identified", strategies, withJoint: true },
]

const rows: readonly Row[] = [
    ...each(1, 2, 20),
    ...each(2, 2, 120),
    ...each(2, 4, 151),
    ...each(3, 4, 384),
    ...each(4, 4, 640),
    ...merged(2, 4, 125),
    ...merged(3, 4, 235),
    ...merged(4, 4, 330),
    ...merged(5, 8, 550),
    ...merged(8, 8, 1260),
    ...ofEight(2, 28, ["interleave"]),
    ...ofEight(3, 52, ["interleave"]),
    ...ofEight(4, 75, ["interleave"]),
    ...ofEight(3, 71, ["minority", "majority", "coin"]),
    ...ofEight(4, 156, ["minority", "majority", "coin"]),
    ...ofEight(2, 114, ["erase what differs"]),
]

/** Prints each row whose title contains `filter`: its worst strategy at its slots, among 1,000 recipients. */
export function printLengths(trials: number, filter: string): void {
    process.stdout.write(
        `named of ${trials} leaks, and four times as many where accomplices are not looked for; 1,000 ` +
            `recipients, α 1e-3, worst of the strategies\n`,
    )
    for (const { strategies, withJoint, goal, rule, ...setting } of rows) {
        const q = setting.q ? ` q=${setting.q}` : ""
        const title = `c=${setting.colluders} design ${setting.design}${q}, ${goal} slots`
        if (!title.includes(filter)) continue
        const count = withJoint ? trials : 4 * trials
        const hitsBy = (strategy: Strategy, seed: number, leaks = count) =>
            countHits({ ...setting, strategy, slots: goal, recipients: 1000 }, leaks, withJoint, seed)
        const share = (hits: Hits) => hits[rule] / hits.trials
        const list = strategies.map((strategy, i) => ({
            strategy,
            hits: hitsBy(strategy, 7 + i, Math.ceil(count / 4)),
        }))
        const worst = list.reduce((a, b) => (share(b.hits) < share(a.hits) ? b : a))
        // The minimum of many counts is biased low, so it is counted again over other leaks.
        const hits = hitsBy(worst.strategy, 1007)
        const part = (count: number) => ((100 * count) / hits.trials).toFixed(1)
        const joint = withJoint
            ? `, given accomplices ${part(hits.rankedWithAccomplices)} and ` +
              `${part(hits.identifiedWithAccomplices)}, all ${part(hits.all)}`
            : ""
        process.stdout.write(
            `  ${title}, ${worst.strategy}, ${hits.trials} leaks: ` +
                `ranked ${part(hits.ranked)} %, identified ${part(hits.identified)} %${joint}` +
                `   (${rule} is to reach 99 %)\n`,
        )
    }
}

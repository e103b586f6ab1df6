/**
 * Measures next to a limit: alternating rounds of both, so that other load affects both equally.
 *
 * The ratio is taken per round, and its median counts. The spread shows how quiet the machine was.
 */

export interface Reading {
    readonly median: number
    readonly min: number
    readonly max: number
}

export interface Comparison {
    readonly measured: Reading
    readonly limits: readonly Reading[]
    /** The ratio of the measured rate to each limit. */
    readonly ratios: readonly Reading[]
}

type Round = () => number | Promise<number>

/** Runs one warm-up round of everything, then `rounds` that count. */
export async function compareWithLimits(
    rounds: number,
    measured: Round,
    limits: readonly Round[],
): Promise<Comparison> {
    const kinds = [measured, ...limits]
    for (const kind of kinds) await kind()
    const values: number[][] = kinds.map(() => [])
    for (let n = 0; n < rounds; n++) {
        // Every other round runs backwards, so that none is always first.
        const order = [...kinds.keys()]
        for (const i of n % 2 === 0 ? order : order.toReversed()) values[i]?.push((await kinds[i]?.()) ?? 0)
    }
    const [ownValues = [], ...limitValues] = values
    return {
        measured: readingOf(ownValues),
        limits: limitValues.map(readingOf),
        ratios: limitValues.map((other) => readingOf(ownValues.map((value, i) => value / (other[i] ?? 1)))),
    }
}

export function readingOf(values: readonly number[]): Reading {
    const sorted = values.toSorted((a, b) => a - b)
    const half = Math.floor(sorted.length / 2)
    const upper = sorted[half] ?? 0
    const median = sorted.length % 2 === 0 ? ((sorted[half - 1] ?? 0) + upper) / 2 : upper
    return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** Returns the rate a second of an action that runs `times` times. */
export function perSecond(times: number, work: () => void): number {
    const start = performance.now()
    for (let n = 0; n < times; n++) work()
    return (times * 1000) / (performance.now() - start)
}

export async function measureSeconds(work: () => unknown): Promise<number> {
    const start = performance.now()
    await work()
    return (performance.now() - start) / 1000
}

// --- Printing

/** One figure: its name, the measurement, and its floor. */
export interface Figure {
    readonly title: string
    readonly lines: readonly (readonly [label: string, value: string])[]
    readonly target: { readonly text: string; readonly isMet: boolean } | null
}

export function printFigure({ title, lines, target }: Figure): void {
    const rows = lines.map(([label, value]) => `  ${label.padEnd(66)} ${value}`)
    const last = target ? [`  ${`floor: ${target.text}`.padEnd(66)} ${target.isMet ? "kept" : "MISSED"}`] : []
    process.stdout.write(`${[title, ...rows, ...last, ""].join("\n")}\n`)
}

/** Formats as `1234 (1100 to 1300) unit`. */
export function formatReading({ median, min, max }: Reading, unit: string, digits = 0): string {
    return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)}) ${unit}`
}

export function formatPercent({ median, min, max }: Reading): string {
    const digits = (ratio: number) => [0.01, 0.1].filter((value) => ratio < value).length
    const pick = (ratio: number) => `${(ratio * 100).toFixed(digits(ratio))} %`
    return `${pick(median)} (${pick(min)} to ${pick(max)})`
}

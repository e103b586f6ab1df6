/**
 * How often an innocent is identified if one person repeats attributions of a leak, guided by results: excerpts,
 * masters and α. Also how often a source is found.
 */
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import { type Findings, type Held, rank } from "@tocsin/marks/evidence"
import {
    type Budget,
    alphaAmong,
    attemptOn,
    candidatesIn,
    concluded,
    hasNewcomers,
    log10Before,
    shareOf,
    spentBy,
    unspent,
} from "@tocsin/marks/evidence/incident"
import { type Dice, dice } from "./dice.ts"
import { type Leak, leakOf } from "./leaks.ts"

/** The errors that a person tries, one after the other. */
const errors = [1e-6, 1e-4, 1e-3, 1e-2]
const recipients = Array.from({ length: 12 }, (_, n) => `recipient ${String(n).padStart(2, "0")}`)
const innocents = recipients.slice(1)

export interface Played {
    readonly leaks: number
    /** Leaks in which any try identified an innocent, and in which one identified the source. */
    readonly wrongly: number
    readonly rightly: number
    /** The largest α tried, which bounds the share of leaks with an identified innocent. */
    readonly alpha: number
}

/** One version: its leak, and the tries. */
interface Version {
    readonly leak: Leak
    budget: Budget
}

/** `kept`: whether tries share the error of their case. Without it, each try is independent, as in earlier versions. */
export function playTries(leaks: number, kept: boolean, seed: number): Played {
    const by = dice(seed)
    let [wrongly, rightly] = [0, 0]
    for (let n = 0; n < leaks; n++) {
        const named = new Set(triesOnOne(by, kept))
        wrongly += Number(innocents.some((innocent) => named.has(innocent)))
        rightly += Number(named.has(recipients[0] ?? ""))
    }
    return { leaks, wrongly, rightly, alpha: errors.at(-1) ?? 0 }
}

/**
 * Returns all recipients that any try identifies: one more slot at a time, then the excerpts that favour an innocent
 * most, at any α.
 */
function triesOnOne(by: Dice, kept: boolean): string[] {
    const setting = { recipients: recipients.length, colluders: 1, strategy: "coin", design: 2, noise: 0.02 } as const
    const versions = [48, 16].map((slots): Version => ({ leak: leakOf({ ...setting, slots }, by), budget: unspent }))
    const favoured = innocents[by.below(innocents.length)] ?? ""
    const named: string[] = []
    for (const version of versions) {
        const { symbols } = version.leak
        const fitsOf = (places: readonly number[]): number => {
            const found = tryOn(versions, version, { shown: shownOf(symbols, places), alpha: 1e-6, kept })
            named.push(...found.identified)
            return found.ranking.find(({ recipient }) => recipient === favoured)?.fits ?? 0
        }
        // At least three slots are read: two stay, so that each try reveals one more.
        const least = fitsOf([0, 1, 2])
        const speaking = [...symbols.keys()].slice(3).filter((place) => fitsOf([0, 1, 2, place]) > least)
        for (const alpha of errors) {
            for (const places of [speaking, [...symbols.keys()]]) {
                named.push(...tryOn(versions, version, { shown: shownOf(symbols, places), alpha, kept }).identified)
            }
        }
    }
    return named
}

const shownOf = (symbols: readonly Symbol[], places: readonly number[]): Symbol[] =>
    symbols.map((symbol, i) => (places.includes(i) ? symbol : null))

interface Try {
    readonly shown: readonly Symbol[]
    readonly alpha: number
    readonly kept: boolean
}

/** Weighs like an attribution, from the reading on. */
function tryOn(versions: readonly Version[], version: Version, { shown, alpha, kept }: Try): Findings {
    const held = { ...version.leak, recipients }
    const budget = kept ? version.budget : unspent
    const last = kept ? Math.max(...versions.map((version) => version.budget.batch)) : 0
    const attempt = attemptOn(
        budget,
        shown,
        shown.map(() => true),
    )
    const batch = hasNewcomers(budget, attempt, recipients) ? last + 1 : last
    const candidates = candidatesIn(budget, attempt, recipients, shareOf(last + 1))
    const here = alphaAmong(candidates, recipients, alpha)
    const fresh = rank(readAs(held, attempt.fresh), here)
    if (!kept || !attempt.spends) return fresh
    const before = recipients.map((recipient): [string, number] => {
        const candidate = candidates[recipient] ?? { log10e: 0, attempts: 0 }
        return [recipient, attempt.counts.fresh > 0 ? log10Before(candidate) : candidate.log10e]
    })
    const findings = concluded(rank(readAs(held, shown), here), fresh, new Map(before))
    const log10e = new Map(findings.ranking.map((ranked) => [ranked.recipient, ranked.log10e]))
    version.budget = spentBy(budget, attempt, candidates, { log10e, alpha, batch })
    return findings
}

/** A row fits if it has the forms that the whole leak shows. Unread slots are ignored. */
const readAs = (held: Omit<Held, "symbols">, symbols: readonly Symbol[]): Held => ({ ...held, symbols })

/** Prints both; returns whether tries that share their error stay within it. */
export function printTries(leaks: number): boolean {
    process.stdout.write(
        `${leaks} leaks, each tried 76 times: excerpts that favour one innocent most, two masters, α up to 0.01\n`,
    )
    const [alone, shared] = [playTries(Math.min(100, leaks), false, 9), playTries(leaks, true, 9)]
    for (const [title, { leaks, wrongly, rightly, alpha }] of [
        ["each a try by itself", alone],
        ["tries that share α", shared],
    ] as const) {
        const rate = ((100 * rightly) / leaks).toFixed(1)
        process.stdout.write(
            `  ${title.padEnd(24)} an innocent identified in ${wrongly} of ${leaks} (allowed ` +
                `${(alpha * leaks).toFixed(1)}); ` +
                `the source in ${rate} %\n`,
        )
    }
    const isKept = shared.wrongly <= shared.alpha * shared.leaks + 3 * Math.sqrt(shared.alpha * shared.leaks)
    process.stdout.write(`  none above what is allowed: ${isKept ? "kept" : "MISSED"}\n\n`)
    return isKept
}

/**
 * How often an innocent is identified if one person repeats attributions of a leak, guided by results: excerpts,
 * masters and α. Also how often a source is found.
 */
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import { type Findings, type CopyComparison, rankRecipients } from "@tocsin/marks/evidence"
import {
    type Budget,
    alphaAmong,
    prepareAttempt,
    candidatesIn,
    combineWithIncident,
    hasNewcomers,
    log10Before,
    shareOf,
    budgetAfter,
    emptyBudget,
} from "@tocsin/marks/evidence/incident"
import { type Dice, dice } from "./dice.ts"
import { type Leak, simulateLeak } from "./leaks.ts"

/** The errors that a person tries, one after the other. */
const errors = [1e-6, 1e-4, 1e-3, 1e-2]
const recipients = Array.from({ length: 12 }, (_, n) => `recipient ${String(n).padStart(2, "0")}`)
const innocents = recipients.slice(1)

export interface TryCounts {
    readonly leaks: number
    /** Leaks in which any try identified an innocent, and in which one identified the source. */
    readonly innocentIdentified: number
    readonly sourceIdentified: number
    /** The largest α tried, which bounds the share of leaks with an identified innocent. */
    readonly alpha: number
}

/** One version: its leak, and the tries. */
interface Version {
    readonly leak: Leak
    budget: Budget
}

/**
 * `sharesBudget`: whether tries share the error of their case. Without it, each try is independent, as in earlier
 * versions.
 */
export function simulateTries(leaks: number, sharesBudget: boolean, seed: number): TryCounts {
    const by = dice(seed)
    let [innocentIdentified, sourceIdentified] = [0, 0]
    for (let n = 0; n < leaks; n++) {
        const named = new Set(tryVersions(by, sharesBudget))
        innocentIdentified += Number(innocents.some((innocent) => named.has(innocent)))
        sourceIdentified += Number(named.has(recipients[0] ?? ""))
    }
    return { leaks, innocentIdentified, sourceIdentified, alpha: errors.at(-1) ?? 0 }
}

/**
 * Returns all recipients that any try identifies: one more slot at a time, then the excerpts that favour an innocent
 * most, at any α.
 */
function tryVersions(by: Dice, sharesBudget: boolean): string[] {
    const setting = { recipients: recipients.length, colluders: 1, strategy: "coin", design: 2, noise: 0.02 } as const
    const versions = [48, 16].map((slots): Version => ({
        leak: simulateLeak({ ...setting, slots }, by),
        budget: emptyBudget,
    }))
    const favoured = innocents[by.below(innocents.length)] ?? ""
    const identified: string[] = []
    for (const version of versions) {
        const { symbols } = version.leak
        const fitsOf = (places: readonly number[]): number => {
            const found = runTry(versions, version, {
                symbols: maskSymbols(symbols, places),
                alpha: 1e-6,
                sharesBudget,
            })
            identified.push(...found.identified)
            return found.ranking.find(({ recipient }) => recipient === favoured)?.fits ?? 0
        }
        // At least three slots are read: two stay, so that each try reveals one more.
        const least = fitsOf([0, 1, 2])
        const tellingSlots = [...symbols.keys()].slice(3).filter((place) => fitsOf([0, 1, 2, place]) > least)
        for (const alpha of errors) {
            for (const places of [tellingSlots, [...symbols.keys()]]) {
                identified.push(
                    ...runTry(versions, version, { symbols: maskSymbols(symbols, places), alpha, sharesBudget })
                        .identified,
                )
            }
        }
    }
    return identified
}

const maskSymbols = (symbols: readonly Symbol[], places: readonly number[]): Symbol[] =>
    symbols.map((symbol, i) => (places.includes(i) ? symbol : null))

interface Try {
    readonly symbols: readonly Symbol[]
    readonly alpha: number
    readonly sharesBudget: boolean
}

/** Weighs like an attribution, from the reading on. */
function runTry(versions: readonly Version[], version: Version, { symbols, alpha, sharesBudget }: Try): Findings {
    const comparison = { ...version.leak, recipients }
    const budget = sharesBudget ? version.budget : emptyBudget
    const last = sharesBudget ? Math.max(...versions.map((version) => version.budget.batch)) : 0
    const attempt = prepareAttempt(
        budget,
        symbols,
        symbols.map(() => true),
    )
    const batch = hasNewcomers(budget, attempt, recipients) ? last + 1 : last
    const candidates = candidatesIn(budget, attempt, recipients, shareOf(last + 1))
    const here = alphaAmong(candidates, recipients, alpha)
    const fresh = rankRecipients(withSymbols(comparison, attempt.fresh), here)
    if (!sharesBudget || !attempt.spendsBudget) return fresh
    const before = recipients.map((recipient): [string, number] => {
        const candidate = candidates[recipient] ?? { log10e: 0, attempts: 0 }
        return [recipient, attempt.counts.fresh > 0 ? log10Before(candidate) : candidate.log10e]
    })
    const findings = combineWithIncident(rankRecipients(withSymbols(comparison, symbols), here), fresh, new Map(before))
    const log10e = new Map(findings.ranking.map((ranked) => [ranked.recipient, ranked.log10e]))
    version.budget = budgetAfter(budget, attempt, candidates, { log10e, alpha, batch })
    return findings
}

/** A row fits if it has the forms that the whole leak shows. Unread slots are ignored. */
const withSymbols = (comparison: Omit<CopyComparison, "symbols">, symbols: readonly Symbol[]): CopyComparison => ({
    ...comparison,
    symbols,
})

/** Prints both; returns whether tries that share their error stay within it. */
export function printTries(leaks: number): boolean {
    process.stdout.write(
        `${leaks} leaks, each tried 76 times: excerpts that favour one innocent most, two masters, α up to 0.01\n`,
    )
    const [alone, shared] = [simulateTries(Math.min(100, leaks), false, 9), simulateTries(leaks, true, 9)]
    for (const [title, { leaks, innocentIdentified, sourceIdentified, alpha }] of [
        ["each a try by itself", alone],
        ["tries that share α", shared],
    ] as const) {
        const rate = ((100 * sourceIdentified) / leaks).toFixed(1)
        process.stdout.write(
            `  ${title.padEnd(24)} an innocent identified in ${innocentIdentified} of ${leaks} (allowed ` +
                `${(alpha * leaks).toFixed(1)}); ` +
                `the source in ${rate} %\n`,
        )
    }
    const isKept = shared.innocentIdentified <= shared.alpha * shared.leaks + 3 * Math.sqrt(shared.alpha * shared.leaks)
    process.stdout.write(`  none above what is allowed: ${isKept ? "kept" : "MISSED"}\n\n`)
    return isKept
}

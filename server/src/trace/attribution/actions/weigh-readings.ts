/** Weighs the reading of a text against each version, and spends the case's error on it. */
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import { isCounted } from "@tocsin/marks/carriers/carrier"
import { noncesOf } from "@tocsin/marks/code"
import {
    type Attempt,
    type Budget,
    type Candidate,
    alphaAmong,
    prepareAttempt,
    candidatesIn,
    combineWithIncident,
    hasNewcomers,
    shareLeftAfter,
    log10Before,
    shareOf,
    budgetAfter,
    emptyBudget,
} from "@tocsin/marks/evidence/incident"
import type { WeighedFindings } from "@tocsin/marks/evidence/typography"
import { refuse } from "@tocsin/base/refusal"
import { LimitExceeded, runHereOrInThread } from "../../../platform/sandbox/thread-pool.ts"
import type { DeliveredVersion } from "../../../share/delivery/actions/list-exposure.ts"
import type { Marks } from "../../../share/marking/actions/mark-copy.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Spending, TestedVersion } from "../attribution.ts"
import { type CaseBudget, loadBudgets, versionKey, saveBudget } from "./save-budgets.ts"

export interface Reading extends DeliveredVersion {
    readonly case: string
    readonly marks: Marks
    readonly symbols: readonly Symbol[]
}

/** A reading with the earlier tries on its version. */
interface PreparedReading {
    readonly reading: Reading
    readonly budget: Budget
    readonly attempt: Attempt
    readonly candidates: Readonly<Record<string, Candidate>>
    readonly batch: number
}

/**
 * Weighs all readings of one text, and stores the budget that leaks of each version have spent. Refuses
 * `attribution.contradicts_leak` for another leak of a version without a second signature.
 */
export async function weighReadings(
    ctx: ActionContext,
    readings: readonly Reading[],
    { alpha, isLong, isSigned }: { readonly alpha: number; readonly isLong: boolean; readonly isSigned: boolean },
): Promise<TestedVersion[]> {
    const budgets = await loadBudgets(ctx, [...new Set(readings.map((reading) => reading.case))])
    const prepared = prepareReadings(readings, budgets)
    if (!isSigned && prepared.some(({ attempt }) => attempt.opensNewIncident)) {
        refuse(
            "forbidden",
            "attribution.contradicts_leak",
            "this text contradicts an earlier leak of the case: give a reason to request a second signature",
        )
    }
    const tested = prepared.map(async (prepared): Promise<TestedVersion> => {
        const { findings, factor } = await weighReading(prepared, alpha, isLong)
        const { reading, attempt, batch } = prepared
        const { artifact, version } = reading
        if (!attempt.spendsBudget) {
            if (findings.identified.length > 0) throw new Error("a text that spends no error identified a copy")
            return { artifact, version, symbols: attempt.fresh, findings }
        }
        const log10e = new Map(findings.ranking.map((ranked) => [ranked.recipient, ranked.log10e]))
        const after = budgetAfter(prepared.budget, attempt, prepared.candidates, { log10e, alpha, batch })
        await saveBudget(ctx, reading, after)
        const spent = Math.max(alpha, budgets.get(reading.case)?.alpha ?? 0)
        const spending: Spending = {
            incident: attempt.place + 1,
            attempts: after.incidents[attempt.place]?.attempts ?? 1,
            ...attempt.counts,
            spent,
            left: shareLeftAfter(batch),
            restored: prepared.budget.incidents.some((incident) => incident.isRestored === true),
            factor,
        }
        return { artifact, version, symbols: reading.symbols, findings, spending }
    })
    return await Promise.all(tested)
}

function prepareReadings(readings: readonly Reading[], budgets: ReadonlyMap<string, CaseBudget>): PreparedReading[] {
    const attempts = readings.map((reading) => {
        const caseBudget = budgets.get(reading.case)
        const budget = caseBudget?.versions.get(versionKey(reading)) ?? emptyBudget
        const attempt = prepareAttempt(budget, reading.symbols, reading.marks.slots.map(isCounted))
        return { reading, budget, attempt, lastBatch: caseBudget?.batch ?? 0 }
    })
    const related = attempts.filter(({ attempt }) => attempt.spendsBudget).length
    return attempts.map(({ lastBatch, ...rest }) => {
        const { budget, attempt, reading } = rest
        const isNew = attempt.spendsBudget && hasNewcomers(budget, attempt, reading.recipients)
        const share = shareOf(lastBatch + 1) / Math.max(1, related)
        const candidates = candidatesIn(budget, attempt, reading.recipients, share)
        return { ...rest, candidates, batch: isNew ? lastBatch + 1 : lastBatch }
    })
}

/** Computes the findings on the text. Of a later try, also computes its factor. */
async function weighReading(
    { reading, attempt, candidates }: PreparedReading,
    alpha: number,
    isLong: boolean,
): Promise<{ readonly findings: WeighedFindings; readonly factor: Spending["factor"] }> {
    const alphaHere = alphaAmong(candidates, reading.recipients, alpha)
    const fresh = await computeFindings(reading, attempt.fresh, { alpha: alphaHere, isLong })
    const before = reading.recipients.toSorted().map((recipient): [string, number] => {
        const candidate = candidates[recipient]
        const isWeighed = candidate !== undefined && attempt.counts.fresh > 0
        return [recipient, isWeighed ? log10Before(candidate) : (candidate?.log10e ?? 0)]
    })
    // A text of another version, or without marks, shows no codeword. It spends nothing.
    const isFirst = before.every(([, log10e]) => log10e === 0) && attempt.counts.before === 0
    if (isFirst || !attempt.spendsBudget) return { findings: fresh, factor: null }
    const alone = await computeFindings(reading, reading.symbols, { alpha: alphaHere, isLong })
    const { typographyLayer: _, ...findings } = fresh
    const combined = combineWithIncident(alone, fresh, new Map(before))
    return { findings: combined, factor: { symbols: attempt.fresh, findings, before } }
}

async function computeFindings(
    { recipients: unsorted, marks }: Reading,
    symbols: readonly Symbol[],
    { alpha, isLong }: { readonly alpha: number; readonly isLong: boolean },
): Promise<WeighedFindings> {
    const { coins, bits, rowsFor } = marks.book
    const recipients = unsorted.toSorted()
    const held = { coins, bits, symbols, recipients, rows: rowsFor(symbols, noncesOf(recipients)) }
    const usesThread = isLong && symbols.some((symbol) => typeof symbol === "number")
    return await runHereOrInThread(usesThread, "weigh", { slots: marks.slots, held, alpha }).catch(
        refuseIfLimitExceeded,
    )
}

function refuseIfLimitExceeded(error: unknown): never {
    if (error instanceof LimitExceeded)
        refuse(
            "conflict",
            "attribution.too_complex",
            "the reading is too large to weigh in time: attribute a shorter text",
        )
    throw error
}

/**
 * Checks what a bundle says about timing, by computing it again from the first observation and the instants of first
 * holding.
 */
import type { Bundle } from "./bundle.ts"
import { parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { equalJson, hasFields } from "./leaves.ts"
import { assumptionsOf, evenAt, shippedModel, timeHypotheses } from "./timing.ts"

type Timing = Bundle["timing"]

const tolerance = 1e-9

/**
 * Refuses `bundle.timing_mismatch` if timing does not follow. When partners held something, and when it became public,
 * is taken from the bundle.
 */
export function assertTiming(bundle: Bundle): void {
    const { timing } = bundle
    const { model, assumptions, rows, firstObservation } = timing
    const isShipped = equalJson(model, shippedModel) && equalJson(assumptions, assumptionsOf(shippedModel))
    if (!isShipped) refuseTiming("its assumptions")
    if (!equalJson(firstObservation, findFirstObservation(bundle))) refuseTiming("the first observation")
    const holdings = rows.flatMap(({ key, partner, since }) =>
        key === "partner" && partner !== null && since !== null ? [{ partner, at: parseInstant(since) }] : [],
    )
    const publicSince = rows.find(({ key }) => key === "patch")?.since ?? null
    const recomputed = timeHypotheses(
        bundle.hypotheses,
        {
            observation: firstObservation && {
                at: parseInstant(firstObservation.at),
                clock: qualityOf(firstObservation.clock),
            },
            holdings,
            publicSince: publicSince === null ? null : parseInstant(publicSince),
        },
        shippedModel,
    )
    const isSame =
        recomputed.length === rows.length && recomputed.every((hypothesis, n) => matchesRow(rows[n], hypothesis))
    if (!isSame) refuseTiming("the likelihood ratio or weight of a hypothesis")
    if (!isNear(timing.evenAt, evenAt(recomputed)))
        refuseTiming("the evidence that makes one partner as likely as all else")
}

type Row = Timing["rows"][number]

function matchesRow(stated: Row | undefined, computed: ReturnType<typeof timeHypotheses>[number]): boolean {
    if (stated === undefined || stated.key !== computed.key || stated.partner !== computed.partner) return false
    const since = stated.since === null ? null : parseInstant(stated.since)
    return since === computed.since && isNear(stated.weight, computed.weight) && isNear(stated.log10, computed.log10)
}

const isNear = (a: number | null, b: number | null): boolean =>
    a === null || b === null ? a === b : Math.abs(a - b) <= tolerance

/** Finds the first observation in the evidence of its case. A touched canary may be an echo and does not count. */
function findFirstObservation({ evidence, leaves, case: caseId }: Bundle): Timing["firstObservation"] {
    let first: Bundle["evidence"][number] | null = null
    for (const item of evidence) {
        const leaf = leaves.find((leaf) => leaf.kind === "evidence.added" && hasFields(leaf, { evidence: item.id }))
        const about = leaf?.body["case"] ?? null
        if ((about !== null && about !== caseId) || item.kind === "canary_touched" || item.deletedAt !== null) continue
        if (first === null || parseInstant(item.observedAt) < parseInstant(first.observedAt)) first = item
    }
    return first && { evidence: first.id, at: first.observedAt, clock: first.clock }
}

function qualityOf(clock: string): keyof typeof shippedModel.offMs {
    if (clock === "synchronised" || clock === "estimated" || clock === "unknown") return clock
    refuseTiming("the clock of the first observation")
}

function refuseTiming(part: string): never {
    refuse("invalid", "bundle.timing_mismatch", `the stated timing differs from the recomputed timing: ${part}`)
}

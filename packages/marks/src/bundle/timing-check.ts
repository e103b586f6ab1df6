/**
 * Checks what a bundle says about timing, by computing it again from the first observation and the instants of first
 * holding.
 */
import type { Bundle } from "./bundle.ts"
import { parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { same, says } from "./leaves.ts"
import { assumptionsOf, evenAt, formerAssumptions, shippedModel, timed } from "./timing.ts"

type Timing = NonNullable<Bundle["timing"]>

const tolerance = 1e-9

/**
 * Refuses `bundle.timing_mismatch` if timing does not follow. When partners held something, and when it became public,
 * is taken from the bundle.
 */
export function assertTimed(input: Bundle): void {
    const { timing } = input
    if (timing === undefined) return
    const { model, assumptions, rows, seen } = timing
    const isKnown = same(assumptions, assumptionsOf(shippedModel)) || same(assumptions, formerAssumptions)
    if (!same(model, shippedModel) || !isKnown) other("its assumptions")
    if (!same(seen, firstSeen(input))) other("what was seen first")
    const held = rows.flatMap(({ key, partner, since }) =>
        key === "partner" && partner !== null && since !== null ? [{ partner, at: parseInstant(since) }] : [],
    )
    const publicSince = rows.find(({ key }) => key === "patch")?.since ?? null
    const again = timed(
        input.explanations,
        {
            seen: seen && { at: parseInstant(seen.at), clock: qualityOf(seen.clock) },
            held,
            publicSince: publicSince === null ? null : parseInstant(publicSince),
        },
        shippedModel,
    )
    const fits = again.length === rows.length && again.every((timed, n) => isAs(rows[n], timed))
    if (!fits) other("what it gives each explanation")
    if (!near(timing.evenAt, evenAt(again))) other("from when one stands even with all else")
}

type Row = Timing["rows"][number]

function isAs(notified: Row | undefined, item: ReturnType<typeof timed>[number]): boolean {
    if (notified === undefined || notified.key !== item.key || notified.partner !== item.partner) return false
    const since = notified.since === null ? null : parseInstant(notified.since)
    return since === item.since && near(notified.weight, item.weight) && near(notified.log10, item.log10)
}

const near = (a: number | null, b: number | null): boolean =>
    a === null || b === null ? a === b : Math.abs(a - b) <= tolerance

/** Finds the first observation in the evidence of its case. A touched canary may be an echo and does not count. */
function firstSeen({ evidence, leaves, case: caseId }: Bundle): Timing["seen"] {
    let first: Bundle["evidence"][number] | null = null
    for (const item of evidence) {
        const leaf = leaves.find((leaf) => leaf.kind === "evidence.added" && says(leaf, { evidence: item.id }))
        const about = leaf?.body["case"] ?? null
        if ((about !== null && about !== caseId) || item.kind === "canary_touched" || item.deletedAt !== null) continue
        if (first === null || parseInstant(item.seenAt) < parseInstant(first.seenAt)) first = item
    }
    return first && { evidence: first.id, at: first.seenAt, clock: first.clock }
}

function qualityOf(clock: string): keyof typeof shippedModel.offMs {
    if (clock === "synchronised" || clock === "estimated" || clock === "unknown") return clock
    other("the clock of what was seen first")
}

function other(kind: string): never {
    refuse("invalid", "bundle.timing_mismatch", `the stated timing differs from the recomputed timing: ${kind}`)
}

/** What time alone says in a bundle, computed again from when what was seen first, and since when who held something. */
import type { Bundle } from "../bundle.ts"
import { parseInstant } from "../instant.ts"
import { refuse } from "../refusal.ts"
import { same, says } from "./leaves.ts"
import { assumptionsOf, evenAt, formerAssumptions, shippedModel, timed } from "./timing.ts"

type Timing = NonNullable<Bundle["timing"]>

const tolerance = 1e-9

/** Since when partners held something, and since when it was public, is what the program says. */
export function mustBeTimed(its: Bundle): void {
    const { timing } = its
    if (timing === undefined) return
    const { model, assumptions, rows, seen } = timing
    const isKnown = same(assumptions, assumptionsOf(shippedModel)) || same(assumptions, formerAssumptions)
    if (!same(model, shippedModel) || !isKnown) other("its assumptions")
    if (!same(seen, firstSeen(its))) other("what was seen first")
    const held = rows.flatMap(({ key, partner, since }) =>
        key === "partner" && partner !== null && since !== null ? [{ partner, at: parseInstant(since) }] : [],
    )
    const publicSince = rows.find(({ key }) => key === "patch")?.since ?? null
    const again = timed(
        its.explanations,
        {
            seen: seen && { at: parseInstant(seen.at), clock: qualityOf(seen.clock) },
            held,
            publicSince: publicSince === null ? null : parseInstant(publicSince),
        },
        shippedModel,
    )
    const fits = again.length === rows.length && again.every((one, n) => isAs(rows[n], one))
    if (!fits) other("what it gives each explanation")
    if (!near(timing.evenAt, evenAt(again))) other("from when one stands even with all else")
}

type Row = Timing["rows"][number]

function isAs(told: Row | undefined, one: ReturnType<typeof timed>[number]): boolean {
    if (told === undefined || told.key !== one.key || told.partner !== one.partner) return false
    const since = told.since === null ? null : parseInstant(told.since)
    return since === one.since && near(told.weight, one.weight) && near(told.log10, one.log10)
}

const near = (a: number | null, b: number | null): boolean =>
    a === null || b === null ? a === b : Math.abs(a - b) <= tolerance

/** Of its evidence of its case that is there. A touched canary may be an echo. */
function firstSeen({ evidence, leaves, case: of }: Bundle): Timing["seen"] {
    let first: Bundle["evidence"][number] | null = null
    for (const one of evidence) {
        const leaf = leaves.find((its) => its.kind === "evidence.added" && says(its, { evidence: one.id }))
        const about = leaf?.body["case"] ?? null
        if ((about !== null && about !== of) || one.kind === "canary touched" || one.deletedAt !== null) continue
        if (first === null || parseInstant(one.seenAt) < parseInstant(first.seenAt)) first = one
    }
    return first && { evidence: first.id, at: first.seenAt, clock: first.clock }
}

function qualityOf(clock: string): keyof typeof shippedModel.offMs {
    if (clock === "synchronised" || clock === "estimated" || clock === "unknown") return clock
    other("the clock of what was seen first")
}

function other(what: string): never {
    refuse("invalid", "bundle.timing_mismatch", `what time says is told otherwise than it follows: ${what}`)
}

/**
 * Weighs all leaks of all cases together. Includes every weighed leak, because a selection by a reader of the results
 * could produce any e-value. All readers get the same cross-case evidence, and no inquiry changes it.
 */
import { type CrossCaseEvidence, type Leak, crossCaseEvidenceOf } from "@tocsin/marks/evidence/cross-case-evidence"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listEvidence } from "../../evidence/actions/load-evidence.ts"
import { loadAttribution } from "./load-attributions.ts"
import { alphaDefault } from "../attribution.ts"
import * as store from "../store.ts"
import { leakScoresOf } from "../scores.ts"

/** Bounds the probability that any innocent recipient is ever identified by the cross-case evidence. */
const bound = { alpha: alphaDefault, places: 10_000 }
const attributionsMax = 20_000

export interface FullCrossCaseEvidence extends CrossCaseEvidence {
    readonly alpha: number
    readonly places: number
    /** All leaks that were added. Those that are not weighed identify no recipient, or are public. */
    readonly added: number
    /** Leaks that two people deleted. Their readings no longer count. */
    readonly deleted: number
}

/** Computes the cross-case evidence, and records a read of each leak. Refuses `attribution.too_many`. */
export async function readCrossCaseEvidence(ctx: ActionContext): Promise<FullCrossCaseEvidence> {
    const added = await listEvidence(ctx, "leak")
    const leaks = await listWeighedLeaks(ctx)
    await record(ctx, { kind: "cross_case_evidence.read", evidence: leaks.map(({ id }) => id) }, true)
    const deleted = added.filter(({ deletedAt }) => deletedAt !== null).length
    return { ...bound, added: added.length, deleted, ...crossCaseEvidenceOf(leaks, bound) }
}

/**
 * Takes the first attribution of each leak that identifies its version. Later attributions add nothing, because their
 * requester has seen the first.
 */
async function listWeighedLeaks(ctx: ActionContext): Promise<Leak[]> {
    const rows = await store.listAllAttributions(ctx.tx, attributionsMax + 1)
    if (rows.length > attributionsMax) {
        refuse(
            "conflict",
            "attribution.too_many",
            `cross-case evidence has more than \`${attributionsMax}\` attributions: report it to the developers`,
            { max: attributionsMax },
        )
    }
    const leaks = new Map<string, Leak>()
    for (const { id, evidence } of rows) {
        if (leaks.has(evidence)) continue
        const scores = leakScoresOf((await loadAttribution(ctx, id)).result)
        if (scores !== null) leaks.set(evidence, { id: evidence, ...scores })
    }
    return [...leaks.values()]
}

/**
 * The ledger over all cases. It takes every leak that was weighed, and not those that somebody brought in: a choice among them,
 * made by whoever has seen what they say, could make an e-value of anything. So it is one for all who may read it, and nothing
 * that an inquiry does changes it.
 */
import { type Ledger, type Leak, ledgerOf } from "@tocsin/marks/evidence/cross-case-evidence"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { allEvidence } from "../../evidence/actions.ts"
import { attributionWith } from "../actions.ts"
import { alphaDefault } from "../attribution.ts"
import * as store from "../store.ts"
import { weighedBy } from "../scores.ts"

/** Over the ledger's whole life anybody innocent is named with this probability at most. */
const bound = { alpha: alphaDefault, places: 10_000 }
const attributionsMax = 20_000

export interface WholeLedger extends Ledger {
    readonly alpha: number
    readonly places: number
    /** Leaks that were filed; the others say nothing of anybody, or are public. */
    readonly filed: number
    /** Of these, deleted by two people: what they said is in it no more. */
    readonly deleted: number
}

/** For whoever may read evidence, of which all is in it; on record as a look at each leak. Refuses `attribution.too_many`. */
export async function readLedger(ctx: ActionContext): Promise<WholeLedger> {
    const filed = await allEvidence(ctx, "leak")
    const leaks = await leaksWeighed(ctx)
    await record(ctx, { kind: "cross_case_evidence.read", evidence: leaks.map(({ id }) => id) }, true)
    const deleted = filed.filter(({ deletedAt }) => deletedAt !== null).length
    return { ...bound, filed: filed.length, deleted, ...ledgerOf(leaks, bound) }
}

/** By what was first found out about each that says something: whoever attributes again has seen that, and adds nothing. */
async function leaksWeighed(ctx: ActionContext): Promise<Leak[]> {
    const rows = await store.inOrder(ctx.tx, attributionsMax + 1)
    if (rows.length > attributionsMax) {
        refuse(
            "conflict",
            "attribution.too_many",
            `more than \`${attributionsMax}\` attributions: the ledger ends here`,
        )
    }
    const leaks = new Map<string, Leak>()
    for (const { id, evidence } of rows) {
        if (leaks.has(evidence)) continue
        const weighed = weighedBy((await attributionWith(ctx, id)).result)
        if (weighed !== null) leaks.set(evidence, { id: evidence, ...weighed })
    }
    return [...leaks.values()]
}

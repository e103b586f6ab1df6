/**
 * Finds canaries in a leaked text. Selects words by their form first, and only then looks up the owners of the
 * canaries.
 */
import { coresIn, digestOf } from "@tocsin/marks/canary"
import { findCanaryOwners, countCanaryNames } from "../../../share/canaries/actions/find-canaries.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Quotations, wordsCheckedMax, quotationsOf } from "../quotation.ts"

/** Finds the canaries that a leak quotes. */
export async function findQuotations(ctx: ActionContext, leak: string): Promise<Quotations> {
    const cores = coresIn(leak, wordsCheckedMax)
    const canariesIssued = await countCanaryNames(ctx)
    const known = await findCanaryOwners(ctx, cores.map(digestOf))
    const found = [...known.values()].map(({ artifact, version, kind, what: value, recipient, decoy }) => {
        return { artifact, version, kind, what: value, recipient, decoy }
    })
    return quotationsOf({ wordsChecked: cores.length, canariesIssued, found })
}

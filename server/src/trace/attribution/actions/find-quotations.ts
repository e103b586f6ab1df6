/**
 * Looks for canaries in a leaked text. Selects words by their form first, and only then looks up whose canaries they
 * are.
 */
import { coresIn, digestOf } from "@tocsin/marks/canary"
import { namesAmong, namesGiven } from "../../../share/canaries/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Quoted, lookedMax, quotedOf } from "../quotation.ts"

/** Finds the canaries that a leak quotes. */
export async function quotedIn(ctx: ActionContext, leak: string): Promise<Quoted> {
    const cores = coresIn(leak, lookedMax)
    const names = await namesGiven(ctx)
    const known = await namesAmong(ctx, cores.map(digestOf))
    const found = [...known.values()].map(({ artifact, version, kind, what: value, recipient, decoy }) => {
        return { artifact, version, kind, what: value, recipient, decoy }
    })
    return quotedOf({ looked: cores.length, names, found })
}

/** Looks for canaries in a leaked text: by the form of its words alone, and only then at whose they are. */
import { coresIn, digestOf } from "../../../lib/canary.ts"
import { namesAmong, namesGiven } from "../../../share/canaries/actions.ts"
import type { ActionContext } from "../../../trust/audit/actions.ts"
import { type Quoted, lookedMax, quotedOf } from "../quoted.ts"

export async function quotedIn(ctx: ActionContext, leak: string): Promise<Quoted> {
    const cores = coresIn(leak, lookedMax)
    const names = await namesGiven(ctx)
    const known = await namesAmong(ctx, cores.map(digestOf))
    const found = [...known.values()].map(({ artifact, version, kind, what: value, recipient, decoy }) => {
        return { artifact, version, kind, what: value, recipient, decoy }
    })
    return quotedOf({ looked: cores.length, names, found })
}

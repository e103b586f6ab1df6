/** Adds touched canaries as evidence automatically. It accuses no partner: the touch knows the recipient. */
import { valueText } from "@tocsin/base/value-text"
import { background, touch, touchedDecoys } from "../../../share/canaries/actions/list-canaries.ts"
import type { Background } from "../../../share/canaries/scanner-noise.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { allEvidence, fileTouch } from "../actions.ts"
import type { Evidence } from "../evidence.ts"
import * as store from "../store/holds.ts"

/** Adds evidence for a touch. */
export async function fileTouched(ctx: ActionContext, id: string): Promise<void> {
    const input = await touch(ctx, id)
    if (input === null) throw new Error("the touch was deleted")
    const known = (await background(ctx)).find(({ grade }) => grade === input.grade)
    const owner = input.decoy ? "It is a decoy's, which was given to nobody. " : ""
    const kind =
        `A ${input.kind} was asked for by ${input.channel}: ${valueText(input.grade)}, because ` +
        `${input.reasons.join("; ")}. `
    const note = owner + kind + learnt(known) + seeThere
    await fileTouch(ctx, { case: input.case, touch: id, seenAt: input.firstAt, note })
}

const seeThere = "Whose copy it is from stands under Canaries."

function learnt(known: Background | undefined): string {
    if (known === undefined || known.decoys === 0) return "There are no decoys to say how often strangers do that. "
    const share = (100 * known.upTo).toPrecision(2)
    return (
        `Of ${known.decoys} names of decoys ${known.touched} were touched so: of whoever has no copy, up to ` +
        `${share} % of names are. How often tools of a rightful holder do that is not known. `
    )
}

/** Lists touched decoys that are not deleted and have no note of an investigator. */
export async function decoyAlarms(ctx: ActionContext): Promise<Evidence[]> {
    const decoys = new Set(await touchedDecoys(ctx))
    if (decoys.size === 0) return []
    const noted = new Set(await store.listNotedAmong(ctx.tx))
    return (await allEvidence(ctx, "canary_touched")).filter(({ id, touch, deletedAt }) => {
        return touch !== null && decoys.has(touch) && deletedAt === null && !noted.has(id)
    })
}

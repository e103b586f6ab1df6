/** Adds touched canaries as evidence automatically. The touch, not the evidence, identifies the recipient. */
import { valueText } from "@tocsin/base/value-text"
import { loadBackgroundRates, findTouch, listTouchedDecoys } from "../../../share/canaries/actions/list-canaries.ts"
import type { BackgroundRate } from "../../../share/canaries/background-rate.ts"
import { reasonText } from "../../../share/canaries/touch.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listEvidence } from "./load-evidence.ts"
import { addTouch } from "./add-evidence.ts"
import type { Evidence } from "../evidence.ts"
import * as store from "../store/holds.ts"

/** Adds evidence for a touch. */
export async function addTouchedCanary(ctx: ActionContext, id: string): Promise<void> {
    const canaryTouch = await findTouch(ctx, id)
    if (canaryTouch === null) throw new Error("the touch was deleted")
    const decoyRate = (await loadBackgroundRates(ctx)).find(
        ({ likelySource }) => likelySource === canaryTouch.likelySource,
    )
    const decoyNote = canaryTouch.decoy ? "It belongs to a decoy, which no partner has. " : ""
    const description =
        `A ${canaryTouch.kind} was requested by ${canaryTouch.channel}: ` +
        `${valueText(canaryTouch.likelySource)}, because ${canaryTouch.reasons.map(reasonText).join("; ")}. `
    const note = decoyNote + description + describeDecoyRate(decoyRate) + ownerHint
    await addTouch(ctx, { case: canaryTouch.case, touch: id, observedAt: canaryTouch.firstAt, note })
}

const ownerHint = "Canaries shows the copy that it belongs to."

function describeDecoyRate(decoyRate: BackgroundRate | undefined): string {
    if (decoyRate === undefined || decoyRate.decoys === 0)
        return "There are no decoys, so the rate of touches by strangers is unknown. "
    const share = (100 * decoyRate.max).toPrecision(2)
    return (
        `Of ${decoyRate.decoys} names of decoys, ${decoyRate.touched} were touched in this way: strangers touch up ` +
        `to ${share} % of names. The rate of touches by tools of a rightful holder is unknown. `
    )
}

/** Lists touched decoys that are not deleted and have no note of an investigator. */
export async function listDecoyAlarms(ctx: ActionContext): Promise<Evidence[]> {
    const decoys = new Set(await listTouchedDecoys(ctx))
    if (decoys.size === 0) return []
    const noted = new Set(await store.listNotedTouches(ctx.tx))
    return (await listEvidence(ctx, "canary_touched")).filter(({ id, touch, deletedAt }) => {
        return touch !== null && decoys.has(touch) && deletedAt === null && !noted.has(id)
    })
}

/** Lets a lead set which people of its partner see a case. */
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { rosterStays } from "../../../identity/actions/find-sessions.ts"
import { type CircleTurn, validateCircle } from "../access-list.ts"
import * as store from "../store/access-lists.ts"
import { lockPartner } from "../../store/partners.ts"
import { personsInside, write } from "./set-access-list.ts"
import { assertLead } from "./manage-roster.ts"

/** Whether a list is set, and who has access. */
export interface OwnCircle {
    readonly narrowed: boolean
    readonly persons: readonly string[]
}

export async function ownCircle(ctx: ActionContext, caseId: string): Promise<OwnCircle> {
    const { partner } = assertLead(ctx)
    const { persons = null } = (await store.findCircle(ctx.tx, partner, caseId)) ?? {}
    return { narrowed: persons !== null, persons: await personsInside(ctx, partner, caseId) }
}

/** Lists the access lists of the caller's partner for a lead; nothing for others. */
export async function ownCircles(ctx: ActionContext): Promise<readonly CircleTurn[]> {
    if (ctx.actor.kind !== "partner" || !ctx.actor.roles.includes("lead")) return []
    return await store.listCircles(ctx.tx, ctx.actor.partner)
}

/** Sets who sees this case; null: everyone on the roster. Repeating changes nothing. */
export async function setCircle(ctx: ActionContext, caseId: string, persons: readonly string[] | null): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const is = persons && validateCircle(persons, await rosterStays(ctx, partner))
    const was = (await store.findCircle(ctx.tx, partner, caseId))?.persons ?? null
    if (JSON.stringify(is) !== JSON.stringify(was)) await write(ctx, partner, caseId, is)
}

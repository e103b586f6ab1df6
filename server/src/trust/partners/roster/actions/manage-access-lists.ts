/** Reads and sets the access lists of a lead's partner. */
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { listRosterStays } from "../../../identity/actions/list-roster-stays.ts"
import { type AccessListEntry, validateAccessList } from "../access-list.ts"
import * as store from "../store/access-lists.ts"
import { lockPartner } from "../../store/partners.ts"
import { listPeopleWithAccess, saveAccessList } from "./set-access-list.ts"
import { assertLead } from "./manage-roster.ts"

/** Whether a list is set, and who has access. */
export interface AccessListForPartner {
    readonly narrowed: boolean
    readonly people: readonly string[]
}

export async function loadAccessListForPartner(ctx: ActionContext, caseId: string): Promise<AccessListForPartner> {
    const { partner } = assertLead(ctx)
    const { people = null } = (await store.findAccessList(ctx.tx, partner, caseId)) ?? {}
    return { narrowed: people !== null, people: await listPeopleWithAccess(ctx, partner, caseId) }
}

/** Lists the access lists of the caller's partner for a lead; nothing for others. */
export async function listAccessListsForPartner(ctx: ActionContext): Promise<readonly AccessListEntry[]> {
    if (ctx.actor.kind !== "partner" || !ctx.actor.roles.includes("lead")) return []
    return await store.listAccessLists(ctx.tx, ctx.actor.partner)
}

/** Sets which people see this case; null: everyone on the roster. Repeating changes nothing. */
export async function setAccessList(
    ctx: ActionContext,
    caseId: string,
    people: readonly string[] | null,
): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const next = people && validateAccessList(people, await listRosterStays(ctx, partner))
    const before = (await store.findAccessList(ctx.tx, partner, caseId))?.people ?? null
    if (JSON.stringify(next) !== JSON.stringify(before)) await saveAccessList(ctx, partner, caseId, next)
}

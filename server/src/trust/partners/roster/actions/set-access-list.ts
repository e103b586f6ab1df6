/**
 * Reads and saves access lists. All code that shows facts of a case to a partner's person asks here. For a person
 * outside the list, the case does not exist.
 */
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { listRosterStays } from "../../../identity/actions/list-roster-stays.ts"
import { peopleWithAccess, hasAccess } from "../access-list.ts"
import * as store from "../store/access-lists.ts"
import { lockPartner } from "../../store/partners.ts"

/** Lists cases whose access list excludes the caller. */
export async function listHiddenCases({ tx, actor }: ActionContext): Promise<ReadonlySet<string>> {
    if (actor.kind !== "partner") return new Set()
    const person = { person: actor.person, isLead: actor.roles.includes("lead") }
    if (person.isLead) return new Set()
    const outside = (await store.listAccessLists(tx, actor.partner)).filter(
        (accessList) => !hasAccess(accessList, person),
    )
    return new Set(outside.map((row) => row.case))
}

/** Filters entries to the cases that the caller may see. */
export async function filterVisible<Entry extends { readonly case: string }>(
    ctx: ActionContext,
    list: readonly Entry[],
): Promise<Entry[]> {
    const hidden = await listHiddenCases(ctx)
    return list.filter((entry) => !hidden.has(entry.case))
}

/** Lists the roster's people who see this case; null case: everyone. */
export async function listPeopleWithAccess(
    ctx: ActionContext,
    partner: string,
    caseId: string | null,
): Promise<string[]> {
    const accessList = caseId === null ? undefined : await store.findAccessList(ctx.tx, partner, caseId)
    const stays = (await listRosterStays(ctx, partner)).filter((stay) => stay.until === null)
    return stays.filter((stay) => hasAccess(accessList ?? null, stay)).map((stay) => stay.person)
}

/** Lists partners without any person who sees this case, in two statements. */
export async function listPartnersWithoutPeople(
    ctx: ActionContext,
    partners: readonly string[],
    caseId: string,
): Promise<Set<string>> {
    if (partners.length === 0) return new Set()
    // The last row of each partner counts.
    const accessLists = new Map((await store.listAccessListsOfCase(ctx.tx, caseId)).map((row) => [row.partner, row]))
    const stays = (await listRosterStays(ctx, null)).filter((stay) => stay.until === null)
    const withAccess = stays.filter((stay) => hasAccess(accessLists.get(stay.partner) ?? null, stay))
    const reachedPartners = new Set(withAccess.map(({ partner }) => partner))
    return new Set(partners.filter((partner) => !reachedPartners.has(partner)))
}

/** Removes a person who leaves the roster from every access list. */
export async function removeFromAccessLists(ctx: ActionContext, partner: string, person: string): Promise<void> {
    await lockPartner(ctx.tx, partner)
    for (const { case: id, people } of await store.listAccessLists(ctx.tx, partner)) {
        if (!people?.includes(person)) continue
        const others = people.filter((item) => item !== person)
        await saveAccessList(ctx, partner, id, others)
    }
}

/** Saves the list and records it with ids of people only. */
export async function saveAccessList(
    ctx: ActionContext,
    partner: string,
    caseId: string,
    people: readonly string[] | null,
): Promise<void> {
    await store.insertAccessList(ctx.tx, { partner, case: caseId, people, from: ctx.now, by: personOf(ctx.actor) })
    const everybody = people === null
    await record(ctx, { kind: "access_list.set", partner, case: caseId, everybody, people: people ?? [] })
}

/** Lists who could see this case, partner by partner, each for its own time span. */
export async function listPeopleWithAccessDuring(
    ctx: ActionContext,
    caseId: string,
    times: ReadonlyMap<string, { readonly from: number; readonly before: number }>,
): Promise<Map<string, string[]>> {
    const entries = Map.groupBy(await store.listAccessListsOfCase(ctx.tx, caseId), (row) => row.partner)
    const stays = Map.groupBy(await listRosterStays(ctx, null), (stay) => stay.partner)
    const people = [...times].map(([partner, { from, before }]) => {
        return [partner, peopleWithAccess(stays.get(partner) ?? [], entries.get(partner) ?? [], from, before)] as const
    })
    return new Map(people)
}

/**
 * Reads and sets access lists. All code that shows a partner's person facts of a case asks here. For a person outside
 * the list, the case does not exist.
 */
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { rosterStays } from "../../../identity/actions/find-sessions.ts"
import { insideWithin, isInside } from "../access-list.ts"
import * as store from "../store/access-lists.ts"
import { lockPartner } from "../../store/partners.ts"

/** Lists cases whose access list excludes the caller. */
export async function listCasesHidden({ tx, actor }: ActionContext): Promise<ReadonlySet<string>> {
    if (actor.kind !== "partner") return new Set()
    const person = { person: actor.person, isLead: actor.roles.includes("lead") }
    if (person.isLead) return new Set()
    const outside = (await store.listCircles(tx, actor.partner)).filter((circle) => !isInside(circle, person))
    return new Set(outside.map((row) => row.case))
}

/** Filters entries to the cases that the caller may see. */
export async function withinCircle<Of extends { readonly case: string }>(
    ctx: ActionContext,
    list: readonly Of[],
): Promise<Of[]> {
    const hidden = await listCasesHidden(ctx)
    return list.filter((item) => !hidden.has(item.case))
}

/** Lists the roster's people who see this case; null case: everyone. */
export async function personsInside(ctx: ActionContext, partner: string, caseId: string | null): Promise<string[]> {
    const circle = caseId === null ? undefined : await store.findCircle(ctx.tx, partner, caseId)
    const here = (await rosterStays(ctx, partner)).filter((stay) => stay.until === null)
    return here.filter((stay) => isInside(circle ?? null, stay)).map((stay) => stay.person)
}

/** Lists partners without any person who sees this case, in two statements. */
export async function partnersWithoutPersons(
    ctx: ActionContext,
    partners: readonly string[],
    caseId: string,
): Promise<Set<string>> {
    if (partners.length === 0) return new Set()
    // The last row of each partner counts.
    const circles = new Map((await store.listCirclesOfCase(ctx.tx, caseId)).map((row) => [row.partner, row]))
    const here = (await rosterStays(ctx, null)).filter((stay) => stay.until === null)
    const reached = here.filter((stay) => isInside(circles.get(stay.partner) ?? null, stay))
    const withPersons = new Set(reached.map(({ partner }) => partner))
    return new Set(partners.filter((partner) => !withPersons.has(partner)))
}

/** Removes a person who leaves the roster from every access list. */
export async function leaveCircles(ctx: ActionContext, partner: string, person: string): Promise<void> {
    await lockPartner(ctx.tx, partner)
    for (const { case: id, persons } of await store.listCircles(ctx.tx, partner)) {
        if (!persons?.includes(person)) continue
        const others = persons.filter((item) => item !== person)
        await write(ctx, partner, id, others)
    }
}

/** Saves the list and records it with ids of people only. */
export async function write(
    ctx: ActionContext,
    partner: string,
    caseId: string,
    persons: readonly string[] | null,
): Promise<void> {
    await store.insertCircle(ctx.tx, { partner, case: caseId, persons, from: ctx.now, by: personOf(ctx.actor) })
    const everybody = persons === null
    await record(ctx, { kind: "access_list.set", partner, case: caseId, everybody, persons: persons ?? [] })
}

/** Lists who could see this case, partner by partner, each for its own time span. */
export async function couldSee(
    ctx: ActionContext,
    caseId: string,
    times: ReadonlyMap<string, { readonly from: number; readonly before: number }>,
): Promise<Map<string, string[]>> {
    const turns = Map.groupBy(await store.listCirclesOfCase(ctx.tx, caseId), (row) => row.partner)
    const stays = Map.groupBy(await rosterStays(ctx, null), (stay) => stay.partner)
    const could = [...times].map(([partner, { from, before }]) => {
        return [partner, insideWithin(stays.get(partner) ?? [], turns.get(partner) ?? [], from, before)] as const
    })
    return new Map(could)
}

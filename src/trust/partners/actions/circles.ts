/**
 * Who of a partner sees which case. Whatever shows a partner's person anything of a case asks here, by the person who
 * acts, and for whoever is outside there is no such case.
 */
import { type Act, record } from "../../audit/actions.ts"
import { personOf } from "../../audit/actor.ts"
import { rosterStays } from "../../identity/actions/stays.ts"
import { insideWithin, isInside } from "../circle.ts"
import * as store from "../store/circles.ts"
import { lockPartner } from "../store/partners.ts"

/** The cases that are not there for whoever acts: those of whose circle a partner's person is outside. */
export async function casesHidden({ tx, actor }: Act): Promise<ReadonlySet<string>> {
    if (actor.kind !== "partner") return new Set()
    const who = { person: actor.person, isLead: actor.roles.includes("lead") }
    if (who.isLead) return new Set()
    const outside = (await store.circles(tx, actor.partner)).filter((one) => !isInside(one, who))
    return new Set(outside.map((one) => one.case))
}

/** Of what is about cases: all of it that is there for whoever acts. */
export async function withinCircle<Of extends { readonly case: string }>(act: Act, all: readonly Of[]): Promise<Of[]> {
    const hidden = await casesHidden(act)
    return all.filter((one) => !hidden.has(one.case))
}

/** The persons on a partner's roster who see this case; null: of none, so everybody. */
export async function personsInside(act: Act, partner: string, caseId: string | null): Promise<string[]> {
    const circle = caseId === null ? undefined : await store.circle(act.tx, partner, caseId)
    const here = (await rosterStays(act, partner)).filter((one) => one.until === null)
    return here.filter((one) => isInside(circle ?? null, one)).map((one) => one.person)
}

/** Those of these partners of which no person sees this case: in two statements, however many partners. */
export async function partnersWithoutPersons(
    act: Act,
    partners: readonly string[],
    caseId: string,
): Promise<Set<string>> {
    if (partners.length === 0) return new Set()
    // Of each partner the last one counts.
    const circles = new Map((await store.circlesOfCase(act.tx, caseId)).map((row) => [row.partner, row]))
    const here = (await rosterStays(act, null)).filter((one) => one.until === null)
    const reached = here.filter((one) => isInside(circles.get(one.partner) ?? null, one))
    const withPersons = new Set(reached.map(({ partner }) => partner))
    return new Set(partners.filter((partner) => !withPersons.has(partner)))
}

/** Whoever leaves the roster is in no circle any more. */
export async function leaveCircles(act: Act, partner: string, person: string): Promise<void> {
    await lockPartner(act.tx, partner)
    for (const { case: id, persons } of await store.circles(act.tx, partner)) {
        if (!persons?.includes(person)) continue
        const others = persons.filter((one) => one !== person)
        await write(act, partner, id, others)
    }
}

/** Puts it on record, by the ids of persons alone. */
export async function write(
    act: Act,
    partner: string,
    caseId: string,
    persons: readonly string[] | null,
): Promise<void> {
    await store.insertCircle(act.tx, { partner, case: caseId, persons, from: act.now, by: personOf(act.actor) })
    const everybody = persons === null
    await record(act, { kind: "access_list.set", partner, case: caseId, everybody, persons: persons ?? [] })
}

/** Who could see this case, partner by partner: each with the time that is asked about. */
export async function couldSee(
    act: Act,
    caseId: string,
    times: ReadonlyMap<string, { readonly from: number; readonly before: number }>,
): Promise<Map<string, string[]>> {
    const turns = Map.groupBy(await store.circlesOfCase(act.tx, caseId), (one) => one.partner)
    const stays = Map.groupBy(await rosterStays(act, null), (one) => one.partner)
    const could = [...times].map(([partner, { from, before }]) => {
        return [partner, insideWithin(stays.get(partner) ?? [], turns.get(partner) ?? [], from, before)] as const
    })
    return new Map(could)
}

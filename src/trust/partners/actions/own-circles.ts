/** A lead says which persons of its own roster see a case. What it narrows, and widens again, is what its own people read. */
import type { Act } from "../../audit/actions.ts"
import { rosterStays } from "../../identity/actions/stays.ts"
import { type CircleTurn, mustBeCircle } from "../circle.ts"
import * as store from "../store/circles.ts"
import { lockPartner } from "../store/partners.ts"
import { personsInside, write } from "./circles.ts"
import { mustBeLead } from "./roster.ts"

/** Whether it has been narrowed, and who is inside. */
export interface OwnCircle {
    readonly narrowed: boolean
    readonly persons: readonly string[]
}

export async function ownCircle(act: Act, caseId: string): Promise<OwnCircle> {
    const { partner } = mustBeLead(act)
    const { persons = null } = (await store.circle(act.tx, partner, caseId)) ?? {}
    return { narrowed: persons !== null, persons: await personsInside(act, partner, caseId) }
}

/** What a lead is shown of all of its own; nothing to anybody else. */
export async function ownCircles(act: Act): Promise<readonly CircleTurn[]> {
    if (act.actor.kind !== "partner" || !act.actor.roles.includes("lead")) return []
    return await store.circles(act.tx, act.actor.partner)
}

/** A lead says who of its own sees this case; null: everybody. Once more the same changes nothing. */
export async function setCircle(act: Act, caseId: string, persons: readonly string[] | null): Promise<void> {
    const { partner } = mustBeLead(act)
    await lockPartner(act.tx, partner)
    const is = persons && mustBeCircle(persons, await rosterStays(act, partner))
    const was = (await store.circle(act.tx, partner, caseId))?.persons ?? null
    if (JSON.stringify(is) !== JSON.stringify(was)) await write(act, partner, caseId, is)
}

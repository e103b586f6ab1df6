/**
 * What a policy answered, in memory, so that the engine is asked once and not at each poll. A ruling follows from the policy's text
 * and from what it sees of the partner and the artifact; it is looked up by these, which are read at each decision. No fact is
 * kept, and nothing that opens or shuts by itself: a change of any of them is another question.
 *
 * It is kept for each person apart: how long an answer takes tells nobody whether others have asked before.
 */
import type { Db } from "../../../platform/postgres/db.ts"
import { personOf } from "../../../kernel/actor.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Rulings } from "../ruling.ts"
import type { Policy } from "./manage-policies.ts"

interface Answered {
    readonly text: string
    readonly rulings: Rulings
}

const personsMax = 10_000
/** Of one person, about one kind of partner each. */
const rulingsMax = 1_000

const kept = new WeakMap<Db, Map<string, Answered>>()

/** Of the person of a partner who acts, under this text; of anybody else nothing is kept. */
export function rulingsKept(ctx: ActionContext, policy: Policy | null): Rulings | undefined {
    const person = personOf(ctx.actor)
    if (ctx.actor.kind !== "partner" || person === null || policy === null) return undefined
    const list = kept.get(ctx.services.db) ?? new Map<string, Answered>()
    kept.set(ctx.services.db, list)
    const before = list.get(person)
    if (before?.text === policy.text && countOf(before.rulings) < rulingsMax) return before.rulings
    const answered: Answered = { text: policy.text, rulings: new Map() }
    if (before === undefined && list.size >= personsMax) list.clear()
    list.set(person, answered)
    return answered.rulings
}

function countOf(rulings: Rulings): number {
    return rulings.values().reduce((sum, entries) => sum + entries.size, 0)
}

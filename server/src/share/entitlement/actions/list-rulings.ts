/**
 * Caches the answers of a policy, so that the engine is not asked at each poll.
 *
 * A ruling depends on the policy's text and on what the policy sees of the partner and the artifact. These facts are
 * read at each decision and are the key; a change of any fact is another key.
 *
 * The cache is separate for each person, so that response times do not reveal the requests of others.
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
/** The number of cached rulings for one person. */
const rulingsMax = 1_000

const kept = new WeakMap<Db, Map<string, Answered>>()

/** Returns the cache of the acting partner's person under this text. Undefined for any other actor. */
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

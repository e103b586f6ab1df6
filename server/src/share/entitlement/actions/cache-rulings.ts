/**
 * Caches the answers of a policy, so that not every poll queries the engine.
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

interface CachedRulings {
    readonly text: string
    readonly rulings: Rulings
}

const peopleMax = 10_000
/** The number of cached rulings for one person. */
const rulingsMax = 1_000

const caches = new WeakMap<Db, Map<string, CachedRulings>>()

/** Returns the cache of the acting partner's person under this text. Undefined for any other actor. */
export function cachedRulings(ctx: ActionContext, policy: Policy | null): Rulings | undefined {
    const person = personOf(ctx.actor)
    if (ctx.actor.kind !== "partner" || person === null || policy === null) return undefined
    const byPerson = caches.get(ctx.services.db) ?? new Map<string, CachedRulings>()
    caches.set(ctx.services.db, byPerson)
    const existing = byPerson.get(person)
    if (existing?.text === policy.text && countOf(existing.rulings) < rulingsMax) return existing.rulings
    const created: CachedRulings = { text: policy.text, rulings: new Map() }
    if (existing === undefined && byPerson.size >= peopleMax) byPerson.clear()
    byPerson.set(person, created)
    return created.rulings
}

function countOf(rulings: Rulings): number {
    return rulings.values().reduce((sum, entries) => sum + entries.size, 0)
}

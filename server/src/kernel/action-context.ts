/**
 * Records events and defines the context of every action.
 *
 * An event is written once, in the transaction that it describes. It is both a leaf of the audit log and the trigger
 * of its handlers.
 */
import type { Services } from "./services.ts"
import { type AskedAgain, scopeOf, stillSame } from "./change-detection.ts"
import type { Tx } from "../platform/postgres/db.ts"
import { gathered } from "./coalesce.ts"
import type { Instant } from "@tocsin/base/instant"
import { routeOf } from "./route.ts"
import { type Actor, personOf } from "./actor.ts"
import * as store from "./store.ts"

/** What every action gets. The entry point (server, worker, command or test) opens and commits the transaction. */
export interface ActionContext {
    readonly tx: Tx
    /** Program time at the start of the transaction. */
    readonly now: Instant
    readonly actor: Actor
    readonly services: Services
}

/** Holds ids, instants, hashes, counts and values of closed lists; never a name, a title or content. */
export interface Event {
    readonly kind: string
    readonly [field: string]: string | number | boolean | null | readonly string[]
}

const saltBytes = 16

/**
 * Records an event and returns its number. `by` names the actor. A confidential event is exported only as a
 * commitment.
 */
export async function record(ctx: ActionContext, event: Event, sealed = false): Promise<number> {
    return await store.insertEvent(ctx.tx, rowOf(ctx, event, sealed))
}

/**
 * Records an event together with the commit, without returning its number. If the write fails, the whole transaction
 * fails.
 */
export function recordLast(ctx: ActionContext, event: Event): void {
    store.insertEventLast(ctx.tx, rowOf(ctx, event, false))
}

/**
 * Records an event that has no handler and changes no feed. Events of one turn of a transaction share one statement.
 */
export async function recordEnd(ctx: ActionContext, event: Event): Promise<number> {
    assertSilent(event)
    return await store.insertEnd(ctx.tx, rowOf(ctx, event, false))
}

/**
 * Records an event that changes no feed, in its own transaction, if a computed answer is still valid. Otherwise writes
 * nothing and returns false. Concurrent calls share one statement.
 */
export async function recordIfSame(
    { actor, services }: Omit<ActionContext, "tx" | "now">,
    event: Event,
    askedAgain: AskedAgain,
): Promise<boolean> {
    assertSilent(event)
    return await recordTogether(services, { askedAgain, event: bodyOf(actor, event) })
}

/** Whether a computed answer is still valid. Shares its statement with `recordIfSame`. */
export async function isSame(services: Services, askedAgain: AskedAgain): Promise<boolean> {
    return await recordTogether(services, { askedAgain, event: null })
}

interface Same {
    readonly askedAgain: AskedAgain
    readonly event: ReturnType<typeof bodyOf> | null
}

const together = { waysMax: 2, togetherMax: 64 }
const recordTogether = gathered(together, async ({ clock, db, random, realNow }: Services, sames: readonly Same[]) => {
    const computed = sames.map(({ askedAgain }) => askedAgain)
    const salts = random(saltBytes * sames.length)
    const events = sames.flatMap(({ event }, n) => {
        const salt = salts.subarray(n * saltBytes, (n + 1) * saltBytes)
        return event === null ? [] : [{ n, ...event, salt, sealed: false }]
    })
    const held = await store.insertEventsAt(db, stillSame(clock, realNow(), computed), events)
    return sames.map((_, n) => held.has(n))
})

const rowOf = (ctx: ActionContext, event: Event, sealed: boolean): store.EventRow => ({
    at: ctx.now,
    ...bodyOf(ctx.actor, event),
    salt: ctx.services.random(saltBytes),
    sealed,
    scope: scopeOf(event),
})

function assertSilent(event: Event): void {
    if (scopeOf(event) !== null) throw new Error(`${event.kind} changes feeds: record it with record()`)
}

function bodyOf(actor: Actor, { kind, ...facts }: Event): Pick<store.EventRow, "kind" | "body"> {
    const body = { ...facts, by: personOf(actor), ...(actor.kind === "system" && { step: actor.step }) }
    return { kind, body }
}

/** Whether the database holds any event. */
export async function isFounded(tx: Tx): Promise<boolean> {
    return await store.hasEvents(tx)
}

/** Declares a route whose handler gets an `ActionContext`. */
export const route = routeOf<ActionContext>()

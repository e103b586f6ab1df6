/**
 * Records events and defines the context of every action.
 *
 * An event is written once, in the transaction that it describes. It is both a leaf of the audit log and the trigger
 * of its handlers.
 */
import type { Services } from "./services.ts"
import { type RepeatedAnswer, scopeOf, validAnswersSql } from "./change-detection.ts"
import type { Tx } from "../platform/postgres/db.ts"
import { coalesce } from "./coalesce.ts"
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
export async function record(ctx: ActionContext, event: Event, confidential = false): Promise<number> {
    return await store.insertEvent(ctx.tx, rowOf(ctx, event, confidential))
}

/**
 * Records an event together with the commit, without returning its number. If the write fails, the whole transaction
 * fails.
 */
export function recordAtCommit(ctx: ActionContext, event: Event): void {
    store.insertEventAtCommit(ctx.tx, rowOf(ctx, event, false))
}

/**
 * Records an event that has no handler and changes no feed. Events of one turn of a transaction share one statement.
 */
export async function recordWithoutHandler(ctx: ActionContext, event: Event): Promise<number> {
    assertChangesNoFeed(event)
    return await store.insertEventWithoutHandler(ctx.tx, rowOf(ctx, event, false))
}

/**
 * Records an event that changes no feed, in its own transaction, if a computed answer is still valid. Otherwise writes
 * nothing and returns false. Concurrent calls share one statement.
 */
export async function recordIfStillValid(
    { actor, services }: Omit<ActionContext, "tx" | "now">,
    event: Event,
    answer: RepeatedAnswer,
): Promise<boolean> {
    assertChangesNoFeed(event)
    return await recordInBatch(services, { answer, event: bodyOf(actor, event) })
}

/** Whether a computed answer is still valid. Shares its statement with `recordIfStillValid`. */
export async function isStillValid(services: Services, answer: RepeatedAnswer): Promise<boolean> {
    return await recordInBatch(services, { answer, event: null })
}

interface ValidityCheck {
    readonly answer: RepeatedAnswer
    readonly event: ReturnType<typeof bodyOf> | null
}

const batching = { roundTripsMax: 2, callsMax: 64 }
const recordInBatch = coalesce(
    batching,
    async ({ clock, db, random, realNow }: Services, checks: readonly ValidityCheck[]) => {
        const answers = checks.map(({ answer }) => answer)
        const salts = random(saltBytes * checks.length)
        const events = checks.flatMap(({ event }, n) => {
            const salt = salts.subarray(n * saltBytes, (n + 1) * saltBytes)
            return event === null ? [] : [{ n, ...event, salt, confidential: false }]
        })
        const valid = await store.insertEventsAt(db, validAnswersSql(clock, realNow(), answers), events)
        return checks.map((_, n) => valid.has(n))
    },
)

const rowOf = (ctx: ActionContext, event: Event, confidential: boolean): store.EventRow => ({
    at: ctx.now,
    ...bodyOf(ctx.actor, event),
    salt: ctx.services.random(saltBytes),
    confidential,
    scope: scopeOf(event),
})

function assertChangesNoFeed(event: Event): void {
    if (scopeOf(event) !== null) throw new Error(`${event.kind} changes feeds: record it with record()`)
}

function bodyOf(actor: Actor, { kind, ...facts }: Event): Pick<store.EventRow, "kind" | "body"> {
    const body = { ...facts, by: personOf(actor), ...(actor.kind === "system" && { step: actor.component }) }
    return { kind, body }
}

/** Whether the database has any event. */
export async function hasAnyEvent(tx: Tx): Promise<boolean> {
    return await store.hasEvents(tx)
}

/** Declares a route whose handler gets an `ActionContext`. */
export const route = routeOf<ActionContext>()

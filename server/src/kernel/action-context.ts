/**
 * Recording. An event is written once, in the transaction that it tells of, and serves twice:
 * as a leaf of the audit tree, and as the trigger of the next step of the flow.
 */
import type { Services } from "./services.ts"
import { type AskedAgain, stillSame } from "./change-detection.ts"
import type { Tx } from "../platform/postgres/db.ts"
import { gathered } from "./coalesce.ts"
import type { Instant } from "@tocsin/base/instant"
import { routeOf } from "./route.ts"
import { type Actor, personOf } from "./actor.ts"
import * as store from "./store.ts"

/** What every action is handed. The roof (server, worker, command, test) opened the transaction and will commit it. */
export interface ActionContext {
    readonly tx: Tx
    /** The program's time at the start of the transaction. */
    readonly now: Instant
    readonly actor: Actor
    readonly services: Services
}

/** Ids, instants, hashes, counts and words from closed lists; never a name, a title or content. */
export interface Event {
    readonly kind: string
    readonly [field: string]: string | number | boolean | null | readonly string[]
}

const saltBytes = 16

/** Writes the event; returns its number. Who acted is added as `by`. `sealed`: exported as a commitment only. */
export async function record(ctx: ActionContext, event: Event, sealed = false): Promise<number> {
    return await store.insertEvent(ctx.tx, rowOf(ctx, event, sealed))
}

/** As `record`, on the way to the commit: for whoever needs no number. Where it cannot be written nothing stays. */
export function recordLast(ctx: ActionContext, event: Event): void {
    store.insertEventLast(ctx.tx, rowOf(ctx, event, false))
}

/** As `record`, of what no step follows from. Events that are recorded in one turn of a transaction are one statement. */
export async function recordEnd(ctx: ActionContext, event: Event): Promise<number> {
    return await store.insertEnd(ctx.tx, rowOf(ctx, event, false))
}

/**
 * As `record`, of what no step follows from, in a transaction of its own, if what was computed is what would be computed now.
 * Otherwise nothing is written: false. Whoever is recorded at the same time is in one statement.
 */
export async function recordIfSame(
    { actor, services }: Omit<ActionContext, "tx" | "now">,
    event: Event,
    askedAgain: AskedAgain,
): Promise<boolean> {
    return await recordTogether(services, { its: askedAgain, event: bodyOf(actor, event) })
}

interface Same {
    readonly its: AskedAgain
    readonly event: ReturnType<typeof bodyOf>
}

const together = { waysMax: 2, togetherMax: 64 }
const recordTogether = gathered(together, async ({ clock, db, random, realNow }: Services, sames: readonly Same[]) => {
    const computed = sames.map(({ its: askedAgain }) => askedAgain)
    const salts = random(saltBytes * sames.length)
    const events = sames.map(({ event }, n) => ({
        ...event,
        salt: salts.subarray(n * saltBytes, (n + 1) * saltBytes),
        sealed: false,
    }))
    const held = await store.insertEventsAt(db, stillSame(clock, realNow(), computed), events)
    return sames.map((_, n) => held.has(n))
})

const rowOf = (ctx: ActionContext, event: Event, sealed: boolean): store.EventRow => ({
    at: ctx.now,
    ...bodyOf(ctx.actor, event),
    salt: ctx.services.random(saltBytes),
    sealed,
})

function bodyOf(actor: Actor, { kind, ...facts }: Event): Pick<store.EventRow, "kind" | "body"> {
    const body = { ...facts, by: personOf(actor), ...(actor.kind === "system" && { step: actor.step }) }
    return { kind, body }
}

/** Whether anything ever happened here. */
export async function isFounded(tx: Tx): Promise<boolean> {
    return await store.hasEvents(tx)
}

/** Declares a route whose handler is an action's roof. */
export const route = routeOf<ActionContext>()

/**
 * Sends mail that is due, whatever kind it is of: notices, codes, and what the operator's persons are told.
 *
 * A mail is a row before it is sent. It is held in one transaction for longer than any server may take, sent outside of
 * any, and what came of it is written in another: whoever held it and died has it sent again, by the same id. Whether it may
 * go is asked when it is held, and again when the server waits for its first byte.
 *
 * Nobody's slow server holds up another's: of one domain a few are under way, and of all together a few more.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Services } from "../../../kernel/services.ts"
import { causeOf } from "../../../platform/log/log.ts"
import { type Message, Withheld, sendMsMax, wasRejected } from "../../../platform/mail/mail.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type MailState, type Outcome, domainOf, nextTryAt, stateAfter } from "../message.ts"

const underWayMax = 32
const ofOneDomainMax = 4
/** Longer than a server may take. */
const holdMs = 3 * sendMsMax
/** How long one waits whose domain has enough under way. */
const standMs = 1_000

export interface Row {
    readonly id: string
    readonly tries: number
}

export interface Settled {
    readonly state: MailState
    /** Whether the server was asked. */
    readonly tried: boolean
    readonly nextAt: Instant
}

/** Mail of one kind, in a table of its own. */
export interface Kind<Of extends Row> {
    readonly name: string
    /** `select from …`, which finds a row if any mail is unsent, whatever its instant. */
    readonly waiting: string
    /** The next that is due; held until the transaction ends. */
    readonly take: (ctx: ActionContext, realNow: Instant) => Promise<Of | undefined>
    /** Whom it goes to, or why to nobody any more. */
    readonly receiver: (ctx: ActionContext, row: Of) => Promise<{ readonly to: string } | "dropped" | "bounced">
    readonly letter: (ctx: ActionContext, row: Of, to: string) => Promise<Message>
    /** Due again from this instant on, though it was not tried. */
    readonly hold: (ctx: ActionContext, row: Of, until: Instant) => Promise<void>
    /** Whether it is still held until this instant; locked until the transaction ends. */
    readonly isHeld: (ctx: ActionContext, row: Of, until: Instant) => Promise<boolean>
    /** What a try, or a refusal to try, came to. */
    readonly settle: (ctx: ActionContext, row: Of, settled: Settled) => Promise<void>
}

export interface Sending extends BackgroundJob {
    /** Sends one, and is over when it is; false: nothing is due. */
    readonly next: (services: Services) => Promise<boolean>
}

interface Held<Of extends Row> {
    readonly row: Of
    readonly letter: Message
    readonly until: Instant
}

interface UnderWay {
    readonly kind: string
    readonly domain: string
    readonly work: Promise<void>
}

/** Of all kinds, by the doors of each program in this process. */
const underWay = new WeakMap<Services, Set<UnderWay>>()

export function sending<Of extends Row>(kind: Kind<Of>): Sending {
    return {
        name: kind.name,
        waiting: kind.waiting,
        run: async (services) => underWayIn(services).size < underWayMax && (await start(services, kind)) !== null,
        settle: async (services) => {
            await Promise.all(
                [...underWayIn(services)].filter((underWay) => underWay.kind === kind.name).map(({ work }) => work),
            )
        },
        next: async (services) => {
            const started = await start(services, kind)
            await started?.work
            return started !== null
        },
    }
}

/** Null: nothing is due. `work`: what was set going, where anything was. */
async function start<Of extends Row>(
    services: Services,
    kind: Kind<Of>,
): Promise<{ readonly work: Promise<void> | null } | null> {
    const held = await hold(services, kind)
    if (held === null) return null
    if (held === "done") return { work: null }
    const underWays = underWayIn(services)
    const input = { kind: kind.name, domain: domainOf(held.letter.to), work: send(services, kind, held) }
    underWays.add(input)
    return { work: input.work.finally(() => underWays.delete(input)) }
}

function underWayIn(services: Services): Set<UnderWay> {
    const underWays = underWay.get(services) ?? new Set()
    underWay.set(services, underWays)
    return underWays
}

function isCrowded(services: Services, address: string): boolean {
    const domain = domainOf(address)
    return [...underWayIn(services)].filter((underWay) => underWay.domain === domain).length >= ofOneDomainMax
}

async function hold<Of extends Row>(services: Services, kind: Kind<Of>): Promise<Held<Of> | "done" | null> {
    return await acting(services, kind.name, async (ctx) => {
        const realNow = services.realNow()
        const row = await kind.take(ctx, realNow)
        if (!row) return null
        const receiver = await kind.receiver(ctx, row)
        if (typeof receiver === "string") {
            await kind.settle(ctx, row, { state: receiver, tried: false, nextAt: realNow })
            return "done"
        }
        const mustStand = isCrowded(services, receiver.to)
        const until = realNow + (mustStand ? standMs : holdMs)
        await kind.hold(ctx, row, until)
        return mustStand ? "done" : { row, until, letter: await kind.letter(ctx, row, receiver.to) }
    })
}

/** Never throws: what cannot be written down is sent again once it is held no more. */
async function send<Of extends Row>(
    services: Services,
    kind: Kind<Of>,
    { row, letter, until }: Held<Of>,
): Promise<void> {
    try {
        const mayGo = () =>
            acting(services, kind.name, async (ctx) => {
                const receiver = await kind.receiver(ctx, row)
                return typeof receiver !== "string" && receiver.to === letter.to
            })
        const outcome = await tried(services, row.id, letter, mayGo)
        await acting(services, kind.name, async (ctx) => {
            if (!(await kind.isHeld(ctx, row, until))) return
            const nextAt = nextTryAt(row.tries, services.realNow())
            await kind.settle(ctx, row, { state: stateAfter(outcome, row.tries), tried: true, nextAt })
        })
    } catch (error) {
        services.log.error("mail not settled", { id: row.id, error: causeOf(error) })
    }
}

async function tried(services: Services, id: string, letter: Message, mayGo: () => Promise<boolean>): Promise<Outcome> {
    try {
        await services.mail.send(letter, mayGo)
        return "sent"
    } catch (error) {
        if (error instanceof Withheld) return "withheld"
        services.log.warn("mail failed", { id, error: codeOf(error) })
        return wasRejected(error) ? "rejected" : "unsent"
    }
}

/** A mail server's words would name whom it was for. */
function codeOf(error: unknown): string {
    return error instanceof Error && "code" in error ? String(error.code) : "no code"
}

const acting = <T>(services: Services, name: string, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", step: name } }),
    )

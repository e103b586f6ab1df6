/**
 * Sends due mail of every kind: notices, codes, and mail to staff.
 *
 * A mail is a row before it is sent. One transaction holds it for longer than any server may take, the mail is sent
 * without a transaction, and another one writes the result. If the process dies, the mail is sent again with the same
 * id. Permission to send is checked when it is held, and again before the first byte.
 *
 * Limits per domain and in total keep a slow server from delaying the others.
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
/** Holds a mail for longer than a server may take. */
const holdMs = 3 * sendMsMax
/** How long a mail waits when its domain has reached its limit. */
const standMs = 1_000

export interface Row {
    readonly id: string
    readonly tries: number
}

export interface Settled {
    readonly state: MailState
    /** Whether the server was tried. */
    readonly tried: boolean
    readonly nextAt: Instant
}

/** One kind of mail, with its own table. */
export interface Kind<Of extends Row> {
    readonly name: string
    /** `select from …`, which finds a row if any mail is unsent, whatever its instant. */
    readonly waiting: string
    /** Takes the next due mail, locked until the transaction ends. */
    readonly take: (ctx: ActionContext, realNow: Instant) => Promise<Of | undefined>
    /** The recipient's address, or why the mail is not sent. */
    readonly receiver: (ctx: ActionContext, row: Of) => Promise<{ readonly to: string } | "dropped" | "bounced">
    readonly letter: (ctx: ActionContext, row: Of, to: string) => Promise<Message>
    /** Holds the mail until this instant, without counting an attempt. */
    readonly hold: (ctx: ActionContext, row: Of, until: Instant) => Promise<void>
    /** Whether the mail is still held until this instant. Locks it until the transaction ends. */
    readonly isHeld: (ctx: ActionContext, row: Of, until: Instant) => Promise<boolean>
    /** Saves the result of an attempt, or of a refusal to try. */
    readonly settle: (ctx: ActionContext, row: Of, settled: Settled) => Promise<void>
}

export interface Sending extends BackgroundJob {
    /** Sends one mail and resolves when it is done. False: no mail is due. */
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

/** Mails being sent, of all kinds, by the services of each program in this process. */
const underWay = new WeakMap<Services, Set<UnderWay>>()

/** Makes the job that sends mail of one kind. */
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

/** Takes a due mail and starts sending. Null: no mail is due. `work`: the started attempt, if any. */
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

/** Sends a mail and never throws. If the result cannot be saved, the mail is sent again when its hold ends. */
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

/** The error code alone, because a mail server's text would name the recipient. */
function codeOf(error: unknown): string {
    return error instanceof Error && "code" in error ? String(error.code) : "no code"
}

const acting = <T>(services: Services, name: string, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", step: name } }),
    )

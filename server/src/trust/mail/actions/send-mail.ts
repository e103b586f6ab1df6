/**
 * Sends due mail of every kind: notices, codes, and mail to staff.
 *
 * A mail is a row before it is sent. One transaction reserves the mail for longer than any server may take. The mail is
 * sent without a transaction, and another transaction writes the result. If the process dies, the mail is sent again
 * with the same id. Permission to send is checked at the reservation, and again before the first byte.
 *
 * Limits per domain and in total keep a slow server from delaying the others.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Services } from "../../../kernel/services.ts"
import { causeOf } from "../../../platform/log/log.ts"
import { type Message, WithheldError, sendMsMax, wasRejected } from "../../../platform/mail/mail.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type MailState, type SendOutcome, domainOf, nextAttemptAt, stateAfter } from "../message.ts"

const inFlightMax = 32
const perDomainMax = 4
/** Reserves a mail for longer than a server may take. */
const holdMs = 3 * sendMsMax
/** How long a mail waits when its domain has reached its limit. */
const busyDomainDelayMs = 1_000

export interface QueuedMail {
    readonly id: string
    readonly attempts: number
}

export interface AttemptResult {
    readonly state: MailState
    /** Whether the server was tried. */
    readonly isAttempted: boolean
    readonly nextAt: Instant
}

/** One kind of mail, with its own table. */
export interface MailKind<Mail extends QueuedMail> {
    readonly name: string
    /** `select from …`, which finds a row if any mail is unsent, whatever its instant. */
    readonly pendingQuery: string
    /** Takes the next due mail, locked until the transaction ends. */
    readonly claim: (ctx: ActionContext, realNow: Instant) => Promise<Mail | undefined>
    /** The recipient's address, or why the mail is not sent. */
    readonly findRecipient: (ctx: ActionContext, row: Mail) => Promise<{ readonly to: string } | "dropped" | "bounced">
    readonly compose: (ctx: ActionContext, row: Mail, to: string) => Promise<Message>
    /** Reserves the mail until this instant, without counting an attempt. */
    readonly holdUntil: (ctx: ActionContext, row: Mail, until: Instant) => Promise<void>
    /** Whether the mail is still reserved until this instant. Locks it until the transaction ends. */
    readonly isHeld: (ctx: ActionContext, row: Mail, until: Instant) => Promise<boolean>
    /** Saves the result of an attempt, or of a refusal to try. */
    readonly saveResult: (ctx: ActionContext, row: Mail, result: AttemptResult) => Promise<void>
}

export interface MailJob extends BackgroundJob {
    /** Sends one mail and resolves when it is done. False: no mail is due. */
    readonly sendNext: (services: Services) => Promise<boolean>
}

interface HeldMail<Mail extends QueuedMail> {
    readonly mail: Mail
    readonly message: Message
    readonly until: Instant
}

interface InFlightMail {
    readonly kind: string
    readonly domain: string
    readonly work: Promise<void>
}

/** Mails being sent, of all kinds, by the services of each program in this process. */
const inFlight = new WeakMap<Services, Set<InFlightMail>>()

/** Makes the job that sends mail of one kind. */
export function createMailJob<Mail extends QueuedMail>(kind: MailKind<Mail>): MailJob {
    return {
        name: kind.name,
        workSql: kind.pendingQuery,
        run: async (services) => inFlightOf(services).size < inFlightMax && (await startNext(services, kind)) !== null,
        finish: async (services) => {
            await Promise.all(
                [...inFlightOf(services)].filter((mail) => mail.kind === kind.name).map(({ work }) => work),
            )
        },
        sendNext: async (services) => {
            const started = await startNext(services, kind)
            await started?.work
            return started !== null
        },
    }
}

/** Takes a due mail and starts sending. Null: no mail is due. `work`: the started attempt, if any. */
async function startNext<Mail extends QueuedMail>(
    services: Services,
    kind: MailKind<Mail>,
): Promise<{ readonly work: Promise<void> | null } | null> {
    const claimed = await claimNext(services, kind)
    if (claimed === null) return null
    if (claimed === "done") return { work: null }
    const mails = inFlightOf(services)
    const mail = { kind: kind.name, domain: domainOf(claimed.message.to), work: send(services, kind, claimed) }
    mails.add(mail)
    return { work: mail.work.finally(() => mails.delete(mail)) }
}

function inFlightOf(services: Services): Set<InFlightMail> {
    const mails = inFlight.get(services) ?? new Set()
    inFlight.set(services, mails)
    return mails
}

function isDomainBusy(services: Services, address: string): boolean {
    const domain = domainOf(address)
    return [...inFlightOf(services)].filter((mail) => mail.domain === domain).length >= perDomainMax
}

async function claimNext<Mail extends QueuedMail>(
    services: Services,
    kind: MailKind<Mail>,
): Promise<HeldMail<Mail> | "done" | null> {
    return await runAsSystem(services, kind.name, async (ctx) => {
        const realNow = services.realNow()
        const row = await kind.claim(ctx, realNow)
        if (!row) return null
        const recipient = await kind.findRecipient(ctx, row)
        if (typeof recipient === "string") {
            await kind.saveResult(ctx, row, { state: recipient, isAttempted: false, nextAt: realNow })
            return "done"
        }
        const isDelayed = isDomainBusy(services, recipient.to)
        const until = realNow + (isDelayed ? busyDomainDelayMs : holdMs)
        await kind.holdUntil(ctx, row, until)
        return isDelayed ? "done" : { mail: row, until, message: await kind.compose(ctx, row, recipient.to) }
    })
}

/** Sends a mail and never throws. If the result cannot be saved, the mail is sent again when its reservation ends. */
async function send<Mail extends QueuedMail>(
    services: Services,
    kind: MailKind<Mail>,
    { mail: row, message, until }: HeldMail<Mail>,
): Promise<void> {
    try {
        const isStillAllowed = () =>
            runAsSystem(services, kind.name, async (ctx) => {
                const recipient = await kind.findRecipient(ctx, row)
                return typeof recipient !== "string" && recipient.to === message.to
            })
        const outcome = await attemptSend(services, row.id, message, isStillAllowed)
        await runAsSystem(services, kind.name, async (ctx) => {
            if (!(await kind.isHeld(ctx, row, until))) return
            const nextAt = nextAttemptAt(row.attempts, services.realNow())
            await kind.saveResult(ctx, row, { state: stateAfter(outcome, row.attempts), isAttempted: true, nextAt })
        })
    } catch (error) {
        services.log.error("mail not settled", { id: row.id, error: causeOf(error) })
    }
}

async function attemptSend(
    services: Services,
    id: string,
    message: Message,
    isStillAllowed: () => Promise<boolean>,
): Promise<SendOutcome> {
    try {
        await services.mail.send(message, isStillAllowed)
        return "sent"
    } catch (error) {
        if (error instanceof WithheldError) return "withheld"
        services.log.warn("mail failed", { id, error: codeOf(error) })
        return wasRejected(error) ? "rejected" : "unsent"
    }
}

/** The error code alone, because a mail server's text would name the recipient. */
function codeOf(error: unknown): string {
    return error instanceof Error && "code" in error ? String(error.code) : "no code"
}

const runAsSystem = <T>(services: Services, name: string, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", component: name } }),
    )

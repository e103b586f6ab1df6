/**
 * Sends mail that is due, whatever kind it is of: notices, codes, and what the operator's persons are told.
 *
 * A mail is a row before it is sent. It is held in one transaction for longer than any server may take, sent outside of
 * any, and what came of it is written in another: whoever held it and died has it sent again, by the same id. Whether it may
 * go is asked when it is held, and again when the server waits for its first byte.
 *
 * Nobody's slow server holds up another's: of one domain a few are under way, and of all together a few more.
 */
import type { Instant } from "../../../lib/instant.ts"
import type { Doors } from "../../../platform/doors.ts"
import { causeOf } from "../../../platform/log.ts"
import { type Message, Withheld, sendMsMax, wasRejected } from "../../../platform/mail.ts"
import type { Chore } from "../../../platform/worker.ts"
import type { Act } from "../../audit/actions.ts"
import { type MailState, type Outcome, domainOf, nextTryAt, stateAfter } from "../mailing.ts"

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
    readonly take: (act: Act, realNow: Instant) => Promise<Of | undefined>
    /** Whom it goes to, or why to nobody any more. */
    readonly receiver: (act: Act, row: Of) => Promise<{ readonly to: string } | "dropped" | "bounced">
    readonly letter: (act: Act, row: Of, to: string) => Promise<Message>
    /** Due again from this instant on, though it was not tried. */
    readonly hold: (act: Act, row: Of, until: Instant) => Promise<void>
    /** Whether it is still held until this instant; locked until the transaction ends. */
    readonly isHeld: (act: Act, row: Of, until: Instant) => Promise<boolean>
    /** What a try, or a refusal to try, came to. */
    readonly settle: (act: Act, row: Of, its: Settled) => Promise<void>
}

export interface Sending extends Chore {
    /** Sends one, and is over when it is; false: nothing is due. */
    readonly next: (doors: Doors) => Promise<boolean>
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
const underWay = new WeakMap<Doors, Set<UnderWay>>()

export function sending<Of extends Row>(kind: Kind<Of>): Sending {
    return {
        name: kind.name,
        waiting: kind.waiting,
        run: async (doors) => underWayIn(doors).size < underWayMax && (await start(doors, kind)) !== null,
        settle: async (doors) => {
            await Promise.all([...underWayIn(doors)].filter((one) => one.kind === kind.name).map(({ work }) => work))
        },
        next: async (doors) => {
            const started = await start(doors, kind)
            await started?.work
            return started !== null
        },
    }
}

/** Null: nothing is due. `work`: what was set going, where anything was. */
async function start<Of extends Row>(
    doors: Doors,
    kind: Kind<Of>,
): Promise<{ readonly work: Promise<void> | null } | null> {
    const held = await hold(doors, kind)
    if (held === null) return null
    if (held === "done") return { work: null }
    const all = underWayIn(doors)
    const its = { kind: kind.name, domain: domainOf(held.letter.to), work: send(doors, kind, held) }
    all.add(its)
    return { work: its.work.finally(() => all.delete(its)) }
}

function underWayIn(doors: Doors): Set<UnderWay> {
    const its = underWay.get(doors) ?? new Set()
    underWay.set(doors, its)
    return its
}

function isCrowded(doors: Doors, address: string): boolean {
    const domain = domainOf(address)
    return [...underWayIn(doors)].filter((one) => one.domain === domain).length >= ofOneDomainMax
}

async function hold<Of extends Row>(doors: Doors, kind: Kind<Of>): Promise<Held<Of> | "done" | null> {
    return await acting(doors, kind.name, async (act) => {
        const realNow = doors.realNow()
        const row = await kind.take(act, realNow)
        if (!row) return null
        const receiver = await kind.receiver(act, row)
        if (typeof receiver === "string") {
            await kind.settle(act, row, { state: receiver, tried: false, nextAt: realNow })
            return "done"
        }
        const mustStand = isCrowded(doors, receiver.to)
        const until = realNow + (mustStand ? standMs : holdMs)
        await kind.hold(act, row, until)
        return mustStand ? "done" : { row, until, letter: await kind.letter(act, row, receiver.to) }
    })
}

/** Never throws: what cannot be written down is sent again once it is held no more. */
async function send<Of extends Row>(doors: Doors, kind: Kind<Of>, { row, letter, until }: Held<Of>): Promise<void> {
    try {
        const mayGo = () =>
            acting(doors, kind.name, async (act) => {
                const receiver = await kind.receiver(act, row)
                return typeof receiver !== "string" && receiver.to === letter.to
            })
        const outcome = await tried(doors, row.id, letter, mayGo)
        await acting(doors, kind.name, async (act) => {
            if (!(await kind.isHeld(act, row, until))) return
            const nextAt = nextTryAt(row.tries, doors.realNow())
            await kind.settle(act, row, { state: stateAfter(outcome, row.tries), tried: true, nextAt })
        })
    } catch (error) {
        doors.log.error("mail not settled", { id: row.id, error: causeOf(error) })
    }
}

async function tried(doors: Doors, id: string, letter: Message, mayGo: () => Promise<boolean>): Promise<Outcome> {
    try {
        await doors.mail.send(letter, mayGo)
        return "sent"
    } catch (error) {
        if (error instanceof Withheld) return "withheld"
        doors.log.warn("mail failed", { id, error: codeOf(error) })
        return wasRejected(error) ? "rejected" : "unsent"
    }
}

/** A mail server's words would name whom it was for. */
function codeOf(error: unknown): string {
    return error instanceof Error && "code" in error ? String(error.code) : "no code"
}

const acting = <T>(doors: Doors, name: string, work: (act: Act) => Promise<T>): Promise<T> =>
    doors.db.transaction(async (tx) =>
        work({ tx, now: await doors.clock.now(tx), doors, actor: { kind: "system", step: name } }),
    )

/**
 * Notices: the content-free message that there is something to fetch. Constant subject and body; what is sent tells
 * nobody which case, product or severity it is about.
 *
 * An attempt is written first, with its idempotency key; it is sent once its row is held, and looked at again at the
 * moment of sending: whoever was suspended in between, or put outside the circle of its case, gets none, and for a frozen
 * wave none is sent until it thaws.
 */
import type { Instant } from "../../../lib/instant.ts"
import type { Doors } from "../../../platform/doors.ts"
import { wasRejected } from "../../../platform/mail.ts"
import type { Chore } from "../../../platform/worker.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { rosterStays } from "../../../trust/identity/actions/stays.ts"
import { personsInside } from "../../../trust/partners/actions/circles.ts"
import { standingOf } from "../../../trust/partners/actions/facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import { frozenWaves } from "../../waves/actions.ts"
import { callPartners } from "../../webhooks/actions/calling.ts"
import * as store from "../store.ts"

export const noticeSubject = "Notice from your early-warning program"
export const noticeText = [
    "There is something for you to fetch.",
    "",
    "Sign in to the partner portal, or run your client, to see what it is.",
    "This message is the same every time and says nothing else on purpose.",
    "",
].join("\n")

const triesMax = 8
const delayMs = 30_000

/** What a notice is about, of which it says nothing: a case, and there perhaps a wave or a recall. */
export interface About {
    readonly case: string
    readonly wave?: string
    readonly recall?: string
}

/**
 * One notice for every person of these partners who may see the case, and a call to their webhooks; null: something that is
 * owed, or no case's.
 */
export async function makeNotices(act: Act, about: About | null, partners: readonly string[]): Promise<void> {
    const of = { case: null, wave: null, recall: null, ...about }
    for (const partner of partners) {
        for (const person of await personsInside(act, partner, of.case)) {
            const its = { id: act.doors.newId(), partner, person, ...of }
            await store.insertNotice(act.tx, its, act.now, act.doors.realNow())
        }
    }
    await callPartners(act, of.wave, partners)
}

/** One notice for each lead, by mail alone: of what only leads can do something about. */
export async function noticeLeads(act: Act, partner: string): Promise<void> {
    const leads = (await rosterStays(act, partner)).filter(({ isLead, until }) => isLead && until === null)
    for (const { person } of leads) {
        const its = { id: act.doors.newId(), partner, person, case: null, wave: null, recall: null }
        await store.insertNotice(act.tx, its, act.now, act.doors.realNow())
    }
}

const eventOf = {
    sent: "notice.sent",
    dropped: "notice.dropped",
    failed: "notice.failed",
    bounced: "notice.failed",
} as const

/** Sends what is due, one at a time; a slow mail server holds up its own notice alone. */
export const mailing: Chore = { name: "mailing", run: sendNext }

async function sendNext(doors: Doors): Promise<boolean> {
    return await doors.db.transaction(async (tx) => {
        const realNow = doors.realNow()
        const now = await doors.clock.now(tx)
        const act: Act = { tx, now, doors, actor: { kind: "system", step: "mailing" } }
        const notice = await store.takeDueNotice(tx, realNow, await frozenWaves(act))
        if (!notice) return false
        const outcome = await attempt(act, notice)
        const tries = notice.tries + 1
        const isOver = outcome === "sent" || outcome === "dropped"
        const lost = outcome === "rejected" ? "bounced" : "failed"
        const state = isOver ? outcome : tries < triesMax ? "due" : lost
        const nextAt: Instant = realNow + delayMs * 2 ** notice.tries
        await store.setNotice(tx, notice.id, state, { sentAt: state === "sent" ? now : null, nextAt })
        if (state !== "due") {
            const { id, partner, person, wave, recall } = notice
            const failure = isOver ? {} : { person, rejected: state === "bounced" }
            await record(act, {
                kind: eventOf[state],
                notice: id,
                partner,
                wave,
                ...(recall && { recall }),
                ...failure,
            })
        }
        return true
    })
}

/** A mail server's words would name whom it was for. */
function codeOf(error: unknown): string {
    return error instanceof Error && "code" in error ? String(error.code) : "no code"
}

async function attempt(act: Act, notice: store.DueNotice): Promise<"sent" | "dropped" | "again" | "rejected"> {
    const person = await personById(act, notice.person)
    if (!person || person.leftAt !== null) return "dropped"
    if (!reachesCases(await standingOf(act, notice.partner))) return "dropped"
    if (!(await personsInside(act, notice.partner, notice.case)).includes(notice.person)) return "dropped"
    try {
        const messageId = `<${notice.id}@tocsin>`
        await act.doors.mail.send({ to: person.mail, subject: noticeSubject, text: noticeText, messageId })
        return "sent"
    } catch (error) {
        act.doors.log.warn("mail failed", { id: notice.id, error: codeOf(error) })
        return wasRejected(error) ? "rejected" : "again"
    }
}

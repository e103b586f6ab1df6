/**
 * Notices: the content-free message that there is something to fetch. Constant subject and body; what is sent tells
 * nobody which case, product or severity it is about.
 *
 * An attempt is written first, with its idempotency key; it is sent once its row is held, and looked at again at the
 * moment of sending: whoever was suspended in between gets none.
 */
import type { Instant } from "../../../lib/instant.ts"
import type { Doors } from "../../../platform/doors.ts"
import type { Chore } from "../../../platform/worker.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById, personsOf } from "../../../trust/identity/actions.ts"
import { standingOf } from "../../../trust/partners/actions/facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
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

/** One notice for every person of these partners. */
export async function makeNotices(act: Act, wave: string, partners: readonly string[]): Promise<void> {
    for (const partner of partners) {
        for (const person of await personsOf(act, partner)) {
            if (person.leftAt !== null) continue
            const its = { id: act.doors.newId(), partner, person: person.id, wave }
            await store.insertNotice(act.tx, its, act.now, act.doors.realNow())
        }
    }
}

const eventOf = { sent: "notice.sent", dropped: "notice.dropped", failed: "notice.failed" } as const

/** Sends what is due, one at a time; a slow mail server holds up its own notice alone. */
export const mailing: Chore = { name: "mailing", run: sendNext }

async function sendNext(doors: Doors): Promise<boolean> {
    return await doors.db.transaction(async (tx) => {
        const realNow = doors.realNow()
        const notice = await store.takeDueNotice(tx, realNow)
        if (!notice) return false
        const now = await doors.clock.now(tx)
        const act: Act = { tx, now, doors, actor: { kind: "system", step: "mailing" } }
        const outcome = await attempt(act, notice)
        const tries = notice.tries + 1
        const state = outcome === "again" ? (tries < triesMax ? "due" : "failed") : outcome
        const nextAt: Instant = realNow + delayMs * 2 ** notice.tries
        await store.setNotice(tx, notice.id, state, { sentAt: state === "sent" ? now : null, nextAt })
        if (state !== "due") {
            const { id, partner, wave } = notice
            await record(act, { kind: eventOf[state], notice: id, partner, wave })
        }
        return true
    })
}

/** A mail server's words would name whom it was for. */
function codeOf(error: unknown): string {
    return error instanceof Error && "code" in error ? String(error.code) : "no code"
}

async function attempt(act: Act, notice: store.DueNotice): Promise<"sent" | "dropped" | "again"> {
    const person = await personById(act, notice.person)
    if (!person || person.leftAt !== null) return "dropped"
    if (!reachesCases(await standingOf(act, notice.partner))) return "dropped"
    try {
        const messageId = `<${notice.id}@tocsin>`
        await act.doors.mail.send({ to: person.mail, subject: noticeSubject, text: noticeText, messageId })
        return "sent"
    } catch (error) {
        act.doors.log.warn("mail failed", { id: notice.id, error: codeOf(error) })
        return "again"
    }
}

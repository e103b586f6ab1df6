/**
 * Notices: the content-free message that there is something to fetch. Constant subject and body; what is sent tells
 * nobody which case, product or severity it is about.
 *
 * It is looked at again at the moment of sending: whoever was suspended in between, or put outside the circle of its
 * case, gets none, and for a frozen wave none is sent until it thaws.
 */
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { rosterStays } from "../../../trust/identity/actions/stays.ts"
import { tokenFor } from "../../../trust/mailing/actions/returning.ts"
import { type Settled, sending } from "../../../trust/mailing/actions/sending.ts"
import { personsInside } from "../../../trust/partners/actions/circles.ts"
import { standingOf } from "../../../trust/partners/actions/facts.ts"
import { writtenFor } from "../../../trust/partners/actions/mail-keys.ts"
import { isGivenUp } from "../../../trust/partners/actions/mailbox.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import { frozenWaves } from "../../waves/actions.ts"
import { callPartners } from "../../webhooks/actions/calling.ts"
import * as store from "../store.ts"
import { countDue, holdNotice, lockHeldNotice } from "../store/held.ts"

export const noticeSubject = "Notice from your early-warning program"
export const noticeText = [
    "There is something for you to fetch.",
    "",
    "Sign in to the partner portal, or run your client, to see what it is.",
    "This message is the same every time and says nothing else on purpose.",
    "",
].join("\n")

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
    const of = { case: null, wave: null, recall: null, sealed: null, ...about }
    for (const partner of partners) {
        for (const person of await personsInside(act, partner, of.case)) {
            const its = { id: act.doors.newId(), partner, person, ...of }
            await store.insertNotice(act.tx, its, act.now, act.doors.realNow())
        }
    }
    await callPartners(act, of.wave, partners)
}

/** Notices to partners that are due and not sent. */
export async function countUnsent(act: Act): Promise<number> {
    return await countDue(act.tx)
}

/**
 * One notice for each lead, by mail alone: of what only leads can do something about. `sealed`: the id of a matter that
 * nobody else may know of; null: there is none.
 */
export async function noticeLeads(act: Act, partner: string, sealed: string | null = null): Promise<void> {
    const leads = (await rosterStays(act, partner)).filter(({ isLead, until }) => isLead && until === null)
    for (const { person } of leads) {
        const its = { id: act.doors.newId(), partner, person, case: null, wave: null, recall: null, sealed }
        await store.insertNotice(act.tx, its, act.now, act.doors.realNow())
    }
}

const eventOf = {
    sent: "notice.sent",
    dropped: "notice.dropped",
    failed: "notice.failed",
    bounced: "notice.failed",
} as const

/** Sends what is due. */
export const mailing = sending<store.DueNotice>({
    name: "mailing",
    waiting: store.noticesWaiting,
    take: async (act, realNow) => await store.takeDueNotice(act.tx, realNow, await frozenWaves(act)),
    receiver,
    letter: (act, { id, partner, sealed }, to) => {
        const its = { to, subject: noticeSubject, text: noticeText, id }
        return writtenFor(act, partner, { ...its, token: tokenFor(act.doors.keys, id) }, sealed)
    },
    hold: ({ tx }, { id }, until) => holdNotice(tx, id, until),
    isHeld: ({ tx }, { id }, until) => lockHeldNotice(tx, id, until),
    settle,
})

async function receiver(act: Act, notice: store.DueNotice): Promise<{ to: string } | "dropped" | "bounced"> {
    const person = await personById(act, notice.person)
    if (!person || person.leftAt !== null) return "dropped"
    if (!reachesCases(await standingOf(act, notice.partner))) return "dropped"
    if (!(await personsInside(act, notice.partner, notice.case)).includes(notice.person)) return "dropped"
    return (await isGivenUp(act, notice.partner, notice.person)) ? "bounced" : { to: person.mail }
}

async function settle(act: Act, notice: store.DueNotice, { state, tried, nextAt }: Settled): Promise<void> {
    const { id, partner, person, wave, recall, sealed } = notice
    await store.setNotice(act.tx, id, state, { sentAt: state === "sent" ? act.now : null, nextAt })
    if (state === "due") return
    const failed = { person, rejected: state === "bounced" && tried, ...(sealed && { sealed }) }
    const failure = state === "sent" || state === "dropped" ? {} : failed
    const event = { notice: id, partner, wave, ...(recall && { recall }), ...failure }
    await record(act, { kind: eventOf[state], ...event }, sealed)
}

/**
 * Telling: who may act is told by mail that something waits, and once more before it lapses. The mail is the same every
 * time, as partners' notices are: it says that there is something, and nothing of what.
 *
 * What begins to wait is told by the step that its event starts; what depends on an instant, by a chore that looks once
 * an hour of the program's time. Either asks the same, and nobody is told of one thing twice.
 */
import { type Instant, hourMs } from "../../../lib/instant.ts"
import type { Chore } from "../../../platform/worker.ts"
import { voidExceeded } from "../../../share/release/actions/exceeded.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { tokenFor } from "../../../trust/mailing/actions/returning.ts"
import { sending } from "../../../trust/mailing/actions/sending.ts"
import { hasAgreementBegunSince } from "../../../trust/partners/actions/agreements.ts"
import { partnersChangedSince } from "../../../trust/partners/actions/facts.ts"
import { standsInFor } from "../deputy.ts"
import * as store from "../store.ts"
import { type Step, keyOf, stepsOf, waitsFor } from "../waiting.ts"
import { everythingWaiting, operatorPersons } from "./gathering.ts"
import { noteFailed } from "./returning.ts"

export const waitingSubject = "Notice from your early-warning program's console"
export const waitingText = [
    "You have a task in the console.",
    "",
    "Sign in to see the task, its deadline, and what happens if no one acts.",
    "This message is the same every time and says nothing else on purpose.",
    "",
].join("\n")

/** One notice for each person for whom something waits of which it was not told, however much that is. */
export async function tellWaiting(act: Act): Promise<void> {
    const items = await everythingWaiting(act)
    const deputies = await store.deputies(act.tx, act.now)
    const here = await operatorPersons(act)
    for (const person of here) {
        const behind = standsInFor(deputies, here, person.id, act.now)
        const its = items.filter((item) => waitsFor(item, person, behind))
        const open = new Set(its.filter(({ onlyFor }) => onlyFor === null).map(keyOf))
        const steps = its.flatMap((item) => stepsOf(item, act.now).map((step) => ({ key: keyOf(item), step })))
        const told = steps.length === 0 ? [] : await store.insertTold(act.tx, person.id, steps, act.now)
        const counts: Record<Step, number> = { began: 0, soon: 0, over: 0 }
        for (const { step } of told) counts[step]++
        const sealed = !told.some(({ key }) => open.has(key))
        if (counts.began + counts.soon + counts.over === 0) continue
        const notice = act.doors.newId()
        await store.insertNotice(act.tx, { id: notice, person: person.id, sealed }, act.now, act.doors.realNow())
        await record(act, { kind: "task.notified", notice, person: person.id, ...counts }, true)
    }
}

/** What began, lapses soon or is overdue because time has passed. */
export const minding: Chore = {
    name: "minding",
    isUnhurried: true,
    run: async (doors) =>
        await doors.db.transaction(async (tx) => {
            const now = await doors.clock.now(tx)
            const last = await store.lastLook(tx, now)
            if (last !== null && now - last < hourMs) return false
            if (!(await store.takeLook(tx, now, now - hourMs))) return false
            const act: Act = { tx, now, doors, actor: { kind: "system", step: "minding" } }
            await voidByTime(act, last ?? now - hourMs)
            await tellWaiting(act)
            return false
        }),
}

/** What was decided about a partner, or accepted, for a later instant has no event when it comes. */
async function voidByTime(act: Act, since: Instant): Promise<void> {
    const partners = (await hasAgreementBegunSince(act, since)) ? [null] : await partnersChangedSince(act, since)
    for (const partner of partners) await voidExceeded(act, { case: null, partner }, "release.effects_changed")
}

/** Notices to staff that are due and not sent. */
export async function countUnsentToStaff(act: Act): Promise<number> {
    return await store.countDue(act.tx)
}

/** Sends what is due. */
export const mailingOperators = sending<store.NoticeRow>({
    name: "mailing-operators",
    waiting: store.noticesWaiting,
    take: ({ tx }, realNow) => store.takeDueNotice(tx, realNow),
    receiver: async (act, { person }) => {
        const its = await personById(act, person)
        return its && its.leftAt === null ? { to: its.mail } : "dropped"
    },
    letter: async ({ doors }, { id }, to) => ({
        ...{ to, subject: waitingSubject, text: waitingText },
        ...{ id, token: tokenFor(doors.keys, id) },
    }),
    hold: ({ tx }, { id }, until) => store.holdNotice(tx, id, until),
    isHeld: ({ tx }, { id }, until) => store.lockHeldNotice(tx, id, until),
    settle: async (act, { id, person }, { state, nextAt }) => {
        await store.setNotice(act.tx, id, state === "bounced" ? "failed" : state, nextAt)
        if (state === "bounced") await noteFailed(act, id, person)
    },
})

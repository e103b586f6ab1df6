/**
 * Mail to a person of the operator that came back, at once or later: whoever keeps persons and partners sees that it does.
 *
 * Of a mail that told of sealed matters alone nobody is told, for who sees that there was one learns of the matter.
 */
import { type Instant, dayMs } from "../../../lib/instant.ts"
import { noteReturned } from "../../../share/delivery/actions/returning.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { mailBehind } from "../../../trust/mailing/actions/returning.ts"
import { type Fate, returnDays } from "../../../trust/mailing/returned.ts"
import { failingDays } from "../../../trust/partners/actions/mailbox.ts"
import * as store from "../store.ts"
import { lastRun } from "../waiting.ts"

/** Of whatever mail of ours the token is. Throws `delivery.mail_not_found` where it is of none. */
export async function noteAnyReturned(act: Act, token: string, fate: Fate): Promise<void> {
    const mail = mailBehind(act.doors.keys, token)
    const person = mail === null ? undefined : await store.toldOfLate(act.tx, mail, act.now - returnDays * dayMs)
    if (mail === null || person === undefined) return await noteReturned(act, token, fate)
    if (fate === "failed") await noteFailed(act, mail, person)
}

/** The address takes nothing, by what a server said when it was asked, or later. Once a mail. */
export async function noteFailed(act: Act, notice: string, person: string): Promise<void> {
    if (!(await store.setReturned(act.tx, notice, act.now))) return
    await record(act, { kind: "task.delivery_failed", notice, person }, true)
}

export interface Failing {
    readonly person: string
    /** The first of those that came back with no fortnight between them. */
    readonly since: Instant
}

/** Persons of the operator from whom mail comes back, until a fortnight after the last of it. */
export async function failingColleagues(act: Act): Promise<Failing[]> {
    const gapMs = failingDays * dayMs
    const returns = Map.groupBy(await store.returns(act.tx), ({ person }) => person)
    return [...returns].flatMap(([person, rows]) => {
        const run = lastRun(
            rows.map(({ at }) => at),
            gapMs,
        )
        return run !== null && act.now - run.until < gapMs ? [{ person, since: run.since }] : []
    })
}

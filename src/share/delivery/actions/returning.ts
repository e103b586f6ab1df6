/** Mail to a partner that came back: noted beside the address. It ends no mail, owes nothing, and is no bounce that a server told us. */
import { dayMs } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { mailBehind } from "../../../trust/mailing/actions/returning.ts"
import { type Fate, returnDays } from "../../../trust/mailing/returned.ts"
import { codeSentTo, noteReturn } from "../../../trust/partners/actions/mailbox.ts"
import { sentNotice } from "../store/sent.ts"

/** Once a mail and fate, however often it is said. To whoever has no token, or an old one, there is no such mail. */
export async function noteReturned(act: Act, token: string, fate: Fate): Promise<void> {
    const mail = mailBehind(act.doors.keys, token)
    const notice = mail === null ? undefined : await sentNotice(act.tx, mail, act.now - returnDays * dayMs)
    const partner = notice?.partner ?? (mail === null ? null : await codeSentTo(act, mail))
    if (mail === null || partner === null) {
        return refuse("missing", "delivery.unknown_mail", "no mail was sent from this address of late")
    }
    await noteReturn(act, { mail, fate, partner, person: notice?.person ?? null }, notice?.sealed)
}

/** What is looked for by state, again and again, beside the flow: what is due falls, whatever was missed. */
import type { Chore } from "../platform/worker.ts"
import { hearing } from "../share/canaries/actions/hearing.ts"
import { percentAcknowledged } from "../share/delivery/actions/acknowledged.ts"
import { mailing } from "../share/delivery/actions/notices.ts"
import { releasing } from "../share/release/actions.ts"
import { watching } from "../share/release/actions/clock.ts"
import { calling } from "../share/webhooks/actions/calling.ts"
import { mailingOperators, minding } from "../trace/waiting/actions/telling.ts"
import { numbering } from "../trust/audit/actions/numbering.ts"
import { posting } from "../trust/partners/actions/mailbox.ts"
import { tending } from "../trust/partners/actions/tending.ts"
import { batching } from "../trust/receipts/actions/batching.ts"

export const chores: readonly Chore[] = [
    watching,
    releasing,
    batching,
    numbering,
    mailing,
    calling,
    hearing,
    posting,
    tending(percentAcknowledged),
    minding,
    mailingOperators,
]

/** What happened before the story begins: who owes something was told so. */
import { flow } from "../flow.ts"
import type { Doors } from "../platform/doors.ts"
import { runNext } from "../platform/worker.ts"
import { percentAcknowledged } from "../share/delivery/actions/acknowledged.ts"
import { mailing } from "../share/delivery/actions/notices.ts"
import { tending } from "../trust/partners/actions/tending.ts"

export async function settle(doors: Doors): Promise<void> {
    await tending(percentAcknowledged).run(doors)
    while (await runNext(doors, flow)) continue
    while (await mailing.next(doors)) continue
}

/** What happened before the story begins: who owes something was told so. */
import { eventHandlers } from "../flow.ts"
import type { Services } from "../platform/doors.ts"
import { handleNextEvent } from "../platform/worker.ts"
import { percentAcknowledged } from "../share/delivery/actions/acknowledged.ts"
import { sendNoticesJob } from "../share/delivery/actions/notices.ts"
import { tending } from "../trust/partners/actions/tending.ts"

export async function settle(services: Services): Promise<void> {
    await tending(percentAcknowledged).run(services)
    while (await handleNextEvent(services, eventHandlers)) continue
    while (await sendNoticesJob.next(services)) continue
}

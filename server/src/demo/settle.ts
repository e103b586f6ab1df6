/** Notifies partners of requirements from before the story. */
import { eventHandlers } from "../event-handlers.ts"
import type { Services } from "../kernel/services.ts"
import { handleNextEvent } from "../kernel/worker.ts"
import { percentAcknowledged } from "../share/delivery/actions/rate-acknowledgements.ts"
import { sendNoticesJob } from "../share/delivery/notices/actions/create-notices.ts"
import { tending } from "../trust/partners/requirements/actions/check-requirements.ts"

/** Sends those notices. */
export async function settle(services: Services): Promise<void> {
    await tending(percentAcknowledged).run(services)
    while (await handleNextEvent(services, eventHandlers)) continue
    while (await sendNoticesJob.next(services)) continue
}

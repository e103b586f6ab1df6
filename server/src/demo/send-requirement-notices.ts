/** Notifies partners of requirements from before the story. */
import { eventHandlers } from "../event-handlers.ts"
import type { Services } from "../kernel/services.ts"
import { handleNextEvent } from "../kernel/worker.ts"
import { loadAcknowledgementRates } from "../share/delivery/actions/load-acknowledgement-rates.ts"
import { sendNoticesJob } from "../share/delivery/notices/actions/create-notices.ts"
import { createCheckRequirementsJob } from "../trust/partners/requirements/actions/check-requirements.ts"

/** Sends those notices. */
export async function sendRequirementNotices(services: Services): Promise<void> {
    await createCheckRequirementsJob(loadAcknowledgementRates).run(services)
    while (await handleNextEvent(services, eventHandlers)) continue
    while (await sendNoticesJob.sendNext(services)) continue
}

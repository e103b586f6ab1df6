/** Sends the notices of requirements that are due at the start of the demonstration. */
import { eventHandlers } from "../event-handlers.ts"
import type { Services } from "../kernel/services.ts"
import { handleNextEvent } from "../kernel/worker.ts"
import { loadAcknowledgementRates } from "../share/delivery/actions/load-acknowledgement-rates.ts"
import { sendNoticesJob } from "../share/delivery/notices/actions/create-notices.ts"
import { createCheckRequirementsJob } from "../trust/partners/requirements/actions/check-requirements.ts"

/** Sends the notices. */
export async function sendRequirementNotices(services: Services): Promise<void> {
    await createCheckRequirementsJob(loadAcknowledgementRates).run(services)
    while (await handleNextEvent(services, eventHandlers)) continue
    while (await sendNoticesJob.sendNext(services)) continue
}

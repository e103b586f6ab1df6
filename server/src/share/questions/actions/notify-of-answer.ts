/** Notifies partners of an answer, by the same notice without content as for a wave. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { createNotices } from "../../delivery/notices/actions/create-notices.ts"
import { loadMatrix } from "../../entitlement/actions/decide-access.ts"
import type { Audience } from "../question.ts"

interface Answered {
    readonly case: string
    /** The partner that asked. */
    readonly partner: string
    readonly audience: Audience
}

/**
 * Notifies the asking partner, or every partner that has something of the case: the notice of an answer to all is the
 * same for each of them, so it does not tell who asked.
 */
export async function notifyOfAnswer(ctx: ActionContext, answered: Answered): Promise<void> {
    const about = { case: answered.case }
    if (answered.audience === "partner") return await createNotices(ctx, about, [answered.partner])
    const { entitlements } = await loadMatrix(ctx, answered.case)
    const readers = entitlements.filter(({ decision }) => decision.available).map(({ partner }) => partner)
    await createNotices(ctx, about, [...new Set(readers)])
}

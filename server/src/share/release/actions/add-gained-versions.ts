/** Adds the versions that a partner gains to the effects of its change. A signature covers these versions only. */
import { type Effects, type PartnerVersion, recipientGroupsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { FactChange } from "../../../trust/partners/facts.ts"
import { listLabels } from "../../artifacts/actions/load-artifacts.ts"
import { listAuthors, listGainedVersions } from "./released-content.ts"

/**
 * Adds each version that the partner gains over all cases, now or once it meets its requirements. Also adds the
 * authors, who may not sign.
 *
 * To apply an approval, hold `lockToChangeProgram`, since a wave could open more meanwhile.
 */
export async function addGainedVersions(
    ctx: ActionContext,
    partner: string,
    change: FactChange,
    effects: Effects,
): Promise<Effects> {
    const gained: PartnerVersion[] = []
    const authors = new Set(effects.authors)
    for (const caseId of new Set((await listLabels(ctx, null, ctx.now)).map((labelled) => labelled.case))) {
        const assumptions = { nothingOverdue: true, partner } as const
        const versions = await listGainedVersions(ctx, caseId, assumptions, { ...assumptions, change })
        for (const author of await listAuthors(ctx, caseId, versions)) authors.add(author)
        gained.push(...versions)
    }
    if (gained.length === 0) return effects
    return { ...effects, ...recipientGroupsOf(gained), authors: [...authors].toSorted() }
}

/**
 * Links a case to the case from which it descends. Policies that name the parent case then apply to the case and its
 * descendants. Where a partner gains released content, a second person signs first.
 */
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type Effects, type PartnerVersion, recipientGroupsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listCaseFamily, linkCases, assertLinkable } from "../../cases/actions/link-cases.ts"
import type { CaseLink } from "../../cases/case.ts"
import { listAuthors, listGainedVersions } from "./released-content.ts"

export const linkAction = "case.link"

export interface LinkOutcome {
    readonly done: boolean
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

/** Links the cases, or requests a second signature where a partner gains access. */
export async function linkCasesByTwo(ctx: ActionContext, caseLink: CaseLink, signed?: string): Promise<LinkOutcome> {
    await lockToChangeProgram(ctx.tx)
    await assertLinkable(ctx, caseLink.from, caseLink.to)
    const effects = await loadLinkEffects(ctx, caseLink)
    if (effects !== null && signed === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects) }
    }
    const approval = effects && (signed ?? null)
    if (effects !== null && approval !== null) await applyApproval(ctx, approval, effects)
    const since = effects === null ? await withheldFrom(ctx.tx, ctx.services, ctx.now) : ctx.now
    await linkCases(ctx, caseLink.from, caseLink.to, caseLink.kind, since)
    return { done: true, approval }
}

/** Returns what partners gain by the link, now or once other obstacles are gone; null where none gains. */
async function loadLinkEffects(ctx: ActionContext, { from, to, kind }: CaseLink): Promise<Effects | null> {
    const gained: PartnerVersion[] = []
    const authors = new Set<string>()
    for (const caseId of await listCaseFamily(ctx, from)) {
        // Partners with overdue requirements gain access as soon as they meet them.
        const assumptions = { nothingOverdue: true } as const
        const versions = await listGainedVersions(ctx, caseId, assumptions, { ...assumptions, link: { from, to } })
        for (const author of await listAuthors(ctx, caseId, versions)) authors.add(author)
        gained.push(...versions)
    }
    if (gained.length === 0) return null
    return {
        action: linkAction,
        ...recipientGroupsOf(gained),
        at: null,
        detail: { case: from, to, kind },
        authors: [...authors].toSorted(),
    }
}

/**
 * Links a case to the case from which it descends. Policies that name the parent case then apply to the case and its
 * descendants. Where a partner gains released content, a second person signs first.
 */
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, type Reading, openingsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { familyOf, linkCases, assertLinkable } from "../../cases/actions.ts"
import type { CaseLink } from "../../cases/case.ts"
import { authorsOf, gainedIn } from "./released-content.ts"

export const linking = "case.link"

export interface Linking {
    readonly done: boolean
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

/** Links the cases, or requests a second signature where a partner gains access. */
export async function link(ctx: ActionContext, caseLink: CaseLink, signed?: string): Promise<Linking> {
    await lockToChangeProgram(ctx.tx)
    await assertLinkable(ctx, caseLink.from, caseLink.to)
    const effects = await effectsOfLink(ctx, caseLink)
    if (effects !== null && signed === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects) }
    }
    const approval = effects && (signed ?? null)
    if (effects !== null && approval !== null) await useApproval(ctx, approval, effects)
    const since = effects === null ? await withheldFrom(ctx.tx, ctx.services, ctx.now) : ctx.now
    await linkCases(ctx, caseLink.from, caseLink.to, caseLink.kind, since)
    return { done: true, approval }
}

/** Returns what partners gain by the link, now or once other obstacles are gone; null where none gains. */
async function effectsOfLink(ctx: ActionContext, { from, to, kind }: CaseLink): Promise<Effects | null> {
    const gained: Reading[] = []
    const authors = new Set<string>()
    for (const item of await familyOf(ctx, from)) {
        // Partners with overdue requirements gain access as soon as they meet them.
        const on = { nothingOverdue: true } as const
        const more = await gainedIn(ctx, item, on, { ...on, link: { from, to } })
        for (const author of await authorsOf(ctx, item, more)) authors.add(author)
        gained.push(...more)
    }
    if (gained.length === 0) return null
    return {
        act: linking,
        ...openingsOf(gained),
        at: null,
        detail: { case: from, to, kind },
        authors: [...authors].toSorted(),
    }
}

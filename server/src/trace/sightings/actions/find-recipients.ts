/**
 * Decides which partners a wave reaches at an instant, and when access ended. It uses the facts of that instant, not of
 * the run.
 */
import type { Instant } from "@tocsin/base/instant"
import { closingOf } from "../../../share/cases/actions.ts"
import { type Entitlement, matrixOf } from "../../../share/entitlement/actions/decide-access.ts"
import { changesBetween } from "../../../share/entitlement/actions/replay-decision.ts"
import { opensFor } from "../../../share/release/actions.ts"
import { plannedAndOpenAt } from "../../../share/waves/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type PastFacts, partnerFactsUntil } from "../../../trust/partners/actions/load-facts.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import * as store from "../store/follow-ups.ts"

type Opened = Awaited<ReturnType<typeof plannedAndOpenAt>>["opened"]

/** Lists the partners with content from each wave that is released and not frozen. */
export function reachedBy(opened: Opened, entitlements: readonly Entitlement[]): Set<string> {
    const byArtifact = Map.groupBy(opened, (item) => item.artifact)
    const reached = entitlements.flatMap((entitlement) =>
        (entitlement.version === null ? [] : (byArtifact.get(entitlement.artifact) ?? []))
            .filter((wave) => opensFor(entitlement, wave))
            .map(({ wave }) => store.clockKey({ partner: entitlement.partner, wave })),
    )
    return new Set(reached)
}

/**
 * Lists the partners reached in a case at a past instant. Returns none where the case was closed or no follow-up
 * existed.
 */
async function reachedAt(ctx: ActionContext, subject: string, at: Instant): Promise<Set<string>> {
    const closing = await closingOf(ctx, subject)
    const { rules } = await rulesNow({ ...ctx, now: at }, "reporting")
    if ((closing !== null && closing.at <= at) || rules.days === 0) return new Set()
    const { opened } = await plannedAndOpenAt(ctx, subject, at)
    return reachedBy(opened, (await matrixOf(ctx, subject, { at })).entitlements)
}

/** Loads the past facts once for all cases of a run. */
export async function pastOf(ctx: ActionContext): Promise<PastFacts> {
    return await partnerFactsUntil(ctx, ctx.now, null)
}

/**
 * Returns, by clock id, the first instant since the last run at which the partner had no access by the wave. Includes
 * partners that have access again.
 */
export async function endsUntil(
    ctx: ActionContext,
    past: PastFacts,
    rows: readonly store.OwedRow[],
    { last, until }: { readonly last: Instant | null; readonly until: Instant },
): Promise<Map<string, Instant>> {
    const ends = new Map<string, Instant>()
    const subject = rows[0]?.case
    if (subject === undefined) return ends
    const from = Math.max(last ?? 0, Math.min(...rows.map(({ since }) => since)))
    const others = [(await closingOf(ctx, subject))?.at, (await rulesNow(ctx, "reporting")).at]
    const more = others.filter((at) => typeof at === "number" && at >= from && at <= until) as Instant[]
    const moments = new Set([...(await changesBetween(ctx, past, subject, { from, until })), ...more])
    for (const moment of [...moments].toSorted((a, b) => a - b)) {
        const left = rows.filter(({ id, since }) => since <= moment && !ends.has(id))
        const reached = left.length > 0 ? await reachedAt(ctx, subject, moment) : new Set<string>()
        for (const row of left) if (!reached.has(store.clockKey(row))) ends.set(row.id, moment)
    }
    return ends
}

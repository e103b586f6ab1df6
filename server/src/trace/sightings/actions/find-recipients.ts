/**
 * Decides which partners a wave reaches at an instant, and when access ended. It uses the facts of that instant, not of
 * the run.
 */
import type { Instant } from "@tocsin/base/instant"
import { findClosure } from "../../../share/cases/actions/load-case.ts"
import { type Entitlement, loadMatrix } from "../../../share/entitlement/actions/decide-access.ts"
import { listAccessChanges } from "../../../share/entitlement/actions/load-past-access.ts"
import { opensFor } from "../../../share/release/actions/compute-effects.ts"
import { loadWaveContents } from "../../../share/waves/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type PastFacts, loadPartnerFactsUntil } from "../../../trust/partners/actions/load-facts.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import * as store from "../store/follow-ups.ts"

type OpenedVersions = Awaited<ReturnType<typeof loadWaveContents>>["opened"]

/** Lists the partners with content from each wave that is released and not frozen. */
export function clockKeysReached(opened: OpenedVersions, entitlements: readonly Entitlement[]): Set<string> {
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
async function loadClockKeysReached(ctx: ActionContext, caseId: string, at: Instant): Promise<Set<string>> {
    const closure = await findClosure(ctx, caseId)
    const { rules } = await loadRules({ ...ctx, now: at }, "reporting")
    if ((closure !== null && closure.at <= at) || rules.days === 0) return new Set()
    const { opened } = await loadWaveContents(ctx, caseId, at)
    return clockKeysReached(opened, (await loadMatrix(ctx, caseId, { at })).entitlements)
}

/** Loads the past facts once for all cases of a run. */
export async function loadPastFacts(ctx: ActionContext): Promise<PastFacts> {
    return await loadPartnerFactsUntil(ctx, ctx.now, null)
}

/**
 * Returns, by clock id, the first instant since the last run at which the partner had no access by the wave. Includes
 * partners that have access again.
 */
export async function loadAccessEnds(
    ctx: ActionContext,
    past: PastFacts,
    rows: readonly store.FollowUpRow[],
    { last, until }: { readonly last: Instant | null; readonly until: Instant },
): Promise<Map<string, Instant>> {
    const ends = new Map<string, Instant>()
    const caseId = rows[0]?.case
    if (caseId === undefined) return ends
    const from = Math.max(last ?? 0, Math.min(...rows.map(({ since }) => since)))
    const otherChanges = [(await findClosure(ctx, caseId))?.at, (await loadRules(ctx, "reporting")).at]
    const changesInSpan = otherChanges.filter((at) => typeof at === "number" && at >= from && at <= until) as Instant[]
    const instants = new Set([...(await listAccessChanges(ctx, past, caseId, { from, until })), ...changesInSpan])
    for (const instant of [...instants].toSorted((a, b) => a - b)) {
        const running = rows.filter(({ id, since }) => since <= instant && !ends.has(id))
        const reached = running.length > 0 ? await loadClockKeysReached(ctx, caseId, instant) : new Set<string>()
        for (const row of running) if (!reached.has(store.clockKey(row))) ends.set(row.id, instant)
    }
    return ends
}

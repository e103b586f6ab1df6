/**
 * Whom a wave reaches at an instant, and since when no more: decided from the facts of that instant, and never from when somebody
 * looked.
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

/** Who has something by which wave: what it opened and has not frozen, as the one decision says. */
export function reachedBy(opened: Opened, entitlements: readonly Entitlement[]): Set<string> {
    const byArtifact = Map.groupBy(opened, (item) => item.artifact)
    const reached = entitlements.flatMap((entitlement) =>
        (entitlement.version === null ? [] : (byArtifact.get(entitlement.artifact) ?? []))
            .filter((wave) => opensFor(entitlement, wave))
            .map(({ wave }) => store.clockKey({ partner: entitlement.partner, wave })),
    )
    return new Set(reached)
}

/** Of one case, at an instant that has come. Nobody, where it was closed by then, or nothing was owed. */
async function reachedAt(ctx: ActionContext, subject: string, at: Instant): Promise<Set<string>> {
    const closing = await closingOf(ctx, subject)
    const { rules } = await rulesNow({ ...ctx, now: at }, "reporting")
    if ((closing !== null && closing.at <= at) || rules.days === 0) return new Set()
    const { opened } = await plannedAndOpenAt(ctx, subject, at)
    return reachedBy(opened, (await matrixOf(ctx, subject, { at })).entitlements)
}

/** As a look reads it once for all cases. */
export async function pastOf(ctx: ActionContext): Promise<PastFacts> {
    return await partnerFactsUntil(ctx, ctx.now, null)
}

/**
 * Of clocks of one case that run, by id: the first instant at which their partner could have nothing by the wave, since they began and
 * since the last look, up to an instant. Whoever has come back since is among them.
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

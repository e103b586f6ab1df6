/** Lists follow-ups: all for staff, and its own for each partner. */
import type { Instant } from "@tocsin/base/instant"
import { closedCases, assertExists } from "../../../share/cases/actions.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/aliases.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import { type Entitlement, entitlementsOf, matrixOf } from "../../../share/entitlement/actions/decide-access.ts"
import { openedBy, wavesOf } from "../../../share/waves/actions.ts"
import type { WaveTier } from "../../../share/waves/wave.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { withinCircle } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/load-facts.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import { type Answered, type SaidOfCase, answeredAt, wasLateIn } from "../follow-up.ts"
import { latestOf } from "../sighting.ts"
import * as store from "../store/follow-ups.ts"
import { listProtections } from "../store/protections.ts"
import { type SightingRow, listSightings } from "../store/sightings.ts"
import { endsUntil, pastOf, reachedBy } from "./find-recipients.ts"

export interface OwedReport extends Answered {
    readonly partner: string
    readonly case: string
    readonly since: Instant
    readonly dueAt: Instant
}

export interface OwedByWave extends OwedReport {
    readonly tier: WaveTier
}

/** Loads what partners had reported by an instant and not withdrawn, for a partner or a case. */
export async function saidIn(
    ctx: ActionContext,
    subject: { readonly partner: string | null; readonly case: string | null },
    known: Instant,
): Promise<(row: { readonly partner: string; readonly case: string }) => SaidOfCase> {
    const key = (row: { readonly partner: string; readonly case: string }) => `${row.partner} ${row.case}`
    const group = Map.groupBy(await listProtections(ctx.tx, subject), key)
    const then = (await listSightings(ctx.tx, subject)).filter(({ at }) => at <= known)
    const reports = Map.groupBy(then, (row) => `${key(row)} ${row.reference}`)
    const isWithdrawn = (row?: SightingRow) => (row?.withdrawnAt ?? Infinity) <= known
    // A report given in time stays in time when it is corrected.
    const standing = [...reports.values()].flatMap((versions) =>
        isWithdrawn(latestOf(versions)) ? [] : versions.filter((version) => !isWithdrawn(version)),
    )
    const seen = Map.groupBy(standing, key)
    return (row) => ({ protections: group.get(key(row)) ?? [], sightings: seen.get(key(row)) ?? [] })
}

/** Lists the follow-ups of a case, the earliest due first. Refuses `case.not_found`. */
export async function owedOfCase(ctx: ActionContext, caseId: string): Promise<OwedByWave[]> {
    await assertExists(ctx, caseId)
    const { entitlements } = await matrixOf(ctx, caseId)
    return await listed(ctx, { partner: null, case: caseId }, entitlements)
}

/** Lists the follow-ups of a partner, the earliest due first. Refuses `partner.not_found`. */
export async function owedByPartner(ctx: ActionContext, partner: string): Promise<OwedByWave[]> {
    await partnerFactsOf(ctx, partner, ctx.now)
    return await listed(ctx, { partner, case: null }, await entitlementsOf(ctx, partner, null))
}

/** Lists follow-ups that the actor can still answer: of visible cases, by a wave that gives access now. */
export async function ownOwed(
    ctx: ActionContext,
    warning: string | null,
): Promise<(Omit<OwedReport, "case" | "partner"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(ctx)
    const subject = warning === null ? null : idOfAlias(ctx.services.keys, partner, "warning", warning)
    // Loads all cases, so that a missing case looks like a hidden one.
    const list = await listed(ctx, { partner, case: subject }, await entitlementsOf(ctx, partner, null))
    return (await withinCircle(ctx, list))
        .filter((item) => item.isReached)
        .map(({ case: id, since, dueAt, protectionAt, sightingAt, state }) => ({
            warning: aliasFor(ctx.services.keys, partner, "warning", id),
            since,
            dueAt,
            protectionAt,
            sightingAt,
            state,
        }))
}

/** Applies an end from its own instant, even where the run comes later. */
async function listed(
    ctx: ActionContext,
    subject: { readonly partner: string | null; readonly case: string | null },
    entitlements: readonly Entitlement[],
): Promise<(OwedByWave & { readonly isReached: boolean })[]> {
    const rows = await store.listOwedReports(ctx.tx, subject)
    if (rows.length === 0) return []
    const [waves, opened, closed] = [
        await wavesOf(ctx, subject.case),
        await openedBy(ctx, subject.case),
        await closedCases(ctx),
    ]
    const tiers = new Map(waves.map(({ id, tier }) => [id, tier]))
    const { rules } = await rulesNow(ctx, "reporting")
    const open = entitlements.filter((entitlement) => rules.days > 0 && !closed.has(entitlement.case))
    const falling = new Set(waves.flatMap((wave) => (wave.frozenAt === null ? wave.id : [])))
    const reached = reachedBy(
        opened.filter((item) => falling.has(item.wave)),
        open,
    )
    const report = await saidIn(ctx, subject, ctx.now)
    const inTime = await endedInTime(ctx, rows, ctx.now)
    return rows.map((row) => {
        const isReached = row.endedAt === null && reached.has(store.clockKey(row))
        const { partner, case: id, since, dueAt, wave } = row
        const endsNow = !isReached && store.canEnd(row) && ctx.now < dueAt
        const endedAt = row.endedAt ?? inTime.get(row.id) ?? (endsNow ? ctx.now : null)
        const answered = answeredAt({ since, dueAt, endedAt }, report(row), ctx.now)
        return { partner, case: id, since, dueAt, tier: tiers.get(wave) ?? "publication", ...answered, isReached }
    })
}

/** Lists partners that became late in a span, as known at its end. The end is exclusive. */
export async function lateOwedBetween(ctx: ActionContext, from: Instant, until: Instant): Promise<string[]> {
    const report = await saidIn(ctx, { partner: null, case: null }, until)
    const rows = await store.listOwedReports(ctx.tx, { partner: null, case: null })
    const isLate = (row: store.OwedRow, endedAt: Instant | null) => {
        const input = { ...row, endedAt }
        return wasLateIn(input, answeredAt(input, report(row), until), from, until)
    }
    const late = rows.filter((row) => isLate(row, row.endedAt))
    const inTime = await endedInTime(ctx, late, until)
    const still = late.filter((row) => isLate(row, row.endedAt ?? inTime.get(row.id) ?? null))
    return [...new Set(still.map(({ partner }) => partner))]
}

/** Finds clocks due since the last run that ended before they were due. */
async function endedInTime(
    ctx: ActionContext,
    rows: readonly store.OwedRow[],
    until: Instant,
): Promise<Map<string, Instant>> {
    const ended = new Map<string, Instant>()
    const last = await store.findLastOwedLook(ctx.tx, ctx.now)
    const fresh = rows.filter((row) => row.endedAt === null && store.canEnd(row) && row.dueAt <= until)
    const unseen = fresh.filter(({ dueAt }) => dueAt > (last ?? 0))
    if (unseen.length === 0) return ended
    const past = await pastOf(ctx)
    for (const rows of Map.groupBy(unseen, (row) => row.case).values()) {
        const end = Math.max(...rows.map(({ dueAt }) => dueAt))
        const ends = await endsUntil(ctx, past, rows, { last, until: end })
        for (const { id, dueAt } of rows) {
            const at = ends.get(id)
            if (at !== undefined && at <= dueAt) ended.set(id, at)
        }
    }
    return ended
}

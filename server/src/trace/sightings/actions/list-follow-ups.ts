/** Lists follow-ups: all for staff, and its own for each partner. */
import type { Instant } from "@tocsin/base/instant"
import { listClosedCases, assertCaseExists } from "../../../share/cases/actions/load-case.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/resolve-alias.ts"
import { partnerOf } from "../../../share/delivery/actions/project-warnings.ts"
import { type Entitlement, listEntitlements, loadMatrix } from "../../../share/entitlement/actions/decide-access.ts"
import { listOpenedVersions, listWaves } from "../../../share/waves/actions.ts"
import type { WaveTier } from "../../../share/waves/wave.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { filterVisible } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { loadPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { type FollowUpStatus, type CaseReports, followUpStatusAt, becameLateIn } from "../follow-up.ts"
import { latestOf } from "../sighting.ts"
import * as store from "../store/follow-ups.ts"
import { listProtections } from "../store/protections.ts"
import { type SightingRow, listSightings } from "../store/sightings.ts"
import { loadAccessEnds, loadPastFacts, clockKeysReached } from "./find-recipients.ts"

export interface FollowUp extends FollowUpStatus {
    readonly partner: string
    readonly case: string
    readonly since: Instant
    readonly dueAt: Instant
}

export interface WaveFollowUp extends FollowUp {
    readonly tier: WaveTier
}

/** Loads reports that had arrived by an instant and were not withdrawn, for a partner or a case. */
export async function loadCaseReports(
    ctx: ActionContext,
    filter: { readonly partner: string | null; readonly case: string | null },
    until: Instant,
): Promise<(row: { readonly partner: string; readonly case: string }) => CaseReports> {
    const key = (row: { readonly partner: string; readonly case: string }) => `${row.partner} ${row.case}`
    const protections = Map.groupBy(await listProtections(ctx.tx, filter), key)
    const reportedByThen = (await listSightings(ctx.tx, filter)).filter(({ at }) => at <= until)
    const reports = Map.groupBy(reportedByThen, (row) => `${key(row)} ${row.reference}`)
    const isWithdrawn = (row?: SightingRow) => (row?.withdrawnAt ?? Infinity) <= until
    // A report given in time stays in time when it is corrected.
    const counted = [...reports.values()].flatMap((versions) =>
        isWithdrawn(latestOf(versions)) ? [] : versions.filter((version) => !isWithdrawn(version)),
    )
    const sightings = Map.groupBy(counted, key)
    return (row) => ({ protections: protections.get(key(row)) ?? [], sightings: sightings.get(key(row)) ?? [] })
}

/** Lists the follow-ups of a case, the earliest due first. Refuses `case.not_found`. */
export async function listFollowUpsOfCase(ctx: ActionContext, caseId: string): Promise<WaveFollowUp[]> {
    await assertCaseExists(ctx, caseId)
    const { entitlements } = await loadMatrix(ctx, caseId)
    return await loadFollowUps(ctx, { partner: null, case: caseId }, entitlements)
}

/** Lists the follow-ups of a partner, the earliest due first. Refuses `partner.not_found`. */
export async function listFollowUpsOfPartner(ctx: ActionContext, partner: string): Promise<WaveFollowUp[]> {
    await loadPartnerFacts(ctx, partner, ctx.now)
    return await loadFollowUps(ctx, { partner, case: null }, await listEntitlements(ctx, partner, null))
}

/** Lists follow-ups that the actor can still answer: of visible cases, by a wave that gives access now. */
export async function listOpenFollowUpsForPartner(
    ctx: ActionContext,
    warning: string | null,
): Promise<(Omit<FollowUp, "case" | "partner"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(ctx)
    const caseId = warning === null ? null : idOfAlias(ctx.services.keys, partner, "warning", warning)
    // Loads all cases, so that a missing case looks like a hidden one.
    const list = await loadFollowUps(ctx, { partner, case: caseId }, await listEntitlements(ctx, partner, null))
    return (await filterVisible(ctx, list))
        .filter((item) => item.hasAccess)
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
async function loadFollowUps(
    ctx: ActionContext,
    filter: { readonly partner: string | null; readonly case: string | null },
    entitlements: readonly Entitlement[],
): Promise<(WaveFollowUp & { readonly hasAccess: boolean })[]> {
    const rows = await store.listFollowUps(ctx.tx, filter)
    if (rows.length === 0) return []
    const [waves, opened, closed] = [
        await listWaves(ctx, filter.case),
        await listOpenedVersions(ctx, filter.case),
        await listClosedCases(ctx),
    ]
    const tiers = new Map(waves.map(({ id, tier }) => [id, tier]))
    const { rules } = await loadRules(ctx, "reporting")
    const open = entitlements.filter((entitlement) => rules.days > 0 && !closed.has(entitlement.case))
    const unfrozen = new Set(waves.flatMap((wave) => (wave.frozenAt === null ? wave.id : [])))
    const reached = clockKeysReached(
        opened.filter((item) => unfrozen.has(item.wave)),
        open,
    )
    const reportsOf = await loadCaseReports(ctx, filter, ctx.now)
    const endsInTime = await loadEndsInTime(ctx, rows, ctx.now)
    return rows.map((row) => {
        const hasAccess = row.endedAt === null && reached.has(store.clockKey(row))
        const { partner, case: id, since, dueAt, wave } = row
        const endsNow = !hasAccess && store.canEnd(row) && ctx.now < dueAt
        const endedAt = row.endedAt ?? endsInTime.get(row.id) ?? (endsNow ? ctx.now : null)
        const status = followUpStatusAt({ since, dueAt, endedAt }, reportsOf(row), ctx.now)
        return { partner, case: id, since, dueAt, tier: tiers.get(wave) ?? "publication", ...status, hasAccess }
    })
}

/** Lists partners that became late in a span, as known at its end. The end is exclusive. */
export async function listPartnersLateWithFollowUps(
    ctx: ActionContext,
    from: Instant,
    until: Instant,
): Promise<string[]> {
    const reportsOf = await loadCaseReports(ctx, { partner: null, case: null }, until)
    const rows = await store.listFollowUps(ctx.tx, { partner: null, case: null })
    const isLate = (row: store.FollowUpRow, endedAt: Instant | null) => {
        const clock = { ...row, endedAt }
        return becameLateIn(clock, followUpStatusAt(clock, reportsOf(row), until), from, until)
    }
    const late = rows.filter((row) => isLate(row, row.endedAt))
    const endsInTime = await loadEndsInTime(ctx, late, until)
    const stillLate = late.filter((row) => isLate(row, row.endedAt ?? endsInTime.get(row.id) ?? null))
    return [...new Set(stillLate.map(({ partner }) => partner))]
}

/** Finds clocks due since the last run that ended before they were due. */
async function loadEndsInTime(
    ctx: ActionContext,
    rows: readonly store.FollowUpRow[],
    until: Instant,
): Promise<Map<string, Instant>> {
    const endsInTime = new Map<string, Instant>()
    const last = await store.findLastRun(ctx.tx, ctx.now)
    const running = rows.filter((row) => row.endedAt === null && store.canEnd(row) && row.dueAt <= until)
    const unchecked = running.filter(({ dueAt }) => dueAt > (last ?? 0))
    if (unchecked.length === 0) return endsInTime
    const past = await loadPastFacts(ctx)
    for (const rows of Map.groupBy(unchecked, (row) => row.case).values()) {
        const end = Math.max(...rows.map(({ dueAt }) => dueAt))
        const ends = await loadAccessEnds(ctx, past, rows, { last, until: end })
        for (const { id, dueAt } of rows) {
            const at = ends.get(id)
            if (at !== undefined && at <= dueAt) endsInTime.set(id, at)
        }
    }
    return endsInTime
}

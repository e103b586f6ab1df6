/** What partners owe of the cases that they were warned of: all of it to the operator, and to each partner its own. */
import type { Instant } from "../../../lib/instant.ts"
import { closedCases, mustExist } from "../../../share/cases/actions.ts"
import { idBehind, nameFor } from "../../../share/delivery/actions/names.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import { type Entitlement, entitlementsOf, matrixOf } from "../../../share/entitlement/actions/entitlements.ts"
import { opensFor } from "../../../share/release/actions.ts"
import { openedBy, wavesOf } from "../../../share/waves/actions.ts"
import type { Wave, WaveTier } from "../../../share/waves/wave.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { withinCircle } from "../../../trust/partners/actions/circles.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import { type Answered, type SaidOfCase, answeredAt, wasLateIn } from "../owed.ts"
import { latestOf } from "../sighting.ts"
import * as store from "../store/owed.ts"
import { protections } from "../store/protections.ts"
import { type SightingRow, sightings } from "../store/sightings.ts"

export interface OwedReport extends Answered {
    readonly partner: string
    readonly case: string
    readonly since: Instant
    readonly dueAt: Instant
}

export interface OwedByWave extends OwedReport {
    readonly tier: WaveTier
}

type Opened = Awaited<ReturnType<typeof openedBy>>

/** Who has something now by which wave: what it opened, which is not frozen, as the one decision says. */
export function reachedBy(waves: readonly Wave[], opened: Opened, entitlements: readonly Entitlement[]): Set<string> {
    const handed = new Set(opened.map(({ wave, artifact }) => `${wave} ${artifact}`))
    const falling = waves.filter((wave) => wave.releasedAt !== null && wave.frozenAt === null)
    const byCase = Map.groupBy(falling, (wave) => wave.case)
    const reached = entitlements.flatMap((one) =>
        (one.version === null ? [] : (byCase.get(one.case) ?? []))
            .filter((wave) => handed.has(`${wave.id} ${one.artifact}`) && opensFor(one, wave))
            .map((wave) => store.clockKey({ partner: one.partner, wave: wave.id })),
    )
    return new Set(reached)
}

/** What partners said and stood by as was known then, of those and cases that are asked about. */
export async function saidIn(
    act: Act,
    of: { readonly partner: string | null; readonly case: string | null },
    known: Instant,
): Promise<(row: { readonly partner: string; readonly case: string }) => SaidOfCase> {
    const key = (row: { readonly partner: string; readonly case: string }) => `${row.partner} ${row.case}`
    const said = Map.groupBy(await protections(act.tx, of), key)
    const then = (await sightings(act.tx, of)).filter(({ at }) => at <= known)
    const reports = Map.groupBy(then, (one) => `${key(one)} ${one.reference}`)
    const isWithdrawn = (one?: SightingRow) => (one?.withdrawnAt ?? Infinity) <= known
    // A report that was given in time stays so when it is corrected.
    const standing = [...reports.values()].flatMap((versions) =>
        isWithdrawn(latestOf(versions)) ? [] : versions.filter((one) => !isWithdrawn(one)),
    )
    const seen = Map.groupBy(standing, key)
    return (row) => ({ protections: said.get(key(row)) ?? [], sightings: seen.get(key(row)) ?? [] })
}

/** Of all partners, what falls due first. Refuses `case.unknown`. */
export async function owedOfCase(act: Act, caseId: string): Promise<OwedByWave[]> {
    await mustExist(act, caseId)
    const { entitlements } = await matrixOf(act, caseId)
    return await listed(act, { partner: null, case: caseId }, entitlements)
}

/** Of all cases, what falls due first. Refuses `partner.unknown`. */
export async function owedByPartner(act: Act, partner: string): Promise<OwedByWave[]> {
    await partnerFactsOf(act, partner, act.now)
    return await listed(act, { partner, case: null }, await entitlementsOf(act, partner, null))
}

/** What whoever acts can still say: of a case that it may see now, by a wave that gives it something now. */
export async function ownOwed(
    act: Act,
    warning: string | null,
): Promise<(Omit<OwedReport, "case" | "partner"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(act)
    const of = warning === null ? null : idBehind(act.doors.keys, partner, "warning", warning)
    // Asked of all cases: what is not there is answered as what is hidden.
    const all = await listed(act, { partner, case: of }, await entitlementsOf(act, partner, null))
    return (await withinCircle(act, all))
        .filter((one) => one.isReached)
        .map(({ case: id, since, dueAt, protectionAt, sightingAt, state }) => ({
            ...{ warning: nameFor(act.doors.keys, partner, "warning", id), since, dueAt },
            ...{ protectionAt, sightingAt, state },
        }))
}

/** What ends a clock counts from when it is, though the clock is looked after later. */
async function listed(
    act: Act,
    of: { readonly partner: string | null; readonly case: string | null },
    entitlements: readonly Entitlement[],
): Promise<(OwedByWave & { readonly isReached: boolean })[]> {
    const rows = await store.owedReports(act.tx, of)
    if (rows.length === 0) return []
    const [waves, opened, closed] = [await wavesOf(act, of.case), await openedBy(act, of.case), await closedCases(act)]
    const tiers = new Map(waves.map(({ id, tier }) => [id, tier]))
    const { rules } = await rulesNow(act, "reporting")
    const open = entitlements.filter((one) => rules.days > 0 && !closed.has(one.case))
    const reached = reachedBy(waves, opened, open)
    const said = await saidIn(act, of, act.now)
    return rows.map((row) => {
        const isReached = row.endedAt === null && reached.has(store.clockKey(row))
        const { partner, case: id, since, dueAt, wave } = row
        const endsNow = !isReached && store.canEnd(row)
        const endedAt = row.endedAt ?? (endsNow ? Math.min(act.now, dueAt) : null)
        const answered = answeredAt({ since, dueAt, endedAt }, said(row), act.now)
        return { partner, case: id, since, dueAt, tier: tiers.get(wave) ?? "publication", ...answered, isReached }
    })
}

/** Partners that came to be late with what they owed of a case in a span (half-open), as is known at its end. */
export async function lateOwedBetween(act: Act, from: Instant, until: Instant): Promise<string[]> {
    const said = await saidIn(act, { partner: null, case: null }, until)
    const rows = await store.owedReports(act.tx, { partner: null, case: null })
    const late = rows.filter((row) => wasLateIn(row, answeredAt(row, said(row), until), from, until))
    return [...new Set(late.map(({ partner }) => partner))]
}

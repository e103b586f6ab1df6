/** What partners owe of the cases that they were warned of: all of it to the operator, and to each partner its own. */
import type { Instant } from "../../../lib/instant.ts"
import { closedCases, mustExist } from "../../../share/cases/actions.ts"
import { idBehind, nameFor } from "../../../share/delivery/actions/names.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import { type Entitlement, entitlementsOf, matrixOf } from "../../../share/entitlement/actions/entitlements.ts"
import { openedBy, wavesOf } from "../../../share/waves/actions.ts"
import type { WaveTier } from "../../../share/waves/wave.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { withinCircle } from "../../../trust/partners/actions/circles.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import { type Answered, type SaidOfCase, answeredAt, wasLateIn } from "../owed.ts"
import { latestOf } from "../sighting.ts"
import * as store from "../store/owed.ts"
import { protections } from "../store/protections.ts"
import { type SightingRow, sightings } from "../store/sightings.ts"
import { endsUntil, pastOf, reachedBy } from "./reaching.ts"

export interface OwedReport extends Answered {
    readonly partner: string
    readonly case: string
    readonly since: Instant
    readonly dueAt: Instant
}

export interface OwedByWave extends OwedReport {
    readonly tier: WaveTier
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

/** Of all partners, what falls due first. Refuses `case.not_found`. */
export async function owedOfCase(act: Act, caseId: string): Promise<OwedByWave[]> {
    await mustExist(act, caseId)
    const { entitlements } = await matrixOf(act, caseId)
    return await listed(act, { partner: null, case: caseId }, entitlements)
}

/** Of all cases, what falls due first. Refuses `partner.not_found`. */
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
    const falling = new Set(waves.flatMap((wave) => (wave.frozenAt === null ? wave.id : [])))
    const reached = reachedBy(
        opened.filter((one) => falling.has(one.wave)),
        open,
    )
    const said = await saidIn(act, of, act.now)
    const inTime = await endedInTime(act, rows, act.now)
    return rows.map((row) => {
        const isReached = row.endedAt === null && reached.has(store.clockKey(row))
        const { partner, case: id, since, dueAt, wave } = row
        const endsNow = !isReached && store.canEnd(row) && act.now < dueAt
        const endedAt = row.endedAt ?? inTime.get(row.id) ?? (endsNow ? act.now : null)
        const answered = answeredAt({ since, dueAt, endedAt }, said(row), act.now)
        return { partner, case: id, since, dueAt, tier: tiers.get(wave) ?? "publication", ...answered, isReached }
    })
}

/** Partners that came to be late with what they owed of a case in a span (half-open), as is known at its end. */
export async function lateOwedBetween(act: Act, from: Instant, until: Instant): Promise<string[]> {
    const said = await saidIn(act, { partner: null, case: null }, until)
    const rows = await store.owedReports(act.tx, { partner: null, case: null })
    const isLate = (row: store.OwedRow, endedAt: Instant | null) => {
        const its = { ...row, endedAt }
        return wasLateIn(its, answeredAt(its, said(row), until), from, until)
    }
    const late = rows.filter((row) => isLate(row, row.endedAt))
    const inTime = await endedInTime(act, late, until)
    const still = late.filter((row) => isLate(row, row.endedAt ?? inTime.get(row.id) ?? null))
    return [...new Set(still.map(({ partner }) => partner))]
}

/** Of clocks that fell due since the last look, and are not looked after yet: which ended before that, and when. */
async function endedInTime(act: Act, rows: readonly store.OwedRow[], until: Instant): Promise<Map<string, Instant>> {
    const ended = new Map<string, Instant>()
    const last = await store.lastOwedLook(act.tx, act.now)
    const fresh = rows.filter((row) => row.endedAt === null && store.canEnd(row) && row.dueAt <= until)
    const unseen = fresh.filter(({ dueAt }) => dueAt > (last ?? 0))
    if (unseen.length === 0) return ended
    const past = await pastOf(act)
    for (const its of Map.groupBy(unseen, (one) => one.case).values()) {
        const end = Math.max(...its.map(({ dueAt }) => dueAt))
        const ends = await endsUntil(act, past, its, { last, until: end })
        for (const { id, dueAt } of its) {
            const at = ends.get(id)
            if (at !== undefined && at <= dueAt) ended.set(id, at)
        }
    }
    return ended
}

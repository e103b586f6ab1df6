/**
 * Counts the partners' reports on each case, once a day as of midnight UTC. Stores the bands that partners see, because
 * they depend on earlier bands.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { causeOf } from "../../../platform/log/log.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { listArtifacts } from "../../../share/artifacts/actions/load-artifacts.ts"
import { listDeletedCases } from "../../../share/cases/actions/load-case.ts"
import { listFirstFetchInstants } from "../../../share/delivery/actions/list-exposure.ts"
import { listTestedCases, listLatestResults } from "../../../share/delivery/actions/report-test-result.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { type Cell, type CountedBand, cells, nextBand, noBand } from "../aggregate.ts"
import { latestOf } from "../sighting.ts"
import * as store from "../store/aggregates.ts"
import { listProtections } from "../store/protections.ts"
import { type SightingRow, listSightings } from "../store/sightings.ts"

/** Counts nothing while the rule shows nothing. */
export const countAggregatesJob: BackgroundJob = {
    name: "aggregates",
    runsSeldom: true,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const ctx: ActionContext = { tx, now, services, actor: { kind: "system", component: "aggregates" } }
            const { version, rules } = await loadRules(ctx, "aggregates")
            if (!rules.notified) return false
            const day = now - (now % dayMs)
            if (await store.claimDay(tx, day)) await countAll(ctx, day, { version, groupMin: rules.groupMin })
            return false
        }),
}

interface CountingRule {
    readonly version: number
    readonly groupMin: number
}

/**
 * Counts every case with a report before this midnight. The cells are independent. A case that cannot be decrypted, or
 * whose content was deleted, keeps its bands.
 */
async function countAll(ctx: ActionContext, day: Instant, rule: CountingRule): Promise<void> {
    const deleted = await listDeletedCases(ctx)
    const reported = new Set([...(await store.listCasesReported(ctx.tx, day)), ...(await listTestedCases(ctx, day))])
    const cases = [...reported].filter((caseId) => !deleted.has(caseId))
    const known = Map.groupBy(await store.listAggregates(ctx.tx, cases, rule.version), (row) => row.case)
    for (const caseId of cases) {
        const reports = await loadReportsBefore(ctx, caseId, day).catch((error: unknown) => {
            ctx.services.log.error("case not counted", { id: caseId, error: causeOf(error) })
            return null
        })
        if (reports !== null) await updateAggregates(ctx, caseId, known.get(caseId) ?? [], reports, rule)
    }
}

type CaseReports = Awaited<ReturnType<typeof loadReportsBefore>>

async function updateAggregates(
    ctx: ActionContext,
    caseId: string,
    rows: readonly store.AggregateRow[],
    reports: CaseReports,
    rule: CountingRule,
) {
    const before = new Map(rows.map((row) => [row.cell, row]))
    const changed: Cell[] = []
    for (const cell of cells) {
        const current = countedBandOf(before.get(cell))
        const next = nextBand(current, reports.reported[cell], reports.holders, rule.groupMin)
        if (next === current) continue
        const row = { case: caseId, cell, rules: rule.version, band: next.band, basis: [...next.basis].toSorted() }
        await store.putAggregate(ctx.tx, row, ctx.now)
        if (next.band !== current.band) changed.push(cell)
    }
    if (changed.length > 0) await record(ctx, { kind: "aggregate.changed", case: caseId, cells: changed }, true)
}

export interface Aggregates {
    readonly notified: boolean
    readonly groupMin: number | null
    readonly cells: { readonly cell: Cell; readonly partners: string | null }[]
}

const noAggregates: Aggregates = { notified: false, groupMin: null, cells: [] }

/** Returns the aggregates of a case as partners see them, in a fixed order. All partners with access see the same. */
export async function loadAggregates(ctx: ActionContext, caseId: string): Promise<Aggregates> {
    return (await listAggregates(ctx, [caseId]))[0] ?? noAggregates
}

/** Returns the aggregates of these cases, in their order. */
export async function listAggregates(ctx: ActionContext, cases: readonly string[]): Promise<Aggregates[]> {
    const { version, rules } = await loadRules(ctx, "aggregates")
    if (!rules.notified) return cases.map(() => noAggregates)
    const known = Map.groupBy(await store.listAggregates(ctx.tx, cases, version), (row) => row.case)
    return cases.map((caseId) => {
        const bands = new Map(known.get(caseId)?.map(({ cell, band }) => [cell, band]))
        return {
            notified: true,
            groupMin: rules.groupMin,
            cells: cells.map((cell) => ({ cell, partners: bands.get(cell) ?? null })),
        }
    })
}

const countedBandOf = (row: store.AggregateRow | undefined): CountedBand =>
    row === undefined ? noBand : { band: row.band, basis: new Set(row.basis) }

/** Counts the partners that fetched content of a case before an instant, and their reports until then. */
async function loadReportsBefore(ctx: ActionContext, caseId: string, day: Instant) {
    const holders = await listFirstFetchInstants(ctx, caseId, day)
    const holdersAmong = (list: readonly string[]) => new Set(list.filter((partner) => holders.has(partner)))
    const filter = { partner: null, case: caseId }
    const counted = countedVersionsBefore(await listSightings(ctx.tx, filter), day)
    const exploited = holdersAmong(counted.filter((row) => row.zeroReportSince === null).map(({ partner }) => partner))
    const reporters = holdersAmong(counted.map(({ partner }) => partner))
    const rows = (await listProtections(ctx.tx, filter)).filter(({ at }) => at < day)
    const newest = Map.groupBy(rows, ({ partner }) => partner)
    const protectedPartners = [...newest]
        .filter(([, [last]]) => last?.state === "protected")
        .map(([partner]) => partner)
    const reported: Readonly<Record<Cell, ReadonlySet<string>>> = {
        exploitation: exploited,
        none_observed: new Set([...reporters].filter((partner) => !exploited.has(partner))),
        protected: holdersAmong(protectedPartners),
        false_positives: holdersAmong(await listPartnersWithFalsePositives(ctx, caseId, day)),
    }
    return { holders: holders.size, reported }
}

/** Selects the version of each report that counted then and was not withdrawn. */
function countedVersionsBefore(rows: readonly SightingRow[], day: Instant): SightingRow[] {
    const grouped = Map.groupBy(
        rows.filter(({ at }) => at < day),
        (row) => `${row.partner} ${row.reference}`,
    )
    return [...grouped.values()].flatMap((versions) => {
        const last = latestOf(versions)
        return last !== undefined && (last.withdrawnAt === null || last.withdrawnAt >= day) ? [last] : []
    })
}

/** Lists partners whose test result of any version of a rule had false positives then. */
async function listPartnersWithFalsePositives(ctx: ActionContext, caseId: string, day: Instant): Promise<string[]> {
    const partners: string[] = []
    for (const { id } of (await listArtifacts(ctx, caseId)).filter((artifact) => artifact.class === "rules")) {
        for (const { earlier, ...newest } of await listLatestResults(ctx, id)) {
            const result = [newest, ...earlier].find(({ at }) => at < day)
            if ((result?.falsePositives ?? 0) > 0) partners.push(newest.partner)
        }
    }
    return partners
}

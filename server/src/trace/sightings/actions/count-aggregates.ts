/**
 * Counts what partners reported on each case, once a day as of midnight UTC. Stores what partners are shown, because it
 * depends on what was shown before.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { causeOf } from "../../../platform/log/log.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { artifactsOf } from "../../../share/artifacts/actions.ts"
import { firstFetchedBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { casesTested, unsignedResultsOf } from "../../../share/delivery/actions/report-test-result.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import { type Cell, type Told, cells, toldNext, untold } from "../aggregate.ts"
import { latestOf } from "../sighting.ts"
import * as store from "../store/aggregates.ts"
import { listProtections } from "../store/protections.ts"
import { type SightingRow, listSightings } from "../store/sightings.ts"

/** Counts nothing while the rule shows nothing. */
export const countAggregatesJob: BackgroundJob = {
    name: "counting",
    isUnhurried: true,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const ctx: ActionContext = { tx, now, services, actor: { kind: "system", step: "counting" } }
            const { version, rules } = await rulesNow(ctx, "aggregates")
            if (!rules.told) return false
            const day = now - (now % dayMs)
            if (await store.claimDay(tx, day)) await countAll(ctx, day, { version, groupMin: rules.groupMin })
            return false
        }),
}

interface Counting {
    readonly version: number
    readonly groupMin: number
}

/**
 * Counts every case with a report before this midnight. The cells are independent. A case that cannot be decrypted
 * keeps its bands.
 */
async function countAll(ctx: ActionContext, day: Instant, by: Counting): Promise<void> {
    const cases = new Set([...(await store.listCasesReported(ctx.tx, day)), ...(await casesTested(ctx, day))])
    const known = Map.groupBy(await store.listAggregates(ctx.tx, [...cases], by.version), (row) => row.case)
    for (const caseId of cases) {
        const found = await reportedBefore(ctx, caseId, day).catch((error: unknown) => {
            ctx.services.log.error("case not counted", { id: caseId, error: causeOf(error) })
            return null
        })
        if (found !== null) await tell(ctx, caseId, known.get(caseId) ?? [], found, by)
    }
}

type Found = Awaited<ReturnType<typeof reportedBefore>>

async function tell(
    ctx: ActionContext,
    subject: string,
    rows: readonly store.AggregateRow[],
    found: Found,
    by: Counting,
) {
    const before = new Map(rows.map((row) => [row.cell, row]))
    const changed: Cell[] = []
    for (const cell of cells) {
        const notification = toldIn(before.get(cell))
        const next = toldNext(notification, found.reported[cell], found.holders, by.groupMin)
        if (next === notification) continue
        const row = { case: subject, cell, rules: by.version, band: next.band, basis: [...next.basis].toSorted() }
        await store.putAggregate(ctx.tx, row, ctx.now)
        if (next.band !== notification.band) changed.push(cell)
    }
    if (changed.length > 0) await record(ctx, { kind: "aggregate.changed", case: subject, cells: changed }, true)
}

export interface Aggregates {
    readonly told: boolean
    readonly groupMin: number | null
    readonly cells: { readonly cell: Cell; readonly partners: string | null }[]
}

const nothing: Aggregates = { told: false, groupMin: null, cells: [] }

/** Returns what partners are shown of a case, in a fixed order. All partners with access see the same. */
export async function aggregatesOf(ctx: ActionContext, subject: string): Promise<Aggregates> {
    return (await aggregatesAmong(ctx, [subject]))[0] ?? nothing
}

/** Returns the aggregates of these cases, in their order. */
export async function aggregatesAmong(ctx: ActionContext, cases: readonly string[]): Promise<Aggregates[]> {
    const { version, rules } = await rulesNow(ctx, "aggregates")
    if (!rules.told) return cases.map(() => nothing)
    const known = Map.groupBy(await store.listAggregates(ctx.tx, cases, version), (row) => row.case)
    return cases.map((caseId) => {
        const bands = new Map(known.get(caseId)?.map(({ cell, band }) => [cell, band]))
        return {
            told: true,
            groupMin: rules.groupMin,
            cells: cells.map((cell) => ({ cell, partners: bands.get(cell) ?? null })),
        }
    })
}

const toldIn = (row: store.AggregateRow | undefined): Told =>
    row === undefined ? untold : { band: row.band, basis: new Set(row.basis) }

/** Counts the partners that fetched content of a case before an instant, and what they reported by then. */
async function reportedBefore(ctx: ActionContext, subject: string, day: Instant) {
    const holders = await firstFetchedBefore(ctx, subject, day)
    const holding = (list: readonly string[]) => new Set(list.filter((partner) => holders.has(partner)))
    const filter = { partner: null, case: subject }
    const standing = standingBefore(await listSightings(ctx.tx, filter), day)
    const seen = holding(standing.filter((row) => row.lookedSince === null).map(({ partner }) => partner))
    const looked = holding(standing.map(({ partner }) => partner))
    const rows = (await listProtections(ctx.tx, filter)).filter(({ at }) => at < day)
    const newest = Map.groupBy(rows, ({ partner }) => partner)
    const safe = [...newest].filter(([, [last]]) => last?.state === "protected").map(([partner]) => partner)
    const reported: Readonly<Record<Cell, ReadonlySet<string>>> = {
        exploitation: seen,
        none_observed: new Set([...looked].filter((partner) => !seen.has(partner))),
        protected: holding(safe),
        false_positives: holding(await alarmedBefore(ctx, subject, day)),
    }
    return { holders: holders.size, reported }
}

/** Selects the version of each report that counted then and was not withdrawn. */
function standingBefore(rows: readonly SightingRow[], day: Instant): SightingRow[] {
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
async function alarmedBefore(ctx: ActionContext, subject: string, day: Instant): Promise<string[]> {
    const alarmed: string[] = []
    for (const { id } of (await artifactsOf(ctx, subject)).filter((artifact) => artifact.class === "rules")) {
        for (const { earlier, ...newest } of await unsignedResultsOf(ctx, id)) {
            const counted = [newest, ...earlier].find(({ at }) => at < day)
            if ((counted?.falsePositives ?? 0) > 0) alarmed.push(newest.partner)
        }
    }
    return alarmed
}

/**
 * Counts what partners reported of each case, once a day, at midnight UTC: as of that instant, whenever it is looked at. What
 * is told of it to partners is kept, for it depends on what was told before.
 */
import { type Instant, dayMs } from "../../../lib/instant.ts"
import { causeOf } from "../../../platform/log.ts"
import type { Chore } from "../../../platform/worker.ts"
import { artifactsOf } from "../../../share/artifacts/actions.ts"
import { firstFetchedBefore } from "../../../share/delivery/actions/exposure.ts"
import { casesTested, unsignedResultsOf } from "../../../share/delivery/actions/results.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import { type Cell, type Told, cells, toldNext, untold } from "../aggregate.ts"
import { latestOf } from "../sighting.ts"
import * as store from "../store/aggregates.ts"
import { protections } from "../store/protections.ts"
import { type SightingRow, sightings } from "../store/sightings.ts"

/** Nothing is counted while nothing is told. */
export const counting: Chore = {
    name: "counting",
    isUnhurried: true,
    run: async (doors) =>
        await doors.db.transaction(async (tx) => {
            const now = await doors.clock.now(tx)
            const act: Act = { tx, now, doors, actor: { kind: "system", step: "counting" } }
            const { version, rules } = await rulesNow(act, "aggregates")
            if (!rules.told) return false
            const day = now - (now % dayMs)
            if (await store.takeDay(tx, day)) await countAll(act, day, { version, groupMin: rules.groupMin })
            return false
        }),
}

interface Counting {
    readonly version: number
    readonly groupMin: number
}

/**
 * Every case of which anything at all was reported before this midnight: what is told of one cell hangs on no other. Of one that
 * does not open, what was told stays.
 */
async function countAll(act: Act, day: Instant, by: Counting): Promise<void> {
    const cases = new Set([...(await store.casesReported(act.tx, day)), ...(await casesTested(act, day))])
    const known = Map.groupBy(await store.aggregates(act.tx, [...cases], by.version), (one) => one.case)
    for (const of of cases) {
        const found = await reportedBefore(act, of, day).catch((error: unknown) => {
            act.doors.log.error("case not counted", { id: of, error: causeOf(error) })
            return null
        })
        if (found !== null) await tell(act, of, known.get(of) ?? [], found, by)
    }
}

type Found = Awaited<ReturnType<typeof reportedBefore>>

async function tell(act: Act, of: string, rows: readonly store.AggregateRow[], found: Found, by: Counting) {
    const before = new Map(rows.map((one) => [one.cell, one]))
    const changed: Cell[] = []
    for (const cell of cells) {
        const told = toldIn(before.get(cell))
        const next = toldNext(told, found.reported[cell], found.holders, by.groupMin)
        if (next === told) continue
        const row = { case: of, cell, rules: by.version, band: next.band, basis: [...next.basis].toSorted() }
        await store.putAggregate(act.tx, row, act.now)
        if (next.band !== told.band) changed.push(cell)
    }
    if (changed.length > 0) await record(act, { kind: "aggregate.changed", case: of, cells: changed }, true)
}

export interface Aggregates {
    readonly told: boolean
    readonly groupMin: number | null
    readonly cells: { readonly cell: Cell; readonly partners: string | null }[]
}

const nothing: Aggregates = { told: false, groupMin: null, cells: [] }

/** What is told to partners of a case, in a fixed order: the same to everybody who has it. */
export async function aggregatesOf(act: Act, of: string): Promise<Aggregates> {
    return (await aggregatesAmong(act, [of]))[0] ?? nothing
}

/** Of each of these cases, in their order. */
export async function aggregatesAmong(act: Act, cases: readonly string[]): Promise<Aggregates[]> {
    const { version, rules } = await rulesNow(act, "aggregates")
    if (!rules.told) return cases.map(() => nothing)
    const known = Map.groupBy(await store.aggregates(act.tx, cases, version), (one) => one.case)
    return cases.map((of) => {
        const bands = new Map(known.get(of)?.map(({ cell, band }) => [cell, band]))
        return {
            ...{ told: true, groupMin: rules.groupMin },
            cells: cells.map((cell) => ({ cell, partners: bands.get(cell) ?? null })),
        }
    })
}

const toldIn = (row: store.AggregateRow | undefined): Told =>
    row === undefined ? untold : { band: row.band, basis: new Set(row.basis) }

/** Of the partners that fetched anything of a case before an instant: how many, and what they reported before then. */
async function reportedBefore(act: Act, of: string, day: Instant) {
    const holders = await firstFetchedBefore(act, of, day)
    const holding = (all: readonly string[]) => new Set(all.filter((partner) => holders.has(partner)))
    const filter = { partner: null, case: of }
    const standing = standingBefore(await sightings(act.tx, filter), day)
    const seen = holding(standing.filter((one) => one.lookedSince === null).map(({ partner }) => partner))
    const looked = holding(standing.map(({ partner }) => partner))
    const said = (await protections(act.tx, filter)).filter(({ at }) => at < day)
    const newest = Map.groupBy(said, ({ partner }) => partner)
    const safe = [...newest].filter(([, [last]]) => last?.state === "protected").map(([partner]) => partner)
    const reported: Readonly<Record<Cell, ReadonlySet<string>>> = {
        exploitation: seen,
        "none seen": new Set([...looked].filter((partner) => !seen.has(partner))),
        protected: holding(safe),
        "false positives": holding(await alarmedBefore(act, of, day)),
    }
    return { holders: holders.size, reported }
}

/** Of each report the version that counted then, where its partner stood by it. */
function standingBefore(rows: readonly SightingRow[], day: Instant): SightingRow[] {
    const grouped = Map.groupBy(
        rows.filter(({ at }) => at < day),
        (one) => `${one.partner} ${one.reference}`,
    )
    return [...grouped.values()].flatMap((versions) => {
        const last = latestOf(versions)
        return last !== undefined && (last.withdrawnAt === null || last.withdrawnAt >= day) ? [last] : []
    })
}

/** Partners whose result of any version of a rule, as it counted then, has false positives. */
async function alarmedBefore(act: Act, of: string, day: Instant): Promise<string[]> {
    const alarmed: string[] = []
    for (const { id } of (await artifactsOf(act, of)).filter((one) => one.class === "rules")) {
        for (const { earlier, ...newest } of await unsignedResultsOf(act, id)) {
            const counted = [newest, ...earlier].find(({ at }) => at < day)
            if ((counted?.falsePositives ?? 0) > 0) alarmed.push(newest.partner)
        }
    }
    return alarmed
}

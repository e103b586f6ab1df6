/** Runs regulatory clocks, started by the first known exploitation or by a person, with their history. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import {
    loadEmbargo,
    loadCaseKeys,
    lockCase,
    assertCaseExists,
    decryptForCase,
    listPublicationInstants,
    encryptForCase,
} from "../../../share/cases/actions/load-case.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import * as rules from "../filing.ts"
import { type Regime, isTriggeredByExploitation } from "../regime.ts"
import * as store from "../store.ts"
import { type CurrentRegime, hashOf, loadRegime, listRegimes } from "./set-regime.ts"

/** Texts of an entry; `reference` is the authority's, of a filing. */
export interface EntryTexts {
    readonly text: string
    readonly reference: string
}

export interface ClockEntryWithTexts extends rules.ClockEntry, EntryTexts {}

export interface Clock {
    readonly id: string
    readonly case: string
    readonly regime: string
    readonly version: number
    /** The regime as it was when the clock started. */
    readonly terms: Regime
    readonly history: rules.ClockHistory
    readonly filings: readonly rules.FilingStatus[]
}

/**
 * Starts the clocks of all regimes that exploitation triggers, once per case and regime, also where an earlier clock
 * was closed. None starts once the content is deleted, because nothing could be filed.
 */
export async function startClocksByExploitation(
    ctx: ActionContext,
    caseId: string,
    aware: Instant,
    source: NonNullable<rules.ClockEntry["source"]>,
): Promise<void> {
    const [regimes, running] = await Promise.all([listRegimes(ctx), store.listClocks(ctx.tx, caseId)])
    const starting = regimes.filter(({ regime }) => isTriggeredByExploitation(regime, aware))
    // Started clocks never disappear, so this needs no lock.
    const started = new Set(running.map(({ regime }) => regime))
    if (starting.every(({ id }) => started.has(id))) return
    if ((await lockCase(ctx, caseId)).content_deleted_at !== null) return
    const known = new Set((await store.listClocks(ctx.tx, caseId)).map(({ regime }) => regime))
    for (const current of starting)
        if (!known.has(current.id)) await createClock(ctx, caseId, current, { since: aware, source, texts: null })
}

export interface NewClock {
    readonly case: string
    readonly regime: string
    readonly aware: Instant
    readonly reason: string
}

/**
 * Starts a clock for a person, of any regime not out of force, once while it runs. Refuses `regime.not_in_force`,
 * `filing.clock_already_running` and `filing.too_many_clocks`.
 */
export async function startClock(
    ctx: ActionContext,
    { case: caseId, regime: id, aware, reason }: NewClock,
): Promise<string> {
    rules.validateTexts("aware", reason, "")
    rules.validateNotInFuture(aware, ctx.now)
    const regime = await loadRegime(ctx, id)
    if (regime.regime.state === "not_in_force") {
        refuse("conflict", "regime.not_in_force", "this regime is not in force: put it in force first")
    }
    await lockCase(ctx, caseId)
    const clocks = await loadClocks(ctx, await store.listClocks(ctx.tx, caseId))
    if (clocks.some((clock) => clock.regime === id && !rules.isClosed(clock.history))) {
        refuse(
            "conflict",
            "filing.clock_already_running",
            "a clock of this regime already runs for this case: close it first",
        )
    }
    if (!(clocks.length < rules.clocksMax)) {
        refuse("conflict", "filing.too_many_clocks", `a case has \`${rules.clocksMax}\` clocks at most`, {
            max: rules.clocksMax,
        })
    }
    const source = { kind: "person", id: personOf(ctx.actor) } as const
    return await createClock(ctx, caseId, regime, { since: aware, source, texts: { text: reason, reference: "" } })
}

interface FirstEntry {
    readonly since: Instant
    readonly source: NonNullable<rules.ClockEntry["source"]>
    readonly texts: EntryTexts | null
}

async function createClock(
    ctx: ActionContext,
    caseId: string,
    current: CurrentRegime,
    { since, source, texts }: FirstEntry,
): Promise<string> {
    const { id: regime, version, regime: terms } = current
    const id = ctx.services.newId()
    await store.insertClock(ctx.tx, { id, case: caseId, regime, version, terms })
    const entry = { kind: "aware", since, filing: null, source } as const
    await insertEntry(ctx, { id, case: caseId, history: [] }, entry, texts)
    const by = { source: source.kind, sourceId: source.id, sha256: hashOf(terms) }
    await record(
        ctx,
        { kind: "regulatory_clock.started", case: caseId, clock: id, regime, version, since, ...by },
        true,
    )
    return id
}

/** Corrects the instant of awareness. The history keeps the former one. */
export async function correctAwareness(ctx: ActionContext, id: string, since: Instant, reason: string): Promise<void> {
    rules.validateNotInFuture(since, ctx.now)
    const source = { kind: "person", id: personOf(ctx.actor) } as const
    const clock = await appendEntry(
        ctx,
        id,
        { kind: "aware", since, filing: null, source },
        { text: reason, reference: "" },
    )
    await record(ctx, { kind: "regulatory_clock.corrected", case: clock.case, clock: id, since }, true)
}

/** Reports since when there is a fix, or that there is none (null). The report takes precedence over publication. */
export async function reportFix(ctx: ActionContext, id: string, since: Instant | null, reason: string): Promise<void> {
    rules.validateNotInFuture(since, ctx.now)
    const clock = await appendEntry(
        ctx,
        id,
        { kind: "fix", since, filing: null, source: null },
        { text: reason, reference: "" },
    )
    await record(ctx, { kind: "regulatory_clock.fix_reported", case: clock.case, clock: id, since }, true)
}

export interface FilingSubmission extends EntryTexts {
    readonly filing: string
    readonly since: Instant
}

/** Records that a person submitted a filing to the authority. */
export async function recordSubmission(
    ctx: ActionContext,
    id: string,
    { filing, since, text, reference }: FilingSubmission,
): Promise<void> {
    rules.validateNotInFuture(since, ctx.now)
    const clock = await appendEntry(ctx, id, { kind: "submitted", since, filing, source: null }, { text, reference })
    await record(ctx, { kind: "filing.submitted", case: clock.case, clock: id, filing, since }, true)
}

/** Reopens a filing that was not submitted after all. */
export async function reopenFiling(ctx: ActionContext, id: string, filing: string, reason: string): Promise<void> {
    const clock = await appendEntry(
        ctx,
        id,
        { kind: "reopened", since: null, filing, source: null },
        { text: reason, reference: "" },
    )
    await record(ctx, { kind: "filing.reopened", case: clock.case, clock: id, filing }, true)
}

/** Closes a clock that does not apply or is done. */
export async function closeClock(ctx: ActionContext, id: string, reason: string): Promise<void> {
    const clock = await appendEntry(
        ctx,
        id,
        { kind: "closed", since: null, filing: null, source: null },
        { text: reason, reference: "" },
    )
    await record(ctx, { kind: "regulatory_clock.closed", case: clock.case, clock: id }, true)
}

type NewEntry = Pick<rules.ClockEntry, "kind" | "since" | "filing" | "source">

/** Appends a valid entry under the case's lock. */
async function appendEntry(ctx: ActionContext, id: string, entry: NewEntry, texts: EntryTexts): Promise<Clock> {
    rules.validateTexts(entry.kind, texts.text, texts.reference)
    const row = (await store.findClock(ctx.tx, id)) ?? refuseUnknownClock()
    await lockCase(ctx, row.case)
    const clock = await loadClock(ctx, id)
    rules.validateEntry(clock.history, clock.terms, entry)
    await insertEntry(ctx, clock, entry, texts)
    return clock
}

async function insertEntry(
    ctx: ActionContext,
    clock: Pick<Clock, "id" | "case" | "history">,
    entry: NewEntry,
    texts: EntryTexts | null,
): Promise<void> {
    const n = clock.history.length
    const ciphertext = texts && (await encryptForCase(ctx, clock.case, placeOf(clock.id, n), JSON.stringify(texts)))
    await store.insertEntry(ctx.tx, n, { ...entry, clock: clock.id, at: ctx.now, by: personOf(ctx.actor), ciphertext })
}

/** Loads a clock. Refuses `filing.clock_not_found`. */
export async function loadClock(ctx: ActionContext, id: string): Promise<Clock> {
    const [found] = await loadClocks(ctx, [(await store.findClock(ctx.tx, id)) ?? refuseUnknownClock()])
    return found ?? refuseUnknownClock()
}

/** Lists the clocks of a case (null: all) by start. Refuses `case.not_found`. */
export async function listClocks(ctx: ActionContext, caseId: string | null): Promise<Clock[]> {
    if (caseId !== null) await assertCaseExists(ctx, caseId)
    return await loadClocks(ctx, await store.listClocks(ctx.tx, caseId))
}

export interface PendingFiling extends rules.FilingStatus {
    readonly clock: string
    readonly case: string
}

/** Lists filings that are due at some instant and not submitted, without decrypting. */
export async function listPendingFilings(ctx: ActionContext): Promise<PendingFiling[]> {
    const clocks = await loadClocks(ctx, await store.listOpenClocks(ctx.tx), "unfiled")
    return clocks.flatMap((clock) =>
        clock.filings
            .filter(({ state }) => state === "open" || state === "overdue")
            .map((filing) => ({ ...filing, clock: clock.id, case: clock.case })),
    )
}

const deletedTexts = JSON.stringify({ text: "", reference: "" } satisfies EntryTexts)

/** Loads the texts of each entry of these clocks, in order. */
export async function loadEntries(
    ctx: ActionContext,
    clocks: readonly Clock[],
): Promise<ReadonlyMap<string, readonly ClockEntryWithTexts[]>> {
    const caseOf = new Map(clocks.map((clock) => [clock.id, clock.case]))
    await loadCaseKeys(ctx, [...new Set(caseOf.values())])
    const histories = new Map<string, ClockEntryWithTexts[]>()
    for (const { clock: id, ciphertext, ...entry } of await store.listEntries(ctx.tx, [...caseOf.keys()])) {
        const before = histories.get(id) ?? []
        const text =
            ciphertext &&
            (await decryptForCase(ctx, caseOf.get(id) ?? "", placeOf(id, before.length), ciphertext, deletedTexts))
        const texts = text === null ? { text: "", reference: "" } : (JSON.parse(text) as EntryTexts)
        histories.set(id, [...before, { ...entry, ...texts }])
    }
    return histories
}

async function loadClocks(
    ctx: ActionContext,
    rows: readonly store.ClockRow[],
    selection: "all" | "unfiled" = "all",
): Promise<Clock[]> {
    const entries = await store.listEntries(
        ctx.tx,
        rows.map(({ id }) => id),
    )
    const group = Map.groupBy(entries, (row) => row.clock)
    const historyOf = ({ id }: store.ClockRow) => group.get(id) ?? []
    const wanted = rows.filter((row) => selection === "all" || !rules.isFullySubmitted(row.terms, historyOf(row)))
    if (wanted.length === 0) return []
    const cases = new Set(wanted.map((row) => row.case))
    const published = await listPublicationInstants(ctx, [...cases])
    return wanted.map((row) => {
        const history = historyOf(row)
        return {
            ...row,
            history,
            filings: rules.filingStatusesOf(row.terms, history, published.get(row.case) ?? null, ctx.now),
        }
    })
}

/** Returns when the case was published, or null. */
export async function findPublishedAt(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    const last = (await loadEmbargo(ctx, caseId)).at(-1)
    return last?.kind === "ended" ? last.at : null
}

const placeOf = (clock: string, n: number): string => `regulatory_clock_history.text:${clock}:${n}`

function refuseUnknownClock(): never {
    refuse("missing", "filing.clock_not_found", "no such clock")
}

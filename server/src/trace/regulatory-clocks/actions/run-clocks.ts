/** Runs regulatory clocks, started by the first known exploitation or by a person, with their history. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import {
    embargoOf,
    holdCases,
    lockCase,
    assertExists,
    opened,
    publishedAmong,
    sealed,
} from "../../../share/cases/actions.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import * as rules from "../filing.ts"
import { type Regime, startsBySeen } from "../regime.ts"
import * as store from "../store.ts"
import { type RegimeNow, hashOf, regimeNow, regimesNow } from "./set-regime.ts"

/** Texts of an entry; `reference` is the authority's, of a filing. */
export interface Said {
    readonly words: string
    readonly reference: string
}

export interface ShownTurn extends rules.Turn, Said {}

export interface Clock {
    readonly id: string
    readonly case: string
    readonly regime: string
    readonly version: number
    /** The regime as it was when the clock started. */
    readonly terms: Regime
    readonly turns: rules.Turns
    readonly owed: readonly rules.Owed[]
}

/**
 * Starts the clocks of all regimes that exploitation triggers, once per case and regime, also where an earlier clock
 * was closed.
 */
export async function startBySeen(
    ctx: ActionContext,
    caseId: string,
    aware: Instant,
    source: NonNullable<rules.Turn["source"]>,
): Promise<void> {
    const [regimes, running] = await Promise.all([regimesNow(ctx), store.listClocks(ctx.tx, caseId)])
    const starting = regimes.filter(({ regime }) => startsBySeen(regime, aware))
    // Started clocks never disappear, so this needs no lock.
    const started = new Set(running.map(({ regime }) => regime))
    if (starting.every(({ id }) => started.has(id))) return
    await lockCase(ctx, caseId)
    const known = new Set((await store.listClocks(ctx.tx, caseId)).map(({ regime }) => regime))
    for (const regimeNow of starting)
        if (!known.has(regimeNow.id)) await start(ctx, caseId, regimeNow, { since: aware, source, said: null })
}

export interface Start {
    readonly case: string
    readonly regime: string
    readonly aware: Instant
    readonly why: string
}

/**
 * Starts a clock for a person, of any regime not out of force, once while it runs. Refuses `regime.not_in_force`,
 * `filing.clock_already_running` and `filing.too_many_clocks`.
 */
export async function startClock(ctx: ActionContext, { case: caseId, regime: id, aware, why }: Start): Promise<string> {
    rules.validateWords("aware", why, "")
    rules.assertPast(aware, ctx.now)
    const regime = await regimeNow(ctx, id)
    if (regime.regime.state === "not_in_force") {
        refuse("conflict", "regime.not_in_force", "this regime is not in force: put it in force first")
    }
    await lockCase(ctx, caseId)
    const clocks = await load(ctx, await store.listClocks(ctx.tx, caseId))
    if (clocks.some((clock) => clock.regime === id && !rules.isClosed(clock.turns))) {
        refuse(
            "conflict",
            "filing.clock_already_running",
            "a clock of this regime already runs for this case: close it first",
        )
    }
    if (!(clocks.length < rules.clocksMax)) {
        refuse("conflict", "filing.too_many_clocks", `a case has \`${rules.clocksMax}\` clocks at most`)
    }
    const source = { kind: "person", id: personOf(ctx.actor) } as const
    return await start(ctx, caseId, regime, { since: aware, source, said: { words: why, reference: "" } })
}

interface Beginning {
    readonly since: Instant
    readonly source: NonNullable<rules.Turn["source"]>
    readonly said: Said | null
}

async function start(
    ctx: ActionContext,
    caseId: string,
    regimeNow: RegimeNow,
    { since, source, said: statement }: Beginning,
): Promise<string> {
    const { id: regime, version, regime: terms } = regimeNow
    const id = ctx.services.newId()
    await store.insertClock(ctx.tx, { id, case: caseId, regime, version, terms })
    const turn = { kind: "aware", since, filing: null, source } as const
    await write(ctx, { id, case: caseId, turns: [] }, turn, statement)
    const by = { source: source.kind, of: source.id, sha256: hashOf(terms) }
    await record(
        ctx,
        { kind: "regulatory_clock.started", case: caseId, clock: id, regime, version, since, ...by },
        true,
    )
    return id
}

/** Corrects the instant of awareness. The history keeps the former one. */
export async function correctAwareness(ctx: ActionContext, id: string, since: Instant, why: string): Promise<void> {
    rules.assertPast(since, ctx.now)
    const source = { kind: "person", id: personOf(ctx.actor) } as const
    const clock = await turn(ctx, id, { kind: "aware", since, filing: null, source }, { words: why, reference: "" })
    await record(ctx, { kind: "regulatory_clock.corrected", case: clock.case, clock: id, since }, true)
}

/** Reports since when there is a fix, or that there is none (null). The report outranks publication. */
export async function reportFix(ctx: ActionContext, id: string, since: Instant | null, why: string): Promise<void> {
    rules.assertPast(since, ctx.now)
    const clock = await turn(ctx, id, { kind: "fix", since, filing: null, source: null }, { words: why, reference: "" })
    await record(ctx, { kind: "regulatory_clock.fix_reported", case: clock.case, clock: id, since }, true)
}

export interface Made extends Said {
    readonly filing: string
    readonly since: Instant
}

/** Records that a person submitted a filing to the authority. */
export async function noteFiling(
    ctx: ActionContext,
    id: string,
    { filing, since, words: text, reference }: Made,
): Promise<void> {
    rules.assertPast(since, ctx.now)
    const clock = await turn(ctx, id, { kind: "submitted", since, filing, source: null }, { words: text, reference })
    await record(ctx, { kind: "filing.submitted", case: clock.case, clock: id, filing, since }, true)
}

/** Reopens a filing that was not submitted after all. */
export async function reopenFiling(ctx: ActionContext, id: string, filing: string, why: string): Promise<void> {
    const clock = await turn(
        ctx,
        id,
        { kind: "reopened", since: null, filing, source: null },
        { words: why, reference: "" },
    )
    await record(ctx, { kind: "filing.reopened", case: clock.case, clock: id, filing }, true)
}

/** Closes a clock that does not apply or is done. */
export async function closeClock(ctx: ActionContext, id: string, why: string): Promise<void> {
    const clock = await turn(
        ctx,
        id,
        { kind: "closed", since: null, filing: null, source: null },
        { words: why, reference: "" },
    )
    await record(ctx, { kind: "regulatory_clock.closed", case: clock.case, clock: id }, true)
}

type Saying = Pick<rules.Turn, "kind" | "since" | "filing" | "source">

/** Appends a valid entry under the case's lock. */
async function turn(ctx: ActionContext, id: string, saying: Saying, statement: Said): Promise<Clock> {
    rules.validateWords(saying.kind, statement.words, statement.reference)
    const row = (await store.findClock(ctx.tx, id)) ?? unknownClock()
    await lockCase(ctx, row.case)
    const clock = await clockOf(ctx, id)
    rules.assertFollows(clock.turns, clock.terms, saying)
    await write(ctx, clock, saying, statement)
    return clock
}

async function write(
    ctx: ActionContext,
    clock: Pick<Clock, "id" | "case" | "turns">,
    saying: Saying,
    statement: Said | null,
): Promise<void> {
    const n = clock.turns.length
    const box = statement && (await sealed(ctx, clock.case, placeOf(clock.id, n), JSON.stringify(statement)))
    await store.insertTurn(ctx.tx, n, { ...saying, clock: clock.id, at: ctx.now, by: personOf(ctx.actor), box })
}

/** Loads a clock. Refuses `filing.clock_not_found`. */
export async function clockOf(ctx: ActionContext, id: string): Promise<Clock> {
    const [found] = await load(ctx, [(await store.findClock(ctx.tx, id)) ?? unknownClock()])
    return found ?? unknownClock()
}

/** Lists the clocks of a case (null: all) by start. Refuses `case.not_found`. */
export async function clocksOf(ctx: ActionContext, caseId: string | null): Promise<Clock[]> {
    if (caseId !== null) await assertExists(ctx, caseId)
    return await load(ctx, await store.listClocks(ctx.tx, caseId))
}

export interface Awaited extends rules.Owed {
    readonly clock: string
    readonly case: string
}

/** Lists filings that are due at some instant and not submitted, without decrypting. */
export async function filingsAwaited(ctx: ActionContext): Promise<Awaited[]> {
    const clocks = await load(ctx, await store.openClocks(ctx.tx), "unfiled")
    return clocks.flatMap((clock) =>
        clock.owed
            .filter(({ state }) => state === "open" || state === "overdue")
            .map((owed) => ({ ...owed, clock: clock.id, case: clock.case })),
    )
}

/** Loads the texts of each entry of these clocks, in order. */
export async function turnsSaid(
    ctx: ActionContext,
    clocks: readonly Clock[],
): Promise<ReadonlyMap<string, readonly ShownTurn[]>> {
    const caseOf = new Map(clocks.map((clock) => [clock.id, clock.case]))
    await holdCases(ctx, [...new Set(caseOf.values())])
    const shown = new Map<string, ShownTurn[]>()
    for (const { clock: id, box, ...turnOf } of await store.listTurns(ctx.tx, [...caseOf.keys()])) {
        const before = shown.get(id) ?? []
        const text = box && (await opened(ctx, caseOf.get(id) ?? "", placeOf(id, before.length), box))
        const statement = text === null ? { words: "", reference: "" } : (JSON.parse(text) as Said)
        shown.set(id, [...before, { ...turnOf, ...statement }])
    }
    return shown
}

async function load(
    ctx: ActionContext,
    rows: readonly store.ClockRow[],
    which: "all" | "unfiled" = "all",
): Promise<Clock[]> {
    const list = await store.listTurns(
        ctx.tx,
        rows.map(({ id }) => id),
    )
    const group = Map.groupBy(list, (row) => row.clock)
    const turnsOf = ({ id }: store.ClockRow) => group.get(id) ?? []
    const wanted = rows.filter((row) => which === "all" || !rules.isDone(row.terms, turnsOf(row)))
    if (wanted.length === 0) return []
    const cases = new Set(wanted.map((row) => row.case))
    const published = await publishedAmong(ctx, [...cases])
    return wanted.map((row) => {
        const turns = turnsOf(row)
        return { ...row, turns, owed: rules.owedBy(row.terms, turns, published.get(row.case) ?? null, ctx.now) }
    })
}

/** Returns when the case was published, or null. */
export async function publishedAtOf(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    const last = (await embargoOf(ctx, caseId)).at(-1)
    return last?.kind === "ended" ? last.at : null
}

const placeOf = (clock: string, n: number): string => `regulatory_clock_turns.words:${clock}:${n}`

function unknownClock(): never {
    refuse("missing", "filing.clock_not_found", "no such clock")
}

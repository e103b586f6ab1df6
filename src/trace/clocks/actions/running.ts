/** Clocks that run: started by the first exploitation that becomes known, or by a person; and every turn of them. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import {
    embargoOf,
    holdCases,
    lockCase,
    mustExist,
    opened,
    publishedAmong,
    sealed,
} from "../../../share/cases/actions.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import * as rules from "../filing.ts"
import { type Regime, startsBySeen } from "../regime.ts"
import * as store from "../store.ts"
import { type RegimeNow, hashOf, regimeNow, regimesNow } from "./regimes.ts"

/** What was said with a turn; `reference` is the authority's, of a filing. */
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
    /** The regime as it stood when the clock started. */
    readonly terms: Regime
    readonly turns: rules.Turns
    readonly owed: readonly rules.Owed[]
}

/**
 * Exploitation of a case has become known: the clocks of the regimes that this starts begin, each once for a case, also where
 * the one that it had was closed since.
 */
export async function startBySeen(
    act: Act,
    caseId: string,
    aware: Instant,
    source: NonNullable<rules.Turn["source"]>,
): Promise<void> {
    const [regimes, running] = await Promise.all([regimesNow(act), store.clocks(act.tx, caseId)])
    const starting = regimes.filter(({ regime }) => startsBySeen(regime, aware))
    // A clock stays: what was started needs no lock to be seen.
    const started = new Set(running.map(({ regime }) => regime))
    if (starting.every(({ id }) => started.has(id))) return
    await lockCase(act, caseId)
    const known = new Set((await store.clocks(act.tx, caseId)).map(({ regime }) => regime))
    for (const one of starting)
        if (!known.has(one.id)) await start(act, caseId, one, { since: aware, source, said: null })
}

export interface Start {
    readonly case: string
    readonly regime: string
    readonly aware: Instant
    readonly why: string
}

/** By a person's word: any regime that was not put out of force, once while its clock runs. */
export async function startClock(act: Act, { case: caseId, regime: id, aware, why }: Start): Promise<string> {
    rules.mustBeWords("aware", why, "")
    rules.mustHaveBeen(aware, act.now)
    const regime = await regimeNow(act, id)
    if (regime.regime.state === "not in force") {
        refuse("conflict", "regime.not_in_force", "this regime is not in force: put it in force first")
    }
    await lockCase(act, caseId)
    const its = await load(act, await store.clocks(act.tx, caseId))
    if (its.some((one) => one.regime === id && !rules.isClosed(one.turns))) {
        refuse("conflict", "filing.clock_already_running", "a clock of this regime runs for this case")
    }
    if (!(its.length < rules.clocksMax)) {
        refuse("conflict", "filing.too_many_clocks", `a case has \`${rules.clocksMax}\` clocks at most`)
    }
    const source = { kind: "person", id: personOf(act.actor) } as const
    return await start(act, caseId, regime, { since: aware, source, said: { words: why, reference: "" } })
}

interface Beginning {
    readonly since: Instant
    readonly source: NonNullable<rules.Turn["source"]>
    readonly said: Said | null
}

async function start(act: Act, caseId: string, its: RegimeNow, { since, source, said }: Beginning): Promise<string> {
    const { id: regime, version, regime: terms } = its
    const id = act.doors.newId()
    await store.insertClock(act.tx, { id, case: caseId, regime, version, terms })
    const turn = { kind: "aware", since, filing: null, source } as const
    await write(act, { id, case: caseId, turns: [] }, turn, said)
    const by = { source: source.kind, of: source.id, sha256: hashOf(terms) }
    await record(
        act,
        { kind: "regulatory_clock.started", case: caseId, clock: id, regime, version, since, ...by },
        true,
    )
    return id
}

/** Another instant of awareness, by a person's word; the one before stays beside it. */
export async function correctAwareness(act: Act, id: string, since: Instant, why: string): Promise<void> {
    rules.mustHaveBeen(since, act.now)
    const source = { kind: "person", id: personOf(act.actor) } as const
    const its = await turn(act, id, { kind: "aware", since, filing: null, source }, { words: why, reference: "" })
    await record(act, { kind: "regulatory_clock.corrected", case: its.case, clock: id, since }, true)
}

/** Since when there is a fix, or that there is none, which counts more than that the case is public. */
export async function tellFix(act: Act, id: string, since: Instant | null, why: string): Promise<void> {
    rules.mustHaveBeen(since, act.now)
    const its = await turn(act, id, { kind: "fix", since, filing: null, source: null }, { words: why, reference: "" })
    await record(act, { kind: "regulatory_clock.fix_reported", case: its.case, clock: id, since }, true)
}

export interface Made extends Said {
    readonly filing: string
    readonly since: Instant
}

/** A person has filed it with the authority, outside of this program, and says so here. */
export async function noteFiling(act: Act, id: string, { filing, since, words, reference }: Made): Promise<void> {
    rules.mustHaveBeen(since, act.now)
    const its = await turn(act, id, { kind: "filed", since, filing, source: null }, { words, reference })
    await record(act, { kind: "filing.submitted", case: its.case, clock: id, filing, since }, true)
}

/** It was not filed after all. */
export async function takeBackFiling(act: Act, id: string, filing: string, why: string): Promise<void> {
    const its = await turn(
        act,
        id,
        { kind: "taken back", since: null, filing, source: null },
        { words: why, reference: "" },
    )
    await record(act, { kind: "filing.reopened", case: its.case, clock: id, filing }, true)
}

/** Nothing more is owed by it: it does not apply, or everything is done. */
export async function closeClock(act: Act, id: string, why: string): Promise<void> {
    const its = await turn(
        act,
        id,
        { kind: "closed", since: null, filing: null, source: null },
        { words: why, reference: "" },
    )
    await record(act, { kind: "regulatory_clock.closed", case: its.case, clock: id }, true)
}

type Saying = Pick<rules.Turn, "kind" | "since" | "filing" | "source">

/** What the rule lets follow, written under the case's lock. */
async function turn(act: Act, id: string, saying: Saying, said: Said): Promise<Clock> {
    rules.mustBeWords(saying.kind, said.words, said.reference)
    const row = (await store.clock(act.tx, id)) ?? unknownClock()
    await lockCase(act, row.case)
    const its = await clockOf(act, id)
    rules.mustFollow(its.turns, its.terms, saying)
    await write(act, its, saying, said)
    return its
}

async function write(
    act: Act,
    of: Pick<Clock, "id" | "case" | "turns">,
    saying: Saying,
    said: Said | null,
): Promise<void> {
    const n = of.turns.length
    const box = said && (await sealed(act, of.case, placeOf(of.id, n), JSON.stringify(said)))
    await store.insertTurn(act.tx, n, { ...saying, clock: of.id, at: act.now, by: personOf(act.actor), box })
}

/** Refuses `filing.clock_not_found`. */
export async function clockOf(act: Act, id: string): Promise<Clock> {
    const [found] = await load(act, [(await store.clock(act.tx, id)) ?? unknownClock()])
    return found ?? unknownClock()
}

/** Of a case (null: of all), in the order in which they started. Refuses `case.not_found`. */
export async function clocksOf(act: Act, caseId: string | null): Promise<Clock[]> {
    if (caseId !== null) await mustExist(act, caseId)
    return await load(act, await store.clocks(act.tx, caseId))
}

export interface Awaited extends rules.Owed {
    readonly clock: string
    readonly case: string
}

/** Every filing that is due at some instant and was not made, without opening anything that is ciphertext. */
export async function filingsAwaited(act: Act): Promise<Awaited[]> {
    const all = await load(act, await store.openClocks(act.tx), "unfiled")
    return all.flatMap((one) =>
        one.owed
            .filter(({ state }) => state === "open" || state === "overdue")
            .map((owed) => ({ ...owed, clock: one.id, case: one.case })),
    )
}

/** What was said with each turn of these clocks, in order. */
export async function turnsSaid(
    act: Act,
    clocks: readonly Clock[],
): Promise<ReadonlyMap<string, readonly ShownTurn[]>> {
    const caseOf = new Map(clocks.map((one) => [one.id, one.case]))
    await holdCases(act, [...new Set(caseOf.values())])
    const shown = new Map<string, ShownTurn[]>()
    for (const { clock: id, box, ...turnOf } of await store.turns(act.tx, [...caseOf.keys()])) {
        const before = shown.get(id) ?? []
        const text = box && (await opened(act, caseOf.get(id) ?? "", placeOf(id, before.length), box))
        const said = text === null ? { words: "", reference: "" } : (JSON.parse(text) as Said)
        shown.set(id, [...before, { ...turnOf, ...said }])
    }
    return shown
}

async function load(act: Act, rows: readonly store.ClockRow[], which: "all" | "unfiled" = "all"): Promise<Clock[]> {
    const all = await store.turns(
        act.tx,
        rows.map(({ id }) => id),
    )
    const said = Map.groupBy(all, (one) => one.clock)
    const turnsOf = ({ id }: store.ClockRow) => said.get(id) ?? []
    const wanted = rows.filter((row) => which === "all" || !rules.isDone(row.terms, turnsOf(row)))
    if (wanted.length === 0) return []
    const cases = new Set(wanted.map((row) => row.case))
    const published = await publishedAmong(act, [...cases])
    return wanted.map((row) => {
        const turns = turnsOf(row)
        return { ...row, turns, owed: rules.owedBy(row.terms, turns, published.get(row.case) ?? null, act.now) }
    })
}

/** When the case was published; null before that. */
export async function publishedAtOf(act: Act, caseId: string): Promise<Instant | null> {
    const last = (await embargoOf(act, caseId)).at(-1)
    return last?.kind === "ended" ? last.at : null
}

const placeOf = (clock: string, n: number): string => `regulatory_clock_turns.words:${clock}:${n}`

function unknownClock(): never {
    refuse("missing", "filing.clock_not_found", "no such clock")
}

/** Loads the facts of cases that decisions use, as of one instant or of many. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { plain, unknownCase } from "../actions.ts"
import { type CaseLink, type Closing, originsOf } from "../case.ts"
import {
    type Consent,
    type Consenting,
    type ConsentTurn,
    consentAt,
    mayAnswer,
    standsFor,
    stoodFor,
} from "../consent.ts"
import { type Embargo, endOf, publishedAt, upTo } from "../embargo.ts"
import { type Exploitation, exploitedBefore } from "../exploitation.ts"
import * as store from "../store.ts"

/** The facts of a case that decisions use. They need no decryption. */
export interface CaseFacts {
    readonly id: string
    /** The embargo at the instant, without reasons. */
    readonly embargo: Embargo
    /** Null where the case was not closed by then. */
    readonly closing: Closing | null
    readonly origins: readonly string[]
    /** Whether the case became known as exploited before its publication. */
    readonly exploited: boolean
    /** Returns a partner's state, including the advance consent of its agreements. */
    readonly consentOf: (partner: string, beforehand: Consenting) => Consent
    /** Whether this partner can still accept its invitation. False for closed cases. */
    readonly mayAnswer: (partner: string) => boolean
}

/**
 * Returns the facts of one case (null: all, oldest first) at an instant, to decide about one partner (null: any).
 * `supposed` adds links. Refuses `case.not_found`.
 */
export async function caseFacts(
    ctx: ActionContext,
    id: string | null,
    at: Instant,
    about: string | null = null,
    supposed: readonly Pick<CaseLink, "from" | "to">[] = [],
): Promise<CaseFacts[]> {
    return (await caseFactsUntil(ctx, id, at, about)).at(at, supposed)
}

/** The facts of cases at any instant until one, read once for many decisions. */
export interface PastCases {
    readonly at: (instant: Instant, supposed?: readonly Pick<CaseLink, "from" | "to">[]) => CaseFacts[]
    /** Lists when these facts changed: links, embargo, exploitation, closure. */
    readonly changes: () => readonly Instant[]
    /** Returns what was said about the embargoes, by partner. Null: the entries of external parties. */
    readonly said: () => ReadonlyMap<string | null, readonly store.Said[]>
}

/** Reads the facts of `caseFacts` until an instant. Refuses `case.not_found`. */
export async function caseFactsUntil(
    ctx: ActionContext,
    id: string | null,
    until: Instant,
    about: string | null,
): Promise<PastCases> {
    const rows = await store.loadFactRows(ctx.tx, id, about, until)
    if (id !== null && rows.cases.length === 0) unknownCase()
    const turns = Map.groupBy(rows.turns, (turn) => turn.case_id)
    const exploitation = Map.groupBy(rows.exploitation, (row) => row.case)
    const group = Map.groupBy(rows.said, (statement) => statement.case)
    const requests = new Map(
        [...group].map(([subject, statements]) => [subject, Map.groupBy(statements, (statement) => statement.partner)]),
    )
    return {
        at: (instant, supposed = []) => {
            const links = [...rows.links.filter((link) => link.at <= instant), ...supposed]
            return rows.cases.map(({ id: value, closing }) => {
                const ended = closing !== null && closing.at <= instant ? closing : null
                const subject = {
                    turns: turns.get(value) ?? [],
                    said: requests.get(value) ?? new Map(),
                    links,
                    closing: ended,
                    exploitation: exploitation.get(value) ?? [],
                }
                return factsOf(value, subject, instant, about)
            })
        },
        changes: () => {
            const family = id === null ? null : new Set([id, ...originsOf(id, rows.links)])
            return [
                ...rows.links.filter((link) => family === null || family.has(link.from)).map(({ at }) => at),
                ...rows.turns.map(({ at }) => at),
                ...rows.exploitation.map(({ at }) => at),
                ...rows.cases.flatMap(({ closing }) => closing?.at ?? []),
            ].filter((at) => at <= until)
        },
        said: () => Map.groupBy(rows.said, (statement) => statement.partner),
    }
}

const keys = new WeakMap<Consenting, string>()

/** Serialises the advance consent of agreements, once for each partner's facts. */
function keyOf(beforehand: Consenting): string {
    const known = keys.get(beforehand)
    if (known !== undefined) return known
    const key = JSON.stringify([beforehand.longestEmbargoDays, beforehand.consented])
    keys.set(beforehand, key)
    return key
}

interface OfCase {
    readonly turns: readonly store.TurnRow[]
    readonly said: ReadonlyMap<string | null, readonly store.Said[]>
    readonly links: readonly Pick<CaseLink, "from" | "to">[]
    readonly closing: Closing | null
    readonly exploitation: readonly Exploitation[]
}

function factsOf(value: string, ofCase: OfCase, at: Instant, about: string | null): CaseFacts {
    const { turns, said: inputs, links, closing } = ofCase
    const embargo = upTo(plain(turns), at)
    const end = endOf(embargo)
    const exploited = exploitedBefore(ofCase.exploitation, publishedAt(embargo), at)
    const turnsOf = (partner: string) => {
        if (about !== null && partner !== about) throw new Error("the consents of other partners were not loaded")
        return (inputs.get(partner) ?? []).map((statement) => statement.turn)
    }
    const decided = (turns: readonly ConsentTurn[], beforehand: Consenting): Consent => {
        const state = consentAt(turns, end, at, standsFor(embargo, beforehand))
        return state === "none" && stoodFor(embargo, beforehand.consented) ? "expired" : state
    }
    // Partners without entries and with equal agreements have equal consent, so thousands are decided once.
    const silent = new Map<string, Consent>()
    const consentOf: CaseFacts["consentOf"] = (partner, beforehand) => {
        const turns = turnsOf(partner)
        if (turns.length > 0) return decided(turns, beforehand)
        const key = keyOf(beforehand)
        const known = silent.get(key) ?? decided(turns, beforehand)
        silent.set(key, known)
        return known
    }
    const isHeard = (partner: string): boolean => closing === null && mayAnswer(turnsOf(partner), end, at)
    return { id: value, embargo, closing, origins: originsOf(value, links), exploited, consentOf, mayAnswer: isHeard }
}

/** Loads the facts of cases that decisions use, as of one instant or of many. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { embargoFrom, noSuchCase } from "./load-case.ts"
import { type CaseLink, type Closure, originsOf } from "../case.ts"
import {
    type Consent,
    type AgreementConsent,
    type ConsentEntry,
    consentAt,
    mayAnswer,
    givesAdvanceConsent,
    gaveAdvanceConsent,
} from "../consent.ts"
import { type Embargo, endOf, publishedAt, entriesUntil } from "../embargo.ts"
import { type Exploitation, exploitedBefore } from "../exploitation.ts"
import * as store from "../store/cases.ts"

/** The facts of a case that decisions use. They need no decryption. */
export interface CaseFacts {
    readonly id: string
    /** The embargo at the instant, without reasons. */
    readonly embargo: Embargo
    /** Null where the case was not closed by then. */
    readonly closure: Closure | null
    /** Null where the content was not deleted by then. */
    readonly contentDeletedAt: Instant | null
    readonly origins: readonly string[]
    /** Whether the case became known as exploited before its publication. */
    readonly exploited: boolean
    /** Returns a partner's consent, including the advance consent of its agreements. */
    readonly consentOf: (partner: string, advanceConsent: AgreementConsent) => Consent
    /** Whether this partner can still accept its invitation. False for closed cases. */
    readonly mayAnswer: (partner: string) => boolean
}

/**
 * Returns the facts of one case (null: all, oldest first) at an instant, to decide about one partner (null: any).
 * `assumedLinks` adds links. Refuses `case.not_found`.
 */
export async function listCaseFacts(
    ctx: ActionContext,
    id: string | null,
    at: Instant,
    onlyPartner: string | null = null,
    assumedLinks: readonly Pick<CaseLink, "from" | "to">[] = [],
): Promise<CaseFacts[]> {
    return (await loadCaseFactsHistory(ctx, id, at, onlyPartner)).at(at, assumedLinks)
}

/** The facts of cases at any instant until one, read once for many decisions. */
export interface CaseFactsHistory {
    readonly at: (instant: Instant, assumedLinks?: readonly Pick<CaseLink, "from" | "to">[]) => CaseFacts[]
    /** Lists when these facts changed: links, embargo, exploitation, closure, content. */
    readonly changes: () => readonly Instant[]
    /** Returns the consent statements by partner. Null: those of external parties. */
    readonly statements: () => ReadonlyMap<string | null, readonly store.ConsentStatement[]>
}

/** Reads the facts of `listCaseFacts` until an instant. Refuses `case.not_found`. */
export async function loadCaseFactsHistory(
    ctx: ActionContext,
    id: string | null,
    until: Instant,
    onlyPartner: string | null,
): Promise<CaseFactsHistory> {
    const rows = await store.loadFactRows(ctx.tx, id, onlyPartner, until)
    if (id !== null && rows.cases.length === 0) noSuchCase()
    const entriesByCase = Map.groupBy(rows.entries, (entry) => entry.case_id)
    const exploitation = Map.groupBy(rows.exploitation, (row) => row.case)
    const group = Map.groupBy(rows.statements, (statement) => statement.case)
    const statementsByCase = new Map(
        [...group].map(([caseId, statements]) => [caseId, Map.groupBy(statements, (statement) => statement.partner)]),
    )
    return {
        at: (instant, assumedLinks = []) => {
            const links = [...rows.links.filter((link) => link.at <= instant), ...assumedLinks]
            return rows.cases.map(({ id: caseId, closure, contentDeletedAt: deletedAt }) => {
                const closureThen = closure !== null && closure.at <= instant ? closure : null
                const contentDeletedAt = deletedAt !== null && deletedAt <= instant ? deletedAt : null
                const caseRows = {
                    entries: entriesByCase.get(caseId) ?? [],
                    statements: statementsByCase.get(caseId) ?? new Map(),
                    links,
                    closure: closureThen,
                    contentDeletedAt,
                    exploitation: exploitation.get(caseId) ?? [],
                }
                return factsOf(caseId, caseRows, instant, onlyPartner)
            })
        },
        changes: () => {
            const family = id === null ? null : new Set([id, ...originsOf(id, rows.links)])
            return [
                ...rows.links.filter((link) => family === null || family.has(link.from)).map(({ at }) => at),
                ...rows.entries.map(({ at }) => at),
                ...rows.exploitation.map(({ at }) => at),
                ...rows.cases.flatMap(({ closure, contentDeletedAt }) =>
                    [closure?.at ?? [], contentDeletedAt ?? []].flat(),
                ),
            ].filter((at) => at <= until)
        },
        statements: () => Map.groupBy(rows.statements, (statement) => statement.partner),
    }
}

const keys = new WeakMap<AgreementConsent, string>()

/** Serialises the advance consent of agreements, once for each partner's facts. */
function keyOf(advanceConsent: AgreementConsent): string {
    const known = keys.get(advanceConsent)
    if (known !== undefined) return known
    const key = JSON.stringify([advanceConsent.longestEmbargoDays, advanceConsent.advanceConsents])
    keys.set(advanceConsent, key)
    return key
}

interface CaseRows {
    readonly entries: readonly store.EmbargoEntryRow[]
    readonly statements: ReadonlyMap<string | null, readonly store.ConsentStatement[]>
    readonly links: readonly Pick<CaseLink, "from" | "to">[]
    readonly closure: Closure | null
    readonly contentDeletedAt: Instant | null
    readonly exploitation: readonly Exploitation[]
}

function factsOf(id: string, rows: CaseRows, at: Instant, onlyPartner: string | null): CaseFacts {
    const { entries, statements, links, closure, contentDeletedAt } = rows
    const embargo = entriesUntil(embargoFrom(entries), at)
    const end = endOf(embargo)
    const exploited = exploitedBefore(rows.exploitation, publishedAt(embargo), at)
    const historyOf = (partner: string) => {
        if (onlyPartner !== null && partner !== onlyPartner)
            throw new Error("the consents of other partners were not loaded")
        return (statements.get(partner) ?? []).map((statement) => statement.entry)
    }
    const decide = (entries: readonly ConsentEntry[], advanceConsent: AgreementConsent): Consent => {
        const state = consentAt(entries, end, at, givesAdvanceConsent(embargo, advanceConsent))
        return state === "none" && gaveAdvanceConsent(embargo, advanceConsent.advanceConsents) ? "expired" : state
    }
    // Partners without entries and with equal agreements have equal consent, so thousands are decided once.
    const consentByAgreement = new Map<string, Consent>()
    const consentOf: CaseFacts["consentOf"] = (partner, advanceConsent) => {
        const entries = historyOf(partner)
        if (entries.length > 0) return decide(entries, advanceConsent)
        const key = keyOf(advanceConsent)
        const known = consentByAgreement.get(key) ?? decide(entries, advanceConsent)
        consentByAgreement.set(key, known)
        return known
    }
    const canAnswer = (partner: string): boolean => closure === null && mayAnswer(historyOf(partner), end, at)
    const origins = originsOf(id, links)
    return { id, embargo, closure, contentDeletedAt, origins, exploited, consentOf, mayAnswer: canAnswer }
}

/**
 * Drafts filings from the case's current facts and the instant of known exploitation. Drafts are secret. Each one is
 * recorded, and none is sent.
 */
import { publisherOf } from "../../../platform/config/publisher.ts"
import { loadCaseFile } from "../../../share/cases/actions/load-case.ts"
import { recordReads } from "../../../share/cases/actions/record-reads.ts"
import { findAdvisoryId } from "../../../share/publication/actions/publish-case.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findExploitedAt } from "../../evidence/actions/load-evidence.ts"
import { type Draft, type FilingFacts, referenceOf } from "../draft.ts"
import { type ClockEntry, awareAt, fixAt, filingOf } from "../filing.ts"
import { legalBasisIn } from "../built-in-regimes.ts"
import { type Clock, loadClock, findPublishedAt, loadEntries } from "./run-clocks.ts"

/** Drafts a filing. Refuses `filing.clock_not_found` and `filing.not_found`. */
export async function draftFiling(ctx: ActionContext, id: string, filing: string): Promise<Draft> {
    const clock = await loadClock(ctx, id)
    const { title, questions } = filingOf(clock.terms, filing)
    const draft: Draft = {
        ...(await loadFacts(ctx, clock)),
        filing: title,
        questions,
        dueAt: clock.filings.find((status) => status.filing.id === filing)?.dueAt ?? null,
        submittedBefore: await loadSubmittedBefore(ctx, clock, filing),
    }
    await record(ctx, { kind: "filing.drafted", case: clock.case, clock: id, filing }, true)
    return draft
}

/** The facts of a clock's drafts, and where the awareness comes from. */
export interface ClockFacts extends FilingFacts {
    readonly awareSource: ClockEntry["source"]
}

/** Loads the facts that the drafts of a clock state, and records the read. Refuses `filing.clock_not_found`. */
export async function loadClockFacts(ctx: ActionContext, id: string): Promise<ClockFacts> {
    const clock = await loadClock(ctx, id)
    await recordReads(ctx, "facts", [clock.case])
    const awareSource = clock.history.findLast(({ kind }) => kind === "aware")?.source ?? null
    return { ...(await loadFacts(ctx, clock)), awareSource }
}

async function loadFacts(ctx: ActionContext, clock: Clock): Promise<FilingFacts> {
    const { title, vulnerabilities, publication, createdAt } = await loadCaseFile(ctx, clock.case)
    const cves = vulnerabilities.map(({ cve }) => cve)
    const advisory = await findAdvisoryId(ctx, clock.case)
    const publishedAt = await findPublishedAt(ctx, clock.case)
    const { name: manufacturer, contact } = publisherOf(ctx.services.publisherSettings, ctx.services.portalOrigin)
    return {
        manufacturer,
        contact,
        reference: referenceOf({ advisory, cves, title, openedAt: createdAt }),
        regime: { ...clock.terms, basis: legalBasisIn(clock.terms.basis) },
        asOf: ctx.now,
        awareAt: awareAt(clock.history),
        title,
        vulnerabilities,
        publishedAt,
        secretUntil: publication,
        exploitedSince: await findExploitedAt(ctx, clock.case),
        fixAvailable: fixAt(clock.history, publishedAt),
    }
}

async function loadSubmittedBefore(
    ctx: ActionContext,
    clock: Clock,
    filing: string,
): Promise<Draft["submittedBefore"]> {
    const history = (await loadEntries(ctx, [clock])).get(clock.id) ?? []
    return clock.filings
        .filter((status) => status.filing.id !== filing)
        .flatMap(({ filing: { id, title }, submittedAt: at }) => {
            const reference =
                history.findLast((entry) => entry.kind === "submitted" && entry.filing === id)?.reference ?? ""
            return at === null ? [] : [{ title, at, reference }]
        })
}

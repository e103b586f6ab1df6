/**
 * Drafts filings from the case's current facts and the instant of known exploitation. Drafts are secret. Each one is
 * recorded, and none is sent.
 */
import { publisherOf } from "../../../platform/config/publisher.ts"
import { loadCaseFile } from "../../../share/cases/actions/load-case.ts"
import { findAdvisoryId } from "../../../share/publication/actions/publish-case.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findExploitedAt } from "../../evidence/actions/load-evidence.ts"
import { type Draft, referenceOf } from "../draft.ts"
import { awareAt, fixAt, filingOf } from "../filing.ts"
import { legalBasisIn } from "../built-in-regimes.ts"
import { type Clock, loadClock, findPublishedAt, loadEntries } from "./run-clocks.ts"

/** Drafts a filing. Refuses `filing.clock_not_found` and `filing.not_found`. */
export async function draftFiling(ctx: ActionContext, id: string, filing: string): Promise<Draft> {
    const clock = await loadClock(ctx, id)
    const { title: filingTitle, questions } = filingOf(clock.terms, filing)
    const { title, vulnerabilities, publication, createdAt } = await loadCaseFile(ctx, clock.case)
    const cves = vulnerabilities.map(({ cve }) => cve)
    const advisory = await findAdvisoryId(ctx, clock.case)
    const publishedAt = await findPublishedAt(ctx, clock.case)
    const { name: manufacturer, contact } = publisherOf(ctx.services.publisherSettings, ctx.services.portalOrigin)
    const draft: Draft = {
        manufacturer,
        contact,
        reference: referenceOf({ advisory, cves, title, openedAt: createdAt }),
        regime: { ...clock.terms, basis: legalBasisIn(clock.terms.basis) },
        filing: filingTitle,
        questions,
        asOf: ctx.now,
        dueAt: clock.filings.find((status) => status.filing.id === filing)?.dueAt ?? null,
        awareAt: awareAt(clock.history),
        title,
        vulnerabilities,
        publishedAt,
        secretUntil: publication,
        exploitedSince: await findExploitedAt(ctx, clock.case),
        fixAvailable: fixAt(clock.history, publishedAt),
        submittedBefore: await loadSubmittedBefore(ctx, clock, filing),
    }
    await record(ctx, { kind: "filing.drafted", case: clock.case, clock: id, filing }, true)
    return draft
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

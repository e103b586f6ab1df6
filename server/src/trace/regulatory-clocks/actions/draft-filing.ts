/**
 * Drafts filings from the case's current facts and the instant of known exploitation. Drafts are secret. Each one is
 * recorded, and none is sent.
 */
import { publisherOf } from "../../../platform/config/publisher.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { advisoryIdOf } from "../../../share/publication/actions/publish-case.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { exploitedSince } from "../../evidence/actions.ts"
import { type Draft, referenceOf } from "../draft.ts"
import { awareAt, fixAt, assertHas } from "../filing.ts"
import { lawIn } from "../built-in-regimes.ts"
import { type Clock, clockOf, publishedAtOf, turnsSaid } from "./run-clocks.ts"

/** Drafts a filing. Refuses `filing.clock_not_found` and `filing.not_found`. */
export async function draftFiling(ctx: ActionContext, id: string, filing: string): Promise<Draft> {
    const clock = await clockOf(ctx, id)
    const { title: kind, asks } = assertHas(clock.terms, filing)
    const { title, vulnerabilities, publication, createdAt } = await caseFile(ctx, clock.case)
    const cves = vulnerabilities.map(({ cve }) => cve)
    const advisory = await advisoryIdOf(ctx, clock.case)
    const publishedAt = await publishedAtOf(ctx, clock.case)
    const { name: manufacturer, contact } = publisherOf(ctx.services.publishing, ctx.services.portalOrigin)
    const draft: Draft = {
        manufacturer,
        contact,
        reference: referenceOf({ advisory, cves, title, openedAt: createdAt }),
        regime: { ...clock.terms, basis: lawIn(clock.terms.basis) },
        filing: kind,
        asks,
        asOf: ctx.now,
        due: clock.owed.find((followUp) => followUp.filing.id === filing)?.due ?? null,
        aware: awareAt(clock.turns),
        title,
        vulnerabilities,
        publishedAt,
        secretUntil: publication,
        exploitedSince: await exploitedSince(ctx, clock.case),
        fixAvailable: fixAt(clock.turns, publishedAt),
        madeBefore: await madeBefore(ctx, clock, filing),
    }
    await record(ctx, { kind: "filing.drafted", case: clock.case, clock: id, filing }, true)
    return draft
}

async function madeBefore(ctx: ActionContext, clock: Clock, filing: string): Promise<Draft["madeBefore"]> {
    const shownTurns = (await turnsSaid(ctx, [clock])).get(clock.id) ?? []
    return clock.owed
        .filter((followUp) => followUp.filing.id !== filing)
        .flatMap(({ filing: { id, title }, filedAt: at }) => {
            const reference =
                shownTurns.findLast((shownTurn) => shownTurn.kind === "submitted" && shownTurn.filing === id)
                    ?.reference ?? ""
            return at === null ? [] : [{ title, at, reference }]
        })
}

/**
 * Drafts of filings, made of what the case says now, and of the instant since when it is known to be exploited, as partners
 * reported it and staff filed it. They hold what is secret: each one made is on record, and none is sent.
 */
import { publisherOf } from "../../../platform/publishing.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { advisoryIdOf } from "../../../share/publication/actions/publishing.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { exploitedSince } from "../../evidence/actions.ts"
import { type Draft, referenceOf } from "../draft.ts"
import { awareAt, fixAt, mustHave } from "../filing.ts"
import { lawIn } from "../shipped.ts"
import { type Clock, clockOf, publishedAtOf, turnsSaid } from "./running.ts"

/** Refuses `filing.clock_not_found`, `filing.not_found`. */
export async function draftFiling(act: Act, id: string, filing: string): Promise<Draft> {
    const its = await clockOf(act, id)
    const { title: what, asks } = mustHave(its.terms, filing)
    const { title, vulnerabilities, publication, createdAt } = await caseFile(act, its.case)
    const cves = vulnerabilities.map(({ cve }) => cve)
    const advisory = await advisoryIdOf(act, its.case)
    const publishedAt = await publishedAtOf(act, its.case)
    const { name: manufacturer, contact } = publisherOf(act.doors.publishing, act.doors.portalOrigin)
    const draft: Draft = {
        ...{ manufacturer, contact, reference: referenceOf({ advisory, cves, title, openedAt: createdAt }) },
        ...{ regime: { ...its.terms, basis: lawIn(its.terms.basis) }, filing: what, asks, asOf: act.now },
        due: its.owed.find((one) => one.filing.id === filing)?.due ?? null,
        aware: awareAt(its.turns),
        ...{ title, vulnerabilities, publishedAt, secretUntil: publication },
        exploitedSince: await exploitedSince(act, its.case),
        fixAvailable: fixAt(its.turns, publishedAt),
        madeBefore: await madeBefore(act, its, filing),
    }
    await record(act, { kind: "filing.drafted", case: its.case, clock: id, filing }, true)
    return draft
}

async function madeBefore(act: Act, its: Clock, filing: string): Promise<Draft["madeBefore"]> {
    const said = (await turnsSaid(act, [its])).get(its.id) ?? []
    return its.owed
        .filter((one) => one.filing.id !== filing)
        .flatMap(({ filing: { id, title }, filedAt: at }) => {
            const reference = said.findLast((one) => one.kind === "filed" && one.filing === id)?.reference ?? ""
            return at === null ? [] : [{ title, at, reference }]
        })
}

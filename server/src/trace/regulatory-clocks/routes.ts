/** Routes of regulatory clocks, for staff: regimes, clocks, filings and drafts. */
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { draftFiling, loadClockFacts } from "./actions/draft-filing.ts"
import { listRegimes, setRegime } from "./actions/set-regime.ts"
import {
    type Clock,
    closeClock,
    correctAwareness,
    listClocks,
    loadEntries,
    recordSubmission,
    reopenFiling,
    reportFix,
    startClock,
} from "./actions/run-clocks.ts"
import { type Draft, type FilingFacts, markdownOf } from "./draft.ts"
import { type FilingStatus, awareAt, isClosed } from "./filing.ts"

import { byId } from "../../kernel/schemas.ts"
import {
    byFiling,
    clockFactsAnswer,
    closeRegulatoryClockBody,
    correctAwarenessRegulatoryClockBody,
    filingDraftAnswer,
    newRegulatoryClockAnswer,
    newRegulatoryClockBody,
    regimesAnswer,
    regulatoryClocksAnswer,
    regulatoryClocksQuery,
    reopenFilingBody,
    reportFixRegulatoryClockBody,
    setRegimeAnswer,
    setRegimeBody,
    setRegimeParams,
    submitFilingBody,
} from "./schemas.ts"

const console = { side: "console" as const }

const formatOrNull = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

const presentFiling = ({ filing, from, dueAt, submittedAt, state }: FilingStatus) => ({
    id: filing.id,
    title: filing.title,
    from: formatOrNull(from),
    dueAt: formatOrNull(dueAt),
    submittedAt: formatOrNull(submittedAt),
    state,
})

async function presentClocks(ctx: ActionContext, clocks: readonly Clock[]) {
    const histories = await loadEntries(ctx, clocks)
    return clocks.map(({ id: value, case: caseId, regime, version, terms, history, filings }) => ({
        id: value,
        case: caseId,
        regime,
        version,
        terms,
        filings: filings.map(presentFiling),
        awareAt: formatInstant(awareAt(history)),
        closed: isClosed(history),
        history: (histories.get(value) ?? []).map(({ kind, at, by, since, filing, source, ...rest }) => ({
            kind,
            at: formatInstant(at),
            by,
            since: formatOrNull(since),
            filing,
            source: source?.kind ?? null,
            text: rest.text,
            reference: rest.reference,
        })),
    }))
}

const regimes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/regimes",
            permission: "filing:read",
            summary: "Lists the regimes: triggers, filings, and whether they are in force",
            answer: regimesAnswer,
        },
        async (ctx) => ({
            regimes: (await listRegimes(ctx)).map(({ id: value, version, regime, by, at }) => ({
                id: value,
                version,
                regime,
                by,
                at: formatOrNull(at),
            })),
        }),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/regimes/{id}",
            permission: "regime:write",
            summary: "Stores a regime or a new version of it; running clocks stay unchanged",
            params: setRegimeParams,
            body: setRegimeBody,
            answer: setRegimeAnswer,
        },
        async (ctx) => ({ version: await setRegime(ctx, ctx.params.id, ctx.body.regime) }),
    ),
]

const clocks = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/regulatory-clocks",
            permission: "filing:read",
            summary: "Lists the regulatory clocks of a case, or all, with deadlines and submitted filings",
            query: regulatoryClocksQuery,
            answer: regulatoryClocksAnswer,
        },
        async (ctx) => ({
            now: formatInstant(ctx.now),
            clocks: await presentClocks(ctx, await listClocks(ctx, ctx.query.case ?? null)),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/regulatory-clocks",
            permission: "filing:write",
            creates: true,
            summary: "Starts a clock of a regime for a case, from an instant of awareness",
            body: newRegulatoryClockBody,
            answer: newRegulatoryClockAnswer,
        },
        async ({ body: { awareAt: aware, ...rest }, ...ctx }) => ({
            id: await startClock(ctx, { ...rest, aware: parseInstant(aware) }),
        }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/regulatory-clocks/{id}/facts",
            permission: "filing:write",
            summary: "Reads the facts that the drafts of a clock state, and the source of awareness",
            params: byId,
            answer: clockFactsAnswer,
        },
        async (ctx) => {
            const facts = await loadClockFacts(ctx, ctx.params.id)
            return { ...presentFacts(facts), awareSource: facts.awareSource }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/regulatory-clocks/{id}/correct-awareness",
            permission: "filing:write",
            creates: true,
            summary: "Corrects the instant of awareness, with a reason; the history keeps the former one",
            params: byId,
            body: correctAwarenessRegulatoryClockBody,
        },
        async ({ params, body, ...ctx }) => {
            await correctAwareness(ctx, params.id, parseInstant(body.awareAt), body.reason)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/regulatory-clocks/{id}/report-fix",
            permission: "filing:write",
            creates: true,
            summary: "Reports since when a fix is available, or (null) that none is",
            params: byId,
            body: reportFixRegulatoryClockBody,
        },
        async ({ params, body, ...ctx }) => {
            const since = body.availableAt === null ? null : parseInstant(body.availableAt)
            await reportFix(ctx, params.id, since, body.reason)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/regulatory-clocks/{id}/close",
            permission: "filing:write",
            creates: true,
            summary: "Closes a clock, with a reason; exploitation does not start it again",
            params: byId,
            body: closeRegulatoryClockBody,
        },
        async ({ params, body, ...ctx }) => {
            await closeClock(ctx, params.id, body.reason)
            return {}
        },
    ),
]

const presentFacts = ({ regime: { title, basis, authority }, ...rest }: FilingFacts) => ({
    regime: { title, basis, authority },
    manufacturer: rest.manufacturer,
    contact: rest.contact,
    reference: rest.reference,
    asOf: formatInstant(rest.asOf),
    awareAt: formatInstant(rest.awareAt),
    title: rest.title,
    vulnerabilities: rest.vulnerabilities.map((vulnerability) => ({
        ...vulnerability,
        products: [...vulnerability.products],
    })),
    exploitedSince: formatOrNull(rest.exploitedSince),
    fixAvailable: formatOrNull(rest.fixAvailable),
    publishedAt: formatOrNull(rest.publishedAt),
    secretUntil: formatOrNull(rest.secretUntil),
})

const presentDraft = (draft: Draft) => ({
    ...presentFacts(draft),
    filing: draft.filing,
    dueAt: formatOrNull(draft.dueAt),
    submittedBefore: draft.submittedBefore.map((item) => ({ ...item, at: formatInstant(item.at) })),
    questions: [...draft.questions],
})

const filings = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/regulatory-clocks/{id}/filings/{filing}/submit",
            permission: "filing:write",
            creates: true,
            summary: "Marks a filing as submitted, with instant and reference; sends nothing",
            params: byFiling,
            body: submitFilingBody,
        },
        async ({ params, body: { submittedAt, reference, note }, ...ctx }) => {
            const submission = { filing: params.filing, since: parseInstant(submittedAt), reference, text: note }
            await recordSubmission(ctx, params.id, submission)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/regulatory-clocks/{id}/filings/{filing}/reopen",
            permission: "filing:write",
            creates: true,
            summary: "Reopens a submitted filing, with a reason; the history keeps the submission",
            params: byFiling,
            body: reopenFilingBody,
        },
        async ({ params, body, ...ctx }) => {
            await reopenFiling(ctx, params.id, params.filing, body.reason)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/regulatory-clocks/{id}/filings/{filing}/draft",
            permission: "filing:write",
            summary:
                "Drafts a filing from the case's current facts, as data and Markdown, and records it; it is as " +
                "secret as the case",
            params: byFiling,
            answer: filingDraftAnswer,
        },
        async (ctx) => {
            const draft = await draftFiling(ctx, ctx.params.id, ctx.params.filing)
            return { draft: presentDraft(draft), markdown: markdownOf(draft) }
        },
    ),
]

export const routes = [...regimes, ...clocks, ...filings]

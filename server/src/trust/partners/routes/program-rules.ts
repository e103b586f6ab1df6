/** Serves program rules, tier proposals and due diligence. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { type DueDiligence, dueDiligenceAt } from "../onboarding/due-diligence.ts"
import { measuredFacts } from "../requirements/qualification.ts"
import { type Rules, type RulesKind } from "../program-rules.ts"
import { listDueDiligence, setDueDiligence } from "../onboarding/actions/set-due-diligence.ts"
import { computeRulesEffects, loadRules, setRules } from "../actions/set-program-rules.ts"
import { listOpenProposals, listProposals, dismissProposal } from "../requirements/actions/check-requirements.ts"
import { applyOrRequest } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import { emptyAnswer } from "../../../kernel/schemas.ts"
import {
    rulesBodyOf,
    dismissTierProposalBody,
    dueDiligenceAnswer,
    partnerTierProposalsAnswer,
    programRulesAnswer,
    setDueDiligenceBody,
    setRulesAnswer,
    tierProposalsAnswer,
} from "../schemas.ts"

const console = { side: "console" as const }

const formatInstantOrNull = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

async function presentRules<Kind extends RulesKind>(ctx: ActionContext, kind: Kind) {
    const { version, rules, by, at } = await loadRules(ctx, kind)
    return { version, rules, by, at: formatInstantOrNull(at) }
}

async function putRules<Kind extends RulesKind>(
    ctx: ActionContext,
    kind: Kind,
    body: { readonly rules: Rules[Kind]; readonly approval?: string | undefined },
) {
    const effects = await computeRulesEffects(ctx, kind, body.rules)
    return await applyOrRequest(ctx, effects, { ...body }, async () => ({
        version: await setRules(ctx, kind, body.rules, body.approval),
    }))
}

const programRuleRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/program-rules",
            permission: "partner:read",
            summary:
                "Returns the program rules: admission, tiers, testing, requirements, consent, embargo, aggregates " +
                "and follow-ups",
            answer: programRulesAnswer,
        },
        async (ctx) => ({
            admission: await presentRules(ctx, "admission"),
            tiers: await presentRules(ctx, "tiers"),
            testing: await presentRules(ctx, "testing"),
            requirements: await presentRules(ctx, "requirements"),
            consent: await presentRules(ctx, "consent"),
            embargo: await presentRules(ctx, "embargo"),
            aggregates: await presentRules(ctx, "aggregates"),
            reporting: await presentRules(ctx, "reporting"),
        }),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/admission",
            permission: "partner:write",
            summary: "Adds a version of the admission criteria; scores on older versions do not count for it",
            body: rulesBodyOf("admission"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "admission", ctx.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/consent",
            permission: "partner:write",
            summary: "Sets the longest embargo to which later agreements consent in advance",
            body: rulesBodyOf("consent"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "consent", ctx.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/embargo",
            permission: "partner:write",
            summary: "Sets the longest embargo from agreement to end; no delay can exceed it",
            body: rulesBodyOf("embargo"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "embargo", ctx.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/aggregates",
            permission: "partner:write",
            summary: "Sets whether partners see how many others reported; showing more needs a second signature",
            body: rulesBodyOf("aggregates"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "aggregates", ctx.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/follow-ups",
            permission: "partner:write",
            summary: "Sets deadlines and reminders of follow-ups; running clocks keep their deadline",
            body: rulesBodyOf("reporting"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "reporting", ctx.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/tiers",
            permission: "partner:write",
            summary: "Adds a version of the tier criteria; they propose tiers, and people decide",
            body: rulesBodyOf("tiers"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "tiers", ctx.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/testers",
            permission: "partner:write",
            summary: "Sets the tiers whose partners report test results of rules, guidance and indicators",
            body: rulesBodyOf("testing"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "testing", ctx.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/requirements",
            permission: "partner:write",
            summary: "Adds a version of grace periods and reminders; a longer grace period needs a second signature",
            body: rulesBodyOf("requirements"),
            answer: setRulesAnswer,
        },
        async (ctx) => await putRules(ctx, "requirements", ctx.body),
    ),
]

const proposalRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/tier-proposals",
            permission: "partner:read",
            summary: "Lists open tier proposals, up and down, with every checked criterion",
            answer: tierProposalsAnswer,
        },
        async (ctx) => ({
            facts: [...measuredFacts],
            proposals: (await listOpenProposals(ctx)).map(
                ({ id, partner, from, to, rulesVersion, findings, createdAt }) => ({
                    ...{ id, partner, from, to, rulesVersion },
                    ...{ findings: [...findings], createdAt: formatInstant(createdAt) },
                }),
            ),
        }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/partners/{id}/tier-proposals",
            permission: "partner:read",
            summary: "Lists all tier proposals for one partner, with their outcomes",
            params: byId,
            answer: partnerTierProposalsAnswer,
        },
        async (ctx) => {
            const tierProposals = await listProposals(ctx, ctx.params.id)
            const dates = (tierProposal: (typeof tierProposals)[number]) => ({
                createdAt: formatInstant(tierProposal.createdAt),
                endedAt: formatInstantOrNull(tierProposal.endedAt),
            })
            return { proposals: tierProposals.map((tierProposal) => ({ ...tierProposal, ...dates(tierProposal) })) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/tier-proposals/{id}/dismiss",
            permission: "partner:write",
            summary: "Dismisses a tier proposal, with a reason; the same tier is not proposed again for 90 days",
            params: byId,
            body: dismissTierProposalBody,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await dismissProposal(ctx, ctx.params.id, ctx.body.reason)
            return {}
        },
    ),
]

async function loadDueDiligence(ctx: ActionContext, partner: string) {
    const history = await listDueDiligence(ctx, partner)
    const { ownership, jurisdictions } = dueDiligenceAt(history, ctx.now)
    const rows = history.map(({ fact, value, from, by }) => ({ fact, value, from: formatInstant(from), by }))
    return { ownership: [...ownership], jurisdictions: [...jurisdictions], history: rows }
}

const dueDiligenceRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/partners/{id}/due-diligence",
            permission: "partner:read",
            summary: "Returns the owners and jurisdictions of a partner, each with source and date, and their history",
            params: byId,
            answer: dueDiligenceAnswer,
        },
        async (ctx) => await loadDueDiligence(ctx, ctx.params.id),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/partners/{id}/due-diligence",
            permission: "partner:write",
            summary: "Sets owners and jurisdictions; they decide nothing, because only reporting duties count",
            params: byId,
            body: setDueDiligenceBody,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await setDueDiligence(ctx, ctx.params.id, ctx.body satisfies DueDiligence)
            return {}
        },
    ),
]

export const rulesRoutes = [...programRuleRoutes, ...proposalRoutes, ...dueDiligenceRoutes]

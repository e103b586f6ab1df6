/** Serves program rules, tier proposals and due diligence. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { type Background, backgroundAt } from "../onboarding/due-diligence.ts"
import { measuredFacts } from "../requirements/qualification.ts"
import { type Rules, type RulesKind } from "../program-rules.ts"
import { backgroundHistory, setBackground } from "../onboarding/actions/set-due-diligence.ts"
import { rulesEffectsToSign, rulesNow, setRules } from "../actions/set-program-rules.ts"
import { openProposals, proposalsOf, setAside } from "../requirements/actions/check-requirements.ts"
import { doOrAsk } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import { nothing } from "../../../kernel/schemas.ts"
import {
    bodyOf,
    dismissTierProposalBody,
    dueDiligenceAnswer,
    partnerTierProposalsAnswer,
    programRulesAnswer,
    setDueDiligenceBody,
    setRulesAnswer,
    tierProposalsAnswer,
} from "../schemas.ts"

const console = { side: "console" as const }

const written = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

async function presentRules<Kind extends RulesKind>(ctx: ActionContext, kind: Kind) {
    const { version, rules, by, at } = await rulesNow(ctx, kind)
    return { version, rules, by, at: written(at) }
}

async function putRules<Kind extends RulesKind>(
    ctx: ActionContext,
    kind: Kind,
    body: { readonly rules: Rules[Kind]; readonly approval?: string | undefined },
) {
    const effects = await rulesEffectsToSign(ctx, kind, body.rules)
    return await doOrAsk(ctx, effects, { ...body }, async () => ({
        version: await setRules(ctx, kind, body.rules, body.approval),
    }))
}

const rules = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/program-rules",
            permission: "partner:read",
            summary:
                "What admission and each tier ask, what grace there is, how long embargoes may be, and what " +
                "agreements consent to and partners learn",
            answer: programRulesAnswer,
        },
        async (ask) => ({
            admission: await presentRules(ask, "admission"),
            tiers: await presentRules(ask, "tiers"),
            testing: await presentRules(ask, "testing"),
            dues: await presentRules(ask, "dues"),
            consent: await presentRules(ask, "consent"),
            embargo: await presentRules(ask, "embargo"),
            aggregates: await presentRules(ask, "aggregates"),
            reporting: await presentRules(ask, "reporting"),
        }),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/admission",
            permission: "partner:write",
            summary: "A new version of what admission asks; scores on older versions count for it no more",
            body: bodyOf("admission"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "admission", ask.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/consent",
            permission: "partner:write",
            summary: "The longest embargo that an agreement added from now on consents to beforehand",
            body: bodyOf("consent"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "consent", ask.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/embargo",
            permission: "partner:write",
            summary:
                "The longest that an embargo may last from its agreement; what runs longer is not delayed any more",
            body: bodyOf("embargo"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "embargo", ask.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/aggregates",
            permission: "partner:write",
            summary:
                "Whether partners are told how many others reported what; to begin it, or of smaller groups, takes two",
            body: bodyOf("aggregates"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "aggregates", ask.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/follow-ups",
            permission: "partner:write",
            summary: "By when whom a wave warned reports, and when it is reminded; clocks that run keep their deadline",
            body: bodyOf("reporting"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "reporting", ask.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/tiers",
            permission: "partner:write",
            summary: "A new version of what each tier asks; it proposes, and persons decide",
            body: bodyOf("tiers"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "tiers", ask.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/testers",
            permission: "partner:write",
            summary: "Which tiers report what they found of rules, guidance and indicators",
            body: bodyOf("testing"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "testing", ask.body),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/program-rules/requirements",
            permission: "partner:write",
            summary: "A new version of grace and reminders; a longer grace takes a second person's approval",
            body: bodyOf("dues"),
            answer: setRulesAnswer,
        },
        async (ask) => await putRules(ask, "dues", ask.body),
    ),
]

const proposals = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/tier-proposals",
            permission: "partner:read",
            summary: "Tiers that the criteria propose, up and down, with everything that was looked at",
            answer: tierProposalsAnswer,
        },
        async (ask) => ({
            facts: [...measuredFacts],
            proposals: (await openProposals(ask)).map(({ id, partner, from, to, rulesVersion, findings, madeAt }) => ({
                ...{ id, partner, from, to, rulesVersion },
                ...{ findings: [...findings], madeAt: formatInstant(madeAt) },
            })),
        }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/partners/{id}/tier-proposals",
            permission: "partner:read",
            summary: "All that was proposed for one partner, and what came of it",
            params: byId,
            answer: partnerTierProposalsAnswer,
        },
        async (ask) => {
            const tierProposals = await proposalsOf(ask, ask.params.id)
            const at = (tierProposal: (typeof tierProposals)[number]) => ({
                madeAt: formatInstant(tierProposal.madeAt),
                endedAt: written(tierProposal.endedAt),
            })
            return { proposals: tierProposals.map((tierProposal) => ({ ...tierProposal, ...at(tierProposal) })) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/tier-proposals/{id}/dismiss",
            permission: "partner:write",
            summary: "Sets a proposal aside, with a reason; the same is not proposed again for a quarter",
            params: byId,
            body: dismissTierProposalBody,
            answer: nothing,
        },
        async (ask) => {
            await setAside(ask, ask.params.id, ask.body.reason)
            return {}
        },
    ),
]

async function backgroundOf(ctx: ActionContext, partner: string) {
    const history = await backgroundHistory(ctx, partner)
    const { ownership, jurisdictions } = backgroundAt(history, ctx.now)
    const rows = history.map(({ fact, value, from, by }) => ({ fact, value, from: formatInstant(from), by }))
    return { ownership: [...ownership], jurisdictions: [...jurisdictions], history: rows }
}

const background = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/partners/{id}/due-diligence",
            permission: "partner:read",
            summary: "Who owns a partner and where it stands, each with source and date, and what was known before",
            params: byId,
            answer: dueDiligenceAnswer,
        },
        async (ask) => await backgroundOf(ask, ask.params.id),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/partners/{id}/due-diligence",
            permission: "partner:write",
            summary: "Writes ownership and jurisdictions; they decide nothing by themselves: duties do",
            params: byId,
            body: setDueDiligenceBody,
            answer: nothing,
        },
        async (ask) => {
            await setBackground(ask, ask.params.id, ask.body satisfies Background)
            return {}
        },
    ),
]

export const rulesRoutes = [...rules, ...proposals, ...background]

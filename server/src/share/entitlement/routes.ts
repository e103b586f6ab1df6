/** HTTP routes of the operator for policies and the matrix: which artifacts each partner gets, from when, and why. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { parseStart } from "../../trust/partners/agreements/agreement.ts"

import { previewChange } from "./actions/preview-change.ts"
import { type CaseMatrix, loadMatrix } from "./actions/decide-access.ts"
import { previewAgreement, previewRequirements } from "./actions/preview-requirements.ts"
import {
    activatePolicy,
    addPolicy,
    loadPolicyHistory,
    previewPolicy,
    requestActivation,
    testPolicy,
} from "./actions/manage-policies.ts"
import { summariseAccess } from "./actions/summarise-access.ts"
import type { ActivationPreview } from "./activation.ts"
import { compactMatrix } from "./compact-matrix.ts"
import type { Difference } from "./compare.ts"
import type { Decision } from "./decide.ts"
import { type PolicyTest, passes } from "./policy-test.ts"
import { byId } from "../../kernel/schemas.ts"
import {
    accessSummaryAnswer,
    activatePolicyBody,
    byVersion,
    entitlementsQuery,
    matrixAnswer,
    newPolicyAnswer,
    newPolicyBody,
    policiesAnswer,
    previewAgreementAnswer,
    previewAgreementBody,
    previewAnswer,
    previewEntitlementAnswer,
    previewEntitlementBody,
    replayQuery,
    requestApprovalPolicyAnswer,
    requirementPreviewAnswer,
    testPolicyBody,
    policyTestAnswer,
} from "./schemas.ts"

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/policies",
            permission: "policy:read",
            summary: "Lists every policy version, newest first, with its text and its activations",
            answer: policiesAnswer,
        },
        async (ctx) => ({ policies: await presentPolicies(ctx) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/policies",
            permission: "policy:write",
            summary: "Adds a policy version with examples that test every rule; it has no effect until its activation",
            creates: true,
            body: newPolicyBody,
            answer: newPolicyAnswer,
        },
        async (ctx) => ({ version: await addPolicy(ctx, { examples: "", ...ctx.body }) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/policies/test",
            permission: "policy:read",
            summary:
                "Runs examples against a text that is not stored; shows outcomes, deciding rules and untested rules",
            body: testPolicyBody,
            answer: policyTestAnswer,
        },
        async (ctx) => presentPolicyTest(testPolicy(ctx, ctx.body)),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/policies/{version}/preview",
            permission: "policy:read",
            summary: "Previews which partners gain or lose what by this version, and how many people it takes",
            params: byVersion,
            answer: previewAnswer,
        },
        async (ctx) => presentPreview(await previewPolicy(ctx, Number(ctx.params.version))),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/policies/{version}/request-approval",
            permission: "policy:write",
            summary: "Requests a second signature for the changes of this version",
            creates: true,
            params: byVersion,
            answer: requestApprovalPolicyAnswer,
        },
        async (ctx) => ({ approval: await requestActivation(ctx, Number(ctx.params.version)) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/policies/{version}/activate",
            permission: "policy:write",
            summary: "Activates this version; needs a signed approval where a partner gains by it",
            params: byVersion,
            body: activatePolicyBody,
            answer: previewAnswer,
        },
        async (ctx) => presentPreview(await activatePolicy(ctx, Number(ctx.params.version), ctx.body.approval)),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/policies/{version}/replay",
            permission: "entitlement:read",
            summary: "Replays a case under this version, by the facts of a past instant",
            params: byVersion,
            query: replayQuery,
            answer: matrixAnswer,
        },
        async (ctx) => {
            const options = { at: parseInstant(ctx.query.at), policy: Number(ctx.params.version) }
            return presentMatrix(await loadMatrix(ctx, ctx.query.case, options))
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/entitlements",
            permission: "entitlement:read",
            summary:
                "Returns the matrix of a case, partners × artifacts: what, from when, and why; now or at an instant, " +
                "for all partners or one. Equal decisions stand in it once",
            query: entitlementsQuery,
            answer: matrixAnswer,
        },
        async ({ query, ...ctx }) => {
            const at = query.at === undefined ? undefined : parseInstant(query.at)
            const policy = query.policy === undefined ? undefined : Number(query.policy)
            return presentMatrix(await loadMatrix(ctx, query.case, { at, policy, partner: query.partner ?? null }))
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/entitlements/open-cases",
            permission: "entitlement:read",
            summary:
                "Counts for each partner and open case the artifacts that it can fetch, gets later, or that are " +
                "withheld now",
            answer: accessSummaryAnswer,
        },
        async (ctx) => {
            const { at, cases, leftOut, partners } = await summariseAccess(ctx)
            return {
                at: formatInstant(at),
                cases: [...cases],
                leftOut,
                partners: partners.map(({ partner, counts }) => ({ partner, counts: [...counts] })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/entitlements/preview",
            permission: "entitlement:read",
            summary:
                "Previews another policy version, or another tier, status, reporting duties or restriction of " +
                "partners, over every case, and how many people it takes",
            body: previewEntitlementBody,
            answer: previewEntitlementAnswer,
        },
        async ({ body, ...ctx }) => {
            if ("policy" in body) {
                const { differences, peopleNeeded } = presentPreview(await previewPolicy(ctx, body.policy))
                return { peopleNeeded, differences }
            }
            const partners = "partner" in body ? [body.partner] : body.partners
            const { differences, peopleNeeded } = await previewChange(ctx, partners, body.change)
            return { peopleNeeded, differences: differences.map(presentDifference) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/agreements/preview",
            permission: "entitlement:read",
            summary:
                "Previews for which partners a new agreement version would lapse, from when, and what they would lose",
            body: previewAgreementBody,
            answer: previewAgreementAnswer,
        },
        async ({ body, ...ctx }) => {
            const agreementPreview = await previewAgreement(ctx, parseStart(body.applies), body.longestEmbargoDays)
            const { version, appliesAt, partners, hasShortNotice: isShort, seen, differences } = agreementPreview
            return {
                version,
                appliesAt: formatInstant(appliesAt),
                partners: [...partners],
                isShort,
                seen,
                differences: differences.map(presentDifference),
            }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/partners/{id}/requirements/preview",
            permission: "entitlement:read",
            summary: "Previews what a partner would lose, over every case, by each unmet requirement, and from when",
            params: byId,
            answer: requirementPreviewAnswer,
        },
        async (ctx) => ({
            requirements: (await previewRequirements(ctx, ctx.params.id)).map(
                ({ kind, withheldFrom, differences }) => ({
                    kind,
                    withheldFrom: formatInstant(withheldFrom),
                    differences: differences.map(presentDifference),
                }),
            ),
        }),
    ),
]

async function presentPolicies(ctx: ActionContext) {
    const { versions, activations } = await loadPolicyHistory(ctx)
    const activeVersion = activations.at(-1)?.version
    return versions.map(({ version, name, text, examples, createdBy, createdAt }) => ({
        version,
        name,
        text,
        examples,
        createdBy,
        createdAt: formatInstant(createdAt),
        activations: activations
            .filter((activation) => activation.version === version)
            .map(({ from, by }) => ({ from: formatInstant(from), by })),
        active: version === activeVersion,
    }))
}

function presentPolicyTest({ results, untestedRules }: PolicyTest) {
    const examples = results.map((result) => {
        const { example, outcome, rules, decision } = result
        const { line, text } = example
        return { line, text, outcome, passes: passes(result), rules: [...rules], reasons: [...decision.reasons] }
    })
    return { examples, untestedRules: untestedRules.map(({ id }) => id) }
}

function presentPreview({ version, replaces, differences, effects }: ActivationPreview) {
    const peopleNeeded = effects === null ? 1 : 2
    return { version, replaces, peopleNeeded, differences: differences.map(presentDifference) }
}

function presentDifference(difference: Difference) {
    return { ...difference, before: presentDecision(difference.before), after: presentDecision(difference.after) }
}

function presentMatrix({ entitlements, ...matrix }: CaseMatrix) {
    return {
        ...matrix,
        at: formatInstant(matrix.at),
        ...compactMatrix(
            entitlements.map(({ partner, artifact, class: artifactClass, version, decision }) => {
                return { partner, artifact, class: artifactClass, version, decision: presentDecision(decision) }
            }),
        ),
    }
}

function presentDecision(decision: Decision) {
    return { ...decision, from: decision.from === null ? null : formatInstant(decision.from) }
}

/** HTTP routes of the operator for policies and the matrix: which artifacts each partner gets, from when, and why. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { appliesIn } from "../../trust/partners/agreements/agreement.ts"

import { previewChange } from "./actions/list-changes.ts"
import { type Matrix, matrixOf } from "./actions/decide-access.ts"
import { previewAgreement, previewDues } from "./actions/find-expiries.ts"
import {
    activatePolicy,
    addPolicy,
    policies,
    previewPolicy,
    requestActivation,
    tryPolicy,
} from "./actions/manage-policies.ts"
import type { Preview } from "./activation.ts"
import type { Difference } from "./compare.ts"
import type { Decision } from "./decide.ts"
import { type Trial, holds } from "./policy-test.ts"
import { byId } from "../../kernel/schemas.ts"
import {
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
    trialAnswer,
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
        async (ask) => ({ policies: await presentPolicies(ask) }),
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
        async (ask) => ({ version: await addPolicy(ask, { examples: "", ...ask.body }) }),
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
            answer: trialAnswer,
        },
        async (ask) => presentTrial(tryPolicy(ask, ask.body)),
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
        async (ask) => presentPreview(await previewPolicy(ask, Number(ask.params.version))),
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
        async (ask) => ({ approval: await requestActivation(ask, Number(ask.params.version)) }),
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
        async (ask) => presentPreview(await activatePolicy(ask, Number(ask.params.version), ask.body.approval)),
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
        async (ask) => {
            const on = { at: parseInstant(ask.query.at), policy: Number(ask.params.version) }
            return presentMatrix(await matrixOf(ask, ask.query.case, on))
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/entitlements",
            permission: "entitlement:read",
            summary:
                "Returns the matrix of a case, partners × artifacts: what, from when, and why; now or at an instant",
            query: entitlementsQuery,
            answer: matrixAnswer,
        },
        async ({ query, ...ctx }) => {
            const at = query.at === undefined ? undefined : parseInstant(query.at)
            const policy = query.policy === undefined ? undefined : Number(query.policy)
            return presentMatrix(await matrixOf(ctx, query.case, { at, policy }))
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
            const agreementPreview = await previewAgreement(ctx, appliesIn(body.applies), body.longestEmbargoDays)
            const { version, appliesAt, partners, isShort, seen, differences } = agreementPreview
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
        async (ask) => ({
            dues: (await previewDues(ask, ask.params.id)).map(({ kind, withheldFrom, differences }) => ({
                kind,
                withheldFrom: formatInstant(withheldFrom),
                differences: differences.map(presentDifference),
            })),
        }),
    ),
]

async function presentPolicies(ctx: ActionContext) {
    const { versions, activations } = await policies(ctx)
    const inForce = activations.at(-1)?.version
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
        inForce: version === inForce,
    }))
}

function presentTrial({ tried, untried }: Trial) {
    const examples = tried.map((test) => {
        const { example, found, rules, decision } = test
        const { line, said } = example
        return { line, said, found, holds: holds(test), rules: [...rules], why: [...decision.why] }
    })
    return { examples, untried: untried.map(({ id }) => id) }
}

function presentPreview({ version, replaces, differences, effects }: Preview) {
    const peopleNeeded = effects === null ? 1 : 2
    return { version, replaces, peopleNeeded, differences: differences.map(presentDifference) }
}

function presentDifference(difference: Difference) {
    return { ...difference, before: presentDecision(difference.before), after: presentDecision(difference.after) }
}

function presentMatrix({ entitlements, ...matrix }: Matrix) {
    return {
        ...matrix,
        at: formatInstant(matrix.at),
        entitlements: entitlements.map(({ partner, artifact, class: artifactClass, version, decision }) => ({
            partner,
            artifact,
            class: artifactClass,
            version,
            decision: presentDecision(decision),
        })),
    }
}

function presentDecision(decision: Decision) {
    return { ...decision, from: decision.from === null ? null : formatInstant(decision.from) }
}

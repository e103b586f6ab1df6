/** HTTP routes of the operator for policies and the matrix: which artifacts each partner gets, from when, and why. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { appliesIn } from "../../trust/partners/agreements/agreement.ts"
import { dueKinds } from "../../trust/partners/requirements/requirement.ts"
import { dutyShape } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { standings, tiers } from "../../trust/partners/partner.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
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

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const instant = Type.String({ maxLength: 40 })
const versionForm = "^[1-9][0-9]{0,8}$"
const byVersion = Type.Object({ version: Type.String({ pattern: versionForm }) }, closed)
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const policyAnswer = Type.Object({
    version: Type.Integer(),
    name: Type.String(),
    text: Type.String(),
    /** The policy's own examples, one a line. */
    examples: Type.String(),
    createdBy: orNull(id),
    createdAt: Type.String(),
    /** Each activation of this version. */
    activations: Type.Array(Type.Object({ from: Type.String(), by: orNull(id) })),
    inForce: Type.Boolean(),
})

const reasonAnswer = Type.Object({
    policy: Type.String(),
    title: Type.String(),
    effect: Type.String(),
    /** What was not met, in words and in the policy language. */
    asks: Type.Optional(Type.String()),
    clause: Type.Optional(Type.String()),
})

const decisionAnswer = Type.Object({
    outcome: Type.String(),
    gives: orNull(Type.String()),
    from: orNull(Type.String()),
    waves: Type.Array(Type.String()),
    released: Type.Boolean(),
    available: Type.Boolean(),
    recalled: Type.Boolean(),
    why: Type.Array(reasonAnswer),
})

const differencesAnswer = Type.Array(
    Type.Object({
        partners: Type.Array(id),
        artifacts: Type.Array(id),
        change: Type.String(),
        /** Whether the change takes effect only after these partners meet their requirements. */
        onceGiven: Type.Boolean(),
        before: decisionAnswer,
        after: decisionAnswer,
    }),
)
const changeAnswer = {
    peopleNeeded: Type.Integer(),
    differences: differencesAnswer,
}
const previewAnswer = Type.Object({ version: Type.Integer(), replaces: orNull(Type.Integer()), ...changeAnswer })

const policyText = { text: Type.String({ maxLength: 70_000 }), examples: Type.String({ maxLength: 40_000 }) }

const trialAnswer = Type.Object({
    examples: Type.Array(
        Type.Object({
            line: Type.Integer(),
            said: Type.String(),
            found: Type.String(),
            holds: Type.Boolean(),
            /** The ids of the rules that decide the example. */
            rules: Type.Array(Type.String()),
            why: Type.Array(reasonAnswer),
        }),
    ),
    /** The ids of the rules that decide no example. */
    untried: Type.Array(Type.String()),
})

const matrixAnswer = Type.Object({
    case: id,
    at: Type.String(),
    policy: orNull(Type.Integer()),
    /** Whether the case was known at that instant as exploited before its publication. */
    exploited: Type.Boolean(),
    entitlements: Type.Array(
        Type.Object({
            partner: id,
            artifact: id,
            class: Type.String(),
            version: orNull(Type.Integer()),
            decision: decisionAnswer,
        }),
    ),
})

const restriction = Type.Object(
    {
        withhold: Type.Array(Type.Enum([...artifactClasses]), { maxItems: artifactClasses.length }),
        notBeforePublication: Type.Boolean(),
        cases: orNull(Type.Array(id, { maxItems: 1000 })),
    },
    closed,
)
const changeBody = Type.Union([
    Type.Object({ fact: Type.Literal("tier"), value: Type.Enum([...tiers]) }, closed),
    Type.Object({ fact: Type.Literal("standing"), value: Type.Enum([...standings]) }, closed),
    Type.Object({ fact: Type.Literal("duties"), value: Type.Array(dutyShape, { maxItems: 20 }) }, closed),
    Type.Object({ fact: Type.Literal("restriction"), value: orNull(restriction) }, closed),
])

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/policies",
            permission: "policy:read",
            summary: "Lists every policy version, newest first, with its text and its activations",
            answer: Type.Object({ policies: Type.Array(policyAnswer) }),
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
            body: Type.Object(
                {
                    name: Type.String({ maxLength: 200 }),
                    text: policyText.text,
                    examples: Type.Optional(policyText.examples),
                },
                closed,
            ),
            answer: Type.Object({ version: Type.Integer() }),
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
            body: Type.Object(policyText, closed),
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
            answer: Type.Object({ approval: id }),
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
            body: Type.Object({ approval: Type.Optional(id) }, closed),
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
            query: Type.Object({ case: id, at: instant }, closed),
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
            query: Type.Object(
                { case: id, at: Type.Optional(instant), policy: Type.Optional(Type.String({ pattern: versionForm })) },
                closed,
            ),
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
            body: Type.Union([
                Type.Object({ policy: Type.Integer({ minimum: 1, maximum: 999_999_999 }) }, closed),
                Type.Object({ partner: id, change: changeBody }, closed),
                Type.Object({ partners: Type.Array(id, { minItems: 1, maxItems: 1000 }), change: changeBody }, closed),
            ]),
            answer: Type.Object(changeAnswer),
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
            body: Type.Object(
                { applies: Type.Optional(instant), longestEmbargoDays: Type.Optional(Type.Integer()) },
                closed,
            ),
            answer: Type.Object({
                version: Type.Integer(),
                appliesAt: Type.String(),
                partners: Type.Array(id),
                /**
                 * Whether the notice is shorter than the program rules require. Then `seen` must be sent with the
                 * version.
                 */
                isShort: Type.Boolean(),
                seen: Type.String(),
                differences: differencesAnswer,
            }),
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
            params: Type.Object({ id }, closed),
            answer: Type.Object({
                dues: Type.Array(
                    Type.Object({
                        kind: Type.Enum([...dueKinds]),
                        withheldFrom: Type.String(),
                        differences: differencesAnswer,
                    }),
                ),
            }),
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

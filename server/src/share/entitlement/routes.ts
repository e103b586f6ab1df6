/** Policies and the matrix over HTTP, for the operator: what each partner gets of a case, from when, and why. */
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
    /** Its own tests, one a line. */
    examples: Type.String(),
    createdBy: orNull(id),
    createdAt: Type.String(),
    /** Each time it was put in force. */
    activations: Type.Array(Type.Object({ from: Type.String(), by: orNull(id) })),
    inForce: Type.Boolean(),
})

const reasonAnswer = Type.Object({
    policy: Type.String(),
    title: Type.String(),
    effect: Type.String(),
    /** Of what was not met: in words, and in the policy language. */
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
        /** Not as things stand, but as soon as these partners give what they owe. */
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
            /** The ids of the rules that decide it. */
            rules: Type.Array(Type.String()),
            why: Type.Array(reasonAnswer),
        }),
    ),
    /** The ids of the rules that decide none of them. */
    untried: Type.Array(Type.String()),
})

const matrixAnswer = Type.Object({
    case: id,
    at: Type.String(),
    policy: orNull(Type.Integer()),
    /** Known, at that instant, as exploited before its publication. */
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

const oneOf = <Word extends string>(words: readonly Word[]) => Type.Union(words.map((word) => Type.Literal(word)))
const restriction = Type.Object(
    {
        withhold: Type.Array(oneOf(artifactClasses), { maxItems: artifactClasses.length }),
        notBeforePublication: Type.Boolean(),
        cases: orNull(Type.Array(id, { maxItems: 1000 })),
    },
    closed,
)
const changeBody = Type.Union([
    Type.Object({ fact: Type.Literal("tier"), value: oneOf(tiers) }, closed),
    Type.Object({ fact: Type.Literal("standing"), value: oneOf(standings) }, closed),
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
            summary: "Every policy version, newest first, with its text and when it was in force",
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
            summary:
                "Adds a policy version, of which every rule decides one of its examples; it decides nothing until it " +
                "is put in force",
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
                "What each example comes to under a text that is not kept, which rules decide it, and which decide none",
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
            summary: "Who would gain or lose what by this version, and how many people it takes",
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
            summary: "Asks a second person to sign what this version would change",
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
            summary: "Puts this version in force from now on; with a signed approval where somebody gains by it",
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
            summary: "What this version would have given of a case at an instant, by the facts of that instant",
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
            summary: "Partners × artifacts of a case: what, from when, and why; now or at an instant",
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
                "What another policy version, or another tier, standing, duty profile or restriction of partners would " +
                "change, over every case, and how many people it takes",
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
                "Whom a new version of the agreement would lapse, from when, and what it would take over every case",
            body: Type.Object(
                { applies: Type.Optional(instant), longestEmbargoDays: Type.Optional(Type.Integer()) },
                closed,
            ),
            answer: Type.Object({
                version: Type.Integer(),
                appliesAt: Type.String(),
                partners: Type.Array(id),
                /** Less notice than the rules say: `seen` is handed in with the version. */
                isShort: Type.Boolean(),
                seen: Type.String(),
                differences: differencesAnswer,
            }),
        },
        async ({ body, ...ctx }) => {
            const agreementPreview = await previewAgreement(ctx, appliesIn(body.applies), body.longestEmbargoDays)
            const { version, appliesAt, partners, isShort, seen, differences } = agreementPreview
            return {
                ...{ version, appliesAt: formatInstant(appliesAt), partners: [...partners], isShort, seen },
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
            summary: "What a partner would lose, over every case, by each thing that it owes or will, and from when",
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
                ...{ kind, withheldFrom: formatInstant(withheldFrom) },
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
    const examples = tried.map((tried) => {
        const { line, said: input } = tried.example
        return {
            line,
            said: input,
            found: tried.found,
            holds: holds(tried),
            rules: [...tried.rules],
            why: [...tried.decision.why],
        }
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

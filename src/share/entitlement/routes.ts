/** Policies and the matrix over HTTP, for the operator: what each partner gets of a case, from when, and why. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "../../lib/instant.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import { type Matrix, matrixOf } from "./actions/entitlements.ts"
import { activatePolicy, addPolicy, policies, previewPolicy, requestActivation } from "./actions/policies.ts"
import type { Preview } from "./activation.ts"
import type { Decision } from "./decide.ts"

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
    clause: Type.Optional(Type.String()),
})

const decisionAnswer = Type.Object({
    outcome: Type.String(),
    gives: orNull(Type.String()),
    from: orNull(Type.String()),
    waves: Type.Array(Type.String()),
    released: Type.Boolean(),
    available: Type.Boolean(),
    why: Type.Array(reasonAnswer),
})

const previewAnswer = Type.Object({
    version: Type.Integer(),
    replaces: orNull(Type.Integer()),
    peopleNeeded: Type.Integer(),
    differences: Type.Array(
        Type.Object({
            partner: id,
            artifact: id,
            change: Type.String(),
            before: decisionAnswer,
            after: decisionAnswer,
        }),
    ),
})

const matrixAnswer = Type.Object({
    case: id,
    at: Type.String(),
    policy: orNull(Type.Integer()),
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

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/policies",
            needs: "policy:read",
            does: "Every policy version, newest first, with its text and when it was in force",
            answer: Type.Object({ policies: Type.Array(policyAnswer) }),
        },
        async (ask) => ({ policies: await presentPolicies(ask) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/policies",
            needs: "policy:write",
            does: "Adds a policy version; it decides nothing until it is put in force",
            creates: true,
            body: Type.Object(
                { name: Type.String({ maxLength: 200 }), text: Type.String({ maxLength: 70_000 }) },
                closed,
            ),
            answer: Type.Object({ version: Type.Integer() }),
        },
        async (ask) => ({ version: await addPolicy(ask, ask.body) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/policies/{version}/preview",
            needs: "policy:read",
            does: "Who would gain or lose what by this version, and how many people it takes",
            params: byVersion,
            answer: previewAnswer,
        },
        async (ask) => presentPreview(await previewPolicy(ask, Number(ask.params.version))),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/policies/{version}/approval",
            needs: "policy:write",
            does: "Asks a second person to sign what this version would change",
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
            path: "/api/policies/{version}/activation",
            needs: "policy:write",
            does: "Puts this version in force from now on; with a signed approval where somebody gains by it",
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
            needs: "entitlement:read",
            does: "What this version would have given of a case at an instant, by the facts of that instant",
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
            needs: "entitlement:read",
            does: "Partners × artifacts of a case: what, from when, and why; now or at an instant",
            query: Type.Object(
                { case: id, at: Type.Optional(instant), policy: Type.Optional(Type.String({ pattern: versionForm })) },
                closed,
            ),
            answer: matrixAnswer,
        },
        async ({ query, ...act }) => {
            const at = query.at === undefined ? undefined : parseInstant(query.at)
            const policy = query.policy === undefined ? undefined : Number(query.policy)
            return presentMatrix(await matrixOf(act, query.case, { at, policy }))
        },
    ),
]

async function presentPolicies(act: Act) {
    const { versions, activations } = await policies(act)
    const inForce = activations.at(-1)?.version
    return versions.map(({ version, name, text, createdBy, createdAt }) => ({
        version,
        name,
        text,
        createdBy,
        createdAt: formatInstant(createdAt),
        activations: activations
            .filter((one) => one.version === version)
            .map(({ from, by }) => ({ from: formatInstant(from), by })),
        inForce: version === inForce,
    }))
}

function presentPreview({ version, replaces, differences, effects }: Preview) {
    return {
        version,
        replaces,
        peopleNeeded: effects === null ? 1 : 2,
        differences: differences.map((one) => ({
            ...one,
            before: presentDecision(one.before),
            after: presentDecision(one.after),
        })),
    }
}

function presentMatrix({ entitlements, ...matrix }: Matrix) {
    return {
        ...matrix,
        at: formatInstant(matrix.at),
        entitlements: entitlements.map(({ partner, artifact, class: of, version, decision }) => ({
            partner,
            artifact,
            class: of,
            version,
            decision: presentDecision(decision),
        })),
    }
}

function presentDecision(decision: Decision) {
    return { ...decision, from: decision.from === null ? null : formatInstant(decision.from) }
}

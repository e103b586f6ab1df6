/** Applications, as the operator sees, scores and decides them. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"
import { criterionShape, scoreField } from "../admission.ts"
import { applicationShape } from "../application.ts"
import {
    type ApplicationLine,
    applications,
    decideApplication,
    score,
    wholeApplication,
} from "../actions/admit-partner.ts"
import * as answers from "../../routes/present.ts"

const closed = { additionalProperties: false }
const console = { side: "console" as const }
const words = (minLength: number) => Type.String({ minLength, maxLength: 4000 })
const maybe = Type.Union([Type.String(), Type.Null()])
const line = {
    partner: Type.String(),
    organisation: Type.String(),
    state: Type.Enum(["waiting", "invited", "declined"]),
    madeAt: Type.String(),
    decidedAt: maybe,
    decidedBy: maybe,
}
const given = { criterion: Type.String(), score: Type.Integer(), reason: Type.String() }
const item = Type.Object({
    ...line,
    form: applicationShape,
    decision: Type.Object({ reason: Type.String(), message: Type.String() }),
    vouches: Type.Array(
        Type.Object({ partner: Type.String(), person: Type.String(), words: Type.String(), at: Type.String() }),
    ),
    criteriaVersion: Type.Integer(),
    criteria: Type.Array(criterionShape),
    scores: Type.Array(Type.Object({ ...given, person: Type.String(), at: Type.String() })),
    tally: Type.Object({
        total: Type.Integer(),
        open: Type.Array(Type.String()),
        unmet: Type.Array(Type.String()),
    }),
})

function presentLine({ partner, organisation, state, madeAt, decidedAt, decidedBy }: ApplicationLine) {
    const at = { madeAt: formatInstant(madeAt), decidedAt: decidedAt === null ? null : formatInstant(decidedAt) }
    return { partner, organisation, state, ...at, decidedBy }
}

export const admissionRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/applications",
            permission: "application:read",
            summary: "Applications: those that wait, oldest first, and then what was decided",
            answer: Type.Object({ applications: Type.Array(Type.Object(line)) }),
        },
        async (ask) => ({ applications: (await applications(ask)).map(presentLine) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/applications/{id}",
            permission: "application:read",
            summary: "One application: what it says, who vouches, how persons scored, and what that comes to",
            params: answers.byId,
            answer: item,
        },
        async (ask) => {
            const whole = await wholeApplication(ask, ask.params.id)
            return {
                ...whole,
                ...presentLine(whole),
                vouches: whole.vouches.map((vouch) => ({ ...vouch, at: formatInstant(vouch.at) })),
                scores: whole.scores.map((givenScore) => ({ ...givenScore, at: formatInstant(givenScore.at) })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/applications/{id}/scores",
            permission: "application:score",
            summary: "One's own score on a criterion, 0 to 4, with its reason; a later one replaces it",
            params: answers.byId,
            body: Type.Object(
                { criterion: Type.String({ maxLength: 40 }), score: scoreField, reason: words(10) },
                closed,
            ),
            answer: Type.Object({}),
        },
        async (ask) => {
            await score(ask, ask.params.id, ask.body)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/applications/{id}/decide",
            permission: "partner:write",
            summary: "Invites or declines an applicant, with the reason, and perhaps a word to it",
            params: answers.byId,
            body: Type.Object(
                { decision: Type.Enum(["invited", "declined"]), reason: words(10), message: words(0) },
                closed,
            ),
            answer: Type.Object({}),
        },
        async (ask) => {
            await decideApplication(ask, ask.params.id, ask.body)
            return {}
        },
    ),
]

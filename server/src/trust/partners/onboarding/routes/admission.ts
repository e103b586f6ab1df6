/** Applications, as the operator sees, scores and decides them. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"

import {
    type ApplicationLine,
    applications,
    decideApplication,
    score,
    wholeApplication,
} from "../actions/admit-partner.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { nothing } from "../../../../kernel/schemas.ts"
import { applicationAnswer, applicationsAnswer, decideApplicationBody, newScoreBody } from "../schemas.ts"

const console = { side: "console" as const }

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
            answer: applicationsAnswer,
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
            params: byId,
            answer: applicationAnswer,
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
            params: byId,
            body: newScoreBody,
            answer: nothing,
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
            params: byId,
            body: decideApplicationBody,
            answer: nothing,
        },
        async (ask) => {
            await decideApplication(ask, ask.params.id, ask.body)
            return {}
        },
    ),
]

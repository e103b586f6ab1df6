/** Applications, as the operator sees, scores and decides them. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"

import {
    type ApplicationSummary,
    listApplications,
    decideApplication,
    scoreApplication,
    loadApplication,
} from "../actions/admit-partner.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import { applicationAnswer, applicationsAnswer, decideApplicationBody, newScoreBody } from "../schemas.ts"

const console = { side: "console" as const }

function presentSummary({ partner, organisation, state, submittedAt, decidedAt, decidedBy }: ApplicationSummary) {
    const at = {
        submittedAt: formatInstant(submittedAt),
        decidedAt: decidedAt === null ? null : formatInstant(decidedAt),
    }
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
        async (ctx) => ({ applications: (await listApplications(ctx)).map(presentSummary) }),
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
        async (ctx) => {
            const application = await loadApplication(ctx, ctx.params.id)
            return {
                ...application,
                ...presentSummary(application),
                vouches: application.vouches.map((vouch) => ({ ...vouch, at: formatInstant(vouch.at) })),
                scores: application.scores.map((submittedScore) => ({
                    ...submittedScore,
                    at: formatInstant(submittedScore.at),
                })),
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
            answer: emptyAnswer,
        },
        async (ctx) => {
            await scoreApplication(ctx, ctx.params.id, ctx.body)
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
            answer: emptyAnswer,
        },
        async (ctx) => {
            await decideApplication(ctx, ctx.params.id, ctx.body)
            return {}
        },
    ),
]

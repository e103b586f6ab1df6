/** Routes of applications, for staff: list, score and decide. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"

import {
    type ApplicationSummary,
    listApplications,
    decideApplication,
    scoreApplication,
    loadApplication,
} from "../actions/admit-partner.ts"
import { askApplicant } from "../actions/ask-applicant.ts"
import { presentTimes } from "./present-question.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import {
    applicationAnswer,
    applicationsAnswer,
    askApplicantBody,
    decideApplicationBody,
    newScoreBody,
} from "../schemas.ts"

const console = { side: "console" as const }

function presentSummary(summary: ApplicationSummary) {
    const { partner, organisation, state, submittedAt, hasOpenQuestion, decidedAt, decidedBy } = summary
    const at = {
        submittedAt: formatInstant(submittedAt),
        decideBy: formatInstant(summary.decideBy),
        decidedAt: decidedAt === null ? null : formatInstant(decidedAt),
    }
    return { partner, organisation, state, ...at, hasOpenQuestion, decidedBy }
}

export const admissionRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/applications",
            permission: "application:read",
            summary: "Lists waiting applications, oldest first, then decided ones",
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
            summary: "Returns one application with vouches, scores and tally; scores of others only after an own score",
            params: byId,
            answer: applicationAnswer,
        },
        async (ctx) => {
            const application = await loadApplication(ctx, ctx.params.id)
            return {
                ...application,
                ...presentSummary(application),
                questions: application.questions.map((question) => ({ ...question, ...presentTimes(question) })),
                vouches: application.vouches.map((vouch) => ({ ...vouch, at: formatInstant(vouch.at) })),
                scores: application.scores.map((score) => ({ ...score, at: formatInstant(score.at) })),
                hiddenScores: application.hiddenScores.map((score) => ({ ...score, at: formatInstant(score.at) })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/applications/{id}/scores",
            permission: "application:score",
            summary: "Sets the caller's score on a criterion, 0 to 4, with a reason; a later score replaces it",
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
            path: "/api/applications/{id}/questions",
            permission: "partner:write",
            summary: "Asks the applicant a question; the contact gets a mail without the question",
            params: byId,
            body: askApplicantBody,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await askApplicant(ctx, ctx.params.id, ctx.body.text)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/applications/{id}/decide",
            permission: "partner:write",
            summary: "Invites or declines an applicant, with a reason and an optional message",
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

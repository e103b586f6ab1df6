/** Routes of applications without sign-in: form, status and joining. Leads of partners vouch. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"

import { publisherOf } from "../../../../platform/config/publisher.ts"
import { applicationBytesMax, newApplicationShape, productClasses } from "../application.ts"
import { vouch } from "../actions/admit-partner.ts"
import { submitApplication, enrol, loadApplicantState } from "../actions/submit-application.ts"
import { answerAsApplicant } from "../actions/ask-applicant.ts"
import { presentTimes } from "./present-question.ts"
import { loadRules } from "../../actions/set-program-rules.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import {
    answerQuestionBody,
    applicationFormAnswer,
    bySecret,
    checkStatusApplicationAnswer,
    newApplicationAnswer,
    newVouchBody,
} from "../schemas.ts"

const portal = { side: "portal" as const }

export const applicationRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/application-form",
            permission: "public",
            summary: "Returns the fields of an application, the criteria that decide it, and who runs the program",
            answer: applicationFormAnswer,
        },
        async (ctx) => {
            const { rules } = await loadRules(ctx, "admission")
            const criteria = rules.criteria.map(({ text, required }) => ({ text, required }))
            const { name, contact } = publisherOf(ctx.services.publisherSettings, ctx.services.portalOrigin)
            return { productClasses: [...productClasses], criteria, publisher: { name, contact } }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/applications",
            permission: "public",
            summary:
                "Submits an application to become a partner; returns a secret for its status and a reference for " +
                "vouches",
            body: newApplicationShape,
            bodyMax: applicationBytesMax,
            perHourMax: 20,
            answer: newApplicationAnswer,
        },
        async (ctx) => await submitApplication(ctx, ctx.body),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/applications/check-status",
            permission: "public",
            summary: "Returns the status of an application, by its secret",
            body: bySecret,
            perHourMax: 60,
            answer: checkStatusApplicationAnswer,
        },
        async (ctx) => {
            const { state, since, message, ...rest } = await loadApplicantState(ctx, ctx.body.secret)
            // Without the person who asked.
            const questions = rest.questions.map((question) => {
                const { id, text, answer } = question
                return { id, text, answer, ...presentTimes(question) }
            })
            return { state, since: formatInstant(since), message, decideBy: formatInstant(rest.decideBy), questions }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/applications/answer-question",
            permission: "public",
            summary: "Answers a question about an application, by the application's secret",
            body: answerQuestionBody,
            bodyMax: 24 * 1024,
            perHourMax: 60,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await answerAsApplicant(ctx, ctx.body)
            return {}
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/applications/enrol",
            permission: "public",
            summary:
                "Mails a sign-in link to the contact of an invited applicant, as its lead; earlier credentials end",
            body: bySecret,
            perHourMax: 60,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await enrol(ctx, ctx.body.secret)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/vouches",
            side: "portal",
            permission: "vouch:write",
            summary: "Vouches for an applicant, by its reference; the answer reveals nothing else about it",
            body: newVouchBody,
            perHourMax: 60,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await vouch(ctx, ctx.body.reference, ctx.body.text)
            return {}
        },
    ),
]

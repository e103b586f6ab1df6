/**
 * Applying, without sign-in: the form, the own state by its secret, coming in once invited; and vouching, by members.
 */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"

import { applicationBytesMax, applicationShape, productClasses } from "../application.ts"
import { vouch } from "../actions/admit-partner.ts"
import { submitApplication, enrol, loadApplicantState } from "../actions/submit-application.ts"
import { loadRules } from "../../actions/set-program-rules.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import {
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
            summary: "What an application is asked, and by which criteria it is looked at",
            answer: applicationFormAnswer,
        },
        async (ctx) => {
            const { rules } = await loadRules(ctx, "admission")
            const criteria = rules.criteria.map(({ text, required }) => ({ text, required }))
            return { productClasses: [...productClasses], criteria }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/applications",
            permission: "public",
            summary:
                "Applies to become a partner; answers with a secret for the own state and a reference for " +
                "those who vouch",
            body: applicationShape,
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
            summary: "The state of the own application, by its secret",
            body: bySecret,
            perHourMax: 60,
            answer: checkStatusApplicationAnswer,
        },
        async (ctx) => {
            const { state, since, message } = await loadApplicantState(ctx, ctx.body.secret)
            return { state, since: formatInstant(since), message }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/applications/enrol",
            permission: "public",
            summary:
                "Mails a sign-in link to the contact of an invited application, as lead; what was given before ends",
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
            summary: "Vouches for an applicant, by the reference that it gave; says nothing else about it",
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

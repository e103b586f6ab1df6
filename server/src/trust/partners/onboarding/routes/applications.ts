/**
 * Applying, without sign-in: the form, the own state by its secret, coming in once invited; and vouching, by members.
 */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"
import { criterionShape } from "../admission.ts"
import {
    applicationBytesMax,
    applicationShape,
    productClasses,
    referencePattern,
    secretPattern,
    storyLength,
} from "../application.ts"
import { vouch } from "../actions/admit-partner.ts"
import { apply, enrol, ownState } from "../actions/submit-application.ts"
import { rulesNow } from "../../actions/set-program-rules.ts"

const closed = { additionalProperties: false }
const open = { side: "portal" as const }
const secret = Type.String({ pattern: secretPattern.source })
const reference = Type.String({ pattern: referencePattern.source })
const words = Type.String({ minLength: storyLength.min, maxLength: storyLength.max })
const bySecret = Type.Object({ secret }, closed)

export const applyingRoutes = [
    route(
        {
            ...open,
            method: "GET",
            path: "/api/application-form",
            permission: "public",
            summary: "What an application is asked, and by which criteria it is looked at",
            answer: Type.Object({
                productClasses: Type.Array(Type.String()),
                criteria: Type.Array(Type.Pick(criterionShape, ["text", "required"])),
            }),
        },
        async (ask) => {
            const { rules } = await rulesNow(ask, "admission")
            const criteria = rules.criteria.map(({ text, required }) => ({ text, required }))
            return { productClasses: [...productClasses], criteria }
        },
    ),
    route(
        {
            ...open,
            method: "POST",
            path: "/api/applications",
            permission: "public",
            summary:
                "Applies to become a partner; answers with a secret for the own state and a reference for " +
                "those who vouch",
            body: applicationShape,
            bodyMax: applicationBytesMax,
            perHourMax: 20,
            answer: Type.Object({ secret, reference }),
        },
        async (ask) => await apply(ask, ask.body),
    ),
    route(
        {
            ...open,
            method: "POST",
            path: "/api/applications/check-status",
            permission: "public",
            summary: "The state of the own application, by its secret",
            body: bySecret,
            perHourMax: 60,
            answer: Type.Object({
                state: Type.Enum(["waiting", "invited", "declined"]),
                since: Type.String(),
                message: Type.String(),
            }),
        },
        async (ask) => {
            const { state, since, message } = await ownState(ask, ask.body.secret)
            return { state, since: formatInstant(since), message }
        },
    ),
    route(
        {
            ...open,
            method: "POST",
            path: "/api/applications/enrol",
            permission: "public",
            summary:
                "Mails a sign-in link to the contact of an invited application, as lead; what was given before ends",
            body: bySecret,
            perHourMax: 60,
            answer: Type.Object({}),
        },
        async (ask) => {
            await enrol(ask, ask.body.secret)
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
            body: Type.Object({ reference, words }, closed),
            perHourMax: 60,
            answer: Type.Object({}),
        },
        async (ask) => {
            await vouch(ask, ask.body.reference, ask.body.words)
            return {}
        },
    ),
]

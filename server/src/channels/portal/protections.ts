/** Routes of protection: this partner's status on its warnings, and the aggregates of others. */
import { Type } from "typebox"
import { parseInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { aggregatesOf } from "../../trace/sightings/actions/count-aggregates.ts"
import { ownProtections, reportProtection } from "../../trace/sightings/actions/report-protection.ts"
import { cells } from "../../trace/sightings/aggregate.ts"
import { protectionNoteMax, protectionStates } from "@tocsin/client/limits"
import { presentProtection, shownProtection } from "../../trace/sightings/routes.ts"
import { caseWarnedOf } from "./circles.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const maybe = Type.Union([Type.String(), Type.Null()])
const portal = { side: "portal" as const }

export const protectionRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/protection-statuses",
            permission: "protection:own",
            summary: "Lists this partner's protection reports on one warning or all, newest first",
            query: Type.Object({ warning: Type.Optional(id) }, closed),
            answer: Type.Object({ protections: Type.Array(Type.Object({ ...shownProtection, warning: id })) }),
        },
        async (ask) => ({
            protections: (await ownProtections(ask, ask.query.warning ?? null)).map((ownProtection) => ({
                ...presentProtection(ownProtection),
                warning: ownProtection.warning,
            })),
        }),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/protection-statuses",
            permission: "protection:own",
            summary: "Reports this partner's protection status for a warning; the newest counts",
            creates: true,
            body: Type.Object(
                {
                    warning: id,
                    state: Type.Enum([...protectionStates]),
                    since: Type.Optional(maybe),
                    note: Type.Optional(Type.String({ maxLength: protectionNoteMax })),
                },
                closed,
            ),
            answer: Type.Object({}),
            reaches: (ask) => caseWarnedOf(ask, ask.body.warning),
        },
        async ({ body, ...ctx }) => {
            const caseWarned = await caseWarnedOf(ctx, body.warning)
            const { state, since = null, note = "" } = body
            await reportProtection(ctx, caseWarned, { state, since: since === null ? null : parseInstant(since), note })
            return {}
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/warnings/{id}/aggregates",
            permission: "warning:read",
            summary:
                "Returns the aggregates of partners' reports on a warning, in bands; the same for all that have " +
                "the warning",
            params: Type.Object({ id }, closed),
            answer: Type.Object({
                told: Type.Boolean(),
                groupMin: Type.Union([Type.Integer(), Type.Null()]),
                cells: Type.Array(Type.Object({ cell: Type.Enum([...cells]), partners: maybe })),
            }),
        },
        async (ask) => await aggregatesOf(ask, await caseWarnedOf(ask, ask.params.id)),
    ),
]

/** Routes of sightings: what this partner saw of exploitation. It sees only its own. */
import { parseInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import {
    listSightingsForPartner,
    reportSighting,
    withdrawReport,
} from "../../trace/sightings/actions/report-sighting.ts"
import { listOpenFollowUpsForPartner } from "../../trace/sightings/actions/list-follow-ups.ts"
import { presentFollowUp, presentSighting } from "../../trace/sightings/routes.ts"

import { loadHeldCase } from "./access-lists.ts"
import { byId } from "../../kernel/schemas.ts"
import {
    followUpsAnswer,
    followUpsQuery,
    newSightingAnswer,
    newSightingBody,
    sightingsAnswer,
    sightingsQuery,
} from "./schemas.ts"

const portal = { side: "portal" as const }

/** Presents a sighting to its partner. */
export function presentSightingForPartner({
    warning,
    ...rest
}: Awaited<ReturnType<typeof listSightingsForPartner>>[number]) {
    return { ...presentSighting(rest), warning }
}

export const sightingRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/follow-ups",
            permission: "sighting:own",
            summary: "Lists this partner's follow-ups on visible warnings, with finished ones",
            query: followUpsQuery,
            answer: followUpsAnswer,
        },
        async (ctx) => ({
            followUps: (await listOpenFollowUpsForPartner(ctx, ctx.query.warning ?? null)).map((followUp) => ({
                ...presentFollowUp(followUp),
                warning: followUp.warning,
            })),
        }),
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/sightings",
            permission: "sighting:own",
            summary: "Lists this partner's sightings of one warning or all, newest first",
            query: sightingsQuery,
            answer: sightingsAnswer,
        },
        async (ctx) => ({
            sightings: (await listSightingsForPartner(ctx, ctx.query.warning ?? null)).map(presentSightingForPartner),
        }),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/sightings",
            permission: "sighting:own",
            summary:
                "Reports exploitation of a warning's vulnerability, or with `zeroReportSince` a zero report until " +
                "`observedAt`; the same id and content add nothing",
            creates: true,
            body: newSightingBody,
            answer: newSightingAnswer,
            assertVisible: (ctx) => loadHeldCase(ctx, ctx.body.warning),
        },
        async ({ body, ...ctx }) => {
            const caseId = await loadHeldCase(ctx, body.warning)
            const { clock, zeroReportSince: since = null, product = "", confidence = null } = body
            const { indicators = [], note = "" } = body
            const span = {
                observedAt: parseInstant(body.observedAt),
                zeroReportSince: since === null ? null : parseInstant(since),
            }
            const report = { ...span, clock, product, indicators, confidence, note }
            const reference = body.id.toLowerCase()
            await reportSighting(ctx, caseId, reference, report)
            return { id: reference }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/sightings/{id}/withdraw",
            permission: "sighting:own",
            summary: "Withdraws a report in all its versions; staff still see it as withdrawn",
            params: byId,
        },
        async (ctx) => {
            await withdrawReport(ctx, ctx.params.id.toLowerCase())
            return {}
        },
    ),
]

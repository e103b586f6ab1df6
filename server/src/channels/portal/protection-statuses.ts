/** Routes of protection: this partner's status on its warnings, and the aggregates of others. */
import { parseInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { loadAggregates } from "../../trace/sightings/actions/count-aggregates.ts"
import { listProtectionsForPartner, reportProtection } from "../../trace/sightings/actions/report-protection.ts"

import { presentProtection } from "../../trace/sightings/routes.ts"
import { loadWarnedCase } from "./access-lists.ts"
import { byId } from "../../kernel/schemas.ts"
import { emptyAnswer } from "../../kernel/schemas.ts"
import {
    aggregatesAnswer,
    newProtectionStatusBody,
    protectionStatusesAnswer,
    protectionStatusesQuery,
} from "./schemas.ts"

const portal = { side: "portal" as const }

export const protectionRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/protection-statuses",
            permission: "protection:own",
            summary: "Lists this partner's protection reports on one warning or all, newest first",
            query: protectionStatusesQuery,
            answer: protectionStatusesAnswer,
        },
        async (ctx) => ({
            protections: (await listProtectionsForPartner(ctx, ctx.query.warning ?? null)).map((protection) => ({
                ...presentProtection(protection),
                warning: protection.warning,
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
            body: newProtectionStatusBody,
            answer: emptyAnswer,
            assertVisible: (ctx) => loadWarnedCase(ctx, ctx.body.warning),
        },
        async ({ body, ...ctx }) => {
            const caseId = await loadWarnedCase(ctx, body.warning)
            const { state, since = null, note = "" } = body
            await reportProtection(ctx, caseId, { state, since: since === null ? null : parseInstant(since), note })
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
            params: byId,
            answer: aggregatesAnswer,
        },
        async (ctx) => await loadAggregates(ctx, await loadWarnedCase(ctx, ctx.params.id)),
    ),
]

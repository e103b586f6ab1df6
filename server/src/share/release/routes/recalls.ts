/** HTTP routes of the operator that take two people: lifting a recall, and the late release of a version. */
import { route } from "../../../kernel/action-context.ts"
import { releaseLate } from "../actions/release-late.ts"
import { liftRecallByTwo } from "../actions/lift-recall.ts"
import { byId } from "../../../kernel/schemas.ts"
import { liftRecallAnswer, liftRecallBody, releaseLateArtifactAnswer, releaseLateArtifactBody } from "../schemas.ts"

export const recallRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/recalls/{id}/lift",
            permission: "recall:lift",
            summary: "Requests a second signature to lift a recall; with the signed approval, lifts it",
            params: byId,
            body: liftRecallBody,
            answer: liftRecallAnswer,
        },
        async (ctx) => await liftRecallByTwo(ctx, ctx.params.id, ctx.body.approval),
    ),
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/artifacts/{id}/release-late",
            permission: "wave:write",
            summary:
                "Requests a second signature so that released waves open the newest version; with the " +
                "approval, opens it",
            params: byId,
            body: releaseLateArtifactBody,
            answer: releaseLateArtifactAnswer,
        },
        async (ctx) => await releaseLate(ctx, ctx.params.id, ctx.body.approval),
    ),
]

/** A copy that can be tried before the first one that matters: for each person of a partner. */
import { route } from "../../../../kernel/action-context.ts"
import { verifyTestCode, createTestCopy } from "../actions/send-test-copy.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import { testKeyBody } from "../schemas.ts"

const portal = { side: "portal" as const }

export const testCopyRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/keys/{id}/test",
            permission: "own:read",
            summary: "A test copy: harmless words with a code, sealed to this key alone as copies are",
            perHourMax: 120,
            params: byId,
        },
        async (ctx) => await createTestCopy(ctx, ctx.params.id),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/keys/{id}/test",
            permission: "own:report",
            summary: "Tells by the code in it that the test copy was opened",
            perHourMax: 60,
            params: byId,
            body: testKeyBody,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await verifyTestCode(ctx, ctx.params.id, ctx.body.code)
            return {}
        },
    ),
]

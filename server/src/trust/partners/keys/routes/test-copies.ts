/** Routes of test copies, for each person of a partner. */
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
            scope: "fetch",
            summary: "Returns a test copy: harmless text with a code, sealed to this key like a real copy",
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
            summary: "Marks a key as tested, by the code in its test copy",
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

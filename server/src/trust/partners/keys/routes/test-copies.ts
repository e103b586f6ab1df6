/** Routes of test copies, for each person of a partner, and of confirmation copies, for leads. */
import { route } from "../../../../kernel/action-context.ts"
import { createConfirmationCopy, confirmKey } from "../actions/confirm-key.ts"
import { verifyTestCode, createTestCopy } from "../actions/send-test-copy.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import { keyAnswer } from "../../schemas.ts"
import { presentKey } from "../../routes/present.ts"
import { confirmBody, confirmQuery, testKeyBody } from "../schemas.ts"

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
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/keys/{id}/confirm",
            permission: "own:extend",
            summary: "Returns a confirmation copy: it names a new key and has a code, sealed to a usable key only",
            perHourMax: 120,
            params: byId,
            query: confirmQuery,
        },
        async (ctx) => await createConfirmationCopy(ctx, { key: ctx.params.id, by: ctx.query.by ?? null }),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/keys/{id}/confirm",
            permission: "own:extend",
            needsConfirmation: true,
            summary: "Makes a new key usable at once, by the code in its confirmation copy",
            perHourMax: 60,
            params: byId,
            body: confirmBody,
            answer: keyAnswer,
        },
        async (ctx) => {
            const { by = null, code } = ctx.body
            return presentKey(await confirmKey(ctx, { key: ctx.params.id, by }, code))
        },
    ),
]

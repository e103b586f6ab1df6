/** Serves the receipt log to partners: checkpoint, proofs, receipts. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { proveConsistency, loadVisibleCheckpoint } from "./actions/load-receipts.ts"
import { countKeyChanges } from "./actions/queue-key-receipt.ts"
import { closed } from "../../kernel/schemas.ts"
import { checkpointAnswer, sizeField } from "./schemas.ts"

const portal = { method: "GET" as const, side: "portal" as const }

export const routes = [
    route(
        {
            ...portal,
            path: "/api/receipt-log/checkpoint",
            permission: "receipt:read",
            summary:
                "Returns the newest checkpoint of the receipt log, its key, when the next batch becomes visible, and " +
                "the number of changes of the partner's keys",
            answer: checkpointAnswer,
        },
        async (ctx) => {
            const checkpoint = await loadVisibleCheckpoint(ctx)
            const keyChanges = await countKeyChanges(ctx)
            return { ...checkpoint, at: formatInstant(checkpoint.at), keyChanges }
        },
    ),
    route(
        {
            ...portal,
            path: "/api/receipt-log/consistency",
            permission: "receipt:read",
            summary: "Returns the proof (RFC 6962) that the receipt log, now or at size `to`, contains an older one",
            query: Type.Object({ from: sizeField, to: Type.Optional(sizeField) }, closed),
            answer: Type.Object({ from: Type.Integer(), to: Type.Integer(), proof: Type.Array(Type.String()) }),
        },
        async (ctx) => {
            const { from, to } = ctx.query
            return await proveConsistency(ctx, Number(from), to === undefined ? null : Number(to))
        },
    ),
]

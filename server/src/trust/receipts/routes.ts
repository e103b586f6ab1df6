/** Serves the receipt log to partners: checkpoint, proofs, receipts. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { proveConsistency, loadVisibleCheckpoint } from "./actions/load-receipts.ts"
import { closed } from "../../kernel/schemas.ts"
import { checkpointAnswer, sizeField } from "./schemas.ts"

const portal = { method: "GET" as const, side: "portal" as const }

export const routes = [
    route(
        {
            ...portal,
            path: "/api/receipt-log/checkpoint",
            permission: "receipt:read",
            summary: "The newest signed head of the partners' log, its key, and when the next batch comes",
            answer: checkpointAnswer,
        },
        async (ctx) => {
            const checkpoint = await loadVisibleCheckpoint(ctx)
            return { ...checkpoint, at: formatInstant(checkpoint.at) }
        },
    ),
    route(
        {
            ...portal,
            path: "/api/receipt-log/consistency",
            permission: "receipt:read",
            summary:
                "The proof (RFC 6962) that the partners' log, as it is or as it was at `to`, contains an older one",
            query: Type.Object({ from: sizeField, to: Type.Optional(sizeField) }, closed),
            answer: Type.Object({ from: Type.Integer(), to: Type.Integer(), proof: Type.Array(Type.String()) }),
        },
        async (ctx) => {
            const { from, to } = ctx.query
            return await proveConsistency(ctx, Number(from), to === undefined ? null : Number(to))
        },
    ),
]

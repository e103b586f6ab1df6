/** Serves the receipt log to partners: checkpoint, proofs, receipts. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { consistency, shownHead } from "./actions/show-receipts.ts"
import { closed } from "../../kernel/schemas.ts"
import { checkpointAnswer, size } from "./schemas.ts"

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
        async (ask) => {
            const shown = await shownHead(ask)
            return { ...shown, at: formatInstant(shown.at) }
        },
    ),
    route(
        {
            ...portal,
            path: "/api/receipt-log/consistency",
            permission: "receipt:read",
            summary:
                "The proof (RFC 6962) that the partners' log, as it is or as it was at `to`, contains an older one",
            query: Type.Object({ from: size, to: Type.Optional(size) }, closed),
            answer: Type.Object({ from: Type.Integer(), to: Type.Integer(), proof: Type.Array(Type.String()) }),
        },
        async (ask) => {
            const { from, to } = ask.query
            return await consistency(ask, Number(from), to === undefined ? null : Number(to))
        },
    ),
]

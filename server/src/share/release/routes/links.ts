/** Cases are linked: by one person, or by two where somebody reads more by it. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { link } from "../actions/link-cases.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })

export const linkingRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/cases/{id}/links",
            permission: "case:write",
            summary:
                "Says that a case is a bypass or a variant of another; where somebody reads more by it, asks a second person to sign first",
            params: Type.Object({ id }, closed),
            body: Type.Object(
                {
                    to: id,
                    kind: Type.Union([Type.Literal("bypass of"), Type.Literal("variant of")]),
                    approval: Type.Optional(id),
                },
                closed,
            ),
            answer: Type.Object({
                done: Type.Boolean(),
                /** What waits for its signature, or was carried out; null where one person was enough. */
                approval: Type.Union([id, Type.Null()]),
            }),
        },
        async ({ params, body: { to, kind, approval }, ...ctx }) =>
            await link(ctx, { from: params.id, to, kind }, approval),
    ),
]

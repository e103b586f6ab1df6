/** HTTP routes of the operator that link cases: one person, or two where a partner gains access. */
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
                "Links a case as a bypass or variant of another; where a partner gains access, requests a " +
                "second signature",
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
                /** The approval that waits for a signature or was applied; null where one person is enough. */
                approval: Type.Union([id, Type.Null()]),
            }),
        },
        async ({ params, body: { to, kind, approval }, ...ctx }) =>
            await link(ctx, { from: params.id, to, kind }, approval),
    ),
]

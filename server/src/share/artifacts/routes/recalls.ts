/** HTTP route of the operator that recalls an artifact, which takes one person. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { recallArtifact } from "../actions/find-recalls.ts"
import { recallReasonMax } from "../recall.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, closed)

export const recallRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/artifacts/{id}/recalls",
            permission: "artifact:recall",
            summary: "Recalls an artifact or one version: no partner can read it from now on; takes one person",
            creates: true,
            params: byId,
            body: Type.Object(
                {
                    version: Type.Union([Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), Type.Null()]),
                    reason: Type.String({ minLength: 1, maxLength: recallReasonMax }),
                },
                closed,
            ),
            answer: byId,
        },
        async (ask) => ({ id: await recallArtifact(ask, ask.params.id, ask.body) }),
    ),
]

/** HTTP routes of the operator that take two people: lifting a recall, and the late release of a version. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { openByFallen } from "../actions/release-late.ts"
import { makeAvailable } from "../actions/lift-recall.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })

export const recallingRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/recalls/{id}/lift",
            permission: "recall:lift",
            summary: "Requests a second signature to lift a recall; with the signed approval, lifts it",
            params: Type.Object({ id }, closed),
            body: Type.Object({ approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async (ask) => await makeAvailable(ask, ask.params.id, ask.body.approval),
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
            params: Type.Object({ id }, closed),
            body: Type.Object({ approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async (ask) => await openByFallen(ask, ask.params.id, ask.body.approval),
    ),
]

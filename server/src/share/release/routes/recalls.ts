/** What two people let be read: an artifact that was recalled, and a version that fallen waves have not opened. */
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
            summary:
                "Asks a second person to sign that what was recalled is read again; with the signed approval, ends it",
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
                "Asks a second person to sign that fallen waves open the newest version; with the signed approval, opens it",
            params: Type.Object({ id }, closed),
            body: Type.Object({ approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async (ask) => await openByFallen(ask, ask.params.id, ask.body.approval),
    ),
]

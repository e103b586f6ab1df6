/** What warnings say of a case is changed: by one person, or by two once a wave has fallen. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { detailsShape, permissionShape } from "../../cases/disclosed-facts.ts"
import { retell, recordAmendment } from "../actions/amend-case.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const params = Type.Object({ id }, closed)
const console = { side: "console" as const }
const answer = Type.Object({
    done: Type.Boolean(),
    /** What waits for its signature, or was carried out; null where one person was enough. */
    approval: Type.Union([id, Type.Null()]),
})

export const retellingRoutes = [
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/cases/{id}",
            permission: "case:write",
            summary:
                "Replaces what is known of a case: its title, vulnerabilities, products and finder; once a wave has fallen, asks a second person to sign first",
            params,
            body: detailsShape,
            answer,
        },
        async (ask) => await retell(ask, ask.params.id, { details: ask.body }),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/cases/{id}/deployment-permission",
            permission: "case:write",
            summary:
                "Says what may be done before publication, which everybody who is warned of the case is shown; once a wave has fallen, asks a second person to sign first",
            params,
            body: permissionShape,
            answer,
        },
        async (ask) => await retell(ask, ask.params.id, { permission: ask.body }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/amend",
            permission: "case:write",
            summary: "Says of a case what a second person has signed",
            params,
            body: Type.Object({ approval: id }, closed),
            answer,
        },
        async (ask) => await recordAmendment(ask, ask.params.id, ask.body.approval),
    ),
]

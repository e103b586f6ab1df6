/** A partner's tier, which two people change. */
import { Type } from "typebox"
import { route } from "../../../trust/audit/actions.ts"
import { tiers } from "../../../trust/partners/partner.ts"
import { changeTierByTwo } from "../actions/change-tier.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })

export const tierRoutes = [
    route(
        {
            side: "console",
            method: "PUT",
            path: "/api/partners/{id}/tier",
            needs: "partner:write",
            does: "Sets the tier, which takes a second person's approval of what it opens, to lower it too",
            params: Type.Object({ id }, closed),
            body: Type.Object(
                { tier: Type.Union(tiers.map((tier) => Type.Literal(tier))), approval: Type.Optional(id) },
                closed,
            ),
            answer: Type.Object({ done: Type.Boolean(), approval: Type.Union([id, Type.Null()]) }),
        },
        async ({ params, body: { tier, approval }, ...act }) => await changeTierByTwo(act, params.id, tier, approval),
    ),
]

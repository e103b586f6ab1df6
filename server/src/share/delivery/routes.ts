/** HTTP routes of the operator for deliveries and acknowledgements. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { receiptsOf } from "./actions/list-receipts.ts"

const id = Type.String({ format: "uuid" })
const receipt = {
    partner: id,
    person: id,
    case: id,
    artifact: id,
    version: Type.Integer(),
    at: Type.String(),
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/deliveries",
            side: "console",
            permission: "delivery:read",
            summary: "Lists deliveries and acknowledgements, by case or partner",
            query: Type.Object(
                { case: Type.Optional(id), partner: Type.Optional(id) },
                { additionalProperties: false },
            ),
            answer: Type.Object({
                fetched: Type.Array(Type.Object({ id, ...receipt, class: Type.String(), channel: Type.String() })),
                acknowledged: Type.Array(Type.Object(receipt)),
            }),
        },
        async (ask) => {
            const { fetched, acknowledged } = await receiptsOf(ask, {
                case: ask.query.case ?? null,
                partner: ask.query.partner ?? null,
                before: null,
            })
            return {
                fetched: fetched.map((fetched) => ({ ...fetched, at: formatInstant(fetched.at) })),
                acknowledged: acknowledged.map(({ id: _, ...rest }) => ({ ...rest, at: formatInstant(rest.at) })),
            }
        },
    ),
]

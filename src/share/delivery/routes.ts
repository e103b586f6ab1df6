/** Who fetched and acknowledged what, for the operator. */
import { Type } from "typebox"
import { formatInstant } from "../../lib/instant.ts"
import { route } from "../../trust/audit/actions.ts"
import { fates, tokenPattern } from "../../trust/mailing/returned.ts"
import { receiptsOf } from "./actions/receipts.ts"
import { noteReturned } from "./actions/returning.ts"

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
            needs: "delivery:read",
            does: "What was fetched and acknowledged, by case or partner",
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
                fetched: fetched.map((one) => ({ ...one, at: formatInstant(one.at) })),
                acknowledged: acknowledged.map(({ id: _, ...one }) => ({ ...one, at: formatInstant(one.at) })),
            }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/returned-mail",
            side: "console",
            needs: "nobody",
            does: "Notes that a mail of ours came back, by the token in the address that it was sent from, for `tocsin bounce`",
            body: Type.Object(
                { token: Type.String({ pattern: tokenPattern }), fate: Type.Enum([...fates]) },
                { additionalProperties: false },
            ),
            perHourMax: 6_000,
            answer: Type.Object({}),
        },
        async (ask) => {
            await noteReturned(ask, ask.body.token, ask.body.fate)
            return {}
        },
    ),
]

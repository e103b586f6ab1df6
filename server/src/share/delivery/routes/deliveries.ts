/** HTTP routes of the operator for deliveries and acknowledgements. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { listReceipts } from "../actions/list-receipts.ts"
import { deliveriesAnswer, deliveriesQuery } from "../schemas.ts"

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/deliveries",
            side: "console",
            permission: "delivery:read",
            summary: "Lists deliveries and acknowledgements, by case or partner",
            query: deliveriesQuery,
            answer: deliveriesAnswer,
        },
        async (ask) => {
            const { fetched, acknowledged } = await listReceipts(ask, {
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

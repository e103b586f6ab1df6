/** Routes of access lists: a lead selects which of the partner's people see a warning. */
import { hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { ownCircle, setCircle } from "../../trust/partners/roster/actions/access-lists-for-partner.ts"
import { idOfAlias } from "../../share/delivery/actions/aliases.ts"
import { partnerOf, warningsFor } from "../../share/delivery/actions/projection.ts"
import { receiptsOf } from "../../share/delivery/actions/list-receipts.ts"
import { byId } from "../../kernel/schemas.ts"
import { accessListAnswer, setAccessListBody } from "./schemas.ts"

const portal = { side: "portal" as const }

/** Resolves the alias of a warning that this partner has now. Hides anything else. */
export async function caseWarnedOf(ctx: ActionContext, name: string): Promise<string> {
    const { partner } = partnerOf(ctx)
    if (!(await warningsFor(ctx, partner)).some((warning) => warning.id === name)) hide()
    return idOfAlias(ctx.services.keys, partner, "warning", name)
}

/** Resolves the alias as `caseWarnedOf`, and also of a withdrawn warning of which the partner fetched content. */
export async function caseHeldOf(ctx: ActionContext, name: string): Promise<string> {
    const { partner } = partnerOf(ctx)
    const subject = idOfAlias(ctx.services.keys, partner, "warning", name)
    const { fetched } = await receiptsOf(ctx, { partner, case: subject, before: null })
    return fetched.length > 0 ? subject : await caseWarnedOf(ctx, name)
}

export const circleRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/warnings/{id}/access-list",
            permission: "access_list:write",
            summary: "Lists which people of the roster see a warning, and whether a lead limited them",
            params: byId,
            answer: accessListAnswer,
        },
        async (ask) => {
            const { narrowed, persons } = await ownCircle(ask, await caseWarnedOf(ask, ask.params.id))
            return { narrowed, persons: [...persons] }
        },
    ),
    route(
        {
            ...portal,
            method: "PUT",
            path: "/api/warnings/{id}/access-list",
            permission: "access_list:write",
            summary:
                "Limits a warning to these people of the roster, or with null shows it to all; leads always see it",
            params: byId,
            body: setAccessListBody,
        },
        async (ask) => {
            await setCircle(ask, await caseWarnedOf(ask, ask.params.id), ask.body.persons)
            return {}
        },
    ),
]

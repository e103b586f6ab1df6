/** Routes of access lists: a lead selects which of the partner's people see a warning. */
import { hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { loadAccessListForPartner, setAccessList } from "../../trust/partners/roster/actions/manage-access-lists.ts"
import { idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
import { partnerOf, listWarnings } from "../../share/delivery/actions/project-warnings.ts"
import { listReceipts } from "../../share/delivery/actions/list-receipts.ts"
import { byId } from "../../kernel/schemas.ts"
import { accessListAnswer, setAccessListBody } from "./schemas.ts"

const portal = { side: "portal" as const }

/** Resolves the alias of a warning that this partner has now. Hides anything else. */
export async function loadWarnedCase(ctx: ActionContext, alias: string): Promise<string> {
    const { partner } = partnerOf(ctx)
    if (!(await listWarnings(ctx, partner)).some((warning) => warning.id === alias)) hide()
    return idOfAlias(ctx.services.keys, partner, "warning", alias)
}

/**
 * Resolves the alias as `loadWarnedCase` does. Also accepts a withdrawn warning of which the partner fetched content.
 */
export async function loadHeldCase(ctx: ActionContext, alias: string): Promise<string> {
    const { partner } = partnerOf(ctx)
    const caseId = idOfAlias(ctx.services.keys, partner, "warning", alias)
    const { fetched } = await listReceipts(ctx, { partner, case: caseId, before: null })
    return fetched.length > 0 ? caseId : await loadWarnedCase(ctx, alias)
}

export const accessListRoutes = [
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
        async (ctx) => {
            const { narrowed, people } = await loadAccessListForPartner(ctx, await loadWarnedCase(ctx, ctx.params.id))
            return { narrowed, people: [...people] }
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
        async (ctx) => {
            await setAccessList(ctx, await loadWarnedCase(ctx, ctx.params.id), ctx.body.people)
            return {}
        },
    ),
]

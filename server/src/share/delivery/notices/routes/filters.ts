/** HTTP routes of the portal for a partner's own notice filter. The operator has none. */
import { route } from "../../../../kernel/action-context.ts"
import { assertMember } from "../../../../trust/partners/roster/actions/manage-roster.ts"
import { loadFilter, replaceFilter } from "../actions/filter-notices.ts"
import { noticeFilter } from "../schemas.ts"

const portal = { side: "portal", path: "/api/notice-filter" } as const

export const filterRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            permission: "own:read",
            summary:
                "Returns the products about which your organisation gets notices of waves; an empty list means all",
            answer: noticeFilter,
        },
        async (ask) => ({ patterns: [...(await loadFilter(ask, assertMember(ask).partner))] }),
    ),
    route(
        {
            ...portal,
            method: "PUT",
            permission: "notice_filter:write",
            perHourMax: 60,
            summary:
                "Sets the products about which mail and webhooks notify of waves; an empty list means all. " +
                "Access does not change",
            body: noticeFilter,
            answer: noticeFilter,
        },
        async (ask) => ({ patterns: [...(await replaceFilter(ask, ask.body.patterns))] }),
    ),
]

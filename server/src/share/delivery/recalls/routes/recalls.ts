/** HTTP routes of the operator for recalls and the copies that partners hold. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"
import { listRecallsWithHolders, resendRecallNotices } from "../actions/notify-holders.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { recallsAnswer } from "../schemas.ts"

const console = { side: "console" as const }

const formatOrNull = (instant: number | null) => (instant === null ? null : formatInstant(instant))

export const holderRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/artifacts/{id}/recalls",
            permission: "recall:read",
            summary:
                "Lists the recalls of an artifact: its holders, which were notified, and which confirmed the deletion",
            params: byId,
            answer: recallsAnswer,
        },
        async (ask) => ({
            recalls: (await listRecallsWithHolders(ask, ask.params.id)).map(
                ({ artifact: _a, case: _c, event: _e, ...rest }) => ({
                    ...rest,
                    at: formatInstant(rest.at),
                    liftedAt: formatOrNull(rest.liftedAt),
                    holders: rest.holders.map((holder) => ({
                        ...holder,
                        versions: [...holder.versions],
                        notifiedAt: formatOrNull(holder.notifiedAt),
                        confirmedAt: formatOrNull(holder.confirmedAt),
                    })),
                }),
            ),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/recalls/{id}/resend-notices",
            permission: "artifact:recall",
            summary: "Resends notices to holders that were not notified",
            params: byId,
        },
        async (ask) => {
            await resendRecallNotices(ask, ask.params.id)
            return {}
        },
    ),
]

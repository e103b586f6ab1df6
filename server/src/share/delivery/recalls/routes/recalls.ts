/** HTTP routes of the operator for recalls and the copies that partners hold. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"
import { followedRecalls, notifyHoldersAgain } from "../actions/notify-holders.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, closed)
const maybe = Type.Union([Type.String(), Type.Null()])
const console = { side: "console" as const }
const recall = Type.Object({
    id,
    /** Null: every version. */
    version: Type.Union([Type.Integer(), Type.Null()]),
    reason: Type.String(),
    by: id,
    at: Type.String(),
    endedBy: maybe,
    endedAt: maybe,
    holders: Type.Array(
        Type.Object({
            partner: id,
            versions: Type.Array(Type.Integer()),
            toldAt: maybe,
            /** Why the partner still waits for its notice; null once it was notified. */
            waits: maybe,
            confirmedAt: maybe,
            confirmedBy: maybe,
            /** Whether the partner has no case access: then no confirmation is expected. */
            isOutOfReach: Type.Boolean(),
        }),
    ),
})

const formatOrNull = (instant: number | null) => (instant === null ? null : formatInstant(instant))

export const followingRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/artifacts/{id}/recalls",
            permission: "recall:read",
            summary:
                "Lists the recalls of an artifact: its holders, which were notified, and which confirmed the deletion",
            params: byId,
            answer: Type.Object({ recalls: Type.Array(recall) }),
        },
        async (ask) => ({
            recalls: (await followedRecalls(ask, ask.params.id)).map(
                ({ artifact: _a, case: _c, event: _e, ...rest }) => ({
                    ...rest,
                    at: formatInstant(rest.at),
                    endedAt: formatOrNull(rest.endedAt),
                    holders: rest.holders.map((holder) => ({
                        ...holder,
                        versions: [...holder.versions],
                        toldAt: formatOrNull(holder.toldAt),
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
            await notifyHoldersAgain(ask, ask.params.id)
            return {}
        },
    ),
]

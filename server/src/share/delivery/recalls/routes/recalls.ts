/** What became of the copies that were held of what was recalled, for the operator. */
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
            /** Why it was not told; null once it was. */
            waits: maybe,
            confirmedAt: maybe,
            confirmedBy: maybe,
            /** Its standing reaches no cases: nobody waits for it. */
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
            summary: "The recalls of an artifact: who held it, who was told, and who confirmed to have deleted it",
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
            summary: "Tells those holders who were not told, or could not be",
            params: byId,
        },
        async (ask) => {
            await notifyHoldersAgain(ask, ask.params.id)
            return {}
        },
    ),
]

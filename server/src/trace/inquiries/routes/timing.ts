/** Route of the timing of an inquiry, for members. */
import { Type } from "typebox"
import { assumptionsOf, cautionOfTiming, shippedModel } from "@tocsin/marks/bundle/timing"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { inWords } from "@tocsin/marks/evidence/hypotheses"
import { scale } from "@tocsin/marks/evidence/hypotheses"
import { timingOf } from "../actions/weigh-timing.ts"
import { byId, id, maybe, orNull, formatOrNull } from "./present.ts"

export const timingRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/inquiries/{id}/timing",
        permission: "inquiry:read",
        summary:
            "Returns the timing of each hypothesis next to its prior weight, for members, and records the " +
            "look; it accuses no partner",
        params: byId,
        answer: Type.Object({
            caution: Type.String(),
            assumptions: Type.Array(Type.String()),
            scale: Type.String(),
            seen: orNull(Type.Object({ evidence: id, kind: Type.String(), at: Type.String(), clock: Type.String() })),
            /** log10 of the evidence that makes one partner as likely as all else, by these weights. */
            evenAt: orNull(Type.Number()),
            rows: Type.Array(
                Type.Object({
                    key: Type.String(),
                    title: Type.String(),
                    partner: orNull(id),
                    since: maybe,
                    weight: Type.Number(),
                    /** Null where timing says nothing of the hypothesis. */
                    log10: orNull(Type.Number()),
                    words: Type.String(),
                }),
            ),
        }),
    },
    async (ask) => {
        const { seen, rows, evenAt } = await timingOf(ask, ask.params.id)
        return {
            caution: cautionOfTiming,
            assumptions: assumptionsOf(shippedModel),
            scale,
            evenAt,
            seen: seen && { evidence: seen.id, kind: seen.kind, at: formatInstant(seen.seenAt), clock: seen.clock },
            rows: rows.map((timed) => ({
                ...timed,
                since: formatOrNull(timed.since),
                words: timed.log10 === null ? "says nothing" : inWords(timed.log10),
            })),
        }
    },
)

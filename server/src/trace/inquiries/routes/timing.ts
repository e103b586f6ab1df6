/** Route of the timing of an inquiry, for members. */
import { assumptionsOf, cautionOfTiming, shippedModel } from "@tocsin/marks/bundle/timing"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { inWords } from "@tocsin/marks/evidence/hypotheses"
import { scale } from "@tocsin/marks/evidence/hypotheses"
import { timingOf } from "../actions/weigh-timing.ts"
import { formatOrNull } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import { timingAnswer } from "../schemas.ts"

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
        answer: timingAnswer,
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

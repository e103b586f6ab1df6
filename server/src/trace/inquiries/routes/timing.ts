/** Route of the timing of an inquiry, for members. */
import { assumptionsOf, cautionOfTiming, shippedModel } from "@tocsin/marks/bundle/timing"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { supportInWords } from "@tocsin/marks/evidence/hypotheses"
import { scale } from "@tocsin/marks/evidence/hypotheses"
import { readTiming } from "../actions/compute-timing.ts"
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
            "read; it accuses no partner",
        params: byId,
        answer: timingAnswer,
    },
    async (ctx) => {
        const { firstObservation, rows, evenAt } = await readTiming(ctx, ctx.params.id)
        return {
            caution: cautionOfTiming,
            assumptions: assumptionsOf(shippedModel),
            scale,
            evenAt,
            firstObservation: firstObservation && {
                evidence: firstObservation.id,
                kind: firstObservation.kind,
                at: formatInstant(firstObservation.observedAt),
                clock: firstObservation.clock,
            },
            rows: rows.map((row) => ({
                ...row,
                since: formatOrNull(row.since),
                text: row.log10 === null ? "not computed" : supportInWords(row.log10),
            })),
        }
    },
)

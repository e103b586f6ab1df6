/** Route of the timing of an inquiry, for members. */
import { shippedModel, timingAssumptions } from "@tocsin/marks/bundle/timing"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { supportOf } from "@tocsin/marks/evidence/hypotheses"
import { cautions, scale } from "../../attribution/caution.ts"
import { readTiming } from "../actions/compute-timing.ts"
import { formatOrNull } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import { timingAnswer } from "../schemas.ts"

/** The largest likelihood ratio. */
const factorMax = Math.round(10 ** shippedModel.most)

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
            caution: cautions.timing,
            assumptions: [...timingAssumptions],
            model: { medianDays: shippedModel.medianDays, windowDays: shippedModel.windowDays, factorMax },
            scale,
            evenAt,
            firstObservation: firstObservation && {
                evidence: firstObservation.id,
                kind: firstObservation.kind,
                at: formatInstant(firstObservation.observedAt),
                clock: firstObservation.clock,
            },
            rows: rows.map(({ title: _, ...row }) => ({
                ...row,
                since: formatOrNull(row.since),
                support: row.log10 === null ? null : supportOf(row.log10),
            })),
        }
    },
)

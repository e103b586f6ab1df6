/** Routes of measures, for staff. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { hasPermission } from "../../../kernel/permissions.ts"
import {
    liftRestriction,
    reinstate,
    requestLift,
    requestRelaxation,
    requestReinstatement,
} from "../actions/restore-access.ts"
import { loadMeasure, listMeasures } from "../actions/record-measure.ts"
import { listLettersOfMeasure } from "../actions/send-letter.ts"
import { restrictByDuty, restrictPartner, suspendPartner } from "../actions/restrict-access.ts"
import { applyReview, requestReview } from "../actions/review-measure.ts"
import type { LetterText } from "../letter.ts"
import { type Measure, type ReinstatableKind } from "../measure.ts"
import { presentLetter, formatOrNull } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    applyExtensionMeasureAnswer,
    applyExtensionMeasureBody,
    extendMeasureAnswer,
    extendMeasureBody,
    restoreAccessAnswer,
    liftMeasureBody,
    measuresAnswer,
    measuresQuery,
    newMeasureBody,
    reinstateMeasureBody,
    relaxMeasureAnswer,
    relaxMeasureBody,
    newMeasureAnswer,
    measureDetailsAnswer,
} from "../schemas.ts"

function presentMeasure(measure: Measure) {
    const { takenAt, reviewBy, endedAt } = measure
    return {
        ...measure,
        takenAt: formatInstant(takenAt),
        reviewBy: formatOrNull(reviewBy),
        endedAt: formatOrNull(endedAt),
    }
}

const console = { side: "console" as const }

export const measureRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/measures",
            permission: "measure:read",
            summary: "Lists all measures, or those about one partner, newest first",
            query: measuresQuery,
            answer: measuresAnswer,
        },
        async (ctx) => ({ measures: (await listMeasures(ctx, ctx.query.partner ?? null)).map(presentMeasure) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/measures/{id}",
            permission: "measure:read",
            summary: "Returns one measure with its letters and answers",
            params: byId,
            answer: measureDetailsAnswer,
        },
        async (ctx) => ({
            ...presentMeasure(await loadMeasure(ctx, ctx.params.id)),
            letters: (await listLettersOfMeasure(ctx, ctx.params.id)).map(presentLetter),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures",
            permission: "measure:suspend",
            summary:
                "Restricts access at once: an interim suspension, or a restriction of one partner or by reporting duty",
            creates: true,
            body: newMeasureBody,
            answer: newMeasureAnswer,
        },
        async ({ body, ...ctx }) => ({ measure: await restrict(ctx, body) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures/reinstate",
            permission: "measure:reinstate",
            summary:
                "Requests the end of an interim suspension or of sanctions; with the signed approval, " +
                "reinstates the partner",
            body: reinstateMeasureBody,
            answer: restoreAccessAnswer,
        },
        async ({ body, ...ctx }) => await restore(ctx, body, requestReinstatement, reinstate),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures/lift",
            permission: "measure:reinstate",
            summary: "Requests the lifting of one partner's restriction; with the signed approval, lifts it",
            body: liftMeasureBody,
            answer: restoreAccessAnswer,
        },
        async ({ body, ...ctx }) => await restore(ctx, body, requestLift, liftRestriction),
    ),
]

/** Routes of reviews and relaxations, which need two people. */
export const reviewRoutes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures/relax",
            permission: "measure:reinstate",
            summary: "Requests a weaker restriction of one partner, which is then set with the approval",
            body: relaxMeasureBody,
            answer: relaxMeasureAnswer,
        },
        async ({ body: { partner, withhold = [], notBeforePublication = false, cases = null }, ...ctx }) => ({
            approval: await requestRelaxation(ctx, partner, { withhold, notBeforePublication, cases }),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures/{id}/extend",
            permission: "measure:decide",
            summary: "Requests the extension of an interim suspension to a date, or until a procedure is decided",
            params: byId,
            body: extendMeasureBody,
            answer: extendMeasureAnswer,
        },
        async ({ body: { reason, reviewBy, procedure, letter: text }, params, ...ctx }) => {
            if ((reviewBy === undefined) === (procedure === undefined)) {
                refuse("invalid", "measure.needs_outcome", "set `reviewBy` or `procedure`")
            }
            const outcome =
                procedure === undefined
                    ? { reviewBy: parseInstant(reviewBy ?? ""), procedure: null }
                    : { reviewBy: null, procedure }
            return { approval: await requestReview(ctx, params.id, { reason, outcome, letter: text }) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/measures/{id}/apply-extension",
            permission: "measure:decide",
            summary: "Applies a signed review of an interim suspension",
            params: byId,
            body: applyExtensionMeasureBody,
            answer: applyExtensionMeasureAnswer,
        },
        async ({ body, params, ...ctx }) => {
            await applyReview(ctx, params.id, body.approval)
            return { reviewed: true }
        },
    ),
]

interface NewMeasureBody {
    readonly kind: string
    readonly reason: string
    readonly partner?: string | undefined
    readonly policy?: number | undefined
    readonly withhold?: readonly string[] | undefined
    readonly notBeforePublication?: boolean | undefined
    readonly cases?: readonly string[] | null | undefined
    readonly approval?: string | undefined
    readonly letter?: LetterText | undefined
}

async function restrict(ctx: ActionContext, body: NewMeasureBody): Promise<string | null> {
    const { kind, reason, approval, letter } = body
    if (kind !== "interim_suspension" && !hasPermission(ctx.actor, "measure:restrict")) {
        refuse("forbidden", "measure.managers_only", "this needs the permission `measure:restrict`")
    }
    if (kind === "restrict_by_reporting_duty") {
        const policy =
            body.policy ?? refuse("invalid", "measure.needs_policy", "set `policy` to the version with the duty rule")
        return await restrictByDuty(ctx, { policy, reason, letter, approval })
    }
    const partner = body.partner ?? refuse("invalid", "measure.needs_partner", "set `partner`")
    if (kind === "interim_suspension") return await suspendPartner(ctx, { partner, reason, letter })
    const { withhold = [], notBeforePublication = false, cases = null } = body
    const restriction = { withhold, notBeforePublication, cases }
    return await restrictPartner(ctx, { partner, ...restriction, reason, approval, letter })
}

interface RestoreBody {
    readonly partner: string
    readonly reason?: string | undefined
    readonly approval?: string | undefined
    readonly letter?: LetterText | undefined
    readonly from?: ReinstatableKind | undefined
}

async function restore(
    ctx: ActionContext,
    { partner, reason = "", approval, letter, from }: RestoreBody,
    request: typeof requestReinstatement,
    apply: typeof reinstate,
) {
    if (approval === undefined) return { done: false, approval: await request(ctx, partner, from), measure: null }
    const measure = await apply(ctx, { partner, approval, reason, letter, from })
    return { done: true, approval, measure }
}

/** Routes of sightings and protection, for staff. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { listDeadlines, setDeadline } from "./actions/set-deadlines.ts"
import { type Sighting, listSightings } from "./actions/report-sighting.ts"
import { type WaveFollowUp, listFollowUpsOfPartner, listFollowUpsOfCase } from "./actions/list-follow-ups.ts"
import { type ProtectionReport, listProtections } from "./actions/report-protection.ts"

import { byId } from "../../kernel/schemas.ts"
import { emptyAnswer } from "../../kernel/schemas.ts"
import {
    followUpDeadlinesAnswer,
    followUpsQuery,
    followUpsAnswer,
    protectionStatusesAnswer,
    protectionStatusesQuery,
    setFollowUpDeadlinesBody,
    sightingsAnswer,
    sightingsQuery,
} from "./schemas.ts"

/** Presents a sighting. `id` is the partner's own id of it. */
export function presentSighting({ reference, ...rest }: Omit<Sighting, "case" | "partner">) {
    const { person, clock, product, confidence, note } = rest
    return {
        id: reference,
        person,
        observedAt: formatInstant(rest.observedAt),
        clock,
        product,
        zeroReportSince: rest.zeroReportSince === null ? null : formatInstant(rest.zeroReportSince),
        indicators: [...rest.indicators],
        confidence,
        note,
        reportedAt: formatInstant(rest.reportedAt),
        correctedAt: rest.correctedAt === null ? null : formatInstant(rest.correctedAt),
        withdrawnAt: rest.withdrawnAt === null ? null : formatInstant(rest.withdrawnAt),
    }
}

/** Presents a protection status. */
export function presentProtection({ person, state, since, note, at }: Omit<ProtectionReport, "case" | "partner">) {
    const sinceText = since === null ? null : formatInstant(since)
    return { person, state, since: sinceText, note, reportedAt: formatInstant(at) }
}

/** Presents a follow-up. */
export function presentFollowUp({
    since,
    dueAt,
    protectionAt,
    sightingAt,
    state,
}: Omit<WaveFollowUp, "partner" | "case" | "tier">) {
    const formatOrNull = (at: number | null) => (at === null ? null : formatInstant(at))
    return {
        since: formatInstant(since),
        dueAt: formatInstant(dueAt),
        state,
        protectionAt: formatOrNull(protectionAt),
        sightingAt: formatOrNull(sightingAt),
    }
}

const presentFollowUps = (followUps: readonly WaveFollowUp[]) => ({
    followUps: followUps.map((followUp) => ({
        ...presentFollowUp(followUp),
        partner: followUp.partner,
        case: followUp.case,
        tier: followUp.tier,
    })),
})

const deadlineRoutes = [
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/cases/{id}/follow-up-deadlines",
            permission: "sighting:read",
            summary: "Lists the follow-up deadline of each wave of a case, and where it comes from",
            params: byId,
            answer: followUpDeadlinesAnswer,
        },
        async (ctx) => ({ deadlines: await listDeadlines(ctx, ctx.params.id) }),
    ),
    route(
        {
            side: "console",
            method: "PUT",
            path: "/api/cases/{id}/follow-up-deadlines",
            permission: "partner:write",
            summary: "Sets the follow-up deadline of a case or of one wave, for waves that are not released",
            params: byId,
            body: setFollowUpDeadlinesBody,
            answer: emptyAnswer,
        },
        async ({ params, body, ...ctx }) => {
            await setDeadline(ctx, params.id, { wave: body.wave ?? null, hours: body.hours })
            return {}
        },
    ),
]

export const routes = [
    ...deadlineRoutes,
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/follow-ups",
            permission: "sighting:read",
            summary: "Lists the follow-ups of a case by partner, with overdue ones",
            query: followUpsQuery,
            answer: followUpsAnswer,
        },
        async (ctx) => presentFollowUps(await listFollowUpsOfCase(ctx, ctx.query.case)),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/partners/{id}/follow-ups",
            permission: "sighting:read",
            summary: "Lists the follow-ups of one partner by case, with overdue ones",
            params: byId,
            answer: followUpsAnswer,
        },
        async (ctx) => presentFollowUps(await listFollowUpsOfPartner(ctx, ctx.params.id)),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/sightings",
            permission: "sighting:read",
            summary: "Lists the sightings and zero reports of a case, newest first",
            query: sightingsQuery,
            answer: sightingsAnswer,
        },
        async (ctx) => {
            const sightings = await listSightings(ctx, ctx.query.case)
            if (sightings.length > 0) await recordReads(ctx, "sightings", [ctx.query.case])
            return {
                sightings: sightings.map((sighting) => ({
                    ...presentSighting(sighting),
                    partner: sighting.partner,
                    name: sighting.name,
                })),
            }
        },
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/protection-statuses",
            permission: "sighting:read",
            summary: "Lists the protection reports of a case, newest first, with the time to protection",
            query: protectionStatusesQuery,
            answer: protectionStatusesAnswer,
        },
        async (ctx) => ({
            protections: (await listProtections(ctx, ctx.query.case)).map((protection) => ({
                ...presentProtection(protection),
                partner: protection.partner,
                name: protection.name,
                tookMs: protection.tookMs,
            })),
        }),
    ),
]

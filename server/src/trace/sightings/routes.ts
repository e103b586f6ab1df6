/** Routes of sightings and protection, for staff. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { deadlinesOf, setDeadline } from "./actions/set-deadlines.ts"
import { type Sighting, sightingsOf } from "./actions/report-sighting.ts"
import { type OwedByWave, owedByPartner, owedOfCase } from "./actions/list-follow-ups.ts"
import { type SaidProtection, protectionsOf } from "./actions/report-protection.ts"

import { byId } from "../../kernel/schemas.ts"
import { nothing } from "../../kernel/schemas.ts"
import {
    followUpDeadlinesAnswer,
    followUpsQuery,
    owedAnswer,
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
        seenAt: formatInstant(rest.seenAt),
        clock,
        product,
        lookedSince: rest.lookedSince === null ? null : formatInstant(rest.lookedSince),
        indicators: [...rest.indicators],
        confidence,
        note,
        reportedAt: formatInstant(rest.reportedAt),
        correctedAt: rest.correctedAt === null ? null : formatInstant(rest.correctedAt),
        withdrawnAt: rest.withdrawnAt === null ? null : formatInstant(rest.withdrawnAt),
    }
}

/** Presents a protection status. */
export function presentProtection({ person, state, since, note, at }: Omit<SaidProtection, "case" | "partner">) {
    const format = since === null ? null : formatInstant(since)
    return { person, state, since: format, note, reportedAt: formatInstant(at) }
}

/** Presents a follow-up. */
export function presentOwed({
    since,
    dueAt,
    protectionAt,
    sightingAt,
    state,
}: Omit<OwedByWave, "partner" | "case" | "tier">) {
    const formatOrNull = (at: number | null) => (at === null ? null : formatInstant(at))
    return {
        since: formatInstant(since),
        dueAt: formatInstant(dueAt),
        state,
        protectionAt: formatOrNull(protectionAt),
        sightingAt: formatOrNull(sightingAt),
    }
}

const presentAll = (owedByWaves: readonly OwedByWave[]) => ({
    owed: owedByWaves.map((owedByWave) => ({
        ...presentOwed(owedByWave),
        partner: owedByWave.partner,
        case: owedByWave.case,
        tier: owedByWave.tier,
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
        async (ask) => ({ deadlines: await deadlinesOf(ask, ask.params.id) }),
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
            answer: nothing,
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
            answer: owedAnswer,
        },
        async (ask) => presentAll(await owedOfCase(ask, ask.query.case)),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/partners/{id}/follow-ups",
            permission: "sighting:read",
            summary: "Lists the follow-ups of one partner by case, with overdue ones",
            params: byId,
            answer: owedAnswer,
        },
        async (ask) => presentAll(await owedByPartner(ask, ask.params.id)),
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
        async (ask) => {
            const sightings = await sightingsOf(ask, ask.query.case)
            if (sightings.length > 0) await recordReads(ask, "sightings", [ask.query.case])
            return {
                sightings: sightings.map((signedSighting) => ({
                    ...presentSighting(signedSighting),
                    partner: signedSighting.partner,
                    name: signedSighting.name,
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
        async (ask) => ({
            protections: (await protectionsOf(ask, ask.query.case)).map((signedProtection) => ({
                ...presentProtection(signedProtection),
                partner: signedProtection.partner,
                name: signedProtection.name,
                tookMs: signedProtection.tookMs,
            })),
        }),
    ),
]

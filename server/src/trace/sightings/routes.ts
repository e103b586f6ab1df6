/** Routes of sightings and protection, for staff. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { deadlinesOf, setDeadline } from "./actions/set-deadlines.ts"
import { type Sighting, sightingsOf } from "./actions/report-sighting.ts"
import { type OwedByWave, owedByPartner, owedOfCase } from "./actions/list-follow-ups.ts"
import { type SaidProtection, protectionsOf } from "./actions/report-protection.ts"
import { waveTiers } from "../../share/waves/wave.ts"
import { owedStates } from "./follow-up.ts"
import { protectionStates } from "@tocsin/client/limits"
import { clockQualities } from "@tocsin/client/limits"

const id = Type.String({ format: "uuid" })
const maybe = Type.Union([Type.String(), Type.Null()])

/** Fields of a report on both sides. */
export const shownSighting = {
    id,
    person: id,
    seenAt: Type.String(),
    lookedSince: maybe,
    clock: Type.Enum([...clockQualities]),
    product: Type.String(),
    indicators: Type.Array(Type.String()),
    confidence: Type.Union([Type.Integer(), Type.Null()]),
    note: Type.String(),
    reportedAt: Type.String(),
    correctedAt: maybe,
    withdrawnAt: maybe,
}

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

/** Fields of a protection status on both sides. */
export const shownProtection = {
    person: id,
    state: Type.Enum([...protectionStates]),
    since: maybe,
    note: Type.String(),
    reportedAt: Type.String(),
}

/** Presents a protection status. */
export function presentProtection({ person, state, since, note, at }: Omit<SaidProtection, "case" | "partner">) {
    const format = since === null ? null : formatInstant(since)
    return { person, state, since: format, note, reportedAt: formatInstant(at) }
}

/** Fields of a follow-up on both sides. */
export const shownOwed = {
    since: Type.String(),
    dueAt: Type.String(),
    state: Type.Enum([...owedStates]),
    protectionAt: maybe,
    sightingAt: maybe,
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

const owedAnswer = Type.Object({
    owed: Type.Array(Type.Object({ ...shownOwed, partner: id, case: id, tier: Type.Enum([...waveTiers]) })),
})

const presentAll = (owedByWaves: readonly OwedByWave[]) => ({
    owed: owedByWaves.map((owedByWave) => ({
        ...presentOwed(owedByWave),
        partner: owedByWave.partner,
        case: owedByWave.case,
        tier: owedByWave.tier,
    })),
})

const closed = { additionalProperties: false }

const deadlineRoutes = [
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/cases/{id}/follow-up-deadlines",
            permission: "sighting:read",
            summary: "Lists the follow-up deadline of each wave of a case, and where it comes from",
            params: Type.Object({ id }, closed),
            answer: Type.Object({
                deadlines: Type.Array(
                    Type.Object({
                        wave: id,
                        tier: Type.Enum([...waveTiers]),
                        hours: Type.Integer(),
                        fallen: Type.Boolean(),
                        by: Type.Union([Type.Literal("wave"), Type.Literal("case"), Type.Literal("rule")]),
                    }),
                ),
            }),
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
            params: Type.Object({ id }, closed),
            body: Type.Object({ hours: Type.Union([Type.Integer(), Type.Null()]), wave: Type.Optional(id) }, closed),
            answer: Type.Object({}),
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
            query: Type.Object({ case: id }, { additionalProperties: false }),
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
            params: Type.Object({ id }, { additionalProperties: false }),
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
            query: Type.Object({ case: id }, { additionalProperties: false }),
            answer: Type.Object({
                sightings: Type.Array(Type.Object({ ...shownSighting, partner: id, name: Type.String() })),
            }),
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
            query: Type.Object({ case: id }, { additionalProperties: false }),
            answer: Type.Object({
                protections: Type.Array(
                    Type.Object({
                        ...shownProtection,
                        partner: id,
                        name: Type.String(),
                        tookMs: Type.Union([Type.Integer(), Type.Null()]),
                    }),
                ),
            }),
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

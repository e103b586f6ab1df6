/** Routes of a partner's warnings and copies. */
import { createHash } from "node:crypto"

import { formatInstant } from "@tocsin/base/instant"
import { Live, hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { duesOf } from "../../trust/partners/requirements/actions/list-requirements.ts"
import { partnerFactsOf } from "../../trust/partners/actions/load-facts.ts"
import { allKeysOf } from "../../trust/partners/keys/actions/manage-keys.ts"
import { ownCircles } from "../../trust/partners/roster/actions/access-lists-for-partner.ts"
import { reachesCases } from "../../trust/partners/partner.ts"
import { invitationsTo } from "../../share/cases/actions/answer-invitation.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { idOfAlias } from "../../share/delivery/actions/aliases.ts"
import { acknowledge, fetchCopies, fetchCopy } from "../../share/delivery/actions/fetch-copy.ts"
import { type Warning, partnerOf, warningsFor } from "../../share/delivery/actions/projection.ts"
import { whileSeen } from "../../share/delivery/actions/check-in-flight.ts"
import { ownRecalls } from "../../share/delivery/recalls/actions/recalls-for-partner.ts"
import { isTester, newestResult } from "../../share/delivery/actions/report-test-result.ts"
import { ownWebhooks } from "../../share/webhooks/actions/webhooks-for-partner.ts"
import { aggregatesAmong } from "../../trace/sightings/actions/count-aggregates.ts"
import { ownOwed } from "../../trace/sightings/actions/list-follow-ups.ts"
import { ownProtections } from "../../trace/sightings/actions/report-protection.ts"
import { ownQuestions } from "../../trace/inquiries/actions/ask-question.ts"
import { stateOf } from "../../trace/inquiries/question.ts"
import { ownLetters } from "../../trace/measures/actions/send-letter.ts"
import { presentRecall } from "./recalls.ts"
import { byId } from "../../kernel/schemas.ts"
import { acknowledgeWarningAnswer, warningAnswer, warningsAnswer } from "./schemas.ts"

const portal = { side: "portal" as const }

const formatOrNull = (instant: number | null) => (instant === null ? null : formatInstant(instant))

/** Presents a warning to its partner. */
export function presented({ releasedAt: _, changedAt: __, revision: ___, ...warning }: Warning) {
    return {
        ...warning,
        publication: formatOrNull(warning.publication),
        withdrawnAt: formatOrNull(warning.withdrawnAt),
        artifacts: warning.artifacts.map(({ since: ____, ...rest }) => ({
            ...rest,
            available: rest.version !== null,
            from: formatInstant(rest.from),
            fetchedAt: formatOrNull(rest.fetchedAt),
            acknowledgedAt: formatOrNull(rest.acknowledgedAt),
            holds: rest.holds.map((held) => ({ ...held, at: formatInstant(held.at) })),
        })),
        recalls: warning.recalls.map(presentRecall),
    }
}

/** Wraps an answer that is cut while it is sent, once the actor may no longer see any part. */
function seenStill<Answer>(ctx: ActionContext, warnings: readonly Warning[], answer: Answer) {
    const { partner } = partnerOf(ctx)
    const inner = (name: string) => idOfAlias(ctx.services.keys, partner, "artifact", name)
    const versions = warnings.flatMap(({ artifacts }) =>
        artifacts.flatMap(({ id: name, version }) => (version === null ? [] : [{ artifact: inner(name), version }])),
    )
    return whileSeen(answer, { cases: casesOf(ctx, warnings), versions })
}

/** Resolves the internal ids of the cases. */
const casesOf = (ctx: ActionContext, warnings: readonly Warning[]): string[] =>
    warnings.map(({ id: name }) => idOfAlias(ctx.services.keys, partnerOf(ctx).partner, "warning", name))

async function warningsWithOthers(ctx: ActionContext, partner: string) {
    const warnings = await warningsFor(ctx, partner)
    return [warnings, await aggregatesAmong(ctx, casesOf(ctx, warnings))]
}

/** Returns a value that changes only when the portal's screens would. Hidden cases do not change it. */
async function fingerprintFor(ctx: ActionContext, partner: string): Promise<string> {
    const { tier, standing, duties, agreement, overdue } = await partnerFactsOf(ctx, partner, ctx.now)
    const ofCases = async () => [
        await warningsWithOthers(ctx, partner),
        await invitationsTo(ctx, partner),
        await ownRecalls(ctx, partner),
        await isTester(ctx, partner),
        await newestResult(ctx, partner),
        await ownCircles(ctx),
        (await ownProtections(ctx, null)).map(({ warning, at }) => [warning, at]),
        await ownOwed(ctx, null),
    ]
    const ofLeads = async () => [
        await ownWebhooks(ctx),
        (await ownQuestions(ctx)).map((question) => [question.id, stateOf(question, ctx.now)]),
    ]
    const seen = [
        { tier, standing, duties, agreement, overdue },
        reachesCases(standing) ? await ofCases() : [],
        (await ownLetters(ctx)).map(({ id, answeredAt }) => [id, answeredAt]),
        await allKeysOf(ctx, partner),
        await duesOf(ctx, partner),
        ctx.actor.kind === "partner" && ctx.actor.roles.includes("lead") ? await ofLeads() : [],
    ]
    return createHash("sha256").update(JSON.stringify(seen)).digest("hex")
}

export const routes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/warnings",
            permission: "warning:read",
            summary: "Lists what this partner may see now",
            answer: warningsAnswer,
        },
        async (ask) => {
            const warnings = await warningsFor(ask, partnerOf(ask).partner)
            await recordReads(ask, "facts", casesOf(ask, warnings))
            return seenStill(ask, warnings, { now: formatInstant(ask.now), warnings: warnings.map(presented) })
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/warnings/{id}",
            permission: "warning:read",
            summary: "Returns one warning",
            params: byId,
            answer: warningAnswer,
        },
        async (ask) => {
            const warnings = await warningsFor(ask, partnerOf(ask).partner)
            const warning = warnings.find((warning) => warning.id === ask.params.id) ?? hide()
            await recordReads(ask, "facts", casesOf(ask, [warning]))
            return seenStill(ask, [warning], presented(warning))
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/artifacts/{id}/copy",
            permission: "copy:read",
            summary: "Returns this partner's copy of an artifact, sealed to its age keys, and records the fetch first",
            params: byId,
            together: fetchCopies,
        },
        async (ask) => await fetchCopy(ask, ask.params.id),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/warnings/{id}/acknowledge",
            permission: "warning:acknowledge",
            summary: "Acknowledges what was fetched of a warning",
            params: byId,
            answer: acknowledgeWarningAnswer,
        },
        async (ask) => {
            const { acknowledged, receipts } = await acknowledge(ask, ask.params.id)
            return { acknowledged, receipts: [...receipts] }
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/events",
            permission: "own:read",
            summary: "Streams an event when the visible content has changed",
        },
        async (ask) => new Live(await fingerprintFor(ask, partnerOf(ask).partner)),
    ),
]

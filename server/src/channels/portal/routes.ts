/** Routes of a partner's warnings and copies. */
import { createHash } from "node:crypto"

import { formatInstant } from "@tocsin/base/instant"
import { LiveAnswer, hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { listRequirements } from "../../trust/partners/requirements/actions/list-requirements.ts"
import { loadPartnerFacts } from "../../trust/partners/actions/load-facts.ts"
import { listKeys } from "../../trust/partners/keys/actions/manage-keys.ts"
import { listAccessListsForPartner } from "../../trust/partners/roster/actions/manage-access-lists.ts"
import { hasCaseAccess } from "../../trust/partners/partner.ts"
import { listInvitations } from "../../share/cases/actions/answer-invitation.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
import { acknowledge, fetchCopies, fetchCopy } from "../../share/delivery/actions/fetch-copy.ts"
import { type Warning, partnerOf, listWarnings } from "../../share/delivery/actions/project-warnings.ts"
import { whileVisible } from "../../share/delivery/actions/check-in-flight.ts"
import { listRecallsForPartner } from "../../share/delivery/recalls/actions/list-recalls-for-partner.ts"
import { isTester, findNewestResult } from "../../share/delivery/actions/report-test-result.ts"
import { listWebhooksForPartner } from "../../share/webhooks/actions/webhooks-for-partner.ts"
import { listAggregates } from "../../trace/sightings/actions/count-aggregates.ts"
import { listOpenFollowUpsForPartner } from "../../trace/sightings/actions/list-follow-ups.ts"
import { listProtectionsForPartner } from "../../trace/sightings/actions/report-protection.ts"
import { listQuestionsForPartner as listWarningQuestions } from "../../share/questions/actions/ask-operator.ts"
import { listQuestionsForPartner } from "../../trace/inquiries/actions/ask-question.ts"
import { stateOf } from "../../trace/inquiries/question.ts"
import { listLettersForPartner } from "../../trace/measures/actions/send-letter.ts"
import { presentRecall } from "./recalls.ts"
import { byId } from "../../kernel/schemas.ts"
import { acknowledgeWarningAnswer, copyQuery, warningAnswer, warningsAnswer } from "./schemas.ts"

const portal = { side: "portal" as const }

const formatOrNull = (instant: number | null) => (instant === null ? null : formatInstant(instant))

/** Presents a warning to its partner. */
export function presentWarning({ releasedAt: _, changedAt: __, revision: ___, ...warning }: Warning) {
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
function cutWhenHidden<Answer>(ctx: ActionContext, warnings: readonly Warning[], answer: Answer) {
    const { partner } = partnerOf(ctx)
    const artifactOfAlias = (alias: string) => idOfAlias(ctx.services.keys, partner, "artifact", alias)
    const versions = warnings.flatMap(({ artifacts }) =>
        artifacts.flatMap(({ id: alias, version }) =>
            version === null ? [] : [{ artifact: artifactOfAlias(alias), version }],
        ),
    )
    return whileVisible(answer, { cases: casesOf(ctx, warnings), versions })
}

/** Resolves the internal ids of the cases. */
const casesOf = (ctx: ActionContext, warnings: readonly Warning[]): string[] =>
    warnings.map(({ id: alias }) => idOfAlias(ctx.services.keys, partnerOf(ctx).partner, "warning", alias))

async function loadWarningsWithAggregates(ctx: ActionContext, partner: string) {
    const warnings = await listWarnings(ctx, partner)
    return [warnings, await listAggregates(ctx, casesOf(ctx, warnings))]
}

/** Returns a value that changes only when the portal's screens would. Hidden cases do not change it. */
async function computeFingerprint(ctx: ActionContext, partner: string): Promise<string> {
    const { tier, status, duties, agreement, overdue } = await loadPartnerFacts(ctx, partner, ctx.now)
    const loadCaseParts = async () => [
        await loadWarningsWithAggregates(ctx, partner),
        await listInvitations(ctx, partner),
        await listRecallsForPartner(ctx, partner),
        await isTester(ctx, partner),
        await findNewestResult(ctx, partner),
        await listAccessListsForPartner(ctx),
        (await listProtectionsForPartner(ctx, null)).map(({ warning, at }) => [warning, at]),
        await listOpenFollowUpsForPartner(ctx, null),
        (await listWarningQuestions(ctx)).map(({ id, answeredAt }) => [id, answeredAt]),
    ]
    const loadLeadParts = async () => [
        await listWebhooksForPartner(ctx),
        (await listQuestionsForPartner(ctx)).map((question) => [question.id, stateOf(question, ctx.now)]),
    ]
    const parts = [
        { tier, status, duties, agreement, overdue },
        hasCaseAccess(status) ? await loadCaseParts() : [],
        (await listLettersForPartner(ctx)).map(({ id, answeredAt }) => [id, answeredAt]),
        await listKeys(ctx, partner),
        await listRequirements(ctx, partner),
        ctx.actor.kind === "partner" && ctx.actor.roles.includes("lead") ? await loadLeadParts() : [],
    ]
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex")
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
        async (ctx) => {
            const warnings = await listWarnings(ctx, partnerOf(ctx).partner)
            await recordReads(ctx, "facts", casesOf(ctx, warnings))
            return cutWhenHidden(ctx, warnings, { now: formatInstant(ctx.now), warnings: warnings.map(presentWarning) })
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
        async (ctx) => {
            const warnings = await listWarnings(ctx, partnerOf(ctx).partner)
            const warning = warnings.find((warning) => warning.id === ctx.params.id) ?? hide()
            await recordReads(ctx, "facts", casesOf(ctx, [warning]))
            return cutWhenHidden(ctx, [warning], presentWarning(warning))
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/artifacts/{id}/copy",
            permission: "copy:read",
            summary:
                "Returns this partner's copy of an artifact, sealed to its usable keys, and records the fetch first",
            params: byId,
            query: copyQuery,
            serveBatch: fetchCopies,
        },
        async (ctx) => await fetchCopy(ctx, ctx.params.id, ctx.query.sealed),
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
        async (ctx) => {
            const { acknowledged, receipts } = await acknowledge(ctx, ctx.params.id)
            return { acknowledged, receipts: [...receipts] }
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/events",
            permission: "own:read",
            scope: "poll",
            summary: "Streams an event when the visible content has changed",
        },
        async (ctx) => new LiveAnswer(await computeFingerprint(ctx, partnerOf(ctx).partner)),
    ),
]

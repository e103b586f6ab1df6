/** Routes of embargoes for partners: requests, their history, and the partner's consent. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { answerInvitation, exitEmbargo, listInvitations } from "../../share/cases/actions/answer-invitation.ts"
import { proposeAsPartner } from "../../share/cases/actions/negotiate-embargo.ts"
import { presentInvitation } from "../../share/cases/routes/present.ts"
import { idOfAlias, aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { partnerOf, listWarnings } from "../../share/delivery/actions/project-warnings.ts"
import { byId } from "../../kernel/schemas.ts"
import { answerConsentBody, consentsAnswer, newProposalBody } from "./schemas.ts"

const portal = { side: "portal" as const }

/** Resolves the partner's alias of a case. */
const caseOfAlias = (ctx: ActionContext, alias: string): string =>
    idOfAlias(ctx.services.keys, partnerOf(ctx).partner, "warning", alias)

export const consentRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/consents",
            permission: "warning:read",
            summary:
                "Lists the embargoes to which this partner was invited, its answers and their history, " +
                "without content",
            answer: consentsAnswer,
        },
        async (ctx) => {
            const { partner } = partnerOf(ctx)
            const invitations = (await listInvitations(ctx, partner)).map((invitation) => ({
                id: aliasFor(ctx.services.keys, partner, "warning", invitation.case),
                ...presentInvitation(invitation),
            }))
            return { now: formatInstant(ctx.now), invitations }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/consents/{id}/answer",
            permission: "consent:answer",
            summary: "Accepts an embargo, or declines it; silence declines",
            params: byId,
            body: answerConsentBody,
        },
        async (ctx) => {
            await answerInvitation(ctx, caseOfAlias(ctx, ctx.params.id), ctx.body.accepts)
            return {}
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/consents/{id}/proposals",
            permission: "consent:answer",
            summary: "Proposes another end of an embargo to which this partner was invited; staff decide",
            params: byId,
            body: newProposalBody,
        },
        async (ctx) => {
            await proposeAsPartner(ctx, caseOfAlias(ctx, ctx.params.id), parseInstant(ctx.body.endsAt))
            return {}
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/consents/{id}/exit",
            permission: "consent:answer",
            summary:
                "Leaves an embargo: the partner gets nothing more of the case, and the embargo continues for " +
                "the others",
            params: byId,
        },
        async (ctx) => {
            const { partner } = partnerOf(ctx)
            const caseId = caseOfAlias(ctx, ctx.params.id)
            const isInvited = (await listInvitations(ctx, partner)).some((invitation) => invitation.case === caseId)
            const isWarned = (await listWarnings(ctx, partner)).some((warning) => warning.id === ctx.params.id)
            if (!isInvited && !isWarned) hide()
            await exitEmbargo(ctx, caseId)
            return {}
        },
    ),
]

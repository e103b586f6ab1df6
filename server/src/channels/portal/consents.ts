/** Routes of embargoes for partners: requests, their history, and the partner's consent. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { answerInvitation, exitEmbargo, invitationsTo } from "../../share/cases/actions/answer-invitation.ts"
import { proposeAsPartner } from "../../share/cases/actions/negotiate-embargo.ts"
import { presentInvitation } from "../../share/cases/routes/present.ts"
import { idOfAlias, aliasFor } from "../../share/delivery/actions/aliases.ts"
import { partnerOf, warningsFor } from "../../share/delivery/actions/projection.ts"
import { byId } from "../../kernel/schemas.ts"
import { answerConsentBody, consentsAnswer, newProposalBody } from "./schemas.ts"

const portal = { side: "portal" as const }

/** Resolves the partner's alias of a case. */
const caseBehind = (ctx: ActionContext, name: string): string =>
    idOfAlias(ctx.services.keys, partnerOf(ctx).partner, "warning", name)

export const consentRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/consents",
            permission: "warning:read",
            summary:
                "Lists the embargoes that this partner was asked to accept, its answers and their history, " +
                "without content",
            answer: consentsAnswer,
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const invitations = (await invitationsTo(ask, partner)).map((invitation) => ({
                id: aliasFor(ask.services.keys, partner, "warning", invitation.case),
                ...presentInvitation(invitation),
            }))
            return { now: formatInstant(ask.now), invitations }
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
        async (ask) => {
            await answerInvitation(ask, caseBehind(ask, ask.params.id), ask.body.accepts)
            return {}
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/consents/{id}/proposals",
            permission: "consent:answer",
            summary: "Proposes another end of an embargo that this partner was asked to accept; staff decide",
            params: byId,
            body: newProposalBody,
        },
        async (ask) => {
            await proposeAsPartner(ask, caseBehind(ask, ask.params.id), parseInstant(ask.body.endsAt))
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
        async (ask) => {
            const { partner } = partnerOf(ask)
            const value = caseBehind(ask, ask.params.id)
            const isAsked = (await invitationsTo(ask, partner)).some((invitation) => invitation.case === value)
            const isWarned = (await warningsFor(ask, partner)).some((warning) => warning.id === ask.params.id)
            if (!isAsked && !isWarned) hide()
            await exitEmbargo(ask, value)
            return {}
        },
    ),
]

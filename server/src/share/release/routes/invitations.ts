/**
 * HTTP routes of the operator that invite partners to an embargo: one person, or two where acceptance opens released
 * content.
 */
import { hourMs } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"

import { invitePartners } from "../actions/invite-partners.ts"
import { byId } from "../../../kernel/schemas.ts"
import { inviteTierCaseBody, invitedAnswer, newInvitationBody } from "../schemas.ts"

const console = { side: "console" as const }

interface InvitationBody {
    readonly withinHours?: number
    readonly approval?: string
}

const termsOf = ({ withinHours, approval }: InvitationBody) => ({
    withinMs: withinHours === undefined ? undefined : withinHours * hourMs,
    approval,
})

export const invitationRoutes = [
    route(
        {
            ...console,
            method: "POST",
            permission: "case:write",
            path: "/api/cases/{id}/invitations",
            summary:
                "Invites a partner to this embargo; where acceptance opens released content, requests a " +
                "second signature",
            params: byId,
            body: newInvitationBody,
            answer: invitedAnswer,
        },
        async (ctx) => await invitePartners(ctx, ctx.params.id, { partner: ctx.body.partner }, termsOf(ctx.body)),
    ),
    route(
        {
            ...console,
            method: "POST",
            permission: "case:write",
            path: "/api/cases/{id}/invite-tier",
            summary:
                "Invites the partners of a tier not invited yet; where acceptance opens released content, " +
                "requests a second signature",
            params: byId,
            body: inviteTierCaseBody,
            answer: invitedAnswer,
        },
        async (ctx) => await invitePartners(ctx, ctx.params.id, { tier: ctx.body.tier }, termsOf(ctx.body)),
    ),
]

/**
 * HTTP routes of the operator that invite partners to an embargo: one person, or two where acceptance opens released
 * content.
 */
import { Type } from "typebox"
import { hourMs } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { tiers } from "../../../trust/partners/partner.ts"
import { invite } from "../actions/invite-partners.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const console = { side: "console" as const }
const terms = {
    withinHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    approval: Type.Optional(id),
}
const answer = Type.Object({
    done: Type.Boolean(),
    invited: Type.Integer(),
    /** The approval that waits for a signature or was applied; null where one person is enough. */
    approval: Type.Union([id, Type.Null()]),
})

interface Said {
    readonly withinHours?: number
    readonly approval?: string
}

const termsOf = ({ withinHours, approval }: Said) => ({
    withinMs: withinHours === undefined ? undefined : withinHours * hourMs,
    approval,
})

export const invitingRoutes = [
    route(
        {
            ...console,
            method: "POST",
            permission: "case:write",
            path: "/api/cases/{id}/invitations",
            summary:
                "Invites a partner to this embargo; where acceptance opens released content, requests a " +
                "second signature",
            params: Type.Object({ id }, closed),
            body: Type.Object({ partner: id, ...terms }, closed),
            answer,
        },
        async (ask) => await invite(ask, ask.params.id, { partner: ask.body.partner }, termsOf(ask.body)),
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
            params: Type.Object({ id }, closed),
            body: Type.Object({ tier: Type.Enum([...tiers]), ...terms }, closed),
            answer,
        },
        async (ask) => await invite(ask, ask.params.id, { tier: ask.body.tier }, termsOf(ask.body)),
    ),
]

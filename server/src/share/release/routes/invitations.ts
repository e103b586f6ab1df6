/** Partners are asked to keep an embargo: by one person, or by two where a yes would open what has fallen. */
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
    /** What waits for its signature, or was carried out; null where one person was enough. */
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
                "Asks a partner to keep this embargo, which gets nothing of the case until it answers; where a yes opens what has fallen, asks a second person to sign first",
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
                "Asks the partners of a tier that take part early, but those that were asked already; where a yes opens what has fallen, asks a second person to sign first",
            params: Type.Object({ id }, closed),
            body: Type.Object({ tier: Type.Enum([...tiers]), ...terms }, closed),
            answer,
        },
        async (ask) => await invite(ask, ask.params.id, { tier: ask.body.tier }, termsOf(ask.body)),
    ),
]

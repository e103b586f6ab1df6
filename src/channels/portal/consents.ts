/** The portal's API about embargoes: what a partner was asked to keep, what became of it, and the partner's own say. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "../../lib/instant.ts"
import { hide } from "../../platform/http.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import { answerInvitation, exitEmbargo, invitationsTo } from "../../share/cases/actions/consents.ts"
import { proposeAsPartner } from "../../share/cases/actions/embargo.ts"
import { invitationAnswer, presentedInvitation } from "../../share/cases/routes/answers.ts"
import { idBehind, nameFor } from "../../share/delivery/actions/names.ts"
import { partnerOf, warningsFor } from "../../share/delivery/actions/projection.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, closed)
const portal = { side: "portal" as const }

/** The case behind the id that the partner knows it by. */
const caseBehind = (act: Act, name: string): string => idBehind(act.doors.keys, partnerOf(act).partner, "warning", name)

export const consentRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/consents",
            needs: "warning:read",
            does: "Which embargoes this partner was asked to keep, what it said, and every turn of theirs without content",
            answer: Type.Object({
                now: Type.String(),
                invitations: Type.Array(Type.Object({ id, ...invitationAnswer })),
            }),
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const invitations = (await invitationsTo(ask, partner)).map((one) => ({
                id: nameFor(ask.doors.keys, partner, "warning", one.case),
                ...presentedInvitation(one),
            }))
            return { now: formatInstant(ask.now), invitations }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/consents/{id}/answer",
            needs: "consent:answer",
            does: "Keeps an embargo, or declines it; silence declines",
            params: byId,
            body: Type.Object({ accepts: Type.Boolean() }, closed),
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
            needs: "consent:answer",
            does: "Proposes another end of an embargo that this partner was asked to keep; the operator decides",
            params: byId,
            body: Type.Object({ endsAt: Type.String() }, closed),
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
            needs: "consent:answer",
            does: "Leaves an embargo: nothing more of the case is handed out, and the embargo goes on for the others",
            params: byId,
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const its = caseBehind(ask, ask.params.id)
            const isAsked = (await invitationsTo(ask, partner)).some((one) => one.case === its)
            const isWarned = (await warningsFor(ask, partner)).some((one) => one.id === ask.params.id)
            if (!isAsked && !isWarned) hide()
            await exitEmbargo(ask, its)
            return {}
        },
    ),
]

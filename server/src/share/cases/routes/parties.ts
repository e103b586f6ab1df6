/**
 * HTTP routes for invitations to an embargo: for staff, and for external parties with the secret of their invitation.
 */
import { formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { listConsents } from "../actions/answer-invitation.ts"
import * as actions from "../actions/manage-parties.ts"

import { presentConsent, presentInvitation } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    answerInvitationBody,
    byParty,
    consentsAnswer,
    exitInvitationBody,
    invitePartyAnswer,
    invitePartyBody,
    newPartyBody,
    newProposalBody,
    partiesAnswer,
    readInvitationAnswer,
    readInvitationBody,
    renewSecretPartyAnswer,
} from "../schemas.ts"

const console = { side: "console" as const }

const hoursToMs = (hours: number | undefined) => (hours === undefined ? undefined : hours * hourMs)

const staffRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/consents",
            permission: "case:read",
            summary: "Lists the invited partners and parties of this embargo, with their answers and adherence",
            params: byId,
            answer: consentsAnswer,
        },
        async (ask) => {
            const list = await listConsents(ask, ask.params.id)
            return {
                consents: list.flatMap((consent) =>
                    consent.partner === null ? [] : [{ ...presentConsent(consent), partner: consent.partner }],
                ),
                parties: list.flatMap((consent) =>
                    consent.party === null ? [] : [{ ...presentConsent(consent), party: consent.party }],
                ),
            }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/parties",
            permission: "case:read",
            summary: "Lists the external parties of a case: finder, vendors, coordinators",
            params: byId,
            answer: partiesAnswer,
        },
        async (ask) => ({
            parties: (await actions.loadParties(ask, ask.params.id)).map((party) => ({
                ...party,
                addedAt: formatInstant(party.addedAt),
            })),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/parties",
            permission: "case:write",
            summary: "Adds an external party; it takes part once it is invited",
            creates: true,
            params: byId,
            body: newPartyBody,
            answer: byId,
        },
        async (ask) => ({ id: await actions.addParty(ask, ask.params.id, ask.body) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/parties/{party}/invite",
            permission: "case:write",
            summary: "Invites a party to this embargo; returns the secret to hand over, which is shown only once",
            params: byParty,
            body: invitePartyBody,
            answer: invitePartyAnswer,
        },
        async (ask) => {
            const { id, party } = ask.params
            return { secret: await actions.inviteParty(ask, id, party, hoursToMs(ask.body.withinHours)) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/parties/{party}/renew-secret",
            permission: "case:write",
            summary: "Replaces the lost secret of a party; the earlier secret stops working",
            params: byParty,
            answer: renewSecretPartyAnswer,
        },
        async (ask) => ({ secret: await actions.renewSecret(ask, ask.params.id, ask.params.party) }),
    ),
]

const publicRoute = { side: "portal" as const, perHourMax: 60 }

/** Without sign-in, by the secret alone. The secret is in the body, so that no access log contains it. */
const secretRoutes = [
    route(
        {
            ...publicRoute,
            method: "POST",
            permission: "public",
            path: "/api/invitations/read",
            summary:
                "Returns the embargo to which the holder of this secret is invited: history and end, without content",
            body: readInvitationBody,
            answer: readInvitationAnswer,
        },
        async (ask) => {
            const invitation = await actions.loadInvitationBySecret(ask, ask.body.secret)
            return { now: formatInstant(ask.now), ...presentInvitation(invitation) }
        },
    ),
    route(
        {
            ...publicRoute,
            method: "POST",
            permission: "public",
            path: "/api/invitations/answer",
            summary: "Accepts or declines the embargo; silence declines",
            body: answerInvitationBody,
        },
        async (ask) => {
            await actions.answerBySecret(ask, ask.body.secret, ask.body.accepts)
            return {}
        },
    ),
    route(
        {
            ...publicRoute,
            method: "POST",
            permission: "public",
            path: "/api/invitations/proposals",
            summary: "Proposes another end of the embargo; the operator decides",
            body: newProposalBody,
        },
        async (ask) => {
            await actions.proposeBySecret(ask, ask.body.secret, parseInstant(ask.body.endsAt))
            return {}
        },
    ),
    route(
        {
            ...publicRoute,
            method: "POST",
            permission: "public",
            path: "/api/invitations/exit",
            summary: "Leaves the embargo, which continues for the others",
            body: exitInvitationBody,
        },
        async (ask) => {
            await actions.exitBySecret(ask, ask.body.secret)
            return {}
        },
    ),
]

export const partyRoutes = [...staffRoutes, ...secretRoutes]

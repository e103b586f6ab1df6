/** Serves a partner's own data in every status. Each route reaches only the actor's partner. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { hide } from "../../../kernel/route.ts"
import { personsOf } from "../../identity/actions.ts"
import {
    acceptAgreement,
    acceptancesOf,
    addAgreement,
    agreementEffectsToSign,
    agreements,
} from "../agreements/actions/accept-agreement.ts"
import { assertMember, addMember, removeMember, renewMemberLink } from "../roster/actions/manage-roster.ts"
import { partnerFactsOf, partnerName } from "../actions/load-facts.ts"
import { addKey, allKeysOf, revokeKey } from "../keys/actions/manage-keys.ts"
import { appliesIn } from "../agreements/agreement.ts"

import { doOrAsk, presentAcceptance, presentAgreement, presentFacts, presentKey, presentPerson } from "./present.ts"
import { mailKeyRoutes } from "../keys/routes/mail-keys.ts"
import { testCopyRoutes } from "../keys/routes/test-copies.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    acceptAgreementBody,
    acceptanceAnswer,
    agreementsAnswer,
    keyAnswer,
    keysAnswer,
    meAnswer,
    newAgreementAnswer,
    newAgreementBody,
    newKeyBody,
    newRosterAnswer,
    newRosterBody,
    rosterAnswer,
} from "../schemas.ts"
import { nothing } from "../../../kernel/schemas.ts"

const me = route(
    {
        method: "GET",
        path: "/api/me",
        side: "portal",
        permission: "own:read",
        summary: "Who is signed in, and what is true of the own partner",
        answer: meAnswer,
    },
    async (ask) => {
        const { partner, person } = assertMember(ask)
        const roster = (await personsOf(ask, partner)).map(presentPerson)
        return {
            now: formatInstant(ask.now),
            person: roster.find((item) => item.id === person) ?? hide(),
            partner: {
                ...presentFacts(await partnerFactsOf(ask, partner, ask.now)),
                ...(await partnerName(ask, partner)),
                roster,
                keys: (await allKeysOf(ask, partner)).map(presentKey),
                acceptances: (await acceptancesOf(ask, partner)).map(presentAcceptance),
            },
        }
    },
)

const keys = [
    route(
        {
            method: "GET",
            path: "/api/keys",
            side: "portal",
            permission: "own:read",
            summary: "The own partner's keys, with those that were revoked or have expired",
            answer: keysAnswer,
        },
        async (ask) => ({ keys: (await allKeysOf(ask, assertMember(ask).partner)).map(presentKey) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/keys",
            side: "portal",
            permission: "own:extend",
            summary:
                "Adds an age recipient, with an end or to the most that the program allows; the first is usable at " +
                "once, later ones after 24 hours",
            creates: true,
            body: newKeyBody,
            answer: keyAnswer,
        },
        async (ask) => {
            const { recipient, expiresAt } = ask.body
            const end = expiresAt === undefined ? null : parseInstant(expiresAt)
            return presentKey(await addKey(ask, recipient, end))
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/keys/{id}",
            side: "portal",
            permission: "own:lead",
            summary: "Revokes a key: nothing more is sealed for it",
            params: byId,
            answer: nothing,
        },
        async (ask) => {
            await revokeKey(ask, ask.params.id)
            return {}
        },
    ),
]

const roster = [
    route(
        {
            method: "GET",
            path: "/api/roster",
            side: "portal",
            permission: "own:read",
            summary: "The own partner's persons",
            answer: rosterAnswer,
        },
        async (ask) => ({ roster: (await personsOf(ask, assertMember(ask).partner)).map(presentPerson) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/roster",
            side: "portal",
            permission: "own:extend",
            summary: "Adds an analyst; a sign-in link goes to that person by mail",
            creates: true,
            body: newRosterBody,
            answer: newRosterAnswer,
        },
        async (ask) => await addMember(ask, ask.body),
    ),
    route(
        {
            method: "DELETE",
            path: "/api/roster/{id}",
            side: "portal",
            permission: "own:lead",
            summary: "An analyst leaves, and loses every credential at once",
            params: byId,
            answer: nothing,
        },
        async (ask) => {
            await removeMember(ask, ask.params.id)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/roster/{id}/sign-in-links",
            side: "portal",
            permission: "own:extend",
            summary: "Mails a new sign-in link to an analyst; sessions, tokens and links before end",
            params: byId,
            answer: nothing,
        },
        async (ask) => {
            await renewMemberLink(ask, ask.params.id)
            return {}
        },
    ),
]

const agreed = [
    route(
        {
            method: "GET",
            path: "/api/agreements",
            side: "both",
            permission: "agreement:read",
            summary:
                "The agreement in all its versions, and from when each applies; the newest of those that do " +
                "is in force",
            answer: agreementsAnswer,
        },
        async (ask) => ({ agreements: (await agreements(ask)).map(presentAgreement) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/agreements",
            side: "console",
            permission: "agreement:write",
            summary:
                "Adds a version, after the notice that the rules say or from `applies` on; whoever accepted " +
                "only older " +
                "ones is lapsed from then on until it accepts this one",
            creates: true,
            body: newAgreementBody,
            answer: newAgreementAnswer,
        },
        async (ask) => {
            const { text, termDays, obligations, applies, ...besides } = ask.body
            const input = { ...besides, applies: appliesIn(applies) }
            const longest = besides.longestEmbargoDays
            const effects = await agreementEffectsToSign(ask, text, termDays, obligations, longest)
            return await doOrAsk(ask, effects, { ...ask.body }, async () => ({
                version: await addAgreement(ask, text, termDays, obligations, input),
            }))
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/agreements/accept",
            side: "portal",
            permission: "own:lead",
            summary: "Accepts the version in force, or one that is still to come, for the own partner",
            body: acceptAgreementBody,
            answer: acceptanceAnswer,
        },
        async (ask) => presentAcceptance(await acceptAgreement(ask, ask.body.version)),
    ),
]

export const portalRoutes = [me, ...keys, ...testCopyRoutes, ...mailKeyRoutes, ...roster, ...agreed]

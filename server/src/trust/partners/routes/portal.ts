/** Serves a partner's own data in every status. Each route reaches only the actor's partner. */
import { Type } from "typebox"
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
import { obligationShape } from "../agreements/obligation.ts"
import * as answers from "./present.ts"
import { mailKeyRoutes } from "../keys/routes/mail-keys.ts"
import { testCopyRoutes } from "../keys/routes/test-copies.ts"

const me = route(
    {
        method: "GET",
        path: "/api/me",
        side: "portal",
        permission: "own:read",
        summary: "Who is signed in, and what is true of the own partner",
        answer: Type.Object({
            now: Type.String(),
            person: answers.personAnswer,
            partner: Type.Object({
                ...answers.factsAnswer,
                roster: Type.Array(answers.personAnswer),
                keys: Type.Array(answers.keyAnswer),
                acceptances: Type.Array(answers.acceptanceAnswer),
            }),
        }),
    },
    async (ask) => {
        const { partner, person } = assertMember(ask)
        const roster = (await personsOf(ask, partner)).map(answers.presentPerson)
        return {
            now: formatInstant(ask.now),
            person: roster.find((item) => item.id === person) ?? hide(),
            partner: {
                ...answers.presentFacts(await partnerFactsOf(ask, partner, ask.now)),
                ...(await partnerName(ask, partner)),
                roster,
                keys: (await allKeysOf(ask, partner)).map(answers.presentKey),
                acceptances: (await acceptancesOf(ask, partner)).map(answers.presentAcceptance),
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
            answer: Type.Object({ keys: Type.Array(answers.keyAnswer) }),
        },
        async (ask) => ({ keys: (await allKeysOf(ask, assertMember(ask).partner)).map(answers.presentKey) }),
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
            body: Type.Object(
                {
                    recipient: Type.String({ maxLength: 100 }),
                    expiresAt: Type.Optional(Type.String({ maxLength: 40 })),
                },
                { additionalProperties: false },
            ),
            answer: answers.keyAnswer,
        },
        async (ask) => {
            const { recipient, expiresAt } = ask.body
            const end = expiresAt === undefined ? null : parseInstant(expiresAt)
            return answers.presentKey(await addKey(ask, recipient, end))
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/keys/{id}",
            side: "portal",
            permission: "own:lead",
            summary: "Revokes a key: nothing more is sealed for it",
            params: answers.byId,
            answer: Type.Object({}),
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
            answer: Type.Object({ roster: Type.Array(answers.personAnswer) }),
        },
        async (ask) => ({ roster: (await personsOf(ask, assertMember(ask).partner)).map(answers.presentPerson) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/roster",
            side: "portal",
            permission: "own:extend",
            summary: "Adds an analyst; a sign-in link goes to that person by mail",
            creates: true,
            body: Type.Object(
                { name: answers.nameField, mail: answers.mailField, roles: answers.rolesField },
                { additionalProperties: false },
            ),
            answer: Type.Object({ person: Type.String() }),
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
            params: answers.byId,
            answer: Type.Object({}),
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
            params: answers.byId,
            answer: Type.Object({}),
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
            answer: Type.Object({ agreements: Type.Array(answers.agreementAnswer) }),
        },
        async (ask) => ({ agreements: (await agreements(ask)).map(answers.presentAgreement) }),
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
            body: Type.Object(
                {
                    text: Type.String(),
                    termDays: Type.Union([Type.Integer(), Type.Null()]),
                    obligations: Type.Optional(Type.Array(obligationShape, { maxItems: 40 })),
                    /** What an acceptance consents to beforehand; without it, what the program's rules say. */
                    longestEmbargoDays: Type.Optional(Type.Integer()),
                    /** An instant, or `at once`; with less notice than the rules say, `seen` of its preview besides. */
                    applies: Type.Optional(Type.String({ maxLength: 40 })),
                    seen: Type.Optional(Type.String({ maxLength: 64 })),
                    /** Where it consents to longer embargoes than before: the second person's signature. */
                    approval: Type.Optional(answers.id),
                },
                { additionalProperties: false },
            ),
            answer: Type.Object({ ...answers.doneAnswer.properties, version: Type.Optional(Type.Integer()) }),
        },
        async (ask) => {
            const { text, termDays, obligations, applies, ...besides } = ask.body
            const input = { ...besides, applies: appliesIn(applies) }
            const longest = besides.longestEmbargoDays
            const effects = await agreementEffectsToSign(ask, text, termDays, obligations, longest)
            return await answers.doOrAsk(ask, effects, { ...ask.body }, async () => ({
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
            body: Type.Object(
                { version: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) },
                { additionalProperties: false },
            ),
            answer: answers.acceptanceAnswer,
        },
        async (ask) => answers.presentAcceptance(await acceptAgreement(ask, ask.body.version)),
    ),
]

export const portalRoutes = [me, ...keys, ...testCopyRoutes, ...mailKeyRoutes, ...roster, ...agreed]

/** Serves a partner's own data in every status. Each route reaches only the actor's partner. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { hide } from "../../../kernel/route.ts"
import { listPeople } from "../../identity/actions/load-people.ts"
import {
    acceptAgreement,
    listAcceptances,
    addAgreement,
    computeAgreementEffects,
    listAgreements,
} from "../agreements/actions/accept-agreement.ts"
import { assertMember, addMember, removeMember, renewMemberLink } from "../roster/actions/manage-roster.ts"
import { loadPartnerFacts, loadNameAndMail } from "../actions/load-facts.ts"
import { listKeyChanges } from "../../receipts/actions/queue-key-receipt.ts"
import { addKey, listKeys, revokeKey } from "../keys/actions/manage-keys.ts"
import { parseStart } from "../agreements/agreement.ts"

import {
    applyOrRequest,
    presentAcceptance,
    presentAgreement,
    presentFacts,
    presentKey,
    presentPerson,
} from "./present.ts"
import { mailKeyRoutes } from "../keys/routes/mail-keys.ts"
import { testCopyRoutes } from "../keys/routes/test-copies.ts"
import { recognitionWordsRoutes } from "./recognition-words.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    acceptAgreementBody,
    acceptanceAnswer,
    agreementsAnswer,
    keyAnswer,
    keysAnswer,
    memberLinkBody,
    meAnswer,
    newAgreementAnswer,
    newAgreementBody,
    newKeyBody,
    newRosterAnswer,
    newRosterBody,
    rosterAnswer,
} from "../schemas.ts"
import { emptyAnswer } from "../../../kernel/schemas.ts"
import { removedPersonAnswer } from "../../identity/schemas.ts"

const meRoute = route(
    {
        method: "GET",
        path: "/api/me",
        side: "portal",
        permission: "own:read",
        scope: "poll",
        summary: "Returns who is signed in, and the facts of the caller's partner",
        answer: meAnswer,
    },
    async (ctx) => {
        const { partner, person, roles } = assertMember(ctx)
        const roster = (await listPeople(ctx, partner)).map(presentPerson)
        return {
            now: formatInstant(ctx.now),
            person: { ...(roster.find((member) => member.id === person) ?? hide()), roles: [...roles] },
            partner: {
                ...presentFacts(await loadPartnerFacts(ctx, partner, ctx.now)),
                ...(await loadNameAndMail(ctx, partner)),
                roster,
                keys: (await listKeys(ctx, partner)).map(presentKey),
                acceptances: (await listAcceptances(ctx, partner)).map(presentAcceptance),
            },
        }
    },
)

const keyRoutes = [
    route(
        {
            method: "GET",
            path: "/api/keys",
            side: "portal",
            permission: "own:read",
            scope: "poll",
            summary: "Lists the keys of the caller's partner, with revoked and expired ones, and all changes of them",
            answer: keysAnswer,
        },
        async (ctx) => {
            const { partner } = assertMember(ctx)
            const keys = (await listKeys(ctx, partner)).map(presentKey)
            return { keys, changes: await listKeyChanges(ctx, partner) }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/keys",
            side: "portal",
            permission: "own:extend",
            needsConfirmation: true,
            summary:
                "Adds an age recipient or an armoured OpenPGP public key, with an end or until the program's " +
                "maximum; the first is usable at once, later ones once a usable key confirms them or two staff " +
                "members accept them (usually after 24 hours)",
            creates: true,
            perHourMax: 60,
            body: newKeyBody,
            answer: keyAnswer,
        },
        async (ctx) => {
            const { expiresAt, ...typed } = ctx.body
            const text = "certificate" in typed ? typed.certificate : typed.recipient
            const end = expiresAt === undefined ? null : parseInstant(expiresAt)
            return presentKey(await addKey(ctx, text, end))
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/keys/{id}",
            side: "portal",
            permission: "own:lead",
            summary: "Revokes a key: no more copies are sealed to it",
            params: byId,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await revokeKey(ctx, ctx.params.id)
            return {}
        },
    ),
]

const rosterRoutes = [
    route(
        {
            method: "GET",
            path: "/api/roster",
            side: "portal",
            permission: "own:read",
            summary: "Lists the roster of the caller's partner",
            answer: rosterAnswer,
        },
        async (ctx) => ({ roster: (await listPeople(ctx, assertMember(ctx).partner)).map(presentPerson) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/roster",
            side: "portal",
            permission: "own:extend",
            needsConfirmation: true,
            summary: "Adds an analyst and mails a sign-in link",
            creates: true,
            body: newRosterBody,
            answer: newRosterAnswer,
        },
        async (ctx) => await addMember(ctx, ctx.body),
    ),
    route(
        {
            method: "DELETE",
            path: "/api/roster/{id}",
            side: "portal",
            permission: "own:lead",
            summary: "Removes an analyst, ends all credentials of that person, and returns how many",
            params: byId,
            answer: removedPersonAnswer,
        },
        async (ctx) => ({ ended: await removeMember(ctx, ctx.params.id) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/roster/{id}/sign-in-links",
            side: "portal",
            permission: "own:extend",
            needsConfirmation: true,
            summary: "Mails a new sign-in link to an analyst, now or in a day, and ends earlier credentials then",
            params: byId,
            body: memberLinkBody,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await renewMemberLink(ctx, ctx.params.id, ctx.body.urgent ?? false)
            return {}
        },
    ),
]

const agreementRoutes = [
    route(
        {
            method: "GET",
            path: "/api/agreements",
            side: "both",
            permission: "agreement:read",
            summary: "Lists all versions of the agreement and their starts; the newest that applies is in force",
            answer: agreementsAnswer,
        },
        async (ctx) => ({ agreements: (await listAgreements(ctx)).map(presentAgreement) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/agreements",
            side: "console",
            permission: "agreement:write",
            summary:
                "Adds a version, which applies after the notice of the rules or from `applies`; acceptances of " +
                "older versions then expire",
            creates: true,
            body: newAgreementBody,
            answer: newAgreementAnswer,
        },
        async (ctx) => {
            const { text, termDays, obligations, applies, ...options } = ctx.body
            const version = { ...options, applies: parseStart(applies) }
            const longest = options.longestEmbargoDays
            const effects = await computeAgreementEffects(ctx, text, termDays, obligations, longest)
            return await applyOrRequest(ctx, effects, { ...ctx.body }, async () => ({
                version: await addAgreement(ctx, text, termDays, obligations, version),
            }))
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/agreements/accept",
            side: "portal",
            permission: "own:lead",
            summary: "Accepts the version in force, or a future one, for the caller's partner",
            body: acceptAgreementBody,
            answer: acceptanceAnswer,
        },
        async (ctx) => presentAcceptance(await acceptAgreement(ctx, ctx.body.version)),
    ),
]

export const portalRoutes = [
    meRoute,
    ...keyRoutes,
    ...testCopyRoutes,
    ...mailKeyRoutes,
    ...rosterRoutes,
    ...recognitionWordsRoutes,
    ...agreementRoutes,
]

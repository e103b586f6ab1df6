/** Serves partners to staff. Measures are routes of another slice. */
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { personsOf } from "../../identity/actions.ts"
import { acceptancesOf, latestAcceptances } from "../agreements/actions/accept-agreement.ts"
import { addPartner } from "../actions/change-partner.ts"
import { historyOf, partnerFactsAt, partnerFactsOf, partnerName, partnerNames } from "../actions/load-facts.ts"
import { allKeysOf, hastenKey, hasteToSign, keyCounts, readinessOf } from "../keys/actions/manage-keys.ts"
import { mailKeysOf } from "../keys/actions/manage-mail-keys.ts"
import { bouncingOf, returnedOf } from "../roster/actions/verify-mailbox.ts"
import {
    addMemberTo,
    linkEffectsToSign,
    linkWords,
    memberEffectsToSign,
    removeMemberOf,
    renewLinkFor,
} from "../roster/actions/manage-roster.ts"
import { doOrAsk, presentAcceptance, presentFacts, presentKey, presentMailKey, presentPerson } from "./present.ts"
import { byId, doneAnswer } from "../../../kernel/schemas.ts"
import { nothing } from "../../../kernel/schemas.ts"
import {
    activateKeyBody,
    activateKeyParams,
    byMember,
    newPartnerAnswer,
    newPartnerBody,
    newSignInLinkBody,
    partnerAnswer,
    partnersAnswer,
    rosterPartnerAnswer,
    rosterPartnerBody,
} from "../schemas.ts"

const list = route(
    {
        method: "GET",
        path: "/api/partners",
        side: "console",
        permission: "partner:read",
        summary: "All partners, with what is true of them now",
        answer: partnersAnswer,
    },
    async (ask) => {
        const names = await partnerNames(ask)
        const counts = await keyCounts(ask)
        const readiness = await readinessOf(ask, [...names.keys()], ask.now)
        const accepted = await latestAcceptances(ask)
        const facts = new Map((await partnerFactsAt(ask, ask.now)).map((partner) => [partner.partner, partner]))
        const partners = [...names].flatMap(([id, details]) => {
            const known = facts.get(id)
            if (!known) return []
            const made = accepted.get(id)
            return {
                ...presentFacts(known),
                ...details,
                restriction: known.restriction,
                usableKeys: counts.get(id) ?? 0,
                readiness: readiness.get(id) ?? "no_key",
                accepted: made === undefined ? null : presentAcceptance(made),
            }
        })
        return { partners }
    },
)

const item = route(
    {
        method: "GET",
        path: "/api/partners/{id}",
        side: "console",
        permission: "partner:read",
        summary: "One partner: facts, their history, roster, keys, what it accepted",
        params: byId,
        answer: partnerAnswer,
    },
    async (ask) => {
        const { id } = ask.params
        const facts = await partnerFactsOf(ask, id, ask.now)
        return {
            ...presentFacts(facts),
            ...(await partnerName(ask, id)),
            restriction: facts.restriction,
            history: await presentHistory(ask, id),
            roster: (await personsOf(ask, id)).map(presentPerson),
            keys: (await allKeysOf(ask, id)).map(presentKey),
            mailKeys: (await mailKeysOf(ask, id)).map(presentMailKey),
            bouncing: (await bouncingOf(ask, id)).map((bouncing) => ({
                ...bouncing,
                since: formatInstant(bouncing.since),
            })),
            returned: (await returnedOf(ask, id)).map((returned) => ({
                ...returned,
                since: formatInstant(returned.since),
            })),
            acceptances: (await acceptancesOf(ask, id)).map(presentAcceptance),
        }
    },
)

async function presentHistory(ctx: ActionContext, id: string) {
    const rows = await historyOf(ctx, id)
    return rows.map(({ fact, value, from, by }) => ({ fact, value, from: formatInstant(from), by }))
}

const add = route(
    {
        method: "POST",
        path: "/api/partners",
        side: "console",
        permission: "partner:write",
        summary: "Adds a partner that applies or is invited",
        creates: true,
        body: newPartnerBody,
        answer: newPartnerAnswer,
    },
    async (ask) => ({ id: await addPartner(ask, ask.body) }),
)

const join = route(
    {
        method: "POST",
        path: "/api/partners/{id}/roster",
        side: "console",
        permission: "partner:write",
        summary: "Adds a person to a partner's roster, by two; a sign-in link goes to that person by mail",
        creates: true,
        params: byId,
        body: rosterPartnerBody,
        answer: rosterPartnerAnswer,
    },
    async (ask) => {
        const { id } = ask.params
        const { approval: signed, ...person } = ask.body
        const effects = await memberEffectsToSign(ask, id, person)
        return await doOrAsk(ask, effects, ask.body, () => addMemberTo(ask, id, person, signed))
    },
)

const leave = route(
    {
        method: "DELETE",
        path: "/api/partners/{id}/roster/{person}",
        side: "console",
        permission: "partner:write",
        summary: "A person of a partner leaves, and loses every credential at once",
        params: byMember,
        answer: nothing,
    },
    async (ask) => {
        await removeMemberOf(ask, ask.params.id, ask.params.person)
        return {}
    },
)

const renew = route(
    {
        method: "POST",
        path: "/api/partners/{id}/roster/{person}/sign-in-links",
        side: "console",
        permission: "partner:write",
        summary: "Mails a new sign-in link to a partner's person, by two; sessions, tokens and links before end",
        params: byMember,
        body: newSignInLinkBody,
        answer: doneAnswer,
    },
    async (ask) => {
        const { id, person } = ask.params
        const effects = await linkEffectsToSign(ask, id, person)
        const work = () => renewLinkFor(ask, id, person, ask.body.approval)
        return await doOrAsk(ask, effects, ask.body, work, await linkWords(ask, id, person))
    },
)

const hasten = route(
    {
        method: "POST",
        path: "/api/partners/{id}/keys/{key}/activate",
        side: "console",
        permission: "partner:write",
        summary:
            "Lets a new key of a partner that has no usable one off the rest of its 24 hours, once a second " +
            "person has signed that",
        params: activateKeyParams,
        body: activateKeyBody,
        answer: doneAnswer,
    },
    async (ask) => {
        const { id, key } = ask.params
        const effects = await hasteToSign(ask, id, key)
        return await doOrAsk(ask, effects, ask.body, async () => {
            await hastenKey(ask, id, key, ask.body.approval ?? "")
        })
    },
)

export const consoleRoutes = [list, item, add, join, leave, renew, hasten]

/** Serves partners to staff. Measures are routes of another slice. */
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { listPeople } from "../../identity/actions/load-people.ts"
import { listAcceptances, listLatestAcceptances } from "../agreements/actions/accept-agreement.ts"
import { addPartner } from "../actions/change-partner.ts"
import {
    listFactHistory,
    listPartnerFacts,
    loadPartnerFacts,
    loadNameAndMail,
    listNamesAndMails,
} from "../actions/load-facts.ts"
import {
    listKeys,
    acceptKey,
    computeAcceptanceEffects,
    countUsableKeys,
    loadReadiness,
} from "../keys/actions/manage-keys.ts"
import { listMailKeys } from "../keys/actions/manage-mail-keys.ts"
import { listBouncingAddresses, listReportedBounces } from "../roster/actions/verify-mailbox.ts"
import {
    addMemberAsStaff,
    computeLinkEffects,
    loadLinkText,
    computeMemberEffects,
    removeMemberAsStaff,
    renewMemberLinkAsStaff,
} from "../roster/actions/manage-roster.ts"
import {
    applyOrRequest,
    presentAcceptance,
    presentFacts,
    presentKey,
    presentMailKey,
    presentPerson,
} from "./present.ts"
import { byId, doneAnswer } from "../../../kernel/schemas.ts"
import { removedPersonAnswer } from "../../identity/schemas.ts"
import {
    acceptKeyBody,
    acceptKeyParams,
    byMember,
    newPartnerAnswer,
    newPartnerBody,
    newSignInLinkBody,
    partnerAnswer,
    partnersAnswer,
    rosterPartnerAnswer,
    rosterPartnerBody,
} from "../schemas.ts"

const partnersRoute = route(
    {
        method: "GET",
        path: "/api/partners",
        side: "console",
        permission: "partner:read",
        summary: "Lists all partners with their current facts",
        answer: partnersAnswer,
    },
    async (ctx) => {
        const names = await listNamesAndMails(ctx)
        const counts = await countUsableKeys(ctx)
        const readiness = await loadReadiness(ctx, [...names.keys()], ctx.now)
        const acceptances = await listLatestAcceptances(ctx)
        const facts = new Map((await listPartnerFacts(ctx, ctx.now)).map((partner) => [partner.partner, partner]))
        const partners = [...names].flatMap(([id, details]) => {
            const partnerFacts = facts.get(id)
            if (!partnerFacts) return []
            const acceptance = acceptances.get(id)
            return {
                ...presentFacts(partnerFacts),
                ...details,
                restriction: partnerFacts.restriction,
                usableKeys: counts.get(id) ?? 0,
                readiness: readiness.get(id) ?? "no_key",
                accepted: acceptance === undefined ? null : presentAcceptance(acceptance),
            }
        })
        return { partners }
    },
)

const partnerRoute = route(
    {
        method: "GET",
        path: "/api/partners/{id}",
        side: "console",
        permission: "partner:read",
        summary: "Returns one partner: facts and their history, roster, keys and acceptances",
        params: byId,
        answer: partnerAnswer,
    },
    async (ctx) => {
        const { id } = ctx.params
        const facts = await loadPartnerFacts(ctx, id, ctx.now)
        return {
            ...presentFacts(facts),
            ...(await loadNameAndMail(ctx, id)),
            restriction: facts.restriction,
            history: await presentHistory(ctx, id),
            roster: (await listPeople(ctx, id)).map(presentPerson),
            keys: (await listKeys(ctx, id)).map(presentKey),
            mailKeys: (await listMailKeys(ctx, id)).map(presentMailKey),
            bouncingAddresses: (await listBouncingAddresses(ctx, id)).map((address) => ({
                ...address,
                since: formatInstant(address.since),
            })),
            reportedBounces: (await listReportedBounces(ctx, id)).map((bounces) => ({
                ...bounces,
                since: formatInstant(bounces.since),
            })),
            acceptances: (await listAcceptances(ctx, id)).map(presentAcceptance),
        }
    },
)

async function presentHistory(ctx: ActionContext, id: string) {
    const rows = await listFactHistory(ctx, id)
    return rows.map(({ fact, value, from, by }) => ({ fact, value, from: formatInstant(from), by }))
}

const addPartnerRoute = route(
    {
        method: "POST",
        path: "/api/partners",
        side: "console",
        permission: "partner:write",
        summary: "Adds a partner as applicant or invited",
        creates: true,
        body: newPartnerBody,
        answer: newPartnerAnswer,
    },
    async (ctx) => ({ id: await addPartner(ctx, ctx.body) }),
)

const addMemberRoute = route(
    {
        method: "POST",
        path: "/api/partners/{id}/roster",
        side: "console",
        permission: "partner:write",
        summary: "Adds a person to a partner's roster and mails a sign-in link; needs a second signature",
        creates: true,
        params: byId,
        body: rosterPartnerBody,
        answer: rosterPartnerAnswer,
    },
    async (ctx) => {
        const { id } = ctx.params
        const { approval: signed, ...person } = ctx.body
        const effects = await computeMemberEffects(ctx, id, person)
        return await applyOrRequest(ctx, effects, ctx.body, () => addMemberAsStaff(ctx, id, person, signed))
    },
)

const removeMemberRoute = route(
    {
        method: "DELETE",
        path: "/api/partners/{id}/roster/{person}",
        side: "console",
        permission: "partner:write",
        summary: "Removes a person from a partner's roster, ends all credentials of that person, and returns how many",
        params: byMember,
        answer: removedPersonAnswer,
    },
    async (ctx) => ({ ended: await removeMemberAsStaff(ctx, ctx.params.id, ctx.params.person) }),
)

const renewLinkRoute = route(
    {
        method: "POST",
        path: "/api/partners/{id}/roster/{person}/sign-in-links",
        side: "console",
        permission: "partner:write",
        summary:
            "Mails a new sign-in link to a partner's person and ends earlier credentials; needs a second signature",
        params: byMember,
        body: newSignInLinkBody,
        answer: doneAnswer,
    },
    async (ctx) => {
        const { id, person } = ctx.params
        const renewal = { partner: id, person, isUrgent: ctx.body.urgent ?? false }
        const effects = await computeLinkEffects(ctx, renewal)
        const work = () => renewMemberLinkAsStaff(ctx, renewal, ctx.body.approval)
        return await applyOrRequest(ctx, effects, ctx.body, work, await loadLinkText(ctx, id, person))
    },
)

const acceptKeyRoute = route(
    {
        method: "POST",
        path: "/api/partners/{id}/keys/{key}/accept",
        side: "console",
        permission: "partner:write",
        needsConfirmation: true,
        summary:
            "Accepts a key that waits; needs a second signature. Usable 24 hours after it was added at the " +
            "earliest, or at once for a partner without a usable key",
        params: acceptKeyParams,
        body: acceptKeyBody,
        answer: doneAnswer,
    },
    async (ctx) => {
        const { id: partner, key } = ctx.params
        const acceptance = { partner, key, atOnce: ctx.body.atOnce ?? false }
        const effects = await computeAcceptanceEffects(ctx, acceptance)
        return await applyOrRequest(ctx, effects, ctx.body, async () => {
            await acceptKey(ctx, acceptance, ctx.body.approval ?? "")
        })
    },
)

export const consoleRoutes = [
    partnersRoute,
    partnerRoute,
    addPartnerRoute,
    addMemberRoute,
    removeMemberRoute,
    renewLinkRoute,
    acceptKeyRoute,
]

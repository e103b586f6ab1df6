/** Serves requirements: to each partner its own, to staff all, and the routes that meet them. */
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../../kernel/action-context.ts"
import { type Due, duesAt } from "../requirement.ts"
import { reachesCases } from "../../partner.ts"
import { attestationShape, reportShape } from "../../agreements/statement.ts"
import { dueRulesAt, duesOf, obligedAt } from "../actions/list-requirements.ts"
import { partnerFactsAt, partnerFactsOf } from "../../actions/load-facts.ts"
import { askCode, enterCode, noteBounce } from "../../roster/actions/verify-mailbox.ts"
import { assertMember, rolesOf } from "../../roster/actions/manage-roster.ts"
import { type Statement, attest, giveReport, statementsOf } from "../../agreements/actions/give-statement.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { nothing } from "../../../../kernel/schemas.ts"
import {
    newAttestationAnswer,
    newBounceBody,
    newRegularReportAnswer,
    requirementsAnswer,
    requirementsOfPartnerAnswer,
    verifyMailboxBody,
} from "../schemas.ts"

const presentDue = ({ kind, dueAt, withheldFrom, state }: Due) => ({
    ...{ kind, dueAt: formatInstant(dueAt), withheldFrom: formatInstant(withheldFrom), state },
})

function presentStatement({ id, person, kind, version, nothing, body, at }: Statement) {
    return { id, person, kind, version, nothing, body, at: formatInstant(at) }
}

async function owedAndGiven(ctx: ActionContext, partner: string) {
    return {
        dues: (await duesOf(ctx, partner)).map(presentDue),
        given: (await statementsOf(ctx, partner)).map(presentStatement),
    }
}

const onPortal = [
    route(
        {
            method: "GET",
            path: "/api/requirements",
            side: "portal",
            permission: "own:read",
            summary: "What the own partner owes: since when, from when it withholds content, and what was given",
            answer: requirementsOfPartnerAnswer,
        },
        async (ask) => await owedAndGiven(ask, assertMember(ask).partner),
    ),
    route(
        {
            method: "POST",
            path: "/api/attestations",
            side: "portal",
            permission: "own:lead",
            summary: "Attests, obligation by obligation, what was kept",
            creates: true,
            body: attestationShape,
            answer: newAttestationAnswer,
        },
        async (ask) => ({ id: await attest(ask, ask.body) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/regular-reports",
            side: "portal",
            permission: "own:report",
            summary: "Gives the regular report that the agreement asks for; that there is nothing is a report too",
            creates: true,
            body: reportShape,
            answer: newRegularReportAnswer,
        },
        async (ask) => ({ id: await giveReport(ask, ask.body) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/mailbox/send-code",
            side: "portal",
            permission: "own:lead",
            summary: "Sends a code to the own partner's mailbox; the one before is good no more",
            answer: nothing,
        },
        async (ask) => {
            await askCode(ask)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/mailbox/verify",
            side: "portal",
            permission: "own:lead",
            summary: "Proves by that code that the mailbox is read",
            body: verifyMailboxBody,
            perHourMax: 60,
            answer: nothing,
        },
        async (ask) => {
            await enterCode(ask, ask.body.code)
            return {}
        },
    ),
]

const onConsole = [
    route(
        {
            method: "GET",
            path: "/api/requirements",
            side: "console",
            permission: "partner:read",
            summary: "What all partners that are in owe: what is due, late, given",
            answer: requirementsAnswer,
        },
        async (ask) => {
            const rules = await dueRulesAt(ask, ask.now)
            const obliged = await obligedAt(ask, ask.now, null)
            const partnerFacts = (await partnerFactsAt(ask, ask.now)).filter(({ standing }) => reachesCases(standing))
            const partners = partnerFacts.map(({ partner }) => ({
                partner,
                dues: duesAt(obliged(partner), rules, ask.now).map(presentDue),
            }))
            return { partners }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/partners/{id}/requirements",
            side: "console",
            permission: "partner:read",
            summary: "What one partner owes and gave",
            params: byId,
            answer: requirementsOfPartnerAnswer,
        },
        async (ask) => {
            await partnerFactsOf(ask, ask.params.id, ask.now)
            return await owedAndGiven(ask, ask.params.id)
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/partners/{id}/bounces",
            side: "console",
            permission: "partner:write",
            summary: "Notes that mail to a partner came back; it then has to prove that its mailbox is read",
            params: byId,
            body: newBounceBody,
            answer: nothing,
        },
        async (ask) => {
            const { id } = ask.params
            await partnerFactsOf(ask, id, ask.now)
            if (ask.body.person !== null) await rolesOf(ask, id, ask.body.person)
            await noteBounce(ask, id, ask.body.person)
            return {}
        },
    ),
]

export const duesRoutes = [...onPortal, ...onConsole]

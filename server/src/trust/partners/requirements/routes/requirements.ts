/** Serves requirements: to each partner its own, to staff all, and the routes that meet them. */
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../../kernel/action-context.ts"
import { type Requirement, requirementsAt } from "../requirement.ts"
import { hasCaseAccess } from "../../partner.ts"
import { attestationShape, reportShape } from "../../agreements/statement.ts"
import { loadRequirementRules, listRequirements, loadRequirementFacts } from "../actions/list-requirements.ts"
import { listPartnerFacts, loadPartnerFacts } from "../../actions/load-facts.ts"
import { sendCode, verifyCode, recordBounce } from "../../roster/actions/verify-mailbox.ts"
import { assertMember, loadRoles } from "../../roster/actions/manage-roster.ts"
import {
    type Statement,
    saveAttestation,
    saveRegularReport,
    listStatements,
} from "../../agreements/actions/save-statement.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { emptyAnswer } from "../../../../kernel/schemas.ts"
import {
    newAttestationAnswer,
    newBounceBody,
    newRegularReportAnswer,
    requirementsAnswer,
    requirementsOfPartnerAnswer,
    verifyMailboxBody,
} from "../schemas.ts"

const presentRequirement = ({ kind, dueAt, withheldFrom, state }: Requirement) => ({
    ...{ kind, dueAt: formatInstant(dueAt), withheldFrom: formatInstant(withheldFrom), state },
})

function presentStatement({ id, person, kind, version, nothing, body, at }: Statement) {
    return { id, person, kind, version, nothing, body, at: formatInstant(at) }
}

async function loadRequirementsAnswer(ctx: ActionContext, partner: string) {
    return {
        requirements: (await listRequirements(ctx, partner)).map(presentRequirement),
        submitted: (await listStatements(ctx, partner)).map(presentStatement),
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
        async (ctx) => await loadRequirementsAnswer(ctx, assertMember(ctx).partner),
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
        async (ctx) => ({ id: await saveAttestation(ctx, ctx.body) }),
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
        async (ctx) => ({ id: await saveRegularReport(ctx, ctx.body) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/mailbox/send-code",
            side: "portal",
            permission: "own:lead",
            summary: "Sends a code to the own partner's mailbox; the one before is good no more",
            answer: emptyAnswer,
        },
        async (ctx) => {
            await sendCode(ctx)
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
            answer: emptyAnswer,
        },
        async (ctx) => {
            await verifyCode(ctx, ctx.body.code)
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
        async (ctx) => {
            const rules = await loadRequirementRules(ctx, ctx.now)
            const factsOf = await loadRequirementFacts(ctx, ctx.now, null)
            const partnerFacts = (await listPartnerFacts(ctx, ctx.now)).filter(({ status }) => hasCaseAccess(status))
            const partners = partnerFacts.map(({ partner }) => ({
                partner,
                requirements: requirementsAt(factsOf(partner), rules, ctx.now).map(presentRequirement),
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
        async (ctx) => {
            await loadPartnerFacts(ctx, ctx.params.id, ctx.now)
            return await loadRequirementsAnswer(ctx, ctx.params.id)
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
            answer: emptyAnswer,
        },
        async (ctx) => {
            const { id } = ctx.params
            await loadPartnerFacts(ctx, id, ctx.now)
            if (ctx.body.person !== null) await loadRoles(ctx, id, ctx.body.person)
            await recordBounce(ctx, id, ctx.body.person)
            return {}
        },
    ),
]

export const requirementRoutes = [...onPortal, ...onConsole]

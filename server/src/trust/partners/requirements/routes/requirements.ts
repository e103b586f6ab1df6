/** Routes of requirements: a partner lists and meets its own, and staff see all. */
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
            summary:
                "Lists the requirements of the caller's partner: due dates, when content is withheld, and submitted " +
                "statements",
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
            summary: "Submits an attestation, which states for each obligation whether it was met",
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
            summary: "Submits a regular report that the agreement requires, or a zero report",
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
            summary: "Sends a code to the mailbox of the caller's partner; the earlier code ends",
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
            summary: "Verifies the mailbox with its code",
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
            summary: "Lists the requirements of all partners with case access: due, overdue and submitted",
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
            summary: "Lists the requirements of one partner, and its submitted statements",
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
            summary: "Records that mail to a partner bounced; the partner must then verify its mailbox again",
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

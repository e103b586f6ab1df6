/** Serves imports of partners and their people: the dry run, the request, the plan that was requested, its use. */
import { route } from "../../../../kernel/action-context.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { stateOf } from "../../../approvals/approval.ts"
import {
    type ImportInput,
    type ImportPlan,
    applyImport,
    loadImport,
    previewImport,
    requestImport,
} from "../actions/import-partners.ts"
import { sumsOf } from "../import-additions.ts"
import type { ImportLine, ImportedPartner } from "../import-plan.ts"
import {
    type ImportBody,
    appliedImportAnswer,
    importAnswer,
    importBody,
    previewAnswer,
    requestedImportAnswer,
} from "../schemas.ts"

const bodyMax = 4 * 1024 * 1024

export const importRoutes = [
    route(
        {
            method: "POST",
            path: "/api/partner-imports/preview",
            side: "console",
            permission: "partner:write",
            summary: "Says what each line of a file would add, and changes nothing",
            bodyMax,
            body: importBody,
            answer: previewAnswer,
        },
        async (ctx) => presentPlan(await previewImport(ctx, inputOf(ctx.body))),
    ),
    route(
        {
            method: "POST",
            path: "/api/partner-imports",
            side: "console",
            permission: "partner:write",
            summary: "Requests an import of partners and their people from a file; needs a second signature",
            creates: true,
            bodyMax,
            body: importBody,
            answer: requestedImportAnswer,
        },
        async (ctx) => ({ done: false as const, approval: await requestImport(ctx, inputOf(ctx.body)) }),
    ),
    route(
        {
            method: "GET",
            path: "/api/partner-imports/{id}",
            side: "console",
            permission: "approval:text",
            summary: "Returns each line of a requested import, by the id of its approval",
            params: byId,
            answer: importAnswer,
        },
        async (ctx) => {
            const { approval, plan } = await loadImport(ctx, ctx.params.id)
            return { id: approval.id, state: stateOf(approval, ctx.now), ...presentPlan(plan) }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/partner-imports/{id}/apply",
            side: "console",
            permission: "partner:write",
            summary: "Applies a signed import: adds its partners and people, and mails each person a sign-in link",
            params: byId,
            answer: appliedImportAnswer,
        },
        async (ctx) => ({
            done: true as const,
            approval: ctx.params.id,
            sums: await applyImport(ctx, ctx.params.id),
        }),
    ),
]

function inputOf({ content, isBase64 = false, format, tier = "entry", role = "analyst" }: ImportBody): ImportInput {
    return { content, isBase64, format: format ?? null, tier, role }
}

function presentPlan({ format, lines }: ImportPlan) {
    return { format, sums: sumsOf(lines), lines: lines.map(presentLine) }
}

function presentLine({ line, result, reason, name, person, knownPartner, adds }: ImportLine) {
    const partner = result === "new_partner" && adds !== null ? presentPartner(adds.partner) : null
    return { line, result, reason, name, person, partner, knownPartner }
}

function presentPartner(partner: string | ImportedPartner) {
    if (typeof partner === "string") return null
    const { mail, tier, status, duties } = partner
    return { mail, tier, status, duties }
}

/**
 * Imports partners and their people from a file. A dry run says what each line does. One approval covers the whole
 * plan, because staff add people only with a second signature. It is applied in one transaction.
 */
import { createHmac } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { lockToChangePartner, lockToImport } from "../../../../kernel/locks.ts"
import { decryptApprovalText, loadVisibleApproval } from "../../../approvals/actions/load-approvals.ts"
import { applyApproval, requestApproval } from "../../../approvals/actions/request-approval.ts"
import { voidSuperseded } from "../../../approvals/actions/void-approvals.ts"
import type { Approval, Effects } from "../../../approvals/approval.ts"
import { queueFirstLink } from "../../../identity/account-mail/actions/send-sign-in-link.ts"
import { listEveryone } from "../../../identity/actions/load-people.ts"
import { addCheckedPerson } from "../../../identity/actions/manage-people.ts"
import { addPartner } from "../../actions/change-partner.ts"
import { listNamesAndMails, listPartnerStatuses } from "../../actions/load-facts.ts"
import type { Tier } from "../../partner.ts"
import { dutyTable } from "../../reporting-duties/reporting-duties.ts"
import type { ImportFormat } from "../import-format.ts"
import { type Addition, additionsOf, entriesOf, sumsOf } from "../import-additions.ts"
import { type Directory, type ImportLine, type ImportedPerson, planImport } from "../import-plan.ts"
import { type ImportFile, readFile } from "./read-file.ts"

export interface ImportPlan {
    readonly format: ImportFormat
    readonly lines: readonly ImportLine[]
}

export interface ImportInput extends ImportFile {
    /** The tier of new partners whose file names none. */
    readonly tier: Tier
}

/** Says what each line of the file does, and changes nothing. */
export async function previewImport(ctx: ActionContext, { tier, ...file }: ImportInput): Promise<ImportPlan> {
    const directory = await loadDirectory(ctx)
    const { format, entries } = await readFile(ctx, file, directory.partners)
    return { format, lines: planImport(entries, directory, tier) }
}

/** Requests the second signature for an import. Refuses `partner_import.nothing_new`. */
export async function requestImport(ctx: ActionContext, input: ImportInput): Promise<string> {
    const plan = await previewImport(ctx, input)
    const additions = additionsOf(plan.lines)
    if (additions.length === 0) {
        refuse("conflict", "partner_import.nothing_new", "no line adds a partner or a person: check the reasons")
    }
    return await requestApproval(ctx, importEffects(ctx, additions), plan)
}

/** Loads the plan that an approval covers. Refuses `partner_import.not_found` for another action. */
export async function loadImport(
    ctx: ActionContext,
    id: string,
): Promise<{ readonly approval: Approval; readonly plan: ImportPlan }> {
    const approval = await loadVisibleApproval(ctx, id)
    if (approval.effects.action !== importAction)
        refuse("missing", "partner_import.not_found", "this approval is not of an import")
    const plan = await decryptApprovalText<ImportPlan>(ctx, approval)
    const detail = plan && importEffects(ctx, additionsOf(plan.lines)).detail
    if (plan === null || canonical(detail) !== canonical(approval.effects.detail))
        throw new Error(`the plan of import ${id} was changed`)
    return { approval, plan }
}

/**
 * Applies a signed import. The plan is computed again: where a partner or person has appeared since, or a partner was
 * admitted, it exceeds what was signed and adds nothing. Each new person gets a sign-in link.
 */
export async function applyImport(ctx: ActionContext, id: string): Promise<ReturnType<typeof sumsOf>> {
    await lockToImport(ctx.tx)
    const { plan } = await loadImport(ctx, id)
    const signed = additionsOf(plan.lines)
    for (const { partner } of signed) if (typeof partner === "string") await lockToChangePartner(ctx.tx, partner)
    const directory = await loadDirectory(ctx)
    const lines = planImport(entriesOf(signed, directory.partners), directory, "entry")
    const additions = additionsOf(lines)
    await applyApproval(ctx, id, importEffects(ctx, additions))
    for (let from = 0; from < additions.length; from += partnersTogether)
        await Promise.all(additions.slice(from, from + partnersTogether).map((addition) => addAll(ctx, addition)))
    return sumsOf(lines)
}

/** Partners whose statements are sent together. */
const partnersTogether = 10

async function addAll(ctx: ActionContext, { partner, people }: Addition): Promise<void> {
    if (typeof partner === "string") {
        await voidSuperseded(ctx, ["partner.activate"], partner)
        return await addPeople(ctx, partner, people)
    }
    const duties = dutyTable.filter(({ regime }) => partner.duties.includes(regime))
    const id = await addPartner(ctx, partner, duties)
    await addPeople(ctx, id, people)
}

/** The plan has checked the fields and addresses. The statements of a partner's people are sent together. */
async function addPeople(ctx: ActionContext, partner: string, people: readonly ImportedPerson[]): Promise<void> {
    const add = async ({ name, mail, role }: ImportedPerson) => {
        const person = await addCheckedPerson(ctx, { partner, name, mail, roles: [role] })
        await queueFirstLink(ctx, partner, person)
    }
    await Promise.all(people.map(add))
}

export const importAction = "partner.import"

/** The effects of an import. The detail has a keyed hash of the plan, because names are never in effects. */
function importEffects({ services }: ActionContext, additions: readonly Addition[]): Effects {
    const key = services.keys.derive("partner-import", 32)
    const known = additions.flatMap(({ partner }) => (typeof partner === "string" ? partner : []))
    return {
        action: importAction,
        recipients: known,
        artifacts: [],
        at: null,
        detail: {
            partners: additions.length - known.length,
            people: additions.flatMap(({ people }) => people).length,
            plan: createHmac("sha256", key).update(canonical(additions)).digest("hex"),
        },
    }
}

async function loadDirectory(ctx: ActionContext): Promise<Directory> {
    const statuses = await listPartnerStatuses(ctx)
    const partners = [...(await listNamesAndMails(ctx))].map(([id, { name, mail }]) => ({
        id,
        name,
        mail,
        status: statuses.get(id) ?? "terminated",
    }))
    return { partners, people: await listEveryone(ctx) }
}

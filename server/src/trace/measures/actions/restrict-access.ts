/**
 * Restricts access at once, by one person: by reporting duty (a previewed policy version), of one partner, or by an
 * interim suspension.
 */
import { instantInWords } from "@tocsin/base/instant"
import { lockToChangePartner, lockToChangeProgram } from "../../../kernel/locks.ts"
import { loadCaseFile } from "../../../share/cases/actions/load-case.ts"
import { activatePolicy } from "../../../share/entitlement/actions/manage-policies.ts"
import { applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import {
    changePartnerStatus,
    hasValueFromNow,
    refuseWithoutApproval,
    hasCaseAccessFromNow,
    setRestriction,
} from "../../../trust/partners/actions/change-partner.ts"
import { listPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import { hasCaseAccess } from "../../../trust/partners/partner.ts"
import type { LetterText } from "../letter.ts"
import { validateRestriction, reviewWithinMs } from "../measure.ts"
import { assertSignedByOthers } from "./request-decision.ts"
import { buildRelaxationEffects } from "./restore-access.ts"
import { recordMeasure, assertMayDecide, findOpenMeasure } from "./record-measure.ts"
import { validateTemplate } from "../template.ts"
import { notifyByLetter } from "./send-letter.ts"
import { setStatus } from "./change-status.ts"
import { fillForPartner } from "./set-template.ts"

export interface DutyRestriction {
    /** The policy version with the duty rule. */
    readonly policy: number
    readonly reason: string
    /** Replaces the template, and is filled for each partner. */
    readonly letter?: LetterText | undefined
    /** Needed where the version also widens a partner's access. */
    readonly approval?: string | undefined
}

/**
 * Activates the version and stores the reason. Sends a letter to partners under the duty and to those that lose access,
 * now or once they meet their requirements. Returns the measure's id.
 */
export async function restrictByDuty(
    ctx: ActionContext,
    { policy, reason, letter, approval }: DutyRestriction,
): Promise<string> {
    assertMayDecide(ctx, reason)
    if (letter) validateTemplate("restrict", letter)
    const { effects, differences } = await activatePolicy(ctx, policy, approval)
    const id = ctx.services.newId()
    const appliedApproval = effects ? (approval ?? null) : null
    await recordMeasure(
        ctx,
        { id, kind: "restrict_by_reporting_duty", partner: null, policy, reason, approval: appliedApproval },
        ["restrict_by_reporting_duty"],
    )
    const reductions = differences.filter(({ change }) => change !== "wider" && change !== "earlier")
    const reduced = new Set(reductions.flatMap(({ partners }) => partners))
    for (const { partner, status, reporting } of await listPartnerFacts(ctx, ctx.now)) {
        const isMember = hasCaseAccess(status) || status === "suspended"
        if (!(isMember && (reporting === "always" || reduced.has(partner)))) continue
        const text = letter && (await fillForPartner(ctx, letter, partner))
        await notifyByLetter(ctx, { partner, kind: "restrict", measure: id }, text)
    }
    return id
}

export interface PartnerRestriction extends Restriction {
    readonly partner: string
    readonly reason: string
    readonly letter?: LetterText | undefined
    /** Needed where the new restriction is weaker in any part. */
    readonly approval?: string | undefined
}

/**
 * Restricts one partner and returns the measure's id. Repeating it changes nothing. A weaker restriction needs the
 * approval of `requestRelaxation`.
 */
export async function restrictPartner(ctx: ActionContext, request: PartnerRestriction): Promise<string | null> {
    const { partner, withhold, notBeforePublication, cases, reason, approval } = request
    const restriction = { withhold, notBeforePublication, cases }
    assertMayDecide(ctx, reason)
    validateRestriction(restriction)
    if (approval !== undefined) await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, partner)
    for (const caseId of cases ?? []) await loadCaseFile(ctx, caseId)
    if (await hasValueFromNow(ctx, partner, { fact: "restriction", value: restriction })) {
        return (await findOpenMeasure(ctx, "restrict", partner))?.id ?? null
    }
    const id = ctx.services.newId()
    const effects = await buildRelaxationEffects(ctx, partner, restriction)
    const isRelaxation = effects !== null
    const within = isRelaxation ? await applyApproval(ctx, approval ?? refuseWithoutApproval(), effects) : undefined
    await setRestriction(ctx, partner, restriction, { appliedApproval: within, measure: id })
    const appliedApproval = within?.id ?? null
    const replaced = await findOpenMeasure(ctx, "restrict", partner)
    if (appliedApproval !== null && replaced !== null)
        await assertSignedByOthers(ctx, appliedApproval, [replaced.takenBy])
    await recordMeasure(ctx, { id, kind: "restrict", partner, reason, restriction, approval: appliedApproval }, [
        "restrict",
    ])
    await notifyByLetter(ctx, { partner, kind: isRelaxation ? "relaxation" : "restrict", measure: id }, request.letter)
    return id
}

export interface Suspension {
    readonly partner: string
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/**
 * Suspends a partner at once. After commit, nothing about cases is served to it: running answers finish first and new
 * ones are refused. Returns the measure's id. Repeating it changes nothing. An interim suspension of a partner that a
 * decision already suspends is also recorded, announced by letter and reviewed. It outlasts that decision.
 */
export async function suspendPartner(ctx: ActionContext, { partner, reason, letter }: Suspension): Promise<string> {
    assertMayDecide(ctx, reason)
    await lockToChangePartner(ctx.tx, partner)
    const open = await findOpenMeasure(ctx, "interim_suspension", partner)
    if (open) {
        await suspendAgain(ctx, partner, open.id)
        return open.id
    }
    const id = ctx.services.newId()
    await setStatus(ctx, partner, "suspended", { measure: id })
    const reviewBy = ctx.now + reviewWithinMs
    await recordMeasure(ctx, { id, kind: "interim_suspension", partner, reason, reviewBy }, [])
    const about = { partner, kind: "interim_suspension", measure: id } as const
    await notifyByLetter(ctx, about, letter, { review_by: instantInWords(reviewBy) })
    return id
}

/** Repeats a suspension where a fast clock wrote one for later, or wrote a return that is still to come. */
async function suspendAgain(ctx: ActionContext, partner: string, because: string): Promise<void> {
    if (await hasCaseAccessFromNow(ctx, partner))
        await changePartnerStatus(ctx, partner, "suspended", { measure: because })
}

/**
 * Restricts access at once, by one person: by reporting duty (a previewed policy version), of one partner, or by an
 * interim suspension.
 */
import { lockToChangePartner, lockToChangeProgram } from "../../../kernel/locks.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { activatePolicy } from "../../../share/entitlement/actions/manage-policies.ts"
import { useApproval } from "../../../trust/approvals/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import {
    changeStanding,
    holdsOn,
    needsTwo,
    readsCasesFrom,
    setRestriction,
} from "../../../trust/partners/actions/change-partner.ts"
import { partnerFactsAt } from "../../../trust/partners/actions/load-facts.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import type { LetterText } from "../letter.ts"
import { assertRestricts, reviewWithinMs } from "../measure.ts"
import { assertSignedByOthers } from "./request-decision.ts"
import { effectsOfRelaxing } from "./restore-access.ts"
import { extendMeasure, assertDecided, openMeasureOf } from "./record-measure.ts"
import { dated, validateTemplate } from "../template.ts"
import { tell } from "./send-letter.ts"
import { moveTo } from "./change-status.ts"
import { filledFor } from "./set-template.ts"

export interface ByDuty {
    /** The policy version with the duty rule. */
    readonly policy: number
    readonly reason: string
    /** Replaces the template, and is filled for each partner. */
    readonly letter?: LetterText | undefined
    /** Needed where the version also gives a partner more. */
    readonly approval?: string | undefined
}

/**
 * Activates the version and keeps the reason. Sends a letter to partners under the duty and to those that get less, now
 * or once they meet their requirements. Returns the measure's id.
 */
export async function restrictByDuty(
    ctx: ActionContext,
    { policy, reason, letter, approval }: ByDuty,
): Promise<string> {
    assertDecided(ctx, reason)
    if (letter) validateTemplate("restrict", letter)
    const { effects, differences } = await activatePolicy(ctx, policy, approval)
    const id = ctx.services.newId()
    const used = effects ? (approval ?? null) : null
    await extendMeasure(
        ctx,
        { id, kind: "restrict_by_reporting_duty", partner: null, policy, reason, approval: used },
        ["restrict_by_reporting_duty"],
    )
    const takes = differences.filter(({ change }) => change !== "wider" && change !== "earlier")
    const less = new Set(takes.flatMap(({ partners }) => partners))
    for (const { partner, standing, reporting } of await partnerFactsAt(ctx, ctx.now)) {
        const isIn = reachesCases(standing) || standing === "suspended"
        if (!(isIn && (reporting === "always" || less.has(partner)))) continue
        const text = letter && (await filledFor(ctx, letter, partner))
        await tell(ctx, { partner, kind: "restrict", measure: id }, text)
    }
    return id
}

export interface OfPartner extends Restriction {
    readonly partner: string
    readonly reason: string
    readonly letter?: LetterText | undefined
    /** Needed where the new restriction is weaker in any part. */
    readonly approval?: string | undefined
}

/**
 * Restricts one partner and returns the measure's id. Repeating it changes nothing. A weaker restriction needs the
 * approval of `requestLoosening`.
 */
export async function restrictPartner(ctx: ActionContext, ofPartner: OfPartner): Promise<string | null> {
    const { partner, withhold, notBeforePublication, cases, reason, approval } = ofPartner
    const restriction = { withhold, notBeforePublication, cases }
    assertDecided(ctx, reason)
    assertRestricts(restriction)
    if (approval !== undefined) await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, partner)
    for (const caseId of cases ?? []) await caseFile(ctx, caseId)
    if (await holdsOn(ctx, partner, { fact: "restriction", value: restriction })) {
        return (await openMeasureOf(ctx, "restrict", partner))?.id ?? null
    }
    const id = ctx.services.newId()
    const effects = await effectsOfRelaxing(ctx, partner, restriction)
    const loosens = effects !== null
    const within = loosens ? await useApproval(ctx, approval ?? needsTwo(), effects) : undefined
    await setRestriction(ctx, partner, restriction, { within, because: id })
    const used = within?.id ?? null
    const replaced = await openMeasureOf(ctx, "restrict", partner)
    if (used !== null && replaced !== null) await assertSignedByOthers(ctx, used, [replaced.takenBy])
    await extendMeasure(ctx, { id, kind: "restrict", partner, reason, restriction, approval: used }, ["restrict"])
    await tell(ctx, { partner, kind: loosens ? "relaxation" : "restrict", measure: id }, ofPartner.letter)
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
 * decision already suspends is kept, notified and reviewed too. It outlasts that decision.
 */
export async function suspend(ctx: ActionContext, { partner, reason, letter }: Suspension): Promise<string> {
    assertDecided(ctx, reason)
    await lockToChangePartner(ctx.tx, partner)
    const open = await openMeasureOf(ctx, "interim_suspension", partner)
    if (open) {
        await suspendAgain(ctx, partner, open.id)
        return open.id
    }
    const id = ctx.services.newId()
    await moveTo(ctx, partner, "suspended", { because: id })
    const reviewBy = ctx.now + reviewWithinMs
    await extendMeasure(ctx, { id, kind: "interim_suspension", partner, reason, reviewBy }, [])
    const about = { partner, kind: "interim_suspension", measure: id } as const
    await tell(ctx, about, letter, { review_by: dated(reviewBy) })
    return id
}

/** Repeats a suspension where a fast clock wrote one for later, or wrote a return that is still to come. */
async function suspendAgain(ctx: ActionContext, partner: string, because: string): Promise<void> {
    if (await readsCasesFrom(ctx, partner)) await changeStanding(ctx, partner, "suspended", { because })
}

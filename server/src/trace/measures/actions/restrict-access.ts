/**
 * What one person takes away, at once: by duty (a policy version, previewed first), from one partner (a fact), or all of
 * it (an interim suspension).
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
    /** The policy version that holds the duty rule. */
    readonly policy: number
    readonly reason: string
    /** Instead of the template, and with its places: it is filled for each partner. */
    readonly letter?: LetterText | undefined
    /** Asked for where the version also gives somebody more. */
    readonly approval?: string | undefined
}

/**
 * Puts the version in force from now on, and keeps why. Whoever is under the duty gets a letter, and whoever gets less
 * by it, now or once it gives what it owes. Returns the measure's id.
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
    await extendMeasure(ctx, { id, kind: "restrict by duty", partner: null, policy, reason, approval: used }, [
        "restrict by duty",
    ])
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
    /** Asked for where it would give back some of what an earlier restriction took. */
    readonly approval?: string | undefined
}

/**
 * Returns the measure's id; the same restriction once more changes nothing. One that takes less than before needs the
 * approval that `requestLoosening` asks for.
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
    await tell(ctx, { partner, kind: loosens ? "loosening" : "restrict", measure: id }, ofPartner.letter)
    return id
}

export interface Suspension {
    readonly partner: string
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/**
 * From its commit on nothing about cases is served to the partner. It waits for what is being served, and lets nothing
 * new begin. Returns the measure's id; to take it twice changes nothing. Where a decision suspends the partner already, it
 * is kept, told and reviewed all the same, and holds beyond the return from that decision.
 */
export async function suspend(ctx: ActionContext, { partner, reason, letter }: Suspension): Promise<string> {
    assertDecided(ctx, reason)
    await lockToChangePartner(ctx.tx, partner)
    const open = await openMeasureOf(ctx, "interim suspension", partner)
    if (open) {
        await suspendAgain(ctx, partner, open.id)
        return open.id
    }
    const id = ctx.services.newId()
    await moveTo(ctx, partner, "suspended", { because: id })
    const reviewBy = ctx.now + reviewWithinMs
    await extendMeasure(ctx, { id, kind: "interim suspension", partner, reason, reviewBy }, [])
    const about = { partner, kind: "interim suspension", measure: id } as const
    await tell(ctx, about, letter, { "review by": dated(reviewBy) })
    return id
}

/** A clock that was ahead may have written a suspension that does not hold yet, or a return that is still to come. */
async function suspendAgain(ctx: ActionContext, partner: string, because: string): Promise<void> {
    if (await readsCasesFrom(ctx, partner)) await changeStanding(ctx, partner, "suspended", { because })
}

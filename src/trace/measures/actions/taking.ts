/**
 * What one person takes away, at once: by duty (a policy version, previewed first), from one partner (a fact), or all of
 * it (an interim suspension).
 */
import { canonical } from "../../../lib/canonical.ts"
import { lockToChangePartner } from "../../../platform/locks.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { activatePolicy } from "../../../share/entitlement/actions/policies.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { changeStanding, effectsToSign, setRestriction } from "../../../trust/partners/actions/changes.ts"
import { partnerFactsOf, standingOf } from "../../../trust/partners/actions/facts.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import { type LetterText, shippedLetters } from "../letter.ts"
import { mustRestrict, reviewWithinMs } from "../measure.ts"
import { keepMeasure, mustDecide, openMeasureOf } from "./keeping.ts"
import { sendLetter } from "./letters.ts"

export interface ByDuty {
    /** The policy version that holds the duty rule. */
    readonly policy: number
    readonly reason: string
    /** Asked for where the version also gives somebody more. */
    readonly approval?: string | undefined
}

/** Puts the version in force from now on, and keeps why. Returns the measure's id. */
export async function restrictByDuty(act: Act, { policy, reason, approval }: ByDuty): Promise<string> {
    mustDecide(act, reason)
    const { effects } = await activatePolicy(act, policy, approval)
    const id = act.doors.newId()
    const used = effects ? (approval ?? null) : null
    await keepMeasure(act, { id, kind: "restrict by duty", partner: null, policy, reason, approval: used }, [
        "restrict by duty",
    ])
    return id
}

export interface OfPartner extends Restriction {
    readonly partner: string
    readonly reason: string
    readonly letter?: LetterText | undefined
    /** Asked for where it would give back some of what an earlier restriction took. */
    readonly approval?: string | undefined
}

/** Returns the measure's id; the same restriction once more changes nothing. */
export async function restrictPartner(act: Act, its: OfPartner): Promise<string | null> {
    const { partner, withhold, notBeforePublication, cases, reason, approval } = its
    const restriction = { withhold, notBeforePublication, cases }
    mustDecide(act, reason)
    mustRestrict(restriction)
    await lockToChangePartner(act.tx, partner)
    const before = await partnerFactsOf(act, partner, act.now)
    for (const one of cases ?? []) await caseFile(act, one)
    if (canonical(before.restriction) === canonical(restriction)) {
        return (await openMeasureOf(act, "restrict", partner))?.id ?? null
    }
    const id = act.doors.newId()
    const loosens = (await effectsToSign(act, partner, { fact: "restriction", value: restriction })) !== null
    await setRestriction(act, partner, restriction, { approval, because: id })
    const used = loosens ? (approval ?? null) : null
    await keepMeasure(act, { id, kind: "restrict", partner, reason, restriction, approval: used }, ["restrict"])
    await sendLetter(act, { partner, measure: id }, its.letter ?? shippedLetters.restrict)
    return id
}

export interface Suspension {
    readonly partner: string
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/**
 * From its commit on nothing about cases is served to the partner. It waits for what is being served, and lets nothing
 * new begin. Returns the measure's id; to suspend a suspended partner changes nothing.
 */
export async function suspend(act: Act, { partner, reason, letter }: Suspension): Promise<string | null> {
    mustDecide(act, reason)
    await lockToChangePartner(act.tx, partner)
    if ((await standingOf(act, partner)) === "suspended") {
        return (await openMeasureOf(act, "interim suspension", partner))?.id ?? null
    }
    const id = act.doors.newId()
    await changeStanding(act, partner, "suspended", { because: id })
    const reviewBy = act.now + reviewWithinMs
    await keepMeasure(act, { id, kind: "interim suspension", partner, reason, reviewBy }, [])
    await sendLetter(act, { partner, measure: id }, letter ?? shippedLetters["interim suspension"])
    return id
}

/** What two people give back: one asks, another signs, and the signature is used up as the partner gets it back. */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangePartner } from "../../../platform/locks.ts"
import { pendingApprovals, requestApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, hashOf } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import { changeStanding, effectsToSign, setRestriction } from "../../../trust/partners/actions/changes.ts"
import { standingOf } from "../../../trust/partners/actions/facts.ts"
import { type LetterText, shippedLetters } from "../letter.ts"
import { keepMeasure, mustDecide, openMeasureOf } from "./keeping.ts"
import { sendLetter } from "./letters.ts"

export interface GivenBack {
    readonly partner: string
    readonly approval: string
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/** Asks a second person to end a suspension; whoever took it does not sign. Returns the approval's id. */
export async function requestReinstatement(act: Act, partner: string): Promise<string> {
    await mustBeSuspended(act, partner)
    const effects = await effectsToSign(act, partner, { fact: "standing", value: "active" })
    const suspension = await openMeasureOf(act, "interim suspension", partner)
    return await ask(act, effects ?? notSuspended(), suspension ? [suspension.takenBy] : [])
}

/** Ends the suspension. Returns the measure's id. */
export async function reinstate(act: Act, { partner, approval, reason, letter }: GivenBack): Promise<string> {
    mustDecide(act, reason)
    await lockToChangePartner(act.tx, partner)
    await mustBeSuspended(act, partner)
    const id = act.doors.newId()
    await changeStanding(act, partner, "active", { approval, because: id })
    await keepMeasure(act, { id, kind: "reinstatement", partner, reason, approval }, ["interim suspension"])
    await sendLetter(act, { partner, measure: id }, letter ?? shippedLetters.reinstatement)
    return id
}

/** Asks a second person to lift the restriction of one partner. Returns the approval's id. */
export async function requestLift(act: Act, partner: string): Promise<string> {
    const effects = await effectsToSign(act, partner, { fact: "restriction", value: null })
    const restriction = await openMeasureOf(act, "restrict", partner)
    return await ask(act, effects ?? notRestricted(), restriction ? [restriction.takenBy] : [])
}

/** Lifts the restriction. Returns the measure's id. */
export async function liftRestriction(act: Act, { partner, approval, reason, letter }: GivenBack): Promise<string> {
    mustDecide(act, reason)
    await lockToChangePartner(act.tx, partner)
    if ((await effectsToSign(act, partner, { fact: "restriction", value: null })) === null) notRestricted()
    const id = act.doors.newId()
    await setRestriction(act, partner, null, { approval, because: id })
    await keepMeasure(act, { id, kind: "lift", partner, reason, approval }, ["restrict"])
    await sendLetter(act, { partner, measure: id }, letter ?? shippedLetters.lift)
    return id
}

/** While the same request of the same person waits, it is that one. */
async function ask(act: Act, effects: Effects, mayNotSign: readonly string[]): Promise<string> {
    const asked = { ...effects, authors: mayNotSign }
    const mine = (await pendingApprovals(act)).find(
        (one) => one.effectsHash === hashOf(asked) && one.requestedBy === personOf(act.actor),
    )
    return mine?.id ?? (await requestApproval(act, asked))
}

async function mustBeSuspended(act: Act, partner: string): Promise<void> {
    if ((await standingOf(act, partner)) !== "suspended") notSuspended()
}

function notSuspended(): never {
    refuse("conflict", "measure.not_suspended", "this partner is not suspended")
}

function notRestricted(): never {
    refuse("conflict", "measure.not_restricted", "this partner is not restricted")
}

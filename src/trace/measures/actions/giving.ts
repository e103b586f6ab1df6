/** What two people give back: one asks, another signs, and the signature is used up as the partner gets it back. */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangePartner } from "../../../platform/locks.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { inForceAt } from "../../../share/entitlement/actions/policies.ts"
import { approval as approvalOf, requestApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { changeStanding, effectsToSign, setRestriction } from "../../../trust/partners/actions/changes.ts"
import { partnerFactsOf, standingOf } from "../../../trust/partners/actions/facts.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import type { LetterText } from "../letter.ts"
import { type Measure, mustRestrict } from "../measure.ts"
import { giveBack, mustBeReturnable } from "../procedure.ts"
import { mustBeSignedByOthers, related } from "./asking.ts"
import { endByDuty, keepMeasure, mustDecide, openMeasureOf } from "./keeping.ts"
import { lettersAbout, tell } from "./letters.ts"
import { type OpenProcedure, addTurn, lockedProcedure } from "./turns.ts"

export interface GivenBack {
    readonly partner: string
    readonly approval: string
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/**
 * Asks a second person to end a suspension; whoever took an interim one does not sign. What a procedure has led to ends
 * on the day that the partner was told, and not before. Returns the approval's id.
 */
export async function requestReinstatement(act: Act, partner: string): Promise<string> {
    await mustBeSuspended(act, partner)
    await returning(act, partner)
    const effects = await effectsToSign(act, partner, { fact: "standing", value: "active" })
    const suspension = await openMeasureOf(act, "interim suspension", partner)
    return await ask(act, effects ?? notSuspended(), suspension)
}

/** Ends the suspension; the reason says how its terms were met. Returns the measure's id. */
export async function reinstate(act: Act, { partner, approval, reason, letter }: GivenBack): Promise<string> {
    mustDecide(act, reason)
    await lockToChangePartner(act.tx, partner)
    await mustBeSuspended(act, partner)
    const procedure = await returning(act, partner)
    const id = act.doors.newId()
    await mustBeSignedByOthers(act, approval, takersOf(await openMeasureOf(act, "interim suspension", partner)))
    await changeStanding(act, partner, "active", { approval, because: id })
    if (procedure) await comeBack(act, procedure, approval)
    const ends = ["interim suspension", "suspension"] as const
    await keepMeasure(act, { id, kind: "reinstatement", partner, reason, approval }, ends)
    await tell(act, { partner, kind: "reinstatement", measure: id }, letter)
    return id
}

/** The procedure that the partner returns from; null where it was suspended for the time being only. */
async function returning(act: Act, partner: string): Promise<OpenProcedure | null> {
    const sanction = await openMeasureOf(act, "suspension", partner)
    const procedure = sanction?.procedure ?? null
    if (procedure === null) return null
    const its = await lockedProcedure(act, procedure)
    mustBeReturnable(its.turns, act.now)
    return its
}

async function comeBack(act: Act, its: OpenProcedure, approval: string): Promise<void> {
    const { requestedBy, signedBy } = await approvalOf(act, approval)
    if (signedBy === null) throw new Error(`the approval ${approval} was used unsigned`)
    await addTurn(act, its, giveBack(its.turns, [requestedBy, signedBy], act.now), { approval })
    await record(act, { kind: "procedure.returned", procedure: its.id, partner: its.partner, approval })
}

/** Asks a second person to lift the restriction of one partner. Returns the approval's id. */
export async function requestLift(act: Act, partner: string): Promise<string> {
    const effects = await effectsToSign(act, partner, { fact: "restriction", value: null })
    const restriction = await openMeasureOf(act, "restrict", partner)
    return await ask(act, effects ?? notRestricted(), restriction)
}

/** Lifts the restriction. Returns the measure's id. */
export async function liftRestriction(act: Act, { partner, approval, reason, letter }: GivenBack): Promise<string> {
    mustDecide(act, reason)
    await lockToChangePartner(act.tx, partner)
    if ((await effectsToSign(act, partner, { fact: "restriction", value: null })) === null) notRestricted()
    await mustBeSignedByOthers(act, approval, takersOf(await openMeasureOf(act, "restrict", partner)))
    const id = act.doors.newId()
    await setRestriction(act, partner, null, { approval, because: id })
    await keepMeasure(act, { id, kind: "lift", partner, reason, approval }, ["restrict"])
    await tell(act, { partner, kind: "lift", measure: id }, letter)
    return id
}

/**
 * Asks a second person to ease the restriction of one partner: to restrict it by this instead, which takes less. Carried
 * out by restricting it so, with the approval. Returns the approval's id.
 */
export async function requestLoosening(act: Act, partner: string, restriction: Restriction): Promise<string> {
    mustRestrict(restriction)
    const before = await openMeasureOf(act, "restrict", partner)
    const held = (await partnerFactsOf(act, partner, act.now)).restriction
    if (held === null) notRestricted()
    for (const one of restriction.cases ?? []) await caseFile(act, one)
    const effects = await effectsToSign(act, partner, { fact: "restriction", value: restriction })
    if (effects === null) {
        refuse("conflict", "measure.loosens_nothing", "this takes no less than now: one person is enough for it")
    }
    return await ask(act, effects, before)
}

/**
 * The step that follows a policy version put in force: what restricted by duty with another one is over, and whoever was
 * told of it is told so.
 */
export async function settleByDuty(act: Act): Promise<void> {
    const ended = await endByDuty(act, async () => (await inForceAt(act, act.now))?.version ?? null)
    for (const measure of ended) {
        const told = new Set((await lettersAbout(act, measure)).map(({ partner }) => partner))
        for (const partner of told) await tell(act, { partner, kind: "end by duty", measure })
    }
}

async function ask(act: Act, effects: Effects, ends: Measure | null): Promise<string> {
    return await requestApproval(act, { ...effects, authors: await related(act, takersOf(ends)) })
}

const takersOf = (measure: Measure | null): string[] => (measure === null ? [] : [measure.takenBy])

async function mustBeSuspended(act: Act, partner: string): Promise<void> {
    if ((await standingOf(act, partner)) !== "suspended") notSuspended()
}

function notSuspended(): never {
    refuse("conflict", "measure.not_suspended", "this partner is not suspended")
}

function notRestricted(): never {
    refuse("conflict", "measure.not_restricted", "this partner is not restricted")
}

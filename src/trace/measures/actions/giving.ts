/** What two people give back: one asks, another signs, and the signature is used up as the partner gets it back. */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangePartner, lockToChangeProgram } from "../../../platform/locks.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { inForceAt } from "../../../share/entitlement/actions/policies.ts"
import { withGains } from "../../../share/release/actions/gains.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { Approval, Effects } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { effectsToSign, setRestriction } from "../../../trust/partners/actions/changes.ts"
import { partnerFactsOf, standingOf } from "../../../trust/partners/actions/facts.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import type { LetterText } from "../letter.ts"
import { type Measure, type ReturnKind, mustRestrict, returnKinds, standingUnder } from "../measure.ts"
import { giveBack, mustBeReturnable } from "../procedure.ts"
import { mustBeSignedByOthers, related } from "./asking.ts"
import { endByDuty, endMeasure, keepMeasure, mustDecide, openMeasureOf } from "./keeping.ts"
import { lettersAbout, tell } from "./letters.ts"
import { openSuspensions, moveTo } from "./standing.ts"
import { type OpenProcedure, addTurn, lockedProcedure } from "./turns.ts"

export interface GivenBack {
    readonly partner: string
    readonly approval: string
    readonly reason: string
    readonly letter?: LetterText | undefined
    /** Of a reinstatement: from what the partner returns; asked for where it is suspended twice over. */
    readonly from?: ReturnKind | undefined
}

/**
 * Asks a second person to end an interim suspension, or what procedures have led to; whoever took an interim one does
 * not sign. What a procedure has led to ends on the day that the partner was told, and not before. The partner comes
 * back once nothing else is open. Returns the approval's id.
 */
export async function requestReinstatement(act: Act, partner: string, from?: ReturnKind): Promise<string> {
    const its = await returning(act, partner, from)
    return await ask(act, await effectsOfReturn(act, partner, its), its.interim)
}

/** Ends what was signed; the reason says how its terms were met. Returns the measure's id. */
export async function reinstate(act: Act, { partner, approval, reason, letter, from }: GivenBack): Promise<string> {
    mustDecide(act, reason)
    await lockToChangeProgram(act.tx)
    await lockToChangePartner(act.tx, partner)
    const its = await returning(act, partner, from)
    await mustBeSignedByOthers(act, approval, takersOf(its.interim))
    const used = await useApproval(act, approval, await effectsOfReturn(act, partner, its))
    const id = act.doors.newId()
    await moveTo(act, partner, its.standing, { within: used, because: id })
    for (const procedure of its.procedures) await comeBack(act, procedure, used)
    for (const one of its.ends) await endMeasure(act, one, id)
    await keepMeasure(act, { id, kind: "reinstatement", partner, reason, approval }, [])
    const kind = its.standing === "active" ? "reinstatement" : "suspension ended"
    await tell(act, { partner, kind, measure: id }, letter)
    return id
}

interface Return {
    readonly from: ReturnKind | null
    readonly ends: readonly Measure[]
    readonly interim: Measure | null
    /** Those that led to what ends. */
    readonly procedures: readonly OpenProcedure[]
    /** By what stays open. */
    readonly standing: ReturnType<typeof standingUnder>
}

/** What would end, each of it on its own terms. */
async function returning(act: Act, partner: string, asked: ReturnKind | undefined): Promise<Return> {
    const open = await openSuspensions(act, partner)
    const kinds = returnKinds.filter((kind) => open.some((one) => one.kind === kind))
    if (asked === undefined && kinds.length > 1) {
        refuse("conflict", "measure.ambiguous", "an interim suspension and a decision hold: say which of them ends")
    }
    const from = asked ?? kinds[0] ?? null
    if (from === null) await mustBeSuspended(act, partner)
    else if (!kinds.includes(from)) notSuspended()
    const ends = open.filter(({ kind }) => kind === from)
    const procedures: OpenProcedure[] = []
    for (const { kind, procedure } of ends) {
        if (kind !== "suspension" || procedure === null) continue
        const its = await lockedProcedure(act, procedure)
        mustBeReturnable(its.turns, act.now)
        procedures.push(its)
    }
    const left = open.filter(({ kind }) => kind !== from)
    const interim = ends.find(({ kind }) => kind === "interim suspension") ?? null
    return { from, ends, interim, procedures, standing: standingUnder(left.map(({ kind }) => kind)) }
}

/** Each measure that ends is in it, what the partner is then, and what it reads again: a signature covers no other return. */
async function effectsOfReturn(act: Act, partner: string, { from, ends, standing }: Return): Promise<Effects> {
    const detail = { from, measures: ends.map(({ id }) => id), standing }
    const effects = { act: "partner.reinstate", recipients: [partner], artifacts: [], at: null, detail }
    return await withGains(act, partner, { fact: "standing", value: standing }, effects)
}

async function comeBack(act: Act, its: OpenProcedure, { id, requestedBy, signedBy }: Approval): Promise<void> {
    if (signedBy === null) throw new Error(`the approval ${id} was used unsigned`)
    await addTurn(act, its, giveBack(its.turns, [requestedBy, signedBy], act.now), { approval: id })
    await record(act, { kind: "procedure.reinstated", procedure: its.id, partner: its.partner, approval: id })
}

/** Asks a second person to lift the restriction of one partner. Returns the approval's id. */
export async function requestLift(act: Act, partner: string): Promise<string> {
    const effects = await effectsOfRelaxing(act, partner, null)
    const restriction = await openMeasureOf(act, "restrict", partner)
    return await ask(act, effects ?? notRestricted(), restriction)
}

/** Lifts the restriction. Returns the measure's id. */
export async function liftRestriction(act: Act, { partner, approval, reason, letter }: GivenBack): Promise<string> {
    mustDecide(act, reason)
    await lockToChangeProgram(act.tx)
    await lockToChangePartner(act.tx, partner)
    const effects = (await effectsOfRelaxing(act, partner, null)) ?? notRestricted()
    await mustBeSignedByOthers(act, approval, takersOf(await openMeasureOf(act, "restrict", partner)))
    const id = act.doors.newId()
    const within = await useApproval(act, approval, effects)
    await setRestriction(act, partner, null, { within, because: id })
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
    const effects = await effectsOfRelaxing(act, partner, restriction)
    if (effects === null) {
        refuse("conflict", "measure.relaxes_nothing", "this takes no less than now: one person is enough for it")
    }
    return await ask(act, effects, before)
}

/** The effects of restricting a partner by this instead, or by nothing (null). Null where it withholds as much as now, or more. */
export async function effectsOfRelaxing(act: Act, partner: string, value: Restriction | null): Promise<Effects | null> {
    const change = { fact: "restriction", value } as const
    const effects = await effectsToSign(act, partner, change)
    return effects && (await withGains(act, partner, change, effects))
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
    const authors = [...(effects.authors ?? []), ...(await related(act, takersOf(ends)))]
    return await requestApproval(act, { ...effects, authors })
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

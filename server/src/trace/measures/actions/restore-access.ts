/** What two people give back: one asks, another signs, and the signature is used up as the partner gets it back. */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner, lockToChangeProgram } from "../../../kernel/locks.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { inForceAt } from "../../../share/entitlement/actions/manage-policies.ts"
import { withGains } from "../../../share/release/actions/list-gains.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { Approval, Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { effectsToSign, setRestriction } from "../../../trust/partners/actions/change-partner.ts"
import { partnerFactsOf, standingOf } from "../../../trust/partners/actions/load-facts.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import type { LetterText } from "../letter.ts"
import { type Measure, type ReturnKind, assertRestricts, returnKinds, standingUnder } from "../measure.ts"
import { restoreAccess, assertReinstatable } from "../procedure.ts"
import { assertSignedByOthers, related } from "./request-decision.ts"
import { endByDuty, endMeasure, extendMeasure, assertDecided, openMeasureOf } from "./record-measure.ts"
import { lettersAbout, tell } from "./send-letter.ts"
import { openSuspensions, moveTo } from "./change-status.ts"
import { type OpenProcedure, addTurn, lockedProcedure } from "./record-entry.ts"

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
export async function requestReinstatement(ctx: ActionContext, partner: string, from?: ReturnKind): Promise<string> {
    const input = await returning(ctx, partner, from)
    return await ask(ctx, await effectsOfReturn(ctx, partner, input), input.interim)
}

/** Ends what was signed; the reason says how its terms were met. Returns the measure's id. */
export async function reinstate(
    ctx: ActionContext,
    { partner, approval, reason, letter, from }: GivenBack,
): Promise<string> {
    assertDecided(ctx, reason)
    await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, partner)
    const input = await returning(ctx, partner, from)
    await assertSignedByOthers(ctx, approval, takersOf(input.interim))
    const used = await useApproval(ctx, approval, await effectsOfReturn(ctx, partner, input))
    const id = ctx.services.newId()
    await moveTo(ctx, partner, input.standing, { within: used, because: id })
    for (const procedure of input.procedures) await comeBack(ctx, procedure, used)
    for (const measure of input.ends) await endMeasure(ctx, measure, id)
    await extendMeasure(ctx, { id, kind: "reinstatement", partner, reason, approval }, [])
    const kind = input.standing === "active" ? "reinstatement" : "suspension ended"
    await tell(ctx, { partner, kind, measure: id }, letter)
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
async function returning(ctx: ActionContext, partner: string, request: ReturnKind | undefined): Promise<Return> {
    const open = await openSuspensions(ctx, partner)
    const kinds = returnKinds.filter((kind) => open.some((measure) => measure.kind === kind))
    if (request === undefined && kinds.length > 1) {
        refuse("conflict", "measure.ambiguous", "an interim suspension and a decision hold: say which of them ends")
    }
    const from = request ?? kinds[0] ?? null
    if (from === null) await validateSuspended(ctx, partner)
    else if (!kinds.includes(from)) notSuspended()
    const ends = open.filter(({ kind }) => kind === from)
    const procedures: OpenProcedure[] = []
    for (const { kind, procedure } of ends) {
        if (kind !== "suspension" || procedure === null) continue
        const input = await lockedProcedure(ctx, procedure)
        assertReinstatable(input.turns, ctx.now)
        procedures.push(input)
    }
    const left = open.filter(({ kind }) => kind !== from)
    const interim = ends.find(({ kind }) => kind === "interim suspension") ?? null
    return { from, ends, interim, procedures, standing: standingUnder(left.map(({ kind }) => kind)) }
}

/** Each measure that ends is in it, what the partner is then, and what it reads again: a signature covers no other return. */
async function effectsOfReturn(
    ctx: ActionContext,
    partner: string,
    { from, ends, standing }: Return,
): Promise<Effects> {
    const detail = { from, measures: ends.map(({ id }) => id), standing }
    const effects = { act: "partner.reinstate", recipients: [partner], artifacts: [], at: null, detail }
    return await withGains(ctx, partner, { fact: "standing", value: standing }, effects)
}

async function comeBack(
    ctx: ActionContext,
    procedure: OpenProcedure,
    { id, requestedBy, signedBy }: Approval,
): Promise<void> {
    if (signedBy === null) throw new Error(`the approval ${id} was used unsigned`)
    await addTurn(ctx, procedure, restoreAccess(procedure.turns, [requestedBy, signedBy], ctx.now), { approval: id })
    await record(ctx, {
        kind: "procedure.reinstated",
        procedure: procedure.id,
        partner: procedure.partner,
        approval: id,
    })
}

/** Asks a second person to lift the restriction of one partner. Returns the approval's id. */
export async function requestLift(ctx: ActionContext, partner: string): Promise<string> {
    const effects = await effectsOfRelaxing(ctx, partner, null)
    const restriction = await openMeasureOf(ctx, "restrict", partner)
    return await ask(ctx, effects ?? notRestricted(), restriction)
}

/** Lifts the restriction. Returns the measure's id. */
export async function liftRestriction(
    ctx: ActionContext,
    { partner, approval, reason, letter }: GivenBack,
): Promise<string> {
    assertDecided(ctx, reason)
    await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, partner)
    const effects = (await effectsOfRelaxing(ctx, partner, null)) ?? notRestricted()
    await assertSignedByOthers(ctx, approval, takersOf(await openMeasureOf(ctx, "restrict", partner)))
    const id = ctx.services.newId()
    const within = await useApproval(ctx, approval, effects)
    await setRestriction(ctx, partner, null, { within, because: id })
    await extendMeasure(ctx, { id, kind: "lift", partner, reason, approval }, ["restrict"])
    await tell(ctx, { partner, kind: "lift", measure: id }, letter)
    return id
}

/**
 * Asks a second person to ease the restriction of one partner: to restrict it by this instead, which takes less. Carried
 * out by restricting it so, with the approval. Returns the approval's id.
 */
export async function requestLoosening(ctx: ActionContext, partner: string, restriction: Restriction): Promise<string> {
    assertRestricts(restriction)
    const before = await openMeasureOf(ctx, "restrict", partner)
    const held = (await partnerFactsOf(ctx, partner, ctx.now)).restriction
    if (held === null) notRestricted()
    for (const caseId of restriction.cases ?? []) await caseFile(ctx, caseId)
    const effects = await effectsOfRelaxing(ctx, partner, restriction)
    if (effects === null) {
        refuse("conflict", "measure.relaxes_nothing", "this takes no less than now: one person is enough for it")
    }
    return await ask(ctx, effects, before)
}

/** The effects of restricting a partner by this instead, or by nothing (null). Null where it withholds as much as now, or more. */
export async function effectsOfRelaxing(
    ctx: ActionContext,
    partner: string,
    value: Restriction | null,
): Promise<Effects | null> {
    const change = { fact: "restriction", value } as const
    const effects = await effectsToSign(ctx, partner, change)
    return effects && (await withGains(ctx, partner, change, effects))
}

/**
 * The step that follows a policy version put in force: what restricted by duty with another one is over, and whoever was
 * told of it is told so.
 */
export async function settleByDuty(ctx: ActionContext): Promise<void> {
    const ended = await endByDuty(ctx, async () => (await inForceAt(ctx, ctx.now))?.version ?? null)
    for (const measure of ended) {
        const notified = new Set((await lettersAbout(ctx, measure)).map(({ partner }) => partner))
        for (const partner of notified) await tell(ctx, { partner, kind: "end by duty", measure })
    }
}

async function ask(ctx: ActionContext, effects: Effects, ends: Measure | null): Promise<string> {
    const authors = [...(effects.authors ?? []), ...(await related(ctx, takersOf(ends)))]
    return await requestApproval(ctx, { ...effects, authors })
}

const takersOf = (measure: Measure | null): string[] => (measure === null ? [] : [measure.takenBy])

async function validateSuspended(ctx: ActionContext, partner: string): Promise<void> {
    if ((await standingOf(ctx, partner)) !== "suspended") notSuspended()
}

function notSuspended(): never {
    refuse("conflict", "measure.not_suspended", "this partner is not suspended")
}

function notRestricted(): never {
    refuse("conflict", "measure.not_restricted", "this partner is not restricted")
}

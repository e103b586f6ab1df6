/** Restores access by two people: one requests, another signs, and restoring applies the approval. */
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
    /** What a reinstatement ends; needed where a decision and an interim suspension are both open. */
    readonly from?: ReturnKind | undefined
}

/**
 * Requests the end of an interim suspension or of sanctions. Its taker does not sign the end of an interim suspension.
 * A sanction ends on the announced day at the earliest. The partner returns when no other measure suspends it. Returns
 * the approval's id.
 */
export async function requestReinstatement(ctx: ActionContext, partner: string, from?: ReturnKind): Promise<string> {
    const input = await returning(ctx, partner, from)
    return await ask(ctx, await effectsOfReturn(ctx, partner, input), input.interim)
}

/** Reinstates a partner with a signed approval. The reason says how the terms were met. Returns the measure's id. */
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
    const kind = input.standing === "active" ? "reinstatement" : "suspension_ended"
    await tell(ctx, { partner, kind, measure: id }, letter)
    return id
}

interface Return {
    readonly from: ReturnKind | null
    readonly ends: readonly Measure[]
    readonly interim: Measure | null
    /** The procedures of the sanctions that end. */
    readonly procedures: readonly OpenProcedure[]
    /** The status by the measures that stay open. */
    readonly standing: ReturnType<typeof standingUnder>
}

/** Finds what would end. Refuses `measure.ambiguous`, `measure.not_suspended` and a day that is too early. */
async function returning(ctx: ActionContext, partner: string, request: ReturnKind | undefined): Promise<Return> {
    const open = await openSuspensions(ctx, partner)
    const kinds = returnKinds.filter((kind) => open.some((measure) => measure.kind === kind))
    if (request === undefined && kinds.length > 1) {
        refuse(
            "conflict",
            "measure.ambiguous",
            "an interim suspension and a decision are both open: set `from` to say which one ends",
        )
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
    const interim = ends.find(({ kind }) => kind === "interim_suspension") ?? null
    return { from, ends, interim, procedures, standing: standingUnder(left.map(({ kind }) => kind)) }
}

/**
 * Builds the effects: each measure that ends, the new status and the restored access. The signature covers exactly this
 * return.
 */
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
    if (signedBy === null) throw new Error(`the approval ${id} was applied without a signature`)
    await addTurn(ctx, procedure, restoreAccess(procedure.turns, [requestedBy, signedBy], ctx.now), { approval: id })
    await record(ctx, {
        kind: "procedure.reinstated",
        procedure: procedure.id,
        partner: procedure.partner,
        approval: id,
    })
}

/** Requests the lifting of one partner's restriction. Returns the approval's id. */
export async function requestLift(ctx: ActionContext, partner: string): Promise<string> {
    const effects = await effectsOfRelaxing(ctx, partner, null)
    const restriction = await openMeasureOf(ctx, "restrict", partner)
    return await ask(ctx, effects ?? notRestricted(), restriction)
}

/** Lifts the restriction with a signed approval. Returns the measure's id. */
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
 * Requests a weaker restriction of one partner. `restrictPartner` applies it with the approval. Returns the approval's
 * id. Refuses `measure.relaxes_nothing`.
 */
export async function requestLoosening(ctx: ActionContext, partner: string, restriction: Restriction): Promise<string> {
    assertRestricts(restriction)
    const before = await openMeasureOf(ctx, "restrict", partner)
    const held = (await partnerFactsOf(ctx, partner, ctx.now)).restriction
    if (held === null) notRestricted()
    for (const caseId of restriction.cases ?? []) await caseFile(ctx, caseId)
    const effects = await effectsOfRelaxing(ctx, partner, restriction)
    if (effects === null) {
        refuse(
            "conflict",
            "measure.relaxes_nothing",
            "this does not restore any access: restrict the partner without an approval",
        )
    }
    return await ask(ctx, effects, before)
}

/**
 * Computes the effects of a new restriction, or of none (null). Returns null where it withholds at least as much as
 * now.
 */
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
 * Ends restrictions by duty of earlier policies after a policy version becomes active, and notifies the partners that
 * got a letter.
 */
export async function settleByDuty(ctx: ActionContext): Promise<void> {
    const ended = await endByDuty(ctx, async () => (await inForceAt(ctx, ctx.now))?.version ?? null)
    for (const measure of ended) {
        const notified = new Set((await lettersAbout(ctx, measure)).map(({ partner }) => partner))
        for (const partner of notified) await tell(ctx, { partner, kind: "end_by_reporting_duty", measure })
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

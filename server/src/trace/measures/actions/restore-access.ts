/** Restores access by two people: one requests, another signs, and restoring applies the approval. */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner, lockToChangeProgram } from "../../../kernel/locks.ts"
import { loadCaseFile } from "../../../share/cases/actions/load-case.ts"
import { findActivePolicy } from "../../../share/entitlement/actions/manage-policies.ts"
import { addGainedVersions } from "../../../share/release/actions/add-gained-versions.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Approval, Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { computeChangeEffects, setRestriction } from "../../../trust/partners/actions/change-partner.ts"
import { loadPartnerFacts, loadPartnerStatus } from "../../../trust/partners/actions/load-facts.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import type { LetterText } from "../letter.ts"
import { type Measure, type ReinstatableKind, validateRestriction, reinstatableKinds, statusUnder } from "../measure.ts"
import { addReinstatement, assertReinstatable } from "../procedure.ts"
import { assertSignedByOthers, listRelatedAccounts } from "./request-decision.ts"
import { endDutyRestrictions, endMeasure, recordMeasure, assertMayDecide, findOpenMeasure } from "./record-measure.ts"
import { listLettersOfMeasure, notifyByLetter } from "./send-letter.ts"
import { listOpenSuspensions, setStatus } from "./change-status.ts"
import { type LockedProcedure, appendEntry, lockProcedure } from "./record-entry.ts"

export interface Restoration {
    readonly partner: string
    readonly approval: string
    readonly reason: string
    readonly letter?: LetterText | undefined
    /** The kind of measure to end; needed where a decision and an interim suspension are both open. */
    readonly from?: ReinstatableKind | undefined
}

/**
 * Requests the end of an interim suspension or of sanctions. The person who decided an interim suspension does not sign
 * its end. A sanction ends on the announced day at the earliest. The partner returns when no other measure suspends it.
 * Returns the approval's id.
 */
export async function requestReinstatement(
    ctx: ActionContext,
    partner: string,
    from?: ReinstatableKind,
): Promise<string> {
    const reinstatement = await loadReinstatement(ctx, partner, from)
    return await requestSignature(
        ctx,
        await buildReinstatementEffects(ctx, partner, reinstatement),
        reinstatement.interim,
    )
}

/** Reinstates a partner with a signed approval. The reason says how the terms were met. Returns the measure's id. */
export async function reinstate(
    ctx: ActionContext,
    { partner, approval, reason, letter, from }: Restoration,
): Promise<string> {
    assertMayDecide(ctx, reason)
    await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, partner)
    const reinstatement = await loadReinstatement(ctx, partner, from)
    await assertSignedByOthers(ctx, approval, decidersOfMeasure(reinstatement.interim))
    const applied = await applyApproval(ctx, approval, await buildReinstatementEffects(ctx, partner, reinstatement))
    const id = ctx.services.newId()
    await setStatus(ctx, partner, reinstatement.status, { appliedApproval: applied, measure: id })
    for (const procedure of reinstatement.procedures) await recordReinstatement(ctx, procedure, applied)
    for (const measure of reinstatement.ends) await endMeasure(ctx, measure, id)
    await recordMeasure(ctx, { id, kind: "reinstatement", partner, reason, approval }, [])
    const kind = reinstatement.status === "active" ? "reinstatement" : "suspension_ended"
    await notifyByLetter(ctx, { partner, kind, measure: id }, letter)
    return id
}

interface Reinstatement {
    readonly from: ReinstatableKind | null
    readonly ends: readonly Measure[]
    readonly interim: Measure | null
    /** The procedures of the sanctions that end. */
    readonly procedures: readonly LockedProcedure[]
    /** The status by the measures that stay open. */
    readonly status: ReturnType<typeof statusUnder>
}

/** Finds what would end. Refuses `measure.ambiguous`, `measure.not_suspended` and a day that is too early. */
async function loadReinstatement(
    ctx: ActionContext,
    partner: string,
    requestedKind: ReinstatableKind | undefined,
): Promise<Reinstatement> {
    const open = await listOpenSuspensions(ctx, partner)
    const kinds = reinstatableKinds.filter((kind) => open.some((measure) => measure.kind === kind))
    if (requestedKind === undefined && kinds.length > 1) {
        refuse(
            "conflict",
            "measure.ambiguous",
            "an interim suspension and a decision are both open: set `from` to name the one that ends",
        )
    }
    const from = requestedKind ?? kinds[0] ?? null
    if (from === null) await assertSuspended(ctx, partner)
    else if (!kinds.includes(from)) refuseNotSuspended()
    const ends = open.filter(({ kind }) => kind === from)
    const procedures: LockedProcedure[] = []
    for (const { kind, procedure } of ends) {
        if (kind !== "suspension" || procedure === null) continue
        const locked = await lockProcedure(ctx, procedure)
        assertReinstatable(locked.history, ctx.now)
        procedures.push(locked)
    }
    const remaining = open.filter(({ kind }) => kind !== from)
    const interim = ends.find(({ kind }) => kind === "interim_suspension") ?? null
    return { from, ends, interim, procedures, status: statusUnder(remaining.map(({ kind }) => kind)) }
}

/**
 * Builds the effects: each measure that ends, the new status and the restored access. The signature covers exactly this
 * return.
 */
async function buildReinstatementEffects(
    ctx: ActionContext,
    partner: string,
    { from, ends, status }: Reinstatement,
): Promise<Effects> {
    const detail = { from, measures: ends.map(({ id }) => id), status }
    const effects = { action: "partner.reinstate", recipients: [partner], artifacts: [], at: null, detail }
    return await addGainedVersions(ctx, partner, { fact: "status", value: status }, effects)
}

async function recordReinstatement(
    ctx: ActionContext,
    procedure: LockedProcedure,
    { id, requestedBy, signedBy }: Approval,
): Promise<void> {
    if (signedBy === null) throw new Error(`the approval ${id} was applied without a signature`)
    await appendEntry(ctx, procedure, addReinstatement(procedure.history, [requestedBy, signedBy], ctx.now), {
        approval: id,
    })
    await record(ctx, {
        kind: "procedure.reinstated",
        procedure: procedure.id,
        partner: procedure.partner,
        approval: id,
    })
}

/** Requests the lifting of one partner's restriction. Returns the approval's id. */
export async function requestLift(ctx: ActionContext, partner: string): Promise<string> {
    const effects = await buildRelaxationEffects(ctx, partner, null)
    const restriction = await findOpenMeasure(ctx, "restrict", partner)
    return await requestSignature(ctx, effects ?? refuseNotRestricted(), restriction)
}

/** Lifts the restriction with a signed approval. Returns the measure's id. */
export async function liftRestriction(
    ctx: ActionContext,
    { partner, approval, reason, letter }: Restoration,
): Promise<string> {
    assertMayDecide(ctx, reason)
    await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, partner)
    const effects = (await buildRelaxationEffects(ctx, partner, null)) ?? refuseNotRestricted()
    await assertSignedByOthers(ctx, approval, decidersOfMeasure(await findOpenMeasure(ctx, "restrict", partner)))
    const id = ctx.services.newId()
    const within = await applyApproval(ctx, approval, effects)
    await setRestriction(ctx, partner, null, { appliedApproval: within, measure: id })
    await recordMeasure(ctx, { id, kind: "lift", partner, reason, approval }, ["restrict"])
    await notifyByLetter(ctx, { partner, kind: "lift", measure: id }, letter)
    return id
}

/**
 * Requests a weaker restriction of one partner. `restrictPartner` applies it with the approval. Returns the approval's
 * id. Refuses `measure.relaxes_nothing`.
 */
export async function requestRelaxation(
    ctx: ActionContext,
    partner: string,
    restriction: Restriction,
): Promise<string> {
    validateRestriction(restriction)
    const openMeasure = await findOpenMeasure(ctx, "restrict", partner)
    const current = (await loadPartnerFacts(ctx, partner, ctx.now)).restriction
    if (current === null) refuseNotRestricted()
    for (const caseId of restriction.cases ?? []) await loadCaseFile(ctx, caseId)
    const effects = await buildRelaxationEffects(ctx, partner, restriction)
    if (effects === null) {
        refuse(
            "conflict",
            "measure.relaxes_nothing",
            "this does not restore any access: restrict the partner without an approval",
        )
    }
    return await requestSignature(ctx, effects, openMeasure)
}

/**
 * Computes the effects of a new restriction, or of none (null). Returns null where it withholds at least as much as
 * now.
 */
export async function buildRelaxationEffects(
    ctx: ActionContext,
    partner: string,
    value: Restriction | null,
): Promise<Effects | null> {
    const change = { fact: "restriction", value } as const
    const effects = await computeChangeEffects(ctx, partner, change)
    return effects && (await addGainedVersions(ctx, partner, change, effects))
}

/**
 * Ends restrictions by duty of earlier policies after a policy version becomes active, and notifies the partners that
 * got a letter.
 */
export async function endOutdatedDutyRestrictions(ctx: ActionContext): Promise<void> {
    const ended = await endDutyRestrictions(ctx, async () => (await findActivePolicy(ctx, ctx.now))?.version ?? null)
    for (const measure of ended) {
        const notified = new Set((await listLettersOfMeasure(ctx, measure)).map(({ partner }) => partner))
        for (const partner of notified) await notifyByLetter(ctx, { partner, kind: "end_by_reporting_duty", measure })
    }
}

async function requestSignature(ctx: ActionContext, effects: Effects, measure: Measure | null): Promise<string> {
    const authors = [...(effects.authors ?? []), ...(await listRelatedAccounts(ctx, decidersOfMeasure(measure)))]
    return await requestApproval(ctx, { ...effects, authors })
}

const decidersOfMeasure = (measure: Measure | null): string[] => (measure === null ? [] : [measure.takenBy])

async function assertSuspended(ctx: ActionContext, partner: string): Promise<void> {
    if ((await loadPartnerStatus(ctx, partner)) !== "suspended") refuseNotSuspended()
}

function refuseNotSuspended(): never {
    refuse("conflict", "measure.not_suspended", "this partner is not suspended")
}

function refuseNotRestricted(): never {
    refuse("conflict", "measure.not_restricted", "this partner is not restricted")
}

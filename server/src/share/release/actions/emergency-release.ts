/**
 * Emergency release: opens at once everything that the remaining waves and publication would open.
 *
 * One person requests it, another signs its effects. Then one transaction terminates and ends the embargo and releases
 * every wave. Notices follow as for any wave.
 *
 * Also closes cases, which takes one person: a closed case opens nothing more.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { decryptApprovalText } from "../../../trust/approvals/actions/load-approvals.ts"
import {
    type Approval,
    type ArtifactVersion,
    type Effects,
    type PartnerVersion,
    recipientGroupsOf,
    partnerVersionsIn,
} from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listArtifacts } from "../../artifacts/actions/load-artifacts.ts"
import { assertValid } from "../../artifacts/actions/validate-artifact.ts"
import { closeCase } from "../../cases/actions/close-case.ts"
import { findClosure, loadEmbargo, lockEmbargoEnd } from "../../cases/actions/load-case.ts"
import { loadRevision } from "../../cases/actions/open-case.ts"
import { listInformedPartners } from "../../cases/actions/answer-invitation.ts"
import { terminateEmbargo, endEmbargo } from "../../cases/actions/negotiate-embargo.ts"
import { assertOpen } from "../../cases/case.ts"
import { phase } from "../../cases/embargo.ts"
import {
    setWaveApproval,
    lockWave,
    markWaveReleased,
    voidOpenApproval,
    endFreeze,
    listWaves,
} from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { loadWaveEffects, opensFor, listCurrentRecipients } from "./compute-effects.ts"
import { currentVersionsOf } from "./release-wave.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { listHeldVersions } from "./released-content.ts"
import { applyApprovalAsRead, markDenial } from "./load-public-texts.ts"

/** What one remaining wave would open, and for which partners. */
export interface RemainingWave {
    readonly wave: Wave
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
}

export interface EmergencyRelease {
    /** In order of release, publication last. */
    readonly waves: readonly RemainingWave[]
    /** The combined effects, which are signed. */
    readonly effects: Effects
}

export const emergencyReleaseAction = "embargo.terminate"

/** Returns what an emergency release would do now. Refuses `release.no_embargo_to_end` and closed cases. */
export async function loadEmergencyRelease(ctx: ActionContext, caseId: string): Promise<EmergencyRelease> {
    assertOpen(await findClosure(ctx, caseId))
    const state = phase(await loadEmbargo(ctx, caseId), ctx.now)
    if (state !== "running" && state !== "due" && state !== "terminated") {
        refuse("conflict", "release.no_embargo_to_end", `no embargo to terminate: its state is \`${state}\``, { state })
    }
    const waves: RemainingWave[] = []
    const authors: string[] = []
    const readings: PartnerVersion[] = []
    for (const wave of await listWaves(ctx, caseId)) {
        if (wave.releasedAt !== null) continue
        const effects = await loadWaveEffects(ctx, wave)
        const recipients = await listCurrentRecipients(ctx, caseId, effects, (entitlement) =>
            opensFor(entitlement, wave),
        )
        waves.push({ wave, recipients, artifacts: effects.artifacts })
        readings.push(...partnerVersionsIn(effects))
        authors.push(...(effects.authors ?? []))
    }
    const effects: Effects = {
        action: emergencyReleaseAction,
        ...recipientGroupsOf(readings),
        at: null,
        // The signature covers the freezes that the signer saw. A later freeze makes the approval exceeded.
        detail: {
            case: caseId,
            revision: await loadRevision(ctx, caseId),
            frozen: waves
                .filter(isFrozen)
                .map((remaining) => remaining.wave.id)
                .toSorted(),
        },
        authors: [...new Set(authors)].toSorted(),
    }
    return { waves, effects: await markDenial(ctx, caseId, effects) }
}

const isFrozen = ({ wave }: RemainingWave): boolean => wave.frozenAt !== null

/** Requests the second signature with the reason that the signer reads; returns the approval's id. */
export async function requestEmergencyRelease(ctx: ActionContext, caseId: string, reason: string): Promise<string> {
    const { effects } = await loadEmergencyRelease(ctx, caseId)
    await assertValid(ctx, effects.artifacts)
    return await requestApproval(ctx, effects, { reason })
}

/** Releases everything under the signed approval, for the signed reason, in full or not at all. */
export async function runEmergencyRelease(ctx: ActionContext, caseId: string, approval: string): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    await lockEmbargoEnd(ctx, caseId)
    await assertClocksTrusted(ctx)
    const { waves, effects } = await loadEmergencyRelease(ctx, caseId)
    const applied = await applyApprovalAsRead(ctx, approval, effects)
    if (phase(await loadEmbargo(ctx, caseId), ctx.now) === "running") {
        await terminateEmbargo(ctx, caseId, await loadReason(ctx, applied))
    }
    for (const remaining of waves) await releaseRemaining(ctx, remaining, applied.id)
    await endEmbargo(ctx, caseId)
    const { recipients } = effects
    await record(ctx, { kind: "embargo.emergency_released", case: caseId, approval, recipients, waves: waves.length })
}

async function loadReason(ctx: ActionContext, approval: Approval): Promise<string> {
    const { reason } = (await decryptApprovalText(ctx, approval)) as { reason: string }
    return reason
}

async function releaseRemaining(
    ctx: ActionContext,
    { wave: { id }, recipients, artifacts }: RemainingWave,
    approval: string,
): Promise<void> {
    const wave = await lockWave(ctx, id)
    if (wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "superseded")
    await endFreeze(ctx, wave, approval)
    await setWaveApproval(ctx, id, approval)
    const opened = currentVersionsOf(artifacts, await listArtifacts(ctx, wave.case))
    await markWaveReleased(ctx, wave, opened)
    await record(ctx, {
        kind: "wave.released",
        case: wave.case,
        wave: id,
        tier: wave.tier,
        plannedAt: ctx.now,
        approval,
        recipients,
        artifacts: opened.map((artifactVersion) => `${artifactVersion.artifact}:${artifactVersion.version}`),
    })
}

/**
 * Closes a case: `cancelled` before a release, `withdrawn` after it. Voids open approvals, and no further wave is
 * released.
 */
export async function closeCaseWithWaves(ctx: ActionContext, caseId: string, reason: string): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    const waves = await listWaves(ctx, caseId)
    const isReleased = waves.some((wave) => wave.releasedAt !== null)
    await closeCase(ctx, caseId, isReleased ? "withdrawn" : "cancelled", reason)
    if (isReleased) {
        const warned = (await listHeldVersions(ctx, caseId, {})).map((reading) => reading.partner)
        const recipients = [...new Set([...warned, ...(await listInformedPartners(ctx, caseId))])].toSorted()
        await record(ctx, { kind: "case.withdrawal_announced", case: caseId, recipients })
    }
    for (const { id, releasedAt } of waves) {
        if (releasedAt !== null) continue
        const wave = await lockWave(ctx, id)
        if (wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "withdrawn")
        await setWaveApproval(ctx, id, null)
    }
}

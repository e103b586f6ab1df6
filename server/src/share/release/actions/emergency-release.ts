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
import { requestApproval, wordsOf } from "../../../trust/approvals/actions.ts"
import {
    type Approval,
    type ArtifactVersion,
    type Effects,
    type Reading,
    openingsOf,
    readingsIn,
} from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { artifactsOf } from "../../artifacts/actions.ts"
import { assertValid } from "../../artifacts/actions/validate-artifact.ts"
import { closeCase, closingOf, embargoOf, heldPublicationOf, revisionOf } from "../../cases/actions.ts"
import { listenersOf } from "../../cases/actions/answer-invitation.ts"
import { breakEmbargo, endEmbargo } from "../../cases/actions/negotiate-embargo.ts"
import { assertOpen } from "../../cases/case.ts"
import { phase } from "../../cases/embargo.ts"
import { armWave, lockWave, openWave, voidOpenApproval, thawWave, wavesOf } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { effectsOfWave, opensFor, recipientsNow, stillNewest } from "../actions.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { heldIn } from "./released-content.ts"
import { useAsRead, withDenial } from "./load-public-texts.ts"

/** What one remaining wave would open, and for which partners. */
export interface Remaining {
    readonly wave: Wave
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
}

export interface Breaking {
    /** In order of release, publication last. */
    readonly waves: readonly Remaining[]
    /** The combined effects, which are signed. */
    readonly effects: Effects
}

export const breaking = "embargo.terminate"

/** Returns what an emergency release would do now. Refuses `release.no_embargo_to_end` and closed cases. */
export async function breakingOf(ctx: ActionContext, caseId: string): Promise<Breaking> {
    assertOpen(await closingOf(ctx, caseId))
    const state = phase(await embargoOf(ctx, caseId), ctx.now)
    if (state !== "running" && state !== "due" && state !== "terminated") {
        refuse("conflict", "release.no_embargo_to_end", `no embargo to terminate: its state is \`${state}\``)
    }
    const waves: Remaining[] = []
    const authors: string[] = []
    const readings: Reading[] = []
    for (const wave of await wavesOf(ctx, caseId)) {
        if (wave.releasedAt !== null) continue
        const effects = await effectsOfWave(ctx, wave)
        const recipients = await recipientsNow(ctx, caseId, effects, (entitlement) => opensFor(entitlement, wave))
        waves.push({ wave, recipients, artifacts: effects.artifacts })
        readings.push(...readingsIn(effects))
        authors.push(...(effects.authors ?? []))
    }
    const effects: Effects = {
        act: breaking,
        ...openingsOf(readings),
        at: null,
        // The signature covers the freezes that the signer saw. A later freeze makes the approval exceeded.
        detail: {
            case: caseId,
            revision: await revisionOf(ctx, caseId),
            frozen: waves
                .filter(isFrozen)
                .map((remaining) => remaining.wave.id)
                .toSorted(),
        },
        authors: [...new Set(authors)].toSorted(),
    }
    return { waves, effects: await withDenial(ctx, caseId, effects) }
}

const isFrozen = ({ wave }: Remaining): boolean => wave.frozenAt !== null

/** Requests the second signature with the reason that the signer reads; returns the approval's id. */
export async function requestBreaking(ctx: ActionContext, caseId: string, why: string): Promise<string> {
    const { effects } = await breakingOf(ctx, caseId)
    await assertValid(ctx, effects.artifacts)
    return await requestApproval(ctx, effects, { why })
}

/** Releases everything under the signed approval, for the signed reason, in full or not at all. */
export async function breakAndRelease(ctx: ActionContext, caseId: string, approval: string): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    await heldPublicationOf(ctx, caseId)
    await assertClocksTrusted(ctx)
    const { waves, effects } = await breakingOf(ctx, caseId)
    const used = await useAsRead(ctx, approval, effects)
    if (phase(await embargoOf(ctx, caseId), ctx.now) === "running") {
        await breakEmbargo(ctx, caseId, await reasonOf(ctx, used))
    }
    for (const remaining of waves) await openNow(ctx, remaining, used.id)
    await endEmbargo(ctx, caseId)
    const { recipients } = effects
    await record(ctx, { kind: "embargo.emergency_released", case: caseId, approval, recipients, waves: waves.length })
}

async function reasonOf(ctx: ActionContext, approval: Approval): Promise<string> {
    const { why } = (await wordsOf(ctx, approval)) as { why: string }
    return why
}

async function openNow(
    ctx: ActionContext,
    { wave: { id }, recipients, artifacts }: Remaining,
    approval: string,
): Promise<void> {
    const wave = await lockWave(ctx, id)
    if (wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "superseded")
    await thawWave(ctx, wave, approval)
    await armWave(ctx, id, approval)
    const opened = stillNewest(artifacts, await artifactsOf(ctx, wave.case))
    await openWave(ctx, wave, opened)
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
export async function closeForGood(ctx: ActionContext, caseId: string, why: string): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    const waves = await wavesOf(ctx, caseId)
    const isKnown = waves.some((wave) => wave.releasedAt !== null)
    await closeCase(ctx, caseId, isKnown ? "withdrawn" : "cancelled", why)
    if (isKnown) {
        const warned = (await heldIn(ctx, caseId, {})).map((reading) => reading.partner)
        const recipients = [...new Set([...warned, ...(await listenersOf(ctx, caseId))])].toSorted()
        await record(ctx, { kind: "case.withdrawal_announced", case: caseId, recipients })
    }
    for (const { id, releasedAt } of waves) {
        if (releasedAt !== null) continue
        const wave = await lockWave(ctx, id)
        if (wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "withdrawn")
        await armWave(ctx, id, null)
    }
}

/** Requests the release of a wave, and releases it when it is due. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import {
    endFreeze,
    lockWave,
    markWaveReleased,
    setWaveApproval,
    tryLockWave,
    voidOpenApproval,
} from "../../waves/actions.ts"
import { assertOpen } from "../../cases/case.ts"
import { findClosure, lockEmbargoEnd } from "../../cases/actions/load-case.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { listCurrentRecipients, loadWaveEffects, opensFor } from "./compute-effects.ts"
import { assertValid } from "../../artifacts/actions/validate-artifact.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { voidApproval } from "../../../trust/approvals/actions/void-approvals.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { listDueWaves, releaseJob } from "./release-due.ts"
import type { Services } from "../../../kernel/services.ts"
import { areClocksDistrusted, mayRelease } from "./guard-clocks.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { type Wave, plannedAt } from "../../waves/wave.ts"
import { isSigned } from "./list-waves.ts"
import { applyApprovalAsRead } from "./load-public-texts.ts"
import { type Artifact, listArtifacts } from "../../artifacts/actions/load-artifacts.ts"
import { endEmbargo } from "../../cases/actions/negotiate-embargo.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"

/**
 * Requests the second signature; returns the approval's id. Once signed, the wave is released at its instant. Refuses
 * `release.already_released`, `release.no_recipients`.
 */
export async function requestRelease(ctx: ActionContext, id: string): Promise<string> {
    const wave = await lockWave(ctx, id)
    assertOpen(await findClosure(ctx, wave.case))
    if (wave.releasedAt !== null) refuse("conflict", "release.already_released", "this wave is already released")
    const effects = await loadWaveEffects(ctx, wave)
    if (effects.artifacts.length === 0) {
        refuse("conflict", "release.no_recipients", "this wave has no recipients: no partner would get an artifact")
    }
    await assertValid(ctx, effects.artifacts)
    if (wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "superseded")
    const approvalId = await requestApproval(ctx, effects)
    await setWaveApproval(ctx, id, approvalId)
    await record(ctx, { kind: "wave.approval_requested", case: wave.case, wave: id, approval: approvalId })
    return approvalId
}

/** Releases the waves whose instant has come, each in a transaction of its own. */
export const releaseWavesJob: BackgroundJob = { name: releaseJob, run: releaseDue }

async function releaseDue(services: Services): Promise<boolean> {
    const due = await services.db.transaction(async (tx) => {
        const ctx = await createContext(services, tx)
        return (await areClocksDistrusted(ctx)) ? [] : await listDueWaves(ctx, ctx.now)
    })
    for (const { wave } of due) {
        try {
            await services.db.transaction(async (tx) => {
                // The lock comes before the time is read, so that no concurrent change is later than this time.
                await lockToChangeProgram(tx)
                await releaseWave(await createContext(services, tx), wave.id)
            })
        } catch (error) {
            if (!(error instanceof Refusal)) {
                services.log.error("release failed", { id: wave.id, error: String(error) })
                continue
            }
            await services.db.transaction(
                async (tx) => await voidWaveApproval(await createContext(services, tx), wave, error.code),
            )
            services.log.error("a due wave was not released: it needs a new signature", {
                id: wave.id,
                code: error.code,
            })
        }
    }
    return false
}

async function createContext(services: Services, tx: ActionContext["tx"]): Promise<ActionContext> {
    return { tx, now: await services.clock.now(tx), services, actor: { kind: "system", component: "releasing" } }
}

/**
 * Releases one wave under the program's lock, in full or not at all. Publication ends the embargo in the same
 * transaction.
 */
async function releaseWave(ctx: ActionContext, id: string): Promise<void> {
    const wave = await tryLockWave(ctx, id)
    if (wave === null) return
    const at = plannedAt(wave, await lockEmbargoEnd(ctx, wave.case))
    if (wave.releasedAt !== null || wave.approval === null) return
    if (at === null || at > ctx.now || !(await isSigned(ctx, wave.approval))) return
    assertOpen(await findClosure(ctx, wave.case))
    if (!(await mayRelease(ctx))) return
    const effects = await loadWaveEffects(ctx, wave)
    const applied = await applyApprovalAsRead(ctx, wave.approval, effects)
    const opened = currentVersionsOf(applied.effects.artifacts, await listArtifacts(ctx, wave.case))
    // The signed request is later than the freeze, since a freeze voids earlier approvals.
    await endFreeze(ctx, wave, applied.id)
    await markWaveReleased(ctx, wave, opened)
    if (wave.tier === "publication") await endEmbargo(ctx, wave.case)
    await record(ctx, {
        kind: "wave.released",
        case: wave.case,
        wave: id,
        tier: wave.tier,
        plannedAt: at,
        approval: applied.id,
        recipients: await listCurrentRecipients(ctx, wave.case, effects, (entitlement) => opensFor(entitlement, wave)),
        artifacts: opened.map((artifactVersion) => `${artifactVersion.artifact}:${artifactVersion.version}`),
    })
}

/**
 * Returns the signed versions that are still the newest and not recalled. They open even where no partner has access
 * now, for partners that are reinstated later.
 */
export function currentVersionsOf(
    signed: readonly ArtifactVersion[],
    artifacts: readonly Artifact[],
): ArtifactVersion[] {
    const newest = new Map(
        artifacts.filter((artifact) => !artifact.recalled).map((artifact) => [artifact.id, artifact.version]),
    )
    return signed.filter((artifactVersion) => newest.get(artifactVersion.artifact) === artifactVersion.version)
}

/**
 * Voids an approval that the effects exceed. The wave keeps it and waits for a new one. A newer approval stays valid.
 */
export async function voidWaveApproval(ctx: ActionContext, { id, approval }: Wave, code: string): Promise<void> {
    const wave = await tryLockWave(ctx, id)
    if (wave === null || approval === null || wave.approval !== approval || wave.releasedAt !== null) return
    await voidApproval(ctx, approval, "changed")
    await record(ctx, { kind: "wave.approval_voided", case: wave.case, wave: id, code })
}

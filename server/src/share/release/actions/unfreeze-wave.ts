/**
 * Unfreezes a released wave. One person freezes; two people unfreeze, and sign which partners get what again.
 *
 * An unreleased wave is unfrozen by the signature of a new release request instead.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { loadApprovals } from "../../../trust/approvals/actions/load-approvals.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type Effects, recipientGroupsOf, stateOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listRecalledVersions } from "../../artifacts/actions/recall-artifact.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { findClosure } from "../../cases/actions/load-case.ts"
import { assertOpen } from "../../cases/case.ts"
import { loadMatrix } from "../../entitlement/actions/decide-access.ts"
import { lockWave, listOpenedVersions, endFreeze } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { listWavesOfOpenCases, listOpeningWaves } from "./list-waves.ts"
import { opensFor } from "./compute-effects.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { listAuthors } from "./released-content.ts"
import { applyApprovalAsRead, markPublicDenial } from "./load-public-texts.ts"

/** The outcome: done, or an approval that waits for its signature. */
export interface UnfreezeOutcome {
    readonly done: boolean
    readonly approval: string
}

/**
 * Without `signed`, requests the second signature; with it, unfreezes the wave. Refuses `release.not_frozen`,
 * `release.not_released`.
 */
export async function unfreezeWave(
    ctx: ActionContext,
    id: string,
    signed: string | undefined,
): Promise<UnfreezeOutcome> {
    await lockToChangeProgram(ctx.tx)
    const wave = await lockWave(ctx, id)
    assertOpen(await findClosure(ctx, wave.case))
    const effects = await loadUnfreezeEffects(ctx, wave)
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effects) }
    await assertClocksTrusted(ctx)
    await applyApprovalAsRead(ctx, signed, effects)
    await endFreeze(ctx, wave, signed)
    return { done: true, approval: signed }
}

/**
 * Returns which partners get what again. Includes the instant of the freeze, so that a later freeze needs another
 * signature.
 */
async function loadUnfreezeEffects(ctx: ActionContext, wave: Wave): Promise<Effects> {
    const { frozenAt } = wave
    if (frozenAt === null) refuse("conflict", "release.not_frozen", "this wave is not frozen")
    if (wave.releasedAt === null) {
        refuse(
            "conflict",
            "release.not_released",
            "this wave is not released: request its release, whose signature unfreezes it",
        )
    }
    const recalled = await listRecalledVersions(ctx, ctx.now)
    const opened = (await listOpenedVersions(ctx, wave.case)).filter(
        (openedVersion) =>
            openedVersion.wave === wave.id &&
            !isRecalled(recalled.get(openedVersion.artifact) ?? [], openedVersion.version),
    )
    const { entitlements } = await loadMatrix(ctx, wave.case, { nothingOverdue: true })
    const readings = entitlements.flatMap((entitlement) =>
        opened
            .filter((openedVersion) => openedVersion.artifact === entitlement.artifact && opensFor(entitlement, wave))
            .map(({ artifact, version }) => ({ partner: entitlement.partner, artifact, version })),
    )
    return await markPublicDenial(ctx, wave.case, {
        action: "wave.unfreeze",
        ...recipientGroupsOf(readings),
        at: null,
        detail: { wave: wave.id, tier: wave.tier, frozenAt },
        authors: await listAuthors(ctx, wave.case, opened),
    })
}

export interface FrozenWave {
    readonly wave: Wave
    readonly since: Instant
    /** The planned instant; null where the wave is released, or no instant is planned. */
    readonly at: Instant | null
}

/** Lists the waves that stay frozen until a person requests their release or unfreezing. */
export async function listFrozenWaves(ctx: ActionContext): Promise<FrozenWave[]> {
    const frozen = (await listWavesOfOpenCases(ctx)).flatMap(({ wave, at }) => {
        const since = wave.frozenAt
        if (since === null) return []
        return [{ wave, since, at: wave.releasedAt === null ? at : null }]
    })
    const approvals = await loadApprovals(
        ctx,
        frozen.flatMap(({ wave }) => wave.approval ?? []),
    )
    const hasRequest = ({ approval: id }: Wave): boolean => {
        const approval = id === null ? undefined : approvals.get(id)
        return approval !== undefined && ["requested", "signed"].includes(stateOf(approval, ctx.now))
    }
    const requestable = frozen.filter(({ wave, at }) => at !== null && !hasRequest(wave)).map(({ wave }) => wave)
    const opening = await listOpeningWaves(ctx, requestable)
    return frozen.filter(({ wave }) => wave.releasedAt !== null || opening.has(wave.id))
}

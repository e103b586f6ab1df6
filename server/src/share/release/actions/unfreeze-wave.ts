/**
 * Unfreezes a released wave. One person freezes; two people unfreeze, and sign which partners get what again.
 *
 * An unreleased wave is unfrozen by the signature of a new release request instead.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { approvalsOf, requestApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, openingsOf, stateOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { recalledAt } from "../../artifacts/actions/find-recalls.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { closingOf } from "../../cases/actions.ts"
import { assertOpen } from "../../cases/case.ts"
import { matrixOf } from "../../entitlement/actions/decide-access.ts"
import { lockWave, openedBy, thawWave } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { openWaves, opensFor, wavesThatOpen } from "../actions.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { authorsOf } from "./released-content.ts"
import { useAsRead, withPublicDenial } from "./load-public-texts.ts"

/** The outcome: done, or an approval that waits for its signature. */
export interface Thawing {
    readonly done: boolean
    readonly approval: string
}

/**
 * Without `signed`, requests the second signature; with it, unfreezes the wave. Refuses `release.not_frozen`,
 * `release.not_released`.
 */
export async function thaw(ctx: ActionContext, id: string, signed: string | undefined): Promise<Thawing> {
    await lockToChangeProgram(ctx.tx)
    const wave = await lockWave(ctx, id)
    assertOpen(await closingOf(ctx, wave.case))
    const effects = await effectsOfThaw(ctx, wave)
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effects) }
    await assertClocksTrusted(ctx)
    await useAsRead(ctx, signed, effects)
    await thawWave(ctx, wave, signed)
    return { done: true, approval: signed }
}

/**
 * Returns which partners get what again. Includes the instant of the freeze, so that a later freeze needs another
 * signature.
 */
async function effectsOfThaw(ctx: ActionContext, wave: Wave): Promise<Effects> {
    const { frozenAt } = wave
    if (frozenAt === null) refuse("conflict", "release.not_frozen", "this wave is not frozen")
    if (wave.releasedAt === null) {
        refuse(
            "conflict",
            "release.not_released",
            "this wave is not released: request its release, whose signature unfreezes it",
        )
    }
    const recalled = await recalledAt(ctx, ctx.now)
    const opened = (await openedBy(ctx, wave.case)).filter(
        (item) => item.wave === wave.id && !isRecalled(recalled.get(item.artifact) ?? [], item.version),
    )
    const { entitlements } = await matrixOf(ctx, wave.case, { nothingOverdue: true })
    const readings = entitlements.flatMap((entitlement) =>
        opened
            .filter((item) => item.artifact === entitlement.artifact && opensFor(entitlement, wave))
            .map(({ artifact, version }) => ({ partner: entitlement.partner, artifact, version })),
    )
    return await withPublicDenial(ctx, wave.case, {
        act: "wave.unfreeze",
        ...openingsOf(readings),
        at: null,
        detail: { wave: wave.id, tier: wave.tier, frozenAt },
        authors: await authorsOf(ctx, wave.case, opened),
    })
}

export interface Frozen {
    readonly wave: Wave
    readonly since: Instant
    /** The planned instant; null where the wave is released, or no instant is planned. */
    readonly at: Instant | null
}

/** Lists the waves that stay frozen until a person requests their release or unfreezing. */
export async function waitingFrozen(ctx: ActionContext): Promise<Frozen[]> {
    const frozen = (await openWaves(ctx)).flatMap(({ wave, at }) => {
        const since = wave.frozenAt
        if (since === null) return []
        return [{ wave, since, at: wave.releasedAt === null ? at : null }]
    })
    const approvals = await approvalsOf(
        ctx,
        frozen.flatMap(({ wave }) => wave.approval ?? []),
    )
    const isAskedFor = ({ approval: id }: Wave): boolean => {
        const approval = id === null ? undefined : approvals.get(id)
        return approval !== undefined && ["requested", "signed"].includes(stateOf(approval, ctx.now))
    }
    const left = frozen.filter(({ wave, at }) => at !== null && !isAskedFor(wave)).map(({ wave }) => wave)
    const opening = await wavesThatOpen(ctx, left)
    return frozen.filter(({ wave }) => wave.releasedAt !== null || opening.has(wave.id))
}

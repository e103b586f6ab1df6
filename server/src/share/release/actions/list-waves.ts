/** Lists waves without a signature, and waves that are open. */
import { type Wave, plannedAt } from "../../waves/wave.ts"
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadApproval, loadApprovals } from "../../../trust/approvals/actions/load-approvals.ts"
import { expiresAt, stateOf } from "../../../trust/approvals/approval.ts"
import { listWaves } from "../../waves/actions.ts"
import { listClosedCases, listEmbargoEnds } from "../../cases/actions/load-case.ts"
import { listArtifactDecisions } from "../../entitlement/actions/decide-access.ts"
import { opensFor } from "./compute-effects.ts"

export interface UnsignedWave {
    readonly wave: Wave
    readonly at: Instant
    /** When the approval was voided or expired; null where none was requested. */
    readonly approvalEndedAt: Instant | null
}

/**
 * Lists waves that would open something and that have no requested or signed approval: those due before `until`, and
 * those whose approval was voided or expired.
 */
export async function listUnsignedWaves(ctx: ActionContext, until: Instant): Promise<UnsignedWave[]> {
    const open = await listWavesOfOpenCases(ctx)
    const approvals = await loadApprovals(
        ctx,
        open.flatMap(({ wave }) => wave.approval ?? []),
    )
    const unsigned = open.flatMap(({ wave, at }) => {
        if (at === null || wave.releasedAt !== null || wave.frozenAt !== null) return []
        const approval = wave.approval === null ? null : (approvals.get(wave.approval) ?? null)
        const state = approval && stateOf(approval, ctx.now)
        if (state === "signed" || state === "requested") return []
        const approvalEndedAt = approval && (approval.voidedAt ?? expiresAt(approval))
        return at > until && approvalEndedAt === null ? [] : [{ wave, at, approvalEndedAt }]
    })
    const opening = await listOpeningWaves(
        ctx,
        unsigned.map(({ wave }) => wave),
    )
    return unsigned.filter(({ wave }) => opening.has(wave.id))
}

export interface WaveOfOpenCase {
    readonly wave: Wave
    /** The planned instant; null where no end of the embargo is agreed. */
    readonly at: Instant | null
}

/** Lists the waves of all cases that are not closed, released or not, in three statements. */
export async function listWavesOfOpenCases(ctx: ActionContext): Promise<WaveOfOpenCase[]> {
    const [waves, closed] = [await listWaves(ctx, null), await listClosedCases(ctx)]
    const open = waves.filter((wave) => !closed.has(wave.case))
    const publications = await listEmbargoEnds(ctx, [...new Set(open.map((wave) => wave.case))])
    return open.map((wave) => ({ wave, at: plannedAt(wave, publications.get(wave.case) ?? null) }))
}

/** Returns the ids of the waves that would open something for some partner now. Decides all of them together. */
export async function listOpeningWaves(ctx: ActionContext, waves: readonly Wave[]): Promise<ReadonlySet<string>> {
    const byCase = Map.groupBy(waves, (wave) => wave.case)
    const opening = new Set<string>()
    for (const { case: caseId, class: artifactClass, decisions } of await listArtifactDecisions(
        ctx,
        new Set(byCase.keys()),
    )) {
        for (const wave of byCase.get(caseId) ?? []) {
            if (decisions.some((decision) => opensFor({ decision, class: artifactClass }, wave))) opening.add(wave.id)
        }
    }
    return opening
}

export async function isSigned(ctx: ActionContext, id: string): Promise<boolean> {
    const { signedAt, appliedAt, voidedAt } = await loadApproval(ctx, id)
    return signedAt !== null && appliedAt === null && voidedAt === null
}

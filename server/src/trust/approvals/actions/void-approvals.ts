/** Voids approvals. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Approval, type ArtifactVersion, type VoidReason, signWithinMs } from "../approval.ts"
import { assertGenuine, assertVisible, findObstacle, isConfidential } from "./load-approvals.ts"
import * as store from "../store.ts"
import { refuse } from "@tocsin/base/refusal"

/**
 * Voids a request or a signature. One person is enough; repeating it changes nothing. Refuses
 * `approval.already_applied`.
 */
export async function voidApproval(ctx: ActionContext, id: string, reason: VoidReason): Promise<void> {
    const approval = assertVisible(ctx, await store.lockApproval(ctx.tx, id))
    if (approval.appliedAt !== null)
        refuse("conflict", "approval.already_applied", "this approval was already applied: request a new one")
    if (approval.voidedAt !== null) return
    await voidOpenApproval(ctx, approval, reason)
}

/**
 * Voids open approvals of these actions for this recipient, because a newer decision supersedes them. Call it in the
 * transaction of that decision.
 */
export async function voidSuperseded(ctx: ActionContext, actions: readonly string[], recipient: string): Promise<void> {
    const approvals = await store.lockOpenOfRecipient(ctx.tx, actions, recipient, ctx.now - signWithinMs)
    for (const approval of approvals) await voidOpenApproval(ctx, approval, "superseded")
}

/** Withdraws all open approvals of a restored database: they can have been voided or used since. */
export async function withdrawAfterRestore(tx: Tx, now: Instant): Promise<void> {
    await store.withdrawAll(tx, now)
}

/** Voids open approvals whose requester or signer has left or lost the role. */
export async function voidOrphaned(ctx: ActionContext): Promise<void> {
    for (const approval of (await store.lockOpen(ctx.tx, ctx.now - signWithinMs)).map(assertGenuine)) {
        const obstacle = await findObstacle(ctx, approval)
        if (obstacle !== null) await voidOpenApproval(ctx, approval, obstacle)
    }
}

/** Voids open approvals of these actions for an earlier version of this artifact. */
export async function voidOutdated(
    ctx: ActionContext,
    actions: readonly string[],
    newest: ArtifactVersion,
): Promise<void> {
    for (const approval of await store.lockOpenOfArtifact(ctx.tx, actions, newest.artifact, ctx.now - signWithinMs)) {
        const artifactVersions = approval.effects.artifacts.filter(({ artifact }) => artifact === newest.artifact)
        if (artifactVersions.some(({ version }) => version < newest.version))
            await voidOpenApproval(ctx, approval, "changed")
    }
}

/** Voids open approvals of these actions for this case, except those that are still valid. */
export async function voidApprovalsOfCase(
    ctx: ActionContext,
    actions: readonly string[],
    caseId: string,
    reason: VoidReason,
    isStillValid: (approval: Approval) => boolean,
): Promise<void> {
    for (const approval of await store.lockOpenOfCase(ctx.tx, actions, caseId, ctx.now - signWithinMs)) {
        if (!isStillValid(approval)) await voidOpenApproval(ctx, approval, reason)
    }
}

/** Voids open approvals of this inquiry. */
export async function voidApprovalsOfInquiry(ctx: ActionContext, inquiry: string): Promise<void> {
    const open = await store.lockOpenOfInquiry(ctx.tx, inquiry, ctx.now - signWithinMs)
    for (const approval of open) await voidOpenApproval(ctx, approval, "withdrawn")
}

/** Hides every approval of this inquiry, past or open, from this person. */
export async function withholdApprovalsOfInquiry(ctx: ActionContext, inquiry: string, person: string): Promise<void> {
    await store.withholdApprovalsOfInquiry(ctx.tx, inquiry, person)
}

export async function voidOpenApproval(
    ctx: ActionContext,
    { id, effects }: Approval,
    reason: VoidReason,
): Promise<void> {
    await store.markVoided(ctx.tx, id, reason, ctx.now)
    await record(
        ctx,
        { kind: "approval.voided", approval: id, action: effects.action, reason },
        isConfidential(effects),
    )
}

/**
 * Counts reads of masters by each person, and refuses reads that need a second person.
 *
 * These are another author's proof of concept, and reads above the hourly limit of a class. Reaching the limit is an
 * event, a task for managers and a warning in the server log.
 */
import { refuse } from "@tocsin/base/refusal"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Master, authorOf, loadMaster, recordRead } from "../../artifacts/actions/load-artifacts.ts"
import { limitWindowMs, mastersPerHour, needsConsent, readEffects } from "../master-limit.ts"
import * as store from "../store.ts"

/**
 * Records and counts a read of the master. Refuses `mark.needs_consent` and `mark.too_many_reads`; a second signature
 * permits one read.
 */
export async function recordMasterRead(ctx: ActionContext, master: Master, reason: string): Promise<void> {
    const person = authorOf(ctx)
    if (needsConsent(master.class, master.author === person)) {
        refuse(
            "forbidden",
            "mark.needs_consent",
            "a proof of concept of another author needs a second person: request consent for this read",
        )
    }
    await countMasterRead(ctx, master)
    await recordRead(ctx, master, reason, null)
}

/** Counts a read that the caller records. Refuses `mark.too_many_reads`. */
export async function countMasterRead(
    ctx: ActionContext,
    { artifact, version, class: artifactClass }: Master,
): Promise<void> {
    const person = authorOf(ctx)
    const readAt = ctx.services.realNow()
    const limit = mastersPerHour[artifactClass]
    await store.lockMasterReads(ctx.tx, person)
    const reads = await store.listMastersRead(ctx.tx, { person, class: artifactClass, since: readAt - limitWindowMs })
    if (reads.some((masterRead) => masterRead.artifact === artifact && masterRead.version === version)) return
    if (reads.length >= limit) {
        ctx.services.log.warn("masters read up to the limit", { id: person, kind: artifactClass, count: limit })
        refuse(
            "forbidden",
            "mark.too_many_reads",
            `too many reads: one person may read \`${limit}\` masters of class \`${artifactClass}\` an hour; request ` +
                "consent or wait",
            { limit, artifactClass },
        )
    }
    const isLast = reads.length + 1 === limit
    const limitReachedAt = isLast ? ctx.now : null
    await store.insertMasterRead(ctx.tx, { person, artifact, version, class: artifactClass, readAt, limitReachedAt })
    if (!isLast) return
    ctx.services.log.warn("masters read up to the limit", { id: person, kind: artifactClass, count: limit })
    await record(ctx, { kind: "artifact.read_limit_reached", person, class: artifactClass, reads: limit })
}

export interface MasterReadOutcome {
    readonly done: boolean
    readonly approval: string
    /** Null while the request waits for its signature. */
    readonly master: Master | null
}

/** Requests consent for one read of the newest master, or reads it with the signed approval. */
export async function readWithConsent(
    ctx: ActionContext,
    id: string,
    reason: string,
    signed?: string,
): Promise<MasterReadOutcome> {
    const person = authorOf(ctx)
    const master = await loadMaster(ctx, id, null)
    const effects = readEffects(person, master)
    if (signed === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects, { reason }), master: null }
    }
    await applyApproval(ctx, signed, effects)
    await recordRead(ctx, master, "by consent", null)
    return { done: true, approval: signed, master }
}

/** Lists persons who reached the limit of a class within a day. */
export async function listLimitsReached(ctx: ActionContext): Promise<store.ReachedLimit[]> {
    return await store.listLimitsReached(ctx.tx, ctx.now - 24 * limitWindowMs)
}

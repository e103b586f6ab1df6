/**
 * Counts reads of masters by each person, and refuses reads that need a second person.
 *
 * These are another author's proof of concept, and reads above the hourly limit of a class. Reaching the limit is an
 * event, a task for managers and a warning in the server log.
 */
import { refuse } from "@tocsin/base/refusal"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Master, authorOf, masterOf, recordRead } from "../../artifacts/actions.ts"
import { limitWindowMs, mastersPerHour, needsConsent, readEffects } from "../master-limit.ts"
import * as store from "../store.ts"

/**
 * Records and counts a read of the master. Refuses `mark.needs_consent` and `mark.too_many_reads`; a second signature
 * permits one read.
 */
export async function takeMaster(ctx: ActionContext, master: Master, why: string): Promise<void> {
    const person = authorOf(ctx)
    if (needsConsent(master.class, master.author === person)) {
        refuse(
            "forbidden",
            "mark.needs_consent",
            "a proof of concept of another author needs a second person: request consent for this read",
        )
    }
    await countMaster(ctx, master)
    await recordRead(ctx, master, why, null)
}

/** Counts a read that the caller records. Refuses `mark.too_many_reads`. */
export async function countMaster(ctx: ActionContext, { artifact, version, class: kind }: Master): Promise<void> {
    const person = authorOf(ctx)
    const readAt = ctx.services.realNow()
    const most = mastersPerHour[kind]
    await store.lockMasterReads(ctx.tx, person)
    const before = await store.listMastersRead(ctx.tx, { person, class: kind, since: readAt - limitWindowMs })
    if (before.some((masterRead) => masterRead.artifact === artifact && masterRead.version === version)) return
    if (before.length >= most) {
        ctx.services.log.warn("masters read up to the limit", { id: person, kind, count: most })
        refuse(
            "forbidden",
            "mark.too_many_reads",
            `too many reads: one person may read \`${most}\` masters of class \`${kind}\` an hour; request ` +
                "consent or wait",
        )
    }
    const isLast = before.length + 1 === most
    const limitReachedAt = isLast ? ctx.now : null
    await store.insertMasterRead(ctx.tx, { person, artifact, version, class: kind, readAt, limitReachedAt })
    if (!isLast) return
    ctx.services.log.warn("masters read up to the limit", { id: person, kind, count: most })
    await record(ctx, { kind: "artifact.read_limit_reached", person, class: kind, reads: most })
}

export interface ConsentedRead {
    readonly done: boolean
    readonly approval: string
    /** Null while the request waits for its signature. */
    readonly master: Master | null
}

/** Requests consent for one read of the newest master, or reads it with the signed approval. */
export async function readByTwo(
    ctx: ActionContext,
    id: string,
    reason: string,
    signed?: string,
): Promise<ConsentedRead> {
    const person = authorOf(ctx)
    const master = await masterOf(ctx, id, null)
    const effects = readEffects(person, master)
    if (signed === undefined) {
        return { done: false, approval: await requestApproval(ctx, effects, { reason }), master: null }
    }
    await useApproval(ctx, signed, effects)
    await recordRead(ctx, master, "by consent", null)
    return { done: true, approval: signed, master }
}

/** Lists persons who reached the limit of a class within a day. */
export async function limitsReached(ctx: ActionContext): Promise<store.LimitReached[]> {
    return await store.listLimitsReached(ctx.tx, ctx.now - 24 * limitWindowMs)
}

/** Recalls artifacts, which takes one person. The delivery slice follows up the held copies. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { opened, sealed } from "../../cases/actions.ts"
import { type Recalled, isRecalled, validateReason } from "../recall.ts"
import * as store from "../store.ts"

/** A recall without its reason. It needs no decryption. */
export interface Recall {
    readonly id: string
    readonly case: string
    readonly artifact: string
    /** Null: every version. */
    readonly version: number | null
    /** The event's number. Copies handed out before the recall have a lower one. */
    readonly event: number
    readonly by: string
    readonly at: Instant
    readonly endedBy: string | null
    readonly endedAt: Instant | null
}

export interface NewRecall {
    /** Null: every version, including future ones. */
    readonly version: number | null
    readonly reason: string
}

/**
 * Recalls a version from now on. Waits for reads in progress; later reads see the recall. Refuses
 * `recall.already_recalled`, `recall.version_not_found`.
 */
export async function recallArtifact(
    ctx: ActionContext,
    artifact: string,
    { version, reason }: NewRecall,
): Promise<string> {
    const { actor } = ctx
    if (actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "only staff can change artifacts")
    validateReason(reason)
    await lockToChangeProgram(ctx.tx)
    const row = (await store.lockArtifact(ctx.tx, artifact)) ?? unknown()
    if (version !== null && !(await store.findVersionRow(ctx.tx, artifact, version))) {
        refuse("missing", "recall.version_not_found", "no such version")
    }
    const lasting = (await store.recallRows(ctx.tx, artifact)).filter(
        // A clock that was ahead may have written a recall that is not valid yet.
        (recallRow) => recallRow.endedAt === null && recallRow.at <= ctx.now,
    )
    if (lasting.some((row) => row.version === null || row.version === version)) {
        refuse("conflict", "recall.already_recalled", "this version is already recalled")
    }
    const id = ctx.services.newId()
    const event = await record(ctx, { kind: "artifact.recalled", case: row.case_id, recall: id, artifact, version })
    await store.insertRecall(ctx.tx, {
        id,
        event,
        artifact,
        version,
        reasonBox: await sealed(ctx, row.case_id, place(id), reason.trim()),
        by: actor.person,
        at: await withheldFrom(ctx.tx, ctx.services, ctx.now),
    })
    return id
}

export interface Ended {
    /** The approval of a second person, applied in this transaction. */
    readonly approval: string
    /** The partners that can read the version again. */
    readonly recipients: readonly string[]
}

export async function endRecall(
    ctx: ActionContext,
    { id, case: caseId, artifact }: Recall,
    ended: Ended,
): Promise<void> {
    const { actor } = ctx
    if (actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "only staff can change artifacts")
    await store.endRecall(ctx.tx, id, { by: actor.person, at: ctx.now, approval: ended.approval })
    await record(ctx, { kind: "recall.lifted", case: caseId, recall: id, artifact, ...ended })
}

/** Lists the recalls of one artifact (null: all), in order. */
export async function recallsOf(ctx: ActionContext, artifact: string | null): Promise<Recall[]> {
    return (await store.recallRows(ctx.tx, artifact)).map(plain)
}

/** Returns a recall. Refuses `recall.not_found`. */
export async function recallOf(ctx: ActionContext, id: string): Promise<Recall> {
    const row = await store.recallRow(ctx.tx, id)
    return row ? plain(row) : refuse("missing", "recall.not_found", "no such recall")
}

export async function reasonOf(ctx: ActionContext, recall: Recall): Promise<string> {
    const row = await store.recallRow(ctx.tx, recall.id)
    return row ? await opened(ctx, recall.case, place(recall.id), row.reasonBox) : ""
}

/** Returns the recalled versions of each artifact at an instant. Ignores the recall `without`, or all for `every`. */
export async function recalledAt(
    ctx: ActionContext,
    instant: Instant,
    without: string | null = null,
): Promise<ReadonlyMap<string, Recalled>> {
    return recalledIn(await recallsOf(ctx, null), instant, without)
}

/** Returns the recalled versions from recalls already read. */
export function recalledIn(
    recalls: readonly Pick<Recall, "id" | "artifact" | "version" | "at" | "endedAt">[],
    instant: Instant,
    without: string | null = null,
): ReadonlyMap<string, Recalled> {
    const supposed = without === "every" ? [] : recalls.filter((recall) => recall.id !== without)
    const lasting = supposed.filter(
        (recall) => recall.at <= instant && (recall.endedAt === null || instant < recall.endedAt),
    )
    const grouped = Map.groupBy(lasting, (recall) => recall.artifact)
    return new Map(
        [...grouped].map(([artifact, recalls]) => [artifact, recalls.map((recall) => recall.version ?? "every")]),
    )
}

/** Whether this version is recalled now. Checked while a copy is being sent. */
export async function isRecalledNow(ctx: ActionContext, artifact: string, version: number): Promise<boolean> {
    return isRecalled((await recalledAt(ctx, ctx.now)).get(artifact) ?? [], version)
}

const plain = ({ reasonBox: _, ...rest }: store.RecallRow): Recall => rest

const place = (id: string): string => `recalls.reason:${id}`

function unknown(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

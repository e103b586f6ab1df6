/** Recalls artifacts, which takes one person. The delivery slice follows up the held copies. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { decryptForCase, encryptForCase } from "../../cases/actions/load-case.ts"
import { type RecalledVersions, isRecalled, validateReason } from "../recall.ts"
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
    readonly liftedBy: string | null
    readonly liftedAt: Instant | null
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
    const row = (await store.lockArtifact(ctx.tx, artifact)) ?? noSuchArtifact()
    if (version !== null && !(await store.findVersionRow(ctx.tx, artifact, version))) {
        refuse("missing", "recall.version_not_found", "no such version")
    }
    const current = (await store.listRecallRows(ctx.tx, artifact)).filter(
        // A clock that was ahead may have written a recall that is not valid yet.
        (recallRow) => recallRow.liftedAt === null && recallRow.at <= ctx.now,
    )
    if (current.some((row) => row.version === null || row.version === version)) {
        refuse("conflict", "recall.already_recalled", "this version is already recalled")
    }
    const id = ctx.services.newId()
    const event = await record(ctx, { kind: "artifact.recalled", case: row.case_id, recall: id, artifact, version })
    await store.insertRecall(ctx.tx, {
        id,
        event,
        artifact,
        version,
        reasonCiphertext: await encryptForCase(ctx, row.case_id, placeOf(id), reason.trim()),
        by: actor.person,
        at: await withheldFrom(ctx.tx, ctx.services, ctx.now),
    })
    return id
}

export interface RecallLift {
    /** The approval of a second person, applied in this transaction. */
    readonly approval: string
    /** The partners that can read the version again. */
    readonly recipients: readonly string[]
}

export async function liftRecall(
    ctx: ActionContext,
    { id, case: caseId, artifact }: Recall,
    lift: RecallLift,
): Promise<void> {
    const { actor } = ctx
    if (actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "only staff can change artifacts")
    await store.liftRecall(ctx.tx, id, { by: actor.person, at: ctx.now, approval: lift.approval })
    await record(ctx, { kind: "recall.lifted", case: caseId, recall: id, artifact, ...lift })
}

/** Lists the recalls of one artifact (null: all), in order. */
export async function listRecalls(ctx: ActionContext, artifact: string | null): Promise<Recall[]> {
    return (await store.listRecallRows(ctx.tx, artifact)).map(withoutReason)
}

/** Returns a recall. Refuses `recall.not_found`. */
export async function loadRecall(ctx: ActionContext, id: string): Promise<Recall> {
    const row = await store.findRecallRow(ctx.tx, id)
    return row ? withoutReason(row) : refuse("missing", "recall.not_found", "no such recall")
}

export async function loadRecallReason(ctx: ActionContext, recall: Recall): Promise<string> {
    const row = await store.findRecallRow(ctx.tx, recall.id)
    return row ? await decryptForCase(ctx, recall.case, placeOf(recall.id), row.reasonCiphertext, "") : ""
}

/** Returns the recalled versions of each artifact at an instant. Ignores the recall `without`, or all for `every`. */
export async function listRecalledVersions(
    ctx: ActionContext,
    instant: Instant,
    ignored: string | null = null,
): Promise<ReadonlyMap<string, RecalledVersions>> {
    return recalledVersionsIn(await listRecalls(ctx, null), instant, ignored)
}

/** Returns the recalled versions from recalls already read. */
export function recalledVersionsIn(
    recalls: readonly Pick<Recall, "id" | "artifact" | "version" | "at" | "liftedAt">[],
    instant: Instant,
    ignored: string | null = null,
): ReadonlyMap<string, RecalledVersions> {
    const considered = ignored === "every" ? [] : recalls.filter((recall) => recall.id !== ignored)
    const current = considered.filter(
        (recall) => recall.at <= instant && (recall.liftedAt === null || instant < recall.liftedAt),
    )
    const grouped = Map.groupBy(current, (recall) => recall.artifact)
    return new Map(
        [...grouped].map(([artifact, recalls]) => [artifact, recalls.map((recall) => recall.version ?? "every")]),
    )
}

/** Whether this version is recalled now. Checked while a copy is being sent. */
export async function isRecalledNow(ctx: ActionContext, artifact: string, version: number): Promise<boolean> {
    return isRecalled((await listRecalledVersions(ctx, ctx.now)).get(artifact) ?? [], version)
}

const withoutReason = ({ reasonCiphertext: _, ...rest }: store.RecallRow): Recall => rest

const placeOf = (id: string): string => `recalls.reason:${id}`

function noSuchArtifact(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

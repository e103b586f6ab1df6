/** Calls artifacts back. One person does; what becomes of the copies that are held is for share/delivery to follow. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { opened, sealed } from "../../cases/actions.ts"
import { type Recalled, isRecalled, validateReason } from "../recall.ts"
import * as store from "../store.ts"

/** Without its reason: none of it is ciphertext. */
export interface Recall {
    readonly id: string
    readonly case: string
    readonly artifact: string
    /** Null: every version. */
    readonly version: number | null
    /** The event's number: what was handed out before it has a lower one. */
    readonly event: number
    readonly by: string
    readonly at: Instant
    readonly endedBy: string | null
    readonly endedAt: Instant | null
}

export interface NewRecall {
    /** Null: every version, those that are still to be written too. */
    readonly version: number | null
    readonly reason: string
}

/** From now on: it waits for the reads under way, and no read begins before it is done. */
export async function recallArtifact(
    ctx: ActionContext,
    artifact: string,
    { version, reason }: NewRecall,
): Promise<string> {
    const { actor } = ctx
    if (actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "artifacts are the operator's")
    validateReason(reason)
    await lockToChangeProgram(ctx.tx)
    const row = (await store.lockArtifact(ctx.tx, artifact)) ?? unknown()
    if (version !== null && !(await store.findVersionRow(ctx.tx, artifact, version))) {
        refuse("missing", "recall.version_not_found", "there is no such version of it")
    }
    const lasting = (await store.recallRows(ctx.tx, artifact)).filter(
        // A clock that was ahead may have written one that does not hold yet.
        (recallRow) => recallRow.endedAt === null && recallRow.at <= ctx.now,
    )
    if (lasting.some((row) => row.version === null || row.version === version)) {
        refuse("conflict", "recall.already_recalled", "this is recalled already")
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
    /** Signed by a second person, and used in this transaction. */
    readonly approval: string
    /** Who reads it again. */
    readonly recipients: readonly string[]
}

export async function endRecall(
    ctx: ActionContext,
    { id, case: caseId, artifact }: Recall,
    ended: Ended,
): Promise<void> {
    const { actor } = ctx
    if (actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "artifacts are the operator's")
    await store.endRecall(ctx.tx, id, { by: actor.person, at: ctx.now, approval: ended.approval })
    await record(ctx, { kind: "recall.lifted", case: caseId, recall: id, artifact, ...ended })
}

/** The recalls of one artifact (null: of all), in the order in which they came. */
export async function recallsOf(ctx: ActionContext, artifact: string | null): Promise<Recall[]> {
    return (await store.recallRows(ctx.tx, artifact)).map(plain)
}

/** Refuses `recall.not_found`. */
export async function recallOf(ctx: ActionContext, id: string): Promise<Recall> {
    const row = await store.recallRow(ctx.tx, id)
    return row ? plain(row) : refuse("missing", "recall.not_found", "no such recall")
}

export async function reasonOf(ctx: ActionContext, recall: Recall): Promise<string> {
    const row = await store.recallRow(ctx.tx, recall.id)
    return row ? await opened(ctx, recall.case, place(recall.id), row.reasonBox) : ""
}

/** What was recalled of each artifact at an instant. `without`: as if that recall were not, or `every` one. */
export async function recalledAt(
    ctx: ActionContext,
    instant: Instant,
    without: string | null = null,
): Promise<ReadonlyMap<string, Recalled>> {
    return recalledIn(await recallsOf(ctx, null), instant, without)
}

/** The same, of recalls that were read. */
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

/** Whether this very version is recalled now: asked while a copy of it is under way. */
export async function isRecalledNow(ctx: ActionContext, artifact: string, version: number): Promise<boolean> {
    return isRecalled((await recalledAt(ctx, ctx.now)).get(artifact) ?? [], version)
}

const plain = ({ reasonBox: _, ...rest }: store.RecallRow): Recall => rest

const place = (id: string): string => `recalls.reason:${id}`

function unknown(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

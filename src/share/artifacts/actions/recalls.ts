/** Calls artifacts back. One person does; what becomes of the copies that are held is for share/delivery to follow. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { withheldFrom } from "../../../platform/clock.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { opened, sealed } from "../../cases/actions.ts"
import { type Recalled, isRecalled, mustBeReason } from "../recall.ts"
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
export async function recallArtifact(act: Act, artifact: string, { version, reason }: NewRecall): Promise<string> {
    const { actor } = act
    if (actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "artifacts are the operator's")
    mustBeReason(reason)
    await lockToChangeProgram(act.tx)
    const row = (await store.lockArtifact(act.tx, artifact)) ?? unknown()
    if (version !== null && !(await store.versionRow(act.tx, artifact, version))) {
        refuse("missing", "recall.version_not_found", "there is no such version of it")
    }
    const lasting = (await store.recallRows(act.tx, artifact)).filter(
        // A clock that was ahead may have written one that does not hold yet.
        (one) => one.endedAt === null && one.at <= act.now,
    )
    if (lasting.some((one) => one.version === null || one.version === version)) {
        refuse("conflict", "recall.already_recalled", "this is recalled already")
    }
    const id = act.doors.newId()
    const event = await record(act, { kind: "artifact.recalled", case: row.case_id, recall: id, artifact, version })
    await store.insertRecall(act.tx, {
        id,
        event,
        artifact,
        version,
        reasonBox: await sealed(act, row.case_id, place(id), reason.trim()),
        by: actor.person,
        at: await withheldFrom(act.tx, act.doors, act.now),
    })
    return id
}

export interface Ended {
    /** Signed by a second person, and used in this transaction. */
    readonly approval: string
    /** Who reads it again. */
    readonly recipients: readonly string[]
}

export async function endRecall(act: Act, { id, case: of, artifact }: Recall, its: Ended): Promise<void> {
    const { actor } = act
    if (actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "artifacts are the operator's")
    await store.endRecall(act.tx, id, { by: actor.person, at: act.now, approval: its.approval })
    await record(act, { kind: "recall.lifted", case: of, recall: id, artifact, ...its })
}

/** The recalls of one artifact (null: of all), in the order in which they came. */
export async function recallsOf(act: Act, artifact: string | null): Promise<Recall[]> {
    return (await store.recallRows(act.tx, artifact)).map(plain)
}

/** Refuses `recall.not_found`. */
export async function recallOf(act: Act, id: string): Promise<Recall> {
    const row = await store.recallRow(act.tx, id)
    return row ? plain(row) : refuse("missing", "recall.not_found", "no such recall")
}

export async function reasonOf(act: Act, recall: Recall): Promise<string> {
    const row = await store.recallRow(act.tx, recall.id)
    return row ? await opened(act, recall.case, place(recall.id), row.reasonBox) : ""
}

/** What was recalled of each artifact at an instant. `without`: as if that recall were not, or `every` one. */
export async function recalledAt(
    act: Act,
    instant: Instant,
    without: string | null = null,
): Promise<ReadonlyMap<string, Recalled>> {
    return recalledIn(await recallsOf(act, null), instant, without)
}

/** The same, of recalls that were read. */
export function recalledIn(
    recalls: readonly Pick<Recall, "id" | "artifact" | "version" | "at" | "endedAt">[],
    instant: Instant,
    without: string | null = null,
): ReadonlyMap<string, Recalled> {
    const supposed = without === "every" ? [] : recalls.filter((one) => one.id !== without)
    const lasting = supposed.filter((one) => one.at <= instant && (one.endedAt === null || instant < one.endedAt))
    const grouped = Map.groupBy(lasting, (one) => one.artifact)
    return new Map([...grouped].map(([artifact, its]) => [artifact, its.map((one) => one.version ?? "every")]))
}

/** Whether this very version is recalled now: asked while a copy of it is under way. */
export async function isRecalledNow(act: Act, artifact: string, version: number): Promise<boolean> {
    return isRecalled((await recalledAt(act, act.now)).get(artifact) ?? [], version)
}

const plain = ({ reasonBox: _, ...its }: store.RecallRow): Recall => its

const place = (id: string): string => `recalls.reason:${id}`

function unknown(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

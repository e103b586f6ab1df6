/** Reads artifacts, their labels and their texts. */
import type { ArtifactClass, Pap, Tlp } from "../artifact.ts"
import type { Instant } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listRecalledVersions } from "./recall-artifact.ts"
import * as store from "../store.ts"
import { decryptForCase, decryptPoc, loadCaseKeys } from "../../cases/actions/load-case.ts"
import { isRecalled } from "../recall.ts"
import { MasterText } from "@tocsin/marks/carriers/resolved-text"
import { Refusal, refuse } from "@tocsin/base/refusal"

export interface Artifact {
    readonly id: string
    readonly case: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    /** The file name, equal for all recipients. Its ending determines the format. */
    readonly name: string
    /** The newest version. */
    readonly version: number
    /** The number of colluding recipients that the marks must identify, as set by the author. */
    readonly colluders: number
    readonly versionBy: string
    readonly versionAt: Instant
    /** Whether the newest version is recalled now. */
    readonly recalled: boolean
}

/** Lists the artifacts of one case, without content. */
export async function listArtifacts(ctx: ActionContext, caseId: string): Promise<Artifact[]> {
    return await listArtifactsOfCases(ctx, [caseId])
}

/** Lists the artifacts of several cases, without content. */
export async function listArtifactsOfCases(ctx: ActionContext, cases: readonly string[]): Promise<Artifact[]> {
    const [recalled, rows] = await Promise.all([
        listRecalledVersions(ctx, ctx.now),
        store.listArtifactRows(ctx.tx, cases),
        loadCaseKeys(ctx, cases),
    ])
    const artifacts: Artifact[] = []
    for (const row of rows) {
        artifacts.push({
            ...(await decryptHeader(ctx, row)),
            version: row.version,
            colluders: row.colluders,
            versionBy: row.version_by,
            versionAt: row.version_at,
            recalled: isRecalled(recalled.get(row.id) ?? [], row.version),
        })
    }
    return artifacts
}

/** Lists the artifacts of all cases, oldest first. */
export async function listAllArtifacts(ctx: ActionContext): Promise<Artifact[]> {
    return await listArtifactsOfCases(ctx, await store.listCasesWithArtifacts(ctx.tx))
}

/** The properties that all versions share. */
export type ArtifactHeader = Pick<Artifact, "id" | "case" | "class" | "tlp" | "pap" | "name">

/** Lists the artifacts of several cases, with the shared properties only. */
export async function listArtifactHeaders(ctx: ActionContext, cases: readonly string[]): Promise<ArtifactHeader[]> {
    const [rows] = await Promise.all([store.listHeaderRows(ctx.tx, cases), loadCaseKeys(ctx, cases)])
    const headers: ArtifactHeader[] = []
    for (const row of rows) headers.push(await decryptHeader(ctx, row))
    return headers
}

async function decryptHeader(
    ctx: ActionContext,
    { id, case_id: caseId, class: kind, tlp, pap, name_ciphertext: ciphertext }: store.ArtifactRow,
) {
    return {
        id,
        case: caseId,
        class: kind,
        tlp,
        pap,
        name: await decryptForCase(ctx, caseId, `artifacts.name:${id}`, ciphertext, ""),
    }
}

/** The facts of an artifact that decisions use. They need no decryption. */
export type ArtifactLabel = store.ArtifactLabelRow

/** Lists the labels of one case's artifacts (null: all) at an instant, oldest artifact first. */
export async function listLabels(
    ctx: ActionContext,
    caseId: string | null,
    instant: Instant,
): Promise<ArtifactLabel[]> {
    return await store.listLabels(ctx.tx, caseId, instant)
}

/** Returns the current label; null where there is no such artifact. */
export async function findLabel(ctx: ActionContext, id: string): Promise<ArtifactLabel | null> {
    return (await store.findLabel(ctx.tx, id, ctx.now)) ?? null
}

/** Returns the case of an artifact; null where there is no such artifact. */
export async function findCaseOfArtifact(ctx: ActionContext, id: string): Promise<string | null> {
    return (await store.findArtifactRow(ctx.tx, id))?.case_id ?? null
}

/** Returns the cases of these artifacts, in one statement. */
export async function listCasesOfArtifacts(ctx: ActionContext, artifacts: readonly string[]): Promise<string[]> {
    return artifacts.length === 0 ? [] : await store.listCases(ctx.tx, artifacts)
}

/**
 * Records a read and returns the event's number. `copy` is SHA-256 of a salt and the copy read; null for the master.
 */
export async function recordRead(
    ctx: ActionContext,
    master: Master,
    reason: string,
    copy: string | null,
): Promise<number> {
    const { case: caseId, artifact, version } = master
    return await record(ctx, { kind: "artifact.read", case: caseId, artifact, version, reason, copy })
}

export interface Master {
    readonly artifact: string
    readonly case: string
    readonly class: ArtifactClass
    readonly name: string
    readonly version: number
    /** Opaque: `unmarkedText` turns it into a text for readers. */
    readonly content: MasterText
    readonly colluders: number
    readonly author: string
    readonly versionAt: Instant
}

/**
 * Returns the master of one version (null: the newest). The caller records its use. Refuses `artifact.not_found`,
 * `case.content_deleted`.
 */
export async function loadMaster(ctx: ActionContext, id: string, version: number | null): Promise<Master> {
    return await decryptMaster(ctx, id, (await store.findMasterRow(ctx.tx, id, version)) ?? noSuchArtifact())
}

/** Returns the master of one version; null where the content of its case was deleted. */
export async function findMaster(ctx: ActionContext, id: string, version: number): Promise<Master | null> {
    return await loadMaster(ctx, id, version).catch((error: unknown) => {
        if (error instanceof Refusal && error.code === "case.content_deleted") return null
        throw error
    })
}

/** Returns who wrote a version; null where there is no such version. Needs no decryption. */
export async function findVersionAuthor(ctx: ActionContext, id: string, version: number): Promise<string | null> {
    return (await store.findMasterRow(ctx.tx, id, version))?.created_by ?? null
}

/** Reads the masters of many versions in one statement. Each is decrypted on demand. */
export async function loadMasters(
    ctx: ActionContext,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<(artifact: string) => Promise<Master>> {
    const rows = new Map((await store.listMasterRows(ctx.tx, versions)).map((row) => [row.artifact, row]))
    return async (artifact) => await decryptMaster(ctx, artifact, rows.get(artifact) ?? noSuchArtifact())
}

async function decryptMaster(ctx: ActionContext, id: string, row: store.MasterRow): Promise<Master> {
    const place = `artifact_versions.content:${id}:${row.version}`
    const decrypt = row.has_poc_key ? decryptPoc : decryptForCase
    return {
        artifact: id,
        case: row.case_id,
        class: row.class,
        name: await decryptForCase(ctx, row.case_id, `artifacts.name:${id}`, row.name_ciphertext),
        version: row.version,
        content: new MasterText(await decrypt(ctx, row.case_id, place, row.content_ciphertext)),
        colluders: row.colluders,
        author: row.created_by,
        versionAt: row.created_at,
    }
}

/** Returns the staff member who writes an artifact or its samples. Refuses `artifact.staff_only`. */
export function authorOf(ctx: ActionContext): string {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "only staff can change artifacts")
    return ctx.actor.person
}

export function noSuchArtifact(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

/** Adds artifacts to a case, in versions. A version is never edited, so the approved version is the one released. */
import { MasterText } from "@tocsin/marks/carriers/resolved-text"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { holdCases, lockOpenCase, opened, sealed } from "../cases/actions.ts"
import { validateFileName } from "@tocsin/base/file-name"
import {
    type ArtifactClass,
    type Pap,
    type Tlp,
    colludersDefault,
    assertAgrees,
    validateColluders,
    validateContent,
} from "./artifact.ts"
import { recalledAt } from "./actions/find-recalls.ts"
import { isRecalled } from "./recall.ts"
import * as store from "./store.ts"

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

export interface NewArtifact {
    readonly case: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name: string
    readonly content: string
    readonly colluders?: number | undefined
}

/**
 * Adds an artifact with its first version; returns its id. Refuses `artifact.name_taken` and invalid content or labels.
 */
export async function addArtifact(ctx: ActionContext, input: NewArtifact): Promise<string> {
    const author = authorOf(ctx)
    assertAgrees(input)
    validateFileName(input.name)
    validateContent(input.name, input.content)
    const { colluders = colludersDefault } = input
    validateColluders(colluders)
    await lockOpenCase(ctx, input.case)
    const taken = (await artifactsOf(ctx, input.case)).map((artifact) => artifact.name.toLowerCase())
    if (taken.includes(input.name.toLowerCase())) {
        refuse(
            "conflict",
            "artifact.name_taken",
            `this case already has an artifact \`${input.name}\`: use another name`,
        )
    }
    const id = ctx.services.newId()
    await store.insertArtifact(ctx.tx, {
        id,
        case_id: input.case,
        class: input.class,
        tlp: input.tlp,
        pap: input.pap,
        name_ciphertext: await sealed(ctx, input.case, `artifacts.name:${id}`, input.name),
        created_at: ctx.now,
    })
    await record(ctx, { kind: "artifact.added", case: input.case, artifact: id, class: input.class })
    await writeVersion(ctx, { id, case: input.case, version: 1, author, content: input.content, colluders })
    return id
}

/** Adds a version. Approvals of the earlier version do not cover it. Without `colluders`, the earlier number stays. */
export async function reviseArtifact(
    ctx: ActionContext,
    id: string,
    content: string,
    colluders?: number,
): Promise<number> {
    const author = authorOf(ctx)
    const row = (await store.lockArtifact(ctx.tx, id)) ?? unknown()
    validateContent(await opened(ctx, row.case_id, `artifacts.name:${id}`, row.name_ciphertext), content)
    const before = await store.findVersionRow(ctx.tx, id, null)
    const version = (before?.version ?? 0) + 1
    const declared = colluders ?? before?.colluders ?? colludersDefault
    validateColluders(declared)
    await writeVersion(ctx, { id, case: row.case_id, version, author, content, colluders: declared })
    return version
}

interface Version {
    readonly id: string
    readonly case: string
    readonly version: number
    readonly author: string
    readonly content: string
    readonly colluders: number
}

async function writeVersion(ctx: ActionContext, version: Version): Promise<void> {
    await store.insertVersion(ctx.tx, {
        artifact: version.id,
        version: version.version,
        content_ciphertext: await sealed(
            ctx,
            version.case,
            `artifact_versions.content:${version.id}:${version.version}`,
            version.content,
        ),
        colluders: version.colluders,
        created_by: version.author,
        created_at: ctx.now,
    })
    await record(ctx, {
        kind: "artifact.versioned",
        case: version.case,
        artifact: version.id,
        version: version.version,
    })
}

/** Lists the artifacts of one case, without content. */
export async function artifactsOf(ctx: ActionContext, caseId: string): Promise<Artifact[]> {
    return await artifactsAmong(ctx, [caseId])
}

/** Lists the artifacts of several cases, without content. */
export async function artifactsAmong(ctx: ActionContext, cases: readonly string[]): Promise<Artifact[]> {
    const [recalled, rows] = await Promise.all([
        recalledAt(ctx, ctx.now),
        store.listArtifactRows(ctx.tx, cases),
        holdCases(ctx, cases),
    ])
    const artifacts: Artifact[] = []
    for (const row of rows) {
        artifacts.push({
            ...(await headOf(ctx, row)),
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
export async function allArtifacts(ctx: ActionContext): Promise<Artifact[]> {
    return await artifactsAmong(ctx, await store.listCasesWithArtifacts(ctx.tx))
}

/** The properties that all versions share. */
export type Headed = Pick<Artifact, "id" | "case" | "class" | "tlp" | "pap" | "name">

/** Lists the artifacts of several cases, with the shared properties only. */
export async function headsAmong(ctx: ActionContext, cases: readonly string[]): Promise<Headed[]> {
    const [rows] = await Promise.all([store.listHeadRows(ctx.tx, cases), holdCases(ctx, cases)])
    const heads: Headed[] = []
    for (const row of rows) heads.push(await headOf(ctx, row))
    return heads
}

async function headOf(
    ctx: ActionContext,
    { id, case_id: subject, class: kind, tlp, pap, name_ciphertext: box }: store.ArtifactRow,
) {
    return { id, case: subject, class: kind, tlp, pap, name: await opened(ctx, subject, `artifacts.name:${id}`, box) }
}

/** The facts of an artifact that decisions use. They need no decryption. */
export type ArtifactLabel = store.Labelled

/** Lists the labels of one case's artifacts (null: all) at an instant, in the order of `artifactsOf`. */
export async function labelsOf(ctx: ActionContext, caseId: string | null, instant: Instant): Promise<ArtifactLabel[]> {
    return await store.listLabels(ctx.tx, caseId, instant)
}

/** Returns the current label; null where there is no such artifact. */
export async function labelOf(ctx: ActionContext, id: string): Promise<ArtifactLabel | null> {
    return (await store.label(ctx.tx, id, ctx.now)) ?? null
}

/** Returns the case of an artifact; null where there is no such artifact. */
export async function caseOf(ctx: ActionContext, id: string): Promise<string | null> {
    return (await store.findArtifactRow(ctx.tx, id))?.case_id ?? null
}

/** Returns the cases of these artifacts, in one statement. */
export async function casesOf(ctx: ActionContext, artifacts: readonly string[]): Promise<string[]> {
    return artifacts.length === 0 ? [] : await store.listCases(ctx.tx, artifacts)
}

/**
 * Records a read and returns the event's number. `copy` is SHA-256 of a salt and the copy read; null for the master.
 */
export async function recordRead(
    ctx: ActionContext,
    master: Master,
    why: string,
    copy: string | null,
): Promise<number> {
    const { case: caseId, artifact, version } = master
    return await record(ctx, { kind: "artifact.read", case: caseId, artifact, version, why, copy })
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

/** Returns the master of one version (null: the newest). The caller records its use. */
export async function masterOf(ctx: ActionContext, id: string, version: number | null): Promise<Master> {
    return await openMaster(ctx, id, (await store.findMasterRow(ctx.tx, id, version)) ?? unknown())
}

/** Reads the masters of many versions in one statement. Each is decrypted on demand. */
export async function mastersAmong(
    ctx: ActionContext,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<(artifact: string) => Promise<Master>> {
    const rows = new Map((await store.listMasterRows(ctx.tx, versions)).map((row) => [row.artifact, row]))
    return async (artifact) => await openMaster(ctx, artifact, rows.get(artifact) ?? unknown())
}

async function openMaster(ctx: ActionContext, id: string, row: store.MasterRow): Promise<Master> {
    const place = `artifact_versions.content:${id}:${row.version}`
    return {
        artifact: id,
        case: row.case_id,
        class: row.class,
        name: await opened(ctx, row.case_id, `artifacts.name:${id}`, row.name_ciphertext),
        version: row.version,
        content: new MasterText(await opened(ctx, row.case_id, place, row.content_ciphertext)),
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

function unknown(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

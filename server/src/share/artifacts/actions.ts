/** Adds artifacts to a case, in versions. A version is never edited: what is approved is what goes out. */
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
    /** The file's name; its ending says what it is. The same for everybody. */
    readonly name: string
    /** The newest version. */
    readonly version: number
    /** How many who put their copies of it together its author wants told. */
    readonly colluders: number
    readonly versionBy: string
    readonly versionAt: Instant
    /** Whether this newest version is recalled now: it does not come out. */
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
        refuse("conflict", "artifact.name_taken", `this case has an artifact of the name \`${input.name}\``)
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

/** A new version. An approval of the old one does not cover it. `colluders`: as before, where nothing is said. */
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

/** The artifacts of one case, without their content. */
export async function artifactsOf(ctx: ActionContext, caseId: string): Promise<Artifact[]> {
    return await artifactsAmong(ctx, [caseId])
}

/** As `artifactsOf`, of several cases. */
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

/** The artifacts of all cases, oldest first. */
export async function allArtifacts(ctx: ActionContext): Promise<Artifact[]> {
    return await artifactsAmong(ctx, await store.listCasesWithArtifacts(ctx.tx))
}

/** What no version changes. */
export type Headed = Pick<Artifact, "id" | "case" | "class" | "tlp" | "pap" | "name">

/** As `artifactsAmong`, without what is of the newest version. */
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

/** What decisions ask of an artifact. None of it is ciphertext: to decide takes no key. */
export type ArtifactLabel = store.Labelled

/** Of one case (null: of all), as they stood at an instant, in the order of `artifactsOf`. */
export async function labelsOf(ctx: ActionContext, caseId: string | null, instant: Instant): Promise<ArtifactLabel[]> {
    return await store.listLabels(ctx.tx, caseId, instant)
}

/** As it stands now; null where there is no such artifact. */
export async function labelOf(ctx: ActionContext, id: string): Promise<ArtifactLabel | null> {
    return (await store.label(ctx.tx, id, ctx.now)) ?? null
}

/** The case of an artifact; null where there is no such artifact. */
export async function caseOf(ctx: ActionContext, id: string): Promise<string | null> {
    return (await store.findArtifactRow(ctx.tx, id))?.case_id ?? null
}

/** The cases of these artifacts, in one statement. */
export async function casesOf(ctx: ActionContext, artifacts: readonly string[]): Promise<string[]> {
    return artifacts.length === 0 ? [] : await store.listCases(ctx.tx, artifacts)
}

/** `copy`: SHA-256 of a salt and the copy that was read in its place; null where it was the master. The event's number. */
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
    /** Opaque: `unmarkedText` makes of it what a reader may have. */
    readonly content: MasterText
    readonly colluders: number
    readonly author: string
    readonly versionAt: Instant
}

/** The master text of one version (null: the newest), for acts that record themselves what becomes of it. */
export async function masterOf(ctx: ActionContext, id: string, version: number | null): Promise<Master> {
    return await openMaster(ctx, id, (await store.findMasterRow(ctx.tx, id, version)) ?? unknown())
}

/** As `masterOf`, of many versions that are read in one statement. Each is opened only when it is asked for. */
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

/** Who writes an artifact or its samples. */
export function authorOf(ctx: ActionContext): string {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "artifacts are the operator's")
    return ctx.actor.person
}

function unknown(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

/** Adds artifacts to a case, in versions. A version is never edited: what is approved is what goes out. */
import { MasterText } from "../../lib/carriers/resolved.ts"
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { holdCases, lockOpenCase, opened, sealed } from "../cases/actions.ts"
import { mustBeFileName } from "../../lib/file-name.ts"
import {
    type ArtifactClass,
    type Pap,
    type Tlp,
    colludersDefault,
    mustAgree,
    mustBeColluders,
    mustBeContent,
} from "./artifact.ts"
import { recalledAt } from "./actions/recalls.ts"
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

export async function addArtifact(act: Act, input: NewArtifact): Promise<string> {
    const author = authorOf(act)
    mustAgree(input)
    mustBeFileName(input.name)
    mustBeContent(input.name, input.content)
    const { colluders = colludersDefault } = input
    mustBeColluders(colluders)
    await lockOpenCase(act, input.case)
    const taken = (await artifactsOf(act, input.case)).map((one) => one.name.toLowerCase())
    if (taken.includes(input.name.toLowerCase())) {
        refuse("conflict", "artifact.name_taken", `this case has an artifact of the name \`${input.name}\``)
    }
    const id = act.doors.newId()
    await store.insertArtifact(act.tx, {
        id,
        case_id: input.case,
        class: input.class,
        tlp: input.tlp,
        pap: input.pap,
        name_ciphertext: await sealed(act, input.case, `artifacts.name:${id}`, input.name),
        created_at: act.now,
    })
    await record(act, { kind: "artifact.added", case: input.case, artifact: id, class: input.class })
    await writeVersion(act, { id, case: input.case, version: 1, author, content: input.content, colluders })
    return id
}

/** A new version. An approval of the old one does not cover it. `colluders`: as before, where nothing is said. */
export async function reviseArtifact(act: Act, id: string, content: string, colluders?: number): Promise<number> {
    const author = authorOf(act)
    const row = (await store.lockArtifact(act.tx, id)) ?? unknown()
    mustBeContent(await opened(act, row.case_id, `artifacts.name:${id}`, row.name_ciphertext), content)
    const before = await store.versionRow(act.tx, id, null)
    const version = (before?.version ?? 0) + 1
    const declared = colluders ?? before?.colluders ?? colludersDefault
    mustBeColluders(declared)
    await writeVersion(act, { id, case: row.case_id, version, author, content, colluders: declared })
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

async function writeVersion(act: Act, its: Version): Promise<void> {
    await store.insertVersion(act.tx, {
        artifact: its.id,
        version: its.version,
        content_ciphertext: await sealed(
            act,
            its.case,
            `artifact_versions.content:${its.id}:${its.version}`,
            its.content,
        ),
        colluders: its.colluders,
        created_by: its.author,
        created_at: act.now,
    })
    await record(act, { kind: "artifact.versioned", case: its.case, artifact: its.id, version: its.version })
}

/** The artifacts of one case, without their content. */
export async function artifactsOf(act: Act, caseId: string): Promise<Artifact[]> {
    return await artifactsAmong(act, [caseId])
}

/** As `artifactsOf`, of several cases. */
export async function artifactsAmong(act: Act, cases: readonly string[]): Promise<Artifact[]> {
    const [recalled, rows] = await Promise.all([
        recalledAt(act, act.now),
        store.artifactRows(act.tx, cases),
        holdCases(act, cases),
    ])
    const artifacts: Artifact[] = []
    for (const row of rows) {
        artifacts.push({
            ...(await headOf(act, row)),
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
export async function allArtifacts(act: Act): Promise<Artifact[]> {
    return await artifactsAmong(act, await store.casesWithArtifacts(act.tx))
}

/** What no version changes. */
export type Headed = Pick<Artifact, "id" | "case" | "class" | "tlp" | "pap" | "name">

/** As `artifactsAmong`, without what is of the newest version. */
export async function headsAmong(act: Act, cases: readonly string[]): Promise<Headed[]> {
    const [rows] = await Promise.all([store.headRows(act.tx, cases), holdCases(act, cases)])
    const heads: Headed[] = []
    for (const row of rows) heads.push(await headOf(act, row))
    return heads
}

async function headOf(act: Act, { id, case_id: of, class: kind, tlp, pap, name_ciphertext: box }: store.ArtifactRow) {
    return { id, case: of, class: kind, tlp, pap, name: await opened(act, of, `artifacts.name:${id}`, box) }
}

/** What decisions ask of an artifact. None of it is ciphertext: to decide takes no key. */
export type ArtifactLabel = store.Labelled

/** Of one case (null: of all), as they stood at an instant, in the order of `artifactsOf`. */
export async function labelsOf(act: Act, caseId: string | null, instant: Instant): Promise<ArtifactLabel[]> {
    return await store.labels(act.tx, caseId, instant)
}

/** As it stands now; null where there is no such artifact. */
export async function labelOf(act: Act, id: string): Promise<ArtifactLabel | null> {
    return (await store.label(act.tx, id, act.now)) ?? null
}

/** The case of an artifact; null where there is no such artifact. */
export async function caseOf(act: Act, id: string): Promise<string | null> {
    return (await store.artifactRow(act.tx, id))?.case_id ?? null
}

/** The cases of these artifacts, in one statement. */
export async function casesOf(act: Act, artifacts: readonly string[]): Promise<string[]> {
    return artifacts.length === 0 ? [] : await store.casesOf(act.tx, artifacts)
}

/** `copy`: SHA-256 of a salt and the copy that was read in its place; null where it was the master. The event's number. */
export async function recordRead(act: Act, its: Master, why: string, copy: string | null): Promise<number> {
    const { case: of, artifact, version } = its
    return await record(act, { kind: "artifact.read", case: of, artifact, version, why, copy })
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
export async function masterOf(act: Act, id: string, version: number | null): Promise<Master> {
    return await openMaster(act, id, (await store.masterRow(act.tx, id, version)) ?? unknown())
}

/** As `masterOf`, of many versions that are read in one statement. Each is opened only when it is asked for. */
export async function mastersAmong(
    act: Act,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<(artifact: string) => Promise<Master>> {
    const rows = new Map((await store.masterRows(act.tx, versions)).map((row) => [row.artifact, row]))
    return async (artifact) => await openMaster(act, artifact, rows.get(artifact) ?? unknown())
}

async function openMaster(act: Act, id: string, row: store.MasterRow): Promise<Master> {
    const place = `artifact_versions.content:${id}:${row.version}`
    return {
        artifact: id,
        case: row.case_id,
        class: row.class,
        name: await opened(act, row.case_id, `artifacts.name:${id}`, row.name_ciphertext),
        version: row.version,
        content: new MasterText(await opened(act, row.case_id, place, row.content_ciphertext)),
        colluders: row.colluders,
        author: row.created_by,
        versionAt: row.created_at,
    }
}

/** Who writes an artifact or its samples. */
export function authorOf(act: Act): string {
    if (act.actor.kind !== "operator") refuse("forbidden", "artifact.staff_only", "artifacts are the operator's")
    return act.actor.person
}

function unknown(): never {
    refuse("missing", "artifact.not_found", "no such artifact")
}

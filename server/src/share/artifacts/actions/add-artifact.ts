/** Adds an artifact to a case, or a new version of one. */
import { validateContent } from "../content.ts"
import {
    type ArtifactClass,
    type Pap,
    type Tlp,
    assertLabelsAgree,
    colludersDefault,
    validateColluders,
} from "../artifact.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { authorOf, listArtifacts, noSuchArtifact } from "./load-artifacts.ts"
import { validateFileName } from "@tocsin/base/file-name"
import { decryptForCase, encryptForCase, encryptPoc, lockOpenCase } from "../../cases/actions/load-case.ts"
import { refuse } from "@tocsin/base/refusal"
import * as store from "../store.ts"

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
export async function addArtifact(ctx: ActionContext, newArtifact: NewArtifact): Promise<string> {
    const author = authorOf(ctx)
    assertLabelsAgree(newArtifact)
    validateFileName(newArtifact.name)
    validateContent(newArtifact.name, newArtifact.content)
    const { colluders = colludersDefault } = newArtifact
    validateColluders(colluders)
    await lockOpenCase(ctx, newArtifact.case)
    const takenNames = (await listArtifacts(ctx, newArtifact.case)).map((artifact) => artifact.name.toLowerCase())
    if (takenNames.includes(newArtifact.name.toLowerCase())) {
        refuse(
            "conflict",
            "artifact.name_taken",
            `this case already has an artifact \`${newArtifact.name}\`: use another name`,
            { name: newArtifact.name },
        )
    }
    const id = ctx.services.newId()
    await store.insertArtifact(ctx.tx, {
        id,
        case_id: newArtifact.case,
        class: newArtifact.class,
        tlp: newArtifact.tlp,
        pap: newArtifact.pap,
        name_ciphertext: await encryptForCase(ctx, newArtifact.case, `artifacts.name:${id}`, newArtifact.name),
        created_at: ctx.now,
    })
    await record(ctx, { kind: "artifact.added", case: newArtifact.case, artifact: id, class: newArtifact.class })
    const { class: kind, content } = newArtifact
    await writeVersion(ctx, { id, case: newArtifact.case, class: kind, version: 1, author, content, colluders })
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
    const row = (await store.lockArtifact(ctx.tx, id)) ?? noSuchArtifact()
    validateContent(await decryptForCase(ctx, row.case_id, `artifacts.name:${id}`, row.name_ciphertext), content)
    const before = await store.findVersionRow(ctx.tx, id, null)
    const version = (before?.version ?? 0) + 1
    const declared = colluders ?? before?.colluders ?? colludersDefault
    validateColluders(declared)
    const { case_id: caseId, class: kind } = row
    await writeVersion(ctx, { id, case: caseId, class: kind, version, author, content, colluders: declared })
    return version
}

interface NewVersion {
    readonly id: string
    readonly case: string
    readonly class: ArtifactClass
    readonly version: number
    readonly author: string
    readonly content: string
    readonly colluders: number
}

async function writeVersion(ctx: ActionContext, version: NewVersion): Promise<void> {
    const place = `artifact_versions.content:${version.id}:${version.version}`
    const hasPocKey = version.class === "poc"
    const encrypt = hasPocKey ? encryptPoc : encryptForCase
    await store.insertVersion(ctx.tx, {
        artifact: version.id,
        version: version.version,
        content_ciphertext: await encrypt(ctx, version.case, place, version.content),
        has_poc_key: hasPocKey,
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

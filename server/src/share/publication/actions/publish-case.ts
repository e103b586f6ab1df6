/**
 * Publishes cases and their corrections.
 *
 * Publication follows the recorded end of the embargo. Every form becomes public in one transaction, or none does.
 * Signed corrections become revisions of the same advisory.
 *
 * Published are the facts of the case, and the summaries and guidance that signed waves opened. TLP:RED, recalled and
 * frozen texts are left out. A case without such texts is published with its facts.
 */
import { createHash } from "node:crypto"
import type { AdvisoryContent } from "@tocsin/formats/advisory/advisory"
import { issuePlaces } from "@tocsin/formats/csaf/issues"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { signTexts } from "../../../trust/publisher-keys/actions/publisher-key.ts"
import type { Master } from "../../artifacts/actions/load-artifacts.ts"
import { listRecalledVersions } from "../../artifacts/actions/recall-artifact.ts"
import { type CaseFile, loadCaseFile } from "../../cases/actions/load-case.ts"
import { entriesOf } from "../documents.ts"
import * as store from "../store.ts"
import {
    hasUnsignedDenial,
    denialsIn,
    isPublicationDue,
    loadPublicMasters,
    loadPublicTexts,
    listPublicTextArtifacts,
    textsOf,
} from "../../release/actions/load-public-texts.ts"
import { type Draft, draftFirstAdvisory, nextDraftOf } from "./draft-advisory.ts"

/** Returns the id of a case's advisory; null before publication. */
export async function findAdvisoryId(ctx: ActionContext, caseId: string): Promise<string | null> {
    return (await store.findAdvisory(ctx.tx, caseId))?.id ?? null
}

/**
 * Publishes a case now. A published case does not change. Refuses `publication.incomplete`, `publication.not_valid`,
 * `publication.denies_exploitation`.
 */
export async function publishCase(ctx: ActionContext, caseId: string): Promise<void> {
    await store.lockToPublish(ctx.tx)
    if (await store.findAdvisory(ctx.tx, caseId)) return
    const file = await loadCaseFile(ctx, caseId)
    if (!isPublicationDue(file, ctx)) return
    const texts = await loadPublicTexts(ctx, caseId)
    if (await hasUnsignedDenial(ctx, file, texts)) refuseDenial()
    const { year, number, ...draft } = await draftFirstAdvisory(ctx, file, texts)
    const { id } = draft.advisory
    await store.insertAdvisory(ctx.tx, {
        case: caseId,
        id,
        year,
        number,
        publishedAt: ctx.now,
        revisedAt: ctx.now,
    })
    await writeRevision(ctx, draft)
    await record(ctx, { kind: "advisory.published", case: caseId, advisory: id, revision: 1 })
}

function refuseDenial(): never {
    refuse(
        "conflict",
        "publication.denies_exploitation",
        "the public text denies exploitation despite a recorded report: release a corrected text, amend the case " +
            "with a second signature, or before publication dismiss false reports",
    )
}

/** Whether the case is published. */
export async function isPublished(ctx: ActionContext, caseId: string): Promise<boolean> {
    return (await store.findAdvisory(ctx.tx, caseId)) !== undefined
}

/**
 * Writes a revision where the public text is out of date. Before publication it does nothing. Refuses
 * `publication.denies_exploitation` for a new denial that no signer saw with the reports.
 */
export async function correctAdvisory(ctx: ActionContext, caseId: string): Promise<void> {
    await store.lockToPublish(ctx.tx)
    const row = await store.findAdvisory(ctx.tx, caseId)
    if (!row) return
    const revisions = await store.listRevisions(ctx.tx, row.id)
    const published = revisions.at(-1)?.content ?? null
    const file = await loadCaseFile(ctx, caseId)
    // Without the content, the public text stays as it is.
    if (file.contentDeletedAt !== null) return
    const masters = await loadPublicMasters(ctx, caseId, [])
    const isDenying = await hasUnsignedDenial(ctx, file, textsOf(masters), published)
    const [draftFile, texts] = isDenying ? withoutDenials(file, masters, published) : [file, textsOf(masters)]
    const draft = nextDraftOf(ctx, { id: row.id, revisions }, draftFile, texts)
    // A recalled text leaves the advisory even while a denial waits for its signature.
    if (isDenying && (draft === null || !(await isTextRecalled(ctx, caseId)))) refuseDenial()
    if (draft === null) return
    const { number, at } = draft.newest
    await store.setRevised(ctx.tx, row.id, at)
    await writeRevision(ctx, draft)
    await record(ctx, { kind: "advisory.revised", case: caseId, advisory: row.id, revision: number })
    if (isDenying) await record(ctx, { kind: "advisory.update_required", case: caseId })
}

/** Removes each title and text that denies more than the public one. */
function withoutDenials(caseFile: CaseFile, masters: readonly Master[], published: AdvisoryContent | null) {
    const hasNoDenial = (text: Partial<AdvisoryContent>) =>
        denialsIn({ title: "", summary: null, guidance: null, ...text }, published).length === 0
    const title = published === null || hasNoDenial({ title: caseFile.title }) ? caseFile.title : published.title
    const undenying = masters.filter((master) => hasNoDenial(textsOf([master])))
    return [{ ...caseFile, title }, textsOf(undenying)] as const
}

async function isTextRecalled(ctx: ActionContext, caseId: string): Promise<boolean> {
    const recalled = await listRecalledVersions(ctx, ctx.now)
    return (await listPublicTextArtifacts(ctx, caseId)).some(({ id }) => recalled.has(id))
}

/**
 * Queues a correction of the advisory after a change of the case. The pending event is separate, so that a failing
 * advisory blocks nothing else. The handler decides behind the lock whether anything changed.
 */
export async function queueAdvisoryUpdate(ctx: ActionContext, caseId: string): Promise<void> {
    if (!isPublicationDue(await loadCaseFile(ctx, caseId), ctx)) return
    await record(ctx, { kind: "advisory.update_required", case: caseId })
}

/** Writes the newest revision: every document, and the entries of the lists. */
async function writeRevision(
    ctx: ActionContext,
    { advisory, content, newest, missing, documents, faults }: Draft,
): Promise<void> {
    if (missing.length > 0) {
        refuse("unprocessable", "publication.incomplete", `the case is incomplete: add ${missing.join("; ")}`, {
            missing: missing.join("; "),
        })
    }
    if (faults.length > 0) {
        const places = issuePlaces(faults.map(({ line }) => line))
        refuse(
            "unprocessable",
            "publication.not_valid",
            `no valid CSAF document (\`${places}\`): correct the case or the settings`,
            { places },
        )
    }
    const { signedBy, signatures } = await signTexts(
        ctx,
        documents.filter(({ signed }) => signed).map(({ body }) => body),
    )
    const ofSigned = signatures.values()
    await store.insertRevision(ctx.tx, advisory.id, { ...newest, content })
    await store.insertDocuments(
        ctx.tx,
        { advisory: advisory.id, revision: newest.number },
        documents.map(({ path, type, body, signed }) => ({
            path,
            type,
            body,
            sha256: hashOf("sha256", body),
            sha512: hashOf("sha512", body),
            signature: signed ? (ofSigned.next().value ?? null) : null,
            signedBy: signed ? signedBy : null,
        })),
    )
    await store.setEntries(ctx.tx, advisory.id, entriesOf(advisory))
}

function hashOf(name: "sha256" | "sha512", text: string): string {
    return createHash(name).update(text, "utf8").digest("hex")
}

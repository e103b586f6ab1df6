/**
 * Previews whether the documents of a case would be refused at publication, and lists refused publications.
 *
 * Nothing is stored: each fault disappears once it is corrected.
 */
import type { AdvisoryContent } from "@tocsin/formats/advisory/advisory"
import { parseIssue } from "@tocsin/formats/csaf/issues"
import type { Instant } from "@tocsin/base/instant"
import { listFailedEvents } from "../../../kernel/worker.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type CaseFile, loadCaseFile, listCaseFiles } from "../../cases/actions/load-case.ts"
import { endOf } from "../../cases/embargo.ts"
import { loadWaveEffects } from "../../release/actions/compute-effects.ts"
import {
    type Texts,
    loadDenials,
    hasUnsignedDenial,
    isPublicationDue,
    loadPublicTexts,
    loadPublicTextsOfEach,
    listPublicTextArtifacts,
} from "../../release/actions/load-public-texts.ts"
import { listOpenedVersions, listWaves } from "../../waves/actions.ts"
import type { DocumentFault } from "../correction.ts"
import * as store from "../store.ts"
import {
    type Draft,
    type PublishedAdvisory,
    draftFirstAdvisory,
    firstDraftOf,
    nextDraftOf,
    loadNextNumber,
} from "./draft-advisory.ts"

/** `planned`: not due yet. `due`: due, but not published. `never`: the case is closed. */
export type PublicationState = "planned" | "due" | "published" | "never"

export interface PublicationPreview {
    readonly state: PublicationState
    /** The advisory's id; null before publication. */
    readonly advisory: string | null
    /** The faults for which publication would be, or was, refused. */
    readonly faults: readonly DocumentFault[]
    /** Whether the text denies reported exploitation. */
    readonly contradictsReports: boolean
}

/** Previews the publication of a case with the settings of this node, which match those of the worker. */
export async function previewPublication(ctx: ActionContext, caseId: string): Promise<PublicationPreview> {
    const file = await loadCaseFile(ctx, caseId)
    const contradictsReports = async (texts: Texts) => (await loadDenials(ctx, file, texts)).denials.length > 0
    const row = await store.findAdvisory(ctx.tx, caseId)
    if (row) {
        const texts = await loadPublicTexts(ctx, caseId)
        const revisions = await store.listRevisions(ctx.tx, row.id)
        const faults = await findCorrectionFaults(ctx, { id: row.id, revisions }, file, texts)
        const state = faults === null ? "published" : "due"
        return { state, advisory: row.id, faults: faults ?? [], contradictsReports: await contradictsReports(texts) }
    }
    if (file.closure !== null) return { state: "never", advisory: null, faults: [], contradictsReports: false }
    const isDue = isPublicationDue(file, ctx)
    const ctxAtEnd = { ...ctx, now: Math.max(ctx.now, endOf(file.embargo) ?? ctx.now) }
    const texts = await loadPublicTexts(ctx, caseId, isDue ? [] : await listUnopenedVersions(ctx, file))
    const draft = await draftFirstAdvisory(isDue ? ctx : ctxAtEnd, file, texts)
    const state = isDue ? "due" : "planned"
    const faults = [...(isDue ? await listDenialFaults(ctx, file, texts) : []), ...faultsIn(draft)]
    return { state, advisory: null, faults, contradictsReports: await contradictsReports(texts) }
}

/** Lists the public text versions that unreleased waves would open. */
export async function listUnopenedVersions(ctx: ActionContext, caseFile: CaseFile): Promise<ArtifactVersion[]> {
    if (endOf(caseFile.embargo) === null) return []
    const opened = await listOpenedVersions(ctx, caseFile.id)
    const unopenedTexts = (await listPublicTextArtifacts(ctx, caseFile.id)).filter(
        ({ id, version }) =>
            !opened.some((openedVersion) => openedVersion.artifact === id && openedVersion.version === version),
    )
    if (unopenedTexts.length === 0) return []
    const wavesLeft = (await listWaves(ctx, caseFile.id)).filter(({ releasedAt, frozenAt }) => !releasedAt && !frozenAt)
    const opening: ArtifactVersion[] = []
    for (const wave of wavesLeft) opening.push(...(await loadWaveEffects(ctx, wave)).artifacts)
    return opening
}

/** Lists refusals that are not faults of documents. */
async function listDenialFaults(
    ctx: ActionContext,
    caseFile: CaseFile,
    texts: Texts,
    published: AdvisoryContent | null = null,
): Promise<DocumentFault[]> {
    if (!(await hasUnsignedDenial(ctx, caseFile, texts, published))) return []
    const says =
        "it denies exploitation despite a recorded report: release a corrected text, amend the case with a second " +
        "signature, or before publication dismiss false reports"
    return [{ test: null, where: "/document/notes", says, forms: [] }]
}

/** Lists the faults of the next revision; empty or null where the public text is up to date. */
async function findCorrectionFaults(
    ctx: ActionContext,
    advisory: PublishedAdvisory,
    caseFile: CaseFile,
    texts: Texts,
): Promise<DocumentFault[] | null> {
    const draft = nextDraftOf(ctx, advisory, caseFile, texts)
    if (draft === null) return null
    return [...(await listDenialFaults(ctx, caseFile, texts, advisory.revisions.at(-1)?.content)), ...faultsIn(draft)]
}

/** Lists the missing facts and the faults of a draft; null: no draft, no faults. */
export function faultsIn(draft: Draft | null): DocumentFault[] {
    const missing = (draft?.missing ?? []).map((says) => ({ test: null, where: "/vulnerabilities", says, forms: [] }))
    const byLine = Map.groupBy(draft?.faults ?? [], ({ line }) => line)
    const refused = [...byLine].map(([line, entries]) => {
        return { ...parseIssue(line), forms: [...new Set(entries.map(({ form }) => form))] }
    })
    return [...missing, ...refused]
}

export interface RefusedPublication {
    readonly case: string
    /** Since when the publication is due. */
    readonly since: Instant
    /** Empty where it would succeed now and is tried again. */
    readonly faults: readonly DocumentFault[]
}

const publicationEvents = ["embargo.ended", "advisory.update_required"]

/** Lists publications and corrections that were tried and are still due. Costs one query where there are none. */
export async function listRefusedPublications(ctx: ActionContext): Promise<RefusedPublication[]> {
    const since = new Map<string, Instant>()
    for (const { at, body } of await listFailedEvents(ctx.tx, publicationEvents)) {
        const id = String(body["case"])
        since.set(id, Math.min(since.get(id) ?? at, at))
    }
    if (since.size === 0) return []
    const refused: RefusedPublication[] = []
    for (const { id, faults } of await listDueFaults(ctx, [...since.keys()])) {
        refused.push({ case: id, since: since.get(id) ?? ctx.now, faults })
    }
    return refused
}

/**
 * Lists those of these cases that are due for publication, with their faults. The number of statements does not depend
 * on the number of cases.
 */
async function listDueFaults(ctx: ActionContext, ids: readonly string[]) {
    const rows = await store.listAdvisoriesOfCases(ctx.tx, ids)
    const advisories = new Map(rows.map((row) => [row.case, row.id]))
    const revisions = Map.groupBy(
        await store.listRevisionsOfAdvisories(ctx.tx, [...advisories.values()]),
        (revision) => revision.advisory,
    )
    const files = (await listCaseFiles(ctx, ids)).filter(
        (file) => file.contentDeletedAt === null && (advisories.has(file.id) || isPublicationDue(file, ctx)),
    )
    if (files.length === 0) return []
    const texts = await loadPublicTextsOfEach(
        ctx,
        files.map(({ id }) => id),
    )
    const nextNumber = await loadNextNumber(ctx)
    const findFaults = async (file: CaseFile): Promise<DocumentFault[] | null> => {
        const [id, caseTexts] = [advisories.get(file.id), await texts(file.id)]
        if (id === undefined) {
            return [
                ...(await listDenialFaults(ctx, file, caseTexts)),
                ...faultsIn(firstDraftOf(ctx, nextNumber, file, caseTexts)),
            ]
        }
        return await findCorrectionFaults(ctx, { id, revisions: revisions.get(id) ?? [] }, file, caseTexts)
    }
    const due: { readonly id: string; readonly faults: readonly DocumentFault[] }[] = []
    for (const file of files) {
        const faults = await findFaults(file).catch(buildFaults)
        if (faults !== null) due.push({ id: file.id, faults })
    }
    return due
}

/** The fault where building fails. The handler failed too and logged the cause. */
function buildFaults(): DocumentFault[] {
    const says = "it cannot be built: see `event handler failed` in the log"
    return [{ test: null, where: "/", says, forms: [] }]
}

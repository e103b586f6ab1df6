/**
 * Previews whether the documents of a case would be refused at publication, and lists refused publications.
 *
 * Nothing is stored: each fault disappears once it is corrected.
 */
import type { AdvisoryContent } from "@tocsin/formats/advisory/advisory"
import { type Fault, readFault } from "@tocsin/formats/csaf/issues"
import type { Instant } from "@tocsin/base/instant"
import { listFailedDebts } from "../../../kernel/worker.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type CaseFile, caseFile, caseFiles } from "../../cases/actions.ts"
import { endOf } from "../../cases/embargo.ts"
import { effectsOfWave } from "../../release/actions.ts"
import {
    type Texts,
    deniedIn,
    deniesUnseen,
    hasToBePublic,
    publicTexts,
    publicTextsOfEach,
    textsIn,
} from "../../release/actions/load-public-texts.ts"
import { openedBy, wavesOf } from "../../waves/actions.ts"
import * as store from "../store.ts"
import { type Draft, type Published, firstDraft, firstDraftAs, nextDraftAfter, nextNumbered } from "./draft-advisory.ts"

/** `planned`: not due yet. `due`: due, but not published. `never`: the case is closed. */
export type PublicationState = "planned" | "due" | "published" | "never"

export interface FoundFault extends Fault {
    /** The names of the documents. */
    readonly forms: readonly string[]
}

export interface Foreseen {
    readonly state: PublicationState
    /** The advisory's id; null before publication. */
    readonly advisory: string | null
    /** The faults for which publication would be, or was, refused. */
    readonly faults: readonly FoundFault[]
    /** Whether the text denies reported exploitation. */
    readonly contradicts: boolean
}

/** Previews the publication of a case with the settings of this node, which match those of the worker. */
export async function foreseen(ctx: ActionContext, caseId: string): Promise<Foreseen> {
    const input = await caseFile(ctx, caseId)
    const contradicts = async (texts: Texts) => (await deniedIn(ctx, input, texts)).denials.length > 0
    const row = await store.findAdvisory(ctx.tx, caseId)
    if (row) {
        const texts = await publicTexts(ctx, caseId)
        const before = await store.listRevisions(ctx.tx, row.id)
        const faults = await correctionFaults(ctx, { id: row.id, before }, input, texts)
        const state = faults === null ? "published" : "due"
        return { state, advisory: row.id, faults: faults ?? [], contradicts: await contradicts(texts) }
    }
    if (input.closing !== null) return { state: "never", advisory: null, faults: [], contradicts: false }
    const isDue = hasToBePublic(input, ctx)
    const then = { ...ctx, now: Math.max(ctx.now, endOf(input.embargo) ?? ctx.now) }
    const texts = await publicTexts(ctx, caseId, isDue ? [] : await stillToOpen(ctx, input))
    const draft = await firstDraft(isDue ? ctx : then, input, texts)
    const state = isDue ? "due" : "planned"
    const faults = [...(isDue ? await denied(ctx, input, texts) : []), ...found(draft)]
    return { state, advisory: null, faults, contradicts: await contradicts(texts) }
}

/** Lists the public text versions that unreleased waves would open. */
export async function stillToOpen(ctx: ActionContext, caseFile: CaseFile): Promise<ArtifactVersion[]> {
    if (endOf(caseFile.embargo) === null) return []
    const opened = await openedBy(ctx, caseFile.id)
    const closed = (await textsIn(ctx, caseFile.id)).filter(
        ({ id, version }) => !opened.some((item) => item.artifact === id && item.version === version),
    )
    if (closed.length === 0) return []
    const left = (await wavesOf(ctx, caseFile.id)).filter(({ releasedAt, frozenAt }) => !releasedAt && !frozenAt)
    const opening: ArtifactVersion[] = []
    for (const wave of left) opening.push(...(await effectsOfWave(ctx, wave)).artifacts)
    return opening
}

/** Lists refusals that are not faults of documents. */
async function denied(
    ctx: ActionContext,
    caseFile: CaseFile,
    texts: Texts,
    published: AdvisoryContent | null = null,
): Promise<FoundFault[]> {
    if (!(await deniesUnseen(ctx, caseFile, texts, published))) return []
    const says =
        "it denies exploitation that is reported: release a corrected text, amend the case with a second " +
        "signature, or before publication dismiss false reports"
    return [{ test: null, where: "/document/notes", says, forms: [] }]
}

/** Lists the faults of the next revision; empty or null where the public text is up to date. */
async function correctionFaults(
    ctx: ActionContext,
    advisory: Published,
    caseFile: CaseFile,
    texts: Texts,
): Promise<FoundFault[] | null> {
    const draft = nextDraftAfter(ctx, advisory, caseFile, texts)
    if (draft === null) return null
    return [...(await denied(ctx, caseFile, texts, advisory.before.at(-1)?.content)), ...found(draft)]
}

function found(draft: Draft | null): FoundFault[] {
    const missing = (draft?.missing ?? []).map((says) => ({ test: null, where: "/vulnerabilities", says, forms: [] }))
    const byLine = Map.groupBy(draft?.faults ?? [], ({ line }) => line)
    const refused = [...byLine].map(([line, entries]) => {
        return { ...readFault(line), forms: [...new Set(entries.map(({ form }) => form))] }
    })
    return [...missing, ...refused]
}

export interface Refused {
    readonly case: string
    /** Since when the publication is due. */
    readonly since: Instant
    /** Empty where it would succeed now and is tried again. */
    readonly faults: readonly FoundFault[]
}

const debts = ["embargo.ended", "advisory.update_required"]

/** Lists publications and corrections that were tried and are still due. Costs one query where there are none. */
export async function refusedPublications(ctx: ActionContext): Promise<Refused[]> {
    const since = new Map<string, Instant>()
    for (const { at, body } of await listFailedDebts(ctx.tx, debts)) {
        const id = String(body["case"])
        since.set(id, Math.min(since.get(id) ?? at, at))
    }
    if (since.size === 0) return []
    const refused: Refused[] = []
    for (const { id, faults } of await owedFaults(ctx, [...since.keys()])) {
        refused.push({ case: id, since: since.get(id) ?? ctx.now, faults })
    }
    return refused
}

/**
 * Lists those of these cases that are due for publication, with their faults. The number of statements does not depend
 * on the number of cases.
 */
async function owedFaults(ctx: ActionContext, ids: readonly string[]) {
    const rows = await store.listAdvisoriesAmong(ctx.tx, ids)
    const advisories = new Map(rows.map((row) => [row.case, row.id]))
    const revisions = Map.groupBy(
        await store.listRevisionsAmong(ctx.tx, [...advisories.values()]),
        (item) => item.advisory,
    )
    const files = (await caseFiles(ctx, ids)).filter((file) => advisories.has(file.id) || hasToBePublic(file, ctx))
    if (files.length === 0) return []
    const texts = await publicTextsOfEach(
        ctx,
        files.map(({ id }) => id),
    )
    const numbered = await nextNumbered(ctx)
    const faultsOf = async (file: CaseFile): Promise<FoundFault[] | null> => {
        const [id, input] = [advisories.get(file.id), await texts(file.id)]
        if (id === undefined) {
            return [...(await denied(ctx, file, input)), ...found(firstDraftAs(ctx, numbered, file, input))]
        }
        return await correctionFaults(ctx, { id, before: revisions.get(id) ?? [] }, file, input)
    }
    const owed: { readonly id: string; readonly faults: readonly FoundFault[] }[] = []
    for (const file of files) {
        const faults = await faultsOf(file).catch(unbuilt)
        if (faults !== null) owed.push({ id: file.id, faults })
    }
    return owed
}

/** The fault where building fails. The handler failed too and logged the cause. */
function unbuilt(): FoundFault[] {
    const says = "it cannot be built: `step failed` in the log says why"
    return [{ test: null, where: "/", says, forms: [] }]
}

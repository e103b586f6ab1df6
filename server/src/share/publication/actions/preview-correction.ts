/**
 * Previews a correction of a published advisory: its page and its documents, as they are public and as they would be.
 *
 * It discloses what is public, the facts of the case, and the texts that the caller sends or may sign. Nothing is
 * stored.
 */
import { type PageParts, pageParts } from "@tocsin/formats/advisory/page"
import { MasterText, trimmed, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Master } from "../../artifacts/actions/load-artifacts.ts"
import type { CaseDetails } from "../../cases/case.ts"
import { type CaseFile, loadCaseFile } from "../../cases/actions/load-case.ts"
import {
    type Texts,
    listPublicTextArtifacts,
    loadPublicMasters,
    textsOf,
} from "../../release/actions/load-public-texts.ts"
import { entriesOf } from "../documents.ts"
import * as store from "../store.ts"
import { type Draft, type PublishedAdvisory, nextDraftOf, publicDraftOf } from "./draft-advisory.ts"
import { type DocumentFault, faultsIn } from "./preview-publication.ts"

export interface ComparedDocument {
    readonly name: string
    /** Null: the document is new. */
    readonly before: string | null
    /** Null: the document is not built, because facts are missing or the product left the advisory. */
    readonly after: string | null
}

export interface CorrectionPreview {
    readonly advisory: string
    /** The number of the revision that is public. */
    readonly revision: number
    readonly before: PageParts
    /** Equal to `before` where nothing changes. */
    readonly after: PageParts
    readonly documents: readonly ComparedDocument[]
    /** The faults for which the correction would be refused. */
    readonly faults: readonly DocumentFault[]
}

export interface ProposedPreview extends CorrectionPreview {
    /** The artifacts whose public text changes. */
    readonly changed: readonly string[]
}

export interface ProposedCorrection {
    readonly details: CaseDetails | null
    /** The new content of public texts, with slots. */
    readonly texts: readonly { readonly artifact: string; readonly content: string }[]
}

type TextMaster = Pick<Master, "class" | "name" | "content">

/**
 * Previews a correction before it is requested. Refuses `publication.not_published`, and
 * `publication.not_public` for an artifact without a public text.
 */
export async function previewCorrection(
    ctx: ActionContext,
    caseId: string,
    { details, texts }: ProposedCorrection,
): Promise<ProposedPreview> {
    const file = await loadCaseFile(ctx, caseId)
    const advisory =
        (await findPublished(ctx, caseId)) ??
        refuse("missing", "publication.not_published", "this case has no advisory: publish it first")
    const artifacts = await listPublicTextArtifacts(ctx, caseId)
    if (texts.some(({ artifact }) => !artifacts.some(({ id }) => id === artifact))) {
        refuse("unprocessable", "publication.not_public", "a text is not public: name summaries and guidance only")
    }
    const current = await loadPublicMasters(ctx, caseId, [])
    const changed: string[] = []
    const masters = artifacts.flatMap(({ id, name, class: kind }): TextMaster[] => {
        const master = current.find(({ artifact }) => artifact === id)
        const proposed = texts.find(({ artifact }) => artifact === id)
        if (proposed === undefined) return master === undefined ? [] : [master]
        const content = new MasterText(proposed.content)
        const before = master === undefined ? null : trimmed(unmarkedText(name, master.content))
        if (before !== trimmed(unmarkedText(name, content))) changed.push(id)
        return [{ class: kind, name, content }]
    })
    return { ...compared(ctx, advisory, { ...file, ...details }, textsOf(masters)), changed }
}

/** Compares the public advisory with these facts and texts; null where the case has no advisory. */
export async function compareWithPublic(
    ctx: ActionContext,
    file: CaseFile,
    texts: Texts,
): Promise<CorrectionPreview | null> {
    const advisory = await findPublished(ctx, file.id)
    return advisory && compared(ctx, advisory, file, texts)
}

async function findPublished(ctx: ActionContext, caseId: string): Promise<PublishedAdvisory | null> {
    const row = await store.findAdvisory(ctx.tx, caseId)
    return row ? { id: row.id, revisions: await store.listRevisions(ctx.tx, row.id) } : null
}

function compared(ctx: ActionContext, advisory: PublishedAdvisory, file: CaseFile, texts: Texts): CorrectionPreview {
    const before = publicDraftOf(ctx, advisory)
    const after = nextDraftOf(ctx, advisory, file, texts) ?? before
    return {
        advisory: advisory.id,
        revision: before.newest.number,
        before: pageParts(before.advisory),
        after: pageParts(after.advisory),
        documents: comparedDocuments(before, after),
        faults: faultsIn(after === before ? null : after),
    }
}

function comparedDocuments(before: Draft, after: Draft): ComparedDocument[] {
    const [was, is] = [documentTexts(before), documentTexts(after)]
    return [...new Set([...was.keys(), ...is.keys()])].map((name) => ({
        name,
        before: was.get(name) ?? null,
        after: is.get(name) ?? null,
    }))
}

/** The documents by name, without the page, and the entry in the feed. */
function documentTexts({ advisory, documents }: Draft): Map<string, string> {
    const named = documents.flatMap(({ name, body }): [string, string][] => (name === null ? [] : [[name, body]]))
    return new Map([...named, ["Feed", entriesOf(advisory).atom.replaceAll("><", ">\n<")]])
}

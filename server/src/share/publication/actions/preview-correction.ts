/**
 * Previews a correction of a published advisory: its page and its documents, as they are public and as they would be.
 *
 * It discloses what is public, the facts of the case, and the texts that the caller sends or may sign. Nothing is
 * stored.
 */
import { addressOf, pagePath } from "@tocsin/formats/csaf/document"
import { pageParts } from "@tocsin/formats/advisory/page"
import { resolveSlots, trimmed, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { CaseDetails } from "../../cases/case.ts"
import { type CaseFile, loadCaseFile } from "../../cases/actions/load-case.ts"
import {
    type Texts,
    listPublicTextArtifacts,
    loadPublicMasters,
    textsByClass,
} from "../../release/actions/load-public-texts.ts"
import { entriesOf } from "../documents.ts"
import type { ComparedDocument, CorrectionPreview, ProposedPreview } from "../correction.ts"
import * as store from "../store.ts"
import { type Draft, type PublishedAdvisory, nextDraftOf, publicDraftOf } from "./draft-advisory.ts"
import { faultsIn } from "./preview-publication.ts"

export interface ProposedCorrection {
    readonly details: CaseDetails | null
    /** The new content of public texts, with slots. */
    readonly texts: readonly { readonly artifact: string; readonly content: string }[]
}

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
    const resolved = artifacts.flatMap(({ id, name, class: kind }) => {
        const master = current.find(({ artifact }) => artifact === id)
        const proposed = texts.find(({ artifact }) => artifact === id)
        const before = master === undefined ? null : trimmed(unmarkedText(name, master.content))
        const after = proposed === undefined ? before : trimmed(resolveSlots(name, proposed.content))
        if (after !== before) changed.push(id)
        return after === null ? [] : [{ kind, text: after }]
    })
    return { ...compared(ctx, advisory, { ...file, ...details }, textsByClass(resolved)), changed }
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
        address: addressOf(before.advisory, pagePath(before.advisory)),
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

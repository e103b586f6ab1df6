/**
 * Drafts the next public state of a case: its first advisory or the next revision, all documents, and their faults.
 *
 * Publication writes this draft, and the preview shows it, so both apply the same checks.
 */
import {
    type Advisory,
    type AdvisoryContent,
    type Revision,
    changeBetween,
    idOf,
    newestOf,
} from "@tocsin/formats/advisory/advisory"
import { csafIssues } from "@tocsin/formats/csaf/issues"
import { missingFacts } from "@tocsin/formats/advisory/vulnerability"
import { publisherOf } from "../../../platform/config/publisher.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { CaseFile } from "../../cases/actions/load-case.ts"
import { type Texts, isPublicationDue, listPublicTextArtifacts } from "../../release/actions/load-public-texts.ts"
import { type PublicDocument, contentOf, documentsOf } from "../documents.ts"
import * as store from "../store.ts"

export interface Draft {
    readonly advisory: Advisory
    readonly content: AdvisoryContent
    readonly newest: Revision
    /** The missing facts of the case, one line each. While a fact is missing, no document is built. */
    readonly missing: readonly string[]
    readonly documents: readonly PublicDocument[]
    /** The faults of `csafIssues`, one line each, with the name of the document. */
    readonly faults: readonly { readonly form: string; readonly line: string }[]
}

type AdvisoryNumber = Pick<store.AdvisoryRow, "year" | "number">

/** Drafts the first advisory, under the next number of its year. */
export async function draftFirstAdvisory(
    ctx: ActionContext,
    caseFile: CaseFile,
    texts: Texts,
): Promise<Draft & AdvisoryNumber> {
    return firstDraftOf(ctx, await loadNextNumber(ctx), caseFile, texts)
}

/** Returns the year and number of the next advisory. */
export async function loadNextNumber(ctx: ActionContext): Promise<AdvisoryNumber> {
    const year = new Date(ctx.now).getUTCFullYear()
    return { year, number: await store.findNextNumber(ctx.tx, year) }
}

export function firstDraftOf(
    ctx: ActionContext,
    { year, number }: AdvisoryNumber,
    caseFile: CaseFile,
    texts: Texts,
): Draft & AdvisoryNumber {
    const id = idOf(ctx.services.publisherSettings.prefix, year, number)
    const revisions = [{ number: 1, at: ctx.now, summary: "Published." }]
    return { year, number, ...draftOf(ctx, { id, content: contentOf(caseFile, texts), revisions }) }
}

export interface PublishedAdvisory {
    readonly id: string
    /** The revisions, oldest first. */
    readonly revisions: readonly store.RevisionRow[]
}

/** Drafts the next revision; null where the public text is up to date. */
export function nextDraftOf(
    ctx: ActionContext,
    { id, revisions }: PublishedAdvisory,
    caseFile: CaseFile,
    texts: Texts,
): Draft | null {
    const last = revisions.at(-1)
    if (!last) throw new Error("an advisory has a first revision")
    const content = contentOf(caseFile, texts)
    const summary = changeBetween(last.content, content)
    if (summary === null) return null
    // A revision is never older than the one before, even if the clock was set back.
    const revision = { number: last.number + 1, at: Math.max(ctx.now, last.at), summary }
    return draftOf(ctx, { id, content, revisions: [...revisions, revision] })
}

/** Drafts the newest revision again, as it is public. */
export function publicDraftOf(ctx: ActionContext, { id, revisions }: PublishedAdvisory): Draft {
    const last = revisions.at(-1)
    if (!last) throw new Error("an advisory has a first revision")
    return draftOf(ctx, { id, content: last.content, revisions })
}

interface DraftInput {
    readonly id: string
    readonly content: AdvisoryContent
    readonly revisions: readonly Revision[]
}

function draftOf({ services }: ActionContext, { id, content, revisions }: DraftInput): Draft {
    const { publisherSettings: publishing, portalOrigin } = services
    const advisory: Advisory = {
        ...content,
        id,
        publisher: publisherOf(publishing, portalOrigin),
        revisions: revisions.map(({ number, at, summary }) => ({ number, at, summary })),
    }
    const missing = missingFacts(content.vulnerabilities)
    const documents = missing.length > 0 ? [] : documentsOf(advisory, publishing.cna)
    const faults = documents
        .filter(({ signed }) => signed)
        .flatMap(({ name, path, body }) => csafIssues(body).map((line) => ({ form: name ?? path, line })))
    return { advisory, content, newest: newestOf(advisory.revisions), missing, documents, faults }
}

/** Lists the case's artifacts whose text is public by now. */
export async function listPublicArtifacts(ctx: ActionContext, caseFile: CaseFile): Promise<string[]> {
    return isPublicationDue(caseFile, ctx) ? (await listPublicTextArtifacts(ctx, caseFile.id)).map(({ id }) => id) : []
}

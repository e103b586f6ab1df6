/**
 * What would become public of a case, before any of it is: its first advisory or the next revision, every document of it,
 * and what is wrong with those that the standard is strict about. Whoever publishes writes this down, and whoever looks
 * ahead reads it: there is one check, and both ask it.
 */
import {
    type Advisory,
    type AdvisoryContent,
    type Revision,
    changeBetween,
    idOf,
    newestOf,
} from "@tocsin/formats/advisory/advisory"
import { csafFaults } from "@tocsin/formats/csaf/issues"
import { missingFacts } from "@tocsin/formats/advisory/vulnerability"
import { publisherOf } from "../../../platform/config/publisher.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { CaseFile } from "../../cases/actions.ts"
import { type Texts, hasToBePublic, textsIn } from "../../release/actions/load-public-texts.ts"
import { type PublicDocument, contentOf, documentsOf } from "../documents.ts"
import * as store from "../store.ts"

export interface Draft {
    readonly advisory: Advisory
    readonly content: AdvisoryContent
    readonly newest: Revision
    /** What the case lacks: while it lacks anything, no document is built. One line each. */
    readonly missing: readonly string[]
    readonly documents: readonly PublicDocument[]
    /** One line each, as `csafFaults` gives them; in which of the documents, by the name that it goes by. */
    readonly faults: readonly { readonly form: string; readonly line: string }[]
}

type Numbered = Pick<store.AdvisoryRow, "year" | "number">

/** Under the next number of its year. */
export async function firstDraft(ctx: ActionContext, caseFile: CaseFile, texts: Texts): Promise<Draft & Numbered> {
    return firstDraftAs(ctx, await nextNumbered(ctx), caseFile, texts)
}

/** The year and number of the next advisory. */
export async function nextNumbered(ctx: ActionContext): Promise<Numbered> {
    const year = new Date(ctx.now).getUTCFullYear()
    return { year, number: await store.nextNumber(ctx.tx, year) }
}

export function firstDraftAs(
    ctx: ActionContext,
    { year, number }: Numbered,
    caseFile: CaseFile,
    texts: Texts,
): Draft & Numbered {
    const id = idOf(ctx.services.publishing.prefix, year, number)
    const revisions = [{ number: 1, at: ctx.now, summary: "Published." }]
    return { year, number, ...draftOf(ctx, { id, content: contentOf(caseFile, texts), revisions }) }
}

export interface Published {
    readonly id: string
    /** Its revisions, oldest first. */
    readonly before: readonly store.RevisionRow[]
}

/** Null where the case tells what is public already. */
export function nextDraftAfter(
    ctx: ActionContext,
    { id, before }: Published,
    caseFile: CaseFile,
    texts: Texts,
): Draft | null {
    const last = before.at(-1)
    if (!last) throw new Error("an advisory has a first revision")
    const content = contentOf(caseFile, texts)
    const summary = changeBetween(last.content, content)
    if (summary === null) return null
    // No revision is older than the one before it, whatever the clock says.
    const revision = { number: last.number + 1, at: Math.max(ctx.now, last.at), summary }
    return draftOf(ctx, { id, content, revisions: [...before, revision] })
}

interface Written {
    readonly id: string
    readonly content: AdvisoryContent
    readonly revisions: readonly Revision[]
}

function draftOf({ services }: ActionContext, { id, content, revisions }: Written): Draft {
    const { publishing, portalOrigin } = services
    const advisory: Advisory = {
        ...content,
        ...{ id, publisher: publisherOf(publishing, portalOrigin) },
        revisions: revisions.map(({ number, at, summary }) => ({ number, at, summary })),
    }
    const missing = missingFacts(content.vulnerabilities)
    const documents = missing.length > 0 ? [] : documentsOf(advisory, publishing.cna)
    const faults = documents
        .filter(({ signed }) => signed)
        .flatMap(({ name, path, body }) => csafFaults(body).map((line) => ({ form: name ?? path, line })))
    return { advisory, content, newest: newestOf(advisory.revisions), missing, documents, faults }
}

/** Artifacts of the case whose text the world may read by now. */
export async function publicArtifacts(ctx: ActionContext, caseFile: CaseFile): Promise<string[]> {
    return hasToBePublic(caseFile, ctx) ? (await textsIn(ctx, caseFile.id)).map(({ id }) => id) : []
}

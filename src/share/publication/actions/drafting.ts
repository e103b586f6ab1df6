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
} from "../../../lib/advisory.ts"
import { csafFaults } from "../../../lib/csaf/faults.ts"
import { missingFacts } from "../../../lib/vulnerability.ts"
import { publisherOf } from "../../../platform/publishing.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { CaseFile } from "../../cases/actions.ts"
import { type Texts, hasToBePublic, textsIn } from "../../release/actions/public-texts.ts"
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
export async function firstDraft(act: Act, its: CaseFile, texts: Texts): Promise<Draft & Numbered> {
    return firstDraftAs(act, await nextNumbered(act), its, texts)
}

/** The year and number of the next advisory. */
export async function nextNumbered(act: Act): Promise<Numbered> {
    const year = new Date(act.now).getUTCFullYear()
    return { year, number: await store.nextNumber(act.tx, year) }
}

export function firstDraftAs(act: Act, { year, number }: Numbered, its: CaseFile, texts: Texts): Draft & Numbered {
    const id = idOf(act.doors.publishing.prefix, year, number)
    const revisions = [{ number: 1, at: act.now, summary: "Published." }]
    return { year, number, ...draftOf(act, { id, content: contentOf(its, texts), revisions }) }
}

export interface Published {
    readonly id: string
    /** Its revisions, oldest first. */
    readonly before: readonly store.RevisionRow[]
}

/** Null where the case tells what is public already. */
export function nextDraftAfter(act: Act, { id, before }: Published, its: CaseFile, texts: Texts): Draft | null {
    const last = before.at(-1)
    if (!last) throw new Error("an advisory has a first revision")
    const content = contentOf(its, texts)
    const summary = changeBetween(last.content, content)
    if (summary === null) return null
    // No revision is older than the one before it, whatever the clock says.
    const revision = { number: last.number + 1, at: Math.max(act.now, last.at), summary }
    return draftOf(act, { id, content, revisions: [...before, revision] })
}

interface Written {
    readonly id: string
    readonly content: AdvisoryContent
    readonly revisions: readonly Revision[]
}

function draftOf({ doors }: Act, { id, content, revisions }: Written): Draft {
    const { publishing, portalOrigin } = doors
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
export async function publicArtifacts(act: Act, its: CaseFile): Promise<string[]> {
    return hasToBePublic(its, act) ? (await textsIn(act, its.id)).map(({ id }) => id) : []
}

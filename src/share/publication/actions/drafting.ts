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
import { type ResolvedText, joinedTexts, trimmed, unmarkedText } from "../../../lib/carriers/resolved.ts"
import { csafFaults } from "../../../lib/csaf/faults.ts"
import { missingFacts } from "../../../lib/vulnerability.ts"
import { publisherOf } from "../../../platform/publishing.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { type Artifact, type Master, artifactsAmong, mastersAmong } from "../../artifacts/actions.ts"
import { recalledAt } from "../../artifacts/actions/recalls.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import type { CaseFile } from "../../cases/actions.ts"
import { isKnownAsExploited } from "../../cases/actions/exploitation.ts"
import { phase } from "../../cases/embargo.ts"
import { plannedAndOpenAt } from "../../waves/actions.ts"
import { type PublicDocument, contentOf, documentsOf, isPublicText } from "../documents.ts"
import { deniesExploitation } from "../denial.ts"
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

export type Texts = Readonly<Record<"summary" | "guidance", ResolvedText | null>>

/** Whether the case is one that the world is to be told of by now. */
export function hasToBePublic({ closing, embargo }: CaseFile, { now }: Pick<Act, "now">): boolean {
    return closing === null && phase(embargo, now) === "ended"
}

type Numbered = Pick<store.AdvisoryRow, "year" | "number">

/** Under the next number of its year. */
export async function firstDraft(act: Act, its: CaseFile, texts: Texts): Promise<Draft & Numbered> {
    return firstDraftAs(act, await nextNumbered(act), its, texts)
}

/** What the next advisory is numbered. */
export async function nextNumbered(act: Act): Promise<Numbered> {
    const year = new Date(act.now).getUTCFullYear()
    return { year, number: await store.nextNumber(act.tx, year) }
}

export function firstDraftAs(act: Act, { year, number }: Numbered, its: CaseFile, texts: Texts): Draft & Numbered {
    const id = idOf(act.doors.publishing.prefix, year, number)
    const revisions = [{ number: 1, at: act.now, summary: "Published." }]
    return { year, number, ...draftOf(act, { id, content: contentOf(its, texts), revisions }) }
}

/** Null where the case tells what is public already. */
export async function nextDraft(act: Act, id: string, its: CaseFile, texts: Texts): Promise<Draft | null> {
    return nextDraftAfter(act, { id, before: await store.revisions(act.tx, id) }, its, texts)
}

interface Published {
    readonly id: string
    /** Its revisions, oldest first. */
    readonly before: readonly store.RevisionRow[]
}

/** As `nextDraft`, where the revisions are read. */
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

/**
 * The newest version of each that stands open, put together by class in the order in which they were written. `more`: as if
 * these stood open too.
 */
export async function publicTexts(act: Act, caseId: string, more: readonly ArtifactVersion[] = []): Promise<Texts> {
    return textsOf(await publicMasters(act, caseId, more))
}

/** The masters of these texts. */
export async function publicMasters(
    act: Act,
    caseId: string,
    more: readonly ArtifactVersion[],
): Promise<readonly Master[]> {
    return await (
        await mastersOfEach(act, [caseId], more)
    )(caseId)
}

/** As `publicTexts`, of several cases: as many statements for many as for one. A text is opened only when it is asked for. */
export async function publicTextsOfEach(
    act: Act,
    cases: readonly string[],
): Promise<(caseId: string) => Promise<Texts>> {
    const masters = await mastersOfEach(act, cases, [])
    return async (caseId) => textsOf(await masters(caseId))
}

async function mastersOfEach(act: Act, cases: readonly string[], more: readonly ArtifactVersion[]) {
    const [first, ...others] = cases
    const { opened } = await plannedAndOpenAt(act, others.length > 0 ? null : (first ?? null), act.now)
    const recalled = await recalledAt(act, act.now)
    const openOf = Map.groupBy([...opened, ...more], ({ artifact }) => artifact)
    const newest = textsAmong(await artifactsAmong(act, cases)).flatMap(({ id: artifact, case: of }) => {
        const version = Math.max(...(openOf.get(artifact) ?? []).map((one) => one.version))
        const isOut = Number.isFinite(version) && !isRecalled(recalled.get(artifact) ?? [], version)
        return isOut ? [{ of, artifact, version }] : []
    })
    const master = await mastersAmong(act, newest)
    return async (caseId: string): Promise<Master[]> => {
        const masters: Master[] = []
        for (const { of, artifact } of newest) if (of === caseId) masters.push(await master(artifact))
        return masters
    }
}

/** As readers get them: the first form of each slot. */
export function textsOf(masters: readonly Master[]): Texts {
    const textOf = (kind: "summary" | "guidance") =>
        joined(
            masters
                .filter((one) => one.class === kind)
                .map(({ name, content }) => trimmed(unmarkedText(name, content))),
        )
    return { summary: textOf("summary"), guidance: textOf("guidance") }
}

/** Whether exploitation of the case is reported, and the sentences of the public text that deny it. */
export async function deniedIn(act: Act, { id, title }: Pick<CaseFile, "id" | "title">, texts: Texts) {
    const exploited = await isKnownAsExploited(act, id)
    const said = [title, texts.summary ?? "", texts.guidance ?? ""]
    return { exploited, denials: exploited ? said.flatMap(deniesExploitation) : [] }
}

type Text = Artifact & { readonly class: "summary" | "guidance" }

/** What the world may read once it stands open. */
export async function textsIn(act: Act, caseId: string): Promise<Text[]> {
    return textsAmong(await artifactsAmong(act, [caseId]))
}

function textsAmong(artifacts: readonly Artifact[]): Text[] {
    return artifacts.filter(
        (one): one is Text => (one.class === "summary" || one.class === "guidance") && isPublicText(one.name, one.tlp),
    )
}

/** Artifacts of the case whose text the world may read by now. */
export async function publicArtifacts(act: Act, its: CaseFile): Promise<string[]> {
    return hasToBePublic(its, act) ? (await textsIn(act, its.id)).map(({ id }) => id) : []
}

const joined = (texts: readonly ResolvedText[]): ResolvedText | null => (texts.length === 0 ? null : joinedTexts(texts))

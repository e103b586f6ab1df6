/**
 * Loads the texts that publication makes public, and finds sentences that deny reported exploitation.
 *
 * A signature covers a denial only if its signer read it with the reports. A first report that comes later needs a new
 * signature.
 */
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { joinedTexts, trimmed, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { loadApproval, hasSignedDenial } from "../../../trust/approvals/actions/load-approvals.ts"
import { applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Approval, ArtifactVersion, Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import {
    type Artifact,
    type Master,
    listArtifactsOfCases,
    loadMasters,
} from "../../artifacts/actions/load-artifacts.ts"
import { listRecalledVersions, listRecalls } from "../../artifacts/actions/recall-artifact.ts"
import { isPublicText } from "../../artifacts/artifact.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { type CaseFile, loadCaseFile } from "../../cases/actions/load-case.ts"
import { findExploitationEntry, isKnownAsExploited } from "../../cases/actions/mark-exploited.ts"
import { phase } from "../../cases/embargo.ts"
import { loadWaveContents, listWaves } from "../../waves/actions.ts"
import { denialSentencesIn } from "../denial.ts"
import { withSignedDenial, withDenialEntry } from "../effects.ts"

export type Texts = Readonly<Record<"summary" | "guidance", ResolvedText | null>>

/** Whether the case must be public by now. */
export function isPublicationDue(
    { closure: closing, embargo }: CaseFile,
    { now }: Pick<ActionContext, "now">,
): boolean {
    return closing === null && phase(embargo, now) === "ended"
}

/**
 * Returns the newest open version of each text, joined by class in order of creation. `alsoOpen` lists versions to
 * treat as open too.
 */
export async function loadPublicTexts(
    ctx: ActionContext,
    caseId: string,
    alsoOpen: readonly ArtifactVersion[] = [],
): Promise<Texts> {
    return textsOf(await loadPublicMasters(ctx, caseId, alsoOpen))
}

/** Returns the masters of these texts. */
export async function loadPublicMasters(
    ctx: ActionContext,
    caseId: string,
    alsoOpen: readonly ArtifactVersion[],
): Promise<readonly Master[]> {
    return await (
        await loadMastersOfEach(ctx, [caseId], alsoOpen)
    )(caseId)
}

/**
 * Returns the public texts of several cases as `loadPublicTexts` does. The number of statements does not depend on the
 * number of cases, and texts are decrypted on demand.
 */
export async function loadPublicTextsOfEach(
    ctx: ActionContext,
    cases: readonly string[],
): Promise<(caseId: string) => Promise<Texts>> {
    const masters = await loadMastersOfEach(ctx, cases, [])
    return async (caseId) => textsOf(await masters(caseId))
}

async function loadMastersOfEach(ctx: ActionContext, cases: readonly string[], alsoOpen: readonly ArtifactVersion[]) {
    const [first, ...others] = cases
    const { opened } = await loadWaveContents(ctx, others.length > 0 ? null : (first ?? null), ctx.now)
    const recalled = await listRecalledVersions(ctx, ctx.now)
    const openOf = Map.groupBy([...opened, ...alsoOpen], ({ artifact }) => artifact)
    const newest = publicTextArtifactsIn(await listArtifactsOfCases(ctx, cases)).flatMap(
        ({ id: artifact, case: caseId }) => {
            const version = Math.max(...(openOf.get(artifact) ?? []).map((artifactVersion) => artifactVersion.version))
            const isPublic = Number.isFinite(version) && !isRecalled(recalled.get(artifact) ?? [], version)
            return isPublic ? [{ caseId, artifact, version }] : []
        },
    )
    const master = await loadMasters(ctx, newest)
    return async (caseId: string): Promise<Master[]> => {
        const masters: Master[] = []
        for (const { caseId: ofCase, artifact } of newest) if (ofCase === caseId) masters.push(await master(artifact))
        return masters
    }
}

/** Resolves the masters as readers get them: with the first form of each slot. */
export function textsOf(masters: readonly Master[]): Texts {
    return textsByClass(
        masters.map(({ class: kind, name, content }) => ({ kind, text: trimmed(unmarkedText(name, content)) })),
    )
}

/** Joins resolved texts by class. */
export function textsByClass(texts: readonly { readonly kind: string; readonly text: ResolvedText }[]): Texts {
    const textOf = (name: "summary" | "guidance") =>
        joined(texts.filter(({ kind }) => kind === name).map(({ text }) => text))
    return { summary: textOf("summary"), guidance: textOf("guidance") }
}

/** Returns the exploitation entry of the case, and the sentences of the public text that deny exploitation. */
export async function loadDenials(ctx: ActionContext, { id, title }: Pick<CaseFile, "id" | "title">, texts: Texts) {
    const entry = await findExploitationEntry(ctx, id)
    return { entry, exploited: entry !== null, denials: entry === null ? [] : denialsIn({ title, ...texts }) }
}

type TitledTexts = Texts & { readonly title: string }

/** Lists the sentences of a public text that deny exploitation, without those already in `published`. */
export function denialsIn({ title, summary, guidance }: TitledTexts, published: TitledTexts | null = null): string[] {
    const publishedDenials = new Set(published === null ? [] : denialsIn(published))
    return [title, summary ?? "", guidance ?? ""]
        .flatMap(denialSentencesIn)
        .filter((sentence) => !publishedDenials.has(sentence))
}

/**
 * Whether the text denies reported exploitation and no signer saw these reports.
 *
 * `published` is the text that is public already, null before publication. A text without new denials costs no
 * statement.
 */
export async function hasUnsignedDenial(
    ctx: ActionContext,
    { id, title }: Pick<CaseFile, "id" | "title">,
    texts: Texts,
    published: TitledTexts | null = null,
): Promise<boolean> {
    if (denialsIn({ title, ...texts }, published).length === 0) return false
    const entry = await findExploitationEntry(ctx, id)
    if (entry === null) return false
    const waves = await listWaves(ctx, id)
    const recalls = (await listRecalls(ctx, null)).filter((recall) => recall.case === id)
    return !(await hasSignedDenial(ctx, [id, ...[...waves, ...recalls].map((waveOrRecall) => waveOrRecall.id)], entry))
}

type PublicTextArtifact = Artifact & { readonly class: "summary" | "guidance" }

/** Lists the texts of a case that publication makes public. */
export async function listPublicTextArtifacts(ctx: ActionContext, caseId: string): Promise<PublicTextArtifact[]> {
    return publicTextArtifactsIn(await listArtifactsOfCases(ctx, [caseId]))
}

function publicTextArtifactsIn(artifacts: readonly Artifact[]): PublicTextArtifact[] {
    return artifacts.filter(
        (artifact): artifact is PublicTextArtifact =>
            (artifact.class === "summary" || artifact.class === "guidance") &&
            isPublicText(artifact.name, artifact.tlp),
    )
}

/**
 * Marks the effects of a publication where its public text denies reported exploitation. Costs one statement while no
 * exploitation is reported.
 */
export async function markDenial(ctx: ActionContext, caseId: string, effects: Effects): Promise<Effects> {
    if (!(await isKnownAsExploited(ctx, caseId))) return effects
    const texts = await loadPublicTexts(ctx, caseId, effects.artifacts)
    return markedEffects(effects, await loadDenials(ctx, await loadCaseFile(ctx, caseId), texts))
}

function markedEffects(effects: Effects, { entry, denials }: Awaited<ReturnType<typeof loadDenials>>): Effects {
    return entry === null || denials.length === 0 ? effects : withDenialEntry(effects, entry)
}

/** Marks the effects as `markDenial` does where they change the text of a public case. */
export async function markPublicDenial(ctx: ActionContext, caseId: string, effects: Effects): Promise<Effects> {
    if (!isPublicationDue(await loadCaseFile(ctx, caseId), ctx)) return effects
    const texts = new Set((await listPublicTextArtifacts(ctx, caseId)).map(({ id }) => id))
    return effects.artifacts.some((artifactVersion) => texts.has(artifactVersion.artifact))
        ? await markDenial(ctx, caseId, effects)
        : effects
}

/** Marks the effects of a new title as `markDenial` does where the case is, or must be, public. */
export async function markTitleDenial(
    ctx: ActionContext,
    caseId: string,
    title: string,
    effects: Effects,
): Promise<Effects> {
    const file = await loadCaseFile(ctx, caseId)
    if (!isPublicationDue(file, ctx)) return effects
    return markedEffects(effects, await loadDenials(ctx, { id: caseId, title }, await loadPublicTexts(ctx, caseId)))
}

/** Applies the approval as `applyApproval` does. A denial that the signer read may be gone by now. */
export async function applyApprovalAsRead(ctx: ActionContext, id: string, actual: Effects): Promise<Approval> {
    return await applyApproval(ctx, id, withSignedDenial((await loadApproval(ctx, id)).effects, actual))
}

const joined = (texts: readonly ResolvedText[]): ResolvedText | null => (texts.length === 0 ? null : joinedTexts(texts))

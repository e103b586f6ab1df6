/**
 * Loads the texts that publication makes public, and finds sentences that deny reported exploitation.
 *
 * A signature covers a denial only if its signer read it with the reports. A first report that comes later needs a new
 * signature.
 */
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { joinedTexts, trimmed, unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { approval, useApproval, wasDenialSigned } from "../../../trust/approvals/actions.ts"
import type { Approval, ArtifactVersion, Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Artifact, type Master, artifactsAmong, mastersAmong } from "../../artifacts/actions.ts"
import { recalledAt, recallsOf } from "../../artifacts/actions/find-recalls.ts"
import { isPublicText } from "../../artifacts/artifact.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { type CaseFile, caseFile } from "../../cases/actions.ts"
import { exploitationEntry, isKnownAsExploited } from "../../cases/actions/set-exploitation.ts"
import { phase } from "../../cases/embargo.ts"
import { plannedAndOpenAt, wavesOf } from "../../waves/actions.ts"
import { deniesExploitation } from "../denial.ts"
import { asRead, denying } from "../effects.ts"

export type Texts = Readonly<Record<"summary" | "guidance", ResolvedText | null>>

/** Whether the case must be public by now. */
export function hasToBePublic({ closing, embargo }: CaseFile, { now }: Pick<ActionContext, "now">): boolean {
    return closing === null && phase(embargo, now) === "ended"
}

/**
 * Returns the newest open version of each text, joined by class in order of creation. `more` lists versions to treat as
 * open too.
 */
export async function publicTexts(
    ctx: ActionContext,
    caseId: string,
    more: readonly ArtifactVersion[] = [],
): Promise<Texts> {
    return textsOf(await publicMasters(ctx, caseId, more))
}

/** Returns the masters of these texts. */
export async function publicMasters(
    ctx: ActionContext,
    caseId: string,
    more: readonly ArtifactVersion[],
): Promise<readonly Master[]> {
    return await (
        await mastersOfEach(ctx, [caseId], more)
    )(caseId)
}

/**
 * Returns the public texts of several cases as `publicTexts` does. The number of statements does not depend on the
 * number of cases, and texts are decrypted on demand.
 */
export async function publicTextsOfEach(
    ctx: ActionContext,
    cases: readonly string[],
): Promise<(caseId: string) => Promise<Texts>> {
    const masters = await mastersOfEach(ctx, cases, [])
    return async (caseId) => textsOf(await masters(caseId))
}

async function mastersOfEach(ctx: ActionContext, cases: readonly string[], more: readonly ArtifactVersion[]) {
    const [first, ...others] = cases
    const { opened } = await plannedAndOpenAt(ctx, others.length > 0 ? null : (first ?? null), ctx.now)
    const recalled = await recalledAt(ctx, ctx.now)
    const openOf = Map.groupBy([...opened, ...more], ({ artifact }) => artifact)
    const newest = textsAmong(await artifactsAmong(ctx, cases)).flatMap(({ id: artifact, case: caseId }) => {
        const version = Math.max(...(openOf.get(artifact) ?? []).map((artifactVersion) => artifactVersion.version))
        const isOut = Number.isFinite(version) && !isRecalled(recalled.get(artifact) ?? [], version)
        return isOut ? [{ of: caseId, artifact, version }] : []
    })
    const master = await mastersAmong(ctx, newest)
    return async (caseId: string): Promise<Master[]> => {
        const masters: Master[] = []
        for (const { of: subject, artifact } of newest) if (subject === caseId) masters.push(await master(artifact))
        return masters
    }
}

/** Resolves the masters as readers get them: with the first form of each slot. */
export function textsOf(masters: readonly Master[]): Texts {
    const textOf = (kind: "summary" | "guidance") =>
        joined(
            masters
                .filter((master) => master.class === kind)
                .map(({ name, content }) => trimmed(unmarkedText(name, content))),
        )
    return { summary: textOf("summary"), guidance: textOf("guidance") }
}

/** Returns the exploitation entry of the case, and the sentences of the public text that deny exploitation. */
export async function deniedIn(ctx: ActionContext, { id, title }: Pick<CaseFile, "id" | "title">, texts: Texts) {
    const entry = await exploitationEntry(ctx, id)
    return { entry, exploited: entry !== null, denials: entry === null ? [] : denialsIn({ title, ...texts }) }
}

type Titled = Texts & { readonly title: string }

/** Lists the sentences of a public text that deny exploitation, without those already in `published`. */
export function denialsIn({ title, summary, guidance }: Titled, published: Titled | null = null): string[] {
    const known = new Set(published === null ? [] : denialsIn(published))
    return [title, summary ?? "", guidance ?? ""].flatMap(deniesExploitation).filter((item) => !known.has(item))
}

/**
 * Whether the text denies reported exploitation and no signer saw these reports.
 *
 * `published` is the text that is public already, null before publication. A text without new denials costs no
 * statement.
 */
export async function deniesUnseen(
    ctx: ActionContext,
    { id, title }: Pick<CaseFile, "id" | "title">,
    texts: Texts,
    published: Titled | null = null,
): Promise<boolean> {
    if (denialsIn({ title, ...texts }, published).length === 0) return false
    const entry = await exploitationEntry(ctx, id)
    if (entry === null) return false
    const waves = await wavesOf(ctx, id)
    const recalls = (await recallsOf(ctx, null)).filter((recall) => recall.case === id)
    return !(await wasDenialSigned(ctx, [id, ...[...waves, ...recalls].map((item) => item.id)], entry))
}

type Text = Artifact & { readonly class: "summary" | "guidance" }

/** Lists the texts of a case that publication makes public. */
export async function textsIn(ctx: ActionContext, caseId: string): Promise<Text[]> {
    return textsAmong(await artifactsAmong(ctx, [caseId]))
}

function textsAmong(artifacts: readonly Artifact[]): Text[] {
    return artifacts.filter(
        (artifact): artifact is Text =>
            (artifact.class === "summary" || artifact.class === "guidance") &&
            isPublicText(artifact.name, artifact.tlp),
    )
}

/**
 * Marks the effects of a publication where its public text denies reported exploitation. Costs one statement while no
 * exploitation is reported.
 */
export async function withDenial(ctx: ActionContext, caseId: string, effects: Effects): Promise<Effects> {
    if (!(await isKnownAsExploited(ctx, caseId))) return effects
    const texts = await publicTexts(ctx, caseId, effects.artifacts)
    return deniedBy(effects, await deniedIn(ctx, await caseFile(ctx, caseId), texts))
}

function deniedBy(effects: Effects, { entry, denials }: Awaited<ReturnType<typeof deniedIn>>): Effects {
    return entry === null || denials.length === 0 ? effects : denying(effects, entry)
}

/** Marks the effects as `withDenial` does where they change the text of a public case. */
export async function withPublicDenial(ctx: ActionContext, caseId: string, effects: Effects): Promise<Effects> {
    if (!hasToBePublic(await caseFile(ctx, caseId), ctx)) return effects
    const texts = new Set((await textsIn(ctx, caseId)).map(({ id }) => id))
    return effects.artifacts.some((artifactVersion) => texts.has(artifactVersion.artifact))
        ? await withDenial(ctx, caseId, effects)
        : effects
}

/** Marks the effects of a new title as `withDenial` does where the case is, or must be, public. */
export async function withTitleDenial(
    ctx: ActionContext,
    caseId: string,
    title: string,
    effects: Effects,
): Promise<Effects> {
    const file = await caseFile(ctx, caseId)
    if (!hasToBePublic(file, ctx)) return effects
    return deniedBy(effects, await deniedIn(ctx, { id: caseId, title }, await publicTexts(ctx, caseId)))
}

/** Applies the approval as `useApproval` does. A denial that the signer read may be gone by now. */
export async function useAsRead(ctx: ActionContext, id: string, actual: Effects): Promise<Approval> {
    return await useApproval(ctx, id, asRead((await approval(ctx, id)).effects, actual))
}

const joined = (texts: readonly ResolvedText[]): ResolvedText | null => (texts.length === 0 ? null : joinedTexts(texts))

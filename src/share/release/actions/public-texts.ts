/**
 * The text that publication makes readable to anybody, and whether it denies reported exploitation. A signature covers a denial only
 * if its signer read it. A first report that comes later needs a new signature.
 */
import type { ResolvedText } from "../../../lib/resolved-text.ts"
import { joinedTexts, trimmed, unmarkedText } from "../../../lib/carriers/resolved.ts"
import { approval, useApproval, wasDenialSigned } from "../../../trust/approvals/actions.ts"
import type { Approval, ArtifactVersion, Effects } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { type Artifact, type Master, artifactsAmong, mastersAmong } from "../../artifacts/actions.ts"
import { recalledAt, recallsOf } from "../../artifacts/actions/recalls.ts"
import { isPublicText } from "../../artifacts/artifact.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { type CaseFile, caseFile } from "../../cases/actions.ts"
import { exploitationEntry, isKnownAsExploited } from "../../cases/actions/exploitation.ts"
import { phase } from "../../cases/embargo.ts"
import { plannedAndOpenAt, wavesOf } from "../../waves/actions.ts"
import { deniesExploitation } from "../denial.ts"
import { asRead, denying } from "../effects.ts"

export type Texts = Readonly<Record<"summary" | "guidance", ResolvedText | null>>

/** Whether the case is one that the world is to be told of by now. */
export function hasToBePublic({ closing, embargo }: CaseFile, { now }: Pick<Act, "now">): boolean {
    return closing === null && phase(embargo, now) === "ended"
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
    const entry = await exploitationEntry(act, id)
    return { entry, exploited: entry !== null, denials: entry === null ? [] : denialsIn({ title, ...texts }) }
}

type Titled = Texts & { readonly title: string }

/** The sentences of a public text that deny exploitation; without those that `published` has. */
export function denialsIn({ title, summary, guidance }: Titled, published: Titled | null = null): string[] {
    const known = new Set(published === null ? [] : denialsIn(published))
    return [title, summary ?? "", guidance ?? ""].flatMap(deniesExploitation).filter((one) => !known.has(one))
}

/**
 * Whether the text to publish denies reported exploitation without a signature given with these reports in sight. `published`: what is
 * public already, null before publication. A text that denies nothing more costs no statement.
 */
export async function deniesUnseen(
    act: Act,
    { id, title }: Pick<CaseFile, "id" | "title">,
    texts: Texts,
    published: Titled | null = null,
): Promise<boolean> {
    if (denialsIn({ title, ...texts }, published).length === 0) return false
    const entry = await exploitationEntry(act, id)
    if (entry === null) return false
    const waves = await wavesOf(act, id)
    const recalls = (await recallsOf(act, null)).filter((one) => one.case === id)
    return !(await wasDenialSigned(act, [id, ...[...waves, ...recalls].map((one) => one.id)], entry))
}

type Text = Artifact & { readonly class: "summary" | "guidance" }

/** The texts of a case that publication makes readable to anybody. */
export async function textsIn(act: Act, caseId: string): Promise<Text[]> {
    return textsAmong(await artifactsAmong(act, [caseId]))
}

function textsAmong(artifacts: readonly Artifact[]): Text[] {
    return artifacts.filter(
        (one): one is Text => (one.class === "summary" || one.class === "guidance") && isPublicText(one.name, one.tlp),
    )
}

/**
 * The effects of what publishes these versions, with the mark that the public text denies reported exploitation, where it does.
 * Costs one statement while no exploitation is reported.
 */
export async function withDenial(act: Act, caseId: string, effects: Effects): Promise<Effects> {
    if (!(await isKnownAsExploited(act, caseId))) return effects
    const texts = await publicTexts(act, caseId, effects.artifacts)
    return deniedBy(effects, await deniedIn(act, await caseFile(act, caseId), texts))
}

function deniedBy(effects: Effects, { entry, denials }: Awaited<ReturnType<typeof deniedIn>>): Effects {
    return entry === null || denials.length === 0 ? effects : denying(effects, entry)
}

/** As `withDenial`, of what changes the text of a case that is public, and of no other. */
export async function withPublicDenial(act: Act, caseId: string, effects: Effects): Promise<Effects> {
    if (!hasToBePublic(await caseFile(act, caseId), act)) return effects
    const texts = new Set((await textsIn(act, caseId)).map(({ id }) => id))
    return effects.artifacts.some((one) => texts.has(one.artifact)) ? await withDenial(act, caseId, effects) : effects
}

/** The effects of a new title for a case that is public, or should be: as `withDenial`. */
export async function withTitleDenial(act: Act, caseId: string, title: string, effects: Effects): Promise<Effects> {
    const file = await caseFile(act, caseId)
    if (!hasToBePublic(file, act)) return effects
    return deniedBy(effects, await deniedIn(act, { id: caseId, title }, await publicTexts(act, caseId)))
}

/** As `useApproval`: a denial that the signer read may be gone by now. */
export async function useAsRead(act: Act, id: string, actual: Effects): Promise<Approval> {
    return await useApproval(act, id, asRead((await approval(act, id)).effects, actual))
}

const joined = (texts: readonly ResolvedText[]): ResolvedText | null => (texts.length === 0 ? null : joinedTexts(texts))

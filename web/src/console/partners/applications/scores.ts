/** The viewer's scores of an application, before they are sent. Pure. */
import { t } from "../../../messages/message.ts"

interface GivenScore {
    readonly criterion: string
    readonly person: string
    readonly score: number
    readonly reason: string
}

export interface DraftScore {
    readonly score: number | null
    readonly reason: string
}

export type Drafts = Readonly<Record<string, DraftScore>>

export const reasonMin = 10

export type ApplicationDecision = "none" | "invited" | "declined"

/** Returns a person's last score of each criterion. */
export function ownScores(scores: readonly GivenScore[], person: string): ReadonlyMap<string, GivenScore> {
    return new Map(scores.filter((score) => score.person === person).map((score) => [score.criterion, score]))
}

/** Returns the scores that differ from those already submitted. */
export function changedScores(
    drafts: Drafts,
    own: ReadonlyMap<string, GivenScore>,
): readonly { readonly criterion: string; readonly score: number; readonly reason: string }[] {
    return Object.entries(drafts).flatMap(([criterion, { score, reason }]) => {
        const before = own.get(criterion)
        const isSame = before?.score === score && before.reason === reason.trim()
        return score === null || isSame ? [] : [{ criterion, score, reason: reason.trim() }]
    })
}

/** Returns the submitted scores with the viewer's drafts as if they were submitted, in their order. */
export function scoresWith(
    scores: readonly GivenScore[],
    drafts: Drafts,
    person: string,
): (Omit<GivenScore, "reason"> & { readonly seq: number })[] {
    const own = Object.entries(drafts).flatMap(([criterion, { score }]) =>
        score === null ? [] : [{ criterion, person, score }],
    )
    return [...scores, ...own].map(({ criterion, person: by, score }, seq) => ({ criterion, person: by, score, seq }))
}

interface Assessed {
    readonly criteria: readonly { readonly id: string; readonly required: boolean }[]
    readonly scores: readonly GivenScore[]
    /** Scores that the server hides until the viewer has submitted one. */
    readonly hiddenScores: readonly unknown[]
}

/** Returns why the form cannot be sent; null: it can. */
export function faultOf(
    { criteria, scores, hiddenScores }: Assessed,
    drafts: Drafts,
    own: ReadonlyMap<string, GivenScore>,
    { decision, reason }: { readonly decision: ApplicationDecision; readonly reason: string },
): string | null {
    const changed = changedScores(drafts, own)
    if (changed.some((score) => score.reason.length < reasonMin))
        return t("each score needs a reason of {least} characters or more", { least: reasonMin })
    if (decision === "none") return changed.length === 0 ? t("score a criterion first") : null
    if (reason.trim().length < reasonMin)
        return t("the decision needs a reason of {least} characters or more", { least: reasonMin })
    if (decision === "invited" && hiddenScores.length > 0)
        return changed.length === 0 ? t("submit your own scores first") : null
    const scored = new Set([...scores, ...changed].map(({ criterion }) => criterion))
    const count = criteria.filter(({ id, required }) => required && !scored.has(id)).length
    return decision === "invited" && count > 0
        ? t("{count, plural, one {# required criterion has} other {# required criteria have}} no score", { count })
        : null
}

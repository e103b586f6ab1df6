/** Computes which shares of the decisions on a class had which outcome, so that none reveals few partners. */
import { type ArtifactClass, artifactClasses } from "../../share/artifacts/artifact.ts"
import type { Outcome } from "../../share/entitlement/ruling.ts"

export const outcomes = ["full", "reduced", "at_publication", "withheld"] as const satisfies readonly Outcome[]

/** The access of one partner to one artifact, shortly before publication. */
export interface AccessDecision {
    readonly partner: string
    readonly class: ArtifactClass
    readonly outcome: Outcome
}

/** The share of one outcome among the decisions on a class. */
export interface AccessShare {
    readonly class: ArtifactClass
    readonly outcome: Outcome
    /** In whole percent; null for outcomes of too few partners. */
    readonly percent: number | null
}

/**
 * Returns the shares of all classes with decisions.
 *
 * The shares of a class add up to 100, so a hidden share is the rest. Outcomes of fewer partners than a group are
 * hidden, and then the smallest others, until the rest is about a group.
 */
export function accessSharesOf(decisions: readonly AccessDecision[], groupMin: number): AccessShare[] {
    const byClass = Map.groupBy(decisions, (decision) => decision.class)
    return artifactClasses
        .filter((artifactClass) => byClass.has(artifactClass))
        .flatMap((artifactClass) => sharesOfClass(artifactClass, byClass.get(artifactClass) ?? [], groupMin))
}

function sharesOfClass(
    artifactClass: ArtifactClass,
    decisions: readonly AccessDecision[],
    groupMin: number,
): AccessShare[] {
    const byOutcome = Map.groupBy(decisions, ({ outcome }) => outcome)
    const hidden = hiddenOutcomes(byOutcome, groupMin)
    return outcomes.map((outcome) => {
        const share = (100 * (byOutcome.get(outcome)?.length ?? 0)) / decisions.length
        return { class: artifactClass, outcome, percent: hidden.has(outcome) ? null : Math.round(share) }
    })
}

function hiddenOutcomes(
    byOutcome: ReadonlyMap<Outcome, readonly AccessDecision[]>,
    groupMin: number,
): ReadonlySet<Outcome> {
    const partnersOf = (list: readonly AccessDecision[]) => new Set(list.map(({ partner }) => partner)).size
    const ascending = [...byOutcome].toSorted(([, a], [, b]) => partnersOf(a) - partnersOf(b))
    const hidden = new Set<Outcome>()
    let rest: readonly AccessDecision[] = []
    for (const [outcome, list] of ascending) {
        const isRestTooSmall = rest.length > 0 && partnersOf(rest) < groupMin
        if (partnersOf(list) >= groupMin && !isRestTooSmall) continue
        hidden.add(outcome)
        rest = [...rest, ...list]
    }
    return hidden
}

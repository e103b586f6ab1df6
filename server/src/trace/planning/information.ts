/**
 * Computes how many bits a release is expected to reveal: the mutual information between the hypothesis and the
 * observation, over all hypotheses. Over partners alone it would reward halving the candidates, which never counts
 * against an insider. The observation is none, or a leak. A leak reads as a partner's copy, a staff copy or no copy,
 * before or after late recipients have theirs.
 */
import type { LeakModel } from "./information-model.ts"
import { type PriorWeights, entropyTerm } from "./prior-weights.ts"

/** The chance that a leak of a partner's copy reads as that copy, and as the copy of another colluder. */
export interface ReadingChances {
    readonly ownCopy: number
    readonly otherCopy: number
}

/** `late` recipients get the release this many hours after the others. */
export interface StaggeredRelease {
    readonly hours: number
    readonly late: ReadonlySet<string>
}

/** Before and after the late recipients have theirs. */
type BeforeAfter = readonly [before: number, after: number]

/** The observations that one hypothesis leads to. INVARIANT: the chances sum to 1. */
interface OutcomeChances {
    /** The probability of the hypothesis. */
    readonly probability: number
    /** No observation; no copy and a staff copy, each before and after. */
    readonly withoutPartnerCopy: readonly number[]
    /** The copy of the hypothesis's partner; null where it has none. */
    readonly ownCopy: BeforeAfter | null
    /** The copy of any other partner. */
    readonly otherPartnerCopy: BeforeAfter
}

const split = (chance: number, before: number): BeforeAfter => [chance * before, chance * (1 - before)]
const entropySum = (items: readonly number[]): number => items.reduce((sum, value) => sum + entropyTerm(value), 0)

/** Returns how much uncertainty a release removes on average, in bits. */
export function expectedBits(
    prior: PriorWeights,
    chances: ReadingChances,
    staggered: StaggeredRelease | null,
    model: LeakModel,
): number {
    const partnerCount = prior.partners.length
    const list = outcomesOf(
        prior,
        partnerCount > 1 ? chances : { ownCopy: chances.ownCopy, otherCopy: 0 },
        staggered,
        model,
    )
    const mean = (pick: (outcome: OutcomeChances) => number): number =>
        list.reduce((sum, outcome) => sum + outcome.probability * pick(outcome), 0)
    const each: BeforeAfter = [
        mean((outcome) => outcome.otherPartnerCopy[0]),
        mean((outcome) => outcome.otherPartnerCopy[1]),
    ]
    const withoutCopyEntropy = [0, 1, 2, 3, 4].reduce(
        (sum, k) => sum + entropyTerm(mean(({ withoutPartnerCopy }) => withoutPartnerCopy[k] ?? 0)),
        0,
    )
    const copyEntropy = list.reduce((sum, { probability, ownCopy, otherPartnerCopy: entries }) => {
        if (ownCopy === null) return sum
        return (
            sum + entropySum([0, 1].map((k) => (each[k] ?? 0) + probability * ((ownCopy[k] ?? 0) - (entries[k] ?? 0))))
        )
    }, 0)
    const conditionalEntropy = mean((outcome) => {
        const others = outcome.ownCopy === null ? partnerCount : partnerCount - 1
        return (
            entropySum(outcome.withoutPartnerCopy) +
            entropySum(outcome.ownCopy ?? []) +
            others * entropySum(outcome.otherPartnerCopy)
        )
    })
    return Math.max(0, withoutCopyEntropy + copyEntropy - conditionalEntropy)
}

function outcomesOf(
    { partners, ...weights }: PriorWeights,
    { ownCopy, otherCopy }: ReadingChances,
    staggered: StaggeredRelease | null,
    model: LeakModel,
): OutcomeChances[] {
    const { repeatChance, independentChance, copyShare, medianHours, windowHours } = model
    const hours = staggered?.hours ?? 0
    const [held, known] = [hours / (hours + medianHours), Math.min(1, hours / windowHours)]
    const independent = split((1 - repeatChance) * independentChance, known)
    const outcomeOf = (
        probability: number,
        partnerShare: number,
        insiderShare: number,
        before: number,
    ): OutcomeChances => {
        const noCopy = split(repeatChance * (1 - partnerShare - insiderShare), before)
        const rest = [
            (1 - repeatChance) * (1 - independentChance),
            noCopy[0] + independent[0],
            noCopy[1] + independent[1],
        ]
        return {
            probability,
            withoutPartnerCopy: [...rest, ...split(repeatChance * insiderShare, before)],
            ownCopy: null,
            otherPartnerCopy: [0, 0],
        }
    }
    const identifiableShare = copyShare * (ownCopy + otherCopy)
    const compromiseShare = partners.length > 0 ? identifiableShare : 0
    return [
        outcomeOf(weights.finder, 0, 0, known),
        outcomeOf(weights.insider, 0, identifiableShare, known),
        {
            ...outcomeOf(weights.compromise, compromiseShare, 0, known),
            otherPartnerCopy: split((repeatChance * compromiseShare) / Math.max(1, partners.length), known),
        },
        {
            probability: weights.noTrace,
            withoutPartnerCopy: [1 - independentChance, ...split(independentChance, known), 0, 0],
            ownCopy: null,
            otherPartnerCopy: [0, 0],
        },
        ...partners.map(({ partner, probability }): OutcomeChances => {
            const before = staggered?.late.has(partner) ? 0 : held
            return {
                ...outcomeOf(probability, ownCopy + otherCopy, 0, before),
                ownCopy: split(repeatChance * ownCopy, before),
                otherPartnerCopy: split((repeatChance * otherCopy) / Math.max(1, partners.length - 1), before),
            }
        }),
    ]
}

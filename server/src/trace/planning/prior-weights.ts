/** Computes the probability of each hypothesis before the next release, with partners separate. It is never shown. */

/** A recipient of the release. */
export interface Candidate {
    readonly partner: string
    readonly probability: number
    /** Whether cross-case evidence supports its copy, however weakly. */
    readonly hasEvidence: boolean
}

/** INVARIANT: all parts sum to 1. */
export interface PriorWeights {
    /** Partners that get the release. */
    readonly partners: readonly Candidate[]
    readonly finder: number
    readonly insider: number
    readonly compromise: number
    /**
     * Hypotheses that leave no trace in this release: found independently, read from a patch, or a partner without this
     * release.
     */
    readonly noTrace: number
}

/** The inputs of the partners' prior weights. */
export interface PriorWeightInput {
    /** Prior weights, by hypothesis. */
    readonly weights: ReadonlyMap<string, number>
    /** log10 of each partner's cross-case e-value; 0 where missing. */
    readonly log10e: ReadonlyMap<string, number>
    /** All partners with case access. */
    readonly partners: readonly string[]
    /** Partners that get the release. */
    readonly recipients: ReadonlySet<string>
}

/**
 * Combines the members' prior weights with cross-case evidence. Weights between hypotheses stay, because an insider can
 * make any copy and no e-value counts against an insider. Among partners, cross-case evidence divides the weight.
 */
export function priorWeightsOf({ weights, log10e, partners, recipients }: PriorWeightInput): PriorWeights {
    const total = [...weights.values()].reduce((sum, value) => sum + value, 0)
    const shareOf = (key: string): number => (total > 0 ? (weights.get(key) ?? 0) / total : 0)
    const logs = partners.map((partner) => log10e.get(partner) ?? 0)
    const top = Math.max(0, ...logs)
    const shares = logs.map((log) => 10 ** (log - top))
    const shareTotal = shares.reduce((sum, value) => sum + value, 0)
    const candidates = partners.map((partner, i) => ({
        partner,
        probability: (shareOf("partner") * (shares[i] ?? 0)) / shareTotal,
        hasEvidence: (logs[i] ?? 0) > 0,
    }))
    const recipientCandidates = candidates.filter(({ partner }) => recipients.has(partner))
    const known = { finder: shareOf("finder"), insider: shareOf("insider"), compromise: shareOf("compromise") }
    const tracedTotal = recipientCandidates.reduce(
        (sum, { probability }) => sum + probability,
        known.finder + known.insider + known.compromise,
    )
    return { partners: recipientCandidates, ...known, noTrace: Math.max(0, 1 - tracedTotal) }
}

/** Returns the entropy in bits. */
export function entropyOf({ partners, finder, insider, compromise, noTrace }: PriorWeights): number {
    return [finder, insider, compromise, noTrace, ...partners.map(({ probability }) => probability)].reduce(
        (sum, value) => sum + entropyTerm(value),
        0,
    )
}

/** Returns −p log2 p. */
export const entropyTerm = (p: number): number => (p > 0 ? -p * Math.log2(p) : 0)

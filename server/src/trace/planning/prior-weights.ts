/** Computes the probability of each hypothesis before the next release, with partners separate. It is never shown. */

/** A recipient of the release. */
export interface Suspect {
    readonly partner: string
    readonly part: number
    /** Whether cross-case evidence speaks for its copy, even a little. */
    readonly isSpokenFor: boolean
}

/** INVARIANT: all parts sum to 1. */
export interface Suspicion {
    /** Partners that get the release. */
    readonly partners: readonly Suspect[]
    readonly finder: number
    readonly insider: number
    readonly compromise: number
    /**
     * Hypotheses that leave no trace in this release: found independently, read from a patch, or a partner without this
     * release.
     */
    readonly none: number
}

/** What prior weights of partners are computed from. */
export interface Open {
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
 * make any copy and no e-value speaks against one. Among partners, cross-case evidence divides the weight.
 */
export function suspicionOf({ weights, log10e, partners, recipients }: Open): Suspicion {
    const total = [...weights.values()].reduce((sum, value) => sum + value, 0)
    const pick = (key: string): number => (total > 0 ? (weights.get(key) ?? 0) / total : 0)
    const logs = partners.map((partner) => log10e.get(partner) ?? 0)
    const top = Math.max(0, ...logs)
    const shares = logs.map((log) => 10 ** (log - top))
    const item = shares.reduce((sum, value) => sum + value, 0)
    const parts = partners.map((partner, i) => ({
        partner,
        part: (pick("partner") * (shares[i] ?? 0)) / item,
        isSpokenFor: (logs[i] ?? 0) > 0,
    }))
    const entries = parts.filter(({ partner }) => recipients.has(partner))
    const known = { finder: pick("finder"), insider: pick("insider"), compromise: pick("compromise") }
    const count = entries.reduce((sum, { part }) => sum + part, known.finder + known.insider + known.compromise)
    return { partners: entries, ...known, none: Math.max(0, 1 - count) }
}

/** Returns the entropy in bits. */
export function entropyOf({ partners, finder, insider, compromise, none }: Suspicion): number {
    return [finder, insider, compromise, none, ...partners.map(({ part }) => part)].reduce(
        (sum, value) => sum + h(value),
        0,
    )
}

/** Returns −p log2 p. */
export const h = (p: number): number => (p > 0 ? -p * Math.log2(p) : 0)

/** What is open: how likely each explanation is held to be before the next release, partners apart. It is shown to nobody. */

/** One who gets the release. */
export interface Suspect {
    readonly partner: string
    readonly part: number
    /** The ledger speaks for its copy, be it little. */
    readonly isSpokenFor: boolean
}

/** INVARIANT: all parts are 1 together. */
export interface Suspicion {
    /** Partners that get the release. */
    readonly partners: readonly Suspect[]
    readonly finder: number
    readonly insider: number
    readonly compromise: number
    /** Of which nothing comes in this release: found independently, read from a patch, a partner that gets nothing of it. */
    readonly none: number
}

export interface Open {
    /** Of each explanation, by its key. */
    readonly weights: ReadonlyMap<string, number>
    /** The ledger's log10 of each partner's running e-value; one that is not in it has 0. */
    readonly log10e: ReadonlyMap<string, number>
    /** All partners that cases reach. */
    readonly partners: readonly string[]
    /** Those that get the release. */
    readonly recipients: ReadonlySet<string>
}

/**
 * The members' weights stay between explanations: whoever is inside can make anybody's copy, so that no e-value of a copy speaks
 * against an insider. Inside the explanation of a partner the ledger divides.
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

/** In bits. */
export function entropyOf({ partners, finder, insider, compromise, none }: Suspicion): number {
    return [finder, insider, compromise, none, ...partners.map(({ part }) => part)].reduce(
        (sum, value) => sum + h(value),
        0,
    )
}

/** −p log2 p. */
export const h = (p: number): number => (p > 0 ? -p * Math.log2(p) : 0)

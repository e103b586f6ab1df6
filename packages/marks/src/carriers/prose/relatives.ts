/** "devices that are managed by" or "devices managed by": a relative clause that can do without its first words. */

export interface ReducedClause {
    /** Words of the long form, and the short one. */
    readonly length: number
    readonly short: string
}

const prepositions = new Set(
    "by to in on from with for at through via without during into against within under".split(" "),
)
const irregular = new Set(
    `sent built written held kept made found known shown given taken put set seen read left stolen run bound
    chosen`.split(/\s+/),
)
/** Words in -ed that are no participles, or that say something else behind a noun. */
const notParticiples = new Set(
    "need seed feed speed exceed indeed proceed succeed used supposed concerned involved".split(" "),
)

/**
 * Shortens a relative clause; null where it must stay. `words` begin with "that", and only white space separates
 * them. `noun` is the word before, which is a thing. The word before a form of "to be" must not give a time.
 */
export function reducedRelative(words: readonly string[]): ReducedClause | null {
    const [that, be, third, fourth, fifth] = words
    if ((that !== "that" && that !== "which") || (be !== "is" && be !== "are")) return null
    const negated = third === "not"
    const [participle = "", preposition = ""] = negated ? [fourth, fifth] : [third, fourth]
    if (!isParticiple(participle) || !prepositions.has(preposition)) return null
    return { length: negated ? 4 : 3, short: negated ? `not ${participle}` : participle }
}

function isParticiple(word: string): boolean {
    return irregular.has(word) || (word.endsWith("ed") && word.length > 4 && !notParticiples.has(word))
}

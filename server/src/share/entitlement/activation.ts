/** The activation of a policy version: what it would change, and what a second person signs for it. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import type { Effects } from "../../trust/approvals/approval.ts"
import { type Difference, isNarrowing } from "./compare.ts"

/** What a policy version would change if it became active. */
export interface ActivationPreview {
    readonly version: number
    /** The active version; null where there is none, and no partner has access. */
    readonly replaces: number | null
    /** The changes for today's partners and artifacts, including partners with overdue requirements. */
    readonly differences: readonly Difference[]
    /** What a second person must sign; null where one person is enough. */
    readonly effects: Effects | null
}

/** The facts that decide what a second person signs. */
export interface ActivationFacts {
    readonly version: number
    readonly text: string
    readonly replaces: number | null
    readonly differences: readonly Difference[]
    /**
     * The changes for every partner and artifact that the policies can tell apart. Null where there are too many to
     * compare.
     */
    readonly possibleDifferences: readonly Difference[] | null
    /** The newest version of each artifact. */
    readonly versions: ReadonlyMap<string, number>
}

/**
 * Returns the effects to sign: which partners gain which artifacts, by which text. Null where no partner gains or gets
 * access sooner, present or future.
 */
export function effectsOf(facts: ActivationFacts): Effects | null {
    const { differences, possibleDifferences, version, replaces } = facts
    if (possibleDifferences !== null && isNarrowing(possibleDifferences) && isNarrowing(differences)) return null
    const gains = differences.filter((difference) => !isNarrowing([difference]))
    const artifacts = [...new Set(gains.flatMap((difference) => difference.artifacts))]
    return {
        action: "policy.activate",
        recipients: [...new Set(gains.flatMap((difference) => difference.partners))],
        artifacts: artifacts.map((artifact) => ({ artifact, version: facts.versions.get(artifact) ?? 0 })),
        at: null,
        detail: { version, text: textHash(facts.text), replaces },
    }
}

/** Returns the SHA-256 of a policy's text, in hex. */
export function textHash(text: string): string {
    return bytesToHex(sha256(new TextEncoder().encode(text)))
}

const nameMax = 100

/** Refuses `policy.bad_name` for an empty, long or multi-line name, or one with hidden characters. */
export function validateName(name: string): void {
    if (name.trim() !== "" && name.length <= nameMax && !hasHiddenCharacters(name)) return
    refuse("invalid", "policy.bad_name", `bad policy name: use one line of \`1\` to \`${nameMax}\` characters`, {
        max: nameMax,
    })
}

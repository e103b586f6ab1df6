/** Putting a policy version in force: what it would change, and what a second person signs for it. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { hasHidden } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import type { Effects } from "../../trust/approvals/approval.ts"
import { type Difference, isNarrowing } from "./compare.ts"

export interface Preview {
    readonly version: number
    /** The version in force; null where there is none, and nobody has anything. */
    readonly replaces: number | null
    /** For the partners and artifacts that are there now; whoever owes something is among them. */
    readonly differences: readonly Difference[]
    /** What a second person must sign; null where one person is enough. */
    readonly effects: Effects | null
}

export interface Widening {
    readonly version: number
    readonly text: string
    readonly replaces: number | null
    readonly differences: readonly Difference[]
    /** The same for everybody that the policies can tell apart; null where that could not be looked at. */
    readonly everybody: readonly Difference[] | null
    /** The newest version of each artifact. */
    readonly versions: ReadonlyMap<string, number>
}

/**
 * Null where nobody gains anything, nor sooner, whoever may yet come. Else who gains now, of what, and by which text.
 */
export function effectsOf(change: Widening): Effects | null {
    const { differences, everybody, version, replaces } = change
    if (everybody !== null && isNarrowing(everybody) && isNarrowing(differences)) return null
    const gains = differences.filter((difference) => !isNarrowing([difference]))
    const artifacts = [...new Set(gains.flatMap((difference) => difference.artifacts))]
    return {
        act: "policy.activate",
        recipients: [...new Set(gains.flatMap((difference) => difference.partners))],
        artifacts: artifacts.map((artifact) => ({ artifact, version: change.versions.get(artifact) ?? 0 })),
        at: null,
        detail: { version, text: textHash(change.text), replaces },
    }
}

/** SHA-256 of a policy's text, in hex. */
export function textHash(text: string): string {
    return bytesToHex(sha256(new TextEncoder().encode(text)))
}

const nameMax = 100

export function validateName(name: string): void {
    if (name.trim() !== "" && name.length <= nameMax && !hasHidden(name)) return
    refuse("invalid", "policy.bad_name", `a policy needs a name of one line and \`${nameMax}\` characters at most`)
}

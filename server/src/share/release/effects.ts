/** The effects of a release, in ids, versions and one instant. A second person signs them. */
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import { type Effects, recipientGroupsOf } from "../../trust/approvals/approval.ts"
import type { WaveTier } from "../waves/wave.ts"

/** What the release of a wave opens, and for which partners. */
export interface WaveOpening {
    readonly wave: string
    readonly tier: WaveTier
    /** The revision of the disclosed facts. */
    readonly revision: number
    readonly at: Instant
    readonly artifacts: readonly { readonly artifact: string; readonly version: number; readonly author: string }[]
    /** Each partner × artifact that this wave opens. */
    readonly entitled: readonly { readonly partner: string; readonly artifact: string }[]
}

/** Returns the effects of a wave. They contain only artifacts with a recipient, and their authors, who may not sign. */
export function effectsOf({ artifacts, entitled, ...opening }: WaveOpening): Effects {
    const versions = new Map(artifacts.map((artifact) => [artifact.artifact, artifact]))
    const readings = entitled.flatMap(({ partner, artifact }) => {
        const version = versions.get(artifact)
        return version === undefined ? [] : [{ partner, artifact, version: version.version, author: version.author }]
    })
    return {
        action: "wave.release",
        ...recipientGroupsOf(readings),
        at: opening.at,
        detail: { wave: opening.wave, tier: opening.tier, revision: opening.revision },
        authors: [...new Set(readings.map((reading) => reading.author))].toSorted(),
    }
}

/**
 * Marks the effects: the public text denies reported exploitation, and the signer reads both. `entry` identifies the
 * reports; later reports then need no further signature.
 */
export function withDenialEntry(effects: Effects, entry: number): Effects {
    return { ...effects, detail: { ...detailOf(effects), deniesReports: entry } }
}

/** Returns the current effects as a signature over `signed` covers them: a denial that the signer read may be gone. */
export function withSignedDenial(signed: Effects, actual: Effects): Effects {
    const entry = detailOf(signed)["deniesReports"]
    const isGone = detailOf(actual)["deniesReports"] === undefined
    return isGone && typeof entry === "number" ? withDenialEntry(actual, entry) : actual
}

function detailOf({ detail }: Effects): Readonly<Record<string, Json>> {
    return typeof detail === "object" && detail !== null && !Array.isArray(detail)
        ? (detail as Readonly<Record<string, Json>>)
        : {}
}

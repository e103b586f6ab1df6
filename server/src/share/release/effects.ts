/** What a release will do, in ids, versions and one instant: the thing that a second person signs. */
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import { type Effects, openingsOf } from "../../trust/approvals/approval.ts"
import type { WaveTier } from "../waves/wave.ts"

export interface Opening {
    readonly wave: string
    readonly tier: WaveTier
    /** Of what its warnings say of the case. */
    readonly revision: number
    readonly at: Instant
    readonly artifacts: readonly { readonly artifact: string; readonly version: number; readonly author: string }[]
    /** Each partner × artifact that this wave opens. */
    readonly entitled: readonly { readonly partner: string; readonly artifact: string }[]
}

/** Only what somebody gets is opened; authors of it may not sign. */
export function effectsOf({ artifacts, entitled, ...opening }: Opening): Effects {
    const versions = new Map(artifacts.map((artifact) => [artifact.artifact, artifact]))
    const readings = entitled.flatMap(({ partner, artifact }) => {
        const version = versions.get(artifact)
        return version === undefined ? [] : [{ partner, artifact, version: version.version, author: version.author }]
    })
    return {
        act: "wave.release",
        ...openingsOf(readings),
        at: opening.at,
        detail: { wave: opening.wave, tier: opening.tier, revision: opening.revision },
        authors: [...new Set(readings.map((reading) => reading.author))].toSorted(),
    }
}

/**
 * The effects, of a public text that denies exploitation which is reported: the signer reads both. `entry` says by which reports it is
 * known: those that come once these count no longer need another signature.
 */
export function denying(effects: Effects, entry: number): Effects {
    return { ...effects, detail: { ...detailOf(effects), deniesReports: entry } }
}

/** The present effects as a signature over `signed` covers them: it also covers a denial that the signer read and that is gone. */
export function asRead(signed: Effects, actual: Effects): Effects {
    const entry = detailOf(signed)["deniesReports"]
    const isGone = detailOf(actual)["deniesReports"] === undefined
    return isGone && typeof entry === "number" ? denying(actual, entry) : actual
}

function detailOf({ detail }: Effects): Readonly<Record<string, Json>> {
    return typeof detail === "object" && detail !== null && !Array.isArray(detail)
        ? (detail as Readonly<Record<string, Json>>)
        : {}
}

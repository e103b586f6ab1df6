/** What a release will do, in ids, versions and one instant: the thing that a second person signs. */
import type { Instant } from "../../lib/instant.ts"
import type { Effects } from "../../trust/approvals/approval.ts"
import type { WaveTier } from "../waves/wave.ts"

export interface Opening {
    readonly wave: string
    readonly tier: WaveTier
    readonly at: Instant
    readonly artifacts: readonly { readonly artifact: string; readonly version: number; readonly author: string }[]
    /** Each partner × artifact that this wave opens. */
    readonly entitled: readonly { readonly partner: string; readonly artifact: string }[]
}

/** Only what somebody gets is opened; authors of it may not sign. */
export function effectsOf(opening: Opening): Effects {
    const handed = new Set(opening.entitled.map((one) => one.artifact))
    const artifacts = opening.artifacts.filter((one) => handed.has(one.artifact))
    return {
        act: "wave.release",
        recipients: [...new Set(opening.entitled.map((one) => one.partner))].toSorted(),
        artifacts: artifacts.map(({ artifact, version }) => ({ artifact, version })),
        at: opening.at,
        detail: { wave: opening.wave, tier: opening.tier },
        authors: [...new Set(artifacts.map((one) => one.author))].toSorted(),
    }
}

/** Whether what is under way to a partner's person may still be seen: asked again and again, and decided anew where anything has changed. */
import type { Instant } from "../../../lib/instant.ts"
import { type State, isUnchanged, stateNow } from "../../../platform/changes.ts"
import { type Text, WhileSeen } from "../../../platform/http.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { recalledAt } from "../../artifacts/actions/recalls.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { nameFor } from "./names.ts"
import { partnerOf, warningsFor } from "./projection.ts"

/** Of an answer: cases, and versions of their artifacts. */
export interface Content {
    readonly cases: readonly string[]
    readonly versions: readonly ArtifactVersion[]
}

export const versionOf = ({ artifact, version }: ArtifactVersion): ArtifactVersion => ({ artifact, version })

/** A text that is cut while it is under way, once any of it may not be seen any more. */
export type Cuttable = Text | WhileSeen<Act, Text>

/** What comes by time alone is noted by nobody. */
const decidedMsMax = 30_000

/** The answer, which is cut while it is under way once any of its content may not be seen any more. `content` is held as long. */
export function whileSeen<Answer>(answer: Answer, content: Content): WhileSeen<Act, Answer> {
    let seen: { readonly state: State | null; readonly at: Instant } | null = null
    return new WhileSeen(answer, async (act) => {
        const { tx, doors } = act
        const { partner } = partnerOf(act)
        const isFresh = seen !== null && doors.realNow() - seen.at < decidedMsMax
        if (seen?.state && isFresh && (await isUnchanged(tx, doors.clock, seen.state, partner)).same) return true
        // Asked before what is read is read.
        const state = await stateNow(tx, doors.clock)
        const isSeen = await areSeen(act, content)
        if (isSeen) seen = { state, at: doors.realNow() }
        return isSeen
    })
}

async function areSeen(act: Act, { cases, versions }: Content): Promise<boolean> {
    const { partner } = partnerOf(act)
    const [warnings, recalled] = await Promise.all([warningsFor(act, partner), recalledAt(act, act.now)])
    const name = (kind: "warning" | "artifact", id: string) => nameFor(act.doors.keys, partner, kind, id)
    const known = new Set(warnings.map(({ id }) => id))
    // A newer version may be open by now: of the one that is under way it says nothing.
    const open = new Set(
        warnings.flatMap(({ artifacts }) => artifacts.flatMap(({ id, version }) => (version === null ? [] : [id]))),
    )
    const isOpen = ({ artifact, version }: ArtifactVersion) =>
        open.has(name("artifact", artifact)) && !isRecalled(recalled.get(artifact) ?? [], version)
    return cases.every((of) => known.has(name("warning", of))) && versions.every(isOpen)
}

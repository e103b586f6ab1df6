/** Recognises the text that partners poll unmarked. It is alike for all of them, so nobody is weighed by it. */
import { type Slot, type Symbol, isCounted } from "@tocsin/marks/carriers/carrier"
import { readsUnmarked } from "@tocsin/marks/evidence"
import { Refusal } from "@tocsin/base/refusal"
import { Pending } from "../../../kernel/route.ts"
import type { Delivered } from "../../../share/delivery/actions/list-exposure.ts"
import { drawingOf } from "../../../share/marking/actions.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"

/** Versions that were served unmarked alone: nobody has a copy of them. */
export function withoutCopies(unmarked: readonly ArtifactVersion[], delivered: readonly Delivered[]): Delivered[] {
    const known = new Set(delivered.map(nameOf))
    return unmarked
        .filter((artifactVersion) => !known.has(nameOf(artifactVersion)))
        .map((artifactVersion) => ({ ...artifactVersion, recipients: [] }))
}

/** The slots of a version of which no copy was made; null where it has none, or they are not found at once. */
export async function slotsOfPolled(
    ctx: ActionContext,
    { artifact, version }: ArtifactVersion,
): Promise<readonly Slot[] | null> {
    try {
        return (await drawingOf(ctx, artifact, version))?.slots ?? null
    } catch (error) {
        if (error instanceof Pending) void error.work.catch(() => undefined)
        else if (!(error instanceof Refusal)) throw error
        return null
    }
}

interface Read extends ArtifactVersion {
    readonly slots: readonly Slot[]
    readonly symbols: readonly Symbol[]
}

/** Of the versions that were served unmarked, those whose unmarked text explains what was read. */
export function polledIn(read: readonly Read[], unmarked: readonly ArtifactVersion[]): ArtifactVersion[] {
    const served = new Set(unmarked.map(nameOf))
    const counted = ({ slots, symbols }: Read) => symbols.filter((_, i) => isCounted(slots[i] ?? { robustness: "" }))
    return read
        .filter((reading) => served.has(nameOf(reading)) && readsUnmarked(counted(reading)))
        .map(({ artifact, version }) => ({ artifact, version }))
}

const nameOf = ({ artifact, version }: ArtifactVersion): string => `${artifact} ${version}`

/**
 * Recognises the text that partners poll unmarked. All of them receive the same text, so it identifies no recipient.
 */
import { type Slot, type Symbol, isCounted } from "@tocsin/marks/carriers/carrier"
import { readsUnmarked } from "@tocsin/marks/evidence"
import { Refusal } from "@tocsin/base/refusal"
import { Pending } from "../../../kernel/route.ts"
import type { Delivered } from "../../../share/delivery/actions/list-exposure.ts"
import { drawingOf } from "../../../share/marking/actions.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"

/** Lists versions that were served only without marks, so that no recipient has a copy. */
export function withoutCopies(unmarked: readonly ArtifactVersion[], delivered: readonly Delivered[]): Delivered[] {
    const known = new Set(delivered.map(nameOf))
    return unmarked
        .filter((artifactVersion) => !known.has(nameOf(artifactVersion)))
        .map((artifactVersion) => ({ ...artifactVersion, recipients: [] }))
}

/**
 * Finds the slots of a version without copies. Returns null where it has none, or where finding them would take longer.
 */
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

/** Lists the versions served unmarked whose unmarked text explains the reading. */
export function polledIn(read: readonly Read[], unmarked: readonly ArtifactVersion[]): ArtifactVersion[] {
    const served = new Set(unmarked.map(nameOf))
    const counted = ({ slots, symbols }: Read) => symbols.filter((_, i) => isCounted(slots[i] ?? { robustness: "" }))
    return read
        .filter((reading) => served.has(nameOf(reading)) && readsUnmarked(counted(reading)))
        .map(({ artifact, version }) => ({ artifact, version }))
}

const nameOf = ({ artifact, version }: ArtifactVersion): string => `${artifact} ${version}`

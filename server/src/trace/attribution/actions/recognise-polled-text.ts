/**
 * Recognises the text that partners poll unmarked. All of them receive the same text, so it identifies no recipient.
 */
import { type Slot, type Symbol, isCounted } from "@tocsin/marks/carriers/carrier"
import { readsUnmarked } from "@tocsin/marks/evidence"
import { Refusal } from "@tocsin/base/refusal"
import { PendingWork } from "../../../kernel/route.ts"
import type { DeliveredVersion } from "../../../share/delivery/actions/list-exposure.ts"
import { loadVersionDesign } from "../../../share/marking/actions/mark-copy.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"

/** Lists versions that were served only without marks, so that no recipient has a copy. */
export function servedOnlyUnmarked(
    unmarked: readonly ArtifactVersion[],
    delivered: readonly DeliveredVersion[],
): DeliveredVersion[] {
    const known = new Set(delivered.map(versionKey))
    return unmarked
        .filter((artifactVersion) => !known.has(versionKey(artifactVersion)))
        .map((artifactVersion) => ({ ...artifactVersion, recipients: [] }))
}

/**
 * Finds the slots of a version without copies. Returns null where it has none, or where finding them would take longer.
 */
export async function findPolledSlots(
    ctx: ActionContext,
    { artifact, version }: ArtifactVersion,
): Promise<readonly Slot[] | null> {
    try {
        return (await loadVersionDesign(ctx, artifact, version))?.slots ?? null
    } catch (error) {
        if (error instanceof PendingWork) void error.work.catch(() => undefined)
        else if (!(error instanceof Refusal)) throw error
        return null
    }
}

interface SlotReading extends ArtifactVersion {
    readonly slots: readonly Slot[]
    readonly symbols: readonly Symbol[]
}

/** Lists the versions served unmarked whose unmarked text explains the reading. */
export function polledVersionsIn(
    readings: readonly SlotReading[],
    unmarked: readonly ArtifactVersion[],
): ArtifactVersion[] {
    const served = new Set(unmarked.map(versionKey))
    const counted = ({ slots, symbols }: SlotReading) =>
        symbols.filter((_, i) => isCounted(slots[i] ?? { robustness: "" }))
    return readings
        .filter((reading) => served.has(versionKey(reading)) && readsUnmarked(counted(reading)))
        .map(({ artifact, version }) => ({ artifact, version }))
}

const versionKey = ({ artifact, version }: ArtifactVersion): string => `${artifact} ${version}`

/** What one partner is told of recalls: those of what it holds itself, by its own names, and nothing else. */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { withinCircle } from "../../../trust/partners/actions/circles.ts"
import { artifactsOf } from "../../artifacts/actions.ts"
import { recallsOf } from "../../artifacts/actions/recalls.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import * as store from "../store.ts"
import { nameFor } from "./names.ts"

export interface OwnRecall {
    /** As this partner sees them. */
    readonly id: string
    readonly warning: string
    readonly artifact: string
    readonly class: ArtifactClass
    readonly name: string
    readonly versions: readonly number[]
    readonly at: Instant
    readonly confirmedAt: Instant | null
}

/**
 * The recalls that last, of what this partner holds. It holds it whatever it may still read of the case. As all that is
 * told here, of cases that whoever acts may see.
 */
export async function ownRecalls(act: Act, partner: string): Promise<OwnRecall[]> {
    const [recalls, deleted] = await Promise.all([
        recallsOf(act, null),
        store.deletions(act.tx, { recall: null, partner }),
    ])
    const lasting = await withinCircle(
        act,
        recalls.filter((one) => one.endedAt === null),
    )
    const deletions = new Map(deleted.map((one) => [one.recall, one]))
    const name = (kind: "recall" | "warning" | "artifact", id: string) => nameFor(act.doors.keys, partner, kind, id)
    const own: OwnRecall[] = []
    for (const recall of lasting) {
        const [held] = await store.holders(act.tx, recall, partner)
        const its = held && (await artifactsOf(act, recall.case)).find((one) => one.id === recall.artifact)
        if (!held || !its) continue
        own.push({
            id: name("recall", recall.id),
            warning: name("warning", recall.case),
            artifact: name("artifact", recall.artifact),
            ...{ class: its.class, name: its.name, versions: held.versions, at: recall.at },
            confirmedAt: deletions.get(recall.id)?.at ?? null,
        })
    }
    return own.toReversed()
}

/** What this partner confirmed to have deleted, in that order. */
export async function deletionsBy(act: Act, partner: string): Promise<store.Deleted[]> {
    return await withinCircle(act, await store.deletions(act.tx, { recall: null, partner }))
}

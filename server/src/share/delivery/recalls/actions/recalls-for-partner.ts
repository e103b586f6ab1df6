/** Lists a partner's recalls: those of versions that it holds, under its aliases. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { listCasesHidden, withinCircle } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { type Headed, headsAmong } from "../../../artifacts/actions.ts"
import { type Recall, recallsOf } from "../../../artifacts/actions/find-recalls.ts"
import type { ArtifactClass } from "../../../artifacts/artifact.ts"
import * as store from "../../store.ts"
import { heldWhenRecalled } from "../store/for-partner.ts"
import { aliasFor } from "../../actions/aliases.ts"

export interface OwnRecall {
    /** The partner's aliases. */
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
 * Lists the open recalls of versions that this partner holds, whatever it may still read of the case. Only for cases
 * that the actor may see.
 */
export async function ownRecalls(ctx: ActionContext, partner: string): Promise<OwnRecall[]> {
    const [recalls, deleted, hidden] = await Promise.all([
        recallsOf(ctx, null),
        store.listDeletions(ctx.tx, { recall: null, partner }),
        listCasesHidden(ctx),
    ])
    const lasting = lastingIn(recalls, hidden)
    if (lasting.length === 0) return []
    const held = await heldWhenRecalled(ctx.tx, partner, lasting)
    const isHeld = new Set(held.map((item) => item.recall))
    const heads = await headsAmong(ctx, [
        ...new Set(lasting.filter(({ id }) => isHeld.has(id)).map((recall) => recall.case)),
    ])
    const confirmed = new Map(deleted.map((deleted) => [deleted.recall, deleted.at]))
    return ownAmong(ctx, partner, { lasting, held, confirmed, heads })
}

/** Filters the recalls: those not lifted, of cases that are not hidden. */
export function lastingIn(recalls: readonly Recall[], hidden: ReadonlySet<string>): Recall[] {
    return recalls.filter((recall) => recall.endedAt === null && !hidden.has(recall.case))
}

interface Read {
    readonly lasting: readonly Recall[]
    readonly held: Awaited<ReturnType<typeof heldWhenRecalled>>
    /** When the deletion was confirmed, by recall. */
    readonly confirmed: ReadonlyMap<string, Instant>
    readonly heads: readonly Headed[]
}

/** Builds the same list from rows already read: newest first, for artifacts among `heads`. */
export function ownAmong(ctx: ActionContext, partner: string, { lasting, held, confirmed, heads }: Read): OwnRecall[] {
    const versions = new Map(held.map((item) => [item.recall, item.versions]))
    const artifacts = new Map(heads.map((headed) => [headed.id, headed]))
    const name = (kind: "recall" | "warning" | "artifact", id: string) => aliasFor(ctx.services.keys, partner, kind, id)
    const own = lasting.flatMap((recall): OwnRecall[] => {
        const [headed, which] = [artifacts.get(recall.artifact), versions.get(recall.id)]
        if (!headed || !which) return []
        return [
            {
                id: name("recall", recall.id),
                warning: name("warning", recall.case),
                artifact: name("artifact", recall.artifact),
                class: headed.class,
                name: headed.name,
                versions: which,
                at: recall.at,
                confirmedAt: confirmed.get(recall.id) ?? null,
            },
        ]
    })
    return own.toReversed()
}

/** Lists what this partner confirmed as deleted, in order. */
export async function deletionsBy(ctx: ActionContext, partner: string): Promise<store.Deleted[]> {
    return await withinCircle(ctx, await store.listDeletions(ctx.tx, { recall: null, partner }))
}

/** Lists a partner's recalls: those of versions that it holds, under its aliases. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { listHiddenCases, filterVisible } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { type ArtifactHeader, listArtifactHeaders } from "../../../artifacts/actions/load-artifacts.ts"
import { type Recall, listRecalls } from "../../../artifacts/actions/recall-artifact.ts"
import type { ArtifactClass } from "../../../artifacts/artifact.ts"
import * as store from "../../store/deliveries.ts"
import { listHeldAtRecall } from "../store/partner-history.ts"
import { aliasFor } from "../../actions/resolve-alias.ts"

export interface PartnerRecall {
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
 * Lists the open recalls of versions that this partner holds, even of cases that it can no longer read. Lists only
 * cases that the actor may see.
 */
export async function listRecallsForPartner(ctx: ActionContext, partner: string): Promise<PartnerRecall[]> {
    const [recalls, deleted, hidden] = await Promise.all([
        listRecalls(ctx, null),
        store.listDeletions(ctx.tx, { recall: null, partner }),
        listHiddenCases(ctx),
    ])
    const openRecalls = openRecallsIn(recalls, hidden)
    if (openRecalls.length === 0) return []
    const held = await listHeldAtRecall(ctx.tx, partner, openRecalls)
    const heldRecalls = new Set(held.map((item) => item.recall))
    const headers = await listArtifactHeaders(ctx, [
        ...new Set(openRecalls.filter(({ id }) => heldRecalls.has(id)).map((recall) => recall.case)),
    ])
    const confirmed = new Map(deleted.map((deleted) => [deleted.recall, deleted.at]))
    return recallsForPartner(ctx, partner, { openRecalls, held, confirmed, headers })
}

/** Filters the recalls: those not lifted, of cases that are not hidden. */
export function openRecallsIn(recalls: readonly Recall[], hidden: ReadonlySet<string>): Recall[] {
    return recalls.filter((recall) => recall.liftedAt === null && !hidden.has(recall.case))
}

interface RecallFacts {
    readonly openRecalls: readonly Recall[]
    readonly held: Awaited<ReturnType<typeof listHeldAtRecall>>
    /** When the deletion was confirmed, by recall. */
    readonly confirmed: ReadonlyMap<string, Instant>
    readonly headers: readonly ArtifactHeader[]
}

/** Builds the same list from rows already read: newest first, for artifacts among `heads`. */
export function recallsForPartner(
    ctx: ActionContext,
    partner: string,
    { openRecalls, held, confirmed, headers }: RecallFacts,
): PartnerRecall[] {
    const versions = new Map(held.map((item) => [item.recall, item.versions]))
    const artifacts = new Map(headers.map((header) => [header.id, header]))
    const alias = (kind: "recall" | "warning" | "artifact", id: string) =>
        aliasFor(ctx.services.keys, partner, kind, id)
    const list = openRecalls.flatMap((recall): PartnerRecall[] => {
        const [header, heldVersions] = [artifacts.get(recall.artifact), versions.get(recall.id)]
        if (!header || !heldVersions) return []
        return [
            {
                id: alias("recall", recall.id),
                warning: alias("warning", recall.case),
                artifact: alias("artifact", recall.artifact),
                class: header.class,
                name: header.name,
                versions: heldVersions,
                at: recall.at,
                confirmedAt: confirmed.get(recall.id) ?? null,
            },
        ]
    })
    return list.toReversed()
}

/** Lists what this partner confirmed as deleted, in order. */
export async function listDeletionsByPartner(
    ctx: ActionContext,
    partner: string,
): Promise<store.DeletionConfirmation[]> {
    return await filterVisible(ctx, await store.listDeletions(ctx.tx, { recall: null, partner }))
}

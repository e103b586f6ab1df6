/** Routes of recalls: the copies that this partner must delete, and its deletion confirmation. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
import {
    type PartnerRecall,
    listRecallsForPartner,
} from "../../share/delivery/recalls/actions/list-recalls-for-partner.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import { confirmDeletion } from "../../share/delivery/recalls/actions/notify-holders.ts"
import { byId } from "../../kernel/schemas.ts"
import { confirmDeletionRecallAnswer, recallsAnswer } from "./schemas.ts"

const portal = { side: "portal" as const }

/** Presents a recall to its partner. */
export function presentRecall(recall: PartnerRecall) {
    return {
        ...recall,
        versions: [...recall.versions],
        at: formatInstant(recall.at),
        confirmedAt: recall.confirmedAt === null ? null : formatInstant(recall.confirmedAt),
    }
}

export const recallRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/recalls",
            permission: "recall:own",
            scope: "poll",
            summary: "Lists the recalled artifacts of which this partner holds copies, newest first",
            answer: recallsAnswer,
        },
        async (ctx) => {
            const { partner } = partnerOf(ctx)
            const recalls = await listRecallsForPartner(ctx, partner)
            // File names belong to their cases, so the read is recorded for these.
            const cases = new Set(
                recalls.map((recall) => idOfAlias(ctx.services.keys, partner, "warning", recall.warning)),
            )
            await recordReads(ctx, "facts", [...cases])
            return { recalls: recalls.map(presentRecall) }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/recalls/{id}/confirm-deletion",
            permission: "recall:own",
            scope: "report",
            summary: "Confirms that this partner deleted its copies, once, with a receipt",
            params: byId,
            answer: confirmDeletionRecallAnswer,
        },
        async (ctx) => ({ receipt: await confirmDeletion(ctx, ctx.params.id) }),
    ),
]

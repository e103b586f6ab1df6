/** Routes of recalls: what this partner is asked to delete, and its deletion confirmation. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { idOfAlias } from "../../share/delivery/actions/aliases.ts"
import { type OwnRecall, ownRecalls } from "../../share/delivery/recalls/actions/recalls-for-partner.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { confirmDeletion } from "../../share/delivery/recalls/actions/notify-holders.ts"
import { byId } from "../../kernel/schemas.ts"
import { confirmDeletionRecallAnswer, recallsAnswer } from "./schemas.ts"

const portal = { side: "portal" as const }

/** Presents a recall to its partner. */
export function presentRecall(ownRecall: OwnRecall) {
    return {
        ...ownRecall,
        versions: [...ownRecall.versions],
        at: formatInstant(ownRecall.at),
        confirmedAt: ownRecall.confirmedAt === null ? null : formatInstant(ownRecall.confirmedAt),
    }
}

export const recallRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/recalls",
            permission: "recall:own",
            summary: "Lists what this partner holds of recalled artifacts, newest first",
            answer: recallsAnswer,
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const recalls = await ownRecalls(ask, partner)
            // File names belong to their cases, so the read is recorded for these.
            const cases = new Set(
                recalls.map((ownRecall) => idOfAlias(ask.services.keys, partner, "warning", ownRecall.warning)),
            )
            await recordReads(ask, "facts", [...cases])
            return { recalls: recalls.map(presentRecall) }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/recalls/{id}/confirm-deletion",
            permission: "recall:own",
            summary: "Confirms that this partner deleted its copies, once, with a receipt",
            params: byId,
            answer: confirmDeletionRecallAnswer,
        },
        async (ask) => ({ receipt: await confirmDeletion(ask, ask.params.id) }),
    ),
]

/** Routes of receipts: what a partner fetched, acknowledged and deleted, with proofs. */
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { listCasesHidden } from "../../trust/partners/roster/actions/set-access-list.ts"
import { loadReceiptFor } from "../../trust/receipts/actions/show-receipts.ts"
import { aliasFor } from "../../share/delivery/actions/aliases.ts"
import { deletionsBy } from "../../share/delivery/recalls/actions/recalls-for-partner.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { receiptsOf } from "../../share/delivery/actions/list-receipts.ts"
import { byId } from "../../kernel/schemas.ts"
import { receiptAnswer, receiptsAnswer } from "./schemas.ts"

const portal = { side: "portal" as const }

const receiptsMax = 500

type Proven = Omit<Awaited<ReturnType<typeof deletionsBy>>[number], "recall">

/** Lists what the partner fetched and acknowledged, newest first, by the partner's aliases. */
async function ownReceipts(ctx: ActionContext, partner: string) {
    const { fetched, acknowledged } = await receiptsOf(ctx, { partner, case: null, before: null })
    const known = (kind: "fetched" | "acknowledged" | "deleted") => (proven: Proven) => ({
        id: proven.id,
        kind,
        at: proven.at,
        person: proven.person,
        version: Math.max(...proven.versions),
        versions: [...proven.versions],
        warning: aliasFor(ctx.services.keys, partner, "warning", proven.case),
        artifact: aliasFor(ctx.services.keys, partner, "artifact", proven.artifact),
    })
    const ofOne = <One extends { readonly version: number }>(item: One) => ({ ...item, versions: [item.version] })
    const inOrder = [
        ...fetched.map((fetched) => ({ ...known("fetched")(ofOne(fetched)), channel: fetched.channel })),
        ...acknowledged.map(ofOne).map(known("acknowledged")),
        ...(await deletionsBy(ctx, partner)).map(known("deleted")),
    ]
    return inOrder.toSorted((a, b) => a.at - b.at).toReversed()
}

/** Tells whether the actor may see a warning, by its alias. */
async function seesWarning(ctx: ActionContext, partner: string): Promise<(warning: string) => boolean> {
    const hidden = [...(await listCasesHidden(ctx))].map((item) =>
        aliasFor(ctx.services.keys, partner, "warning", item),
    )
    return (warning) => !hidden.includes(warning)
}

export const receiptRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/receipts",
            permission: "receipt:read",
            summary: "Lists what this partner fetched and acknowledged, newest first, with receipt ids",
            answer: receiptsAnswer,
        },
        async (ask) => {
            const list = await ownReceipts(ask, partnerOf(ask).partner)
            const receipts = list.slice(0, receiptsMax).map((item) => ({ ...item, at: formatInstant(item.at) }))
            return { receipts, more: list.length > receiptsMax }
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/receipts/{id}",
            permission: "receipt:read",
            summary:
                "Returns the proof of a fetch, an acknowledgement or a deletion; `tocsin verify` checks it offline",
            params: byId,
            answer: receiptAnswer,
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const maySee = await seesWarning(ask, partner)
            return { receipt: await loadReceiptFor(ask, partner, ask.params.id, maySee) }
        },
    ),
]

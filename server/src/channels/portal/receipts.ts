/** Routes of receipts: what a partner fetched, acknowledged and deleted, with proofs. */
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { listHiddenCases } from "../../trust/partners/roster/actions/set-access-list.ts"
import { loadReceiptOfPartner } from "../../trust/receipts/actions/load-receipts.ts"
import { proveReceiptOfPartner } from "../../trust/receipts/witnesses/actions/prove-receipt.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { listDeletionsByPartner } from "../../share/delivery/recalls/actions/list-recalls-for-partner.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import { listReceipts } from "../../share/delivery/actions/list-receipts.ts"
import { byId } from "../../kernel/schemas.ts"
import { receiptAnswer, receiptQuery, receiptsAnswer } from "./schemas.ts"

const portal = { side: "portal" as const }

const receiptsMax = 500

type ReceiptEntry = Omit<Awaited<ReturnType<typeof listDeletionsByPartner>>[number], "recall">

/** Lists what the partner fetched and acknowledged, newest first, by the partner's aliases. */
async function listReceiptsForPartner(ctx: ActionContext, partner: string) {
    const { fetched, acknowledged } = await listReceipts(ctx, { partner, case: null, before: null })
    const present = (kind: "fetched" | "acknowledged" | "deleted") => (entry: ReceiptEntry) => ({
        id: entry.id,
        kind,
        at: entry.at,
        person: entry.person,
        version: Math.max(...entry.versions),
        versions: [...entry.versions],
        warning: aliasFor(ctx.services.keys, partner, "warning", entry.case),
        artifact: aliasFor(ctx.services.keys, partner, "artifact", entry.artifact),
    })
    const withVersions = <Item extends { readonly version: number }>(item: Item) => ({
        ...item,
        versions: [item.version],
    })
    const receipts = [
        ...fetched.map((fetched) => ({ ...present("fetched")(withVersions(fetched)), channel: fetched.channel })),
        ...acknowledged.map(withVersions).map(present("acknowledged")),
        ...(await listDeletionsByPartner(ctx, partner)).map(present("deleted")),
    ]
    return receipts.toSorted((a, b) => a.at - b.at).toReversed()
}

/** Tells whether the actor may see a warning, by its alias. */
async function loadWarningFilter(ctx: ActionContext, partner: string): Promise<(warning: string) => boolean> {
    const hidden = [...(await listHiddenCases(ctx))].map((caseId) =>
        aliasFor(ctx.services.keys, partner, "warning", caseId),
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
        async (ctx) => {
            const entries = await listReceiptsForPartner(ctx, partnerOf(ctx).partner)
            const receipts = entries.slice(0, receiptsMax).map((entry) => ({ ...entry, at: formatInstant(entry.at) }))
            return { receipts, more: entries.length > receiptsMax }
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
            query: receiptQuery,
            answer: receiptAnswer,
        },
        async (ctx) => {
            const { partner } = partnerOf(ctx)
            const maySee = await loadWarningFilter(ctx, partner)
            const load = ctx.query.format === "tlog_proof" ? proveReceiptOfPartner : loadReceiptOfPartner
            return { receipt: await load(ctx, partner, ctx.params.id, maySee) }
        },
    ),
]

/** Serves the quarantine to the console: losses, evidence of receipts, and its end by two people. */

import { type Instant, formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { findSequencingStop } from "../audit-log/actions/export-log.ts"
import { compareReceipts, findOpenQuarantine, reconcileDatabase } from "./actions/reconcile-database.ts"
import type { Quarantine } from "./quarantine.ts"
import {
    compareReceiptsQuarantineAnswer,
    compareReceiptsQuarantineBody,
    quarantineAnswer,
    receiptBytesMax,
    receiptsMax,
    reconcileQuarantineAnswer,
    reconcileQuarantineBody,
} from "./schemas.ts"

const bodyMax = (receiptsMax + 1) * receiptBytesMax * 2

const formatInstantOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))

function presentQuarantine({ id: quarantine, since, reasons, files, applied }: Quarantine) {
    return {
        ...{ id: quarantine, since: formatInstant(since), reasons: [...reasons] },
        files: Object.entries(files).map(([file, summary]) => ({
            id: file,
            file: { ...summary.file, program: formatInstantOrNull(summary.file.program) },
            database: { ...summary.database, program: formatInstantOrNull(summary.database.program) },
        })),
        // The hash of a credential and a ciphertext have no use for readers, so they are left out.
        applied: applied.map((applied) => ({
            ...applied,
            id: ["credential", "passkey", "spent_budget"].includes(applied.kind) ? "" : applied.id,
            status: applied.kind === "partner" ? applied.status : null,
        })),
    }
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/quarantine",
            side: "console",
            permission: "quarantine:read",
            summary:
                "Returns the quarantine of the database with its losses, if there is one, and since when the audit " +
                "log is damaged",
            answer: quarantineAnswer,
        },
        async (ctx) => {
            const quarantine = await findOpenQuarantine(ctx)
            const damagedSince = formatInstantOrNull(await findSequencingStop(ctx))
            return { quarantine: quarantine && presentQuarantine(quarantine), damagedSince }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/quarantine/compare-receipts",
            side: "console",
            permission: "quarantine:reconcile",
            summary: "Compares receipts that partners hold with the receipt log of this database",
            body: compareReceiptsQuarantineBody,
            bodyMax,
            answer: compareReceiptsQuarantineAnswer,
        },
        async (ctx) => ({ verdicts: await compareReceipts(ctx, ctx.body.receipts) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/quarantine/reconcile",
            side: "console",
            permission: "quarantine:reconcile",
            summary: "Ends the quarantine, by two people: partners are served from this database again",
            body: reconcileQuarantineBody,
            bodyMax,
            answer: reconcileQuarantineAnswer,
        },
        async (ctx) => await reconcileDatabase(ctx, { receipts: ctx.body.receipts ?? [], approval: ctx.body.approval }),
    ),
]

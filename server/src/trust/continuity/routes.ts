/** Serves the quarantine to the console: losses, evidence of receipts, and its end by two people. */

import { type Instant, formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { sequencingStoppedSince } from "../audit-log/actions/export-log.ts"
import { compareReceipts, currentQuarantine, reconcileDatabase } from "./actions/reconcile-database.ts"
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

const written = (at: Instant | null) => (at === null ? null : formatInstant(at))

function presented({ id: quarantine, since, reasons, files, applied }: Quarantine) {
    return {
        ...{ id: quarantine, since: formatInstant(since), reasons: [...reasons] },
        files: Object.entries(files).map(([file, summary]) => ({
            id: file,
            file: { ...summary.file, program: written(summary.file.program) },
            database: { ...summary.database, program: written(summary.database.program) },
        })),
        // The hash of a credential has no use for readers, so it is left out.
        applied: applied.map((applied) => ({ ...applied, id: applied.kind === "credential" ? "" : applied.id })),
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
                "Shows whether the database is quarantined and what it lacks, and whether the audit log is damaged",
            answer: quarantineAnswer,
        },
        async (ask) => {
            const open = await currentQuarantine(ask)
            const damagedSince = written(await sequencingStoppedSince(ask))
            return { quarantine: open && presented(open), damagedSince }
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
        async (ask) => ({ verdicts: await compareReceipts(ask, ask.body.receipts) }),
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
        async (ask) => await reconcileDatabase(ask, { receipts: ask.body.receipts ?? [], approval: ask.body.approval }),
    ),
]

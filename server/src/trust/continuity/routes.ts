/** Serves the quarantine to the console: losses, evidence of receipts, and its end by two people. */
import { Type } from "typebox"
import { differences, endKinds } from "../../models/high-water.ts"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { sequencingStoppedSince } from "../audit-log/actions/export-log.ts"
import { compareReceipts, currentQuarantine, reconcileDatabase } from "./actions/reconcile-database.ts"
import type { Quarantine } from "./quarantine.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const count = Type.Integer({ minimum: 0 })
const instant = Type.String({ format: "date-time" })
const orNull = Type.Union([instant, Type.Null()])
const side = Type.Object({ auditLog: count, receiptLog: count, changes: count, program: orNull })
const receiptsMax = 20
const receiptBytesMax = 16 * 1024
const receipts = Type.Array(Type.String({ minLength: 1, maxLength: receiptBytesMax }), { maxItems: receiptsMax })
const bodyMax = (receiptsMax + 1) * receiptBytesMax * 2

const state = Type.Object({
    id,
    since: instant,
    reasons: Type.Array(Type.Enum([...differences])),
    files: Type.Array(Type.Object({ id, file: side, database: side })),
    applied: Type.Array(
        Type.Object({
            kind: Type.Enum([...endKinds]),
            id: Type.String(),
            status: Type.Union([Type.String(), Type.Null()]),
            outcome: Type.Union([Type.Literal("applied"), Type.Literal("refused")]),
        }),
    ),
})

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
            answer: Type.Object({ quarantine: Type.Union([state, Type.Null()]), damagedSince: orNull }),
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
            body: Type.Object({ receipts }, closed),
            bodyMax,
            answer: Type.Object({
                verdicts: Type.Array(
                    Type.Object({
                        verdict: Type.Union([Type.Literal("known"), Type.Literal("missing"), Type.Literal("differs")]),
                        batches: count,
                        at: instant,
                    }),
                ),
            }),
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
            body: Type.Object({ receipts: Type.Optional(receipts), approval: Type.Optional(id) }, closed),
            bodyMax,
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async (ask) => await reconcileDatabase(ask, { receipts: ask.body.receipts ?? [], approval: ask.body.approval }),
    ),
]

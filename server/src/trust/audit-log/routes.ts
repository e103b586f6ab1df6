/** Serves the audit log to staff: events, export, verification, checkpoint. Partners get the receipt log instead. */
import { formatInstant } from "@tocsin/base/instant"
import { LinesAnswer, LiveAnswer } from "../../kernel/route.ts"
import {
    exportAuditLog,
    findPublishedCheckpoint,
    refuseNoCheckpoint,
    type PublishedCheckpoint,
    verifyAuditLog,
} from "./actions/export-log.ts"
import { route } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { listNewestEvents, findNewestSeq, type NumberedEvent, countUnsequenced } from "./store.ts"
import { auditLogAnswer, auditLogQuery, checkpointAnswer, verifyAnswer } from "./schemas.ts"

const pageSize = 100

/**
 * Whether the actor may know of confidential measures. Other staff see a confidential event only as an entry without
 * content.
 */
function maySeeConfidential(actor: Actor): boolean {
    return actor.kind === "operator" && actor.roles.some((role) => role === "investigator" || role === "admin")
}

const investigationKinds = ["evidence.", "attribution.", "marks.", "exposure.", "sighting.", "canary."]

/** Whether a list may show this event. Events of inquiries are for their members only. */
function isListed({ kind, body }: NumberedEvent): boolean {
    return investigationKinds.some((start) => kind.startsWith(start)) && (body["inquiry"] ?? null) === null
}

/** A confidential event shows only that it happened, and when. */
function presentEvent(event: NumberedEvent, seesConfidential: boolean) {
    const { seq, index, at, kind, confidential, body } = event
    return {
        ...{ seq, index, at: formatInstant(at), confidential },
        kind: confidential && !(seesConfidential && isListed(event)) ? "sealed" : kind,
        body: confidential ? null : body,
    }
}

function presentCheckpoint(checkpoint: PublishedCheckpoint) {
    return { ...checkpoint, at: formatInstant(checkpoint.at) }
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/events",
            side: "console",
            permission: "event_stream:read",
            summary: "Streams a message whenever a new event is recorded",
        },
        async (ctx) => new LiveAnswer(String(await findNewestSeq(ctx.tx))),
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log",
            side: "console",
            permission: "audit_log:read",
            summary: "Lists events, newest first, with the newest checkpoint",
            query: auditLogQuery,
            answer: auditLogAnswer,
        },
        async (ctx) => {
            const { after } = ctx.query
            const found = await listNewestEvents(ctx.tx, after === undefined ? null : Number(after), pageSize + 1)
            const events = found.slice(0, pageSize)
            const newest = await findPublishedCheckpoint(ctx)
            return {
                events: events.map((event) => presentEvent(event, maySeeConfidential(ctx.actor))),
                next: found.length > pageSize ? String(events.at(-1)?.seq) : null,
                checkpoint: newest && presentCheckpoint(newest),
                unsequenced: await countUnsequenced(ctx.tx),
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/export",
            side: "console",
            permission: "audit_log:read",
            summary: "Exports the audit log up to the newest checkpoint, for `tocsin verify`",
        },
        async (ctx) => new LinesAnswer(await exportAuditLog(ctx), "application/jsonl; charset=utf-8"),
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/verify",
            side: "console",
            permission: "audit_log:read",
            summary: "Recomputes the tree from the events, and compares it with the newest checkpoint",
            answer: verifyAnswer,
        },
        async (ctx) => {
            const { verdict, unsequenced } = await verifyAuditLog(ctx)
            if (!verdict.ok) return { ...verdict, unsequenced }
            const { ok, size, root, withheld, verifierKey } = verdict
            return { ok, size, root, withheld, verifierKey, unsequenced }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/checkpoint",
            side: "console",
            permission: "checkpoint:read",
            summary: "Returns the newest checkpoint of the audit log and its key",
            answer: checkpointAnswer,
        },
        async (ctx) => presentCheckpoint((await findPublishedCheckpoint(ctx)) ?? refuseNoCheckpoint()),
    ),
]

/** Serves the audit log to staff: events, export, verification, checkpoint. Partners get the receipt log instead. */
import type { Static } from "typebox"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
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
import {
    type EventFilter,
    type LoggedObject,
    countUnsequenced,
    findNewestSeq,
    listEvents,
    listLoggedObjects,
} from "./store.ts"
import { listHandovers } from "../signing-keys/actions/load-log-keys.ts"
import { handoversAnswer } from "../signing-keys/schemas.ts"
import { auditLogAnswer, auditLogQuery, checkpointAnswer, subjectsAnswer, verifyAnswer } from "./schemas.ts"

const eventsMax = 100

/**
 * Whether the actor may know of confidential measures. Other staff see a confidential event only as an entry without
 * content.
 */
function maySeeConfidential(actor: Actor): boolean {
    return actor.kind === "operator" && actor.roles.some((role) => role === "investigator" || role === "admin")
}

const investigationObjects = ["evidence", "attribution", "marks", "exposure", "sighting", "canary"]

function filterOf(actor: Actor, query: Static<typeof auditLogQuery>): EventFilter {
    const instantOf = (text: string | undefined) => (text === undefined ? null : parseInstant(text))
    return {
        olderThan: query.after === undefined ? null : Number(query.after),
        from: instantOf(query.from),
        until: instantOf(query.until),
        case: query.case ?? null,
        partner: query.partner ?? null,
        person: query.person ?? null,
        kinds: query.kind?.split(",") ?? [],
        confidentialObjects: maySeeConfidential(actor) ? investigationObjects : [],
    }
}

const presentObjects = (objects: readonly LoggedObject[]) =>
    objects.map(({ id, at }) => ({ id, at: formatInstant(at) }))

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
            summary: "Lists events, newest first and filtered, with the newest checkpoint",
            query: auditLogQuery,
            answer: auditLogAnswer,
        },
        async (ctx) => {
            const pageSize = Number(ctx.query.limit ?? eventsMax)
            const found = await listEvents(ctx.tx, filterOf(ctx.actor, ctx.query), pageSize + 1)
            const events = found.slice(0, pageSize)
            const newest = await findPublishedCheckpoint(ctx)
            return {
                events: events.map((event) => ({ ...event, at: formatInstant(event.at) })),
                next: found.length > pageSize ? String(events.at(-1)?.seq) : null,
                checkpoint: newest && presentCheckpoint(newest),
                unsequenced: await countUnsequenced(ctx.tx),
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/subjects",
            side: "console",
            permission: "audit_log:read",
            summary: "Lists the cases and partners of the audit log by id, in the order of their first event",
            answer: subjectsAnswer,
        },
        async ({ tx }) => ({
            cases: presentObjects(await listLoggedObjects(tx, "case.opened", "case")),
            partners: presentObjects(await listLoggedObjects(tx, "partner.added", "partner")),
        }),
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/export",
            side: "console",
            permission: "audit_log:read",
            needsConfirmation: true,
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
    route(
        {
            method: "GET",
            path: "/api/audit-log/handovers",
            side: "console",
            permission: "checkpoint:read",
            summary:
                "Returns the handovers of the audit log: checkpoints by which each former key names the next key, " +
                "oldest first",
            answer: handoversAnswer,
        },
        async (ctx) => ({ handovers: await listHandovers(ctx, "audit_log") }),
    ),
]

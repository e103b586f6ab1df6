/** Serves the audit log to staff: events, export, verification, checkpoint. Partners get the receipt log instead. */
import { formatInstant } from "@tocsin/base/instant"
import { Lines, Live } from "../../kernel/route.ts"
import { exportRecord, findNewestHead, noHead, type PublishedHead, verifyOwn } from "./actions/export-log.ts"
import { route } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { listNewestEvents, newestSeq, type Numbered, unnumberedCount } from "./store.ts"
import { auditLogAnswer, auditLogQuery, headAnswer, verifyAnswer } from "./schemas.ts"

const pageSize = 100

/**
 * Whether the actor may know of confidential measures. Other staff see a confidential event only as an entry without
 * content.
 */
function mayKnow(actor: Actor): boolean {
    return actor.kind === "operator" && actor.roles.some((role) => role === "investigator" || role === "admin")
}

const knownToThem = ["evidence.", "attribution.", "marks.", "exposure.", "sighting.", "canary."]

/** Whether a list may show this event. Events of inquiries are for their members only. */
function mayBeTold({ kind, body }: Numbered): boolean {
    return knownToThem.some((start) => kind.startsWith(start)) && (body["inquiry"] ?? null) === null
}

/** A confidential event shows only that it happened, and when. */
function presentEvent(event: Numbered, known: boolean) {
    const { seq, index, at, kind, sealed, body } = event
    return {
        ...{ seq, index, at: formatInstant(at), sealed },
        kind: sealed && !(known && mayBeTold(event)) ? "sealed" : kind,
        body: sealed ? null : body,
    }
}

function presentHead(found: PublishedHead) {
    return { ...found, at: formatInstant(found.at) }
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/events",
            side: "console",
            permission: "event_stream:read",
            summary: "Tells when something has happened",
        },
        async (ask) => new Live(String(await newestSeq(ask.tx))),
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log",
            side: "console",
            permission: "audit_log:read",
            summary: "What happened, the newest first, and the newest signed head",
            query: auditLogQuery,
            answer: auditLogAnswer,
        },
        async (ask) => {
            const { after } = ask.query
            const found = await listNewestEvents(ask.tx, after === undefined ? null : Number(after), pageSize + 1)
            const events = found.slice(0, pageSize)
            const newest = await findNewestHead(ask)
            return {
                events: events.map((numbered) => presentEvent(numbered, mayKnow(ask.actor))),
                next: found.length > pageSize ? String(events.at(-1)?.seq) : null,
                head: newest && presentHead(newest),
                waiting: await unnumberedCount(ask.tx),
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/export",
            side: "console",
            permission: "audit_log:read",
            summary: "The whole record up to the newest signed head, for `tocsin verify`",
        },
        async (ask) => new Lines(await exportRecord(ask), "application/jsonl; charset=utf-8"),
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/verify",
            side: "console",
            permission: "audit_log:read",
            summary: "Computes the tree again from the events, and compares it with the newest signed head",
            answer: verifyAnswer,
        },
        async (ask) => {
            const { verdict, waiting } = await verifyOwn(ask)
            if (!verdict.ok) return { ...verdict, waiting }
            const { ok, size, root, withheld, verifierKey } = verdict
            return { ok, size, root, withheld, verifierKey, waiting }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/audit-log/checkpoint",
            side: "console",
            permission: "checkpoint:read",
            summary: "The newest signed head of the record, and the key it is signed with",
            answer: headAnswer,
        },
        async (ask) => presentHead((await findNewestHead(ask)) ?? noHead()),
    ),
]

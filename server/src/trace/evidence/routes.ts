/** Routes of evidence, for investigators: add and read. */
import type { Static } from "typebox"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { type Leak, type Seen, allEvidence, caseAbout, fileLeak, fileListings, fileSeen } from "./actions.ts"
import { deletionOf } from "./actions/delete-evidence.ts"
import { heldEvidence, holdOf, notesOf } from "./actions/hold-evidence.ts"
import { originalOf, readEvidence } from "./actions/read-evidence.ts"

import { type Evidence } from "./evidence.ts"

import { dismissalRoutes } from "./routes/dismiss-reports.ts"
import { keepingRoutes } from "./routes/holds.ts"

import { byId } from "../../kernel/schemas.ts"
import {
    evidenceAnswer,
    filing,
    importListingsEvidenceAnswer,
    importListingsEvidenceBody,
    newEvidenceAnswer,
    originalAnswer,
    wholeEvidenceAnswer,
} from "./schemas.ts"

/** Ten megabytes in Base64, with the other fields. */
const bodyMax = 14 * 1024 * 1024

function presented({ touch: _, ...rest }: Evidence) {
    const deletedAt = rest.deletedAt === null ? null : formatInstant(rest.deletedAt)
    return { ...rest, seenAt: formatInstant(rest.seenAt), filedAt: formatInstant(rest.filedAt), deletedAt }
}

async function keptOf(ctx: ActionContext, evidence: string) {
    const [notes, hold] = [await notesOf(ctx, evidence), await holdOf(ctx, evidence)]
    const deletion = await deletionOf(ctx, evidence)
    return {
        notes: notes.map((note) => ({ ...note, at: formatInstant(note.at) })),
        hold: hold && { ...hold, setAt: formatInstant(hold.setAt) },
        deletion: deletion && { ...deletion, at: formatInstant(deletion.at) },
    }
}

function bytesIn(content: string, encoding: "text" | "base64"): Buffer {
    if (encoding === "text") {
        if (content.isWellFormed()) return Buffer.from(content, "utf8")
        refuse("invalid", "evidence.not_text", "the text has half a character: send the file in Base64")
    }
    const bytes = Buffer.from(content, "base64")
    if (bytes.toString("base64") !== content)
        refuse("invalid", "evidence.bad_base64", "the content is not valid Base64")
    return bytes
}

type Filing = Static<typeof filing>

function leakIn({ source, note = "", clock, ...body }: Filing): Leak {
    if (body.cve !== undefined) {
        refuse("invalid", "evidence.leak_takes_no_cve", "a leak takes a case or none, and no CVE id")
    }
    const content = bytesIn(body.content ?? "", body.encoding ?? "text")
    const words = { name: body.name ?? "", source, note }
    return { ...words, case: body.case ?? null, content, seenAt: parseInstant(body.seenAt), clock }
}

function seenIn({ source, note = "", clock, ...body }: Filing): Omit<Seen, "kind" | "case"> {
    if (body.content !== undefined || body.name !== undefined) {
        refuse("invalid", "evidence.content_not_allowed", "only a leak can have content: send an instant and a source")
    }
    return { source, note, clock, cve: body.cve ?? null, at: parseInstant(body.seenAt) }
}

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence",
            permission: "evidence:write",
            summary:
                "Adds a leaked text or an observation of exploitation, a public proof of concept or a listing; " +
                "attribution or a proposed end of the embargo follows automatically",
            creates: true,
            body: filing,
            bodyMax,
            answer: newEvidenceAnswer,
        },
        async ({ body, ...ctx }) => {
            const { kind } = body
            if (kind === "leak") return { evidence: await fileLeak(ctx, leakIn(body)) }
            const subject = await caseAbout(ctx, body.case ?? null, body.cve ?? null)
            return { evidence: await fileSeen(ctx, { ...seenIn(body), kind, case: subject }) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence/import-listings",
            permission: "evidence:write",
            summary: "Adds the entries of an exploitation catalogue that concern open cases and are new",
            creates: true,
            body: importListingsEvidenceBody,
            bodyMax: 2 * 1024 * 1024,
            answer: importListingsEvidenceAnswer,
        },
        async ({ body, ...ctx }) => {
            const listings = body.listings.map((listing) => ({
                cve: listing.cve,
                listedAt: parseInstant(listing.listedAt),
            }))
            return { filed: await fileListings(ctx, body.source, listings) }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/evidence",
            permission: "evidence:read",
            summary: "Lists all evidence, newest first, without content",
            answer: evidenceAnswer,
        },
        async (ask) => {
            const [evidences, held] = [await allEvidence(ask), await heldEvidence(ask)]
            return {
                evidence: evidences.map((evidence) => ({ ...presented(evidence), isHeld: held.has(evidence.id) })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/evidence/{id}",
            permission: "evidence:read",
            summary: "Returns one piece of evidence with its content, and records the look",
            params: byId,
            answer: wholeEvidenceAnswer,
        },
        async (ask) => {
            const { content, inside, ...rest } = await readEvidence(ask, ask.params.id)
            return { ...presented(rest), ...(await keptOf(ask, rest.id)), content, inside }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/evidence/{id}/original",
            permission: "evidence:read",
            summary: "Returns the original bytes in Base64, and records the look",
            params: byId,
            answer: originalAnswer,
        },
        async (ask) => ({ base64: (await originalOf(ask, ask.params.id))?.toString("base64") ?? null }),
    ),
    ...keepingRoutes,
    ...dismissalRoutes,
]

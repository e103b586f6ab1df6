/** Routes of evidence, for investigators: add and read. */
import type { Static } from "typebox"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import {
    type Leak,
    type Observation,
    resolveCase,
    addLeak,
    addListings,
    addObservation,
} from "../actions/add-evidence.ts"
import { listEvidence } from "../actions/load-evidence.ts"
import { findDeletion } from "../actions/erase-evidence.ts"
import { listHeldEvidence, findHold, listNotes } from "../actions/hold-evidence.ts"
import { readOriginal, readEvidence } from "../actions/read-evidence.ts"

import { type Evidence } from "../evidence.ts"

import { dismissalRoutes } from "./dismiss-reports.ts"
import { retentionRoutes } from "./retention.ts"

import { byId } from "../../../kernel/schemas.ts"
import {
    evidenceAnswer,
    newEvidenceBody,
    importListingsEvidenceAnswer,
    importListingsEvidenceBody,
    newEvidenceAnswer,
    originalAnswer,
    wholeEvidenceAnswer,
} from "../schemas.ts"

/** Ten megabytes in Base64, with the other fields. */
const bodyMax = 14 * 1024 * 1024

function presentEvidence({ touch: _, ...rest }: Evidence) {
    const deletedAt = rest.deletedAt === null ? null : formatInstant(rest.deletedAt)
    return { ...rest, observedAt: formatInstant(rest.observedAt), addedAt: formatInstant(rest.addedAt), deletedAt }
}

async function presentRetention(ctx: ActionContext, evidence: string) {
    const [notes, hold] = [await listNotes(ctx, evidence), await findHold(ctx, evidence)]
    const deletion = await findDeletion(ctx, evidence)
    return {
        notes: notes.map((note) => ({ ...note, at: formatInstant(note.at) })),
        hold: hold && { ...hold, setAt: formatInstant(hold.setAt) },
        deletion: deletion && { ...deletion, at: formatInstant(deletion.at) },
    }
}

function decodeContent(content: string, encoding: "text" | "base64"): Buffer {
    if (encoding === "text") {
        if (content.isWellFormed()) return Buffer.from(content, "utf8")
        refuse("invalid", "evidence.not_text", "the text has an unpaired surrogate: send the file in Base64")
    }
    const bytes = Buffer.from(content, "base64")
    if (bytes.toString("base64") !== content)
        refuse("invalid", "evidence.bad_base64", "the content is not valid Base64")
    return bytes
}

type NewEvidence = Static<typeof newEvidenceBody>

function leakOf({ source, note = "", clock, ...body }: NewEvidence): Leak {
    if (body.cve !== undefined) {
        refuse("invalid", "evidence.leak_takes_no_cve", "a leak takes a case or none, and no CVE id")
    }
    const content = decodeContent(body.content ?? "", body.encoding ?? "text")
    const texts = { name: body.name ?? "", source, note }
    return { ...texts, case: body.case ?? null, content, observedAt: parseInstant(body.observedAt), clock }
}

function observationOf({ source, note = "", clock, ...body }: NewEvidence): Omit<Observation, "kind" | "case"> {
    if (body.content !== undefined || body.name !== undefined) {
        refuse("invalid", "evidence.content_not_allowed", "only a leak can have content: send an instant and a source")
    }
    return { source, note, clock, cve: body.cve ?? null, at: parseInstant(body.observedAt) }
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
            body: newEvidenceBody,
            bodyMax,
            answer: newEvidenceAnswer,
        },
        async ({ body, ...ctx }) => {
            const { kind } = body
            if (kind === "leak") return { evidence: await addLeak(ctx, leakOf(body)) }
            const caseId = await resolveCase(ctx, body.case ?? null, body.cve ?? null)
            return { evidence: await addObservation(ctx, { ...observationOf(body), kind, case: caseId }) }
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
            return { added: await addListings(ctx, body.source, listings) }
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
        async (ctx) => {
            const [pieces, held] = [await listEvidence(ctx), await listHeldEvidence(ctx)]
            return {
                evidence: pieces.map((evidence) => ({ ...presentEvidence(evidence), isHeld: held.has(evidence.id) })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/evidence/{id}",
            permission: "evidence:read",
            summary: "Returns one piece of evidence with its content, and records the read",
            params: byId,
            answer: wholeEvidenceAnswer,
        },
        async (ctx) => {
            const { content, archive, ...rest } = await readEvidence(ctx, ctx.params.id)
            return { ...presentEvidence(rest), ...(await presentRetention(ctx, rest.id)), content, archive }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/evidence/{id}/original",
            permission: "evidence:read",
            summary: "Returns the original bytes in Base64, and records the read",
            params: byId,
            answer: originalAnswer,
        },
        async (ctx) => ({ base64: (await readOriginal(ctx, ctx.params.id))?.toString("base64") ?? null }),
    ),
    ...retentionRoutes,
    ...dismissalRoutes,
]

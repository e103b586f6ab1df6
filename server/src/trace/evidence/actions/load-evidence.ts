/** Reads evidence. */
import { type Evidence, type EvidenceKind, type EvidenceTexts, exploitationKinds } from "../evidence.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store/evidence.ts"
import { decryptBytes, decryptText, encryptText, loadKeys } from "../../../platform/crypto/vault.ts"
import type { Instant } from "@tocsin/base/instant"
import { findFirstExploitation } from "../../sightings/actions/find-first-exploitation.ts"
import { createHash } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"

export type EvidenceDetails = EvidenceTexts & Partial<Pick<Evidence, "cve" | "touch">>

/** Lists all evidence, or all of one kind, newest first, without content. */
export async function listEvidence(ctx: ActionContext, kind: EvidenceKind | null = null): Promise<Evidence[]> {
    const rows = await store.listAllEvidence(ctx.tx, kind)
    await loadKeys(
        ctx.tx,
        rows.map(({ id }) => scopeOf(id)),
    )
    const found: Evidence[] = []
    for (const row of rows) found.push(await decryptEvidence(ctx, row))
    return found
}

/**
 * Returns when exploitation of a case was first observed, by partners' current reports or by staff, without decrypting.
 * Returns null where it was not.
 */
export async function findExploitedAt(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    const observed = [
        await findFirstExploitation(ctx, caseId),
        await store.findFirstObservedAt(ctx.tx, caseId, exploitationKinds),
    ]
    const instants = observed.filter((at) => at !== null)
    return instants.length === 0 ? null : Math.min(...instants)
}

/** Loads one piece without content. Refuses `evidence.not_found`. */
export async function loadEvidence(ctx: ActionContext, id: string): Promise<Evidence> {
    return await decryptEvidence(ctx, (await store.findEvidence(ctx.tx, id)) ?? refuseUnknownEvidence())
}

/** Returns the original bytes, or null where there are none. The caller records the read. */
export async function findBytes(ctx: ActionContext, id: string): Promise<Buffer | null> {
    const { sha256 } = (await store.findEvidence(ctx.tx, id)) ?? refuseUnknownEvidence()
    const ciphertext = await store.findContent(ctx.tx, id)
    if (ciphertext === null || sha256 === null) return null
    const content = await decryptBytes(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.content:${id}`, ciphertext)
    if (!createHash("sha256").update(content).digest().equals(sha256))
        throw new Error(`the content of evidence ${id} does not match its hash`)
    return content
}

/** Refuses `evidence.not_found`. */
export function refuseUnknownEvidence(): never {
    refuse("missing", "evidence.not_found", "no such evidence")
}

/** Encrypts a result with the key of its evidence, so that deletion destroys both. */
export async function encryptForEvidence(
    ctx: ActionContext,
    evidence: string,
    place: string,
    text: string,
): Promise<Buffer> {
    return await encryptText(ctx.tx, ctx.services.keys, scopeOf(evidence), place, text)
}

/** Decrypts a result of evidence. */
export async function decryptForEvidence(
    ctx: ActionContext,
    evidence: string,
    place: string,
    ciphertext: Buffer,
): Promise<string> {
    return await decryptText(ctx.tx, ctx.services.keys, scopeOf(evidence), place, ciphertext)
}

/** Names the vault scope: each piece has a key of its own. */
export const scopeOf = (id: string): string => `evidence:${id}`

async function decryptEvidence(ctx: ActionContext, row: store.StoredEvidenceRow): Promise<Evidence> {
    const details =
        row.details_ciphertext === null ? deletedDetails : await decryptDetails(ctx, row.id, row.details_ciphertext)
    return {
        cve: null,
        touch: null,
        ...details,
        id: row.id,
        kind: row.kind,
        case: row.case_id,
        sha256: row.sha256?.toString("hex") ?? null,
        size: row.size,
        contentType: row.content_kind && { kind: row.content_kind, format: row.content_format },
        observedAt: row.observed_at,
        clock: row.clock,
        addedBy: row.added_by,
        addedAt: row.added_at,
        deletedAt: row.deleted_at,
    }
}

const deletedDetails: EvidenceDetails = { name: "deleted", source: "", note: "" }

async function decryptDetails(ctx: ActionContext, id: string, ciphertext: Buffer): Promise<EvidenceDetails> {
    return JSON.parse(
        await decryptText(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.details:${id}`, ciphertext),
    ) as EvidenceDetails
}

/** Adds evidence and reads it. Each piece has a data key of its own, and each look at content is recorded. */
import { createHash } from "node:crypto"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { holdKeys, seal, sealBytes, unseal, unsealBytes } from "../../platform/crypto/vault.ts"
import type { Trigger } from "../../share/cases/embargo.ts"
import { caseFile, caseFiles, casesNamedAnyOf, closedCases } from "../../share/cases/actions.ts"
import { markExploited } from "../../share/cases/actions/set-exploitation.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { personOf } from "../../kernel/actor.ts"
import {
    type Evidence,
    type EvidenceKind,
    type Words,
    exploiting,
    validateContent,
    validateWords,
    assertPast,
    tellsExploitation,
} from "./evidence.ts"
import type { Listing } from "./listing.ts"
import { firstSeenAt } from "../sightings/actions/first-seen.ts"
import type { ClockQuality } from "@tocsin/client/limits"
import * as store from "./store.ts"

export interface Leak extends Words {
    /** Null where the case is unknown. */
    readonly case: string | null
    readonly content: Uint8Array
    readonly seenAt: Instant
    readonly clock: ClockQuality
}

/** An observation without a text. */
export interface Seen {
    readonly kind: Exclude<Trigger, "leak">
    readonly case: string
    readonly cve: string | null
    readonly at: Instant
    readonly clock: ClockQuality
    readonly source: string
    readonly note: string
}

/** Adds a leaked text or file, whatever its form. Its attribution starts automatically. */
export async function fileLeak(ctx: ActionContext, leak: Leak): Promise<string> {
    const filing = { kind: "leak", case: leak.case, seenAt: leak.seenAt, clock: leak.clock } as const
    return await file(ctx, filing, leak, leak.content)
}

/** Adds an observation with its clock. Tocsin then proposes the end of the case's embargo. */
export async function fileSeen(ctx: ActionContext, { kind, case: id, at, clock, ...rest }: Seen): Promise<string> {
    return await file(ctx, { kind, case: id, seenAt: at, clock }, { name: kind, ...rest }, null)
}

/**
 * Finds the open case by its id or a CVE id. Refuses `evidence.needs_case` without either, `evidence.no_case_for_cve`
 * and `evidence.ambiguous_cve`.
 */
export async function caseAbout(ctx: ActionContext, id: string | null, cve: string | null): Promise<string> {
    if (cve === null) return id ?? refuse("invalid", "evidence.needs_case", "set the case or its CVE id")
    const named = (await openCasesNamed(ctx, [cve])).map((item) => item.case)
    const entries = named.filter((item) => id === null || item === id)
    const [found] = entries
    if (found === undefined)
        refuse("invalid", "evidence.no_case_for_cve", `no open case has \`${cve}\`: check the CVE id`)
    if (entries.length > 1)
        refuse("invalid", "evidence.ambiguous_cve", `several open cases have \`${cve}\`: set the case too`)
    return found
}

export interface Filed {
    readonly evidence: string
    readonly case: string
    readonly cve: string
}

/** Adds the entries of an exploitation catalogue that concern open cases and are new. Stores nothing of the others. */
export async function fileListings(ctx: ActionContext, source: string, listings: readonly Listing[]): Promise<Filed[]> {
    const kind = "listed_as_exploited"
    const before = await allEvidence(ctx, kind)
    const since = new Map(listings.map((listing) => [listing.cve, listing.listedAt]))
    const filed: Filed[] = []
    for (const { case: id, cve } of await openCasesNamed(ctx, [...since.keys()])) {
        if (before.some((evidence) => evidence.case === id && evidence.cve === cve)) continue
        const input = { kind, case: id, cve, at: since.get(cve) ?? ctx.now, source, note: "" } as const
        filed.push({ evidence: await fileSeen(ctx, { ...input, clock: "unknown" }), case: id, cve })
    }
    return filed
}

async function openCasesNamed(ctx: ActionContext, cves: readonly string[]) {
    const closed = await closedCases(ctx)
    return (await casesNamedAnyOf(ctx, cves)).filter((item) => !closed.has(item.case))
}

/** Adds a touched canary. The touch, not the evidence, identifies the recipient. */
export async function fileTouch(ctx: ActionContext, { case: id, touch, seenAt, note }: Touched): Promise<string> {
    const known = (await caseFiles(ctx, [id])).length === 0 ? null : id
    const filing = { kind: "canary_touched", case: known, seenAt, clock: "unknown" } as const
    const notified = { name: "canary touched", source: "the listeners of canaries", note, touch }
    return await file(ctx, filing, notified, null)
}

interface Touched {
    readonly case: string
    readonly touch: string
    readonly seenAt: Instant
    readonly note: string
}

type Filing = Pick<Evidence, "kind" | "case" | "seenAt" | "clock">
type Told = Words & Partial<Pick<Evidence, "cve" | "touch">>

async function file(
    ctx: ActionContext,
    filing: Filing,
    notification: Told,
    content: Uint8Array | null,
): Promise<string> {
    const { cve = null, touch = null, ...words } = notification
    const isByItself = filing.kind === "canary_touched" && ctx.actor.kind === "system"
    if (ctx.actor.kind !== "operator" && !isByItself) {
        refuse("forbidden", "evidence.staff_only", "only staff can add evidence")
    }
    const is = content && validateContent(content)
    validateWords(words)
    assertPast(filing.seenAt, ctx.now)
    if (filing.case !== null) await caseFile(ctx, filing.case)
    const id = ctx.services.newId()
    const hash = content && createHash("sha256").update(content).digest()
    const details = JSON.stringify({ name: words.name.trim(), source: words.source, note: words.note, cve, touch })
    const row = {
        id,
        kind: filing.kind,
        case_id: filing.case,
        details_ciphertext: await seal(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.details:${id}`, details),
        sha256: hash,
        size: content?.length ?? null,
        content_kind: is?.kind ?? null,
        content_format: is?.format ?? null,
        observed_at: filing.seenAt,
        clock: filing.clock,
        added_by: personOf(ctx.actor),
        added_at: ctx.now,
    }
    const box = content && (await sealBytes(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.content:${id}`, content))
    const { kind, case: caseId, seenAt, clock } = filing
    // Runs first, because the row locks the case, which the event handler locks after its own lock.
    if (caseId !== null && tellsExploitation(kind)) await markExploited(ctx, [caseId])
    await store.insertEvidence(ctx.tx, row, box)
    const sha256 = hash?.toString("hex") ?? null
    await record(ctx, { kind: "evidence.added", evidence: id, what: kind, case: caseId, sha256, seenAt, clock }, true)
    return id
}

/** Lists all evidence, or all of one kind, newest first, without content. */
export async function allEvidence(ctx: ActionContext, kind: EvidenceKind | null = null): Promise<Evidence[]> {
    const rows = await store.listAllEvidence(ctx.tx, kind)
    await holdKeys(
        ctx.tx,
        ctx.services.keys,
        rows.map(({ id }) => scopeOf(id)),
    )
    const found: Evidence[] = []
    for (const row of rows) found.push(await present(ctx, row))
    return found
}

/**
 * Returns when exploitation of a case was first observed, by partners' current reports or by staff, without decrypting.
 * Returns null where it was not.
 */
export async function exploitedSince(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    const seen = [await firstSeenAt(ctx, caseId), await store.findFirstSeen(ctx.tx, caseId, exploiting)]
    const instants = seen.filter((at) => at !== null)
    return instants.length === 0 ? null : Math.min(...instants)
}

/** Loads one piece without content. Refuses `evidence.not_found`. */
export async function evidenceOf(ctx: ActionContext, id: string): Promise<Evidence> {
    return await present(ctx, (await store.findEvidence(ctx.tx, id)) ?? unknownEvidence())
}

/** Returns the original bytes, or null where there are none. The caller records the look. */
export async function bytesOf(ctx: ActionContext, id: string): Promise<Buffer | null> {
    const { sha256 } = (await store.findEvidence(ctx.tx, id)) ?? unknownEvidence()
    const box = await store.findContent(ctx.tx, id)
    if (box === null || sha256 === null) return null
    const content = await unsealBytes(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.content:${id}`, box)
    if (!createHash("sha256").update(content).digest().equals(sha256))
        throw new Error(`the content of evidence ${id} does not match its hash`)
    return content
}

/** Refuses `evidence.not_found`. */
export function unknownEvidence(): never {
    refuse("missing", "evidence.not_found", "no such evidence")
}

/** Encrypts a result with the key of its evidence, so that deletion destroys both. */
export async function sealWith(ctx: ActionContext, evidence: string, place: string, text: string): Promise<Buffer> {
    return await seal(ctx.tx, ctx.services.keys, scopeOf(evidence), place, text)
}

/** Decrypts a result of evidence. */
export async function openWith(ctx: ActionContext, evidence: string, place: string, box: Buffer): Promise<string> {
    return await unseal(ctx.tx, ctx.services.keys, scopeOf(evidence), place, box)
}

/** Names the vault scope: each piece has a key of its own. */
export const scopeOf = (id: string): string => `evidence:${id}`

async function present(ctx: ActionContext, row: store.KeptRow): Promise<Evidence> {
    const words = row.details_ciphertext === null ? gone : await wordsIn(ctx, row.id, row.details_ciphertext)
    return {
        cve: null,
        touch: null,
        ...words,
        id: row.id,
        kind: row.kind,
        case: row.case_id,
        sha256: row.sha256?.toString("hex") ?? null,
        size: row.size,
        is: row.content_kind && { kind: row.content_kind, format: row.content_format },
        seenAt: row.observed_at,
        clock: row.clock,
        filedBy: row.added_by,
        filedAt: row.added_at,
        deletedAt: row.deleted_at,
    }
}

const gone: Told = { name: "deleted", source: "", note: "" }

async function wordsIn(ctx: ActionContext, id: string, box: Buffer): Promise<Told> {
    return JSON.parse(await unseal(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.details:${id}`, box)) as Told
}

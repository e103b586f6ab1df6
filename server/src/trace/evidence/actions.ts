/** Takes evidence in, and lets it be read: each of its own data key, each look at a content on record. */
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
    /** Null where it is not known which case it is from. */
    readonly case: string | null
    readonly content: Uint8Array
    readonly seenAt: Instant
    readonly clock: ClockQuality
}

/** What was seen outside, of which there is no text to keep. */
export interface Seen {
    readonly kind: Exclude<Trigger, "leak">
    readonly case: string
    readonly cve: string | null
    readonly at: Instant
    readonly clock: ClockQuality
    readonly source: string
    readonly note: string
}

/** A leaked text or file, kept whatever it is. What follows from it, the attribution, starts by itself. */
export async function fileLeak(ctx: ActionContext, leak: Leak): Promise<string> {
    const filing = { kind: "leak", case: leak.case, seenAt: leak.seenAt, clock: leak.clock } as const
    return await file(ctx, filing, leak, leak.content)
}

/** By somebody's clock. The end of the case's embargo that follows from it is proposed by itself. */
export async function fileSeen(ctx: ActionContext, { kind, case: id, at, clock, ...rest }: Seen): Promise<string> {
    return await file(ctx, { kind, case: id, seenAt: at, clock }, { name: kind, ...rest }, null)
}

/**
 * The open case that something is about, told by its id or a CVE id. Refuses `evidence.needs_case`, where neither is
 * told; `evidence.no_case_for_cve`; `evidence.ambiguous_cve`.
 */
export async function caseAbout(ctx: ActionContext, id: string | null, cve: string | null): Promise<string> {
    if (cve === null) return id ?? refuse("invalid", "evidence.needs_case", "say which case it is about, or its CVE id")
    const named = (await openCasesNamed(ctx, [cve])).map((item) => item.case)
    const entries = named.filter((item) => id === null || item === id)
    const [found] = entries
    if (found === undefined) refuse("invalid", "evidence.no_case_for_cve", `no open case has \`${cve}\``)
    if (entries.length > 1) refuse("invalid", "evidence.ambiguous_cve", `several open cases have \`${cve}\`: say which`)
    return found
}

export interface Filed {
    readonly evidence: string
    readonly case: string
    readonly cve: string
}

/** Of a catalogue of what is exploited: what open cases have, and was not filed of them before. The rest is not kept. */
export async function fileListings(ctx: ActionContext, source: string, listings: readonly Listing[]): Promise<Filed[]> {
    const kind = "listed as exploited"
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

/** A canary that was touched. What it says of anybody stands with the touch; whoever it names is not told here. */
export async function fileTouch(ctx: ActionContext, { case: id, touch, seenAt, note }: Touched): Promise<string> {
    const known = (await caseFiles(ctx, [id])).length === 0 ? null : id
    const filing = { kind: "canary touched", case: known, seenAt, clock: "unknown" } as const
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
    const isByItself = filing.kind === "canary touched" && ctx.actor.kind === "system"
    if (ctx.actor.kind !== "operator" && !isByItself) {
        refuse("forbidden", "evidence.staff_only", "the operator files evidence")
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
    // First: the row holds the case, which the step that settles exploitation locks after its own lock.
    if (caseId !== null && tellsExploitation(kind)) await markExploited(ctx, [caseId])
    await store.insertEvidence(ctx.tx, row, box)
    const sha256 = hash?.toString("hex") ?? null
    await record(ctx, { kind: "evidence.added", evidence: id, what: kind, case: caseId, sha256, seenAt, clock }, true)
    return id
}

/** All evidence (or all of one kind), newest first, without content. */
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
 * When a case was first seen exploited, by partners that stand by it, or as staff filed it: without opening anything. Null
 * where it was not.
 */
export async function exploitedSince(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    const seen = [await firstSeenAt(ctx, caseId), await store.findFirstSeen(ctx.tx, caseId, exploiting)]
    const instants = seen.filter((at) => at !== null)
    return instants.length === 0 ? null : Math.min(...instants)
}

/** One piece, without content. Refuses an unknown one. */
export async function evidenceOf(ctx: ActionContext, id: string): Promise<Evidence> {
    return await present(ctx, (await store.findEvidence(ctx.tx, id)) ?? unknownEvidence())
}

/** The bytes as they were filed, for acts that record themselves what they did with them; null where there are none. */
export async function bytesOf(ctx: ActionContext, id: string): Promise<Buffer | null> {
    const { sha256 } = (await store.findEvidence(ctx.tx, id)) ?? unknownEvidence()
    const box = await store.findContent(ctx.tx, id)
    if (box === null || sha256 === null) return null
    const content = await unsealBytes(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.content:${id}`, box)
    if (!createHash("sha256").update(content).digest().equals(sha256)) throw new Error(`evidence ${id} was changed`)
    return content
}

export function unknownEvidence(): never {
    refuse("missing", "evidence.not_found", "no such evidence")
}

/** Seals something that was found out from a piece of evidence; it goes when that goes. */
export async function sealWith(ctx: ActionContext, evidence: string, place: string, text: string): Promise<Buffer> {
    return await seal(ctx.tx, ctx.services.keys, scopeOf(evidence), place, text)
}

export async function openWith(ctx: ActionContext, evidence: string, place: string, box: Buffer): Promise<string> {
    return await unseal(ctx.tx, ctx.services.keys, scopeOf(evidence), place, box)
}

/** The vault's scope: a key of its own. */
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

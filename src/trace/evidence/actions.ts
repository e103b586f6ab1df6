/** Takes evidence in, and lets it be read: each of its own data key, each look at a content on record. */
import { createHash } from "node:crypto"
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { holdKeys, seal, sealBytes, unseal, unsealBytes } from "../../platform/vault.ts"
import type { Trigger } from "../../share/cases/embargo.ts"
import { caseFile, caseFiles, casesNamedAnyOf, closedCases } from "../../share/cases/actions.ts"
import { markExploited } from "../../share/cases/actions/exploitation.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { personOf } from "../../trust/audit/actor.ts"
import {
    type Evidence,
    type EvidenceKind,
    type Words,
    exploiting,
    mustBeContent,
    mustBeWords,
    mustHaveBeen,
    tellsExploitation,
} from "./evidence.ts"
import type { Listing } from "./listing.ts"
import { firstSeenAt } from "../sightings/actions/seen.ts"
import type { ClockQuality } from "../../lib/partner-api/limits.ts"
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
export async function fileLeak(act: Act, leak: Leak): Promise<string> {
    const filing = { kind: "leak", case: leak.case, seenAt: leak.seenAt, clock: leak.clock } as const
    return await file(act, filing, leak, leak.content)
}

/** By somebody's clock. The end of the case's embargo that follows from it is proposed by itself. */
export async function fileSeen(act: Act, { kind, case: id, at, clock, ...its }: Seen): Promise<string> {
    return await file(act, { kind, case: id, seenAt: at, clock }, { name: kind, ...its }, null)
}

/**
 * The open case that something is about, told by its id or a CVE id. Refuses `evidence.needs_case`, where neither is
 * told; `evidence.no_case_for_cve`; `evidence.ambiguous_cve`.
 */
export async function caseAbout(act: Act, id: string | null, cve: string | null): Promise<string> {
    if (cve === null) return id ?? refuse("invalid", "evidence.needs_case", "say which case it is about, or its CVE id")
    const named = (await openCasesNamed(act, [cve])).map((one) => one.case)
    const its = named.filter((one) => id === null || one === id)
    const [found] = its
    if (found === undefined) refuse("invalid", "evidence.no_case_for_cve", `no open case has \`${cve}\``)
    if (its.length > 1) refuse("invalid", "evidence.ambiguous_cve", `several open cases have \`${cve}\`: say which`)
    return found
}

export interface Filed {
    readonly evidence: string
    readonly case: string
    readonly cve: string
}

/** Of a catalogue of what is exploited: what open cases have, and was not filed of them before. The rest is not kept. */
export async function fileListings(act: Act, source: string, listings: readonly Listing[]): Promise<Filed[]> {
    const kind = "listed as exploited"
    const before = await allEvidence(act, kind)
    const since = new Map(listings.map((one) => [one.cve, one.listedAt]))
    const filed: Filed[] = []
    for (const { case: id, cve } of await openCasesNamed(act, [...since.keys()])) {
        if (before.some((one) => one.case === id && one.cve === cve)) continue
        const its = { kind, case: id, cve, at: since.get(cve) ?? act.now, source, note: "" } as const
        filed.push({ evidence: await fileSeen(act, { ...its, clock: "unknown" }), case: id, cve })
    }
    return filed
}

async function openCasesNamed(act: Act, cves: readonly string[]) {
    const closed = await closedCases(act)
    return (await casesNamedAnyOf(act, cves)).filter((one) => !closed.has(one.case))
}

/** A canary that was touched. What it says of anybody stands with the touch; whoever it names is not told here. */
export async function fileTouch(act: Act, { case: id, touch, seenAt, note }: Touched): Promise<string> {
    const known = (await caseFiles(act, [id])).length === 0 ? null : id
    const filing = { kind: "canary touched", case: known, seenAt, clock: "unknown" } as const
    const told = { name: "canary touched", source: "the listeners of canaries", note, touch }
    return await file(act, filing, told, null)
}

interface Touched {
    readonly case: string
    readonly touch: string
    readonly seenAt: Instant
    readonly note: string
}

type Filing = Pick<Evidence, "kind" | "case" | "seenAt" | "clock">
type Told = Words & Partial<Pick<Evidence, "cve" | "touch">>

async function file(act: Act, filing: Filing, told: Told, content: Uint8Array | null): Promise<string> {
    const { cve = null, touch = null, ...words } = told
    const isByItself = filing.kind === "canary touched" && act.actor.kind === "system"
    if (act.actor.kind !== "operator" && !isByItself) {
        refuse("forbidden", "evidence.staff_only", "the operator files evidence")
    }
    const is = content && mustBeContent(content)
    mustBeWords(words)
    mustHaveBeen(filing.seenAt, act.now)
    if (filing.case !== null) await caseFile(act, filing.case)
    const id = act.doors.newId()
    const hash = content && createHash("sha256").update(content).digest()
    const details = JSON.stringify({ name: words.name.trim(), source: words.source, note: words.note, cve, touch })
    const row = {
        id,
        kind: filing.kind,
        case_id: filing.case,
        details_ciphertext: await seal(act.tx, act.doors.keys, scopeOf(id), `evidence.details:${id}`, details),
        sha256: hash,
        size: content?.length ?? null,
        content_kind: is?.kind ?? null,
        content_format: is?.format ?? null,
        observed_at: filing.seenAt,
        clock: filing.clock,
        added_by: personOf(act.actor),
        added_at: act.now,
    }
    const box = content && (await sealBytes(act.tx, act.doors.keys, scopeOf(id), `evidence.content:${id}`, content))
    const { kind: what, case: caseId, seenAt, clock } = filing
    // First: the row holds the case, which the step that settles exploitation locks after its own lock.
    if (caseId !== null && tellsExploitation(what)) await markExploited(act, [caseId])
    await store.insertEvidence(act.tx, row, box)
    const sha256 = hash?.toString("hex") ?? null
    await record(act, { kind: "evidence.added", evidence: id, what, case: caseId, sha256, seenAt, clock }, true)
    return id
}

/** All evidence (or all of one kind), newest first, without content. */
export async function allEvidence(act: Act, kind: EvidenceKind | null = null): Promise<Evidence[]> {
    const rows = await store.allEvidence(act.tx, kind)
    await holdKeys(
        act.tx,
        act.doors.keys,
        rows.map(({ id }) => scopeOf(id)),
    )
    const found: Evidence[] = []
    for (const row of rows) found.push(await present(act, row))
    return found
}

/**
 * When a case was first seen exploited, by partners that stand by it, or as staff filed it: without opening anything. Null
 * where it was not.
 */
export async function exploitedSince(act: Act, caseId: string): Promise<Instant | null> {
    const seen = [await firstSeenAt(act, caseId), await store.firstSeen(act.tx, caseId, exploiting)]
    const instants = seen.filter((at) => at !== null)
    return instants.length === 0 ? null : Math.min(...instants)
}

/** One piece, without content. Refuses an unknown one. */
export async function evidenceOf(act: Act, id: string): Promise<Evidence> {
    return await present(act, (await store.evidence(act.tx, id)) ?? unknownEvidence())
}

/** The bytes as they were filed, for acts that record themselves what they did with them; null where there are none. */
export async function bytesOf(act: Act, id: string): Promise<Buffer | null> {
    const { sha256 } = (await store.evidence(act.tx, id)) ?? unknownEvidence()
    const box = await store.contentOf(act.tx, id)
    if (box === null || sha256 === null) return null
    const content = await unsealBytes(act.tx, act.doors.keys, scopeOf(id), `evidence.content:${id}`, box)
    if (!createHash("sha256").update(content).digest().equals(sha256)) throw new Error(`evidence ${id} was changed`)
    return content
}

export function unknownEvidence(): never {
    refuse("missing", "evidence.not_found", "no such evidence")
}

/** Seals something that was found out from a piece of evidence; it goes when that goes. */
export async function sealWith(act: Act, evidence: string, place: string, text: string): Promise<Buffer> {
    return await seal(act.tx, act.doors.keys, scopeOf(evidence), place, text)
}

export async function openWith(act: Act, evidence: string, place: string, box: Buffer): Promise<string> {
    return await unseal(act.tx, act.doors.keys, scopeOf(evidence), place, box)
}

/** The vault's scope: a key of its own. */
export const scopeOf = (id: string): string => `evidence:${id}`

async function present(act: Act, row: store.KeptRow): Promise<Evidence> {
    const words = row.details_ciphertext === null ? gone : await wordsIn(act, row.id, row.details_ciphertext)
    return {
        ...{ cve: null, touch: null },
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

async function wordsIn(act: Act, id: string, box: Buffer): Promise<Told> {
    return JSON.parse(await unseal(act.tx, act.doors.keys, scopeOf(id), `evidence.details:${id}`, box)) as Told
}

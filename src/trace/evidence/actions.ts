/** Takes evidence in, and lets it be read: each of its own data key, each look at a content on record. */
import { createHash } from "node:crypto"
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { seal, sealBytes, unseal, unsealBytes } from "../../platform/vault.ts"
import { caseFile } from "../../share/cases/actions.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { type ClockQuality, type Evidence, type Words, mustBeText, mustBeWords, mustHaveBeen } from "./evidence.ts"
import * as store from "./store.ts"

export interface Leak extends Words {
    /** Null where it is not known which case it is from. */
    readonly case: string | null
    readonly content: Uint8Array
    readonly seenAt: Instant
    readonly clock: ClockQuality
}

export interface Exploitation {
    readonly case: string
    readonly at: Instant
    readonly clock: ClockQuality
    readonly source: string
    readonly note: string
}

/** A leaked text or file. What follows from it, the attribution, starts by itself. */
export async function fileLeak(act: Act, leak: Leak): Promise<string> {
    mustBeText(leak.content)
    const filing = { kind: "leak", case: leak.case, seenAt: leak.seenAt, clock: leak.clock } as const
    return await file(act, filing, leak, leak.content)
}

/** The earliest attack that is known, by somebody's clock. */
export async function fileExploitation(act: Act, its: Exploitation): Promise<string> {
    const filing = { kind: "exploitation", case: its.case, seenAt: its.at, clock: its.clock } as const
    return await file(act, filing, { name: "exploitation", source: its.source, note: its.note }, null)
}

type Filing = Pick<Evidence, "kind" | "case" | "seenAt" | "clock">

async function file(act: Act, filing: Filing, words: Words, content: Uint8Array | null): Promise<string> {
    if (act.actor.kind !== "operator") refuse("forbidden", "evidence.operators_only", "the operator files evidence")
    mustBeWords(words)
    mustHaveBeen(filing.seenAt, act.now)
    if (filing.case !== null) await caseFile(act, filing.case)
    const id = act.doors.newId()
    const hash = content && createHash("sha256").update(content).digest()
    const details = JSON.stringify({ name: words.name.trim(), source: words.source, note: words.note })
    const row = {
        id,
        kind: filing.kind,
        case_id: filing.case,
        details_box: await seal(act.tx, act.doors.keys, scopeOf(id), `evidence.details:${id}`, details),
        sha256: hash,
        size: content?.length ?? null,
        seen_at: filing.seenAt,
        clock: filing.clock,
        filed_by: act.actor.person,
        filed_at: act.now,
    }
    const box = content && (await sealBytes(act.tx, act.doors.keys, scopeOf(id), `evidence.content:${id}`, content))
    await store.insertEvidence(act.tx, row, box)
    const { kind: what, case: caseId, seenAt, clock } = filing
    const sha256 = hash?.toString("hex") ?? null
    await record(act, { kind: "evidence.filed", evidence: id, what, case: caseId, sha256, seenAt, clock })
    return id
}

/** All evidence, newest first, without content. */
export async function allEvidence(act: Act): Promise<Evidence[]> {
    const found: Evidence[] = []
    for (const row of await store.allEvidence(act.tx)) found.push(await present(act, row))
    return found
}

/** One piece, without content. Refuses an unknown one. */
export async function evidenceOf(act: Act, id: string): Promise<Evidence> {
    return await present(act, (await store.evidence(act.tx, id)) ?? unknownEvidence())
}

/** One piece with its content; the look is on record. */
export async function readEvidence(act: Act, id: string): Promise<Evidence & { readonly content: string | null }> {
    const its = await evidenceOf(act, id)
    const content = await textOf(act, id)
    await record(act, { kind: "evidence.read", evidence: id })
    return { ...its, content }
}

/** The text as it was filed, for acts that record themselves what they did with it; null where there is none. */
export async function textOf(act: Act, id: string): Promise<string | null> {
    const { sha256 } = (await store.evidence(act.tx, id)) ?? unknownEvidence()
    const box = await store.contentOf(act.tx, id)
    if (box === null || sha256 === null) return null
    const content = await unsealBytes(act.tx, act.doors.keys, scopeOf(id), `evidence.content:${id}`, box)
    if (!createHash("sha256").update(content).digest().equals(sha256)) throw new Error(`evidence ${id} was changed`)
    return mustBeText(content)
}

export function unknownEvidence(): never {
    refuse("missing", "evidence.unknown", "no such evidence")
}

/** Seals something that was found out from a piece of evidence; it goes when that goes. */
export async function sealWith(act: Act, evidence: string, place: string, text: string): Promise<Buffer> {
    return await seal(act.tx, act.doors.keys, scopeOf(evidence), place, text)
}

export async function openWith(act: Act, evidence: string, place: string, box: Buffer): Promise<string> {
    return await unseal(act.tx, act.doors.keys, scopeOf(evidence), place, box)
}

const scopeOf = (id: string): string => `evidence:${id}`

async function present(act: Act, row: store.EvidenceRow): Promise<Evidence> {
    const place = `evidence.details:${row.id}`
    const words = JSON.parse(await unseal(act.tx, act.doors.keys, scopeOf(row.id), place, row.details_box)) as Words
    return {
        ...words,
        id: row.id,
        kind: row.kind,
        case: row.case_id,
        sha256: row.sha256?.toString("hex") ?? null,
        size: row.size,
        seenAt: row.seen_at,
        clock: row.clock,
        filedBy: row.filed_by,
        filedAt: row.filed_at,
    }
}

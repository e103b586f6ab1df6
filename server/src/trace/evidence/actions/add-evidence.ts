/** Adds evidence: a leak, an observation, a catalogue listing or a touched canary. */
import {
    type Evidence,
    type EvidenceTexts,
    assertPast,
    reportsExploitation,
    validateContent,
    validateTexts,
} from "../evidence.ts"
import type { Instant } from "@tocsin/base/instant"
import type { ClockQuality } from "@tocsin/client/limits"
import type { Trigger } from "../../../share/cases/embargo.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { refuse } from "@tocsin/base/refusal"
import type { Listing } from "../listing.ts"
import { type EvidenceDetails, listEvidence, scopeOf } from "./load-evidence.ts"
import {
    findContentDeletion,
    listCaseFiles,
    listCasesByCves,
    listClosedCases,
    loadCaseFile,
    refuseDeletedContent,
} from "../../../share/cases/actions/load-case.ts"
import { createHash } from "node:crypto"
import { encryptBytes, encryptText } from "../../../platform/crypto/vault.ts"
import { personOf } from "../../../kernel/actor.ts"
import { markExploited } from "../../../share/cases/actions/mark-exploited.ts"
import * as store from "../store/evidence.ts"

export interface Leak extends EvidenceTexts {
    /** Null where the case is unknown. */
    readonly case: string | null
    readonly content: Uint8Array
    readonly observedAt: Instant
    readonly clock: ClockQuality
}

/** An observation without a text. */
export interface Observation {
    readonly kind: Exclude<Trigger, "leak">
    readonly case: string
    readonly cve: string | null
    readonly at: Instant
    readonly clock: ClockQuality
    readonly source: string
    readonly note: string
}

/** Adds a leaked text or file, whatever its form. Its attribution starts automatically. */
export async function addLeak(ctx: ActionContext, leak: Leak): Promise<string> {
    const facts = { kind: "leak", case: leak.case, observedAt: leak.observedAt, clock: leak.clock } as const
    return await addEvidence(ctx, facts, leak, leak.content)
}

/** Adds an observation with its clock. Tocsin then proposes the end of the case's embargo. */
export async function addObservation(
    ctx: ActionContext,
    { kind, case: id, at, clock, ...rest }: Observation,
): Promise<string> {
    return await addEvidence(ctx, { kind, case: id, observedAt: at, clock }, { name: kind, ...rest }, null)
}

/**
 * Finds the open case by its id or a CVE id. Refuses `evidence.needs_case` without either, `evidence.no_case_for_cve`
 * and `evidence.ambiguous_cve`.
 */
export async function resolveCase(ctx: ActionContext, id: string | null, cve: string | null): Promise<string> {
    if (cve === null) return id ?? refuse("invalid", "evidence.needs_case", "set the case or its CVE id")
    const caseIds = (await listOpenCasesWithCve(ctx, [cve])).map((item) => item.case)
    const matches = caseIds.filter((item) => id === null || item === id)
    const [found] = matches
    if (found === undefined)
        refuse("invalid", "evidence.no_case_for_cve", `no open case has \`${cve}\`: check the CVE id`, { cve })
    if (matches.length > 1)
        refuse("invalid", "evidence.ambiguous_cve", `several open cases have \`${cve}\`: set the case too`, { cve })
    return found
}

export interface AddedListing {
    readonly evidence: string
    readonly case: string
    readonly cve: string
}

/** Adds the entries of an exploitation catalogue that concern open cases and are new. Stores nothing of the others. */
export async function addListings(
    ctx: ActionContext,
    source: string,
    listings: readonly Listing[],
): Promise<AddedListing[]> {
    const kind = "listed_as_exploited"
    const existing = await listEvidence(ctx, kind)
    const listedAtByCve = new Map(listings.map((listing) => [listing.cve, listing.listedAt]))
    const added: AddedListing[] = []
    for (const { case: id, cve } of await listOpenCasesWithCve(ctx, [...listedAtByCve.keys()])) {
        if (existing.some((evidence) => evidence.case === id && evidence.cve === cve)) continue
        const observation = { kind, case: id, cve, at: listedAtByCve.get(cve) ?? ctx.now, source, note: "" } as const
        added.push({ evidence: await addObservation(ctx, { ...observation, clock: "unknown" }), case: id, cve })
    }
    return added
}

async function listOpenCasesWithCve(ctx: ActionContext, cves: readonly string[]) {
    const closed = await listClosedCases(ctx)
    return (await listCasesByCves(ctx, cves)).filter((item) => !closed.has(item.case))
}

/** Adds a touched canary. The touch, not the evidence, identifies the recipient. */
export async function addTouch(ctx: ActionContext, { case: id, touch, observedAt, note }: NewTouch): Promise<string> {
    const knownCase = (await listCaseFiles(ctx, [id])).length === 0 ? null : id
    const facts = { kind: "canary_touched", case: knownCase, observedAt, clock: "unknown" } as const
    const details = { name: "canary touched", source: "the listeners of canaries", note, touch }
    return await addEvidence(ctx, facts, details, null)
}

interface NewTouch {
    readonly case: string
    readonly touch: string
    readonly observedAt: Instant
    readonly note: string
}

type EvidenceFacts = Pick<Evidence, "kind" | "case" | "observedAt" | "clock">

async function addEvidence(
    ctx: ActionContext,
    facts: EvidenceFacts,
    evidenceDetails: EvidenceDetails,
    content: Uint8Array | null,
): Promise<string> {
    const { cve = null, touch = null, ...texts } = evidenceDetails
    const isAutomatic = facts.kind === "canary_touched" && ctx.actor.kind === "system"
    if (ctx.actor.kind !== "operator" && !isAutomatic) {
        refuse("forbidden", "evidence.staff_only", "only staff can add evidence")
    }
    const contentType = content && validateContent(content)
    validateTexts(texts)
    assertPast(facts.observedAt, ctx.now)
    if (facts.case !== null) {
        await loadCaseFile(ctx, facts.case)
        // It would start clocks for which nothing can be filed.
        const isDeleted = (await findContentDeletion(ctx, facts.case)) !== null
        if (isDeleted && reportsExploitation(facts.kind)) refuseDeletedContent()
    }
    const id = ctx.services.newId()
    const hash = content && createHash("sha256").update(content).digest()
    const details = JSON.stringify({ name: texts.name.trim(), source: texts.source, note: texts.note, cve, touch })
    const row = {
        id,
        kind: facts.kind,
        case_id: facts.case,
        details_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            scopeOf(id),
            `evidence.details:${id}`,
            details,
        ),
        sha256: hash,
        size: content?.length ?? null,
        content_kind: contentType?.kind ?? null,
        content_format: contentType?.format ?? null,
        observed_at: facts.observedAt,
        clock: facts.clock,
        added_by: personOf(ctx.actor),
        added_at: ctx.now,
    }
    const ciphertext =
        content && (await encryptBytes(ctx.tx, ctx.services.keys, scopeOf(id), `evidence.content:${id}`, content))
    const { kind, case: caseId, observedAt, clock } = facts
    // Runs first, because the row locks the case, which the event handler locks after its own lock.
    if (caseId !== null && reportsExploitation(kind)) await markExploited(ctx, [caseId])
    await store.insertEvidence(ctx.tx, row, ciphertext)
    const sha256 = hash?.toString("hex") ?? null
    await record(
        ctx,
        { kind: "evidence.added", evidence: id, evidenceKind: kind, case: caseId, sha256, observedAt, clock },
        true,
    )
    return id
}

/** Reads cases, their publication and their embargo. */
import { type CaseDetails, type Closure, type LinkKind, assertOpen, originsOf } from "../case.ts"
import type { Instant } from "@tocsin/base/instant"
import { type Embargo, type EmbargoEntry, endOf } from "../embargo.ts"
import type { Permission } from "../deployment-permission.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store/cases.ts"
import { refuse } from "@tocsin/base/refusal"
import {
    DestroyedKey,
    decryptText,
    destroyKeyPermanently,
    encryptText,
    loadKeys,
} from "../../../platform/crypto/vault.ts"
import { createHmac } from "node:crypto"

export interface CaseFile extends CaseDetails {
    readonly id: string
    /** The revision of the disclosed facts. */
    readonly revision: number
    /** When the disclosed facts last changed; null: never. */
    readonly amendedAt: Instant | null
    readonly createdBy: string
    readonly createdAt: Instant
    readonly embargo: Embargo
    /** The end of the embargo, when publication is due; null while none is agreed. */
    readonly publication: Instant | null
    readonly links: readonly { readonly to: string; readonly kind: LinkKind }[]
    /** The cases from which entitlements carry over. */
    readonly origins: readonly string[]
    /** The deployment permission before publication; null where the operator has not set one. */
    readonly permission: Permission | null
    readonly closure: Closure | null
    /** When two people deleted the content; null: it is there. Then title, vulnerabilities and texts are empty. */
    readonly contentDeletedAt: Instant | null
}

/** Returns the ids of the closed cases. */
export async function listClosedCases(ctx: ActionContext): Promise<ReadonlySet<string>> {
    return new Set((await store.listClosures(ctx.tx, null)).map((closure) => closure.case))
}

/** Returns the ids of the cases whose content was deleted. */
export async function listDeletedCases(ctx: ActionContext): Promise<ReadonlySet<string>> {
    return new Set(await store.listDeletedCases(ctx.tx))
}

/** When two people deleted the content; `approval` is null where a restored database deleted it again. */
export interface ContentDeletion {
    readonly at: Instant
    readonly approval: string | null
}

/** Returns the deletion of the content, or null. Refuses `case.not_found`. */
export async function findContentDeletion(ctx: ActionContext, id: string): Promise<ContentDeletion | null> {
    const row = (await store.findCaseRow(ctx.tx, id)) ?? noSuchCase()
    const { content_deleted_at: at, content_deletion_id: approval } = row
    return at === null ? null : { at, approval }
}

/** Returns the closure; null while the case is open. Refuses `case.not_found`. */
export async function findClosure(ctx: ActionContext, id: string): Promise<Closure | null> {
    await assertCaseExists(ctx, id)
    return closureIn(await store.listClosures(ctx.tx, id), id)
}

function closureIn(rows: Awaited<ReturnType<typeof store.listClosures>>, id: string): Closure | null {
    const row = rows.find((row) => row.case === id)
    return row ? { kind: row.kind, at: row.at } : null
}

/** Locks a case, open or closed, until the transaction ends. Refuses `case.not_found`. */
export async function lockCase(ctx: ActionContext, id: string): Promise<store.CaseRow> {
    return (await store.lockCase(ctx.tx, id)) ?? noSuchCase()
}

/** Lets no other transaction take `lockCase` for these cases until this one ends. Readers do not wait. */
export async function lockAgainstHolds(ctx: ActionContext, cases: readonly string[]): Promise<void> {
    await store.shareCases(ctx.tx, cases)
}

/** Locks an open case until the transaction ends. Refuses `case.not_found`, `case.closed`, `case.content_deleted`. */
export async function lockOpenCase(ctx: ActionContext, id: string): Promise<store.CaseRow> {
    const row = await lockCase(ctx, id)
    if (row.content_deleted_at !== null) refuseDeletedContent()
    assertOpen(closureIn(await store.listClosures(ctx.tx, id), id))
    return row
}

/** Returns the file of one case. Refuses `case.not_found`. */
export async function loadCaseFile(ctx: ActionContext, id: string): Promise<CaseFile> {
    const row = (await store.findCaseRow(ctx.tx, id)) ?? noSuchCase()
    const closures = await store.listClosures(ctx.tx, id)
    return await buildCaseFile(ctx, row, {
        entries: await store.listEntryRows(ctx.tx, id),
        links: await store.listLinks(ctx.tx),
        closures,
    })
}

/** Lists these cases (null: all), oldest first. */
export async function listCaseFiles(ctx: ActionContext, ids: readonly string[] | null): Promise<CaseFile[]> {
    const [rows, list, links, closures] = await Promise.all([
        store.listCaseRows(ctx.tx, ids),
        store.listEntryRows(ctx.tx, null),
        store.listLinks(ctx.tx),
        store.listClosures(ctx.tx, null),
        ids && loadCaseKeys(ctx, ids),
    ])
    await loadCaseKeys(
        ctx,
        rows.map(({ id }) => id),
    )
    const entriesByCase = Map.groupBy(list, (entry) => entry.case_id)
    const files: CaseFile[] = []
    for (const row of rows) {
        files.push(await buildCaseFile(ctx, row, { entries: entriesByCase.get(row.id) ?? [], links, closures }))
    }
    return files
}

/** The facts of a case that notifications and channels need. */
export type DisclosedFacts = Pick<
    CaseFile,
    "id" | "title" | "vulnerabilities" | "revision" | "amendedAt" | "createdAt" | "permission"
>

/** Lists these cases, oldest first. */
export async function listDisclosedFacts(ctx: ActionContext, ids: readonly string[]): Promise<DisclosedFacts[]> {
    const [rows] = await Promise.all([store.listCaseRows(ctx.tx, ids), loadCaseKeys(ctx, ids)])
    const facts: DisclosedFacts[] = []
    for (const row of rows) {
        const { title, vulnerabilities } = await decryptDetails(ctx, row)
        const { id, revision, amended_at: amendedAt, created_at: createdAt } = row
        const permission = await decryptPermission(ctx, row)
        facts.push({ id, title, vulnerabilities, revision, amendedAt, createdAt, permission })
    }
    return facts
}

/** Returns the ids of the cases with this CVE id. */
export async function listCasesByCve(ctx: ActionContext, cve: string): Promise<string[]> {
    return (await listCasesByCves(ctx, [cve])).map((item) => item.case)
}

/** Returns the cases with any of these CVE ids, and the id that matched. */
export async function listCasesByCves(
    ctx: ActionContext,
    cves: readonly string[],
): Promise<{ case: string; cve: string }[]> {
    const names = new Map(cves.map((cve) => [cveHash(ctx, cve).toString("hex"), cve]))
    const rows = await store.listCasesByNameHash(ctx.tx, [...names.keys()])
    return rows.flatMap(({ id, name }) => {
        const cve = names.get(name)
        return cve === undefined ? [] : [{ case: id, cve }]
    })
}

/** Returns the end of a case's embargo, or null. Needs no decryption. */
export async function findEmbargoEnd(ctx: ActionContext, id: string): Promise<Instant | null> {
    return endOf(await loadEmbargo(ctx, id))
}

/** Returns the ends of these cases' embargoes, in one statement. Cases without an agreed end are missing. */
export async function listEmbargoEnds(
    ctx: ActionContext,
    ids: readonly string[],
): Promise<ReadonlyMap<string, Instant>> {
    const byCase = Map.groupBy(await store.listEntryRowsOfCases(ctx.tx, ids), (entry) => entry.case_id)
    const ends = [...byCase].flatMap(([id, entries]) => {
        const end = endOf(embargoFrom(entries))
        return end === null ? [] : [[id, end] as const]
    })
    return new Map(ends)
}

/** Returns when each of these cases was published, in one statement. Unpublished cases are missing. */
export async function listPublicationInstants(
    ctx: ActionContext,
    ids: readonly string[],
): Promise<ReadonlyMap<string, Instant>> {
    const byCase = Map.groupBy(await store.listEntryRowsOfCases(ctx.tx, ids), (entry) => entry.case_id)
    const ended = [...byCase].flatMap(([id, entries]) => {
        const last = entries.at(-1)
        return last?.kind === "ended" ? [[id, last.at] as const] : []
    })
    return new Map(ended)
}

/** Returns the end of the embargo, and locks the case so that it cannot move in this transaction. */
export async function lockEmbargoEnd(ctx: ActionContext, id: string): Promise<Instant | null> {
    if (!(await store.lockCase(ctx.tx, id))) noSuchCase()
    return await findEmbargoEnd(ctx, id)
}

/** Returns the history of the embargo, without reasons. Needs no decryption. */
export async function loadEmbargo(ctx: ActionContext, id: string): Promise<Embargo> {
    return embargoFrom(await store.listEntryRows(ctx.tx, id))
}

interface CaseParts {
    /** The embargo's entries of this case. */
    readonly entries: readonly store.EmbargoEntryRow[]
    /** The links of all cases. */
    readonly links: Awaited<ReturnType<typeof store.listLinks>>
    readonly closures: Awaited<ReturnType<typeof store.listClosures>>
}

async function buildCaseFile(
    ctx: ActionContext,
    row: store.CaseRow,
    { entries, links, closures }: CaseParts,
): Promise<CaseFile> {
    const details = await decryptDetails(ctx, row)
    const permission = await decryptPermission(ctx, row)
    const embargo: EmbargoEntry[] = []
    for (const entry of entries) {
        const reason = entry.reason_ciphertext
            ? await decryptForCase(ctx, row.id, `embargo_turns.why:${entry.n}`, entry.reason_ciphertext, "")
            : ""
        embargo.push(entryOf(entry, reason))
    }
    return {
        ...details,
        id: row.id,
        revision: row.revision,
        amendedAt: row.amended_at,
        createdBy: row.created_by,
        createdAt: row.created_at,
        embargo,
        publication: endOf(embargo),
        links: links.filter((link) => link.from === row.id).map(({ to, kind }) => ({ to, kind })),
        origins: originsOf(row.id, links),
        permission,
        closure: closureIn(closures, row.id),
        contentDeletedAt: row.content_deleted_at,
    }
}

const deletedDetails: CaseDetails = { title: "", vulnerabilities: [], finder: "" }

export async function decryptDetails(ctx: ActionContext, row: store.CaseRow): Promise<CaseDetails> {
    const ifDeleted = JSON.stringify(deletedDetails)
    const text = await decryptForCase(ctx, row.id, "cases.details", row.details_ciphertext, ifDeleted)
    return JSON.parse(text) as CaseDetails
}

export async function decryptPermission(
    ctx: ActionContext,
    { id, permission_ciphertext: ciphertext }: store.CaseRow,
): Promise<Permission | null> {
    if (ciphertext === null) return null
    return JSON.parse(await decryptForCase(ctx, id, "cases.permission", ciphertext, "null")) as Permission | null
}

function entryOf(row: store.EmbargoEntryRow, reason: string): EmbargoEntry {
    const { kind, at, proposal, trigger_kind: trigger, owner } = row
    const endsAt = row.ends_at ?? 0
    if (kind === "proposed") {
        const terminationProposal = trigger === null ? null : { trigger, owner }
        return { kind, at, by: row.partner ?? row.party, endsAt, terminationProposal }
    }
    if (kind === "rejected") return { kind, at, proposal: proposal ?? -1, reason }
    if (kind === "agreed") return { kind, at, endsAt, proposal }
    if (kind === "moved") return { kind, at, endsAt, reason, proposal }
    return kind === "terminated" ? { kind, at, reason } : { kind, at }
}

/** Reads the entries without their reasons. Needs no decryption. */
export function embargoFrom(rows: readonly store.EmbargoEntryRow[]): Embargo {
    return rows.map((row) => entryOf(row, ""))
}

/** Refuses `case.not_found`. */
export async function assertCaseExists(ctx: ActionContext, id: string): Promise<void> {
    if (!(await store.findCaseRow(ctx.tx, id))) noSuchCase()
}

/** Refuses `case.not_found`. */
export function noSuchCase(): never {
    refuse("missing", "case.not_found", "no such case")
}

/** The scope of a case's data key. */
const scopeOf = (id: string): string => `case:${id}`

/** The scope of the data key of a case's proofs of concept. */
const pocScopeOf = (id: string): string => `poc:${id}`

/** Refuses `case.content_deleted`. */
export function refuseDeletedContent(): never {
    refuse("conflict", "case.content_deleted", "the content of this case was deleted: only its records are left")
}

/**
 * Encrypts a text of a case with the case's own data key, which is destroyed when the content is deleted. Refuses
 * `case.content_deleted`.
 */
export const encryptForCase = (ctx: ActionContext, id: string, place: string, text: string): Promise<Buffer> =>
    encryptIn(ctx, scopeOf(id), `${place}:${id}`, text)

/** Encrypts the text of a proof of concept. Refuses `case.content_deleted`. */
export const encryptPoc = (ctx: ActionContext, id: string, place: string, text: string): Promise<Buffer> =>
    encryptIn(ctx, pocScopeOf(id), `${place}:${id}`, text)

async function encryptIn(ctx: ActionContext, scope: string, place: string, text: string): Promise<Buffer> {
    try {
        return await encryptText(ctx.tx, ctx.services.keys, scope, place, text)
    } catch (error) {
        if (error instanceof DestroyedKey) refuseDeletedContent()
        throw error
    }
}

/** Loads the data keys of many cases before their texts are decrypted. */
export async function loadCaseKeys(ctx: ActionContext, ids: readonly string[]): Promise<void> {
    await loadKeys(ctx.tx, ids.map(scopeOf))
}

/**
 * Decrypts a text of a case. Where the content was deleted, returns `ifDeleted`; refuses `case.content_deleted` where
 * that is missing.
 */
export async function decryptForCase(
    ctx: ActionContext,
    id: string,
    place: string,
    ciphertext: Buffer,
    ifDeleted?: string,
): Promise<string> {
    return (await decryptIn(ctx, scopeOf(id), `${place}:${id}`, ciphertext)) ?? ifDeleted ?? refuseDeletedContent()
}

/** Decrypts the text of a proof of concept. Refuses `case.content_deleted`. */
export async function decryptPoc(ctx: ActionContext, id: string, place: string, ciphertext: Buffer): Promise<string> {
    return (await decryptIn(ctx, pocScopeOf(id), `${place}:${id}`, ciphertext)) ?? refuseDeletedContent()
}

/** Returns null where the key was destroyed. */
async function decryptIn(ctx: ActionContext, scope: string, place: string, ciphertext: Buffer): Promise<string | null> {
    try {
        return await decryptText(ctx.tx, ctx.services.keys, scope, place, ciphertext)
    } catch (error) {
        if (!(error instanceof DestroyedKey)) throw error
        return null
    }
}

/** Destroys the data keys of a case permanently. */
export async function destroyCaseKeys(ctx: ActionContext, id: string, at: Instant, approval: string): Promise<void> {
    for (const scope of [scopeOf(id), pocScopeOf(id)]) await destroyKeyPermanently(ctx.tx, { scope, at, approval })
}

/** A keyed hash, so that the database finds a CVE id without storing it. */
export function cveHash(ctx: ActionContext, cve: string): Buffer {
    return createHmac("sha256", ctx.services.keys.derive("case-names", 32)).update(cve).digest()
}

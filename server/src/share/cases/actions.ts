/** Opens, revises, links and closes cases, and reads their files. */
import { createHmac } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../platform/time/clock.ts"
import { holdKeys, seal, unseal } from "../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import {
    type CaseDetails,
    type Closing,
    type LinkKind,
    detailsFrom,
    validateCase,
    assertOpen,
    assertNoLoop,
    originsOf,
} from "./case.ts"
import { type Embargo, type Turn, endOf } from "./embargo.ts"
import { type Permission, validatePermission } from "./deployment-permission.ts"
import * as store from "./store.ts"
import { type Retold, isSame, tellsTheSame } from "./disclosed-facts.ts"

export interface CaseFile extends CaseDetails {
    readonly id: string
    /** The revision of the disclosed facts. */
    readonly revision: number
    /** When the disclosed facts last changed; null: never. */
    readonly retoldAt: Instant | null
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
    readonly closing: Closing | null
}

/** Opens a case; returns its id. Refuses `case.staff_only` and invalid details. */
export async function openCase(ctx: ActionContext, details: CaseDetails): Promise<string> {
    validateCase(details)
    if (ctx.actor.kind !== "operator") refuse("forbidden", "case.staff_only", "only staff can open a case")
    const id = ctx.services.newId()
    const row = {
        id,
        details_ciphertext: await sealDetails(ctx, id, details),
        created_by: ctx.actor.person,
        created_at: ctx.now,
    }
    const names = nameHashes(ctx, details)
    await store.insertCase(ctx.tx, row, names)
    await record(ctx, { kind: "case.opened", case: id })
    return id
}

/**
 * Replaces the details of a case, such as CVEs, products or the title. Equal details are not a change. Once a wave is
 * released, use the release's amendment instead.
 */
export async function reviseCase(ctx: ActionContext, id: string, details: CaseDetails): Promise<void> {
    validateCase(details)
    if (ctx.actor.kind !== "operator") refuse("forbidden", "case.staff_only", "only staff can revise a case")
    const row = await lockCase(ctx, id)
    const [before, after] = [{ details: await detailsOf(ctx, row) }, { details }]
    if (isSame(before, after)) return
    const revision = tellsTheSame(before, after) ? row.revision : row.revision + 1
    const names = nameHashes(ctx, details)
    await store.updateCase(ctx.tx, id, { box: await sealDetails(ctx, id, details), revision, at: ctx.now }, names)
    await record(ctx, { kind: "case.revised", case: id, revision })
}

/** Returns the revision of the disclosed facts. Needs no decryption. */
export async function revisionOf(ctx: ActionContext, id: string): Promise<number> {
    return ((await store.findCaseRow(ctx.tx, id)) ?? unknownCase()).revision
}

/** Returns a keyed hash of amended facts, for signatures. A plain hash of a short title could be guessed. */
export function retoldHash(ctx: ActionContext, id: string, retold: Retold): string {
    const key = ctx.services.keys.derive("case-retelling", 32)
    return createHmac("sha256", key)
        .update(canonical({ case: id, ...retold }))
        .digest("hex")
}

async function sealDetails(ctx: ActionContext, id: string, details: CaseDetails): Promise<Buffer> {
    const { title, vulnerabilities, finder, credit = "" } = details
    return await sealed(ctx, id, "cases.details", JSON.stringify({ title, vulnerabilities, finder, credit }))
}

/** Links a case to the one from which it descends. Decisions read the link from `since` on. */
export async function linkCases(
    ctx: ActionContext,
    from: string,
    to: string,
    kind: LinkKind,
    since: Instant = ctx.now,
): Promise<void> {
    await assertLinkable(ctx, from, to)
    await store.insertLink(ctx.tx, { from, to, kind }, since)
    await record(ctx, { kind: "case.linked", case: from, to, link: kind })
}

/** Refuses `case.not_found`, `case.link_loop`. */
export async function assertLinkable(ctx: ActionContext, from: string, to: string): Promise<void> {
    await assertExists(ctx, from)
    await assertExists(ctx, to)
    assertNoLoop({ from, to }, await store.listLinks(ctx.tx))
}

/** Lists the case and all cases that descend from it. They inherit each new link of the case. */
export async function familyOf(ctx: ActionContext, id: string): Promise<string[]> {
    const links = await store.listLinks(ctx.tx)
    const after = new Set(links.map(({ from }) => from).filter((caseId) => originsOf(caseId, links).includes(id)))
    return [id, ...after]
}

/**
 * Sets the deployment permission, shown to all partners warned of the case. As for `reviseCase`, amend it once a wave
 * is released.
 */
export async function setPermission(ctx: ActionContext, id: string, permission: Permission): Promise<void> {
    validatePermission(permission)
    const row = await lockOpenCase(ctx, id)
    if (isSame({ permission: await permissionOf(ctx, row) }, { permission })) return
    const { deployment, text } = permission
    const box = await sealed(ctx, id, "cases.permission", JSON.stringify({ deployment, text }))
    const revision = row.revision + 1
    await store.setPermission(ctx.tx, id, { box, revision, at: ctx.now })
    await record(ctx, { kind: "case.permission_set", case: id, deployment, revision })
}

/**
 * Closes a case that will not be published. `kind` depends on whether partners were warned. Refuses `case.closed`,
 * `case.already_published`.
 */
export async function closeCase(ctx: ActionContext, id: string, kind: Closing["kind"], why: string): Promise<void> {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "case.staff_only", "only staff can close a case")
    await lockOpenCase(ctx, id)
    if ((await embargoOf(ctx, id)).at(-1)?.kind === "ended") {
        refuse("conflict", "case.already_published", "this case is already published: it cannot be closed")
    }
    const whyBox = await sealed(ctx, id, "case_closings.why", why)
    const at = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    await store.insertClosing(ctx.tx, { case: id, kind, at, by: ctx.actor.person, whyBox })
    if (kind === "cancelled") await record(ctx, { kind: "case.cancelled", case: id })
    else await record(ctx, { kind: "case.withdrawn", case: id })
}

/** Returns the ids of the closed cases. */
export async function closedCases(ctx: ActionContext): Promise<ReadonlySet<string>> {
    return new Set((await store.listClosings(ctx.tx, null)).map((closing) => closing.case))
}

/** Returns the closure; null while the case is open. Refuses `case.not_found`. */
export async function closingOf(ctx: ActionContext, id: string): Promise<Closing | null> {
    await assertExists(ctx, id)
    return closingIn(await store.listClosings(ctx.tx, id), id)
}

function closingIn(rows: Awaited<ReturnType<typeof store.listClosings>>, id: string): Closing | null {
    const row = rows.find((row) => row.case === id)
    return row ? { kind: row.kind, at: row.at } : null
}

/** Locks a case, open or closed, until the transaction ends. Refuses `case.not_found`. */
export async function lockCase(ctx: ActionContext, id: string): Promise<store.CaseRow> {
    return (await store.lockCase(ctx.tx, id)) ?? unknownCase()
}

/** Locks an open case until the transaction ends. Refuses `case.not_found`, `case.closed`. */
export async function lockOpenCase(ctx: ActionContext, id: string): Promise<store.CaseRow> {
    const row = await lockCase(ctx, id)
    assertOpen(closingIn(await store.listClosings(ctx.tx, id), id))
    return row
}

/** Returns the file of one case. Refuses `case.not_found`. */
export async function caseFile(ctx: ActionContext, id: string): Promise<CaseFile> {
    const row = (await store.findCaseRow(ctx.tx, id)) ?? unknownCase()
    const closings = await store.listClosings(ctx.tx, id)
    return await fileOf(ctx, row, {
        turns: await store.turnRows(ctx.tx, id),
        links: await store.listLinks(ctx.tx),
        closings,
    })
}

/** Lists these cases (null: all), oldest first. */
export async function caseFiles(ctx: ActionContext, ids: readonly string[] | null): Promise<CaseFile[]> {
    const [rows, list, links, closings] = await Promise.all([
        store.listCaseRows(ctx.tx, ids),
        store.turnRows(ctx.tx, null),
        store.listLinks(ctx.tx),
        store.listClosings(ctx.tx, null),
        ids && holdCases(ctx, ids),
    ])
    await holdCases(
        ctx,
        rows.map(({ id }) => id),
    )
    const turns = Map.groupBy(list, (turn) => turn.case_id)
    const files: CaseFile[] = []
    for (const row of rows) {
        files.push(await fileOf(ctx, row, { turns: turns.get(row.id) ?? [], links, closings }))
    }
    return files
}

/** The facts of a case that notifications and channels need. */
export type Told = Pick<
    CaseFile,
    "id" | "title" | "vulnerabilities" | "revision" | "retoldAt" | "createdAt" | "permission"
>

/** Lists these cases, oldest first. */
export async function toldOf(ctx: ActionContext, ids: readonly string[]): Promise<Told[]> {
    const [rows] = await Promise.all([store.listCaseRows(ctx.tx, ids), holdCases(ctx, ids)])
    const notifications: Told[] = []
    for (const row of rows) {
        const { title, vulnerabilities } = await detailsOf(ctx, row)
        const { id, revision, amended_at: retoldAt, created_at: createdAt } = row
        const permission = await permissionOf(ctx, row)
        notifications.push({ id, title, vulnerabilities, revision, retoldAt, createdAt, permission })
    }
    return notifications
}

/** Returns the ids of the cases with this CVE id. */
export async function casesNamed(ctx: ActionContext, cve: string): Promise<string[]> {
    return (await casesNamedAnyOf(ctx, [cve])).map((item) => item.case)
}

/** Returns the cases with any of these CVE ids, and the id that matched. */
export async function casesNamedAnyOf(
    ctx: ActionContext,
    cves: readonly string[],
): Promise<{ case: string; cve: string }[]> {
    const names = new Map(cves.map((cve) => [nameHash(ctx, cve).toString("hex"), cve]))
    const rows = await store.listCasesNamed(ctx.tx, [...names.keys()])
    return rows.flatMap(({ id, name }) => {
        const cve = names.get(name)
        return cve === undefined ? [] : [{ case: id, cve }]
    })
}

/** Returns the end of a case's embargo, or null. Needs no decryption. */
export async function publicationOf(ctx: ActionContext, id: string): Promise<Instant | null> {
    return endOf(await embargoOf(ctx, id))
}

/** Returns the ends of these cases' embargoes, in one statement. Cases without an agreed end are missing. */
export async function publicationsOf(
    ctx: ActionContext,
    ids: readonly string[],
): Promise<ReadonlyMap<string, Instant>> {
    const byCase = Map.groupBy(await store.turnRowsOf(ctx.tx, ids), (turn) => turn.case_id)
    const ends = [...byCase].flatMap(([id, turns]) => {
        const end = endOf(plain(turns))
        return end === null ? [] : [[id, end] as const]
    })
    return new Map(ends)
}

/** Returns when each of these cases was published, in one statement. Unpublished cases are missing. */
export async function publishedAmong(
    ctx: ActionContext,
    ids: readonly string[],
): Promise<ReadonlyMap<string, Instant>> {
    const byCase = Map.groupBy(await store.turnRowsOf(ctx.tx, ids), (turn) => turn.case_id)
    const ended = [...byCase].flatMap(([id, turns]) => {
        const last = turns.at(-1)
        return last?.kind === "ended" ? [[id, last.at] as const] : []
    })
    return new Map(ended)
}

/** Returns the end of the embargo, and locks the case so that it cannot move in this transaction. */
export async function heldPublicationOf(ctx: ActionContext, id: string): Promise<Instant | null> {
    if (!(await store.lockCase(ctx.tx, id))) unknownCase()
    return await publicationOf(ctx, id)
}

/** Returns the history of the embargo, without reasons. Needs no decryption. */
export async function embargoOf(ctx: ActionContext, id: string): Promise<Embargo> {
    return plain(await store.turnRows(ctx.tx, id))
}

interface Known {
    /** The embargo's entries of this case. */
    readonly turns: readonly store.TurnRow[]
    /** The links of all cases. */
    readonly links: Awaited<ReturnType<typeof store.listLinks>>
    readonly closings: Awaited<ReturnType<typeof store.listClosings>>
}

async function fileOf(ctx: ActionContext, row: store.CaseRow, { turns, links, closings }: Known): Promise<CaseFile> {
    const details = await detailsOf(ctx, row)
    const permission = await permissionOf(ctx, row)
    const embargo: Turn[] = []
    for (const turn of turns) {
        const why = turn.reason_ciphertext
            ? await opened(ctx, row.id, `embargo_turns.why:${turn.n}`, turn.reason_ciphertext)
            : ""
        embargo.push(turnOf(turn, why))
    }
    return {
        ...details,
        id: row.id,
        revision: row.revision,
        retoldAt: row.amended_at,
        createdBy: row.created_by,
        createdAt: row.created_at,
        embargo,
        publication: endOf(embargo),
        links: links.filter((link) => link.from === row.id).map(({ to, kind }) => ({ to, kind })),
        origins: originsOf(row.id, links),
        permission,
        closing: closingIn(closings, row.id),
    }
}

async function detailsOf(ctx: ActionContext, row: store.CaseRow): Promise<CaseDetails> {
    const stored = await opened(ctx, row.id, "cases.details", row.details_ciphertext)
    return detailsFrom(JSON.parse(stored) as Parameters<typeof detailsFrom>[0])
}

async function permissionOf(
    ctx: ActionContext,
    { id, permission_ciphertext: box }: store.CaseRow,
): Promise<Permission | null> {
    return box && (JSON.parse(await opened(ctx, id, "cases.permission", box)) as Permission)
}

function turnOf(row: store.TurnRow, why: string): Turn {
    const { kind, at, proposal, trigger_kind: trigger, owner } = row
    const endsAt = row.ends_at ?? 0
    if (kind === "proposed") {
        const teardown = trigger === null ? null : { trigger, owner }
        return { kind, at, by: row.partner ?? row.party, endsAt, teardown }
    }
    if (kind === "rejected") return { kind, at, proposal: proposal ?? -1, why }
    if (kind === "agreed") return { kind, at, endsAt, proposal }
    if (kind === "moved") return { kind, at, endsAt, why, proposal }
    return kind === "terminated" ? { kind, at, why } : { kind, at }
}

/** Reads the entries without their reasons. Needs no decryption. */
export function plain(rows: readonly store.TurnRow[]): Embargo {
    return rows.map((row) => turnOf(row, ""))
}

/** Refuses `case.not_found`. */
export async function assertExists(ctx: ActionContext, id: string): Promise<void> {
    if (!(await store.findCaseRow(ctx.tx, id))) unknownCase()
}

/** Refuses `case.not_found`. */
export function unknownCase(): never {
    refuse("missing", "case.not_found", "no such case")
}

const scopeOf = (id: string): string => `case:${id}`

/** Encrypts a text of a case with the case's own data key, which is destroyed with the case. */
export async function sealed(ctx: ActionContext, id: string, place: string, text: string): Promise<Buffer> {
    return await seal(ctx.tx, ctx.services.keys, scopeOf(id), `${place}:${id}`, text)
}

/** Loads the data keys of many cases before their texts are decrypted. */
export async function holdCases(ctx: ActionContext, ids: readonly string[]): Promise<void> {
    await holdKeys(ctx.tx, ctx.services.keys, ids.map(scopeOf))
}

/** Decrypts a text of a case. */
export async function opened(ctx: ActionContext, id: string, place: string, box: Buffer): Promise<string> {
    return await unseal(ctx.tx, ctx.services.keys, scopeOf(id), `${place}:${id}`, box)
}

function nameHashes(ctx: ActionContext, { vulnerabilities }: CaseDetails): Buffer[] {
    return vulnerabilities.flatMap(({ cve }) => (cve === "" ? [] : [nameHash(ctx, cve)]))
}

/** A keyed hash, so that the database finds a CVE id without storing it. */
function nameHash(ctx: ActionContext, cve: string): Buffer {
    return createHmac("sha256", ctx.services.keys.derive("case-names", 32)).update(cve).digest()
}

/** Takes what partners report, keeps it sealed with its case, and shows it to the operator and to whoever reported it. */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { instantOf } from "@tocsin/formats/stix/object"
import { hide } from "../../../kernel/route.ts"
import { lockToReport } from "../../../kernel/locks.ts"
import { assertExists, opened, sealed } from "../../../share/cases/actions.ts"
import { markExploited } from "../../../share/cases/actions/set-exploitation.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/aliases.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { listCasesHidden, withinCircle } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { type Report, isSameReport, latestOf, validateReport, sightingsMax } from "../sighting.ts"
import * as store from "../store/sightings.ts"

/** One version of a report. */
export interface NewSighting extends Report {
    /** What its partner calls it: a UUID. */
    readonly reference: string
    /** As `instantOf` writes it: later ones sort later. */
    readonly version: string
    readonly withdrawn: boolean
}

export interface Sighting extends Report {
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly reference: string
    readonly reportedAt: Instant
    /** When the version came that counts; null where it is the first. */
    readonly correctedAt: Instant | null
    readonly withdrawnAt: Instant | null
}

/** Of a case that whoever acts was found to see. The same report, told again under its id, is one. */
export async function reportSighting(
    ctx: ActionContext,
    subject: string,
    reference: string,
    report: Report,
): Promise<void> {
    validateReport(report, ctx.now)
    await lockToReport(ctx.tx, partnerOf(ctx).partner)
    const [known] = await ownCalled(ctx, [reference])
    if (known !== undefined) {
        if (known.withdrawnAt !== null) {
            refuse("conflict", "sighting.already_withdrawn", "you withdrew the report of this id: take a new one")
        }
        if (known.case === subject && isSameReport(await reportIn(ctx, known), report)) return
        refuse("conflict", "sighting.id_taken", "this id is that of another report of yours: take a new one")
    }
    const version = instantOf(new Date(ctx.now).toISOString()) ?? ""
    await saveSightings(ctx, subject, [{ ...report, reference, version, withdrawn: false }], 0)
}

/** Reports of one case, each of which was found to be one and stands once, and how many objects came with them. */
export interface Told {
    readonly case: string
    readonly sightings: readonly NewSighting[]
    readonly objects: number
}

/** What of it is new, and which versions stand again; `room`: for so many more reports of its case. */
export interface Weighed extends Told {
    readonly fresh: readonly (NewSighting & { readonly id: string })[]
    readonly stood: readonly string[]
    readonly room: number
}

/**
 * Puts reports of one case on record, as one event; the partner's lock is held. A version that is known stays as it is; one
 * that was withdrawn stands again.
 */
export async function saveSightings(
    ctx: ActionContext,
    subject: string,
    sightings: readonly NewSighting[],
    objects: number,
): Promise<void> {
    const weighed = await weighReports(ctx, [{ case: subject, sightings, objects }])
    for (const weighing of weighed) assertRoom(weighing)
    const rows = await recordReports(ctx, weighed)
    if (rows.length > 0) await store.insertSightings(ctx.tx, rows)
}

/** As `keepSightings`, of several cases, as one event each: what was found to have room. They are written with the commit. */
export async function saveWeighed(ctx: ActionContext, weighed: readonly Weighed[]): Promise<void> {
    const rows = await recordReports(ctx, weighed)
    if (rows.length > 0) store.insertSightingsLast(ctx.tx, rows)
}

/** Of different cases; the partner's lock is held, or was asked for in the same turn. Reads, and writes nothing. */
export async function weighReports(ctx: ActionContext, notifications: readonly Told[]): Promise<Weighed[]> {
    const { partner } = partnerOf(ctx)
    const cases = notifications.map((notification) => notification.case)
    const references = notifications.flatMap(({ sightings }) => sightings.map(({ reference }) => reference))
    const [rows, hidden, counts] = await Promise.all([
        store.listVersionsCalled(ctx.tx, partner, cases, references),
        listCasesHidden(ctx),
        store.countSightings(ctx.tx, partner, cases),
    ])
    const called = Map.groupBy(rows, (row) => row.case)
    return notifications.map((notification) => {
        const rows = hidden.has(notification.case) ? [] : (called.get(notification.case) ?? [])
        const known = new Map(rows.map((row) => [versionKey(row), row]))
        const again = notification.sightings.flatMap((newSighting) =>
            newSighting.withdrawn ? [] : (known.get(versionKey(newSighting)) ?? []),
        )
        const fresh = notification.sightings.filter((newSighting) => !known.has(versionKey(newSighting)))
        return {
            ...notification,
            fresh: fresh.map((newSighting) => ({ ...newSighting, id: ctx.services.newId() })),
            stood: again.filter(({ withdrawnAt }) => withdrawnAt !== null).map(({ id }) => id),
            room: sightingsMax - (counts.get(notification.case) ?? 0),
        }
    })
}

/** Refuses `sighting.too_many`. */
export function assertRoom({ fresh, room }: Weighed): void {
    if (fresh.length <= room) return
    refuse("conflict", "sighting.too_many", `of one warning \`${sightingsMax}\` sightings are kept at most`)
}

/** The rows that are still to be written. */
async function recordReports(ctx: ActionContext, weighed: readonly Weighed[]): Promise<store.NewRow[]> {
    const { partner } = partnerOf(ctx)
    const telling = weighed.filter(({ fresh, stood, objects }) => fresh.length + stood.length + objects > 0)
    // The next decision reads it. The flow settles whether a later version of the report says otherwise.
    const exploited = telling.filter(({ fresh, stood, sightings }) =>
        (stood.length > 0 ? sightings : fresh).some(tellsExploitation),
    )
    await markExploited(
        ctx,
        exploited.map((weighing) => weighing.case),
    )
    const events = telling.map(({ case: caseId, fresh, stood, objects }) => {
        const sightings = [...fresh.map(({ id }) => id), ...stood]
        return record(ctx, { kind: "sighting.reported", case: caseId, partner, sightings, objects }, true)
    })
    const stood = telling.flatMap((weighing) => weighing.stood)
    const [seqs] = await Promise.all([
        Promise.all(events),
        stood.length > 0 ? store.setWithdrawn(ctx.tx, stood, null) : null,
    ])
    const rows: store.NewRow[] = []
    for (const [n, weighing] of telling.entries()) {
        for (const input of weighing.fresh) rows.push(await rowOf(ctx, weighing.case, seqs[n] ?? 0, input))
    }
    return rows
}

const tellsExploitation = ({ withdrawn, lookedSince }: NewSighting): boolean => !withdrawn && lookedSince === null

async function rowOf(
    ctx: ActionContext,
    subject: string,
    event: number,
    { id, reference, version, seenAt, lookedSince, clock, withdrawn, ...rest }: Weighed["fresh"][number],
): Promise<store.NewRow> {
    const { partner, person } = partnerOf(ctx)
    const { product, indicators, confidence, note } = rest
    const box = await sealed(ctx, subject, place(id), JSON.stringify({ product, indicators, confidence, note }))
    const withdrawnAt = withdrawn ? ctx.now : null
    return {
        id,
        event,
        partner,
        person,
        case: subject,
        reference,
        version,
        box,
        seenAt,
        lookedSince,
        clock,
        at: ctx.now,
        withdrawnAt,
    }
}

/** Whoever acts takes back a report of its partner, in all its versions: it stays with the operator, as withdrawn. */
export async function takeBackSighting(ctx: ActionContext, reference: string): Promise<void> {
    await lockToReport(ctx.tx, partnerOf(ctx).partner)
    const entries = await ownCalled(ctx, [reference])
    if (entries.length === 0) hide()
    const standing = entries.filter(({ withdrawnAt }) => withdrawnAt === null)
    for (const [subject, rows] of Map.groupBy(standing, (row) => row.case)) {
        const versions = rows.map(({ version }) => version)
        await withdrawSighting(ctx, subject, reference, versions, 0)
    }
}

/** Holds the reports of a partner still. It is locked before what is known of exploitation, as each report does. */
export async function holdReports({ tx }: ActionContext, partner: string): Promise<void> {
    await lockToReport(tx, partner)
}

/** Its partner takes back these versions of a report, with the objects that it deleted. */
export async function withdrawSighting(
    ctx: ActionContext,
    subject: string,
    reference: string | null,
    versions: readonly string[],
    objects: number,
): Promise<void> {
    const { partner } = partnerOf(ctx)
    const rows = reference === null ? [] : await ownCalled(ctx, [reference])
    const ids = rows
        .filter((row) => row.case === subject)
        .filter((row) => row.withdrawnAt === null && versions.includes(row.version))
        .map(({ id }) => id)
    await record(ctx, { kind: "sighting.withdrawn", case: subject, partner, sightings: ids, objects }, true)
    if (ids.length > 0) await store.setWithdrawn(ctx.tx, ids, ctx.now)
}

/** What whoever acts may see of what its partner reported, by the partner's own names, the newest first. */
export async function ownSightings(
    ctx: ActionContext,
    warning: string | null = null,
): Promise<(Omit<Sighting, "case"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(ctx)
    const only = warning === null ? null : idOfAlias(ctx.services.keys, partner, "warning", warning)
    const counted = await countedOf(
        ctx,
        await withinCircle(ctx, await store.listSightings(ctx.tx, { partner, case: only })),
    )
    return counted.map(({ case: caseId, ...rest }) => ({
        ...rest,
        warning: aliasFor(ctx.services.keys, rest.partner, "warning", caseId),
    }))
}

/** Who took back what it was heard by is heard again once so long has passed since it reported that. */
const heardAgainAfterMs = dayMs

/**
 * Whether by these reports a partner is heard to see a case exploited; if so, that is kept. What it took back by now is not said, and a
 * zero report says the contrary. It is heard once while it stands by that, and else once a day: who takes back and reports again is on record.
 */
export async function hearFirst(
    ctx: ActionContext,
    subject: string,
    partner: string,
    reports: readonly string[],
): Promise<boolean> {
    // In this order: what was reported is read once the lock is held.
    const [, versions, heard] = await Promise.all([
        lockToReport(ctx.tx, partner),
        store.listVersions(ctx.tx, partner, subject),
        store.heard(ctx.tx, partner, subject),
    ])
    const list = new Set(stillSeen(versions).map(({ id }) => id))
    const notified = reports.filter((id) => list.has(id))
    const isHeard = heard.some(({ id, at }) => list.has(id) || at > ctx.now - heardAgainAfterMs)
    if (notified.length === 0 || isHeard) return false
    await store.setHeard(ctx.tx, notified)
    return true
}

/** The first of these sightings of exploitation that its partner stands by, and when it came; null where it stands by none. */
export async function toldAt(
    ctx: ActionContext,
    subject: string,
    partner: string,
    reports: readonly string[],
): Promise<{ id: string; at: Instant } | null> {
    const rows = stillSeen(await store.listVersions(ctx.tx, partner, subject))
    return rows.findLast(({ id }) => reports.includes(id)) ?? null
}

/** Of one partner and case: the versions that say exploitation, of reports whose latest version still does. */
function stillSeen(rows: readonly store.HeardRow[]): store.HeardRow[] {
    const isSeen = (row?: store.HeardRow) => row?.withdrawnAt === null && row.lookedSince === null
    const latest = new Map(
        [...Map.groupBy(rows, ({ reference }) => reference)].map(([id, rows]) => [id, latestOf(rows)]),
    )
    return rows.filter((row) => isSeen(row) && isSeen(latest.get(row.reference)))
}

export interface SignedSighting extends Sighting {
    /** The name of the person who reported it. */
    readonly name: string
}

/** What all partners reported of a case, the newest first. Refuses `case.not_found`. */
export async function sightingsOf(ctx: ActionContext, caseId: string): Promise<SignedSighting[]> {
    await assertExists(ctx, caseId)
    const signedSighting: SignedSighting[] = []
    for (const sighting of await countedOf(ctx, await store.listSightings(ctx.tx, { partner: null, case: caseId }))) {
        signedSighting.push({ ...sighting, name: (await personById(ctx, sighting.person))?.name ?? "" })
    }
    return signedSighting
}

async function ownCalled(ctx: ActionContext, references: readonly string[]): Promise<store.SightingRow[]> {
    return await withinCircle(ctx, await store.listSightingsCalled(ctx.tx, partnerOf(ctx).partner, references))
}

/** Of each report the latest version. */
async function countedOf(ctx: ActionContext, rows: readonly store.SightingRow[]): Promise<Sighting[]> {
    const grouped = Map.groupBy(rows, (row) => `${row.partner} ${row.case} ${row.reference}`)
    const counted: Sighting[] = []
    for (const versions of grouped.values()) {
        const last = latestOf(versions)
        const reportedAt = Math.min(...versions.map(({ at }) => at))
        if (last === undefined) continue
        const { partner, person, case: caseId, reference, withdrawnAt } = last
        const correctedAt = versions.length > 1 ? last.at : null
        const input = { partner, person, case: caseId, reference, reportedAt, correctedAt, withdrawnAt }
        counted.push({ ...input, ...(await reportIn(ctx, last)) })
    }
    return counted
}

async function reportIn(ctx: ActionContext, row: store.SightingRow): Promise<Report> {
    const { id, case: caseId, seenAt, lookedSince, clock, box } = row
    const report = JSON.parse(await opened(ctx, caseId, place(id), box)) as Omit<
        Report,
        "seenAt" | "lookedSince" | "clock"
    >
    return { ...report, seenAt, lookedSince, clock }
}

const place = (id: string): string => `sightings.report:${id}`
const versionKey = (newSighting: Pick<NewSighting, "reference" | "version">): string =>
    `${newSighting.reference} ${newSighting.version}`

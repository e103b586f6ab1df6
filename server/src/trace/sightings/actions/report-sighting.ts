/** Records sightings, encrypted with their case, and lists them for staff and for the partner. */
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
    /** The partner's id of it, a UUID. */
    readonly reference: string
    /** As `instantOf` writes it, so that later versions sort later. */
    readonly version: string
    readonly withdrawn: boolean
}

export interface Sighting extends Report {
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly reference: string
    readonly reportedAt: Instant
    /** When the current version arrived; null where it is the first. */
    readonly correctedAt: Instant | null
    readonly withdrawnAt: Instant | null
}

/**
 * Records a sighting of a case that the actor can see. The same report under the same id adds nothing. Refuses
 * `sighting.already_withdrawn`, `sighting.id_taken` and `sighting.too_many`.
 */
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
            refuse("conflict", "sighting.already_withdrawn", "you withdrew the report with this id: use a new id")
        }
        if (known.case === subject && isSameReport(await reportIn(ctx, known), report)) return
        refuse("conflict", "sighting.id_taken", "another report of yours has this id: use a new id")
    }
    const version = instantOf(new Date(ctx.now).toISOString()) ?? ""
    await saveSightings(ctx, subject, [{ ...report, reference, version, withdrawn: false }], 0)
}

/** Valid, distinct reports of one case, and the number of objects that came with them. */
export interface Told {
    readonly case: string
    readonly sightings: readonly NewSighting[]
    readonly objects: number
}

/** The new versions, the restored versions, and in `room` how many more reports the case can have. */
export interface Weighed extends Told {
    readonly fresh: readonly (NewSighting & { readonly id: string })[]
    readonly stood: readonly string[]
    readonly room: number
}

/**
 * Records reports of one case as one event. The caller holds the partner's lock. A known version stays unchanged; a
 * withdrawn one counts again.
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

/** Records weighed reports of several cases, one event each, with the commit. */
export async function saveWeighed(ctx: ActionContext, weighed: readonly Weighed[]): Promise<void> {
    const rows = await recordReports(ctx, weighed)
    if (rows.length > 0) store.insertSightingsLast(ctx.tx, rows)
}

/** Reads what is new in reports of different cases. The partner's lock is held or already requested. Writes nothing. */
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
    refuse("conflict", "sighting.too_many", `a warning can have \`${sightingsMax}\` sightings at most`)
}

/** Records the events and returns the rows to insert. */
async function recordReports(ctx: ActionContext, weighed: readonly Weighed[]): Promise<store.NewRow[]> {
    const { partner } = partnerOf(ctx)
    const telling = weighed.filter(({ fresh, stood, objects }) => fresh.length + stood.length + objects > 0)
    // The next access decision reads this. The event handler checks whether a later version contradicts it.
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

/** Withdraws a report in all its versions. Staff keep it as withdrawn. */
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

/** Locks a partner's reports. Callers take this lock before they read exploitation, as each report does. */
export async function holdReports({ tx }: ActionContext, partner: string): Promise<void> {
    await lockToReport(tx, partner)
}

/** Withdraws these versions of a report with its deleted objects. */
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

/** Lists what the actor may see of its partner's sightings, with the partner's aliases, newest first. */
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

/** After a withdrawal, the partner's next report of exploitation counts after this time. */
const heardAgainAfterMs = dayMs

/**
 * Marks reports as counted where they say exploitation, and tells whether they do. Withdrawn reports and zero reports
 * do not count. A partner counts once while its report is not withdrawn, else once a day.
 */
export async function hearFirst(
    ctx: ActionContext,
    subject: string,
    partner: string,
    reports: readonly string[],
): Promise<boolean> {
    // Takes the lock before it reads reports.
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

/** Returns when the first of these sightings arrived that still says exploitation, or null. */
export async function toldAt(
    ctx: ActionContext,
    subject: string,
    partner: string,
    reports: readonly string[],
): Promise<{ id: string; at: Instant } | null> {
    const rows = stillSeen(await store.listVersions(ctx.tx, partner, subject))
    return rows.findLast(({ id }) => reports.includes(id)) ?? null
}

/** Selects versions that say exploitation, of reports whose latest version still does. */
function stillSeen(rows: readonly store.HeardRow[]): store.HeardRow[] {
    const isSeen = (row?: store.HeardRow) => row?.withdrawnAt === null && row.lookedSince === null
    const latest = new Map(
        [...Map.groupBy(rows, ({ reference }) => reference)].map(([id, rows]) => [id, latestOf(rows)]),
    )
    return rows.filter((row) => isSeen(row) && isSeen(latest.get(row.reference)))
}

export interface SignedSighting extends Sighting {
    /** The name of the reporting person. */
    readonly name: string
}

/** Lists all partners' sightings of a case, newest first. Refuses `case.not_found`. */
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

/** Selects the latest version of each report. */
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

/** Takes what partners report, keeps it sealed with its case, and shows it to the operator and to whoever reported it. */
import { type Instant, dayMs } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { instantOf } from "../../../lib/stix/object.ts"
import { hide } from "../../../platform/http.ts"
import { lockToReport } from "../../../platform/locks.ts"
import { mustExist, opened, sealed } from "../../../share/cases/actions.ts"
import { markExploited } from "../../../share/cases/actions/exploitation.ts"
import { idBehind, nameFor } from "../../../share/delivery/actions/names.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { casesHidden, withinCircle } from "../../../trust/partners/actions/circles.ts"
import { type Report, isSameReport, latestOf, mustBeReport, sightingsMax } from "../sighting.ts"
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
export async function reportSighting(act: Act, of: string, reference: string, report: Report): Promise<void> {
    mustBeReport(report, act.now)
    await lockToReport(act.tx, partnerOf(act).partner)
    const [known] = await ownCalled(act, [reference])
    if (known !== undefined) {
        if (known.withdrawnAt !== null) {
            refuse("conflict", "sighting.already_withdrawn", "you withdrew the report of this id: take a new one")
        }
        if (known.case === of && isSameReport(await reportIn(act, known), report)) return
        refuse("conflict", "sighting.id_taken", "this id is that of another report of yours: take a new one")
    }
    const version = instantOf(new Date(act.now).toISOString()) ?? ""
    await keepSightings(act, of, [{ ...report, reference, version, withdrawn: false }], 0)
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
export async function keepSightings(
    act: Act,
    of: string,
    sightings: readonly NewSighting[],
    objects: number,
): Promise<void> {
    const weighed = await weighReports(act, [{ case: of, sightings, objects }])
    for (const one of weighed) mustHaveRoom(one)
    const rows = await recordReports(act, weighed)
    if (rows.length > 0) await store.insertSightings(act.tx, rows)
}

/** As `keepSightings`, of several cases, as one event each: what was found to have room. They are written with the commit. */
export async function keepWeighed(act: Act, weighed: readonly Weighed[]): Promise<void> {
    const rows = await recordReports(act, weighed)
    if (rows.length > 0) store.insertSightingsLast(act.tx, rows)
}

/** Of different cases; the partner's lock is held, or was asked for in the same turn. Reads, and writes nothing. */
export async function weighReports(act: Act, told: readonly Told[]): Promise<Weighed[]> {
    const { partner } = partnerOf(act)
    const cases = told.map((one) => one.case)
    const references = told.flatMap(({ sightings }) => sightings.map(({ reference }) => reference))
    const [rows, hidden, counts] = await Promise.all([
        store.versionsCalled(act.tx, partner, cases, references),
        casesHidden(act),
        store.countSightings(act.tx, partner, cases),
    ])
    const called = Map.groupBy(rows, (one) => one.case)
    return told.map((one) => {
        const its = hidden.has(one.case) ? [] : (called.get(one.case) ?? [])
        const known = new Map(its.map((row) => [versionKey(row), row]))
        const again = one.sightings.flatMap((its) => (its.withdrawn ? [] : (known.get(versionKey(its)) ?? [])))
        const fresh = one.sightings.filter((its) => !known.has(versionKey(its)))
        return {
            ...one,
            fresh: fresh.map((its) => ({ ...its, id: act.doors.newId() })),
            stood: again.filter(({ withdrawnAt }) => withdrawnAt !== null).map(({ id }) => id),
            room: sightingsMax - (counts.get(one.case) ?? 0),
        }
    })
}

/** Refuses `sighting.too_many`. */
export function mustHaveRoom({ fresh, room }: Weighed): void {
    if (fresh.length <= room) return
    refuse("conflict", "sighting.too_many", `of one warning \`${sightingsMax}\` sightings are kept at most`)
}

/** The rows that are still to be written. */
async function recordReports(act: Act, weighed: readonly Weighed[]): Promise<store.NewRow[]> {
    const { partner } = partnerOf(act)
    const telling = weighed.filter(({ fresh, stood, objects }) => fresh.length + stood.length + objects > 0)
    // The next decision reads it. The flow settles whether a later version of the report says otherwise.
    const exploited = telling.filter(({ fresh, stood, sightings }) =>
        (stood.length > 0 ? sightings : fresh).some(tellsExploitation),
    )
    await markExploited(
        act,
        exploited.map((one) => one.case),
    )
    const events = telling.map(({ case: of, fresh, stood, objects }) => {
        const sightings = [...fresh.map(({ id }) => id), ...stood]
        return record(act, { kind: "sighting.reported", case: of, partner, sightings, objects }, true)
    })
    const stood = telling.flatMap((one) => one.stood)
    const [seqs] = await Promise.all([
        Promise.all(events),
        stood.length > 0 ? store.setWithdrawn(act.tx, stood, null) : null,
    ])
    const rows: store.NewRow[] = []
    for (const [n, one] of telling.entries()) {
        for (const its of one.fresh) rows.push(await rowOf(act, one.case, seqs[n] ?? 0, its))
    }
    return rows
}

const tellsExploitation = ({ withdrawn, lookedSince }: NewSighting): boolean => !withdrawn && lookedSince === null

async function rowOf(
    act: Act,
    of: string,
    event: number,
    { id, reference, version, seenAt, lookedSince, clock, withdrawn, ...its }: Weighed["fresh"][number],
): Promise<store.NewRow> {
    const { partner, person } = partnerOf(act)
    const { product, indicators, confidence, note } = its
    const box = await sealed(act, of, place(id), JSON.stringify({ product, indicators, confidence, note }))
    const withdrawnAt = withdrawn ? act.now : null
    return {
        ...{ id, event, partner, person, case: of, reference, version, box },
        ...{ seenAt, lookedSince, clock, at: act.now, withdrawnAt },
    }
}

/** Whoever acts takes back a report of its partner, in all its versions: it stays with the operator, as withdrawn. */
export async function takeBackSighting(act: Act, reference: string): Promise<void> {
    await lockToReport(act.tx, partnerOf(act).partner)
    const its = await ownCalled(act, [reference])
    if (its.length === 0) hide()
    const standing = its.filter(({ withdrawnAt }) => withdrawnAt === null)
    for (const [of, rows] of Map.groupBy(standing, (one) => one.case)) {
        const versions = rows.map(({ version }) => version)
        await withdrawSighting(act, of, reference, versions, 0)
    }
}

/** Holds the reports of a partner still. It is locked before what is known of exploitation, as each report does. */
export async function holdReports({ tx }: Act, partner: string): Promise<void> {
    await lockToReport(tx, partner)
}

/** Its partner takes back these versions of a report, with the objects that it deleted. */
export async function withdrawSighting(
    act: Act,
    of: string,
    reference: string | null,
    versions: readonly string[],
    objects: number,
): Promise<void> {
    const { partner } = partnerOf(act)
    const its = reference === null ? [] : await ownCalled(act, [reference])
    const ids = its
        .filter((one) => one.case === of)
        .filter((one) => one.withdrawnAt === null && versions.includes(one.version))
        .map(({ id }) => id)
    await record(act, { kind: "sighting.withdrawn", case: of, partner, sightings: ids, objects }, true)
    if (ids.length > 0) await store.setWithdrawn(act.tx, ids, act.now)
}

/** What whoever acts may see of what its partner reported, by the partner's own names, the newest first. */
export async function ownSightings(
    act: Act,
    warning: string | null = null,
): Promise<(Omit<Sighting, "case"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(act)
    const only = warning === null ? null : idBehind(act.doors.keys, partner, "warning", warning)
    const counted = await countedOf(
        act,
        await withinCircle(act, await store.sightings(act.tx, { partner, case: only })),
    )
    return counted.map(({ case: of, ...one }) => ({
        ...one,
        warning: nameFor(act.doors.keys, one.partner, "warning", of),
    }))
}

/** Who took back what it was heard by is heard again once so long has passed since it reported that. */
const heardAgainAfterMs = dayMs

/**
 * Whether by these reports a partner is heard to see a case exploited; if so, that is kept. What it took back by now is not said, and a
 * zero report says the contrary. It is heard once while it stands by that, and else once a day: who takes back and reports again is on record.
 */
export async function hearFirst(act: Act, of: string, partner: string, reports: readonly string[]): Promise<boolean> {
    // In this order: what was reported is read once the lock is held.
    const [, versions, heard] = await Promise.all([
        lockToReport(act.tx, partner),
        store.versionsOf(act.tx, partner, of),
        store.heard(act.tx, partner, of),
    ])
    const all = new Set(stillSeen(versions).map(({ id }) => id))
    const told = reports.filter((id) => all.has(id))
    const isHeard = heard.some(({ id, at }) => all.has(id) || at > act.now - heardAgainAfterMs)
    if (told.length === 0 || isHeard) return false
    await store.setHeard(act.tx, told)
    return true
}

/** The first of these sightings of exploitation that its partner stands by, and when it came; null where it stands by none. */
export async function toldAt(
    act: Act,
    of: string,
    partner: string,
    reports: readonly string[],
): Promise<{ id: string; at: Instant } | null> {
    const told = stillSeen(await store.versionsOf(act.tx, partner, of))
    return told.findLast(({ id }) => reports.includes(id)) ?? null
}

/** Of one partner and case: the versions that say exploitation, of reports whose latest version still does. */
function stillSeen(all: readonly store.HeardRow[]): store.HeardRow[] {
    const isSeen = (one?: store.HeardRow) => one?.withdrawnAt === null && one.lookedSince === null
    const latest = new Map([...Map.groupBy(all, ({ reference }) => reference)].map(([id, its]) => [id, latestOf(its)]))
    return all.filter((one) => isSeen(one) && isSeen(latest.get(one.reference)))
}

export interface SignedSighting extends Sighting {
    /** The name of the person who reported it. */
    readonly name: string
}

/** What all partners reported of a case, the newest first. Refuses `case.not_found`. */
export async function sightingsOf(act: Act, caseId: string): Promise<SignedSighting[]> {
    await mustExist(act, caseId)
    const all: SignedSighting[] = []
    for (const one of await countedOf(act, await store.sightings(act.tx, { partner: null, case: caseId }))) {
        all.push({ ...one, name: (await personById(act, one.person))?.name ?? "" })
    }
    return all
}

async function ownCalled(act: Act, references: readonly string[]): Promise<store.SightingRow[]> {
    return await withinCircle(act, await store.sightingsCalled(act.tx, partnerOf(act).partner, references))
}

/** Of each report the latest version. */
async function countedOf(act: Act, rows: readonly store.SightingRow[]): Promise<Sighting[]> {
    const grouped = Map.groupBy(rows, (one) => `${one.partner} ${one.case} ${one.reference}`)
    const counted: Sighting[] = []
    for (const versions of grouped.values()) {
        const last = latestOf(versions)
        const reportedAt = Math.min(...versions.map(({ at }) => at))
        if (last === undefined) continue
        const { partner, person, case: of, reference, withdrawnAt } = last
        const correctedAt = versions.length > 1 ? last.at : null
        const its = { partner, person, case: of, reference, reportedAt, correctedAt, withdrawnAt }
        counted.push({ ...its, ...(await reportIn(act, last)) })
    }
    return counted
}

async function reportIn(act: Act, row: store.SightingRow): Promise<Report> {
    const { id, case: of, seenAt, lookedSince, clock, box } = row
    const said = JSON.parse(await opened(act, of, place(id), box)) as Omit<Report, "seenAt" | "lookedSince" | "clock">
    return { ...said, seenAt, lookedSince, clock }
}

const place = (id: string): string => `sightings.report:${id}`
const versionKey = (of: Pick<NewSighting, "reference" | "version">): string => `${of.reference} ${of.version}`

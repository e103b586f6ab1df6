/** Records sightings, encrypted with their case, and lists them for staff and for the partner. */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { instantOf } from "@tocsin/formats/stix/object"
import { hide } from "../../../kernel/route.ts"
import { lockToReport } from "../../../kernel/locks.ts"
import { assertCaseExists, decryptForCase, encryptForCase } from "../../../share/cases/actions/load-case.ts"
import { markExploited } from "../../../share/cases/actions/mark-exploited.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/resolve-alias.ts"
import { partnerOf } from "../../../share/delivery/actions/project-warnings.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { listHiddenCases, filterVisible } from "../../../trust/partners/roster/actions/set-access-list.ts"
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
    caseId: string,
    reference: string,
    report: Report,
): Promise<void> {
    validateReport(report, ctx.now)
    await lockToReport(ctx.tx, partnerOf(ctx).partner)
    const [known] = await listVersionsForPartner(ctx, [reference])
    if (known !== undefined) {
        if (known.withdrawnAt !== null) {
            refuse("conflict", "sighting.already_withdrawn", "you withdrew the report with this id: use a new id")
        }
        if (known.case === caseId && isSameReport(await decryptReport(ctx, known), report)) return
        refuse("conflict", "sighting.id_taken", "another report of yours has this id: use a new id")
    }
    const version = instantOf(new Date(ctx.now).toISOString()) ?? ""
    await saveSightings(ctx, caseId, [{ ...report, reference, version, withdrawn: false }], 0)
}

/** Valid, distinct reports of one case, and the number of objects that came with them. */
export interface CaseSubmission {
    readonly case: string
    readonly sightings: readonly NewSighting[]
    readonly objects: number
}

/** The new versions, the withdrawn versions that count again, and in `room` how many more reports the case can have. */
export interface AssessedSubmission extends CaseSubmission {
    readonly newVersions: readonly (NewSighting & { readonly id: string })[]
    readonly restored: readonly string[]
    readonly room: number
}

/**
 * Records reports of one case as one event. The caller holds the partner's lock. A known version stays unchanged; a
 * withdrawn one counts again.
 */
export async function saveSightings(
    ctx: ActionContext,
    caseId: string,
    sightings: readonly NewSighting[],
    objects: number,
): Promise<void> {
    const submissions = await assessSubmissions(ctx, [{ case: caseId, sightings, objects }])
    for (const submission of submissions) assertHasRoom(submission)
    const rows = await recordReports(ctx, submissions)
    if (rows.length > 0) await store.insertSightings(ctx.tx, rows)
}

/** Records assessed reports of several cases, one event each, with the commit. */
export async function saveSubmissions(ctx: ActionContext, submissions: readonly AssessedSubmission[]): Promise<void> {
    const rows = await recordReports(ctx, submissions)
    if (rows.length > 0) store.insertSightingsLast(ctx.tx, rows)
}

/** Finds the new reports of different cases. The partner's lock is held or already requested. Writes nothing. */
export async function assessSubmissions(
    ctx: ActionContext,
    submissions: readonly CaseSubmission[],
): Promise<AssessedSubmission[]> {
    const { partner } = partnerOf(ctx)
    const cases = submissions.map((submission) => submission.case)
    const references = submissions.flatMap(({ sightings }) => sightings.map(({ reference }) => reference))
    const [rows, hidden, counts] = await Promise.all([
        store.listVersionsByReference(ctx.tx, partner, cases, references),
        listHiddenCases(ctx),
        store.countSightings(ctx.tx, partner, cases),
    ])
    const byCase = Map.groupBy(rows, (row) => row.case)
    return submissions.map((submission) => {
        const rows = hidden.has(submission.case) ? [] : (byCase.get(submission.case) ?? [])
        const known = new Map(rows.map((row) => [versionKey(row), row]))
        const knownVersions = submission.sightings.flatMap((sighting) =>
            sighting.withdrawn ? [] : (known.get(versionKey(sighting)) ?? []),
        )
        const newVersions = submission.sightings.filter((sighting) => !known.has(versionKey(sighting)))
        return {
            ...submission,
            newVersions: newVersions.map((sighting) => ({ ...sighting, id: ctx.services.newId() })),
            restored: knownVersions.filter(({ withdrawnAt }) => withdrawnAt !== null).map(({ id }) => id),
            room: sightingsMax - (counts.get(submission.case) ?? 0),
        }
    })
}

/** Refuses `sighting.too_many`. */
export function assertHasRoom({ newVersions, room }: AssessedSubmission): void {
    if (newVersions.length <= room) return
    refuse("conflict", "sighting.too_many", `a warning can have \`${sightingsMax}\` sightings at most`, {
        max: sightingsMax,
    })
}

/** Records the events and returns the rows to insert. */
async function recordReports(ctx: ActionContext, submissions: readonly AssessedSubmission[]): Promise<store.NewRow[]> {
    const { partner } = partnerOf(ctx)
    const changed = submissions.filter(
        ({ newVersions, restored, objects }) => newVersions.length + restored.length + objects > 0,
    )
    // The next access decision reads this. The event handler checks whether a later version contradicts it.
    const exploited = changed.filter(({ newVersions, restored, sightings }) =>
        (restored.length > 0 ? sightings : newVersions).some(reportsExploitation),
    )
    await markExploited(
        ctx,
        exploited.map((submission) => submission.case),
    )
    const events = changed.map(({ case: caseId, newVersions, restored, objects }) => {
        const sightings = [...newVersions.map(({ id }) => id), ...restored]
        return record(ctx, { kind: "sighting.reported", case: caseId, partner, sightings, objects }, true)
    })
    const restored = changed.flatMap((submission) => submission.restored)
    const [seqs] = await Promise.all([
        Promise.all(events),
        restored.length > 0 ? store.setWithdrawn(ctx.tx, restored, null) : null,
    ])
    const rows: store.NewRow[] = []
    for (const [n, submission] of changed.entries()) {
        for (const version of submission.newVersions)
            rows.push(await encryptRow(ctx, submission.case, seqs[n] ?? 0, version))
    }
    return rows
}

const reportsExploitation = ({ withdrawn, zeroReportSince }: NewSighting): boolean =>
    !withdrawn && zeroReportSince === null

async function encryptRow(
    ctx: ActionContext,
    caseId: string,
    event: number,
    {
        id,
        reference,
        version,
        observedAt,
        zeroReportSince,
        clock,
        withdrawn,
        ...rest
    }: AssessedSubmission["newVersions"][number],
): Promise<store.NewRow> {
    const { partner, person } = partnerOf(ctx)
    const { product, indicators, confidence, note } = rest
    const ciphertext = await encryptForCase(
        ctx,
        caseId,
        place(id),
        JSON.stringify({ product, indicators, confidence, note }),
    )
    const withdrawnAt = withdrawn ? ctx.now : null
    return {
        id,
        event,
        partner,
        person,
        case: caseId,
        reference,
        version,
        ciphertext,
        observedAt,
        zeroReportSince,
        clock,
        at: ctx.now,
        withdrawnAt,
    }
}

/** Withdraws a report in all its versions. Staff keep it as withdrawn. */
export async function withdrawReport(ctx: ActionContext, reference: string): Promise<void> {
    await lockToReport(ctx.tx, partnerOf(ctx).partner)
    const entries = await listVersionsForPartner(ctx, [reference])
    if (entries.length === 0) hide()
    const counted = entries.filter(({ withdrawnAt }) => withdrawnAt === null)
    for (const [caseId, rows] of Map.groupBy(counted, (row) => row.case)) {
        const versions = rows.map(({ version }) => version)
        await withdrawVersions(ctx, caseId, reference, versions, 0)
    }
}

/** Locks a partner's reports. Callers take this lock before they read exploitation, as each report does. */
export async function lockReports({ tx }: ActionContext, partner: string): Promise<void> {
    await lockToReport(tx, partner)
}

/** Withdraws these versions of a report with its deleted objects. */
export async function withdrawVersions(
    ctx: ActionContext,
    caseId: string,
    reference: string | null,
    versions: readonly string[],
    objects: number,
): Promise<void> {
    const { partner } = partnerOf(ctx)
    const rows = reference === null ? [] : await listVersionsForPartner(ctx, [reference])
    const ids = rows
        .filter((row) => row.case === caseId)
        .filter((row) => row.withdrawnAt === null && versions.includes(row.version))
        .map(({ id }) => id)
    await record(ctx, { kind: "sighting.withdrawn", case: caseId, partner, sightings: ids, objects }, true)
    if (ids.length > 0) await store.setWithdrawn(ctx.tx, ids, ctx.now)
}

/** Lists its partner's sightings that the actor may see, with the partner's aliases, newest first. */
export async function listSightingsForPartner(
    ctx: ActionContext,
    warning: string | null = null,
): Promise<(Omit<Sighting, "case"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(ctx)
    const onlyCase = warning === null ? null : idOfAlias(ctx.services.keys, partner, "warning", warning)
    const sightings = await decryptLatestVersions(
        ctx,
        await filterVisible(ctx, await store.listSightings(ctx.tx, { partner, case: onlyCase })),
    )
    return sightings.map(({ case: caseId, ...rest }) => ({
        ...rest,
        warning: aliasFor(ctx.services.keys, rest.partner, "warning", caseId),
    }))
}

/** After a withdrawal, the partner's next report of exploitation counts after this time. */
const countAgainAfterMs = dayMs

/**
 * Marks reports of exploitation as counted, and returns whether there were any. Withdrawn reports and zero reports do
 * not count. A partner counts once while its report is not withdrawn, else once a day.
 */
export async function markReportsCounted(
    ctx: ActionContext,
    caseId: string,
    partner: string,
    reports: readonly string[],
): Promise<boolean> {
    // Takes the lock before it reads reports.
    const [, versions, counted] = await Promise.all([
        lockToReport(ctx.tx, partner),
        store.listVersions(ctx.tx, partner, caseId),
        store.listCountedReports(ctx.tx, partner, caseId),
    ])
    const exploitationIds = new Set(exploitationVersions(versions).map(({ id }) => id))
    const newReports = reports.filter((id) => exploitationIds.has(id))
    const isCounted = counted.some(({ id, at }) => exploitationIds.has(id) || at > ctx.now - countAgainAfterMs)
    if (newReports.length === 0 || isCounted) return false
    await store.setCounted(ctx.tx, newReports)
    return true
}

/** Returns when the first of these sightings arrived that still reports exploitation, or null. */
export async function findFirstArrival(
    ctx: ActionContext,
    caseId: string,
    partner: string,
    reports: readonly string[],
): Promise<{ id: string; at: Instant } | null> {
    const rows = exploitationVersions(await store.listVersions(ctx.tx, partner, caseId))
    return rows.findLast(({ id }) => reports.includes(id)) ?? null
}

/** Selects versions that report exploitation, of reports whose latest version still does. */
function exploitationVersions(rows: readonly store.ReportVersionRow[]): store.ReportVersionRow[] {
    const isExploitation = (row?: store.ReportVersionRow) => row?.withdrawnAt === null && row.zeroReportSince === null
    const latest = new Map(
        [...Map.groupBy(rows, ({ reference }) => reference)].map(([id, rows]) => [id, latestOf(rows)]),
    )
    return rows.filter((row) => isExploitation(row) && isExploitation(latest.get(row.reference)))
}

export interface SightingWithName extends Sighting {
    /** The name of the reporting person. */
    readonly name: string
}

/** Lists all partners' sightings of a case, newest first. Refuses `case.not_found`. */
export async function listSightings(ctx: ActionContext, caseId: string): Promise<SightingWithName[]> {
    await assertCaseExists(ctx, caseId)
    const sightings: SightingWithName[] = []
    for (const sighting of await decryptLatestVersions(
        ctx,
        await store.listSightings(ctx.tx, { partner: null, case: caseId }),
    )) {
        sightings.push({ ...sighting, name: (await findPerson(ctx, sighting.person))?.name ?? "" })
    }
    return sightings
}

async function listVersionsForPartner(ctx: ActionContext, references: readonly string[]): Promise<store.SightingRow[]> {
    return await filterVisible(ctx, await store.listSightingsByReference(ctx.tx, partnerOf(ctx).partner, references))
}

/** Selects the latest version of each report. */
async function decryptLatestVersions(ctx: ActionContext, rows: readonly store.SightingRow[]): Promise<Sighting[]> {
    const grouped = Map.groupBy(rows, (row) => `${row.partner} ${row.case} ${row.reference}`)
    const sightings: Sighting[] = []
    for (const versions of grouped.values()) {
        const last = latestOf(versions)
        const reportedAt = Math.min(...versions.map(({ at }) => at))
        if (last === undefined) continue
        const { partner, person, case: caseId, reference, withdrawnAt } = last
        const correctedAt = versions.length > 1 ? last.at : null
        const facts = { partner, person, case: caseId, reference, reportedAt, correctedAt, withdrawnAt }
        sightings.push({ ...facts, ...(await decryptReport(ctx, last)) })
    }
    return sightings
}

async function decryptReport(ctx: ActionContext, row: store.SightingRow): Promise<Report> {
    const { id, case: caseId, observedAt, zeroReportSince, clock, ciphertext } = row
    const text = await decryptForCase(ctx, caseId, place(id), ciphertext, JSON.stringify(deletedTexts))
    return { ...(JSON.parse(text) as ReportTexts), observedAt, zeroReportSince, clock }
}

type ReportTexts = Omit<Report, "observedAt" | "zeroReportSince" | "clock">

/** The texts of a report whose case's content was deleted. */
const deletedTexts: ReportTexts = { product: "", indicators: [], confidence: null, note: "" }

const place = (id: string): string => `sightings.report:${id}`
const versionKey = (sighting: Pick<NewSighting, "reference" | "version">): string =>
    `${sighting.reference} ${sighting.version}`

/** Handles applications for staff and members: vouch, score, decide, list. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner } from "../../../../kernel/locks.ts"
import { holdKeys, seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { assertApart, personsOf } from "../../../identity/actions.ts"
import { type Criterion, type Tally, assertCarried, scoresMax, tally } from "../admission.ts"
import { type Application, type ApplicationState, type House, assertVouchesForAnother } from "../application.ts"
import { backgroundAt } from "../due-diligence.ts"
import * as store from "../store/applications.ts"
import { backgroundHistory } from "./set-due-diligence.ts"
import {
    decisionOf,
    decisionPlace,
    formOf,
    hashOf,
    scopeOf,
    stateBy,
    stateOf,
    unknownApplication,
} from "./submit-application.ts"
import { changeStanding } from "../../actions/change-partner.ts"
import { partnerFactsAt, partnerName, standingOf } from "../../actions/load-facts.ts"
import { post } from "../../roster/actions/send-sign-in-link.ts"
import { assertLead } from "../../roster/actions/manage-roster.ts"
import { rulesNow } from "../../actions/set-program-rules.ts"

/**
 * Saves a lead's vouch for the applicant with this reference. The lead learns only that such an application exists.
 * Repeating changes nothing.
 */
export async function vouch(ctx: ActionContext, reference: string, text: string): Promise<void> {
    const { partner, person } = assertLead(ctx)
    const row = (await store.byReference(ctx.tx, hashOf(reference))) ?? unknownApplication()
    assertVouchesForAnother(await applyingHouse(ctx, row), await houseOf(ctx, partner))
    const box = await sealFor(ctx, row.partner, vouchPlace(row.partner, partner), text)
    const isNew = await store.insertVouch(ctx.tx, row.partner, { partner, person, text_ciphertext: box, at: ctx.now })
    if (isNew) await record(ctx, { kind: "application.vouched", applicant: row.partner, partner })
}

async function houseOf(ctx: ActionContext, partner: string): Promise<House> {
    const { name, mail } = await partnerName(ctx, partner)
    const roster = (await personsOf(ctx, partner)).filter((person) => person.leftAt === null)
    const { ownership } = backgroundAt(await backgroundHistory(ctx, partner), ctx.now)
    const mails = [mail, ...roster.map((person) => person.mail)]
    return { partner, name, mails, owners: ownership.map((item) => item.name) }
}

/** The applicant with the addresses of its application, also if they changed later. */
async function applyingHouse(ctx: ActionContext, row: store.ApplicationRow): Promise<House> {
    const house = await houseOf(ctx, row.partner)
    const { mail, contact } = await formOf(ctx, row)
    return { ...house, mails: [...house.mails, mail, contact.mail] }
}

export interface NewScore {
    readonly criterion: string
    readonly score: number
    readonly reason: string
}

/**
 * Saves one person's score on one criterion of the version in force; a later score replaces it. Refuses
 * `admission.criterion_not_found`, `admission.too_many_scores`.
 */
export async function score(
    ctx: ActionContext,
    applicant: string,
    { criterion, score: points, reason }: NewScore,
): Promise<void> {
    const person = validatePerson(ctx)
    await assertOpen(ctx, applicant)
    const { version, rules } = await rulesNow(ctx, "admission")
    if (!rules.criteria.some(({ id }) => id === criterion)) {
        refuse(
            "invalid",
            "admission.criterion_not_found",
            `\`${criterion}\` is not a criterion of version \`${version}\`: use one of that version`,
        )
    }
    if (!((await store.listScores(ctx.tx, applicant)).length < scoresMax)) {
        refuse(
            "conflict",
            "admission.too_many_scores",
            `the limit of \`${scoresMax}\` scores is reached: decide the application`,
        )
    }
    const id = ctx.services.newId()
    const box = await sealFor(ctx, applicant, scorePlace(applicant, criterion, person), reason)
    const row = { rulesVersion: version, criterion, person, score: points, reason_ciphertext: box, at: ctx.now }
    await store.insertScore(ctx.tx, applicant, row)
    await record(ctx, { kind: "application.scored", partner: applicant, score: id, criterion, points, version })
}

export interface NewDecision {
    readonly decision: "invited" | "declined"
    readonly reason: string
    readonly message: string
}

/**
 * Decides an application with a recorded reason. An invitation needs the required criteria, also after an earlier
 * decline.
 */
export async function decideApplication(
    ctx: ActionContext,
    applicant: string,
    newDecision: NewDecision,
): Promise<void> {
    const person = validatePerson(ctx)
    const row = await assertOpen(ctx, applicant)
    const found = await tallyOf(ctx, applicant, null)
    const { contact } = await formOf(ctx, row)
    if (newDecision.decision === "invited") {
        assertCarried(found.tally)
        await assertApart(ctx, { partner: applicant, mail: contact.mail })
    } else if (row.decision !== null) decidedAlready()
    await changeStanding(ctx, applicant, newDecision.decision)
    const { reason, message, decision } = newDecision
    const box = await sealFor(ctx, applicant, decisionPlace(applicant), JSON.stringify({ reason, message }))
    const decided = { decision, by: person, at: ctx.now, box, rulesVersion: found.version }
    await store.setDecision(ctx.tx, applicant, decided)
    await post(ctx, applicant, "answered", { to: contact.mail, code: null })
    const { total } = found.tally
    await record(ctx, { kind: "application.decided", partner: applicant, decision, total, version: found.version })
}

export interface ApplicationLine {
    readonly partner: string
    readonly organisation: string
    readonly state: ApplicationState
    readonly madeAt: Instant
    readonly decidedAt: Instant | null
    readonly decidedBy: string | null
}

const listMax = 500

/** Lists waiting applications, oldest first, then decided ones, newest first. */
export async function applications(ctx: ActionContext): Promise<ApplicationLine[]> {
    const rows = await store.listApplications(ctx.tx, listMax)
    if (rows.length === 0) return []
    const scopes = rows.map(({ partner }) => scopeOf(partner))
    await holdKeys(ctx.tx, ctx.services.keys, scopes)
    const facts = new Map((await partnerFactsAt(ctx, ctx.now)).map((partner) => [partner.partner, partner]))
    const applicationLines: ApplicationLine[] = []
    for (const row of rows) {
        const partner = facts.get(row.partner)
        applicationLines.push(
            await lineOf(ctx, row, partner === undefined ? await stateOf(ctx, row) : stateBy(partner.standing)),
        )
    }
    return applicationLines
}

/** Lists applications that wait for a decision, oldest first, without decryption. */
export async function waitingApplications(ctx: ActionContext): Promise<Pick<ApplicationLine, "partner" | "madeAt">[]> {
    const rows = await store.undecided(ctx.tx, listMax)
    return rows.map(({ partner, submitted_at: madeAt }) => ({ partner, madeAt }))
}

async function lineOf(
    ctx: ActionContext,
    row: store.ApplicationRow,
    state: ApplicationState,
): Promise<ApplicationLine> {
    const { partner, submitted_at: madeAt, decided_at: decidedAt, decided_by: decidedBy } = row
    const { organisation } = await formOf(ctx, row)
    return { partner, organisation, state, madeAt, decidedAt, decidedBy }
}

export interface Vouch {
    readonly partner: string
    readonly person: string
    readonly words: string
    readonly at: Instant
}

export interface GivenScore extends NewScore {
    readonly person: string
    readonly at: Instant
}

export interface WholeApplication extends ApplicationLine {
    readonly form: Application
    readonly decision: { readonly reason: string; readonly message: string }
    readonly vouches: readonly Vouch[]
    readonly criteriaVersion: number
    readonly criteria: readonly Criterion[]
    readonly scores: readonly GivenScore[]
    readonly tally: Tally
}

/**
 * Loads one application with scores by the criteria version of its decision, or by the version in force while it is
 * undecided or scored again.
 */
export async function wholeApplication(ctx: ActionContext, applicant: string): Promise<WholeApplication> {
    const row = (await store.findApplication(ctx.tx, applicant)) ?? unknownApplication()
    const vouches: Vouch[] = []
    for (const { text_ciphertext: box, ...rest } of await store.listVouches(ctx.tx, applicant)) {
        vouches.push({ ...rest, words: await open(ctx, applicant, vouchPlace(applicant, rest.partner), box) })
    }
    const isScoredAnew = (await store.listScores(ctx.tx, applicant)).some(({ at }) => at > (row.decided_at ?? Infinity))
    const by = isScoredAnew ? null : row.rules_version
    const { version, criteria, rows, tally: found } = await tallyOf(ctx, applicant, by)
    const scores: GivenScore[] = []
    for (const { criterion, person, score: points, reason_ciphertext: box, at } of rows) {
        const reason = await open(ctx, applicant, scorePlace(applicant, criterion, person), box)
        scores.push({ criterion, person, score: points, reason, at })
    }
    return {
        ...(await lineOf(ctx, row, await stateOf(ctx, row))),
        form: await formOf(ctx, row),
        decision: await decisionOf(ctx, row),
        vouches,
        criteriaVersion: version,
        criteria,
        scores,
        tally: found,
    }
}

/** Tally by a criteria version; null: by the version in force. */
async function tallyOf(ctx: ActionContext, applicant: string, by: number | null) {
    const { version, rules } = await rulesNow(ctx, "admission", by)
    const rows = (await store.listScores(ctx.tx, applicant)).filter((score) => score.rulesVersion === version)
    return { version, criteria: rules.criteria, rows, tally: tally(rules.criteria, rows) }
}

/** Loads an application that can be decided: waiting or declined. Refuses `application.already_decided`. */
async function assertOpen(ctx: ActionContext, applicant: string): Promise<store.ApplicationRow> {
    await lockToChangePartner(ctx.tx, applicant)
    const row = (await store.lockApplication(ctx.tx, applicant)) ?? unknownApplication()
    if (row.decision !== null && (await standingOf(ctx, row.partner)) !== "declined") decidedAlready()
    return row
}

function decidedAlready(): never {
    refuse("conflict", "application.already_decided", "this application is already decided: reload to see the decision")
}

/** The acting person. Refuses `application.staff_only` for the system. */
function validatePerson(ctx: ActionContext): string {
    const person = ctx.actor.kind === "operator" ? personOf(ctx.actor) : null
    return (
        person ??
        refuse(
            "forbidden",
            "application.staff_only",
            "only staff score and decide applications: sign in as a staff member",
        )
    )
}

async function sealFor(ctx: ActionContext, partner: string, place: string, text: string): Promise<Buffer> {
    return await seal(ctx.tx, ctx.services.keys, scopeOf(partner), place, text)
}

async function open(ctx: ActionContext, partner: string, place: string, box: Buffer): Promise<string> {
    return await unseal(ctx.tx, ctx.services.keys, scopeOf(partner), place, box)
}

const vouchPlace = (applicant: string, partner: string): string => `vouches.words:${applicant}:${partner}`
const scorePlace = (applicant: string, criterion: string, person: string): string =>
    `admission_scores.reason:${applicant}:${criterion}:${person}`

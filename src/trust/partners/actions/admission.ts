/** Members vouch, persons score and decide: everything about an application that is not the applicant's own act. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangePartner } from "../../../platform/locks.ts"
import { holdKeys, seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../audit/actions.ts"
import { personOf } from "../../audit/actor.ts"
import { mustBeApart, personsOf } from "../../identity/actions.ts"
import { type Criterion, type Tally, mustBeCarried, scoresMax, tally } from "../admission.ts"
import { type Application, type ApplicationState, type House, mustVouchForAnother } from "../application.ts"
import { backgroundAt } from "../background.ts"
import * as store from "../store/applications.ts"
import { backgroundHistory } from "./background.ts"
import { decisionOf, decisionPlace, formOf, hashOf, scopeOf, stateBy, stateOf, unknownApplication } from "./applying.ts"
import { changeStanding } from "./changes.ts"
import { partnerFactsAt, partnerName, standingOf } from "./facts.ts"
import { post } from "./post.ts"
import { mustBeLead } from "./roster.ts"
import { rulesNow } from "./rules.ts"

/**
 * A lead vouches for whoever gave it this reference. It learns nothing but that such an application waits, and done
 * again it changes nothing.
 */
export async function vouch(act: Act, reference: string, words: string): Promise<void> {
    const { partner, person } = mustBeLead(act)
    const row = (await store.byReference(act.tx, hashOf(reference))) ?? unknownApplication()
    mustVouchForAnother(await applyingHouse(act, row), await houseOf(act, partner))
    const box = await sealFor(act, row.partner, vouchPlace(row.partner, partner), words)
    const isNew = await store.insertVouch(act.tx, row.partner, { partner, person, text_ciphertext: box, at: act.now })
    if (isNew) await record(act, { kind: "application.vouched", applicant: row.partner, partner })
}

async function houseOf(act: Act, partner: string): Promise<House> {
    const { name, mail } = await partnerName(act, partner)
    const roster = (await personsOf(act, partner)).filter((one) => one.leftAt === null)
    const { ownership } = backgroundAt(await backgroundHistory(act, partner), act.now)
    const mails = [mail, ...roster.map((one) => one.mail)]
    return { partner, name, mails, owners: ownership.map((one) => one.name) }
}

/** With the addresses that it gave when it applied, whatever became of them. */
async function applyingHouse(act: Act, row: store.ApplicationRow): Promise<House> {
    const its = await houseOf(act, row.partner)
    const { mail, contact } = await formOf(act, row)
    return { ...its, mails: [...its.mails, mail, contact.mail] }
}

export interface NewScore {
    readonly criterion: string
    readonly score: number
    readonly reason: string
}

/** One person's score on one criterion of the version in force; said again, the later one counts. */
export async function score(
    act: Act,
    applicant: string,
    { criterion, score: points, reason }: NewScore,
): Promise<void> {
    const person = mustBePerson(act)
    await mustBeOpen(act, applicant)
    const { version, rules } = await rulesNow(act, "admission")
    if (!rules.criteria.some(({ id }) => id === criterion)) {
        refuse("invalid", "admission.criterion_not_found", `\`${criterion}\` is no criterion of version \`${version}\``)
    }
    if (!((await store.scores(act.tx, applicant)).length < scoresMax)) {
        refuse("conflict", "admission.too_many_scores", `an application has \`${scoresMax}\` scores at most`)
    }
    const id = act.doors.newId()
    const box = await sealFor(act, applicant, scorePlace(applicant, criterion, person), reason)
    const row = { rulesVersion: version, criterion, person, score: points, reason_ciphertext: box, at: act.now }
    await store.insertScore(act.tx, applicant, row)
    await record(act, { kind: "application.scored", partner: applicant, score: id, criterion, points, version })
}

export interface NewDecision {
    readonly decision: "invited" | "declined"
    readonly reason: string
    readonly message: string
}

/**
 * Moves the applicant on, with the reason on record; to invite, the required criteria must be met, also where it was
 * declined before and is decided anew.
 */
export async function decideApplication(act: Act, applicant: string, its: NewDecision): Promise<void> {
    const person = mustBePerson(act)
    const row = await mustBeOpen(act, applicant)
    const found = await tallyOf(act, applicant, null)
    const { contact } = await formOf(act, row)
    if (its.decision === "invited") {
        mustBeCarried(found.tally)
        await mustBeApart(act, { partner: applicant, mail: contact.mail })
    } else if (row.decision !== null) decidedAlready()
    await changeStanding(act, applicant, its.decision)
    const { reason, message, decision } = its
    const box = await sealFor(act, applicant, decisionPlace(applicant), JSON.stringify({ reason, message }))
    const decided = { decision, by: person, at: act.now, box, rulesVersion: found.version }
    await store.setDecision(act.tx, applicant, decided)
    await post(act, applicant, "answered", { to: contact.mail, code: null })
    const { total } = found.tally
    await record(act, { kind: "application.decided", partner: applicant, decision, total, version: found.version })
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

/** Those that wait, oldest first, and then what was decided, newest first. */
export async function applications(act: Act): Promise<ApplicationLine[]> {
    const rows = await store.applications(act.tx, listMax)
    if (rows.length === 0) return []
    const scopes = rows.map(({ partner }) => scopeOf(partner))
    await holdKeys(act.tx, act.doors.keys, scopes)
    const facts = new Map((await partnerFactsAt(act, act.now)).map((one) => [one.partner, one]))
    const all: ApplicationLine[] = []
    for (const row of rows) {
        const its = facts.get(row.partner)
        all.push(await lineOf(act, row, its === undefined ? await stateOf(act, row) : stateBy(its.standing)))
    }
    return all
}

/** Those that wait for a decision, oldest first; nothing is opened, and no decided one is read. */
export async function waitingApplications(act: Act): Promise<Pick<ApplicationLine, "partner" | "madeAt">[]> {
    const rows = await store.undecided(act.tx, listMax)
    return rows.map(({ partner, submitted_at: madeAt }) => ({ partner, madeAt }))
}

async function lineOf(act: Act, row: store.ApplicationRow, state: ApplicationState): Promise<ApplicationLine> {
    const { partner, submitted_at: madeAt, decided_at: decidedAt, decided_by: decidedBy } = row
    const { organisation } = await formOf(act, row)
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

/** Everything about one application, scored by the version that decided; by that in force before, and once it is scored anew. */
export async function wholeApplication(act: Act, applicant: string): Promise<WholeApplication> {
    const row = (await store.application(act.tx, applicant)) ?? unknownApplication()
    const vouches: Vouch[] = []
    for (const { text_ciphertext: box, ...one } of await store.vouches(act.tx, applicant)) {
        vouches.push({ ...one, words: await open(act, applicant, vouchPlace(applicant, one.partner), box) })
    }
    const isScoredAnew = (await store.scores(act.tx, applicant)).some(({ at }) => at > (row.decided_at ?? Infinity))
    const by = isScoredAnew ? null : row.rules_version
    const { version, criteria, rows, tally: found } = await tallyOf(act, applicant, by)
    const scores: GivenScore[] = []
    for (const { criterion, person, score: points, reason_ciphertext: box, at } of rows) {
        const reason = await open(act, applicant, scorePlace(applicant, criterion, person), box)
        scores.push({ criterion, person, score: points, reason, at })
    }
    return {
        ...(await lineOf(act, row, await stateOf(act, row))),
        form: await formOf(act, row),
        decision: await decisionOf(act, row),
        ...{ vouches, criteriaVersion: version, criteria, scores, tally: found },
    }
}

/** By this version of the criteria; null: by the one in force. */
async function tallyOf(act: Act, applicant: string, by: number | null) {
    const { version, rules } = await rulesNow(act, "admission", by)
    const rows = (await store.scores(act.tx, applicant)).filter((one) => one.rulesVersion === version)
    return { version, criteria: rules.criteria, rows, tally: tally(rules.criteria, rows) }
}

/** Waiting for a decision, or declined: then it can be looked at again. */
async function mustBeOpen(act: Act, applicant: string): Promise<store.ApplicationRow> {
    await lockToChangePartner(act.tx, applicant)
    const row = (await store.lockApplication(act.tx, applicant)) ?? unknownApplication()
    if (row.decision !== null && (await standingOf(act, row.partner)) !== "declined") decidedAlready()
    return row
}

function decidedAlready(): never {
    refuse("conflict", "application.already_decided", "this application was decided")
}

/** A step of the program scores and decides nothing. */
function mustBePerson(act: Act): string {
    const person = act.actor.kind === "operator" ? personOf(act.actor) : null
    return person ?? refuse("forbidden", "application.staff_only", "applications are scored and decided by persons")
}

async function sealFor(act: Act, partner: string, place: string, text: string): Promise<Buffer> {
    return await seal(act.tx, act.doors.keys, scopeOf(partner), place, text)
}

async function open(act: Act, partner: string, place: string, box: Buffer): Promise<string> {
    return await unseal(act.tx, act.doors.keys, scopeOf(partner), place, box)
}

const vouchPlace = (applicant: string, partner: string): string => `vouches.words:${applicant}:${partner}`
const scorePlace = (applicant: string, criterion: string, person: string): string =>
    `admission_scores.reason:${applicant}:${criterion}:${person}`

/** Handles applications for staff and leads: vouch, score, decide, list. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner } from "../../../../kernel/locks.ts"
import { loadKeys, encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { assertMailNotOnOtherSide } from "../../../identity/actions/manage-people.ts"
import { listPeople } from "../../../identity/actions/load-people.ts"
import { type Criterion, type Tally, assertCriteriaMet, scoresMax, tallyScores } from "../admission.ts"
import {
    type Application,
    type ApplicationQuestion,
    type ApplicationState,
    type OrganisationFacts,
    assertUnrelated,
    decideBy,
} from "../application.ts"
import { dueDiligenceAt } from "../due-diligence.ts"
import * as store from "../store/applications.ts"
import { listDueDiligence } from "./set-due-diligence.ts"
import {
    decryptDecision,
    decisionPlace,
    decryptApplication,
    decryptForm,
    hashOf,
    scopeOf,
    stateOfStatus,
    loadState,
    unknownApplication,
} from "./submit-application.ts"
import { changePartnerStatus } from "../../actions/change-partner.ts"
import { listPartnerFacts, loadNameAndMail, loadPartnerStatus } from "../../actions/load-facts.ts"
import { queuePartnerMail } from "../../roster/actions/queue-partner-mail.ts"
import { assertLead } from "../../roster/actions/manage-roster.ts"
import { loadRules } from "../../actions/set-program-rules.ts"

/**
 * Saves a lead's vouch for the applicant with this reference. The lead learns only that such an application exists.
 * Repeating changes nothing.
 */
export async function vouch(ctx: ActionContext, reference: string, text: string): Promise<void> {
    const { partner, person } = assertLead(ctx)
    const row = (await store.findByReference(ctx.tx, hashOf(reference))) ?? unknownApplication()
    assertUnrelated(await loadApplicantOrganisation(ctx, row), await loadOrganisation(ctx, partner))
    const ciphertext = await encryptFor(ctx, row.partner, vouchPlace(row.partner, partner), text)
    const isNew = await store.insertVouch(ctx.tx, row.partner, {
        partner,
        person,
        text_ciphertext: ciphertext,
        at: ctx.now,
    })
    if (isNew) await record(ctx, { kind: "application.vouched", applicant: row.partner, partner })
}

async function loadOrganisation(ctx: ActionContext, partner: string): Promise<OrganisationFacts> {
    const { name, mail } = await loadNameAndMail(ctx, partner)
    const roster = (await listPeople(ctx, partner)).filter((person) => person.leftAt === null)
    const { ownership } = dueDiligenceAt(await listDueDiligence(ctx, partner), ctx.now)
    const mails = [mail, ...roster.map((person) => person.mail)]
    return { partner, name, mails, owners: ownership.map((owner) => owner.name) }
}

/** The applicant with the addresses of its application, also if they changed later. */
async function loadApplicantOrganisation(ctx: ActionContext, row: store.ApplicationRow): Promise<OrganisationFacts> {
    const organisation = await loadOrganisation(ctx, row.partner)
    const { mail, contact } = await decryptForm(ctx, row)
    return { ...organisation, mails: [...organisation.mails, mail, contact.mail] }
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
export async function scoreApplication(
    ctx: ActionContext,
    applicant: string,
    { criterion, score: points, reason }: NewScore,
): Promise<void> {
    const person = assertStaff(ctx)
    await lockDecidableApplication(ctx, applicant)
    const { version, rules } = await loadRules(ctx, "admission")
    if (!rules.criteria.some(({ id }) => id === criterion)) {
        refuse(
            "invalid",
            "admission.criterion_not_found",
            `\`${criterion}\` is not a criterion of version \`${version}\`: use one of that version`,
            { criterion, version },
        )
    }
    if (!((await store.listScores(ctx.tx, applicant)).length < scoresMax)) {
        refuse(
            "conflict",
            "admission.too_many_scores",
            `the limit of \`${scoresMax}\` scores is reached: decide the application`,
            { max: scoresMax },
        )
    }
    const id = ctx.services.newId()
    const ciphertext = await encryptFor(ctx, applicant, scorePlace(applicant, criterion, person), reason)
    const row = { rulesVersion: version, criterion, person, score: points, reason_ciphertext: ciphertext, at: ctx.now }
    await store.insertScore(ctx.tx, applicant, row)
    // Without the points: colleagues who read the audit log score blindly too.
    await record(ctx, { kind: "application.scored", partner: applicant, score: id, criterion, version })
}

export interface NewDecision {
    readonly decision: "invited" | "declined"
    readonly reason: string
    readonly message: string
}

/**
 * Decides an application with a recorded reason. An invitation needs the required criteria, also after an earlier
 * decline. Refuses `admission.own_scores_first` if others scored an undecided application and the caller did not.
 */
export async function decideApplication(ctx: ActionContext, applicant: string, input: NewDecision): Promise<void> {
    const person = assertStaff(ctx)
    const row = await lockDecidableApplication(ctx, applicant)
    const result = await loadTally(ctx, applicant, null)
    const { contact } = await decryptForm(ctx, row)
    if (input.decision === "invited") {
        // A refusal with the unmet criteria would tell the scores of others.
        if (isBlind(ctx, row, result.rows) && result.rows.length > 0) refuseUnscored()
        assertCriteriaMet(result.tally)
        await assertMailNotOnOtherSide(ctx, { partner: applicant, mail: contact.mail })
    } else if (row.decision !== null) refuseDecided()
    await changePartnerStatus(ctx, applicant, input.decision)
    const { reason, message, decision } = input
    const ciphertext = await encryptFor(ctx, applicant, decisionPlace(applicant), JSON.stringify({ reason, message }))
    const decided = { decision, by: person, at: ctx.now, ciphertext, rulesVersion: result.version }
    await store.setDecision(ctx.tx, applicant, decided)
    await queuePartnerMail(ctx, applicant, "answered", { to: contact.mail, code: null })
    const { total } = result.tally
    await record(ctx, { kind: "application.decided", partner: applicant, decision, total, version: result.version })
}

export interface ApplicationSummary {
    readonly partner: string
    readonly organisation: string
    readonly state: ApplicationState
    readonly submittedAt: Instant
    /** When the program promised a decision. */
    readonly decideBy: Instant
    /** Whether a question to the applicant waits for an answer. */
    readonly hasOpenQuestion: boolean
    readonly decidedAt: Instant | null
    readonly decidedBy: string | null
}

const listMax = 500

/** Lists waiting applications, oldest first, then decided ones, newest first. */
export async function listApplications(ctx: ActionContext): Promise<ApplicationSummary[]> {
    const rows = await store.listApplications(ctx.tx, listMax)
    if (rows.length === 0) return []
    const scopes = rows.map(({ partner }) => scopeOf(partner))
    await loadKeys(ctx.tx, scopes)
    const facts = new Map((await listPartnerFacts(ctx, ctx.now)).map((partner) => [partner.partner, partner]))
    const summaries: ApplicationSummary[] = []
    for (const row of rows) {
        const partner = facts.get(row.partner)
        summaries.push(
            await summaryOf(
                ctx,
                row,
                partner === undefined ? await loadState(ctx, row) : stateOfStatus(partner.status),
            ),
        )
    }
    return summaries
}

/** Lists applications that wait for a decision, oldest first, without decryption. */
export async function listOpenApplications(
    ctx: ActionContext,
): Promise<Pick<ApplicationSummary, "partner" | "submittedAt" | "decideBy">[]> {
    const rows = await store.listUndecided(ctx.tx, listMax)
    return rows.map(({ partner, submitted_at: at }) => ({ partner, submittedAt: at, decideBy: decideBy(at) }))
}

async function summaryOf(
    ctx: ActionContext,
    row: store.ApplicationRow,
    state: ApplicationState,
): Promise<ApplicationSummary> {
    const { partner, submitted_at: submittedAt, decided_at: decidedAt, decided_by: decidedBy } = row
    const { form, questions } = await decryptApplication(ctx, row)
    return {
        partner,
        organisation: form.organisation,
        state,
        submittedAt,
        decideBy: decideBy(submittedAt),
        hasOpenQuestion: decidedAt === null && questions.some(({ answer }) => answer === null),
        decidedAt,
        decidedBy,
    }
}

export interface Vouch {
    readonly partner: string
    readonly person: string
    readonly text: string
    readonly at: Instant
}

export interface SubmittedScore extends NewScore {
    readonly person: string
    readonly at: Instant
}

export interface ApplicationDetails extends ApplicationSummary {
    readonly form: Application
    readonly questions: readonly ApplicationQuestion[]
    readonly decision: { readonly reason: string; readonly message: string }
    readonly vouches: readonly Vouch[]
    readonly criteriaVersion: number
    readonly criteria: readonly Criterion[]
    readonly scores: readonly SubmittedScore[]
    /** The newest score of each person whose scores are hidden. */
    readonly hiddenScores: readonly { readonly person: string; readonly at: Instant }[]
    /** Of the visible scores. */
    readonly tally: Tally
}

/**
 * Loads one application with scores by the criteria version of its decision, or by the version in force while it is
 * undecided or scored again. While it is undecided, a viewer without an own score sees no scores of others.
 */
export async function loadApplication(ctx: ActionContext, applicant: string): Promise<ApplicationDetails> {
    const row = (await store.findApplication(ctx.tx, applicant)) ?? unknownApplication()
    const vouches: Vouch[] = []
    for (const { text_ciphertext: ciphertext, ...rest } of await store.listVouches(ctx.tx, applicant)) {
        vouches.push({
            ...rest,
            text: await decryptFor(ctx, applicant, vouchPlace(applicant, rest.partner), ciphertext),
        })
    }
    const isRescored = (await store.listScores(ctx.tx, applicant)).some(({ at }) => at > (row.decided_at ?? Infinity))
    const rulesVersion = isRescored ? null : row.rules_version
    const { version, criteria, rows } = await loadTally(ctx, applicant, rulesVersion)
    const hidesScores = isBlind(ctx, row, rows)
    const visible = hidesScores ? [] : rows
    const scores: SubmittedScore[] = []
    for (const { criterion, person, score: points, reason_ciphertext: ciphertext, at } of visible) {
        const reason = await decryptFor(ctx, applicant, scorePlace(applicant, criterion, person), ciphertext)
        scores.push({ criterion, person, score: points, reason, at })
    }
    return {
        ...(await summaryOf(ctx, row, await loadState(ctx, row))),
        ...(await decryptApplication(ctx, row)),
        decision: await decryptDecision(ctx, row),
        vouches,
        criteriaVersion: version,
        criteria,
        scores,
        hiddenScores: hidesScores ? newestOf(rows) : [],
        tally: tallyScores(criteria, visible),
    }
}

/** Whether the acting person sees no scores of others: the application is undecided, and the person has not scored. */
function isBlind(
    { actor }: ActionContext,
    { decision }: Pick<store.ApplicationRow, "decision">,
    rows: readonly { readonly person: string }[],
): boolean {
    return decision === null && !rows.some(({ person }) => person === personOf(actor))
}

function refuseUnscored(): never {
    refuse("conflict", "admission.own_scores_first", "others scored this application: submit your own scores first")
}

/** Returns the newest score of each person. */
function newestOf(rows: readonly { readonly person: string; readonly at: Instant }[]) {
    const byPerson = Map.groupBy(rows, ({ person }) => person)
    return [...byPerson].map(([person, list]) => ({ person, at: Math.max(...list.map(({ at }) => at)) }))
}

/** Tally by a criteria version; null: by the version in force. */
async function loadTally(ctx: ActionContext, applicant: string, rulesVersion: number | null) {
    const { version, rules } = await loadRules(ctx, "admission", rulesVersion)
    const rows = (await store.listScores(ctx.tx, applicant)).filter((score) => score.rulesVersion === version)
    return { version, criteria: rules.criteria, rows, tally: tallyScores(rules.criteria, rows) }
}

/** Loads an application that can be decided: waiting or declined. Refuses `application.already_decided`. */
export async function lockDecidableApplication(ctx: ActionContext, applicant: string): Promise<store.ApplicationRow> {
    await lockToChangePartner(ctx.tx, applicant)
    const row = (await store.lockApplication(ctx.tx, applicant)) ?? unknownApplication()
    if (row.decision !== null && (await loadPartnerStatus(ctx, row.partner)) !== "declined") refuseDecided()
    return row
}

export function refuseDecided(): never {
    refuse("conflict", "application.already_decided", "this application is already decided: reload to see the decision")
}

/** The acting person. Refuses `application.staff_only` for the system. */
export function assertStaff(ctx: ActionContext): string {
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

async function encryptFor(ctx: ActionContext, partner: string, place: string, text: string): Promise<Buffer> {
    return await encryptText(ctx.tx, ctx.services.keys, scopeOf(partner), place, text)
}

async function decryptFor(ctx: ActionContext, partner: string, place: string, ciphertext: Buffer): Promise<string> {
    return await decryptText(ctx.tx, ctx.services.keys, scopeOf(partner), place, ciphertext)
}

const vouchPlace = (applicant: string, partner: string): string => `vouches.text:${applicant}:${partner}`
const scorePlace = (applicant: string, criterion: string, person: string): string =>
    `admission_scores.reason:${applicant}:${criterion}:${person}`

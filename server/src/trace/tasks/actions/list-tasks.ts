/** Collects all open tasks from the slices that own them. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { dayMs } from "@tocsin/base/instant"
import { listEmbargoDecisions } from "../../../share/cases/actions/negotiate-embargo.ts"
import { overdueAt, listOverdueHolders } from "../../../share/delivery/recalls/actions/notify-holders.ts"
import { listRefusedPublications } from "../../../share/publication/actions/preview-publication.ts"
import type { DocumentFault } from "../../../share/publication/correction.ts"
import { listUnsignedWaves } from "../../../share/release/actions/list-waves.ts"
import { findClockState } from "../../../share/release/actions/guard-clocks.ts"
import { listFrozenWaves } from "../../../share/release/actions/unfreeze-wave.ts"
import {
    listPendingApprovals,
    listRecentApprovals,
    listSignedApprovals,
} from "../../../trust/approvals/actions/load-approvals.ts"
import {
    type Approval,
    type Effects,
    isVisibleTo,
    hashOf,
    expiresAt,
    assertIndependent,
} from "../../../trust/approvals/approval.ts"
import { Refusal } from "@tocsin/base/refusal"
import { loadWitnessingState } from "../../../trust/receipts/witnesses/actions/load-witnessed-log.ts"
import { loadBackupState } from "../../../trust/continuity/backups/actions/load-backups.ts"
import { listCreatorsByPerson, listPeople } from "../../../trust/identity/actions/load-people.ts"
import { listOpenApplications } from "../../../trust/partners/onboarding/actions/admit-partner.ts"
import { listLoneLeads } from "../../../trust/partners/roster/actions/list-lone-leads.ts"
import { listFailingPartners } from "../../../trust/partners/roster/actions/verify-mailbox.ts"
import { listOpenProposals } from "../../../trust/partners/requirements/actions/check-requirements.ts"
import { listDecoyAlarms } from "../../evidence/actions/add-touched-canary.ts"
import { listExcludedByEvidence } from "../../inquiries/actions/exclude-person.ts"
import { listPendingFilings } from "../../regulatory-clocks/actions/run-clocks.ts"
import { listPeopleBarredFromAppeals } from "../../measures/actions/decide-procedure.ts"
import { listUnreadAnswers } from "../../measures/actions/send-letter.ts"
import { listUndecidedProcedures } from "../../measures/actions/open-procedure.ts"
import { listSuspensionsToReview, listPeopleBarredFromReviews } from "../../measures/actions/review-measure.ts"
import { listKeyTasks } from "./list-key-tasks.ts"
import { listOverdueReleaseTasks } from "./list-alarms.ts"
import { listStaffTasks } from "./list-staff-tasks.ts"
import { listQuestionTasks, listWarningQuestionTasks } from "./list-question-tasks.ts"
import { type Person, type Task, type TaskReason, byUrgency, taskDefaults, withPresentOwner } from "../task.ts"

/** Lists the staff who have not left. */
export async function listStaff(ctx: ActionContext): Promise<Person[]> {
    const people = await listPeople(ctx, null)
    return people.filter(({ leftAt }) => leftAt === null).map(({ id, roles }) => ({ id, roles }) as Person)
}

/** Lists all open tasks, the earliest expiry first. */
export async function listOpenTasks(ctx: ActionContext): Promise<Task[]> {
    const staff = await listStaff(ctx)
    const approvals = [
        ...(await listSignatureTasks(ctx, staff)),
        ...(await listApplyTasks(ctx)),
        ...(await listRequestAgainTasks(ctx)),
    ]
    const measures = [
        ...(await listReviewTasks(ctx)),
        ...(await listProcedureTasks(ctx)),
        ...(await listAnswerTasks(ctx)),
    ]
    const others = [
        ...(await listOverdueTasks(ctx)),
        ...(await listEmbargoTasks(ctx)),
        ...(await listPartnerTasks(ctx)),
        ...(await listReleaseTasks(ctx)),
        ...(await listUnfreezeTasks(ctx)),
        ...(await listPublicationTasks(ctx)),
        ...(await listClockTasks(ctx)),
        ...(await listRecallTasks(ctx)),
        ...(await listQuestionTasks(ctx)),
        ...(await listWarningQuestionTasks(ctx)),
        ...(await listDecoyTasks(ctx)),
        ...(await listFilingTasks(ctx)),
        ...(await listMailboxTasks(ctx)),
        ...(await listStaffTasks(ctx, staff)),
        ...(await listLoneLeadTasks(ctx)),
        ...(await listKeyTasks(ctx)),
        ...(await listBackupTasks(ctx)),
        ...(await listWitnessTasks(ctx)),
    ]
    return [...approvals, ...measures, ...others].map((task) => withPresentOwner(task, staff)).toSorted(byUrgency)
}

async function listBackupTasks(ctx: ActionContext): Promise<Task[]> {
    const { overdueSince } = await loadBackupState(ctx)
    return overdueSince === null ? [] : [{ ...taskDefaults, kind: "backup", about: "backup", since: overdueSince }]
}

async function listWitnessTasks(ctx: ActionContext): Promise<Task[]> {
    const { lateSince } = await loadWitnessingState(ctx)
    return lateSince === null ? [] : [{ ...taskDefaults, kind: "witnesses", about: "witnesses", since: lateSince }]
}

async function listSignatureTasks(ctx: ActionContext, staff: readonly Person[]): Promise<Task[]> {
    const pending = await listPendingApprovals(ctx)
    if (pending.length === 0) return []
    const ids = [...staff.map(({ id }) => id), ...pending.map(({ requestedBy }) => requestedBy)]
    const creators = await listCreatorsByPerson(ctx, ids)
    const signer = (person: string) => ({ person, creators: creators.get(person) ?? [] })
    return pending.map((approval) => {
        const isExcluded = ({ id }: Person) =>
            !isAllowed(() => assertIndependent(approval.effects, signer(approval.requestedBy), signer(id)))
        const excluded = staff.filter(isExcluded).map(({ id }) => id)
        return { ...approvalTaskFields(approval), kind: "signature", since: approval.requestedAt, excluded }
    })
}

/** Lists signed approvals that their requester has not applied, without those that apply automatically. */
async function listApplyTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listSignedApprovals(ctx))
        .filter(({ effects }) => effects.action !== "wave.release")
        .map((approval) => ({
            ...approvalTaskFields(approval),
            kind: "apply" as const,
            since: approval.signedAt ?? approval.requestedAt,
            owner: approval.requestedBy,
        }))
}

/**
 * Lists approvals voided because the requester or signer left or lost a role. Each is shown until its former expiry or
 * a new request. Waves have a task of their own.
 */
async function listRequestAgainTasks(ctx: ActionContext): Promise<Task[]> {
    const recent = await listRecentApprovals(ctx)
    const isVoidedByLeaving = ({ voidReason }: Approval) =>
        voidReason === "requester_left" || voidReason === "signer_left"
    const isRequestedAgain = (voided: Approval) =>
        recent.some((approval) => {
            const isLater = !isVoidedByLeaving(approval) && approval.requestedAt >= (voided.voidedAt ?? 0)
            return isLater && groupKeyOf(approval) === groupKeyOf(voided)
        })
    return recent
        .filter(isVoidedByLeaving)
        .filter(
            (approval) =>
                approval.effects.action !== "wave.release" &&
                ctx.now < (expiresAt(approval) ?? 0) &&
                !isRequestedAgain(approval),
        )
        .map((approval) => ({
            ...approvalTaskFields(approval),
            kind: "request_again" as const,
            since: approval.voidedAt ?? approval.requestedAt,
        }))
}

/** Groups approvals by action and partners; without partners, by the same texts. */
function groupKeyOf({ effects }: Approval): string {
    return `${effects.action} ${effects.recipients.length > 0 ? effects.recipients.join(" ") : hashOf(effects)}`
}

function approvalTaskFields(approval: Approval): Omit<Task, "kind" | "since"> {
    const { id, effects } = approval
    const [partner = null, ...more] = effects.recipients
    return {
        ...taskDefaults,
        about: id,
        action: effects.action,
        partner: more.length === 0 ? partner : null,
        case: caseOf(effects),
        until: expiresAt(approval),
        onlyFor: effects.onlyFor?.filter((item) => isVisibleTo(approval, item)) ?? null,
    }
}

/** Returns the case that the effects name. */
function caseOf({ detail }: Effects): string | null {
    if (typeof detail !== "object" || detail === null || !("case" in detail)) return null
    return typeof detail["case"] === "string" ? detail["case"] : null
}

function isAllowed(rule: () => void): boolean {
    try {
        rule()
        return true
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

async function listReviewTasks(ctx: ActionContext): Promise<Task[]> {
    const open = await listSuspensionsToReview(ctx)
    const excluded = await listPeopleBarredFromReviews(ctx, open)
    return open.map(({ id, partner, takenAt: since, reviewBy: until }, n) => ({
        ...taskDefaults,
        kind: "review" as const,
        about: id,
        partner,
        since,
        until,
        excluded: excluded[n] ?? [],
    }))
}

async function listProcedureTasks(ctx: ActionContext): Promise<Task[]> {
    const undecided = await listUndecidedProcedures(ctx)
    const isAppeal = ({ phase }: (typeof undecided)[number]) => phase === "appeal_to_decide"
    const excluded = await listPeopleBarredFromAppeals(
        ctx,
        undecided.map((procedure) => (isAppeal(procedure) ? procedure.deciders : [])),
    )
    return undecided.map((procedure, n) => ({
        ...taskDefaults,
        kind: isAppeal(procedure) ? ("appeal" as const) : ("decision" as const),
        about: procedure.id,
        partner: procedure.partner,
        since: procedure.since,
        excluded: excluded[n] ?? [],
    }))
}

async function listAnswerTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listUnreadAnswers(ctx)).map(({ id, partner, answered_at: at }) => ({
        ...taskDefaults,
        kind: "answer" as const,
        about: id,
        partner,
        since: at ?? ctx.now,
    }))
}

async function listEmbargoTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listEmbargoDecisions(ctx)).map(({ case: id, n, at, expiresAt, terminationProposal }) => ({
        ...taskDefaults,
        kind: "embargo" as const,
        about: `${id} ${n}`,
        case: id,
        since: at,
        until: expiresAt,
        owner: terminationProposal?.owner ?? null,
    }))
}

/** Lists approved waves that are due and not released, because the worker is down or fails. */
async function listOverdueTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listOverdueReleaseTasks(ctx)).map(({ wave, at, reason }) => ({
        ...taskDefaults,
        kind: "overdue_release" as const,
        about: wave.id,
        case: wave.case,
        since: at,
        until: at,
        reason,
    }))
}

/** Lists waves without a request, from a day before they are due, and at once those whose approval was voided. */
async function listReleaseTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listUnsignedWaves(ctx, ctx.now + dayMs)).map(({ wave, at, approvalEndedAt }) => ({
        ...taskDefaults,
        about: wave.id,
        case: wave.case,
        since: approvalEndedAt ?? at - dayMs,
        until: at,
        kind: approvalEndedAt === null ? ("release" as const) : ("release_again" as const),
    }))
}

async function listUnfreezeTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listFrozenWaves(ctx)).map(({ wave, since, at }) => ({
        ...taskDefaults,
        about: wave.id,
        case: wave.case,
        since,
        until: at,
        kind: "unfreeze" as const,
    }))
}

/** Lists publications that failed at their instant, until they are corrected or published. */
async function listPublicationTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listRefusedPublications(ctx)).map(({ case: id, since, faults }) => ({
        ...taskDefaults,
        kind: "publication" as const,
        about: id,
        case: id,
        since,
        reason: reasonOf(faults),
    }))
}

const faultsShown = 3

function reasonOf(faults: readonly DocumentFault[]): TaskReason {
    if (faults.length === 0) return { code: "advisory_valid_again" }
    const lines = faults.slice(0, faultsShown).map(({ test, where, says }) => `${test ?? "CSAF"} ${where}: ${says}`)
    return { code: "advisory_refused", faults: lines, faultCount: faults.length }
}

async function listClockTasks(ctx: ActionContext): Promise<Task[]> {
    const frozen = (await findClockState(ctx))?.distrust ?? null
    return frozen === null ? [] : [{ ...taskDefaults, kind: "clock", about: frozen.doubt, since: frozen.since }]
}

/**
 * Lists late deletion confirmations for the person who recalled, or for all who may recall where that person has left.
 */
async function listRecallTasks(ctx: ActionContext): Promise<Task[]> {
    const present = new Set((await listStaff(ctx)).map(({ id }) => id))
    return (await listOverdueHolders(ctx)).map((holder) => ({
        ...taskDefaults,
        kind: "recall" as const,
        about: `${holder.id} ${holder.partner}`,
        case: holder.case,
        partner: holder.partner,
        since: overdueAt(holder),
        owner: present.has(holder.by) ? holder.by : null,
    }))
}

/** Lists touched decoys for investigators and admins, without people excluded by an inquiry. */
async function listDecoyTasks(ctx: ActionContext): Promise<Task[]> {
    const alarms = await listDecoyAlarms(ctx)
    const excluded = await listExcludedByEvidence(
        ctx,
        alarms.map(({ id }) => id),
    )
    return alarms.map(({ id, case: caseId, observedAt }) => ({
        ...taskDefaults,
        kind: "decoy" as const,
        about: id,
        case: caseId,
        since: observedAt,
        excluded: excluded.get(id) ?? [],
    }))
}

/** Lists filings to authorities, from when their time runs. */
async function listFilingTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listPendingFilings(ctx)).map((pending) => ({
        ...taskDefaults,
        kind: "filing" as const,
        about: `${pending.clock} ${pending.filing.id}`,
        case: pending.case,
        since: pending.from ?? ctx.now,
        until: pending.dueAt,
    }))
}

/** Lists bouncing mailboxes. A bounce can be forged, so a person checks it. */
async function listMailboxTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listFailingPartners(ctx)).map(({ partner, since }) => ({
        ...taskDefaults,
        kind: "mailbox" as const,
        about: partner,
        partner,
        since,
    }))
}

/** Lists partners whose only person is a lead, for managers, who ask for a second person. */
async function listLoneLeadTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listLoneLeads(ctx)).map(({ partner, person, since }) => ({
        ...taskDefaults,
        kind: "lone_lead" as const,
        about: `${partner} ${person}`,
        partner,
        since,
    }))
}

async function listPartnerTasks(ctx: ActionContext): Promise<Task[]> {
    const tiers = (await listOpenProposals(ctx)).map(({ id, partner, createdAt }) => ({
        ...taskDefaults,
        kind: "tier" as const,
        about: id,
        partner,
        since: createdAt,
    }))
    const applications = (await listOpenApplications(ctx)).map(({ partner, submittedAt, decideBy }) => ({
        ...taskDefaults,
        kind: "application" as const,
        about: partner,
        partner,
        since: submittedAt,
        until: decideBy,
    }))
    return [...tiers, ...applications]
}

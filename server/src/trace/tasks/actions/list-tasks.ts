/** Collects all open tasks from the slices that own them. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { dayMs } from "@tocsin/base/instant"
import { embargoDecisions } from "../../../share/cases/actions/negotiate-embargo.ts"
import { overdueAt, overdueHolders } from "../../../share/delivery/recalls/actions/notify-holders.ts"
import { type FoundFault, refusedPublications } from "../../../share/publication/actions/preview-publication.ts"
import { unsignedWaves } from "../../../share/release/actions.ts"
import { limitsReached } from "../../../share/marking/actions/limit-master-reads.ts"
import { clockState } from "../../../share/release/actions/guard-clocks.ts"
import { waitingFrozen } from "../../../share/release/actions/unfreeze-wave.ts"
import { pendingApprovals, recentApprovals, signedApprovals } from "../../../trust/approvals/actions.ts"
import {
    type Approval,
    type Effects,
    concerns,
    hashOf,
    lapsesAt,
    assertIndependent,
} from "../../../trust/approvals/approval.ts"
import { Refusal } from "@tocsin/base/refusal"
import { creatorsAmong, personsOf } from "../../../trust/identity/actions.ts"
import { waitingApplications } from "../../../trust/partners/onboarding/actions/admit-partner.ts"
import { failingPartners } from "../../../trust/partners/roster/actions/verify-mailbox.ts"
import { openProposals } from "../../../trust/partners/requirements/actions/check-requirements.ts"
import { unnotedQuestions } from "../../inquiries/actions/ask-question.ts"
import { decoyAlarms } from "../../evidence/actions/add-touched-canary.ts"
import { excludedFrom } from "../../inquiries/actions/exclude-person.ts"
import { filingsAwaited } from "../../regulatory-clocks/actions/run-clocks.ts"
import { appealsBarredTo } from "../../measures/actions/decide-procedure.ts"
import { unreadAnswers } from "../../measures/actions/send-letter.ts"
import { waitingProcedures } from "../../measures/actions/open-procedure.ts"
import { openReviews, reviewsBarredTo } from "../../measures/actions/review-measure.ts"
import { overdueTasks } from "./list-alarms.ts"
import { failingColleagues } from "./record-bounce.ts"
import { type Person, type Waiting, byUrgency, withOwnerHere } from "../task.ts"

/** Lists the staff who have not left. */
export async function operatorPersons(ctx: ActionContext): Promise<Person[]> {
    const persons = await personsOf(ctx, null)
    return persons.filter(({ leftAt }) => leftAt === null).map(({ id, roles }) => ({ id, roles }) as Person)
}

/** Lists all open tasks, the earliest expiry first. */
export async function everythingWaiting(ctx: ActionContext): Promise<Waiting[]> {
    const here = await operatorPersons(ctx)
    const approvals = [...(await ofSignatures(ctx, here)), ...(await ofCarryingOut(ctx)), ...(await ofAskingAnew(ctx))]
    const measures = [...(await ofReviews(ctx)), ...(await ofProcedures(ctx)), ...(await ofAnswers(ctx))]
    const others = [
        ...(await ofOverdueReleases(ctx)),
        ...(await ofEmbargoes(ctx)),
        ...(await ofPartners(ctx)),
        ...(await ofWaves(ctx)),
        ...(await ofFreezes(ctx)),
        ...(await ofPublications(ctx)),
        ...(await ofClocks(ctx)),
        ...(await ofRecalls(ctx)),
        ...(await ofQuestions(ctx)),
        ...(await ofDecoys(ctx)),
        ...(await ofFilings(ctx)),
        ...(await ofMailboxes(ctx)),
        ...(await ofColleagues(ctx, here)),
        ...(await ofMasterReads(ctx)),
    ]
    return [...approvals, ...measures, ...others].map((task) => withOwnerHere(task, here)).toSorted(byUrgency)
}

const nothingElse = {
    act: null,
    partner: null,
    case: null,
    until: null,
    notBy: [],
    onlyFor: null,
    owner: null,
    why: null,
}

async function ofSignatures(ctx: ActionContext, persons: readonly Person[]): Promise<Waiting[]> {
    const pending = await pendingApprovals(ctx)
    if (pending.length === 0) return []
    const ids = [...persons.map(({ id }) => id), ...pending.map(({ requestedBy }) => requestedBy)]
    const creators = await creatorsAmong(ctx, ids)
    const signer = (person: string) => ({ person, creators: creators.get(person) ?? [] })
    return pending.map((approval) => {
        const isBarred = ({ id }: Person) =>
            !isAllowed(() => assertIndependent(approval.effects, signer(approval.requestedBy), signer(id)))
        const notBy = persons.filter(isBarred).map(({ id }) => id)
        return { ...ofApproval(approval), kind: "signature", since: approval.requestedAt, notBy }
    })
}

/** Lists signed approvals that wait for their requester, without those that apply automatically. */
async function ofCarryingOut(ctx: ActionContext): Promise<Waiting[]> {
    return (await signedApprovals(ctx))
        .filter(({ effects }) => effects.act !== "wave.release")
        .map((approval) => ({
            ...ofApproval(approval),
            kind: "apply" as const,
            since: approval.signedAt ?? approval.requestedAt,
            owner: approval.requestedBy,
        }))
}

/**
 * Lists approvals voided because the requester or signer left or lost a role. Each is shown until its former expiry or
 * a new request. Waves show theirs themselves.
 */
async function ofAskingAnew(ctx: ActionContext): Promise<Waiting[]> {
    const recent = await recentApprovals(ctx)
    const fell = ({ voidReason }: Approval) => voidReason === "requester_left" || voidReason === "signer_left"
    const isAskedAnew = (fallen: Approval) =>
        recent.some((approval) => {
            const isLater = !fell(approval) && approval.requestedAt >= (fallen.voidedAt ?? 0)
            return isLater && subjectOf(approval) === subjectOf(fallen)
        })
    return recent
        .filter(fell)
        .filter(
            (approval) =>
                approval.effects.act !== "wave.release" &&
                ctx.now < (lapsesAt(approval) ?? 0) &&
                !isAskedAnew(approval),
        )
        .map((approval) => ({
            ...ofApproval(approval),
            kind: "request_again" as const,
            since: approval.voidedAt ?? approval.requestedAt,
        }))
}

/** Groups approvals by action and partners; without partners, by the same texts. */
function subjectOf({ effects }: Approval): string {
    return `${effects.act} ${effects.recipients.length > 0 ? effects.recipients.join(" ") : hashOf(effects)}`
}

function ofApproval(approval: Approval): Omit<Waiting, "kind" | "since"> {
    const { id, effects } = approval
    const [partner = null, ...more] = effects.recipients
    return {
        ...nothingElse,
        about: id,
        act: effects.act,
        partner: more.length === 0 ? partner : null,
        case: caseOf(effects),
        until: lapsesAt(approval),
        onlyFor: effects.onlyFor?.filter((item) => concerns(approval, item)) ?? null,
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

async function ofReviews(ctx: ActionContext): Promise<Waiting[]> {
    const open = await openReviews(ctx)
    const barred = await reviewsBarredTo(ctx, open)
    return open.map(({ id, partner, takenAt: since, reviewBy: until }, n) => ({
        ...nothingElse,
        kind: "review" as const,
        about: id,
        partner,
        since,
        until,
        notBy: barred[n] ?? [],
    }))
}

async function ofProcedures(ctx: ActionContext): Promise<Waiting[]> {
    const waiting = await waitingProcedures(ctx)
    const isAppeal = ({ phase }: (typeof waiting)[number]) => phase === "appeal_to_decide"
    const barred = await appealsBarredTo(
        ctx,
        waiting.map((waitingProcedure) => (isAppeal(waitingProcedure) ? waitingProcedure.deciders : [])),
    )
    return waiting.map((waitingProcedure, n) => ({
        ...nothingElse,
        kind: isAppeal(waitingProcedure) ? ("appeal" as const) : ("decision" as const),
        about: waitingProcedure.id,
        partner: waitingProcedure.partner,
        since: waitingProcedure.since,
        notBy: barred[n] ?? [],
    }))
}

async function ofAnswers(ctx: ActionContext): Promise<Waiting[]> {
    return (await unreadAnswers(ctx)).map(({ id, partner, answered_at: at }) => ({
        ...nothingElse,
        kind: "answer" as const,
        about: id,
        partner,
        since: at ?? ctx.now,
    }))
}

async function ofEmbargoes(ctx: ActionContext): Promise<Waiting[]> {
    return (await embargoDecisions(ctx)).map(({ case: id, n, at, lapsesAt, teardown }) => ({
        ...nothingElse,
        kind: "embargo" as const,
        about: `${id} ${n}`,
        case: id,
        since: at,
        until: lapsesAt,
        owner: teardown?.owner ?? null,
    }))
}

/** Lists approved waves that are due and not released, because the worker is down or fails. */
async function ofOverdueReleases(ctx: ActionContext): Promise<Waiting[]> {
    return (await overdueTasks(ctx)).map(({ wave, at, why }) => ({
        ...nothingElse,
        kind: "overdue_release" as const,
        about: wave.id,
        case: wave.case,
        since: at,
        until: at,
        why,
    }))
}

/** Lists waves without a request, from a day before they are due, and at once those whose approval was voided. */
async function ofWaves(ctx: ActionContext): Promise<Waiting[]> {
    return (await unsignedWaves(ctx, ctx.now + dayMs)).map(({ wave, at, fellAt }) => ({
        ...nothingElse,
        about: wave.id,
        case: wave.case,
        since: fellAt ?? at - dayMs,
        until: at,
        kind: fellAt === null ? ("release" as const) : ("release_again" as const),
    }))
}

async function ofFreezes(ctx: ActionContext): Promise<Waiting[]> {
    return (await waitingFrozen(ctx)).map(({ wave, since, at }) => ({
        ...nothingElse,
        about: wave.id,
        case: wave.case,
        since,
        until: at,
        kind: "unfreeze" as const,
    }))
}

/** Lists publications that failed at their instant, until they are corrected or published. */
async function ofPublications(ctx: ActionContext): Promise<Waiting[]> {
    return (await refusedPublications(ctx)).map(({ case: id, since, faults }) => ({
        ...nothingElse,
        kind: "publication" as const,
        about: id,
        case: id,
        since,
        why: inOneLine(faults),
    }))
}

const faultsShown = 3

function inOneLine(faults: readonly FoundFault[]): string {
    if (faults.length === 0) return "nothing by the settings here: it is tried again, within an hour at most"
    const lines = faults.slice(0, faultsShown).map(({ test, where, says }) => `${test ?? "CSAF"} ${where}: ${says}`)
    const more = faults.length - lines.length
    return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("; ")
}

async function ofClocks(ctx: ActionContext): Promise<Waiting[]> {
    const frozen = (await clockState(ctx))?.frozen ?? null
    return frozen === null ? [] : [{ ...nothingElse, kind: "clock", about: frozen.doubt, since: frozen.since }]
}

/**
 * Lists late deletion confirmations for the person who recalled, or for all who may recall where that person has left.
 */
async function ofRecalls(ctx: ActionContext): Promise<Waiting[]> {
    const here = new Set((await operatorPersons(ctx)).map(({ id }) => id))
    return (await overdueHolders(ctx)).map((unconfirmed) => ({
        ...nothingElse,
        kind: "recall" as const,
        about: `${unconfirmed.id} ${unconfirmed.partner}`,
        case: unconfirmed.case,
        partner: unconfirmed.partner,
        since: overdueAt(unconfirmed),
        owner: here.has(unconfirmed.by) ? unconfirmed.by : null,
    }))
}

/** Lists answers and expired questions, for members of the inquiry only. */
async function ofQuestions(ctx: ActionContext): Promise<Waiting[]> {
    return (await unnotedQuestions(ctx)).map(({ id, inquiry, partner, since, members }) => ({
        ...nothingElse,
        kind: "question" as const,
        about: `${inquiry} ${id}`,
        partner,
        since,
        onlyFor: members,
    }))
}

/** Lists touched decoys for investigators and admins, without people excluded by an inquiry. */
async function ofDecoys(ctx: ActionContext): Promise<Waiting[]> {
    const alarms = await decoyAlarms(ctx)
    const excluded = await excludedFrom(
        ctx,
        alarms.map(({ id }) => id),
    )
    return alarms.map(({ id, case: caseId, seenAt }) => ({
        ...nothingElse,
        kind: "decoy" as const,
        about: id,
        case: caseId,
        since: seenAt,
        notBy: excluded.get(id) ?? [],
    }))
}

/** Lists filings to authorities, from when their time runs. */
async function ofFilings(ctx: ActionContext): Promise<Waiting[]> {
    return (await filingsAwaited(ctx)).map((awaited) => ({
        ...nothingElse,
        kind: "filing" as const,
        about: `${awaited.clock} ${awaited.filing.id}`,
        case: awaited.case,
        since: awaited.from ?? ctx.now,
        until: awaited.due,
    }))
}

/** Lists bouncing mailboxes. A bounce can be forged, so a person checks it. */
async function ofMailboxes(ctx: ActionContext): Promise<Waiting[]> {
    return (await failingPartners(ctx)).map(({ partner, since }) => ({
        ...nothingElse,
        kind: "mailbox" as const,
        about: partner,
        partner,
        since,
    }))
}

/** Lists bouncing mailboxes of present staff. */
async function ofColleagues(ctx: ActionContext, here: readonly Person[]): Promise<Waiting[]> {
    return (await failingColleagues(ctx))
        .filter(({ person }) => here.some(({ id }) => id === person))
        .map(({ person, since }) => ({ ...nothingElse, kind: "staff_mailbox" as const, about: person, since }))
}

/** Lists people who reached the hourly limit of a class, for all other managers. */
async function ofMasterReads(ctx: ActionContext): Promise<Waiting[]> {
    return (await limitsReached(ctx)).map(({ person, class: kind, at: since }) => ({
        ...nothingElse,
        kind: "master_reads" as const,
        about: person,
        since,
        notBy: [person],
        why: `the hourly limit of masters of class ${kind} was reached`,
    }))
}

async function ofPartners(ctx: ActionContext): Promise<Waiting[]> {
    const tiers = (await openProposals(ctx)).map(({ id, partner, madeAt }) => ({
        ...nothingElse,
        kind: "tier" as const,
        about: id,
        partner,
        since: madeAt,
    }))
    const asking = (await waitingApplications(ctx)).map(({ partner, madeAt }) => ({
        ...nothingElse,
        kind: "application" as const,
        about: partner,
        partner,
        since: madeAt,
    }))
    return [...tiers, ...asking]
}

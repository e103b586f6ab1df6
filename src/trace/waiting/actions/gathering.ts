/** Everything that waits now, gathered from the slices whose matter it is. */
import type { Act } from "../../../trust/audit/actions.ts"
import { dayMs } from "../../../lib/instant.ts"
import { embargoDecisions } from "../../../share/cases/actions/embargo.ts"
import { overdueAt, overdueHolders } from "../../../share/delivery/actions/recalls.ts"
import { type FoundFault, refusedPublications } from "../../../share/publication/actions/foreseeing.ts"
import { unsignedWaves } from "../../../share/release/actions.ts"
import { limitsReached } from "../../../share/marking/actions/master-reads.ts"
import { clockState } from "../../../share/release/actions/clock.ts"
import { waitingFrozen } from "../../../share/release/actions/thawing.ts"
import { pendingApprovals, recentApprovals, signedApprovals } from "../../../trust/approvals/actions.ts"
import {
    type Approval,
    type Effects,
    concerns,
    hashOf,
    lapsesAt,
    mustBeIndependent,
} from "../../../trust/approvals/approval.ts"
import { Refusal } from "../../../lib/refusal.ts"
import { creatorsAmong, personsOf } from "../../../trust/identity/actions.ts"
import { waitingApplications } from "../../../trust/partners/actions/admission.ts"
import { failingPartners } from "../../../trust/partners/actions/mailbox.ts"
import { openProposals } from "../../../trust/partners/actions/tending.ts"
import { unnotedQuestions } from "../../inquiries/actions/questions.ts"
import { decoyAlarms } from "../../evidence/actions/touched.ts"
import { excludedFrom } from "../../inquiries/actions/keeping-out.ts"
import { filingsAwaited } from "../../clocks/actions/running.ts"
import { appealsBarredTo } from "../../measures/actions/decisions.ts"
import { unreadAnswers } from "../../measures/actions/letters.ts"
import { waitingProcedures } from "../../measures/actions/procedures.ts"
import { openReviews, reviewsBarredTo } from "../../measures/actions/reviews.ts"
import { overdueTasks } from "./alarms.ts"
import { failingColleagues } from "./returning.ts"
import { type Person, type Waiting, byUrgency, withOwnerHere } from "../waiting.ts"

/** The operator's persons who have not left. */
export async function operatorPersons(act: Act): Promise<Person[]> {
    const all = await personsOf(act, null)
    return all.filter(({ leftAt }) => leftAt === null).map(({ id, roles }) => ({ id, roles }) as Person)
}

/** What lapses soonest comes first. */
export async function everythingWaiting(act: Act): Promise<Waiting[]> {
    const here = await operatorPersons(act)
    const approvals = [...(await ofSignatures(act, here)), ...(await ofCarryingOut(act)), ...(await ofAskingAnew(act))]
    const measures = [...(await ofReviews(act)), ...(await ofProcedures(act)), ...(await ofAnswers(act))]
    const others = [
        ...(await ofOverdueReleases(act)),
        ...(await ofEmbargoes(act)),
        ...(await ofPartners(act)),
        ...(await ofWaves(act)),
        ...(await ofFreezes(act)),
        ...(await ofPublications(act)),
        ...(await ofClocks(act)),
        ...(await ofRecalls(act)),
        ...(await ofQuestions(act)),
        ...(await ofDecoys(act)),
        ...(await ofFilings(act)),
        ...(await ofMailboxes(act)),
        ...(await ofColleagues(act, here)),
        ...(await ofMasterReads(act)),
    ]
    return [...approvals, ...measures, ...others].map((one) => withOwnerHere(one, here)).toSorted(byUrgency)
}

const nothingElse = {
    ...{ act: null, partner: null, case: null, until: null },
    ...{ notBy: [], onlyFor: null, owner: null, why: null },
}

async function ofSignatures(act: Act, persons: readonly Person[]): Promise<Waiting[]> {
    const pending = await pendingApprovals(act)
    if (pending.length === 0) return []
    const ids = [...persons.map(({ id }) => id), ...pending.map(({ requestedBy }) => requestedBy)]
    const creators = await creatorsAmong(act, ids)
    const signer = (person: string) => ({ person, creators: creators.get(person) ?? [] })
    return pending.map((one) => {
        const isBarred = ({ id }: Person) =>
            !isAllowed(() => mustBeIndependent(one.effects, signer(one.requestedBy), signer(id)))
        const notBy = persons.filter(isBarred).map(({ id }) => id)
        return { ...ofApproval(one), kind: "signature", since: one.requestedAt, notBy }
    })
}

/** Asked by one and signed by another: it waits for whoever asked. What flows by itself does not. */
async function ofCarryingOut(act: Act): Promise<Waiting[]> {
    return (await signedApprovals(act))
        .filter(({ effects }) => effects.act !== "wave.release")
        .map((one) => ({
            ...ofApproval(one),
            kind: "carrying out" as const,
            since: one.signedAt ?? one.requestedAt,
            owner: one.requestedBy,
        }))
}

/**
 * What fell because whoever asked or signed has left, or may no more, for as long as it would have stood, and until it is
 * asked for anew. Of waves the same is told by the wave.
 */
async function ofAskingAnew(act: Act): Promise<Waiting[]> {
    const recent = await recentApprovals(act)
    const fell = ({ voidReason }: Approval) => voidReason === "asker gone" || voidReason === "signer gone"
    const isAskedAnew = (fallen: Approval) =>
        recent.some((one) => {
            const isLater = !fell(one) && one.requestedAt >= (fallen.voidedAt ?? 0)
            return isLater && subjectOf(one) === subjectOf(fallen)
        })
    return recent
        .filter(fell)
        .filter((one) => one.effects.act !== "wave.release" && act.now < (lapsesAt(one) ?? 0) && !isAskedAnew(one))
        .map((one) => ({
            ...ofApproval(one),
            kind: "asking anew" as const,
            since: one.voidedAt ?? one.requestedAt,
        }))
}

/** The same act about the same partners is the same matter, also in other words; about no partner, in the same words. */
function subjectOf({ effects }: Approval): string {
    return `${effects.act} ${effects.recipients.length > 0 ? effects.recipients.join(" ") : hashOf(effects)}`
}

function ofApproval(approval: Approval): Omit<Waiting, "kind" | "since"> {
    const { id, effects } = approval
    const [partner = null, ...more] = effects.recipients
    return {
        ...{ ...nothingElse, about: id, act: effects.act, partner: more.length === 0 ? partner : null },
        ...{ case: caseOf(effects), until: lapsesAt(approval) },
        onlyFor: effects.onlyFor?.filter((one) => concerns(approval, one)) ?? null,
    }
}

/** Where the effects name it. */
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

async function ofReviews(act: Act): Promise<Waiting[]> {
    const open = await openReviews(act)
    const barred = await reviewsBarredTo(act, open)
    return open.map(({ id, partner, takenAt: since, reviewBy: until }, n) => ({
        ...{ ...nothingElse, kind: "review" as const, about: id, partner, since, until },
        notBy: barred[n] ?? [],
    }))
}

async function ofProcedures(act: Act): Promise<Waiting[]> {
    const waiting = await waitingProcedures(act)
    const isAppeal = ({ phase }: (typeof waiting)[number]) => phase === "appeal to decide"
    const barred = await appealsBarredTo(
        act,
        waiting.map((one) => (isAppeal(one) ? one.deciders : [])),
    )
    return waiting.map((one, n) => ({
        ...{ ...nothingElse, kind: isAppeal(one) ? ("appeal" as const) : ("decision" as const) },
        ...{ about: one.id, partner: one.partner, since: one.since, notBy: barred[n] ?? [] },
    }))
}

async function ofAnswers(act: Act): Promise<Waiting[]> {
    return (await unreadAnswers(act)).map(({ id, partner, answered_at: at }) => ({
        ...nothingElse,
        ...{ kind: "answer" as const, about: id, partner, since: at ?? act.now },
    }))
}

async function ofEmbargoes(act: Act): Promise<Waiting[]> {
    return (await embargoDecisions(act)).map(({ case: id, n, at, lapsesAt, teardown }) => ({
        ...nothingElse,
        ...{ kind: "embargo" as const, about: `${id} ${n}`, case: id, since: at, until: lapsesAt },
        owner: teardown?.owner ?? null,
    }))
}

/** Approved, due, and not released: the worker is dead, or fails at it. */
async function ofOverdueReleases(act: Act): Promise<Waiting[]> {
    return (await overdueTasks(act)).map(({ wave, at, why }) => ({
        ...{ ...nothingElse, kind: "overdue_release" as const, about: wave.id, case: wave.case },
        ...{ since: at, until: at, why },
    }))
}

/**
 * A wave that nobody has asked for falls to nobody: said a day before, and until it is asked for. One for which what was
 * asked for or signed holds no more: said at once.
 */
async function ofWaves(act: Act): Promise<Waiting[]> {
    return (await unsignedWaves(act, act.now + dayMs)).map(({ wave, at, fellAt }) => ({
        ...{ ...nothingElse, about: wave.id, case: wave.case, since: fellAt ?? at - dayMs, until: at },
        kind: fellAt === null ? ("release" as const) : ("release anew" as const),
    }))
}

async function ofFreezes(act: Act): Promise<Waiting[]> {
    return (await waitingFrozen(act)).map(({ wave, since, at }) => ({
        ...{ ...nothingElse, about: wave.id, case: wave.case, since, until: at },
        kind: "thaw" as const,
    }))
}

/** What was to be public by now, and was refused: until it is mended, or is. */
async function ofPublications(act: Act): Promise<Waiting[]> {
    return (await refusedPublications(act)).map(({ case: id, since, faults }) => ({
        ...{ ...nothingElse, kind: "publication" as const, about: id, case: id, since },
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

async function ofClocks(act: Act): Promise<Waiting[]> {
    const frozen = (await clockState(act))?.frozen ?? null
    return frozen === null ? [] : [{ ...nothingElse, kind: "clock", about: frozen.doubt, since: frozen.since }]
}

/** A holder that has not confirmed in time, for whoever recalled; for all who may recall where that one has left. */
async function ofRecalls(act: Act): Promise<Waiting[]> {
    const here = new Set((await operatorPersons(act)).map(({ id }) => id))
    return (await overdueHolders(act)).map((one) => ({
        ...nothingElse,
        ...{ kind: "recall" as const, about: `${one.id} ${one.partner}`, case: one.case, partner: one.partner },
        ...{ since: overdueAt(one), owner: here.has(one.by) ? one.by : null },
    }))
}

/** Of an inquiry, and so for its members alone. */
async function ofQuestions(act: Act): Promise<Waiting[]> {
    return (await unnotedQuestions(act)).map(({ id, inquiry, partner, since, members }) => ({
        ...nothingElse,
        ...{ kind: "question" as const, about: `${inquiry} ${id}`, partner, since, onlyFor: members },
    }))
}

/** For every investigator and admin, but whom an inquiry into it excludes. */
async function ofDecoys(act: Act): Promise<Waiting[]> {
    const alarms = await decoyAlarms(act)
    const excluded = await excludedFrom(
        act,
        alarms.map(({ id }) => id),
    )
    return alarms.map(({ id, case: caseId, seenAt }) => ({
        ...{ ...nothingElse, kind: "decoy" as const, about: id, case: caseId, since: seenAt },
        notBy: excluded.get(id) ?? [],
    }))
}

/** What the operator owes an authority, from when its time runs. */
async function ofFilings(act: Act): Promise<Waiting[]> {
    return (await filingsAwaited(act)).map((one) => ({
        ...{ ...nothingElse, kind: "filing" as const, about: `${one.clock} ${one.filing.id}`, case: one.case },
        ...{ since: one.from ?? act.now, until: one.due },
    }))
}

/** What came back may be made up: a person looks into it, and notes it or not. */
async function ofMailboxes(act: Act): Promise<Waiting[]> {
    return (await failingPartners(act)).map(({ partner, since }) => ({
        ...nothingElse,
        ...{ kind: "mailbox" as const, about: partner, partner, since },
    }))
}

/** The same of persons of the operator who are here. */
async function ofColleagues(act: Act, here: readonly Person[]): Promise<Waiting[]> {
    return (await failingColleagues(act))
        .filter(({ person }) => here.some(({ id }) => id === person))
        .map(({ person, since }) => ({ ...nothingElse, kind: "colleague" as const, about: person, since }))
}

/** A person who reached the hourly limit of a class, for all managers but that person. */
async function ofMasterReads(act: Act): Promise<Waiting[]> {
    return (await limitsReached(act)).map(({ person, class: kind, at: since }) => ({
        ...nothingElse,
        ...{ kind: "master reads" as const, about: person, since, notBy: [person] },
        why: `the hourly limit of masters of class ${kind} was reached`,
    }))
}

async function ofPartners(act: Act): Promise<Waiting[]> {
    const tiers = (await openProposals(act)).map(({ id, partner, madeAt }) => ({
        ...nothingElse,
        ...{ kind: "tier" as const, about: id, partner, since: madeAt },
    }))
    const asking = (await waitingApplications(act)).map(({ partner, madeAt }) => ({
        ...nothingElse,
        ...{ kind: "application" as const, about: partner, partner, since: madeAt },
    }))
    return [...tiers, ...asking]
}
